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


def state_words(member: Member) -> str:
    """How a member stands; what head office has not heard is not called done."""
    standing = member.standing
    if standing.is_active and not member.confirmed:
        return tr("Waiting")
    return tr(_STATES[standing.state])


def moment_words(event: Event, purposes: Mapping[Purpose, str], show: Callable[[int], str]) -> str:
    """What a fact says of a member. Args: purposes: the name of each; show: writes an amount."""
    if isinstance(event, SaleCompleted):
        # Without the till: there is room for the points.
        number = event.receipt.partition("-")[2] or event.receipt
        return " · ".join(filter(None, (number, _points(sum(line.earned - line.used for line in event.lines)))))
    if isinstance(event, PointsAdjusted):
        return " · ".join(filter(None, (tr("Points"), _points(event.points), event.reason)))
    if isinstance(event, CouponGiven):
        return tr("Coupon −{off}", off=show(event.off))
    kind = str(event.__struct_config__.tag)
    about = [tr(purposes[purpose]) for purpose in getattr(event, "purposes", ())]
    detail = " · ".join(about) or getattr(event, "reason", "")
    return " · ".join(filter(None, (tr(STEPS[kind]), detail)))


def _points(points: int) -> str:
    return f"{points:+,}" if points else ""


def has_words(has: Rewards, show: Callable[[int], str]) -> str:
    """What a member has. Args: show: writes an amount."""
    found = [tr("{points} points", points=f"{has.points:,}")] if has.points else []
    found += [tr("Coupon −{off}", off=show(one.off)) for one in has.coupons[:1]]
    found += [f"+{len(has.coupons) - 1}"] if len(has.coupons) > 1 else []
    return " · ".join(found) or tr("No points, no coupons")
