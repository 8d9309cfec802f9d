"""Who pays what, and what goes back. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from core import money
from core.errors import RefusedError
from core.events import Tender, TenderKind
from core.privacy import holds_card_number, holds_payment_code

LONGEST_REFERENCE = 64


class Payment(msgspec.Struct, frozen=True, omit_defaults=True):
    """One way of paying as it is offered.

    Attributes:
        amount: handed over (cash) or to be taken (anything else), minor units, positive; none = what is left.
        reference: number of the payment at its wallet or acquirer.
    """

    kind: TenderKind
    amount: int | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """A tender of an earlier sale on which money can go back, and how much of it is left."""

    receipt: str
    n: int
    kind: TenderKind
    left: int
    reference: str


class Settlement(msgspec.Struct, frozen=True):
    """How a total was settled. `tenders` add up to the total plus `rounding`."""

    tenders: tuple[Tender, ...]
    rounding: int = 0
    cash_given: int = 0
    change: int = 0


def rounding_of(cash_due: int, coin: int) -> int:
    """What is let go when `cash_due` is paid in cash: down only, to the smallest coin (no charge above the price)."""
    return -(cash_due % coin) if coin and cash_due > 0 else 0


_MOST_CHANGE = 10_000
"""In hundreds of minor units; whoever gives so much more typed a code."""


def settle(total: int, payments: Sequence[Payment], *, coin: int, currency: str) -> Settlement:
    """Take money for a total that is not negative.

    Args:
        total: due, minor units.
        payments: in any order; cash pays what the others leave.
        coin: smallest coin in minor units, 0 = no cash rounding.
        currency: for sentences.

    Raises:
        RefusedError: `tender_too_large`, `cash_below_total`, `cash_not_owed`, `not_paid`, or for a reference that may
            not be kept.
    """
    tenders, left = [], total
    cash = [payment for payment in payments if payment.kind is TenderKind.CASH]
    for payment in payments:
        if payment.kind is TenderKind.CASH:
            continue
        amount = left if payment.amount is None else payment.amount
        if not 0 < amount <= left:
            raise RefusedError("tender_too_large", amount=_show(amount, currency), due=_show(left, currency))
        tenders.append(Tender(kind=payment.kind, amount=amount, reference=checked_reference(payment.reference)))
        left -= amount
    if not cash:
        if left:
            raise RefusedError("not_paid", due=_show(left, currency))
        return Settlement(tuple(tenders))
    rounding = rounding_of(left, coin)
    if not left and any(payment.amount for payment in cash):
        raise RefusedError("cash_not_owed")
    left += rounding
    given = left if any(payment.amount is None for payment in cash) else sum(p.amount or 0 for p in cash)
    if given < left or any((payment.amount or 0) < 0 for payment in cash):
        raise RefusedError("cash_below_total", given=_show(given, currency), due=_show(left, currency))
    if given >= money.LARGEST:
        raise RefusedError("bad_amount", text=_show(given, currency))
    if given - left > _MOST_CHANGE * 10 ** max(money.exponent(currency), 2):
        raise RefusedError("cash_unlikely", given=_show(given, currency), due=_show(left, currency))
    if left:
        tenders.append(Tender(kind=TenderKind.CASH, amount=left))
    return Settlement(tuple(tenders), rounding, given, given - left)


def refund(total: int, ways: Sequence[Way], payments: Sequence[Payment], *, currency: str) -> Settlement:
    """Give money back for a negative total: the way it was paid, and in cash what does not fit there.

    Args:
        total: negative, minor units.
        ways: tenders of the sales that the goods came from.
        payments: where somebody decided otherwise; amounts are positive and add up to the refund.
        currency: for sentences.

    Raises:
        RefusedError: `refund_differs` when the payments do not add up to it.
    """
    left, tenders = -total, []
    if payments:
        for payment in payments:
            amount = left if payment.amount is None else payment.amount
            if not 0 < amount <= left:
                raise RefusedError("refund_differs", due=_show(-total, currency))
            tenders.append(Tender(kind=payment.kind, amount=-amount, reference=checked_reference(payment.reference)))
            left -= amount
        if left:
            raise RefusedError("refund_differs", due=_show(-total, currency))
        return Settlement(tuple(tenders))
    for way in sorted(ways, key=lambda way: way.kind is TenderKind.CASH):
        amount = min(left, way.left)
        if amount > 0:
            tenders.append(
                Tender(
                    kind=way.kind,
                    amount=-amount,
                    reference=way.reference,
                    origin=way.receipt,
                    origin_tender=way.n,
                )
            )
            left -= amount
    if left:
        tenders.append(Tender(kind=TenderKind.CASH, amount=-left))
    return Settlement(tuple(tenders))


def checked_reference(text: str) -> str:
    """A reference that may be kept.

    Raises:
        RefusedError: `bad_reference`; `payment_code_kept` and `card_number_kept` for what must never be stored.
    """
    reference = text.strip()
    if len(reference) > LONGEST_REFERENCE or not reference.isprintable():
        raise RefusedError("bad_reference")
    if holds_payment_code(reference):
        raise RefusedError("payment_code_kept")
    if holds_card_number(reference):
        raise RefusedError("card_number_kept")
    return reference


def _show(minor: int, currency: str) -> money.Amount:
    return money.Amount(minor, currency)
