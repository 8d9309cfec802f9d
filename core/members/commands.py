"""What a person can do about members: each makes one fact."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import RefusedError
from core.events import (
    ConsentGiven,
    ConsentWithdrawn,
    Disclosure,
    Head,
    MemberAssigned,
    MemberBound,
    MemberCorrected,
    MemberErased,
    MemberInvited,
    MemberLinked,
    Purpose,
    RecordDisclosed,
)
from core.members.consent import NOTICE, check_binding
from core.privacy import clean_words


def bind_member(
    head: Head,
    member: str,
    *,
    guide: str,
    purposes: Sequence[Purpose],
    language: str,
    commitment: str,
    notice: str = NOTICE,
    invitation: str = "",
) -> MemberBound:
    """The fact that a person agreed to be a member.

    Args:
        notice: which text they agreed to.
        invitation: token of the code by which they became one; their phone is known to be theirs then.

    Raises:
        RefusedError: `no_consent`.
    """
    check_binding(purposes)
    return MemberBound(
        head=head,
        member=member,
        guide=guide,
        purposes=list(purposes),
        notice=notice,
        language=language,
        commitment=commitment,
        verified=bool(invitation),
        invitation=invitation,
    )


def invite(head: Head, token: str, *, guide: str, language: str, expires: int, protected: int) -> MemberInvited:
    """The fact that a code was shown; the fields are those of `MemberInvited`."""
    return MemberInvited(head=head, token=token, guide=guide, language=language, expires=expires, protected=protected)


def give_consent(
    head: Head, member: str, purposes: Sequence[Purpose], language: str, seen: Sequence[str], *, notice: str = NOTICE
) -> ConsentGiven:
    """The fact that a member agreed to more. Args: seen: marks of the facts about them that are known.

    Raises:
        RefusedError: `nothing_chosen`.
    """
    _check_any(purposes)
    return ConsentGiven(
        head=head, member=member, purposes=list(purposes), notice=notice, language=language, seen=tuple(seen)
    )


def withdraw_consent(head: Head, member: str, purposes: Sequence[Purpose]) -> ConsentWithdrawn:
    """The fact that a member agrees no more.

    Raises:
        RefusedError: `nothing_chosen`.
    """
    _check_any(purposes)
    return ConsentWithdrawn(head=head, member=member, purposes=list(purposes))


def correct_member(head: Head, member: str, commitment: str, seen: Sequence[str]) -> MemberCorrected:
    """The fact that a member's record was set right. Args: seen: marks of the facts about them that are known."""
    return MemberCorrected(head=head, member=member, commitment=commitment, seen=tuple(seen))


def assign_member(
    head: Head, member: str, *, guide: str, since: str, reason: str, seen: Sequence[str]
) -> MemberAssigned:
    """The fact that a member is another guide's from now on.

    Args:
        since: business date from which they count as won by that guide.
        seen: marks of the facts about them that are known.

    Raises:
        RefusedError: `bad_reason`, `payment_code`, `card_number`.
    """
    return MemberAssigned(
        head=head, member=member, guide=guide, since=since, reason=clean_words(reason), seen=tuple(seen)
    )


def link_member(head: Head, member: str, into: str, seen: Sequence[str]) -> MemberLinked:
    """The fact that two members are one person, or two after all. Args: seen: marks of the known facts about them."""
    return MemberLinked(head=head, member=member, into=into, seen=tuple(seen))


def disclose_record(head: Head, member: str, how: Disclosure, reason: str) -> RecordDisclosed:
    """The fact that somebody saw a record in clear.

    Raises:
        RefusedError: `bad_reason`, `payment_code`, `card_number`.
    """
    return RecordDisclosed(head=head, member=member, how=how, reason=clean_words(reason))


def erase_member(head: Head, member: str) -> MemberErased:
    """The fact that a record was deleted for good."""
    return MemberErased(head=head, member=member)


def _check_any(purposes: Sequence[Purpose]) -> None:
    if not purposes:
        raise RefusedError("nothing_chosen")
