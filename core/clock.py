"""Time comes in through here: the instant, and the shop's own day."""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import RefusedError

EARLIEST, LATEST = 1900, 2199
"""Years in which a business date can lie."""

_MINUTE = timedelta(minutes=1)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Clock(Protocol):
    """Where the time comes from; tests bring their own."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC."""


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class Calendar:
    """A shop's local time and its business date.

    Args:
        timezone: IANA name, such as `Asia/Shanghai`.
        cutover: local hour (0–23) at which the business day begins; sales before it belong to the day before.

    Raises:
        RefusedError: `bad_timezone`.
    """

    def __init__(self, timezone: str, cutover: int = 0) -> None:
        try:
            self._zone = ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise RefusedError("bad_timezone", text=timezone[:60]) from None
        self._cutover = timedelta(hours=cutover)

    def business_date(self, at_ms: int) -> str:
        """The business date of an instant, ISO 8601."""
        return self.day_and_offset(at_ms)[0]

    def day_and_offset(self, at_ms: int) -> tuple[str, int]:
        """Business date and offset of an instant."""
        local = self.local(at_ms)
        offset = local.utcoffset() or timedelta()
        return (local - self._cutover).date().isoformat(), offset // _MINUTE

    def local(self, at_ms: int) -> datetime:
        """What a clock in the shop shows at an instant."""
        return datetime.fromtimestamp(at_ms // 1000, self._zone)

    def instant(self, day: str, clock_time: str) -> int:
        """Milliseconds since the epoch of a local date and `HH:MM[:SS]`.

        Raises:
            RefusedError: `bad_date`.
        """
        try:
            moment = datetime.fromisoformat(f"{parse_date(day)}T{clock_time}")
        except ValueError:
            raise RefusedError("bad_date", text=f"{day} {clock_time}"[:40]) from None
        return int(moment.replace(tzinfo=self._zone).timestamp() * 1000)


def parse_date(text: str) -> str:
    """An ISO 8601 calendar date of the years `EARLIEST` to `LATEST`.

    Raises:
        RefusedError: `bad_date`.
    """
    try:
        if not _DATE.fullmatch(text):
            raise ValueError(text)
        found = date.fromisoformat(text)
        if not EARLIEST <= found.year <= LATEST:
            raise ValueError(text)
        return found.isoformat()
    except ValueError:
        raise RefusedError("bad_date", text=text[:40]) from None


def iso_time(at_ms: int, offset_minutes: int) -> str:
    """ISO 8601 with offset, to the second: `2026-11-23T09:58:11+08:00`."""
    local = datetime.fromtimestamp(at_ms // 1000, UTC) + timedelta(minutes=offset_minutes)
    sign = "-" if offset_minutes < 0 else "+"
    hours, minutes = divmod(abs(offset_minutes), 60)
    return f"{local:%Y-%m-%dT%H:%M:%S}{sign}{hours:02}:{minutes:02}"
