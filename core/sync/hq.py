"""Head office as this terminal knows it: where it is, how its clock differs, and when to try again."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from core.database import Connection

FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 1_000, 300_000
"""Between two attempts: at most the first doubled with each failure, up to the longest; a random part of that."""


@dataclass(frozen=True, slots=True)
class Hq:
    """Head office.

    Attributes:
        clock_offset: its time less this terminal's, ms.
        failures: attempts in a row that came to nothing.
        next_try: not before, ms since the epoch.
        contact: when it last answered, ms since the epoch; 0 = never.
        trouble: code of what is in the way; empty where nothing is.
        lost: facts that it had, and lost when it was brought back from an older copy; `lost_at` is when that was
            noticed, ms since the epoch, 0 = never.
        reader_key: what members' records are sealed with for it, as it says; empty while that is not known.
    """

    url: str
    hq_key: str
    clock_offset: int = 0
    failures: int = 0
    next_try: int = 0
    contact: int = 0
    trouble: str = ""
    lost: int = 0
    lost_at: int = 0
    reader_key: str = ""


def known_hq(connection: Connection) -> Hq | None:
    """Head office, if this terminal has one."""
    row = connection.execute(
        "SELECT url, hq_key, clock_offset, failures, next_try, contact, trouble, lost, lost_at, reader_key"
        " FROM local_hq"
    ).fetchone()
    return Hq(*row) if row else None


def keep_hq(connection: Connection, hq: Hq) -> None:
    """Keep what is known of head office. Inside the caller's transaction."""
    connection.execute(
        "INSERT OR REPLACE INTO local_hq"
        " (one, url, hq_key, clock_offset, failures, next_try, contact, trouble, lost, lost_at, reader_key)"
        " VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        astuple(hq),
    )


def forget_hq(connection: Connection) -> None:
    """This terminal belongs to no chain any more; how far its streams came stays known. Inside the caller's
    transaction.
    """
    connection.execute("DELETE FROM local_hq")
    connection.execute("UPDATE local_stream SET certificate = ''")


def pause_ms(failures: int, chance: float, at_least: int = 0) -> int:
    """How long to wait after failures in a row: full jitter, so that tills that lost a network together do not come
    back together.

    Args:
        chance: from 0 to 1.
        at_least: what head office asked for, ms.
    """
    longest = min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << min(failures, 20))
    return at_least + round(chance * longest)
