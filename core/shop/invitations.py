"""People who become members with their own phones: a code is shown, and head office tells what became of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from core.credit.queries import rule_on
from core.database import Connection
from core.errors import RefusedError
from core.events import ConsentGiven, Head, MemberAssigned, MemberBound, MemberInvited, Purpose
from core.ids import command_digest, replay_id
from core.members import commands, queries
from core.members.invitation import DECIDED, VALID_MS, InvitationState, link_of, new_token
from core.members.queries import Invited
from core.rows import OutcomeRow, read
from core.shop.people import check_seller
from core.shop.terminal import Actor, Session, View
from core.shop.touchpoints import at_touchpoint
from core.staff.permissions import Permission
from core.sync import feeds
from core.sync.hq import known_hq
from core.texts import DEFAULT_LANGUAGE

STATES = frozenset({"", "waiting", "confirmed", "refused", "expired", "other_guide"})
"""What head office says of an invitation; nothing where it only gives a link."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A code that was shown.

    Attributes:
        link: what stands in it.
        expires: ms since the epoch, by this terminal's clock.
        member: who it was, once that is known.
    """

    token: str
    state: InvitationState
    link: str
    at: int
    expires: int
    guide: str
    member: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it can still be answered, as far as it is known here."""
        return self.state in (InvitationState.SHOWN, InvitationState.WAITING)

    @property
    def is_decided(self) -> bool:
        """Whether it is known here what became of it."""
        return self.state in DECIDED


def invite(
    session: Session,
    by: Actor,
    op: str,
    *,
    guide: str = "",
    language: str = DEFAULT_LANGUAGE,
    touchpoint: str = "",
    valid_ms: int = VALID_MS,
) -> Invitation:
    """Show a code. Saved when this returns; the same op again gives the same code.

    Args:
        valid_ms: for so long it can be scanned.

    Raises:
        RefusedError: `not_allowed`, `no_hq` where nobody could answer it; `no_such_person`, `no_such_touchpoint`.
    """
    session.require(by, Permission.BIND)
    if guide:
        check_seller(session, guide)
    if touchpoint:
        by = at_touchpoint(session, by, touchpoint)
    hq = known_hq(session.connection)
    if hq is None:
        raise RefusedError("no_hq")
    digest = command_digest(f"{guide} {language} {touchpoint}".encode())
    now = session.clock.now_ms()

    def build(connection: Connection) -> MemberInvited:
        return commands.invite(
            session.head(op, digest, by, now),
            new_token(session.settings["store"], session.ids.entropy),
            guide=guide,
            language=language,
            expires=now + hq.clock_offset + valid_ms,
            protected=rule_on(connection, session.today()).protected,
        )

    return state_of(session, session.journal.record(op, digest, MemberInvited, build).token)


def standing_code(session: Session, by: Actor, *, touchpoint: str = "counter", guide: str = "") -> Invitation:
    """The code that stays at a touchpoint, or with a guide; made when it is first asked for.

    Raises:
        RefusedError: `not_allowed`, `no_hq`, `no_such_person`, `no_such_touchpoint`.
    """
    session.require(by, Permission.BIND)
    known = queries.standing_code(session.connection, touchpoint, guide)
    if known is not None:
        return _shown(session, known)
    if guide:
        check_seller(session, guide)
    at = at_touchpoint(session, by, touchpoint)
    if known_hq(session.connection) is None:
        raise RefusedError("no_hq")
    token = new_token(session.settings["store"], session.ids.entropy)
    protected = rule_on(session.connection, session.today()).protected
    made = partial(commands.invite, token=token, guide=guide, language=DEFAULT_LANGUAGE, expires=0, protected=protected)
    session.record(at, MemberInvited, made)
    return state_of(session, token)


def state_of(view: View, token: str) -> Invitation:
    """A code that was shown here, as it stands.

    Raises:
        RefusedError: `no_such_invitation`.
    """
    known = queries.invited(view.connection, token)
    if known is None:
        raise RefusedError("no_such_invitation")
    return _shown(view, known)


def all_invitations(view: View, by: Actor) -> list[Invitation]:
    """Every code that was shown here, the newest first.

    Raises:
        RefusedError: `not_allowed`.
    """
    view.require(by, Permission.SEE_MEMBERS)
    return [_shown(view, one) for one in queries.all_invitations(view.connection)]


def invitations(view: View, by: Actor, guide: str, date: str = "") -> list[Invitation]:
    """The codes that somebody showed on a business date, the newest first.

    Raises:
        RefusedError: `not_allowed` to look at another's.
    """
    if guide != by.staff:
        view.require(by, Permission.SEE_REPORTS)
    return [_shown(view, one) for one in queries.invitations(view.connection, guide, date or view.today())]


def _shown(view: View, known: Invited) -> Invitation:
    row = read(feeds.said(view.connection, "outcomes", known.token), OutcomeRow) or OutcomeRow()
    hq = known_hq(view.connection)
    expires = known.expires - (hq.clock_offset if hq else 0)
    if not known.expires:
        return Invitation(
            known.token,
            InvitationState.SHOWN,
            link_of(view.settings["resolver"], known.token),
            known.at,
            0,
            known.guide,
        )
    if known.member:
        state = InvitationState.CONFIRMED
    elif row.state and row.state != InvitationState.WAITING:
        state = InvitationState(row.state)
    elif view.clock.now_ms() <= expires:
        state = InvitationState(row.state or "shown")
    else:
        # Head office may have heard of an answer in time that was not heard of here.
        state = InvitationState.EXPIRED if hq and hq.contact > expires else InvitationState.UNHEARD
    link = row.link or link_of(view.settings["resolver"], known.token)
    member = known.member or row.member
    return Invitation(known.token, state, link, known.at, expires, known.guide, member)


def take_outcomes(session: Session, rows: Mapping[str, OutcomeRow | None]) -> None:
    """What head office says of invitations becomes facts: who agreed is a member from now on, or agreed to more. Inside
    the caller's transaction.
    """
    for token, row in rows.items():
        if row and row.member and row.state in (InvitationState.CONFIRMED, InvitationState.OTHER_GUIDE):
            _take(session, token, row)


def catch_up(session: Session, members: Collection[str]) -> None:
    """Members became known here of whom head office had said before that they answered a code of this terminal. Inside
    the caller's transaction.
    """
    for token, body in feeds.rows(session.connection, "outcomes").items():
        row = read(body, OutcomeRow)
        if row and row.member in members:
            # What cannot hold of it must not keep members from being known.
            with suppress(RefusedError):
                take_outcomes(session, {token: row})


def _take(session: Session, token: str, row: OutcomeRow) -> None:
    # Not as this terminal knows the code: it may be an older copy of the one that showed it.
    by = Actor(row.staff, row.touchpoint)
    before = queries.standing(session.connection, row.member)
    if row.new:
        if before is None:
            _say(session, by, token, row, MemberBound)
    elif before is not None and before.is_active:
        if set(row.purposes) - set(before.purposes):
            _say(session, by, token, row, ConsentGiven)
        if row.state == InvitationState.CONFIRMED and row.guide not in ("", before.guide):
            _say(session, by, token, row, MemberAssigned)


Said = type[MemberBound] | type[ConsentGiven] | type[MemberAssigned]


def _say(session: Session, by: Actor, token: str, row: OutcomeRow, kind: Said) -> None:
    """One fact, under an id and a time that follow from the invitation: told again, it is the same."""
    op = replay_id(session.settings["store"], f"{kind.__struct_config__.tag} {token}")
    if session.journal.find(op) is not None:
        return
    digest = command_digest(token.encode())
    head = session.head(op, digest, by, row.at)
    session.journal.record(op, digest, kind, lambda _: _fact(head, token, row, kind))


def _fact(head: Head, token: str, row: OutcomeRow, kind: Said) -> MemberBound | ConsentGiven | MemberAssigned:
    purposes: Sequence[Purpose] = [Purpose(one) for one in row.purposes]
    if kind is MemberBound:
        return commands.bind_member(
            head, row.member, guide=row.guide, purposes=purposes, language=row.language, commitment=row.commitment,
            notice=row.notice, invitation=token.partition(":")[0],
        )  # fmt: skip
    if kind is ConsentGiven:
        return commands.give_consent(head, row.member, purposes, row.language, row.seen, notice=row.notice)
    return commands.assign_member(head, row.member, guide=row.guide, since=row.since, reason="", seen=row.seen)
