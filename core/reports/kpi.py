"""A period's figures and the ratios of sums that managers read. Pure.

Definitions: amounts net of returns, after discounts, tax included; a return counts on its own day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_UP, Decimal

from core.money import round_div

_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums over a day or a period; money in minor units.

    Attributes:
        net: sales less returns, before cash rounding.
        orders: sales with a net above zero.
        pieces: net of returns.
        returns: given back, positive.
        list_value: what the goods sold would have cost at list prices.
        sold_value: charged for goods sold, before returns.
    """

    net: int = 0
    orders: int = 0
    pieces: int = 0
    returns: int = 0
    returned_pieces: int = 0
    list_value: int = 0
    sold_value: int = 0
    member_net: int = 0
    member_orders: int = 0
    new_members: int = 0
    tax: int = 0
    rounding: int = 0

    @property
    def per_order(self) -> int | None:
        """客单价: net sales ÷ orders, minor units."""
        return round_div(self.net, self.orders) if self.orders else None

    @property
    def per_piece(self) -> int | None:
        """件单价: net sales ÷ net pieces, minor units."""
        return round_div(self.net, self.pieces) if self.pieces > 0 else None

    @property
    def pieces_per_order(self) -> Decimal | None:
        """连带率: net pieces ÷ orders."""
        return ratio(self.pieces, self.orders)

    @property
    def return_rate(self) -> Decimal | None:
        """退货率: given back ÷ sold before returns."""
        return ratio(self.returns, self.sold_value)

    @property
    def price_level(self) -> Decimal | None:
        """折扣率: charged ÷ list price of the goods sold."""
        return ratio(self.sold_value, self.list_value)

    @property
    def member_share(self) -> Decimal | None:
        """会员销售占比: net sales to members ÷ net sales."""
        return ratio(self.member_net, self.net)

    @property
    def member_order_share(self) -> Decimal | None:
        """会员单占比: orders of members ÷ orders."""
        return ratio(self.member_orders, self.orders)


KPIS = (
    "per_order",
    "per_piece",
    "pieces_per_order",
    "return_rate",
    "price_level",
    "member_share",
    "member_order_share",
)


def ratio(part: int, whole: int) -> Decimal | None:
    """A quotient to four places, half up; none where there is nothing to divide by."""
    return (Decimal(part) / whole).quantize(_PLACES, ROUND_HALF_UP) if whole > 0 else None


def total(days: Iterable[Figures]) -> Figures:
    """Sums of days. Ratios follow from the sums, they are never averaged."""
    days = list(days)
    return Figures(*(sum(getattr(day, field.name) for day in days) for field in fields(Figures)))


@dataclass(frozen=True, slots=True)
class Group:
    """Figures of an hour, a person, a product or a touchpoint."""

    key: str
    net: int
    orders: int
    pieces: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class TenderGroup:
    """What was kept of one way of paying, and how often it was used."""

    tender: str
    amount: int
    count: int


@dataclass(frozen=True, slots=True)
class Repeat:
    """Who came again, in the days that end with a period.

    Attributes:
        days: how many these are.
        members: who bought on one of them at least; `again`: on two.
    """

    days: int
    members: int = 0
    again: int = 0

    @property
    def rate(self) -> Decimal | None:
        """复购率: members who bought on two days and more ÷ members who bought."""
        return ratio(self.again, self.members)


@dataclass(frozen=True, slots=True)
class Funnel:
    """What became of those who were won at a touchpoint in a period. Money in minor units.

    Attributes:
        touched: people who scanned a code there; only head office hears of them.
        bound: members who were bound there.
        bought: of these, who bought since; `again`: on two days and more.
        net: what they bought, less returns.
    """

    touchpoint: str
    bound: int
    bought: int
    again: int
    net: int
    touched: int = 0


@dataclass(frozen=True, slots=True)
class Credit:
    """What somebody is credited with, minor units."""

    person: str
    amount: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A period; dates are business dates, both included."""

    start: str
    end: str
    total: Figures
    days: tuple[tuple[str, Figures], ...]
    by_hour: tuple[Group, ...]
    by_tender: tuple[TenderGroup, ...]
    by_product: tuple[Group, ...]
    by_guide: tuple[Group, ...]
    by_cashier: tuple[Group, ...]
    by_touchpoint: tuple[Group, ...]
    repeat: Repeat
    funnel: tuple[Funnel, ...] = ()
    credit: tuple[Credit, ...] = ()
