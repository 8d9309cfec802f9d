"""Members, as the screens and reports read them: by this terminal's facts, and by what head office tells."""

from __future__ import annotations

from dataclasses import dataclass

from core import events
from core.database import Connection
from core.events import Event, Purpose
from core.members.consent import in_order, names_of


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a member.

    Attributes:
        at: when they were bound, ms since the epoch.
        state: active, left or erased.
        told: head office knows of them all that this terminal does.
    """

    member: str
    at: int
    date: str
    guide: str
    touchpoint: str
    purposes: tuple[Purpose, ...]
    withdrawn: tuple[Purpose, ...]
    commitment: str
    state: str
    told: bool

    @property
    def is_active(self) -> bool:
        return self.state == "active"


_COLUMNS = "member, at, date, guide, touchpoint, purposes, withdrawn, commitment, state"
STATES = ("active", "left", "erased")
"""What a member can be; the later, the stricter."""


def standing(connection: Connection, member: str) -> Standing | None:
    """A member by their id. Where head office has not heard all that was said here, the stricter holds."""
    own = connection.execute(f"SELECT {_COLUMNS}, facts FROM member WHERE member = ?", (member,)).fetchone()
    told = connection.execute(f"SELECT {_COLUMNS}, known FROM feed_member WHERE member = ?", (member,)).fetchone()
    if told is None:
        return _standing(own[:-1], told=False) if own else None
    if own is None or own[-1] <= told[-1]:
        return _standing(told[:-1], told=True)
    here, there = _standing(own[:-1], told=False), _standing(told[:-1], told=False)
    bound = here if here.date else there
    state = max(here.state, there.state, key=STATES.index)
    withdrawn = {*here.withdrawn, *there.withdrawn}
    held = {*here.purposes, *there.purposes} - withdrawn if state == "active" else set[Purpose]()
    return Standing(
        member,
        bound.at,
        bound.date,
        bound.guide,
        bound.touchpoint,
        tuple(in_order(held)),
        tuple(in_order(withdrawn)),
        here.commitment or there.commitment,
        state,
        told=False,
    )


def newest(connection: Connection, guide: str = "", limit: int = 50) -> list[Standing]:
    """Members of the store who were bound last. Args: guide: only theirs, where one is named."""
    rows = connection.execute(
        "SELECT member FROM (SELECT member, at, guide FROM member WHERE position > 0"
        " UNION SELECT member, at, guide FROM feed_member WHERE date <> '')"
        " WHERE ?1 = '' OR guide = ?1 GROUP BY member ORDER BY max(at) DESC, member DESC LIMIT ?2",
        (guide, limit),
    ).fetchall()
    found = (standing(connection, member) for (member,) in rows)
    return [one for one in found if one]


def moments(connection: Connection, member: str, limit: int = 500) -> list[Event]:
    """The facts of this terminal about a member, the newest first."""
    rows = connection.execute(
        "SELECT j.event FROM member_moment AS m JOIN journal AS j ON j.position = m.position"
        " WHERE m.member = ? ORDER BY m.position DESC LIMIT ?",
        (member, limit),
    )
    found = (events.decode(raw) for (raw,) in rows)
    return [event for event in found if isinstance(event, Event)]


def own_commitment(connection: Connection, member: str) -> str:
    """What this terminal's facts say of a member's record; empty where head office tells of them as well: it may have
    been set right at another till, and the right one be on its way.
    """
    row = connection.execute(
        "SELECT commitment FROM member WHERE member = ?1 AND NOT EXISTS (SELECT 1 FROM feed_member WHERE member = ?1)",
        (member,),
    ).fetchone()
    return str(row[0]) if row else ""


def waiting_withdrawals(connection: Connection, stream: int, after: int) -> list[bytes]:
    """Withdrawals behind a fact of a stream. Args: stream: its number; after: the fact's."""
    rows = connection.execute(
        "SELECT j.event FROM member_withdrawal AS w JOIN journal AS j ON j.position = w.position"
        " WHERE j.stream = ? AND j.seq > ? ORDER BY j.seq",
        (stream, after),
    )
    return [bytes(raw) for (raw,) in rows]


def _standing(row: tuple[str, int, str, str, str, str, str, str, str], *, told: bool) -> Standing:
    member, at, date, guide, touchpoint, purposes, withdrawn, commitment, state = row
    held, gone = tuple(names_of(purposes)), tuple(names_of(withdrawn))
    return Standing(member, at, date, guide, touchpoint, held, gone, commitment, state, told)
