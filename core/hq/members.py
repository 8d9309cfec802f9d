"""What is said of members in a store, whatever the order in which it arrives, and what follows from it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, delete, func, select

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
)
from core.hq import reading, telling, vault
from core.hq.reading import Fact
from core.hq.schema import AHEAD, DAY_MEMBER, MEMBER_SAID
from core.hq.streams import put_if_new
from core.hq.vault import Arrived
from core.rows import MemberRow, op_mark
from core.wire import Certificate

_About = MemberBound | ConsentGiven | ConsentWithdrawn | MemberAssigned | MemberCorrected | MemberErased | MemberLinked
_AT_ONCE = 500
_COLUMNS = tuple(column for column in MEMBER_SAID.columns if column.name not in ("store_id", "member_id", "op"))

BOUND, GIVEN, WITHDRAWN, ASSIGNED = "bound", "given", "withdrawn", "assigned"
CORRECTED, ERASED, LINKED = "corrected", "erased", "linked"
_AHEAD = "ahead:"
"""Before the op of a fact that was sent ahead of its stream: the fact itself is still to come."""

_KINDS = {
    MemberBound: BOUND,
    ConsentGiven: GIVEN,
    ConsentWithdrawn: WITHDRAWN,
    MemberAssigned: ASSIGNED,
    MemberCorrected: CORRECTED,
    MemberErased: ERASED,
    MemberLinked: LINKED,
}


@dataclass(frozen=True, slots=True)
class Said:
    """What one fact says of a member.

    Attributes:
        guide: whose they are; of a link, whom they are the same as.
        date: business date of the binding; of a member who was given to a guide, from which they count as theirs.
        seen: marks of the facts about them that were known where it was said.
    """

    op: str
    kind: str
    at: int
    date: str
    guide: str
    touchpoint: str
    purposes: str
    commitment: str
    seen: str

    @property
    def mark(self) -> str:
        """The fact's, also while the fact itself is still to come."""
        return op_mark(self.op.removeprefix(_AHEAD))


def is_about(event: Event | None) -> bool:
    """Whether a fact says something of a member."""
    return isinstance(event, _About)


def standing_of(said: Sequence[Said], bought: str = "") -> MemberRow:
    """What a member is by all that was said, in whatever order, by whatever clocks.

    Yes holds where it was said in knowledge of every no; so does a record that was set right. Of two that did not know
    of each other the stricter holds, or the later.

    Args:
        bought: business date on which they bought something last.
    """
    yes = [one for one in said if one.kind in (BOUND, GIVEN)]
    no = [one for one in said if one.kind == WITHDRAWN]
    held, withdrawn = set[str](), set[str]()
    for purpose in Purpose:
        taken = {one.mark for one in no if purpose in one.purposes.split()}
        if any(purpose in one.purposes.split() and taken <= set(one.seen.split()) for one in yes):
            held.add(purpose)
        elif taken:
            withdrawn.add(purpose)
    left = any(Purpose.MEMBERSHIP in one.purposes.split() for one in no)
    state = "erased" if any(one.kind == ERASED for one in said) else "left" if left else "active"
    if state != "active":
        held, withdrawn = set(), set(Purpose)
    bound = min((one for one in said if one.kind == BOUND), key=lambda one: (one.at, one.op), default=None)
    owned, right = _last_of(said, ASSIGNED, BOUND), _last_of(said, CORRECTED, BOUND)
    linked = _last_of(said, LINKED)
    return MemberRow(
        at=max(bound.at, 0) if bound else 0,
        date=bound.date if bound else "",
        guide=owned.guide if owned else "",
        touchpoint=bound.touchpoint if bound else "",
        purposes=_in_order(held),
        withdrawn=_in_order(withdrawn),
        commitment=right.commitment if right and state == "active" else "",
        state=state,
        said=tuple(sorted({one.mark for one in said})),
        since=owned.date if owned else "",
        same_as=linked.guide if linked and state == "active" else "",
        last=max([bought, *(one.date for one in yes)]) if state == "active" else "",
    )


def _last_of(said: Sequence[Said], kind: str, *first: str) -> Said | None:
    """What holds of what was set by facts of a kind, or to begin with by those of others: of those that none replaced
    that knew of them, the one that was set last.
    """
    replaced = {mark for one in said if one.kind == kind for mark in one.seen.split()}
    right = [one for one in said if one.kind in (kind, *first)]
    right = [one for one in right if one.mark not in replaced] or right
    return max(right, key=lambda one: (one.kind == kind, one.at, one.op), default=None)


def write(connection: Connection, store: str, facts: Iterable[tuple[Fact, int]], bought: Collection[str] = ()) -> None:
    """Keep what facts of a store say of members, or take it back; then see what follows, delete what is not to be
    kept any more, and tell the store. Under the store's lock.

    Args:
        facts: each with 1, or -1 where it is taken back.
        bought: members of whose purchases something is known now, or no more.
    """
    changed: set[str] = set(bought)
    for fact, sign in facts:
        event = fact.event
        assert isinstance(event, _About)
        changed.add(event.member)
        if sign > 0:
            _say(connection, store, fact, event)
        else:
            connection.execute(delete(MEMBER_SAID).where(MEMBER_SAID.c.store_id == store, MEMBER_SAID.c.op == fact.op))
    ordered = sorted(changed)
    for start in range(0, len(ordered), _AT_ONCE):
        _settle(connection, store, ordered[start : start + _AT_ONCE])


def take_in(
    connection: Connection, by: Certificate, records: Sequence[Arrived], ahead: Sequence[bytes], now_ms: int
) -> None:
    """Keep what came beside facts: records of members, and withdrawals that do not wait for what stands before them;
    and let the withdrawals hold. Under the store's lock.

    Args:
        ahead: facts; what is no withdrawal among them waits for its turn.
    """
    vault.keep(connection, by.store, records)
    # A record may come after it was replaced, or after its member left.
    _settle(connection, by.store, sorted({record.member for record in records}))
    facts = [(reading.read(by.terminal, by.stream, 0, raw), raw) for raw in ahead]
    withdrawals = [(fact, raw) for fact, raw in facts if isinstance(fact.event, ConsentWithdrawn | MemberErased)]
    for fact, raw in withdrawals:
        put_if_new(
            connection,
            AHEAD,
            store_id=by.store,
            digest=fact.digest,
            terminal_id=by.terminal,
            stream_id=by.stream,
            received=now_ms,
            raw=raw,
        )
    write(connection, by.store, [(_ahead(fact), 1) for fact, _ in withdrawals])


def write_ahead(connection: Connection, store: str) -> None:
    """Have all withdrawals hold that were ever sent ahead of their streams. Under the store's lock."""
    rows = connection.execute(
        select(AHEAD.c.terminal_id, AHEAD.c.stream_id, AHEAD.c.raw).where(AHEAD.c.store_id == store)
    ).all()
    facts = [reading.read(terminal, stream, 0, bytes(raw)) for terminal, stream, raw in rows]
    write(connection, store, [(_ahead(fact), 1) for fact in facts])


def _ahead(fact: Fact) -> Fact:
    return replace(fact, op=_AHEAD + fact.op)


def said_of(connection: Connection, store: str, members: Sequence[str]) -> dict[str, list[Said]]:
    """All that was said of members."""
    rows = connection.execute(
        select(MEMBER_SAID.c.member_id, MEMBER_SAID.c.op, *_COLUMNS).where(
            MEMBER_SAID.c.store_id == store, MEMBER_SAID.c.member_id.in_(members)
        )
    )
    found: dict[str, list[Said]] = {}
    for member, *said in rows:
        found.setdefault(member, []).append(Said(*said))
    return found


def _say(connection: Connection, store: str, fact: Fact, event: _About) -> None:
    agreed = event.purposes if isinstance(event, MemberBound | ConsentGiven | ConsentWithdrawn) else ()
    put_if_new(
        connection,
        MEMBER_SAID,
        store_id=store,
        member_id=event.member,
        op=fact.op,
        kind=_KINDS[type(event)],
        at=fact.at,
        date=event.since if isinstance(event, MemberAssigned) else event.head.date,
        guide=_guide_in(event),
        touchpoint=event.head.touchpoint,
        purposes=" ".join(sorted(set(agreed))),
        commitment=event.commitment if isinstance(event, MemberBound | MemberCorrected) else "",
        seen=" ".join(sorted(set(getattr(event, "seen", ())))),
    )


def _guide_in(event: _About) -> str:
    if isinstance(event, MemberLinked):
        return event.into
    return event.guide if isinstance(event, MemberBound | MemberAssigned) else ""


def _settle(connection: Connection, store: str, members: Sequence[str]) -> None:
    said = said_of(connection, store, members)
    bought = _bought_last(connection, store, members)
    standings = {
        member: standing_of(said[member], bought.get(member, "")) if member in said else None for member in members
    }
    for member, standing in standings.items():
        told = {one.commitment for one in said.get(member, ())} - {""}
        if standing and standing.state != "active":
            vault.shred(connection, store, member)
        elif standing and (replaced := told - {standing.commitment}):
            vault.shred(connection, store, member, only=replaced)
    telling.tell_members(connection, store, standings)


def _bought_last(connection: Connection, store: str, members: Sequence[str]) -> dict[str, str]:
    """Business date on which each bought something last."""
    rows = connection.execute(
        select(DAY_MEMBER.c.member_id, func.max(DAY_MEMBER.c.date))
        .where(DAY_MEMBER.c.store_id == store, DAY_MEMBER.c.member_id.in_(members))
        .group_by(DAY_MEMBER.c.member_id)
    )
    return {str(member): str(date) for member, date in rows}


def _in_order(purposes: set[str]) -> tuple[str, ...]:
    return tuple(purpose for purpose in Purpose if purpose in purposes)
