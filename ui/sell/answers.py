"""What the counter says: the verdicts of its steps."""

from __future__ import annotations

from core.errors import BrokenWorldError, StoreError
from core.events import SaleCompleted, TenderKind
from core.money import Amount, format_amount
from core.sales.cart import Cart
from core.sales.receipt import TENDER_NAMES
from core.shop.counter import Counter
from core.shop.rewards import Rewards
from core.texts import sentence, tr
from ui.sell.state import Tone, Verdict


def ready() -> Verdict:
    """Nothing was done yet."""
    return Verdict(Tone.CALM, tr("Ready to scan"), tr("Scan goods, or type a code and press Enter."))


def opened(found: Counter) -> Verdict:
    """Somebody came to the counter, and this lay on it."""
    if found.lost:
        return Verdict(Tone.WARN, tr("The open cart cannot be read"), tr("It was put aside. Scan the goods again."))
    if found.cart.lines:
        return Verdict(Tone.WARN, tr("This cart was still open"), tr("Go on with it, or remove its lines."))
    return ready()


def paid(event: SaleCompleted, currency: str) -> Verdict:
    """Money was taken, or given back."""
    title = tr("Paid. Change {amount}", amount=format_amount(event.change, currency))
    if event.due < 0:
        ways = ", ".join(tr(TENDER_NAMES[tender.kind]) for tender in event.tenders)
        title = tr("Paid back {amount}: {ways}", amount=format_amount(-event.due, currency), ways=ways)
    detail = tr("Receipt {receipt} · saved", receipt=event.receipt)
    return Verdict(Tone.GOOD, title, detail, format_amount(event.due, currency))


def take_back() -> Verdict:
    """Whether what was paid already is to be forgotten."""
    detail = tr("Esc once more takes it back. Give it back to the customer.")
    return Verdict(Tone.WARN, tr("A part is paid already"), detail)


def paid_in_part() -> Verdict:
    """Something can be done only when the payment is finished."""
    return Verdict(Tone.WARN, tr("A part is paid already"), tr("Finish this payment first, or take it back with Esc."))


def which_reference(kind: TenderKind, amount: Amount) -> Verdict:
    """A payment's number is asked for."""
    title = tr("{way} {amount}: which reference?", way=tr(TENDER_NAMES[kind]), amount=amount)
    return Verdict(Tone.WARN, title, tr("From the payment's slip, never a card's number. Enter alone for none."))


def still_due(amount: Amount) -> Verdict:
    """A part was paid."""
    title = tr("{amount} is still to be paid", amount=amount)
    return Verdict(Tone.WARN, title, tr("Take the rest in cash or another way."))


def bought_by(found: Counter, currency: str) -> Verdict:
    """It is known who buys."""
    has = found.has
    detail = tr("The sale is theirs; prices are the same.")
    if has.points > 0 or has.coupons:
        detail = " · ".join((*_what_they_have(has, currency), tr("F7 uses it")))
    return Verdict(Tone.GOOD, tr("Member: {member}", member=found.buyer), detail)


def changed(_: Counter, __: str) -> Verdict:
    """Something of the cart is otherwise now."""
    return Verdict(Tone.GOOD, tr("Changed"))


def rewarded(found: Counter, currency: str) -> Verdict:
    """Points or a coupon take something off now."""
    cart = found.cart
    if not cart.used and not cart.coupon_off:
        return changed(found, currency)
    words = reward_words(cart, currency)
    off = sum(line.off for line in cart.lines)
    return Verdict(Tone.GOOD, " · ".join(words), "", format_amount(-off, currency))


def reward_words(cart: Cart, currency: str) -> list[str]:
    """What is used of points and coupons."""
    found = [tr("{points} points used", points=f"{cart.used:,}")] if cart.used else []
    return found + ([tr("Coupon −{off}", off=format_amount(cart.coupon_off, currency))] if cart.coupon_off else [])


def which_reward(has: Rewards, currency: str) -> Verdict:
    """Points or a coupon are asked for."""
    if not has.usable and not has.coupons:
        return Verdict(Tone.WARN, tr("Which coupon?"), tr("Scan its code, or type it and press Enter."))
    title = tr("How many points? At most {most}", most=f"{has.usable:,}") if has.usable else tr("Use the coupon?")
    said = _what_they_have(has, currency)
    said.append(tr("Enter alone takes it, 0 takes nothing; or scan a coupon"))
    return Verdict(Tone.WARN, title, " · ".join(said))


def _what_they_have(has: Rewards, currency: str) -> list[str]:
    found = []
    if has.points > 0:
        worth = format_amount(has.points * has.worth, currency)
        found.append(tr("{points} points, worth {worth}", points=f"{has.points:,}", worth=worth))
    if has.coupons:
        found.append(tr("Coupon: {off} off", off=format_amount(has.coupons[0].off, currency)))
    return found


def forget_all() -> Verdict:
    """Whether the whole cart is to be forgotten."""
    return Verdict(Tone.WARN, tr("Forget this sale?"), tr("Del forgets all of it; anything else goes on."))


def not_yet() -> Verdict:
    """A question is open that the sale would pass over."""
    return Verdict(Tone.WARN, tr("Answer this first"), tr("Type it and press Enter, or press Esc."))


def which_item() -> Verdict:
    """Goods are looked for."""
    return Verdict(Tone.WARN, tr("Which item?"), tr("Type a part of its code, or the initials of its name."))


def which_receipt() -> Verdict:
    """Goods come back."""
    return Verdict(Tone.WARN, tr("Which receipt?"), tr("Scan its code, or type its number and press Enter."))


def brought_back() -> Verdict:
    """They are on the counter."""
    detail = tr("Remove what stays with the customer, then give the money back with F12.")
    return Verdict(Tone.GOOD, tr("Items to return"), detail)


def failed(error: StoreError) -> Verdict:
    """A step was refused, or the world is broken."""
    if isinstance(error, BrokenWorldError):
        return Verdict(Tone.BAD, tr("Not saved"), sentence(error))
    return Verdict(Tone.WARN, tr("Not possible"), sentence(error))
