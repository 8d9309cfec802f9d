"""What the Sell page shows. Frozen; the page draws it and keeps nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.catalogue.product import Product
from core.events import TenderKind
from core.reports.kpi import Figures
from core.sales.cart import Cart, CartLine
from core.sales.payment import Payment, rounding_of
from core.shop.rewards import NOTHING, Rewards

WAYS = tuple(kind for kind in TenderKind if kind is not TenderKind.CASH)
WAY_KEYS = "123456789"[: len(WAYS)]
"""The ways to pay besides cash, and the key of each where they are offered."""

_PAD = set("0123456789.")


class Tone(StrEnum):
    """How a verdict looks and sounds."""

    CALM = "calm"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to the last step: a word, what it is about, and a figure."""

    tone: Tone
    title: str
    detail: str = ""
    figure: str = ""


class AskKind(StrEnum):
    """What is asked of the cashier; the next Enter or scan answers it."""

    PRICE = "price"
    REFERENCE = "reference"
    RECEIPT = "receipt"
    GOODS = "goods"
    QUANTITY = "quantity"
    DISCOUNT = "discount"
    REWARD = "reward"
    ALL = "all"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Ask:
    """A question.

    Attributes:
        text: the scanned text whose price is asked for.
        payment: the payment whose reference is asked for.
    """

    kind: AskKind
    text: str = ""
    payment: Payment | None = None


@dataclass(frozen=True, slots=True)
class SellState:
    """The counter as it is shown.

    Attributes:
        coin: smallest coin in minor units, 0 = cash is not rounded.
        selected: number of the cart line that the next step is about; 0 = none.
        entry: what was typed on the pad.
        ask: what is asked of the cashier.
        found: goods that fit `found_for`, while goods are asked for; Enter takes the one in row `row` once that is what
            is typed.
        choosing: the ways to pay besides cash are offered.
        payments: what was offered already, besides cash.
        paying: a payment is on its way to the disk.
        change: of the sale that was just paid, until the next step.
        back: on which ways, and how much of it, money of this cart goes back.
        buyer: the member whose cart it is, masked; `has` is what they have.
        date, day: the business date, and its figures so far for those who may see them.
    """

    cart: Cart
    coin: int
    currency: str
    verdict: Verdict
    selected: int = 0
    entry: str = ""
    ask: Ask | None = None
    found: tuple[Product, ...] = ()
    found_for: str = ""
    row: int = 0
    choosing: bool = False
    payments: tuple[Payment, ...] = ()
    paying: bool = False
    change: int | None = None
    back: tuple[tuple[TenderKind, int], ...] = ()
    buyer: str = ""
    has: Rewards = NOTHING
    date: str = ""
    day: Figures | None = None

    @property
    def finding(self) -> bool:
        """Whether goods are being looked for."""
        return self.ask is not None and self.ask.kind is AskKind.GOODS

    @property
    def refunded(self) -> bool:
        """Whether the last sale gave money back, so that `change` is what went back."""
        return self.change is not None and self.verdict.figure.startswith("-")

    @property
    def paid(self) -> int:
        """Offered already, minor units."""
        return sum(payment.amount or 0 for payment in self.payments)

    @property
    def left(self) -> int:
        """To be paid still, exactly; negative = to be paid back."""
        return self.cart.total - self.paid

    @property
    def cash_due(self) -> int:
        """To be paid still, in cash."""
        return self.left + rounding_of(self.left, self.coin)


def is_pad_key(text: str) -> bool:
    """Whether a typed character belongs into the entry."""
    return len(text) == 1 and (text in _PAD or (text.isascii() and text.isalnum()) or text == "-")


def shown_code(line: CartLine) -> str:
    """The code of a line as people know it, and which one it is of those that are followed one by one."""
    from core.codes.gs1 import gtin14, short_gtin

    code = short_gtin(line.code) if len(line.code) == 14 and gtin14(line.code) else line.code
    return " · ".join((code, line.serial)) if line.unit else code
