"""What a sale adds to the figures of its day. Pure: a terminal and head office add the same."""

from __future__ import annotations

from dataclasses import dataclass

from core.events import LineKind, SaleCompleted, SaleLine

FIGURES = (
    "net", "orders", "pieces", "returns", "returned_pieces", "list_value", "sold_value", "member_net",
    "member_orders", "new_members", "tax", "rounding",
)  # fmt: skip
"""The columns of a day, in the order of `Sums.day`."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What is added; money in minor units.

    Attributes:
        day: a number for each of `FIGURES`.
        hour: of the shop's clock.
        products: net and pieces by code.
        people: who had a part in it, and which: cashier, seller or binder.
    """

    day: tuple[int, ...]
    hour: int
    net: int
    orders: int
    pieces: int
    products: dict[str, list[int]]
    people: tuple[tuple[str, str], ...]


def new_member() -> tuple[int, ...]:
    """What a binding adds to a day: a number for each of `FIGURES`."""
    return tuple(int(figure == "new_members") for figure in FIGURES)


def sums_of(event: SaleCompleted) -> Sums:
    """What a sale adds."""
    net = pieces = tax = returns = returned_pieces = list_value = sold_value = 0
    rounding = event.rounding
    products: dict[str, list[int]] = {}
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
        sums = products.setdefault(line.code, [0, 0])
        sums[0] += amount
        sums[1] += quantity
    head, order, member = event.head, int(net > 0), bool(event.member)
    people = ((head.staff, "cashier"), (event.seller, "seller"), (event.member_guide, "binder"))
    return Sums(
        (
            net, order, pieces, returns, returned_pieces, list_value, sold_value,
            net * member, order * member, 0, tax, rounding,
        ),
        (head.at // 60_000 + head.offset) // 60 % 24,
        net, order, pieces, products,
        tuple((person, role) for person, role in people if person),
    )  # fmt: skip


def _list_value(line: SaleLine) -> int:
    """What goods would have cost without discount. A scale's label says it; their list price is that of a kilogram."""
    if line.list_price is None or line.weight is not None:
        return line.amount + line.discount
    return line.list_price * line.quantity
