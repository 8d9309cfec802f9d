"""The counter: scan → price → cart → checkout, and back again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import msgspec

from core.catalogue import queries as goods
from core.catalogue.product import Product
from core.codes.feed import recall
from core.codes.gs1 import short_gtin
from core.codes.life import Unit, check_sale
from core.database import Connection
from core.errors import RefusedError
from core.events import LineKind, ReceiptReprinted, SaleCompleted, SaleLine, TenderKind
from core.ids import command_digest
from core.sales import cart as carts
from core.sales import queries as receipts
from core.sales.cart import Cart, CartLine
from core.sales.commands import complete_sale, reprint_receipt, sale_lines
from core.sales.payment import Payment, Settlement, Way, refund, settle
from core.sales.queries import ReceiptQuery, ReceiptRow
from core.sales.reading import Reading, ReadingKind, ScaleCode, read
from core.shop import credits, rewards, units
from core.shop.people import check_seller
from core.shop.prices import promoted
from core.shop.terminal import Actor, Session, View
from core.staff.permissions import Permission

_SCALE_ROUNDING = 10
_NEEDED = {
    LineKind.SALE: Permission.SELL,
    LineKind.RETURN: Permission.RETURN,
    LineKind.BLIND: Permission.BLIND_RETURN,
}
_UNKNOWN = {
    ReadingKind.PRODUCT: ("product", "unknown_product"),
    ReadingKind.OWN: ("unknown", "unknown_code"),
}
"""What a well-formed code is that the shop does not know, and why it is nothing to sell."""

_EVERY_RECEIPT = ReceiptQuery()


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scanned text is to this shop.

    Attributes:
        kind: product, unit, box, payment or unknown.
        product: where the shop knows it.
        unit: the one item that it is, where it carries a code of its own.
        reason: code of a sentence, for an unknown.
    """

    kind: str
    reading: Reading
    product: Product | None = None
    scale: ScaleCode | None = None
    reason: str = ""
    unit: Unit | None = None

    @property
    def known(self) -> bool:
        """Whether this till knows that unit; the product, where it is none."""
        if self.kind == "unit":
            return self.unit is not None and bool(self.unit.batch)
        return self.product is not None


def read_scan(view: View, text: str) -> Scan:
    """Understand a scanned or typed text, and look it up."""
    reading = read(text, view.settings["scale_codes"])
    if seen := units.recognise(view, reading):
        return _unit_scan(view, reading, seen)
    if reading.code and (product := _find(view, reading.code)):
        return Scan("product", reading, product)
    for scale in reading.scale:
        for code in dict.fromkeys((scale.item, scale.item.lstrip("0") or "0")):
            product = goods.find(view.connection, code)
            if product and (reading.kind is not ReadingKind.PAYMENT or _agree(product, scale)):
                return Scan("product", reading, product, scale)
    if reading.kind is not ReadingKind.PAYMENT and (product := _find(view, text.strip())):
        # A code of the shop's own that looks like something else.
        return Scan("product", Reading(ReadingKind.OWN, product.code), product)
    kind, reason = _UNKNOWN.get(reading.kind, (reading.kind.value, reading.reason or "no_item_in_code"))
    return Scan(kind, reading, reason=reason)


def _unit_scan(view: View, reading: Reading, seen: units.Seen) -> Scan:
    if seen.unit is None:
        kind = "unknown" if seen.reason == "damaged_link" else "unit"
        return Scan(kind, reading, reason=seen.reason)
    product = _find(view, seen.unit.gtin)
    return Scan("unit", reading, product, reason="" if product else "unknown_product", unit=seen.unit)


def _agree(product: Product, scale: ScaleCode) -> bool:
    """Whether a label's amount is its weight at today's price, to the ten minor units to which many scales round."""
    if product.price is None or scale.amount is None or scale.weight is None:
        return False
    return abs(carts.weighed(product.price, scale.weight) - scale.amount) <= _SCALE_ROUNDING


def _find(view: View, code: str) -> Product | None:
    """The product of a code; of one that Caps Lock changed, where only one product can be meant."""
    if product := goods.find(view.connection, code):
        return product
    others = {code.swapcase(), code.upper(), code.lower()} - {code}
    meant = [product for other in others if (product := goods.find(view.connection, other))]
    return meant[0] if len(meant) == 1 else None


def line_of(
    view: View, by: Actor, scan: Scan, *, quantity: int = 1, price: int | None = None, blind: bool = False
) -> CartLine:
    """The cart line that a scan stands for.

    Args:
        price: of one piece in minor units, where the catalogue has none or somebody overrides it.
        blind: it comes back without a receipt.

    Raises:
        RefusedError: the scan's reason, when it is nothing to sell; `recalled`; why a unit is not to be sold;
            `not_allowed` to override a price.
    """
    if scan.product is None:
        raise RefusedError(scan.reason, code=shown_code(scan), unit=shown_code(scan))
    product = promoted(view, scan.product)
    if price is not None and product.price not in (None, price):
        view.require(by, Permission.OVERRIDE_PRICE)
    if (scan.scale or scan.unit or scan.reading.keys.serial) and quantity != 1:
        raise RefusedError("quantity_fixed", name=scan.product.label)
    if not blind and (reason := recall(view.connection, product.code)) is not None:
        raise RefusedError("recalled", name=product.label, reason=reason)
    if scan.unit and not blind:
        check_sale(scan.unit, activation=view.settings["activation"])
    line = carts.sale_line(product, view.settings["tax_rate"], quantity)
    changes: dict[str, object] = {"serial": scan.reading.keys.serial}
    if scan.unit:
        changes = {"serial": scan.unit.serial, "unit": scan.unit.key}
    if price is not None:
        changes["list_price"] = price
    if scan.scale:
        changes["weight"] = scan.scale.weight
        if scan.scale.amount is not None:
            changes["charge"] = scan.scale.amount
            if scan.scale.weight is None:
                # The label does not say of how much goods that is the price.
                changes["list_price"] = None
        elif scan.scale.weight is not None and line.list_price is not None:
            changes["charge"] = carts.weighed(line.list_price, scan.scale.weight)
    return msgspec.structs.replace(line, **changes)


def new_cart(session: Session, seller: str = "") -> Cart:
    """An empty cart; the id of the sale that it may become is minted here.

    Raises:
        RefusedError: `bad_person`, `payment_code`; `no_such_person` where the shop has a list of people without the
            seller on it.
    """
    if seller:
        check_seller(session, seller)
    return Cart(op=session.ids.new(), seller=seller)


def checkout(
    session: Session, by: Actor, cart: Cart, payments: Sequence[Payment], *, at: int | None = None, digest: str = ""
) -> SaleCompleted:
    """Make a cart a sale. Saved when this returns; the same cart and payments again give the same sale.

    Args:
        at: when it happened, ms since the epoch; now, if not given.
        digest: of the command, where it is not the cart and the payments themselves (a replayed file).

    Raises:
        RefusedError: for a cart or payments that do not add up, a return that exceeds its receipt, `form_changed`, or
            `not_allowed`.
    """
    cart_lines = sale_lines(cart)
    for kind in {line.kind for line in cart_lines}:
        session.require(by, _NEEDED[kind])
    digest = digest or command_digest(msgspec.json.encode((cart, payments)))

    def build(connection: Connection) -> SaleCompleted:
        head = session.head(cart.op, digest, by, at)
        rewards.check_cart(session, cart)
        lines = rewards.with_points(connection, cart, cart_lines, head.date)
        number = receipts.next_receipt_number(connection, session.receipt_prefix, head.date)
        credit = credits.credit_of(connection, cart, lines, head.date)
        back = rewards.coupons_back(connection, lines)
        settled = _settle(session, lines, payments)
        return complete_sale(head, number, cart, lines, settled, credit=credit, coupons_back=back)

    return session.journal.record(cart.op, digest, SaleCompleted, build)


def _settle(session: Session, lines: Sequence[SaleLine], payments: Sequence[Payment]) -> Settlement:
    currency = session.settings.currency
    total = sum([line.amount + line.rounding for line in lines])
    if total >= 0:
        return settle(total, payments, coin=session.settings["cash_rounding"], currency=currency)
    origins = dict.fromkeys(line.origin for line in lines if line.origin)
    ways: list[Way] = [way for receipt in origins for way in receipts.ways_back(session.connection, receipt)]
    return refund(total, ways, payments, currency=currency)


def ways_back(session: Session, cart: Cart) -> tuple[tuple[TenderKind, int], ...]:
    """On which ways, and how much of it, the money of a cart that is paid back goes if nobody says otherwise; minor
    units. None where the cart cannot be settled as it is.
    """
    try:
        tenders = _settle(session, sale_lines(cart), ()).tenders
    except RefusedError:
        return ()
    return tuple((tender.kind, -tender.amount) for tender in tenders)


def find_receipts(
    view: View, query: ReceiptQuery = _EVERY_RECEIPT, before: int = 0, limit: int = 50
) -> list[ReceiptRow]:
    """Receipts, newest first.

    Args:
        before: position of the last one that is known already.
    """
    found = receipts.find_receipts(view.connection, query, before)
    if query.hour >= 0:
        found = (row for row in found if view.calendar.local(row.at).hour == query.hour)
    return list(islice(found, limit))


def receipt_of(view: View, number: str) -> SaleCompleted:
    """The sale of a receipt.

    Raises:
        RefusedError: `no_such_receipt`.
    """
    return receipts.receipt(view.connection, number)


def reprint(session: Session, by: Actor, number: str) -> tuple[SaleCompleted, ReceiptReprinted]:
    """Record one more copy of a receipt. Returns the sale and the copy.

    Raises:
        RefusedError: `no_such_receipt`, `not_allowed`.
    """
    session.require(by, Permission.REPRINT)
    event = receipts.receipt(session.connection, number)
    op = session.ids.new()
    digest = command_digest(event.receipt.encode())

    def build(connection: Connection) -> ReceiptReprinted:
        head = session.head(op, digest, by)
        return reprint_receipt(head, event.receipt, receipts.copies(connection, event.receipt))

    return event, session.journal.record(op, digest, ReceiptReprinted, build)


def shown_code(scan: Scan) -> str:
    """The code of a scan as people know it."""
    reading = scan.reading
    if scan.kind == "unit":
        return scan.unit.serial if scan.unit else (reading.keys.serial or reading.code)
    return short_gtin(reading.code) if reading.kind is ReadingKind.PRODUCT else reading.code
