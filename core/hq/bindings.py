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
from sqlalchemy import Connection, delete, func, select

from core.clock import iso_time
from core.credit.rules import within
from core.events import MemberInvited, Purpose
from core.hq import feeds, members, vault
from core.hq.feeds import Feed
from core.hq.reading import Fact
from core.hq.schema import BINDING, FEED, INVITATION, PERSON, RECORD, REPLY, SCAN
from core.hq.streams import hold, put_if_new
from core.hq.vault import KEPT, Arrived
from core.rows import MemberRow, OutcomeRow

NOWHERE = ""
"""The store of a record whose invitation is not known yet."""

_SCOPE = "outcomes"
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
    _tell_waiting(connection, token)


def take_answer(connection: Connection, answer: Answer) -> str:
    """Keep what somebody answered; the first answer of a person stands. Returns what became of the invitation; empty
    while it is not known.
    """
    where = (REPLY.c.token == answer.token) & (REPLY.c.person == answer.person)
    if connection.execute(select(REPLY.c.at).where(where)).first():
        return decide(connection, answer.token, answer.person)
    put_if_new(
        connection, REPLY, token=answer.token, person=answer.person, at=answer.at,
        purposes=" ".join(answer.purposes), notice=answer.notice, language=answer.language,
        commitment=answer.record.commitment if answer.record else "",
    )  # fmt: skip
    if answer.record:
        vault.keep(connection, NOWHERE, [answer.record])
    return decide(connection, answer.token, answer.person)


def state_of(connection: Connection, token: str, now: int) -> str:
    """How an invitation stands: `unknown`, `open`, or what became of it."""
    row = connection.execute(select(BINDING.c.state).where(BINDING.c.token == token)).first()
    if row:
        return str(row.state)
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
        if sign > 0:
            _know(connection, store, fact, event)
            shown.append(event.token)
        else:
            where = (INVITATION.c.token == event.token) & (INVITATION.c.store_id == store)
            connection.execute(delete(INVITATION).where(where, INVITATION.c.op == fact.op))
    answered = select(REPLY.c.token).where(REPLY.c.token.in_(shown)).order_by(REPLY.c.at, REPLY.c.person)
    for token in dict.fromkeys(connection.execute(answered).scalars() if shown else ()):
        decide(connection, token)
    for token in shown:
        _tell_waiting(connection, token)


def _know(connection: Connection, store: str, fact: Fact, event: MemberInvited) -> None:
    head = event.head
    put_if_new(
        connection, INVITATION, token=event.token, store_id=store, op=fact.op, terminal_id=fact.terminal,
        guide=event.guide, staff=head.staff, touchpoint=head.touchpoint, language=event.language, at=fact.at,
        offset=head.offset, expires=event.expires, protected=max(event.protected, 0),
    )  # fmt: skip


def tell_link(connection: Connection, token: str, link: str) -> None:
    """Whoever shows the code shows this one instead."""
    known = _invitation(connection, token)
    if known is not None and not _decided(connection, token):
        _tell(connection, known.store_id, known.terminal_id, token, OutcomeRow(link=link))


def without_link(connection: Connection, now: int, limit: int) -> list[tuple[str, int]]:
    """Tokens of codes that can still be scanned and of which the terminal was told nothing yet, and when they end."""
    told = select(FEED.c.key).where(FEED.c.scope == _SCOPE)
    rows = connection.execute(
        select(INVITATION.c.token, func.max(INVITATION.c.expires))
        .where(INVITATION.c.expires > now, INVITATION.c.token.not_in(told))
        .group_by(INVITATION.c.token)
        .limit(limit)
    )
    return [(token, int(expires)) for token, expires in rows]


def decide(connection: Connection, token: str, person: str = "") -> str:
    """Say what becomes of an invitation, if it can be said now. Returns it; empty where it cannot.

    Args:
        person: who is told what became of theirs, of a code that stays.
    """
    known = _invitation(connection, token)
    if known is None:
        return ""
    replies = connection.execute(select(REPLY).where(REPLY.c.token == token).order_by(REPLY.c.at, REPLY.c.person)).all()
    hold(connection, known.store_id)
    if known.expires:
        return _decide(connection, known, token, replies[0]) if replies else ""
    # Each who answers a code that stays is another matter.
    told = {reply.person: _decide(connection, known, key_of(token, reply.person), reply) for reply in replies}
    return told.get(person, "")


def key_of(token: str, person: str) -> str:
    """By what somebody's answer to a code that stays is spoken of."""
    return f"{token}:{person[:_PERSON]}"


def _decide(connection: Connection, known: Any, token: str, reply: Any) -> str:
    if before := _decided(connection, token):
        return before
    row = _outcome(connection, known, reply)
    connection.execute(
        BINDING.insert().values(
            token=token, store_id=known.store_id, terminal_id=known.terminal_id, state=row.state, at=reply.at,
            member_id=row.member, guide=row.guide, since=row.since,
        )
    )  # fmt: skip
    _move_record(connection, known.store_id, row if row.new else None, reply)
    _tell(connection, known.store_id, known.terminal_id, token, row)
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
    if known.guide and guide and guide != known.guide and within(known.protected, since or today, today):
        return OutcomeRow(state="other_guide", guide=guide, since=since, **said)
    new = standing is None and not _bound_before(connection, store, member)
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
    member = str(uuid.uuid4())
    connection.execute(PERSON.insert().values(mark=reply.person, store_id=store, member_id=member))
    return member, None


def _owner(connection: Connection, store: str, member: str, standing: MemberRow | None) -> tuple[str, str]:
    """Whose a member is, and since when: by the facts; before there are any, by what was decided."""
    if standing:
        return standing.guide, standing.since
    row = _first_binding(connection, store, member)
    return (row.guide, row.since) if row else ("", "")


def _bound_before(connection: Connection, store: str, member: str) -> bool:
    return _first_binding(connection, store, member) is not None


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


def _tell_waiting(connection: Connection, token: str) -> None:
    known = _invitation(connection, token)
    if known is None or not known.expires or _decided(connection, token):
        return
    first = connection.execute(
        select(func.min(SCAN.c.at)).where(SCAN.c.token == token, SCAN.c.at <= known.expires)
    ).scalar()
    if first is not None:
        _tell(connection, known.store_id, known.terminal_id, token, OutcomeRow(state="waiting", at=max(int(first), 0)))


def _tell(connection: Connection, store: str, terminal: str, token: str, row: OutcomeRow) -> None:
    feeds.change(connection, Feed(_SCOPE, store, terminal), {token: msgspec.json.encode(row).decode()})
