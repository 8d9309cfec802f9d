"""What a fact from the log is to head office: an event that counts, or a reason why it does not. Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import msgspec

from core import events
from core.clock import EARLIEST, LATEST
from core.credit.rules import MOST_DAYS
from core.events import (
    ConsentGiven,
    ConsentWithdrawn,
    CouponGiven,
    CreditDecided,
    Event,
    FactRehomed,
    LineKind,
    MatterSettled,
    MemberAssigned,
    MemberBound,
    MemberCorrected,
    MemberErased,
    MemberInvited,
    MemberLinked,
    PointsAdjusted,
    ProductChanged,
    SaleCompleted,
    SaleLine,
    StaffChanged,
    TerminalChecked,
    TerminalSetUp,
    UnitsChanged,
    UnknownEvent,
)
from core.members.invitation import is_token
from core.money import tax_inside
from core.rewards.rules import MOST_POINTS, read_code


class Reason(StrEnum):
    """Why a fact is not counted, or not as it says."""

    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"
    """Of a kind, or a version of one, that head office does not know yet."""
    UNFIT = "unfit"
    """It says something that cannot be: a date that is none, an amount beyond every amount."""
    OP_TAKEN = "op_taken"
    """Another fact has the same id."""
    TENDERS_DIFFER = "tenders_differ"
    TAX_DIFFERS = "tax_differs"
    """The lines of such a sale count; what else it says does not hold."""
    NOT_WHOLE = "not_whole"
    """The terminal found that something of its own is not whole."""


AFTER_A_FIX = (Reason.UNREADABLE, Reason.UNKNOWN, Reason.UNFIT)
"""What a newer head office may be able to read."""


Reasons = tuple[tuple[Reason, str], ...]

_LARGEST = 10**13
"""Minor units, pieces or ms: a million of them still fit into 64 bits."""

_LARGEST_RATE, _LARGEST_QUANTITY, _DAY_MINUTES = 10_000_000, 100_000, 1_440
_LONGEST_ID, _LONGEST = 64, 500
"""Characters: of an id, and of any other text; PostgreSQL has no keys above 2.7 kB."""

_LONGEST_SHOWN = 31 * 86_400_000
"""Ms: WeChat's codes hold for 30 days at most."""

_COUNTS = (
    SaleCompleted | ProductChanged | StaffChanged | TerminalSetUp | UnitsChanged | MatterSettled | MemberBound
    | ConsentGiven | ConsentWithdrawn | MemberAssigned | MemberCorrected | MemberErased | MemberInvited | MemberLinked
    | CreditDecided | CouponGiven | PointsAdjusted
)  # fmt: skip
"""What head office takes more than the head of."""

_DATE, _CURRENCY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII), re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of the log.

    Attributes:
        event: none where it does not count.
        digest: SHA-256 of the bytes that were recorded.
        reasons: with the detail of each.
    """

    terminal: str
    stream: str
    seq: int
    op: str
    kind: str
    at: int
    event: Event | None
    digest: bytes
    reasons: Reasons = ()


def read(terminal: str, stream: str, seq: int, raw: bytes) -> Fact:
    """Read a fact; one that was told again is what it was. Whatever it is, it stops nobody."""
    try:
        event = events.decode(raw)
        while isinstance(event, FactRehomed):
            raw = bytes(event.fact)
            event = events.decode(raw)
        head, digest = event.head, hashlib.sha256(raw).digest()
        if isinstance(event, UnknownEvent):
            reasons: Reasons = ((Reason.UNKNOWN, f"{event.kind} v{event.v}"),)
            return _set_aside((terminal, stream, seq), digest, reasons, (head.op, event.kind, head.at))
        kind = str(event.__struct_config__.tag)
        if unfit := _unfit(event):
            return _set_aside((terminal, stream, seq), digest, ((Reason.UNFIT, unfit),), (head.op, kind, head.at))
        reasons = differences(event) if isinstance(event, SaleCompleted) else ()
        if isinstance(event, TerminalChecked) and event.faults:
            reasons = ((Reason.NOT_WHOLE, _harmless("; ".join(event.faults))),)
        return Fact(terminal, stream, seq, head.op, kind, head.at, event, digest, reasons)
    except (msgspec.MsgspecError, ValueError, TypeError, KeyError, ArithmeticError, RecursionError) as error:
        reasons = ((Reason.UNREADABLE, str(error)),)
        return _set_aside((terminal, stream, seq), hashlib.sha256(raw).digest(), reasons)


def _set_aside(
    place: tuple[str, str, int], digest: bytes, reasons: Reasons, named: tuple[str, str, int] = ("", "", 0)
) -> Fact:
    op, kind, at = named
    told = tuple((reason, _harmless(detail)) for reason, detail in reasons)
    return Fact(*place, _harmless(op), _harmless(kind), at if abs(at) <= _LARGEST else 0, None, digest, told)


def _harmless(text: str) -> str:
    """A text that every database takes."""
    return text[:200].encode("utf-8", "replace").decode().replace("\0", "?")


def _unfit(event: Event) -> str:
    """What of a fact no table can hold, no sum, or no till; empty where there is nothing."""
    head = event.head
    if not 0 < len(head.op) <= _LONGEST_ID or abs(head.offset) > _DAY_MINUTES or not _is_day(head.date):
        return "head"
    unfit = _unfit_in(event)
    return unfit or _unfit_part(msgspec.to_builtins(event if isinstance(event, _COUNTS) else head))


def _unfit_in(event: Event) -> str:
    """What of a fact of its kind cannot be."""
    can_be, what = True, ""
    if isinstance(event, MemberInvited):
        can_be, what = _can_be_shown(event), "invitation"
    elif isinstance(event, MemberAssigned):
        can_be, what = not event.since or _is_day(event.since), "since"
    elif isinstance(event, TerminalSetUp):
        can_be, what = bool(_CURRENCY.fullmatch(event.currency)), event.currency or "currency"
    elif isinstance(event, PointsAdjusted):
        can_be, what = abs(event.points) < MOST_POINTS, "points"
    elif isinstance(event, CouponGiven):
        can_be, what = _is_day(event.until) and read_code(event.coupon) == event.coupon, "coupon"
    elif isinstance(event, SaleCompleted):
        coupons = [*filter(None, (event.coupon,)), *(back.coupon for back in event.coupons_back)]
        known = all(code and read_code(code) == code for code in coupons)
        can_be, what = known and all(map(_adds_up, event.lines)), "line"
    return "" if can_be else what


def _is_day(text: str) -> bool:
    """Whether a text is a business date that a till can show."""
    return bool(_DATE.fullmatch(text)) and EARLIEST <= date.fromisoformat(text).year <= LATEST


def _can_be_shown(event: MemberInvited) -> bool:
    """Whether a code is one of ours, and ends within what WeChat allows."""
    ends = not event.expires or event.expires <= event.head.at + _LONGEST_SHOWN
    return is_token(event.token) and ends and event.expires >= 0 and 0 <= event.protected <= MOST_DAYS


def _adds_up(line: SaleLine) -> bool:
    """Whether what a line multiplies and divides stays within what sums can hold."""
    quantities = abs(line.quantity) <= _LARGEST_QUANTITY
    points = max(abs(line.earned), abs(line.used)) < MOST_POINTS
    return quantities and points and 0 <= line.tax_rate <= _LARGEST_RATE and abs(line.list_price or 0) <= _LARGEST // 10


def _unfit_part(part: object) -> str:
    if isinstance(part, str):
        whole = part.isascii() or part.encode("utf-8", "replace").decode() == part
        return "" if whole and "\0" not in part and len(part) <= _LONGEST else part
    if isinstance(part, int):
        return f"{part:.3e}" if abs(part) > _LARGEST else ""
    inside = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return next((found for one in inside if (found := _unfit_part(one))), "")


def differences(sale: SaleCompleted) -> Reasons:
    """Where what a sale says does not follow from its lines."""
    found: list[tuple[Reason, str]] = []
    paid = sum(tender.amount for tender in sale.tenders)
    if paid != sale.due:
        found.append((Reason.TENDERS_DIFFER, f"{sale.receipt}: {paid} / {sale.due}"))
    for n, line in enumerate(sale.lines, 1):
        if line.kind is LineKind.SALE and line.tax != (tax := tax_inside(line.amount, line.tax_rate)):
            found.append((Reason.TAX_DIFFERS, f"{sale.receipt} {n}: {line.tax} / {tax}"))
    # One reason of a kind is enough to look at the receipt.
    return tuple({reason: (reason, detail) for reason, detail in reversed(found)}.values())
