"""Goods that come back: by receipt, by their own code, or without either."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from core.catalogue.product import product_code
from core.codes.life import UnitState, check_return
from core.errors import RefusedError
from core.events import LineKind, SaleCompleted
from core.sales import cart as carts
from core.sales import queries as receipts
from core.sales.cart import Cart, CartLine
from core.shop.selling import line_of, read_scan, shown_code
from core.shop.terminal import Actor, View
from core.staff.permissions import Permission


def return_lines(view: View, number: str, items: Sequence[tuple[str, int]] = ()) -> list[CartLine]:
    """Lines that bring goods of a receipt back: the given codes and counts, or all that is left of it.

    Raises:
        RefusedError: `no_such_receipt`, `not_on_receipt`, `more_than_sold`, `bad_quantity`, `nothing_left`.
    """
    event = receipts.receipt(view.connection, number)
    sold = receipts.sold_lines(view.connection, event.receipt)
    if not items:
        lines = [_return_line(event, line, line.left) for line in sold if line.left]
        if not lines:
            raise RefusedError("nothing_left", receipt=event.receipt)
        return lines
    asked_of: dict[str, int] = {}
    lines = []
    for text, asked in items:
        code, unit = _code_of(view, text)
        if unit:
            lines.append(_unit_line(event, sold, unit, text, asked))
            continue
        if not any(line.code == code for line in sold):
            raise RefusedError("not_on_receipt", code=text, receipt=event.receipt)
        if asked < 1:
            raise RefusedError("bad_quantity", quantity=asked, most=carts.LARGEST_QUANTITY)
        asked_of[code] = asked_of.get(code, 0) + asked
    for code, asked in asked_of.items():
        rows = [line for line in sold if line.code == code and not event.lines[line.n - 1].unit]
        if not rows:
            raise RefusedError("unit_asked", code=code)
        left = sum(line.left for line in rows)
        if asked > left:
            raise RefusedError("more_than_sold", name=rows[0].name, sold=sum(line.quantity for line in rows), left=left)
        open_count = asked
        for row in rows:
            taken = min(open_count, row.left)
            open_count -= taken
            if taken:
                lines.append(_return_line(event, row, taken))
    return lines


def _unit_line(event: SaleCompleted, sold: Sequence[receipts.SoldLine], unit: str, text: str, asked: int) -> CartLine:
    for line in sold:
        if event.lines[line.n - 1].unit == unit:
            if asked != 1:
                raise RefusedError("quantity_fixed", name=line.name)
            if not line.left:
                raise RefusedError("more_than_sold", name=line.name, sold=1, left=0)
            return _return_line(event, line, 1)
    raise RefusedError("not_on_receipt", code=text[:40], receipt=event.receipt)


def lines_back(view: View, text: str) -> list[CartLine]:
    """Lines that bring back one unit by its code, or all that is left of the receipt of that number.

    Raises:
        RefusedError: as `return_lines`; `unit_not_sold`, `unit_bought_elsewhere`, or why the code cannot be trusted.
    """
    scan = read_scan(view, text)
    if scan.kind != "unit":
        return return_lines(view, text)
    if scan.unit is None:
        raise RefusedError(scan.reason, unit=shown_code(scan))
    if scan.unit.elsewhere and scan.unit.state is UnitState.SOLD:
        till, receipt = scan.unit.elsewhere.till, scan.unit.elsewhere.receipt
        raise RefusedError("unit_bought_elsewhere", unit=scan.unit.serial, till=till, receipt=receipt)
    if not scan.unit.receipt:
        raise RefusedError("unit_not_sold", unit=scan.unit.serial)
    return return_lines(view, scan.unit.receipt, [(scan.unit.key, 1)])


def buyer_of(view: View, lines: Sequence[CartLine]) -> tuple[str, str, str]:
    """The member who bought what comes back, whose they were, and since when; empty where nobody known did."""
    origin = next((line.origin for line in lines if line.origin), "")
    sale = receipts.receipt(view.connection, origin) if origin else None
    return (sale.member, sale.member_guide, sale.member_since) if sale else ("", "", "")


def return_part(view: View, line: CartLine, count: int) -> CartLine:
    """A line that brings goods of a receipt back, of another number of pieces.

    Raises:
        RefusedError: `no_such_receipt`, `bad_quantity`, `more_than_sold`.
    """
    event = receipts.receipt(view.connection, line.origin)
    sold = next(sold for sold in receipts.sold_lines(view.connection, line.origin) if sold.n == line.origin_line)
    if count < 1:
        raise RefusedError("bad_quantity", quantity=count, most=sold.left)
    if count > sold.left:
        raise RefusedError("more_than_sold", name=sold.name, sold=sold.quantity, left=sold.left)
    return msgspec.structs.replace(_return_line(event, sold, count), n=line.n)


def blind_return_line(view: View, by: Actor, text: str, quantity: int = 1, price: int | None = None) -> CartLine:
    """A line that takes goods back without a receipt, at today's price or a given one.

    Raises:
        RefusedError: as `line_of`; `bad_quantity`; `unit_on_receipt` for a unit whose receipt is known.
    """
    view.require(by, Permission.BLIND_RETURN)
    if not 1 <= quantity <= carts.LARGEST_QUANTITY:
        raise RefusedError("bad_quantity", quantity=quantity, most=carts.LARGEST_QUANTITY)
    scan = read_scan(view, text)
    if scan.scale and quantity != 1:
        raise RefusedError("quantity_fixed", name=shown_code(scan))
    if scan.unit:
        check_return(scan.unit, "")
        if scan.unit.receipt:
            raise RefusedError("unit_on_receipt", unit=scan.unit.serial, receipt=scan.unit.receipt)
        if quantity != 1:
            raise RefusedError("quantity_fixed", name=shown_code(scan))
    line = line_of(view, by, scan, price=price, blind=True)
    charge = -line.charge * quantity if line.charge is not None else None
    return msgspec.structs.replace(line, kind=LineKind.BLIND, quantity=-quantity, charge=charge)


def add_returns(cart: Cart, lines: Sequence[CartLine]) -> Cart:
    """The cart with lines that bring goods back.

    Raises:
        RefusedError: as `cart.add`.
    """
    for line in lines:
        cart = carts.add(cart, line)
    return cart


def _return_line(event: SaleCompleted, sold: receipts.SoldLine, count: int) -> CartLine:
    original = event.lines[sold.n - 1]
    amount, tax, rounding = sold.part(count)
    return CartLine(
        n=0,
        kind=LineKind.RETURN,
        code=original.code,
        name=original.name,
        quantity=-count,
        list_price=original.list_price,
        charge=-amount,
        given_tax=-tax,
        rounding=-rounding,
        tax_rate=original.tax_rate,
        serial=original.serial,
        unit=original.unit,
        origin=event.receipt,
        origin_line=sold.n,
    )


def _code_of(view: View, text: str) -> tuple[str, str]:
    """The code of a product, and the key of the unit where the text means one."""
    scan = read_scan(view, text)
    if scan.unit:
        return scan.unit.gtin, scan.unit.key
    return scan.product.code if scan.product else scan.reading.code or product_code(text), ""
