"""A clock that moves only when a test moves it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


class StandingClock:
    """Stands at 2026-11-23 10:00 in Shanghai."""

    def __init__(self) -> None:
        self.ms = int(datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)

    def now_ms(self) -> int:
        return self.ms

    def go(self, *, days: int = 0, hours: float = 0, minutes: float = 0) -> None:
        """Move on, or back."""
        self.ms += int(((days * 24 + hours) * 60 + minutes) * 60_000)
