"""The cart that lies on the counter: kept at every step, so that a crash takes nothing from it.

The session holds it; every step is one job on the writer's thread, so steps never overtake each other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import msgspec

from core.database import transaction
from core.errors import RefusedError
from core.events import LineKind, SaleCompleted, TenderKind
from core.reports.kpi import Figures
from core.reports.queries import figures
from core.sales import cart as carts
from core.sales.cart import Cart, CartLine
from core.sales.payment import Payment, rounding_of
from core.shop import members, returns, rewards, selling
from core.shop.rewards import NOTHING, Rewards
from core.shop.terminal import Actor, Session, View
from core.staff.permissions import Permission

_log = logging.getLogger(__name__)
_SLOT, _ASIDE = "counter", "unreadable"
_KEEP = "INSERT INTO local_cart (slot, body) VALUES (?, ?) ON CONFLICT (slot) DO UPDATE SET body = excluded.body"


@dataclass(frozen=True, slots=True)
class Counter:
    """What a till shows: the cart, and what it costs in cash.

    Attributes:
        coin: smallest coin in minor units, 0 = cash is not rounded.
        back: on which ways, and how much of it, money of a cart that is to be paid back goes; minor units.
        lost: an open cart was found that cannot be read; this one is new.
        buyer: the member who buys, masked; empty where nobody known does.
        has: what the buyer has.
    """

    cart: Cart
    coin: int
    lost: bool = False
    back: tuple[tuple[TenderKind, int], ...] = ()
    buyer: str = ""
    has: Rewards = NOTHING

    @property
    def cash_due(self) -> int:
        return self.cart.total + rounding_of(self.cart.total, self.coin)


def look(session: Session) -> Counter:
    """What lies on the counter, also after a crash; an empty cart if nothing does, or if it was sold."""
    session.cart = rewards.reward(session, _cart(session))
    found = _shown(session, session.cart)
    lost, session.cart_was_unreadable = session.cart_was_unreadable, False
    return replace(found, lost=lost)


def scan(
    session: Session, by: Actor, text: str, *, quantity: int = 1, price: int | None = None, keep_now: bool = True
) -> tuple[Counter, CartLine]:
    """Scan something onto the counter. Returns also the line that it went to.

    Args:
        price: of one piece, minor units, where the catalogue has none.
        keep_now: whether the cart is on the disk when this returns; otherwise `keep` must be the next job.

    Raises:
        RefusedError: nothing to sell, `price_unknown` or `not_allowed`; the cart stays as it is.
    """
    session.require(by, Permission.SELL)
    before = {line.n: line for line in _cart(session).lines}
    line = selling.line_of(session, by, selling.read_scan(session, text), quantity=quantity, price=price)
    counter = change(session, by, lambda cart: carts.add(cart, line), keep_now=keep_now)
    return counter, next(there for there in counter.cart.lines if before.get(there.n) != there)


def change(session: Session, by: Actor, step: Callable[[Cart], Cart], *, keep_now: bool = True) -> Counter:
    """Change the cart and keep it. One that was emptied is that of another sale.

    Raises:
        RefusedError: by the step, or `not_allowed`; the cart stays as it is.
    """
    session.require(by, Permission.SELL)
    before = _cart(session)
    after = rewards.reward(session, step(before))
    if before.lines and not after.lines:
        after = _for_another_sale(session, after)
    session.cart = after
    if keep_now:
        try:
            keep(session)
        except BaseException:
            session.cart = before
            raise
    return _shown(session, session.cart)


def set_quantity(session: Session, by: Actor, n: int, quantity: int) -> Counter:
    """Another number of pieces on one line; of goods brought back at most what the receipt has left.

    Raises:
        RefusedError: `not_allowed`, `no_such_line`, `bad_quantity`, `more_than_sold`, `quantity_fixed` for a weighed
            or serial line; the cart stays as it is.
    """
    line = _cart(session).line(n)
    if line.kind is LineKind.RETURN:
        part = returns.return_part(session, line, quantity)
        return change(session, by, lambda cart: carts.with_line(cart, part))
    return change(session, by, lambda cart: carts.with_quantity(cart, n, quantity))


def bring_back(session: Session, by: Actor, text: str) -> Counter:
    """Put one unit by its code, or all that is left of a receipt, on the counter; what stays with the customer is
    removed from it again.

    Raises:
        RefusedError: `not_allowed`, `no_such_receipt`, `nothing_left`, `unit_not_sold`; the cart stays as it is.
    """
    session.require(by, Permission.RETURN)
    lines = returns.lines_back(session, text)
    on_counter = {(line.origin, line.origin_line) for line in _cart(session).lines}
    lines = [line for line in lines if (line.origin, line.origin_line) not in on_counter]
    if not lines:
        raise RefusedError("nothing_left", receipt=text.strip()[:40])
    buyer = returns.buyer_of(session, lines)

    def add(cart: Cart) -> Cart:
        return returns.add_returns(cart if cart.member else carts.for_member(cart, *buyer), lines)

    return change(session, by, add)


def attach(session: Session, by: Actor, member: str) -> Counter:
    """The cart is that of a member; of nobody known where it is empty. Prices stay as they are.

    Raises:
        RefusedError: `not_allowed`, `no_such_member`, `member_left`; the cart stays as it is.
    """
    session.require(by, Permission.SELL)
    buyer = members.buyer(session, member) if member else ("", "", "")
    return change(session, by, lambda cart: carts.for_member(cart, *buyer))


def use_points(session: Session, by: Actor, points: int) -> Counter:
    """Use so many points of the member who buys; with 0 neither points nor a coupon.

    Raises:
        RefusedError: `not_allowed`, `points_need_member`, `no_points_yet`, `too_many_points`; the cart stays as it is.
    """
    return change(session, by, lambda cart: rewards.use_points(session, cart, points))


def use_coupon(session: Session, by: Actor, code: str) -> Counter:
    """Use a coupon.

    Raises:
        RefusedError: `not_allowed`, `no_such_coupon`, `coupon_used`, `coupon_over`, `coupon_of_another`,
            `coupon_least`; the cart stays as it is.
    """
    return change(session, by, lambda cart: rewards.use_coupon(session, cart, code))


def discount(session: Session, by: Actor, n: int, rate: int) -> Counter:
    """Take a rate (parts per million) off one line of the cart; 0 takes nothing off any more.

    Raises:
        RefusedError: `not_allowed`, `no_such_line`, `bad_discount`; the cart stays as it is.
    """
    session.require(by, Permission.DISCOUNT)
    return change(session, by, lambda cart: carts.with_discount(cart, n, rate=rate))


def keep(session: Session) -> None:
    """Put the cart on the disk, if it is not there as it is."""
    cart = _cart(session)
    if cart is not session.kept_cart:
        with transaction(session.connection):
            session.connection.execute(_KEEP, (_SLOT, msgspec.json.encode(cart)))
        session.kept_cart = cart


def pay(
    session: Session, by: Actor, op: str, payments: Sequence[Payment], seen: Cart | None = None
) -> tuple[SaleCompleted, Counter]:
    """Make the cart of that op a sale. A second press of the button gives the same sale, not another.

    Args:
        seen: the cart that stood on the screen, where there is one.

    Raises:
        RefusedError: as `selling.checkout`; `cart_changed` where another cart was seen. The cart stays as it is.
    """
    cart = _cart(session)
    if seen is not None and seen.op == cart.op and seen != cart:
        raise RefusedError("cart_changed")
    if cart.op != op:
        before = session.journal.find(op)
        if not isinstance(before, SaleCompleted):
            raise RefusedError("cart_empty")
        return before, _shown(session, cart)
    try:
        event = selling.checkout(session, by, cart, payments)
    except RefusedError:
        # Points or a coupon may take less off than when they were shown; what is paid next is right.
        session.cart = rewards.reward(session, cart)
        raise
    session.cart = None
    return event, look(session)


def today(view: View, by: Actor) -> tuple[str, Figures | None]:
    """The current business date, and its figures so far for those who may see reports."""
    date = view.today()
    return date, figures(view.connection, date) if view.allows(by, Permission.SEE_REPORTS) else None


def _cart(session: Session) -> Cart:
    if session.cart is None:
        row = session.connection.execute("SELECT body FROM local_cart WHERE slot = ?", (_SLOT,)).fetchone()
        kept = _read(session, row[0]) if row else None
        sold = kept is not None and session.journal.find(kept.op) is not None
        if kept is None or sold:
            kept = selling.new_cart(session)
        elif not kept.lines:
            kept = _for_another_sale(session, kept)
        session.cart = session.kept_cart = kept
    return session.cart


def _for_another_sale(session: Session, empty: Cart) -> Cart:
    """An empty cart under an id of its own: a copy or an older state of this home may hold the one before, and sell."""
    return msgspec.structs.replace(empty, op=session.ids.new())


def _read(session: Session, body: bytes) -> Cart | None:
    """A cart that was kept. One that cannot be read is put aside: it must not keep the till from selling."""
    try:
        return msgspec.json.decode(body, type=Cart)
    except msgspec.MsgspecError as error:
        _log.error("the open cart cannot be read and was put aside: %s", error)
        with transaction(session.connection):
            session.connection.execute(_KEEP, (_ASIDE, body))
            session.connection.execute("DELETE FROM local_cart WHERE slot = ?", (_SLOT,))
        session.cart_was_unreadable = True
        return None


def _shown(session: Session, cart: Cart) -> Counter:
    back = selling.ways_back(session, cart) if cart.total < 0 else ()
    buyer = members.shown_name(session, cart.member) if cart.member else ""
    found = rewards.rewards_of(session, cart.member, cart)
    return Counter(cart, session.settings["cash_rounding"], back=back, buyer=buyer, has=found)
