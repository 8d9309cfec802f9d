"""Whose members are: given to another guide, one or all of somebody's."""

from __future__ import annotations

from functools import partial

from core.errors import RefusedError
from core.events import MemberAssigned
from core.members import commands, queries
from core.members.queries import Standing
from core.shop.members import Member, member_of, present
from core.shop.people import check_seller
from core.shop.terminal import Actor, Session
from core.staff.permissions import Permission

_AT_ONCE = 50


def assign(session: Session, by: Actor, member: str, guide: str, reason: str = "", *, anew: bool = False) -> Member:
    """Give a member to another guide; to nobody, where the guide is empty.

    Args:
        anew: they were won anew: what is credited to guides for a while begins again.

    Raises:
        RefusedError: `not_allowed`, `no_such_member`, `member_left`, `no_such_person`, `bad_reason`.
    """
    session.require(by, Permission.CREDIT)
    if guide:
        check_seller(session, guide)
    before = present(session, member)
    if guide != before.guide:
        _assign(session, by, before, guide, reason, anew=anew)
    return member_of(session, member)


def _assign(session: Session, by: Actor, before: Standing, guide: str, reason: str, *, anew: bool = False) -> None:
    since = session.today() if anew or not before.since else before.since
    seen = queries.marks_of(session.connection, before.member)
    given = partial(commands.assign_member, member=before.member, guide=guide, since=since, reason=reason, seen=seen)
    session.record(by, MemberAssigned, given)


def hand_over(session: Session, by: Actor, guide: str, to: str, reason: str = "") -> int:
    """Give members of a guide to another, some at a time. Returns how many; 0 where none is left.

    Raises:
        RefusedError: as `assign`; `bad_hand_over` to the same.
    """
    session.require(by, Permission.CREDIT)
    if guide == to:
        raise RefusedError("bad_hand_over")
    if to:
        check_seller(session, to)
    theirs = queries.owned_by(session.connection, guide, _AT_ONCE)
    for one in theirs:
        _assign(session, by, one, to, reason)
    return len(theirs)
