"""What the Today page shows. Frozen; the page draws it and keeps nothing."""

from __future__ import annotations

from dataclasses import dataclass

from core.shop.days import Beside, Span


@dataclass(frozen=True, slots=True)
class TodayState:
    """A period beside the one before it.

    Attributes:
        currency: ISO 4217 code.
        span: through which one steps; none for dates that were typed.
        start, end: business dates, as they are read or were typed.
        found: none until it was read.
        by_day: the chart has a bar a day, not an hour.
        charts: what draws them is loaded.
        said: what became of the last step.
        refused: whether that was a refusal.
    """

    currency: str
    span: Span | None = Span.DAY
    start: str = ""
    end: str = ""
    found: Beside | None = None
    by_day: bool = False
    charts: bool = False
    said: str = ""
    refused: bool = False
