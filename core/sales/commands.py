"""What a person can do at the counter: each makes one fact."""

from __future__ import annotations

from core import money
from core.errors import RefusedError
from core.events import Head, LineKind, ReceiptReprinted, SaleCompleted, SaleLine
from core.sales.cart import Cart, CartLine
from core.sales.payment import Settlement


def check_cart(cart: Cart) -> None:
    """Refuse a cart that cannot become a sale.

    Raises:
        RefusedError: `cart_empty`, `bad_line`, `total_too_large`.
    """
    if not cart.lines:
        raise RefusedError("cart_empty")
    for line in cart.lines:
        sign = 1 if line.kind is LineKind.SALE else -1
        if line.quantity * sign < 1 or line.amount * sign < 0 or line.taken_off < 0:
            raise RefusedError("bad_line", name=line.name)
        if line.charge is None and line.list_price is None:
            raise RefusedError("price_unknown", name=line.name)
    if abs(cart.total) >= money.LARGEST:
        raise RefusedError("total_too_large")


def complete_sale(head: Head, receipt: str, cart: Cart, settlement: Settlement) -> SaleCompleted:
    """The fact that a checked cart was settled."""
    return SaleCompleted(
        head=head,
        receipt=receipt,
        lines=[_line(line) for line in cart.lines],
        tenders=list(settlement.tenders),
        rounding=settlement.rounding,
        cash_given=settlement.cash_given,
        change=settlement.change,
        seller=cart.seller,
        member=cart.member,
        member_guide=cart.member_guide,
    )


def reprint_receipt(head: Head, receipt: str, copies_before: int) -> ReceiptReprinted:
    """The fact that one more copy of a receipt was printed."""
    return ReceiptReprinted(head=head, receipt=receipt, copy=copies_before + 1)


def _line(line: CartLine) -> SaleLine:
    return SaleLine(
        kind=line.kind,
        code=line.code,
        name=line.name,
        quantity=line.quantity,
        list_price=line.list_price,
        discount=line.taken_off,
        amount=line.amount,
        tax_rate=line.tax_rate,
        tax=line.tax,
        rounding=line.rounding,
        serial=line.serial,
        weight=line.weight,
        origin=line.origin,
        origin_line=line.origin_line,
    )
