"""Roll-ups, kept in the sale's own transaction: a day's figures are read, never added up again."""

from __future__ import annotations

from core.database import Connection
from core.events import Event, LineKind, SaleCompleted, SaleLine

TABLES = ("day", "day_hour", "day_tender", "day_product", "day_person", "day_touchpoint")

# In this order in `apply`; no member is bound by a sale.
_DAY = (
    "net",
    "orders",
    "pieces",
    "returns",
    "returned_pieces",
    "list_value",
    "sold_value",
    "member_net",
    "member_orders",
    "new_members",
    "tax",
    "rounding",
)


def _upsert(table: str, keys: tuple[str, ...], figures: tuple[str, ...]) -> str:
    columns = ", ".join((*keys, *figures))
    places = ", ".join("?" * (len(keys) + len(figures)))
    sums = ", ".join(f"{figure} = {figure} + excluded.{figure}" for figure in figures)
    return f"INSERT INTO {table} ({columns}) VALUES ({places}) ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {sums}"


_ADD_DAY = _upsert("day", ("date",), _DAY)
_ADD_HOUR = _upsert("day_hour", ("date", "hour"), ("net", "orders", "pieces"))
_ADD_TENDER = _upsert("day_tender", ("date", "tender"), ("amount", "count"))
_ADD_PRODUCT = _upsert("day_product", ("date", "code"), ("net", "pieces"))
_ADD_PERSON = _upsert("day_person", ("date", "person", "role"), ("net", "orders", "pieces"))
_ADD_TOUCHPOINT = _upsert("day_touchpoint", ("date", "touchpoint"), ("net", "orders", "pieces"))


def check(connection: Connection, event: Event) -> None:
    """Figures refuse nothing."""


def apply(connection: Connection, position: int, event: Event) -> None:
    if not isinstance(event, SaleCompleted):
        return
    head = event.head
    net = pieces = tax = returns = returned_pieces = list_value = sold_value = 0
    rounding = event.rounding
    by_code: dict[str, list[int]] = {}
    for line in event.lines:
        amount, quantity = line.amount, line.quantity
        net += amount
        pieces += quantity
        tax += line.tax
        rounding += line.rounding
        if line.kind is not LineKind.SALE:
            returns -= amount
            returned_pieces -= quantity
        else:
            sold_value += amount
            list_value += _list_value(line)
        sums = by_code.setdefault(line.code, [0, 0])
        sums[0] += amount
        sums[1] += quantity
    order, member = int(net > 0), bool(event.member)
    figures = (
        net, order, pieces, returns, returned_pieces, list_value, sold_value,
        net * member, order * member, 0, tax, rounding,
    )  # fmt: skip
    hour = (head.at // 60_000 + head.offset) // 60 % 24
    connection.execute(_ADD_DAY, (head.date, *figures))
    connection.execute(_ADD_HOUR, (head.date, hour, net, order, pieces))
    connection.execute(_ADD_TOUCHPOINT, (head.date, head.touchpoint, net, order, pieces))
    connection.executemany(_ADD_TENDER, [(head.date, str(tender.kind), tender.amount, 1) for tender in event.tenders])
    connection.executemany(_ADD_PRODUCT, [(head.date, code, *sums) for code, sums in by_code.items()])
    people = {"cashier": head.staff, "seller": event.seller, "binder": event.member_guide}
    connection.executemany(
        _ADD_PERSON, [(head.date, person, role, net, order, pieces) for role, person in people.items() if person]
    )


def _list_value(line: SaleLine) -> int:
    """What goods would have cost without discount. A scale's label says it; their list price is that of a kilogram."""
    if line.list_price is None or line.weight is not None:
        return line.amount + line.discount
    return line.list_price * line.quantity
