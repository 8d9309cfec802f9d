"""Files that feed terminals: goods, people, settings."""

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
from core.rows import PersonRow, ProductRow, SettingRow
from core.settings import check_value
from core.staff.commands import check_person

_TRUE, _FALSE = ("", "yes", "1", "true", "是"), ("no", "0", "false", "否")
_HEADERS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "staff": {
        "id": ("id", "staff", "工号", "工號"),
        "name": ("name", "姓名"),
        "role": ("role", "职务", "職務"),
        "active": ("active", "在职", "在職"),
    },
    "settings": {"name": ("name", "setting", "设置", "設定"), "value": ("value", "值")},
}
"""Columns by scope; those of goods are `core.catalogue.files`'s."""


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
    return _goods(sheet, currency) if scope == "catalogue" else _records(scope, sheet)


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


def _records(scope: str, sheet: Sheet) -> Source:
    columns = files.columns_of(sheet, {}, _HEADERS[scope])
    if len(columns) < 2:
        raise RefusedError("no_columns", file=sheet.name, columns=", ".join(_HEADERS[scope]))
    bodies: dict[str, str] = {}
    seen: dict[str, int] = {}
    refused = []
    for row in sheet.rows[1:]:
        cells = {name: row.cells[at] if at < len(row.cells) else "" for name, at in columns.items()}
        try:
            key, body = _person(cells) if scope == "staff" else _setting(cells)
            if key in seen:
                raise RefusedError("code_twice", code=key, row=seen[key])
        except RefusedError as reason:
            refused.append(RefusedRow(row.number, reason))
            continue
        seen[key], bodies[key] = row.number, body
    return Source(tuple(bodies), tuple(refused), lambda _: bodies)


def _person(cells: Mapping[str, str]) -> tuple[str, str]:
    id_, active = cells.get("id", ""), cells.get("active", "").casefold()
    name, role = check_person(id_, cells.get("name", ""), cells.get("role", ""))
    if active not in _TRUE + _FALSE:
        raise RefusedError("bad_setting", name="active", text=active[:40], form="yes | no")
    return id_, _body(PersonRow(name=name, role=role.value, active=active in _TRUE))


def _setting(cells: Mapping[str, str]) -> tuple[str, str]:
    name, value = cells.get("name", ""), cells.get("value", "")
    check_value(name, value)
    return name, _body(SettingRow(value))


def _body(row: msgspec.Struct) -> str:
    return msgspec.json.encode(row).decode()
