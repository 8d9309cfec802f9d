"""The cart: frozen, pure, and always right to the fen.

A cart line names an item; what is charged for it follows from its numbers and is never stored twice.
"""

from __future__ import annotations

import msgspec

from core import money
from core.catalogue.product import Product
from core.errors import RefusedError
from core.events import LineKind

LARGEST_QUANTITY = 9_999
MOST_LINES = 300
MOST_BYTES = 96 * 1024
"""Of a cart as it is kept; a fact of it then stays well below its own limit, whatever the goods are called."""


class CartLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a cart.

    Attributes:
        n: number of the line in its cart, from 1; never given twice.
        quantity: pieces; negative on a return.
        list_price: minor units of one piece; none = unknown.
        charge: of the whole line where it is not price × quantity: a scale's code, a replayed file, a returned part.
        discount: taken off, minor units; used where `discount_rate` is 0.
        discount_rate: parts per million taken off.
        given_tax: of the line where it does not follow from the rate: a returned part of a taxed line.
        rounding: of a return: its share of its sale's cash rounding, taken back.
        off: taken off by points and a coupon, besides the discount; minor units.
        used: points that took it off.
    """

    n: int
    kind: LineKind = LineKind.SALE
    code: str
    name: str
    quantity: int = 1
    list_price: int | None = None
    charge: int | None = None
    discount: int = 0
    discount_rate: int = 0
    tax_rate: int = 0
    given_tax: int | None = None
    rounding: int = 0
    serial: str = ""
    unit: str = ""
    weight: int | None = None
    origin: str = ""
    origin_line: int = 0
    off: int = 0
    used: int = 0

    @property
    def gross(self) -> int:
        """Before discount."""
        return self.charge if self.charge is not None else (self.list_price or 0) * self.quantity

    @property
    def taken_off(self) -> int:
        """The discount in minor units, with what points and a coupon take off."""
        return (money.share(self.gross, self.discount_rate) if self.discount_rate else self.discount) + self.off

    @property
    def amount(self) -> int:
        """What is charged."""
        if self.charge is None and not self.discount_rate:
            return (self.list_price or 0) * self.quantity - self.discount - self.off
        return self.gross - self.taken_off

    @property
    def tax(self) -> int:
        """Tax contained in `amount`."""
        return self.tax_in(self.amount)

    def tax_in(self, amount: int) -> int:
        """Tax contained in what is charged, where that is at hand already."""
        if self.given_tax is not None:
            return self.given_tax
        return money.tax_inside(amount, self.tax_rate) if self.tax_rate else 0


class Cart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What lies on the counter. `op` is the id of the command that it will become, minted when it was opened.

    Attributes:
        points: so many the member wants to use; how many they can follows from the goods.
        coupon: code of the coupon that was shown; `coupon_off` is what it takes off, minor units.
    """

    op: str
    lines: tuple[CartLine, ...] = ()
    last_n: int = 0
    seller: str = ""
    member: str = ""
    member_guide: str = ""
    member_since: str = ""
    points: int = 0
    coupon: str = ""
    coupon_off: int = 0

    @property
    def total(self) -> int:
        """Due, before what is paid now is rounded; negative = to be paid back."""
        return sum(line.amount + line.rounding for line in self.lines)

    @property
    def tax(self) -> int:
        return sum(line.tax for line in self.lines)

    @property
    def discount(self) -> int:
        return sum(line.taken_off for line in self.lines)

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def used(self) -> int:
        """Points that are used."""
        return sum(line.used for line in self.lines)

    def line(self, n: int) -> CartLine:
        """The line of that number.

        Raises:
            RefusedError: `no_such_line`.
        """
        for line in self.lines:
            if line.n == n:
                return line
        raise RefusedError("no_such_line", n=n)


def sale_line(product: Product, default_tax_rate: int, quantity: int = 1) -> CartLine:
    """A line that sells a product at its price."""
    return CartLine(
        n=0,
        code=product.code,
        name=product.label,
        quantity=quantity,
        list_price=product.price,
        tax_rate=product.tax_rate if product.tax_rate is not None else default_tax_rate,
    )


def weighed(price_per_kg: int, grams: int) -> int:
    """What goods sold by weight cost."""
    return money.round_div(price_per_kg * grams, 1000)


def add(cart: Cart, line: CartLine) -> Cart:
    """The cart with one more line, or with the quantity of a like line raised: same item, same price, nothing special.

    Raises:
        RefusedError: `price_unknown`, `bad_quantity`, `cart_full`, `unit_in_cart`.
    """
    if line.unit and any(there.unit == line.unit for there in cart.lines):
        raise RefusedError("unit_in_cart", unit=line.serial)
    if line.list_price is None and line.charge is None:
        raise RefusedError("price_unknown", name=line.name)
    for there in cart.lines:
        if _alike(there, line):
            return with_quantity(cart, there.n, there.quantity + line.quantity)
    _check_quantity(line.quantity if line.kind is LineKind.SALE else -line.quantity)
    added = msgspec.structs.replace(line, n=cart.last_n + 1)
    more = msgspec.structs.replace(cart, lines=(*cart.lines, added), last_n=added.n)
    if len(more.lines) > MOST_LINES or len(msgspec.json.encode(more)) > MOST_BYTES:
        raise RefusedError("cart_full")
    return more


def with_quantity(cart: Cart, n: int, quantity: int) -> Cart:
    """The cart with another quantity on one line.

    Raises:
        RefusedError: `no_such_line`, `bad_quantity`, `quantity_fixed` for a weighed, serial or returned line.
    """
    _check_quantity(quantity)
    line = cart.line(n)
    if line.charge is not None or line.serial or line.kind is LineKind.RETURN:
        raise RefusedError("quantity_fixed", name=line.name)
    signed = quantity if line.kind is LineKind.SALE else -quantity
    changed = msgspec.structs.replace(line, quantity=signed)
    if changed.discount > changed.gross and line.kind is LineKind.SALE:
        changed = msgspec.structs.replace(changed, discount=0)
    return _with(cart, changed)


def with_discount(cart: Cart, n: int, *, amount: int = 0, rate: int = 0) -> Cart:
    """The cart with a discount on one line, as an amount or as a rate; 0 takes it away.

    Raises:
        RefusedError: `no_such_line`, `bad_discount` when it exceeds the line or the line is a return.
    """
    line = cart.line(n)
    if line.kind is not LineKind.SALE or not 0 <= amount <= line.gross or not 0 <= rate <= money.RATE_UNIT:
        raise RefusedError("bad_discount", name=line.name)
    return _with(cart, msgspec.structs.replace(line, discount=amount, discount_rate=rate))


def with_line(cart: Cart, changed: CartLine) -> Cart:
    """The cart with another line in the place of the one of that number.

    Raises:
        RefusedError: `no_such_line`.
    """
    cart.line(changed.n)
    return _with(cart, changed)


def without(cart: Cart, n: int) -> Cart:
    """The cart without one line.

    Raises:
        RefusedError: `no_such_line`.
    """
    gone = cart.line(n)
    return msgspec.structs.replace(cart, lines=tuple(line for line in cart.lines if line is not gone))


def for_member(cart: Cart, member: str, guide: str, since: str = "") -> Cart:
    """The cart of a member, who was won by a guide; of nobody known where they are empty.

    Args:
        since: business date from which the member is that guide's.
    """
    points = cart.points if member == cart.member else 0
    return msgspec.structs.replace(cart, member=member, member_guide=guide, member_since=since, points=points)


def _alike(there: CartLine, line: CartLine) -> bool:
    plain = there.kind is line.kind is LineKind.SALE and there.charge is line.charge is None and not line.unit
    same = (there.code, there.list_price, there.serial, line.serial) == (line.code, line.list_price, "", "")
    return plain and same and not there.discount and not there.discount_rate


def _with(cart: Cart, changed: CartLine) -> Cart:
    return msgspec.structs.replace(cart, lines=tuple(changed if line.n == changed.n else line for line in cart.lines))


def _check_quantity(quantity: int) -> None:
    if not 1 <= quantity <= LARGEST_QUANTITY:
        raise RefusedError("bad_quantity", quantity=quantity, most=LARGEST_QUANTITY)
