"""The catalogue that comes from files and from head office. A file is staged in pieces, then taken in as one.

Rows are staged in short transactions; the fact `catalogue.imported` is the moment that counts. Before it a crash
leaves nothing, after it the merge is taken up again when the terminal opens.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from core.catalogue.product import Product, search_words
from core.database import Connection, transaction

FEED = "feed_product"

_ROWS = f"SELECT id, code, name, price, tax_rate, category, spec, since FROM {FEED}"
_KEEP_DIGEST = (
    "INSERT INTO feed_digest (feed, count, digest) VALUES (?, ?, ?)"
    " ON CONFLICT (feed) DO UPDATE SET count = excluded.count, digest = excluded.digest"
)

CHUNK = 250
"""Rows in one transaction: well under the 50 ms that a job may take on the writer's thread."""


def stage(
    connection: Connection, import_id: str, changes: Sequence[tuple[Product | None, Product]]
) -> tuple[int, int, int]:
    """Put rows that bring something new aside: each with what is known of it. Returns how many are added, updated and
    unchanged.
    """
    added = updated = unchanged = 0
    with transaction(connection):
        connection.execute("INSERT OR IGNORE INTO local_import (id) VALUES (?)", (import_id,))
        for known, product in changes:
            if known == product:
                unchanged += 1
                continue
            added, updated = (added, updated + 1) if known else (added + 1, updated)
            connection.execute(
                "INSERT INTO local_import_row (import, code, name, price, tax_rate, category, spec)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    import_id,
                    product.code,
                    product.name,
                    product.price,
                    product.tax_rate,
                    product.category,
                    product.spec,
                ),
            )
    return added, updated, unchanged


def merge(connection: Connection, import_id: str) -> bool:
    """Move the next rows of a recorded import into the catalogue, of an unrecorded one away. True until done."""
    recorded = connection.execute("SELECT position FROM journal WHERE op = ?", (import_id,)).fetchone()
    with transaction(connection):
        rows = connection.execute(
            "SELECT n, code, name, price, tax_rate, category, spec FROM local_import_row"
            " WHERE import = ? ORDER BY n LIMIT ?",
            (import_id, CHUNK),
        ).fetchall()
        if rows and recorded:
            take(connection, {values[0]: Product(*values) for _, *values in rows}, recorded[0])
        if rows:
            connection.execute("DELETE FROM local_import_row WHERE import = ? AND n <= ?", (import_id, rows[-1][0]))
        else:
            connection.execute("DELETE FROM local_import WHERE id = ?", (import_id,))
    return bool(rows)


def take(connection: Connection, changes: Mapping[str, Product | None], since: int) -> None:
    """Let the feed say this of these codes, none: nothing. Inside the caller's transaction.

    Args:
        since: position in the journal behind which it holds.
    """
    count, digest = _known_digest(connection)
    for code, product in changes.items():
        before = _row_digest(connection, code)
        if product is not None:
            put(connection, FEED, product, since)
        elif before:
            (row,) = connection.execute(f"DELETE FROM {FEED} WHERE code = ? RETURNING id", (code,)).fetchall()
            connection.execute(f"DELETE FROM {FEED}_words WHERE rowid = ?", row)
        after = _row_digest(connection, code)
        count += (after != 0) - (before != 0)
        digest ^= before ^ after
    connection.execute(_KEEP_DIGEST, (FEED, count, digest.to_bytes(32, "big")))


def kept_digest(connection: Connection) -> tuple[int, int] | None:
    """Count and digest of the feed as the last import left it; none before the first."""
    row = connection.execute("SELECT count, digest FROM feed_digest WHERE feed = ?", (FEED,)).fetchone()
    return (row[0], int.from_bytes(row[1], "big")) if row else None


def computed_digest(connection: Connection) -> tuple[int, int]:
    """Count and digest of the feed as it is. The digest of a set of rows is the sum of theirs, without carry."""
    count = digest = 0
    for row in connection.execute(_ROWS):
        count, digest = count + 1, digest ^ _digest_of(row)
    return count, digest


def _known_digest(connection: Connection) -> tuple[int, int]:
    return kept_digest(connection) or computed_digest(connection)


def _row_digest(connection: Connection, code: str) -> int:
    row = connection.execute(f"{_ROWS} WHERE code = ?", (code,)).fetchone()
    return _digest_of(row) if row else 0


def _digest_of(row: Sequence[object]) -> int:
    return int.from_bytes(hashlib.sha256(msgspec.json.encode(row)).digest(), "big")


def unfinished(connection: Connection) -> list[str]:
    """Imports that a crash interrupted."""
    return [row[0] for row in connection.execute("SELECT id FROM local_import")]


def put(connection: Connection, table: str, product: Product, since: int) -> None:
    """Write one product into `product` or `feed_product`, and its search words beside it."""
    row = connection.execute(
        f"INSERT INTO {table} (code, name, price, tax_rate, category, spec, since) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (code) DO UPDATE SET name = excluded.name, price = excluded.price, tax_rate = excluded.tax_rate,"
        " category = excluded.category, spec = excluded.spec, since = excluded.since RETURNING id",
        (product.code, product.name, product.price, product.tax_rate, product.category, product.spec, since),
    ).fetchone()
    connection.execute(f"DELETE FROM {table}_words WHERE rowid = ?", row)
    connection.execute(f"INSERT INTO {table}_words (rowid, words) VALUES (?, ?)", (row[0], search_words(product)))
