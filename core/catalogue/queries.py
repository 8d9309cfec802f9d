"""What the counter and the screens ask of the catalogue."""

from __future__ import annotations

from operator import itemgetter

from core.catalogue.product import Product, search_query
from core.database import Connection

_COLUMNS = "code, name, price, tax_rate, category, spec"
_FIND = f"SELECT since, {_COLUMNS} FROM {{}} WHERE code = ?"
_FIND_BY_HAND, _FIND_IN_FEED = _FIND.format("product"), _FIND.format("feed_product")
_RANGE = "SELECT code FROM {} WHERE code >= ? AND code < ? ORDER BY code LIMIT ?"
_MATCH = "SELECT p.code FROM {0}_words AS w JOIN {0} AS p ON p.id = w.rowid WHERE w.words MATCH ? LIMIT ?"
_TABLES = ("product", "feed_product")


def find(connection: Connection, code: str) -> Product | None:
    """The product of a code (`product.product_code`): the newer of what was set by hand and what was fed."""
    rows = connection.execute(_FIND_IN_FEED, (code,)).fetchall() + connection.execute(_FIND_BY_HAND, (code,)).fetchall()
    # At the same position the feed came later: head office's rows hold behind the last fact that was there.
    return Product(*max(rows, key=itemgetter(0))[1:]) if rows else None


def codes_between(connection: Connection, first: str, last: str) -> list[str]:
    """Codes of products from one to the other, as texts are ordered."""
    rows = connection.execute(
        "SELECT code FROM product WHERE code BETWEEN ?1 AND ?2 UNION SELECT code FROM feed_product"
        " WHERE code BETWEEN ?1 AND ?2",
        (first, last),
    )
    return [row[0] for row in rows]


def search(connection: Connection, text: str, limit: int = 50) -> list[Product]:
    """Products by the beginning of a code, by a part of the name, or by pinyin initials; at most `limit`."""
    text = text.strip()
    codes: dict[str, None] = {}
    if not text:
        return []
    prefixes = [text] + ([zeros + text for zeros in ("0", "00", "000000")] if text.isascii() and text.isdigit() else [])
    for prefix in prefixes:
        for table in _TABLES:
            rows = connection.execute(_RANGE.format(table), (prefix, prefix + "\U0010ffff", limit))
            codes.update(dict.fromkeys(code for (code,) in rows))
    if query := search_query(text):
        for table in _TABLES:
            rows = connection.execute(_MATCH.format(table), (query, limit))
            codes.update(dict.fromkeys(code for (code,) in rows))
    return [product for code in list(codes)[:limit] if (product := find(connection, code))]


def count(connection: Connection) -> int:
    """How many products there are."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM feed_product)"
        " + (SELECT count(*) FROM product WHERE code NOT IN (SELECT code FROM feed_product))"
    ).fetchone()
    return int(row[0])


def page(connection: Connection, after: str = "", limit: int = 100) -> list[Product]:
    """The catalogue in order of code, from behind `after`."""
    rows = connection.execute(
        "SELECT code FROM product WHERE code > ?1 UNION SELECT code FROM feed_product WHERE code > ?1"
        " ORDER BY code LIMIT ?2",
        (after, limit),
    ).fetchall()
    return [product for (code,) in rows if (product := find(connection, code))]
