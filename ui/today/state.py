"""What the Today page shows. Frozen; the page draws it and keeps nothing."""

from __future__ import annotations

from dataclasses import dataclass

from core.shop.days import DayBeside


@dataclass(frozen=True, slots=True)
class TodayState:
    """A day beside the same weekday a week before.

    Attributes:
        currency: ISO 4217 code.
        found: none until it was read.
        complaint: why it cannot be read.
    """

    currency: str
    found: DayBeside | None = None
    complaint: str = ""
