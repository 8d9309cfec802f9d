"""What a person can do at the counter: each makes one fact."""

from __future__ import annotations

from core import money
from core.errors import RefusedError
from core.events import CouponBack, CreditPart, Head, LineKind, ReceiptReprinted, SaleCompleted, SaleLine
from core.sales.cart import Cart, CartLine
from core.sales.payment import Settlement


def sale_lines(cart: Cart) -> list[SaleLine]:
    """The lines of a cart as they will be recorded.

    Raises:
        RefusedError: `cart_empty`, `bad_line`, `price_unknown`, `total_too_large`, for what cannot become a sale.
    """
    if not cart.lines:
        raise RefusedError("cart_empty")
    lines, total = [], 0
    for in_cart in cart.lines:
        line = _line(in_cart)
        sign = 1 if line.kind is LineKind.SALE else -1
        if line.quantity * sign < 1 or line.amount * sign < 0 or line.discount < 0:
            raise RefusedError("bad_line", name=line.name)
        if line.list_price is None and in_cart.charge is None:
            raise RefusedError("price_unknown", name=line.name)
        lines.append(line)
        total += line.amount
    if abs(total) >= money.LARGEST:
        raise RefusedError("total_too_large")
    return lines


def complete_sale(
    head: Head,
    receipt: str,
    cart: Cart,
    lines: list[SaleLine],
    settlement: Settlement,
    *,
    credit: tuple[tuple[CreditPart, ...], str] = ((), ""),
    coupons_back: tuple[CouponBack, ...] = (),
) -> SaleCompleted:
    """The fact that a cart, with its `sale_lines`, was settled.

    Args:
        credit: the parts of those who are credited, and the name of the rule.
        coupons_back: of sales of which everything has come back with this.
    """
    parts, rule = credit
    return SaleCompleted(
        head=head,
        receipt=receipt,
        lines=lines,
        tenders=list(settlement.tenders),
        rounding=settlement.rounding,
        cash_given=settlement.cash_given,
        change=settlement.change,
        seller=cart.seller,
        member=cart.member,
        member_guide=cart.member_guide,
        member_since=cart.member_since,
        credits=parts,
        credit_rule=rule,
        coupon=cart.coupon if cart.coupon_off else "",
        coupons_back=coupons_back,
    )


def reprint_receipt(head: Head, receipt: str, copies_before: int) -> ReceiptReprinted:
    """The fact that one more copy of a receipt was printed."""
    return ReceiptReprinted(head=head, receipt=receipt, copy=copies_before + 1)


def _line(line: CartLine) -> SaleLine:
    amount = line.amount
    return SaleLine(
        kind=line.kind,
        code=line.code,
        name=line.name,
        quantity=line.quantity,
        list_price=line.list_price,
        discount=line.taken_off,
        amount=amount,
        tax_rate=line.tax_rate,
        tax=line.tax_in(amount),
        rounding=line.rounding,
        serial=line.serial,
        unit=line.unit,
        weight=line.weight,
        origin=line.origin,
        origin_line=line.origin_line,
        used=line.used,
    )
