"""Facts about members. Nothing of a person is part of one: a member is an id, and a record elsewhere."""

from __future__ import annotations

from enum import StrEnum

from core.events.base import Event, fact, version


class Purpose(StrEnum):
    """What somebody agrees to, each on its own."""

    MEMBERSHIP = "membership"
    """To be recognised here, and what goes with it."""
    CONTACT = "contact"
    """To be written to or called by the guide."""
    MARKETING = "marketing"
    """To get offers."""


class Disclosure(StrEnum):
    """How a member's record was seen."""

    SHOWN = "shown"
    EXPORTED = "exported"


@fact
class MemberInvited(Event, frozen=True, kw_only=True, omit_defaults=True, tag="member.invited"):
    """A code was shown by which a person can become a member with their own phone.

    Attributes:
        token: what the code carries: random, nothing of a person.
        guide: who shows it; empty for nobody.
        language: in which it was shown.
        expires: ms since the epoch, by head office's clock as far as it is known; 0 for a code that stays, on a shelf
            or a guide's badge, for anybody who comes by.
        protected: for so many days after somebody was won, nobody else can win them (`CreditRuleSet`).
    """

    v: int = version(1)
    token: str
    guide: str = ""
    language: str
    expires: int
    protected: int = 0


@fact
class MemberBound(Event, frozen=True, kw_only=True, omit_defaults=True, tag="member.bound"):
    """A person agreed to be a member.

    Attributes:
        guide: who won them; empty for nobody.
        purposes: what they agreed to; membership is always one.
        notice, language: which text they agreed to, and in which language they read it.
        commitment: SHA-256 of their record, which lies beside the facts and is deleted when they ask for it;
            hexadecimal. The record holds 16 random bytes: nothing can be guessed from the commitment.
        verified: the phone is known to be theirs.
        invitation: token of the code by which they became one.
    """

    v: int = version(1)
    member: str
    guide: str = ""
    purposes: list[Purpose]
    notice: str
    language: str
    commitment: str
    verified: bool = False
    invitation: str = ""


@fact
class ConsentGiven(Event, frozen=True, kw_only=True, omit_defaults=True, tag="member.consent_given"):
    """A member agreed to more; `notice` and `language` as in `MemberBound`.

    Attributes:
        seen: the facts about them that were known then (`core.rows.op_mark`): what was taken back by one of these is
            given anew, whatever the clocks say; what was taken back by another stays so.
    """

    v: int = version(1)
    member: str
    purposes: list[Purpose]
    notice: str
    language: str
    seen: tuple[str, ...] = ()


@fact
class ConsentWithdrawn(Event, frozen=True, kw_only=True, omit_defaults=True, tag="member.consent_withdrawn"):
    """A member agrees no more. Who withdraws from membership leaves; their record goes with it."""

    v: int = version(1)
    member: str
    purposes: list[Purpose]


@fact
class MemberCorrected(Event, frozen=True, kw_only=True, omit_defaults=True, tag="member.corrected"):
    """A member's record was set right; `commitment` is that of the new one, `seen` as in `ConsentGiven`."""

    v: int = version(1)
    member: str
    commitment: str
    seen: tuple[str, ...] = ()


@fact
class MemberAssigned(Event, frozen=True, kw_only=True, omit_defaults=True, tag="member.assigned"):
    """A member is another guide's from now on.

    Attributes:
        guide: whose; empty for nobody's.
        since: business date from which they count as won by that guide; of a member who was handed over, that of the
            guide before.
        reason: in words.
        seen: as in `ConsentGiven`.
    """

    v: int = version(1)
    member: str
    guide: str
    since: str
    reason: str = ""
    seen: tuple[str, ...] = ()


@fact
class MemberLinked(Event, frozen=True, kw_only=True, omit_defaults=True, tag="member.linked"):
    """Two members are one person; or, after that, are not.

    Attributes:
        member: whoever is known by the other from now on; all that was said of them stays theirs.
        into: the other; empty where they are two people after all.
        seen: as in `ConsentGiven`.
    """

    v: int = version(1)
    member: str
    into: str
    seen: tuple[str, ...] = ()


@fact
class RecordDisclosed(Event, frozen=True, kw_only=True, omit_defaults=True, tag="member.disclosed"):
    """Somebody saw a member's record in clear; `reason` in their words."""

    v: int = version(1)
    member: str
    how: Disclosure
    reason: str = ""


@fact
class MemberErased(Event, frozen=True, kw_only=True, omit_defaults=True, tag="member.erased"):
    """A member's record was deleted for good, and with it all that they agreed to."""

    v: int = version(1)
    member: str
