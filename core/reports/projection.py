"""Roll-ups, kept in the sale's own transaction: a day's figures are read, never added up again."""

from __future__ import annotations

from core.database import Connection
from core.events import Event, MemberBound, SaleCompleted
from core.reports.sums import FIGURES, new_member, sums_of

TABLES = ("day", "day_hour", "day_tender", "day_product", "day_person", "day_touchpoint", "day_member")


def _upsert(table: str, keys: tuple[str, ...], figures: tuple[str, ...]) -> str:
    columns = ", ".join((*keys, *figures))
    places = ", ".join("?" * (len(keys) + len(figures)))
    sums = ", ".join(f"{figure} = {figure} + excluded.{figure}" for figure in figures)
    return f"INSERT INTO {table} ({columns}) VALUES ({places}) ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {sums}"


_ADD_DAY = _upsert("day", ("date",), FIGURES)
_ADD_HOUR = _upsert("day_hour", ("date", "hour"), ("net", "orders", "pieces"))
_ADD_TENDER = _upsert("day_tender", ("date", "tender"), ("amount", "count"))
_ADD_PRODUCT = _upsert("day_product", ("date", "code"), ("net", "pieces"))
_ADD_PERSON = _upsert("day_person", ("date", "person", "role"), ("net", "orders", "pieces"))
_ADD_TOUCHPOINT = _upsert("day_touchpoint", ("date", "touchpoint"), ("net", "orders", "pieces"))

_ADD_MEMBER = _upsert("day_member", ("date", "member"), ("net", "orders"))


def check(connection: Connection, event: Event) -> None:
    """Figures refuse nothing."""


def apply(connection: Connection, position: int, event: Event) -> None:
    if isinstance(event, MemberBound):
        connection.execute(_ADD_DAY, (event.head.date, *new_member()))
    if not isinstance(event, SaleCompleted):
        return
    head = event.head
    sums = sums_of(event)
    net, orders, pieces = sums.net, sums.orders, sums.pieces
    connection.execute(_ADD_DAY, (head.date, *sums.day))
    connection.execute(_ADD_HOUR, (head.date, sums.hour, net, orders, pieces))
    connection.execute(_ADD_TOUCHPOINT, (head.date, head.touchpoint, net, orders, pieces))
    if event.member:
        connection.execute(_ADD_MEMBER, (head.date, event.member, net, orders))
    connection.executemany(_ADD_TENDER, [(head.date, str(tender.kind), tender.amount, 1) for tender in event.tenders])
    connection.executemany(_ADD_PRODUCT, [(head.date, code, *figures) for code, figures in sums.products.items()])
    connection.executemany(
        _ADD_PERSON, [(head.date, person, role, net, orders, pieces) for person, role in sums.people]
    )
