"""What becomes of invitations: who scanned, who agreed, which member that is, and whose.

Each is decided once, as soon as head office knows both the invitation and an answer to it, in whichever order they
come. A person is known by who they are at WeChat; a phone alone makes nobody the same.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, select, update

from core.clock import iso_time
from core.credit.rules import within
from core.events import MemberInvited, Purpose
from core.hq import feeds, members, vault
from core.hq.feeds import Feed
from core.hq.reading import Fact
from core.hq.schema import BINDING, FEED, INVITATION, PERSON, RECORD, REPLY, SCAN
from core.hq.streams import hold, put_if_new
from core.hq.vault import KEPT, NOWHERE, Arrived
from core.members.invitation import is_of
from core.rows import MemberRow, OutcomeRow

_SCOPE = "outcomes"
_AT_ONCE, _DAY_MS = 500, 86_400_000
_PERSON = 24
"""Characters of a keyed hash: enough to tell people apart."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answered on their own phone.

    Attributes:
        person: keyed hash (`mark_of`) of who they are at WeChat.
        at: ms since the epoch, by head office's clock.
        purposes: none where they refused.
        record: sealed under the vault's key; its member is `person` until it is known who they are.
    """

    token: str
    person: str
    at: int
    purposes: tuple[Purpose, ...]
    notice: str
    language: str
    record: Arrived | None


def mark_of(key: bytes, identity: str) -> str:
    """By what a person is found again: a keyed hash of who they are at WeChat, which nobody can guess."""
    return hmac.digest(key, b"person\0" + identity.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()


def take_scan(connection: Connection, *, digest: bytes, token: str, person: str, event: str, at: int, now: int) -> None:
    """Keep a scan that WeChat told of; the same again changes nothing. Whoever shows the code is told."""
    put_if_new(connection, SCAN, digest=digest, token=token, person=person, event=event, at=at, received=now)
    _tell_waiting(connection, _held(connection, token), token)


def take_answer(connection: Connection, answer: Answer) -> str:
    """Keep what somebody answered; the first answer of a person stands, as long as they stay. Returns what became of
    it: empty while the code is not known, `taken` where somebody else answered it.
    """
    token, person = answer.token, answer.person
    known = _held(connection, token)
    replies = _replies(connection, token) if known is None or known.expires else _replies(connection, token, person)
    own = next((reply for reply in replies if reply.person == person), None)
    if own is not None and known is not None and not known.expires and _has_left(connection, known.store_id, own):
        connection.execute(delete(REPLY).where(REPLY.c.token == token, REPLY.c.person == person))
        own = None
    if own is None:
        if known is not None and known.expires and replies:
            return "taken"
        put_if_new(
            connection, REPLY, token=token, person=person, at=answer.at,
            purposes=" ".join(answer.purposes), notice=answer.notice, language=answer.language,
            commitment=answer.record.commitment if answer.record else "",
        )  # fmt: skip
        if answer.record:
            vault.keep(connection, NOWHERE, [answer.record])
    return _settle(connection, known, token, person) if known is not None else ""


def count_waiting(connection: Connection, person: str) -> int:
    """How many codes somebody answered of which no till has told yet."""
    known = select(INVITATION.c.token)
    query = select(func.count()).select_from(REPLY).where(REPLY.c.person == person, REPLY.c.token.not_in(known))
    return int(connection.execute(query).scalar_one())


def forget_old(connection: Connection, before: int) -> None:
    """Keep no answers to codes of which no till ever told. Args: before: ms since the epoch."""
    known = select(INVITATION.c.token)
    old = connection.execute(
        select(REPLY).where(REPLY.c.at < before, REPLY.c.token.not_in(known)).limit(_AT_ONCE)
    ).all()
    for reply in old:
        vault.shred(connection, NOWHERE, reply.person, only=[reply.commitment])
        connection.execute(delete(REPLY).where(REPLY.c.token == reply.token, REPLY.c.person == reply.person))


def state_of(connection: Connection, token: str, now: int) -> str:
    """How an invitation stands: `unknown`, `open`, or what became of it."""
    if decided := _decided(connection, token):
        return decided
    known = _invitation(connection, token)
    if known is None:
        return "unknown"
    return "expired" if known.expires and now > known.expires else "open"


def take_invitations(connection: Connection, store: str, facts: Iterable[tuple[Fact, int]]) -> None:
    """Know of codes that were shown, or take it back; decide on those that were answered before, in the order in which
    they were. Under the store's lock.

    Args:
        facts: each with 1, or -1 where it is taken back.
    """
    shown: list[str] = []
    for fact, sign in facts:
        event = fact.event
        assert isinstance(event, MemberInvited)
        if not is_of(event.token, store):
            # No store can say of another's code that it is its own.
            continue
        if sign > 0:
            _know(connection, store, fact, event)
            shown.append(event.token)
        else:
            where = (INVITATION.c.token == event.token) & (INVITATION.c.store_id == store)
            connection.execute(delete(INVITATION).where(where, INVITATION.c.op == fact.op))
    for token in sorted(set(shown)):
        _lock(connection, token)
    answered = select(REPLY.c.token).where(REPLY.c.token.in_(shown)).order_by(REPLY.c.at, REPLY.c.person)
    for token in dict.fromkeys(connection.execute(answered).scalars() if shown else ()):
        if known := _invitation(connection, token):
            _settle(connection, known, token)
    for token in dict.fromkeys(shown):
        _tell_waiting(connection, _invitation(connection, token), token)


def _know(connection: Connection, store: str, fact: Fact, event: MemberInvited) -> None:
    head = event.head
    put_if_new(
        connection, INVITATION, token=event.token, store_id=store, op=fact.op, terminal_id=fact.terminal,
        guide=event.guide, staff=head.staff, touchpoint=head.touchpoint, language=event.language, at=fact.at,
        offset=head.offset, expires=event.expires, protected=max(event.protected, 0),
    )  # fmt: skip


def tell_link(connection: Connection, token: str, link: str) -> None:
    """Whoever shows the code shows this one instead; our own where it is empty."""
    known = _held(connection, token)
    if known is not None and not _decided(connection, token):
        _tell(connection, known.store_id, known.terminal_id, token, OutcomeRow(link=link))


def without_link(connection: Connection, now: int, limit: int) -> list[tuple[str, int]]:
    """Tokens of codes that can still be scanned and of which the terminal was told nothing yet, and when they end, in
    that order.
    """
    feed = (FEED.c.store_id == INVITATION.c.store_id) & (FEED.c.terminal_id == INVITATION.c.terminal_id)
    told = select(FEED.c.key).where(feed, FEED.c.scope == _SCOPE, FEED.c.key == INVITATION.c.token).exists()
    ends = func.max(INVITATION.c.expires)
    rows = connection.execute(
        select(INVITATION.c.token, ends)
        .where(INVITATION.c.expires > now, ~told)
        .group_by(INVITATION.c.token)
        .order_by(ends, INVITATION.c.token)
        .limit(limit)
    )
    return [(token, int(expires)) for token, expires in rows]


def _settle(connection: Connection, known: Any, token: str, person: str = "") -> str:
    """Say what becomes of an invitation, if it can be said now. Returns it; empty where it cannot. Under the locks of
    its store and of itself.

    Args:
        person: of a code that stays, whose answer it is about; everybody's, if it is empty.
    """
    if known.expires:
        first, *others = _replies(connection, token) or [None]
        for reply in others:
            # Somebody else answered before.
            _move_record(connection, known.store_id, None, reply)
        return _decide(connection, known, token, first) if first else ""
    # Each who answers a code that stays is another matter.
    replies = _replies(connection, token, person)
    states = [_decide(connection, known, _key_of(reply), reply) for reply in replies]
    return states[0] if person and states else ""


def _key_of(reply: Any) -> str:
    """By what somebody's answer to a code that stays is spoken of."""
    return f"{reply.token}:{reply.person[:_PERSON]}:{reply.at}"


def _decide(connection: Connection, known: Any, key: str, reply: Any) -> str:
    if before := _decided(connection, key):
        return before
    row = _outcome(connection, known, reply)
    _lock(connection, key)
    connection.execute(
        update(BINDING)
        .where(BINDING.c.token == key)
        .values(
            store_id=known.store_id,
            terminal_id=known.terminal_id,
            state=row.state,
            at=reply.at,
            member_id=row.member,
            guide=row.guide,
            since=row.since,
        )
    )
    _move_record(connection, known.store_id, row if row.new else None, reply)
    _tell(connection, known.store_id, known.terminal_id, key, row)
    return row.state


def _outcome(connection: Connection, known: Any, reply: Any) -> OutcomeRow:
    agreed = tuple(reply.purposes.split())
    said = {"at": max(reply.at, 0), "notice": reply.notice, "language": reply.language}
    if known.expires and reply.at > known.expires:
        return OutcomeRow(state="expired", **said)
    if Purpose.MEMBERSHIP not in agreed:
        return OutcomeRow(state="refused", **said)
    store, today = known.store_id, iso_time(reply.at, known.offset)[:10]
    member, standing = _who(connection, store, reply)
    guide, since = _owner(connection, store, member, standing)
    said |= {"staff": known.staff, "touchpoint": known.touchpoint}
    said |= {"purposes": agreed, "member": member, "seen": standing.said if standing else ()}
    contested = known.guide and guide and guide != known.guide
    if contested and known.protected and within(known.protected, since or today, today):
        return OutcomeRow(state="other_guide", guide=guide, since=since, **said)
    first = _first_binding(connection, store, member) if standing is None else None
    # The till that was told first may never say so: it is not waited for longer than a day.
    new = standing is None and (first is None or reply.at - first.at > _DAY_MS)
    if new or not guide or known.guide not in ("", guide):
        guide, since = known.guide, today
    commitment = reply.commitment if new else ""
    return OutcomeRow(state="confirmed", new=new, commitment=commitment, guide=guide, since=since, **said)


def _who(connection: Connection, store: str, reply: Any) -> tuple[str, MemberRow | None]:
    """The member that somebody is, or becomes; whoever left becomes another one."""
    where = (PERSON.c.store_id == store) & (PERSON.c.mark == reply.person)
    found = connection.execute(select(PERSON.c.member_id).where(where)).scalar()
    if found:
        said = members.said_of(connection, store, [found]).get(found)
        standing = members.standing_of(said) if said else None
        if standing is None or standing.state == "active":
            return found, standing
        connection.execute(delete(PERSON).where(where))
    # Head office may come back from before this, and then decides the same again.
    digest = hashlib.sha256(f"{store}\0{reply.person}\0{reply.token}\0{reply.at}".encode()).digest()
    member = str(uuid.UUID(bytes=digest[:16], version=4))
    connection.execute(PERSON.insert().values(mark=reply.person, store_id=store, member_id=member))
    return member, None


def _owner(connection: Connection, store: str, member: str, standing: MemberRow | None) -> tuple[str, str]:
    """Whose a member is, and since when: by the facts; before there are any, by what was decided."""
    if standing:
        return standing.guide, standing.since
    row = _first_binding(connection, store, member)
    return (row.guide, row.since) if row else ("", "")


def _first_binding(connection: Connection, store: str, member: str) -> Any:
    return connection.execute(
        select(BINDING)
        .where(BINDING.c.store_id == store, BINDING.c.member_id == member, BINDING.c.state == "confirmed")
        .order_by(BINDING.c.at, BINDING.c.token)
        .limit(1)
    ).first()


def _move_record(connection: Connection, store: str, row: OutcomeRow | None, reply: Any) -> None:
    """The record that came with an answer becomes the new member's; it is nobody's where it is not needed."""
    if not reply.commitment:
        return
    where = (
        (RECORD.c.store_id == NOWHERE)
        & (RECORD.c.member_id == reply.person)
        & (RECORD.c.commitment == reply.commitment)
    )
    found = connection.execute(select(RECORD).where(where, RECORD.c.state == KEPT)).first()
    if found is None:
        return
    if row is not None:
        vault.keep(connection, store, [Arrived(row.member, reply.commitment, bytes(found.secret), bytes(found.body))])
    vault.shred(connection, NOWHERE, reply.person, only=[reply.commitment])


def _has_left(connection: Connection, store: str, reply: Any) -> bool:
    """Whether somebody became a member by an answer and is none any more."""
    known = (PERSON.c.store_id == store) & (PERSON.c.mark == reply.person)
    if connection.execute(select(PERSON.c.mark).where(known)).first():
        return False
    return _decided(connection, _key_of(reply)) == "confirmed"


def _replies(connection: Connection, token: str, person: str = "") -> list[Any]:
    query = select(REPLY).where(REPLY.c.token == token).order_by(REPLY.c.at, REPLY.c.person)
    return list(connection.execute(query.where(REPLY.c.person == person) if person else query).all())


def _held(connection: Connection, token: str) -> Any:
    """The invitation of a token, where it is known; nobody else decides on it until the transaction ends."""
    before = _invitation(connection, token)
    if before is not None:
        hold(connection, before.store_id)
    _lock(connection, token)
    known = _invitation(connection, token)
    if before is None and known is not None:
        # It became known meanwhile.
        hold(connection, known.store_id)
    return known


def _lock(connection: Connection, key: str) -> None:
    put_if_new(
        connection, BINDING, token=key, store_id="", terminal_id="", state="", at=0, member_id="", guide="", since=""
    )
    connection.execute(select(BINDING.c.token).where(BINDING.c.token == key).with_for_update()).one()


def _invitation(connection: Connection, token: str) -> Any:
    """The invitation of a token; should two have the same, the one that was shown first."""
    return connection.execute(
        select(INVITATION)
        .where(INVITATION.c.token == token)
        .order_by(INVITATION.c.at, INVITATION.c.store_id, INVITATION.c.op)
        .limit(1)
    ).first()


def _decided(connection: Connection, token: str) -> str:
    return str(connection.execute(select(BINDING.c.state).where(BINDING.c.token == token)).scalar() or "")


def _tell_waiting(connection: Connection, known: Any, token: str) -> None:
    if known is None or not known.expires or _decided(connection, token):
        return
    first = connection.execute(
        select(func.min(SCAN.c.at)).where(SCAN.c.token == token, SCAN.c.at <= known.expires)
    ).scalar()
    if first is not None:
        _tell(connection, known.store_id, known.terminal_id, token, OutcomeRow(state="waiting", at=max(int(first), 0)))


def _tell(connection: Connection, store: str, terminal: str, token: str, row: OutcomeRow) -> None:
    feeds.change(connection, Feed(_SCOPE, store, terminal), {token: msgspec.json.encode(row).decode()})
