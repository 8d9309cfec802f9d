"""What the Sell page shows. Frozen; the page draws it and keeps nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from core.reports.kpi import Figures
from core.sales.cart import Cart


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


@dataclass(frozen=True, slots=True)
class SellState:
    """The counter as it is shown.

    Attributes:
        cash_due: what the cart costs in cash, minor units.
        selected: number of the cart line that the next step is about; 0 = none.
        entry: what was typed on the pad.
        asking: the scanned text whose price is being asked for.
        paying: a payment is on its way to the disk.
        date, day: the business date and its figures so far.
    """

    cart: Cart
    cash_due: int
    currency: str
    verdict: Verdict
    selected: int = 0
    entry: str = ""
    asking: str = ""
    paying: bool = False
    date: str = ""
    day: Figures = field(default_factory=Figures)
