"""Words of the Members page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core.events import CouponGiven, Event, PointsAdjusted, Purpose, SaleCompleted
from core.members.invitation import InvitationState
from core.shop.invitations import Invitation
from core.shop.members import Member
from core.shop.rewards import Rewards
from core.texts import mark, tr

STEPS: Mapping[str, str] = {
    "member.bound": mark("Became a member"),
    "member.consent_given": mark("Agreed to"),
    "member.consent_withdrawn": mark("Agrees no more to"),
    "member.assigned": mark("Is another guide's"),
    "member.linked": mark("One person with another member, or not any more"),
    "member.corrected": mark("Record set right"),
    "member.disclosed": mark("Record seen in clear"),
    "member.erased": mark("Record deleted"),
    "points.adjusted": mark("Points"),
    "coupon.given": mark("Coupon"),
}
"""What a fact about a member is called."""

_STATES: Mapping[str, str] = {"active": mark("Member"), "left": mark("Left"), "erased": mark("Deleted")}


_INVITATIONS: Mapping[InvitationState, str] = {
    InvitationState.SHOWN: mark("Not scanned yet."),
    InvitationState.WAITING: mark("Scanned; the customer reads what they may agree to."),
    InvitationState.CONFIRMED: mark("Bound."),
    InvitationState.REFUSED: mark("The customer does not wish to. The sale goes on as it is."),
    InvitationState.EXPIRED: mark("Its time is over. F3 shows another."),
    InvitationState.OTHER_GUIDE: mark("They are a member already, and another guide's."),
    InvitationState.UNHEARD: mark("Its time is over. What became of it is known when head office can be reached."),
}


def invitation_words(shown: Invitation) -> str:
    """How a code that is shown stands."""
    return tr(_INVITATIONS[shown.state])


def points_words(sale: SaleCompleted) -> list[str]:
    """Points that were earned by a sale and used; of what came back, less."""
    earned, used = sum(line.earned for line in sale.lines), sum(line.used for line in sale.lines)
    points = [count for count in (earned, -used) if count]
    return [tr("points {points}", points=" ".join(f"{count:+,}" for count in points))] if points else []


def has_words(has: Rewards, show: Callable[[int], str]) -> str:
    """What a member has. Args: show: writes an amount."""
    found = [tr("{points} points, worth {worth}", points=f"{has.points:,}", worth=show(has.points * has.worth))]
    if not has.points:
        found = []
    coupons = [tr("Coupon: {off} off", off=show(one.off)) for one in has.coupons[:2]]
    return " · ".join((*found, *coupons)) or tr("No points, no coupons")


def state_words(member: Member) -> str:
    """How a member stands; what head office has not heard is not called done."""
    standing = member.standing
    if standing.is_active and not member.confirmed:
        return tr("Waiting")
    return tr(_STATES[standing.state])


def moment_words(event: Event, purposes: Mapping[Purpose, str]) -> str:
    """What a fact says of a member. Args: purposes: the name of each."""
    if isinstance(event, SaleCompleted):
        return " · ".join((event.receipt, *points_words(event)))
    kind = str(event.__struct_config__.tag)
    about = [tr(purposes[purpose]) for purpose in getattr(event, "purposes", ())]
    detail = " · ".join(about) or getattr(event, "reason", "")
    if isinstance(event, PointsAdjusted):
        detail = " · ".join((f"{event.points:+,}", event.reason))
    elif isinstance(event, CouponGiven):
        detail = tr("until {date}", date=event.until)
    return " · ".join(filter(None, (tr(STEPS[kind]), detail)))
