"""Files that feed terminals: goods, prices, people, and whatever else `core.hq.records` reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from core.catalogue import files
from core.catalogue.files import ALL_FIELDS, RefusedRow, Sheet, catalogue_of, read_sheet
from core.catalogue.product import Product
from core.errors import RefusedError
from core.hq import feeds
from core.hq.database import Database
from core.hq.feeds import Fed, Feed
from core.hq.records import SCOPES, Scope
from core.rows import ProductRow


@dataclass(frozen=True, slots=True)
class Source:
    """What a file says, checked.

    Attributes:
        keys: what it speaks of.
        over: what it makes of the bodies that are known; what it has no column for stays.
    """

    keys: tuple[str, ...]
    refused: tuple[RefusedRow, ...]
    over: Callable[[Mapping[str, str]], dict[str, str]]


def read_source(scope: str, path: Path, currency: str) -> Source:
    """Read a CSV or XLSX file of a scope.

    Args:
        currency: of prices (ISO 4217), which are decimals in its main unit.

    Raises:
        RefusedError: for a file that is none of that scope (`no_header`, `no_such_column`, `bad_xlsx` …).
        BrokenWorldError: `file_unreadable`.
    """
    sheet = read_sheet(path)
    return _goods(sheet, currency) if scope == "catalogue" else _records(SCOPES[scope], sheet, currency)


def feed_from(db: Database, feed: Feed, source: Source, *, whole: bool = False) -> Fed:
    """Let a feed say what a file says.

    Args:
        whole: the file says all that there is; anything else is taken away.

    Raises:
        BrokenWorldError: `hq_database`.
    """

    def work(connection: Connection) -> Fed:
        feeds.hold(connection, feed)
        bodies = source.over(feeds.rows_of(connection, feed, source.keys))
        if whole:
            bodies |= dict.fromkeys(set(feeds.keys_of(connection, feed)) - bodies.keys(), "")
        return feeds.change(connection, feed, bodies)

    return db.write(work)


def _goods(sheet: Sheet, currency: str) -> Source:
    file = catalogue_of(sheet, currency)

    def over(known: Mapping[str, str]) -> dict[str, str]:
        return {product.code: _body(_row(file.over(_known(product.code, known), product))) for product in file.products}

    return Source(tuple(product.code for product in file.products), file.refused, over)


def _known(code: str, bodies: Mapping[str, str]) -> Product | None:
    if code not in bodies:
        return None
    row = msgspec.json.decode(bodies[code], type=ProductRow)
    return Product(code, **{name: getattr(row, name) for name in ALL_FIELDS})


def _row(product: Product) -> ProductRow:
    return ProductRow(**{name: getattr(product, name) for name in ALL_FIELDS})


def _records(scope: Scope, sheet: Sheet, currency: str) -> Source:
    columns = files.columns_of(sheet, {}, scope.headers)
    if not scope.needed <= columns.keys():
        raise RefusedError("no_columns", file=sheet.name, columns=", ".join(scope.headers))
    bodies: dict[str, str] = {}
    seen: dict[str, int] = {}
    refused = []
    for row in sheet.rows[1:]:
        filled = {name: row.cells[at] for name, at in columns.items() if at < len(row.cells)}
        try:
            key, made = scope.read(dict.fromkeys(scope.headers, "") | filled, currency)
            if key in seen:
                raise RefusedError("code_twice", code=key, row=seen[key])
        except RefusedError as reason:
            refused.append(RefusedRow(row.number, reason))
            continue
        seen[key], bodies[key] = row.number, _body(made)
    return Source(tuple(bodies), tuple(refused), lambda _: bodies)


def _body(row: msgspec.Struct) -> str:
    return msgspec.json.encode(row).decode()
