"""Members, as the screens and reports read them: by this terminal's facts, and by what head office tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core import events
from core.database import Connection
from core.events import (
    ConsentGiven,
    ConsentWithdrawn,
    Event,
    MemberAssigned,
    MemberBound,
    MemberCorrected,
    MemberErased,
    MemberLinked,
    Purpose,
    UnknownEvent,
)
from core.members.consent import in_order, names_of
from core.rows import op_mark


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a member.

    Attributes:
        at: when they were bound, ms since the epoch.
        state: active, left or erased.
        told: head office knows of them all that this terminal does.
        since: business date from which they are the guide's.
        same_as: the member by whom they are known, where somebody said that they are one person.
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
    since: str
    same_as: str

    @property
    def is_active(self) -> bool:
        return self.state == "active"


@dataclass(frozen=True, slots=True)
class Invited:
    """A code that was shown here; `member`: who became one by it."""

    token: str
    at: int
    expires: int
    guide: str
    staff: str
    touchpoint: str
    member: str


_INVITED = "SELECT token, at, expires, guide, staff, touchpoint, member FROM invitation"
_COLUMNS = "member, at, date, guide, touchpoint, purposes, withdrawn, commitment, state, since, same_as"
STATES = ("active", "left", "erased")
"""What a member can be; the later, the stricter."""


def standing(connection: Connection, member: str) -> Standing | None:
    """A member by their id: what head office tells of them, and what it has not heard yet of what was said here."""
    told = connection.execute(f"SELECT {_COLUMNS}, said FROM feed_member WHERE member = ?", (member,)).fetchone()
    if told is None:
        own = connection.execute(f"SELECT {_COLUMNS} FROM member WHERE member = ?", (member,)).fetchone()
        return _standing(own, told=False) if own else None
    known = set(told[-1].split())
    there = _standing(told[:-1], told=True)
    for raw in [raw for op, raw in _said_here(connection, member) if op_mark(op) not in known]:
        there = _after(there, events.decode(raw), known)
    return there


def person(connection: Connection, member: str) -> Standing | None:
    """Whoever a member is known by, with what all agree to who are the same person: the stricter holds."""
    found = standing(connection, root(connection, member))
    for one in others(connection, found.member) if found else ():
        assert found
        if (other := standing(connection, one)) and other.is_active:
            held = set(found.purposes) & set(other.purposes)
            gone = set(found.withdrawn) | set(other.withdrawn)
            found = replace(found, purposes=tuple(in_order(held)), withdrawn=tuple(in_order(gone)))
    return found


def root(connection: Connection, member: str) -> str:
    """The member by whom somebody is known: where links lead; of a circle, the least."""
    path = {member: None}
    here = member
    while (now := standing(connection, here)) and now.same_as:
        here = now.same_as
        if here in path:
            way = list(path)
            return min(way[way.index(here) :])
        path[here] = None
    return here


def others(connection: Connection, member: str) -> list[str]:
    """The members who are known by this one, in the order of their ids."""
    found, waiting = {member}, [member]
    while waiting:
        into = waiting.pop()
        rows = connection.execute(
            "SELECT member FROM member WHERE same_as = ?1 UNION SELECT member FROM feed_member WHERE same_as = ?1",
            (into,),
        ).fetchall()
        new = {one for (one,) in rows} - found
        new = {one for one in new if (known := standing(connection, one)) and known.same_as == into}
        found |= new
        waiting += new
    return sorted(found - {member})


def marks_of(connection: Connection, member: str) -> list[str]:
    """Marks of the facts about a member that are known: those recorded here, and those that head office told of."""
    told = connection.execute("SELECT said FROM feed_member WHERE member = ?", (member,)).fetchone()
    return sorted({op_mark(op) for op, _ in _said_here(connection, member)} | set(told[0].split() if told else ()))


def is_gone_here(connection: Connection, member: str) -> bool:
    """Whether facts of this terminal say that a member left or was erased."""
    found = connection.execute("SELECT 1 FROM member WHERE member = ? AND state <> 'active'", (member,)).fetchone()
    return found is not None


def _said_here(connection: Connection, member: str) -> list[tuple[str, bytes]]:
    """Ids and bytes of the facts of this terminal from which follows what a member is."""
    return connection.execute(
        "SELECT j.op, j.event FROM member_moment AS m JOIN journal AS j ON j.position = m.position"
        " WHERE m.member = ? AND m.said ORDER BY m.position",
        (member,),
    ).fetchall()


def _after(before: Standing, event: Event | UnknownEvent, known: set[str]) -> Standing:
    """What head office told, and what was said here besides.

    Args:
        known: marks of the facts of which head office told. Where somebody took something back of which nobody knew
            here, they have.
    """
    held, withdrawn = set(before.purposes), set(before.withdrawn)
    state, commitment = before.state, before.commitment
    if isinstance(event, MemberBound):
        held |= set(event.purposes) - withdrawn
        commitment = commitment or event.commitment
    elif isinstance(event, ConsentGiven):
        given = set(event.purposes) if known <= set(event.seen) else set(event.purposes) - withdrawn
        held, withdrawn = held | given, withdrawn - given
    elif isinstance(event, ConsentWithdrawn):
        held, withdrawn = held - set(event.purposes), withdrawn | set(event.purposes)
        if Purpose.MEMBERSHIP in event.purposes:
            state = max(state, "left", key=STATES.index)
    elif isinstance(event, MemberErased):
        state = "erased"
    elif isinstance(event, MemberCorrected):
        commitment = event.commitment
    elif isinstance(event, MemberAssigned):
        before = replace(before, guide=event.guide, since=event.since)
    elif isinstance(event, MemberLinked):
        before = replace(before, same_as=event.into)
    if state != "active":
        held, withdrawn, commitment = set(), set(Purpose), ""
    if isinstance(event, MemberBound) and not before.date:
        at, date, where = event.head.at, event.head.date, event.head.touchpoint
        before = replace(before, at=at, date=date, touchpoint=where)
        if not before.since:
            before = replace(before, guide=event.guide, since=date)
    return replace(
        before,
        purposes=tuple(in_order(held)),
        withdrawn=tuple(in_order(withdrawn)),
        state=state,
        commitment=commitment,
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


def owned_by(connection: Connection, guide: str, limit: int) -> list[Standing]:
    """Some of the active members of a guide."""
    rows = connection.execute(
        "SELECT member FROM member WHERE guide = ?1 UNION SELECT f.member FROM feed_member AS f"
        " LEFT JOIN member AS m ON m.member = f.member WHERE f.guide = ?1 AND ifnull(m.guide, '') IN ('', ?1)",
        (guide,),
    )
    found: list[Standing] = []
    for (member,) in rows:
        known = standing(connection, member)
        if known and known.is_active and known.guide == guide:
            found.append(known)
        if len(found) == limit:
            break
    return found


def invited(connection: Connection, token: str) -> Invited | None:
    """A code that was shown here."""
    row = connection.execute(f"{_INVITED} WHERE token = ?", (token,)).fetchone()
    return Invited(*row) if row else None


def invitations(connection: Connection, guide: str, date: str) -> list[Invited]:
    """The codes that somebody showed on a business date, the newest first."""
    query = f"{_INVITED} WHERE date = ? AND guide = ? AND expires > 0 ORDER BY position DESC"
    rows = connection.execute(query, (date, guide))
    return [Invited(*row) for row in rows]


def standing_code(connection: Connection, touchpoint: str, guide: str) -> Invited | None:
    """The code that stays at a touchpoint, with a guide."""
    row = connection.execute(
        f"{_INVITED} WHERE expires = 0 AND touchpoint = ? AND guide = ? ORDER BY position DESC LIMIT 1",
        (touchpoint, guide),
    ).fetchone()
    return Invited(*row) if row else None


def all_invitations(connection: Connection) -> list[Invited]:
    """Every code that was shown here, the newest first."""
    return [Invited(*row) for row in connection.execute(f"{_INVITED} ORDER BY position DESC")]


def won_by(connection: Connection, guide: str, date: str) -> tuple[int, int]:
    """How many members a guide won on a business date, and of how many of these head office does not know yet."""
    row = connection.execute(
        "SELECT count(*), count(CASE WHEN member NOT IN (SELECT member FROM feed_member) THEN 1 END) FROM ("
        "SELECT member FROM member WHERE position > 0 AND date = ?1 AND guide = ?2"
        " UNION SELECT member FROM feed_member WHERE date = ?1 AND guide = ?2)",
        (date, guide),
    ).fetchone()
    return int(row[0]), int(row[1])


def moments(connection: Connection, members: Sequence[str], limit: int = 500) -> list[Event]:
    """The facts of this terminal about members, the newest first."""
    rows = connection.execute(
        "SELECT DISTINCT j.position, j.event FROM member_moment AS m JOIN journal AS j ON j.position = m.position"
        f" WHERE m.member IN ({', '.join('?' * len(members))}) ORDER BY j.position DESC LIMIT ?",
        (*members, limit),
    )
    found = (events.decode(raw) for _, raw in rows)
    return [event for event in found if isinstance(event, Event)]


def is_any_unheard(connection: Connection) -> bool:
    """Whether there are active members of whom head office did not tell when anything was heard last."""
    query = "SELECT 1 FROM feed_member WHERE state = 'active' AND date <> '' AND last = '' LIMIT 1"
    return connection.execute(query).fetchone() is not None


def silent_since(connection: Connection, date: str, *, here: bool, limit: int) -> list[str]:
    """Some of the active members of whom nothing was heard from a business date on, by all that is known.

    Args:
        here: only those who were bound at this terminal.
    """
    rows = connection.execute(
        "SELECT m.member FROM (SELECT member, date FROM member WHERE position > 0 AND state = 'active'"
        " UNION SELECT member, date FROM feed_member WHERE NOT ?2 AND state = 'active') AS m"
        " LEFT JOIN feed_member AS f ON f.member = m.member"
        " WHERE m.date <> '' AND m.date < ?1 AND ifnull(f.last, '') < ?1"
        " AND NOT EXISTS (SELECT 1 FROM day_member AS d WHERE d.member = m.member AND d.date >= ?1)"
        " ORDER BY m.date, m.member",
        (date, here),
    )
    found: list[str] = []
    for (member,) in rows:
        first = root(connection, member)
        known = standing(connection, first)
        everybody = (first, *others(connection, first))
        if known and known.is_active and max(_last_heard(connection, one) for one in everybody) < date:
            found.append(first)
        if len(found) == limit:
            break
    return list(dict.fromkeys(found))


def _last_heard(connection: Connection, member: str) -> str:
    """The business date on which a member bought or agreed to something last."""
    row = connection.execute(
        "SELECT max(ifnull((SELECT last FROM feed_member WHERE member = ?1), ''),"
        " ifnull((SELECT max(date) FROM day_member WHERE member = ?1), ''))",
        (member,),
    ).fetchone()
    said = (events.decode(raw) for _, raw in _said_here(connection, member))
    # Where the clock was behind when they were bound, what was sold before it tells better.
    (before,) = connection.execute(
        "SELECT ifnull(max(date), '') FROM sale WHERE position < (SELECT position FROM member WHERE member = ?)",
        (member,),
    ).fetchone()
    agreed = (event.head.date for event in said if isinstance(event, MemberBound | ConsentGiven))
    return max([str(row[0]), str(before), *agreed])


def commitment_of(connection: Connection, member: str) -> str:
    """What is said of a member's record; empty where nothing is."""
    found = standing(connection, member)
    return found.commitment if found else ""


def waiting_withdrawals(connection: Connection, stream: int, after: int) -> list[bytes]:
    """Withdrawals behind a fact of a stream. Args: stream: its number; after: the fact's."""
    rows = connection.execute(
        "SELECT j.event FROM member_withdrawal AS w JOIN journal AS j ON j.position = w.position"
        " WHERE j.stream = ? AND j.seq > ? ORDER BY j.seq",
        (stream, after),
    )
    return [bytes(raw) for (raw,) in rows]


def _standing(row: tuple[str, int, str, str, str, str, str, str, str, str, str], *, told: bool) -> Standing:
    member, at, date, guide, touchpoint, purposes, withdrawn, commitment, state, since, same_as = row
    held, gone = tuple(names_of(purposes)), tuple(names_of(withdrawn))
    # Of those who were bound before anybody could be handed over, nothing else is known.
    return Standing(member, at, date, guide, touchpoint, held, gone, commitment, state, told, since or date, same_as)
