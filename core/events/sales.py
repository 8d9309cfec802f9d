"""Facts of the counter."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from core.events.base import Event, fact, version


class LineKind(StrEnum):
    """What a line of a sale is."""

    SALE = "sale"
    RETURN = "return"
    """Brought back against a receipt."""
    BLIND = "blind"
    """Brought back without one."""


class TenderKind(StrEnum):
    """The ways to pay."""

    CASH = "cash"
    WECHAT = "wechat"
    ALIPAY = "alipay"
    UNIONPAY = "unionpay"
    CARD = "card"
    OTHER = "other"


class SaleLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line, with its own copy of everything that may change later. Money in minor units.

    Attributes:
        code: GTIN-14 or the shop's own code.
        quantity: pieces; negative = brought back.
        list_price: of one piece, tax included; none where the catalogue knew none.
        discount: taken off; never negative on a sale line.
        amount: charged, after discount, tax included; negative = refunded.
        tax_rate: parts per million.
        tax: contained in `amount`.
        rounding: of goods brought back: their share of their sale's cash rounding, taken back.
        serial: as it stood in the scanned code, where there was one.
        unit: key of the unit in the register of codes, where it is one (`core.codes`).
        weight: grams, where a scale's code told it.
        origin: receipt of the sale that a return refers to.
        origin_line: number of the line there, from 1.
        earned, used: points that the buyer got for it, and that they used to pay less; of goods brought back, what goes
            back of those of their sale, on one line of it.
        owner: of goods brought back: the member whose points these are.
    """

    kind: LineKind = LineKind.SALE
    code: str
    name: str
    quantity: int
    list_price: int | None = None
    discount: int = 0
    amount: int
    tax_rate: int = 0
    tax: int = 0
    rounding: int = 0
    serial: str = ""
    unit: str = ""
    weight: int | None = None
    origin: str = ""
    origin_line: int = 0
    earned: int = 0
    used: int = 0
    owner: str = ""


class Tender(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was kept of one way of paying; negative = paid back.

    Attributes:
        reference: the payer's or acquirer's number; never a payment code or a card number.
        origin, origin_tender: receipt and number of the tender (from 1) on which a refund went back.
    """

    kind: TenderKind
    amount: int
    reference: str = ""
    origin: str = ""
    origin_tender: int = 0


class CreditReason(StrEnum):
    """Why somebody is credited with a sale."""

    BINDER = "binder"
    """They won the member who bought."""
    SELLER = "seller"
    BOTH = "both"
    DECIDED = "decided"
    """Somebody decided so afterwards."""


class CreditPart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody's part of a sale.

    Attributes:
        part: parts per million of its net.
        origin: of goods brought back: the receipt of their sale, whose parts these are.
    """

    person: str
    part: int
    reason: CreditReason
    origin: str = ""


class CouponBack(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon that can be used again: everything of the sale on `receipt` has come back."""

    coupon: str
    receipt: str


@fact
class SaleCompleted(Event, frozen=True, kw_only=True, omit_defaults=True, tag="sale.completed"):
    """Goods and money changed hands: a sale, a return, or both in one.

    Attributes:
        receipt: number on the slip; unique over all terminals of a store.
        lines: at least one.
        tenders: add up to `due`.
        rounding: let go of what was paid here in cash; never positive.
        cash_given: handed over in cash.
        change: handed back.
        seller: who sold; `head.staff` took the money.
        member, member_guide: the buyer, and who bound them.
        member_since: business date from which the member is that guide's.
        credits: the parts of those who are credited; of what was sold here, and of each sale of which goods came back,
            they add up to the whole.
        credit_rule: name of the rule that they follow from; empty in facts from before there was credit.
        coupon: that took something off what was sold here.
        coupons_back: of sales of which everything has come back now.
    """

    v: int = version(1)
    receipt: str
    lines: list[SaleLine]
    tenders: list[Tender]
    rounding: int = 0
    cash_given: int = 0
    change: int = 0
    seller: str = ""
    member: str = ""
    member_guide: str = ""
    member_since: str = ""
    credits: tuple[CreditPart, ...] = ()
    credit_rule: str = ""
    coupon: str = ""
    coupons_back: tuple[CouponBack, ...] = ()

    @property
    def net(self) -> int:
        """Sales less returns, before cash rounding, tax included."""
        return sum(line.amount for line in self.lines)

    @property
    def rounded(self) -> int:
        """Cash rounding let go here, less what goods brought back took back of their sales'."""
        return self.rounding + sum(line.rounding for line in self.lines)

    @property
    def due(self) -> int:
        """What changed hands in money; negative = paid back."""
        return self.net + self.rounded

    @property
    def tax(self) -> int:
        """Tax contained in `net`: the sum of the lines' taxes."""
        return sum(line.tax for line in self.lines)

    @property
    def pieces(self) -> int:
        """Pieces sold less pieces brought back."""
        return sum(line.quantity for line in self.lines)


@fact
class ReceiptReprinted(Event, frozen=True, kw_only=True, omit_defaults=True, tag="receipt.reprinted"):
    """A copy of a receipt was printed; `copy` counts from 1."""

    v: int = version(1)
    receipt: str
    copy: int
