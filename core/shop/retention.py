"""Members of whom nothing was heard for long are not kept for ever: their records are deleted, as if they had asked for
it (个人信息保护法 §19, §47).
"""

from __future__ import annotations

from datetime import date, timedelta

from core.database import transaction
from core.members import queries
from core.shop import vault
from core.shop.members import forget
from core.shop.terminal import SYSTEM, Session, Terminal
from core.sync.hq import known_hq

_AT_ONCE = 20
_DAY_MS = 86_400_000
"""Where head office was heard longer ago, this terminal may not know who bought at others since."""

_MONTHS, _MONTH, _DAYS_OF_SALES = 3, 31, 5
"""In each of the last months something was sold on so many days: a clock that jumped far ahead deletes nobody."""

_LATER_DAYS = 7
"""After the terminal that bound somebody should have done it, any other does: that one may be no more."""


def expire(terminal: Terminal) -> int:
    """Delete the records of members of whom nothing was heard for as many days as the shop keeps them. Works in short
    jobs; nothing where it was done today, or head office was not heard for a day. Returns how many these were.

    Raises:
        BrokenWorldError: a fault of this terminal's disk.
    """
    count = 0
    while gone := terminal.write(_expire_some).result():
        count += gone
    if count:
        vault.fold(terminal)
    return count


def _expire_some(session: Session) -> int:
    today, days = session.today(), session.settings["keep_members"]
    if not days or session.expired_on == today or not _is_sure(session, today):
        return 0
    found: list[str] = []
    for here, more in ((True, 0), (False, _LATER_DAYS)):
        since = _before(today, days + more)
        found = found or queries.silent_since(session.connection, since, here=here, limit=_AT_ONCE)
    with transaction(session.connection):
        for member in found:
            forget(session, SYSTEM, member)
    if not found:
        session.expired_on = today
    return len(found)


def _is_sure(session: Session, today: str) -> bool:
    """Whether this terminal knows what day it is, and what was heard of its members elsewhere."""
    hq, now = known_hq(session.connection), session.clock.now_ms()
    if hq and max(abs(now - hq.contact), abs(hq.clock_offset)) > _DAY_MS:
        return False
    if queries.is_any_unheard(session.connection):
        return False
    sold = "SELECT count(*) FROM day WHERE orders > 0 AND date > ? AND date <= ?"
    months = [(_before(today, _MONTH * (n + 1)), _before(today, _MONTH * n)) for n in range(_MONTHS)]
    counts = [session.connection.execute(sold, month).fetchone()[0] for month in months]
    return bool(min(counts) >= _DAYS_OF_SALES)


def _before(day: str, days: int) -> str:
    return (date.fromisoformat(day) - timedelta(days=days)).isoformat()
