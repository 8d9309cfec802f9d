"""PINs on this terminal: kept, tried and counted. Local: they are no part of any fact."""

from __future__ import annotations

from core.database import Connection, transaction
from core.errors import RefusedError
from core.staff.pin import FOREVER, LONGEST_WAIT, blocked_until


def keep(connection: Connection, staff: str, hashed: str) -> None:
    """Give a person another PIN; what was tried before is forgotten."""
    with transaction(connection):
        connection.execute(
            "INSERT INTO local_pin (staff, hash, failures, blocked_until) VALUES (?, ?, 0, 0) ON CONFLICT (staff)"
            " DO UPDATE SET hash = excluded.hash, failures = 0, blocked_until = 0",
            (staff, hashed),
        )


def begin_attempt(connection: Connection, staff: str, now_ms: int) -> str:
    """Count an attempt as failed before it is made: a program that is killed meanwhile forgets nothing.

    Returns:
        The hash to try the PIN on.

    Raises:
        RefusedError: `no_pin`; `pin_blocked` after too many failures, `pin_spent` where only a new PIN helps.
    """
    with transaction(connection):
        row = connection.execute(
            "SELECT hash, failures, blocked_until FROM local_pin WHERE staff = ?", (staff,)
        ).fetchone()
        if row is None:
            raise RefusedError("no_pin")
        hashed, failures, blocked = row
        if blocked == FOREVER:
            raise RefusedError("pin_spent")
        if now_ms < blocked <= now_ms + LONGEST_WAIT:
            # Where it is blocked for longer, the clock was wrong when that was counted.
            raise RefusedError("pin_blocked", seconds=-(-(blocked - now_ms) // 1000))
        connection.execute(
            "UPDATE local_pin SET failures = ?, blocked_until = ? WHERE staff = ?",
            (failures + 1, blocked_until(failures + 1, now_ms), staff),
        )
    return str(hashed)


def succeed(connection: Connection, staff: str) -> None:
    """The attempt was right: nothing is counted against the person any more."""
    with transaction(connection):
        connection.execute("UPDATE local_pin SET failures = 0, blocked_until = 0 WHERE staff = ?", (staff,))
