"""What happens on the Sell page: intents come in, use cases go out, states come back."""

from __future__ import annotations

from functools import partial

from core import money
from core.catalogue.product import Product
from core.errors import RefusedError, StoreError
from core.events import SaleCompleted, TenderKind
from core.rewards.rules import read_code
from core.sales import cart as carts
from core.sales.cart import Cart, CartLine
from core.sales.payment import Payment, checked_reference
from core.shop import counter, goods
from core.shop.counter import Counter
from core.texts import sentence, tr
from ui.presenter import Place
from ui.sell import answers
from ui.sell.state import WAY_KEYS, WAYS, Ask, AskKind, Tone, Verdict, shown_code
from ui.sell.steps import Steps

_LONGEST_ENTRY = 40
_MOST_FOUND = 50


class SellPresenter(Steps):
    """Runs the counter. Args: place: where it stands."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._scans = 0

    def start(self) -> None:
        """Show what lies on the counter, and the day so far."""
        self._tasks.db(counter.look, self._on_found, self._on_failed)
        self._refresh_day()

    def visit(self, what: object = None) -> None:
        """Somebody comes back: with a receipt's number, of which goods come back, or a member whose cart it is."""
        if isinstance(what, str):
            self._bring_back(what)
        elif isinstance(what, Counter):
            self._take(what, answers.bought_by(what, self.state.currency), self.state.selected)

    def find_member(self) -> None:
        """Somebody says who they are; what was paid already is theirs, whoever they are."""
        if self.may_leave():
            self.wanted.emit("members", None)

    def refresh(self) -> None:
        """The shop's settings have changed: coin and day may be others."""
        self._tasks.db(counter.look, self._on_looked_again, self._on_failed)
        self._refresh_day()

    def forget_words(self) -> None:
        """Another language is spoken; a question stays open, but what was said is not said any more."""
        if not self.state.payments and (self.state.ask is None or self._asks(AskKind.ALL)):
            super()._show(ask=None, verdict=answers.ready())

    def scan(self, text: str) -> bool:
        """Something was scanned, or its code was typed; a receipt or a reference, where one is asked for."""
        receipt = self._asks(AskKind.RECEIPT)
        if self.state.ask and self.state.ask.payment:
            self._offer(self.state.ask.payment, text)
            return True
        if read_code(text) and self.may_leave():
            use = partial(counter.use_coupon, by=self.by, code=text)
            self._tasks.db(use, partial(self._on_changed, answers.rewarded), partial(self._on_no_coupon, text))
            return True
        return self._scan(text, receipt=receipt)

    def _scan(self, text: str, *, receipt: bool = False) -> bool:
        self._show(entry="", ask=None, change=None, found=(), row=0)
        if receipt:
            self._bring_back(text)
        else:
            self._scans += 1
            scan = partial(counter.scan, by=self.by, text=text, keep_now=False)
            self._tasks.db(scan, self._on_scanned, partial(self._on_scan_failed, text, self._scans))
        return True

    def press(self, key: str) -> None:
        """A key of the pad: digits, `.`, or a letter of a code; where ways to pay are offered, the number of one."""
        if self.state.choosing:
            if key in WAY_KEYS:
                self.pay_by(WAYS[WAY_KEYS.index(key)])
        elif len(self.state.entry) + len(key) <= _LONGEST_ENTRY:
            going_on = self._asks(AskKind.ALL) or self._asks(AskKind.PAID)
            self._show(entry=self.state.entry + key, change=None, ask=None if going_on else self.state.ask)
            self._search()

    def erase(self) -> None:
        """Take the last character back."""
        self._show(entry=self.state.entry[:-1])
        self._search()

    def find(self) -> None:
        """Look for goods by what was typed, and by whatever is typed from now on."""
        verdict = answers.which_item()
        self._show(ask=Ask(AskKind.GOODS), choosing=False, change=None, found=(), row=0, verdict=verdict)
        self._search()

    def step(self, by: int) -> None:
        """The line, or the found item, so many places further down."""
        if self.state.finding:
            self._show(row=max(0, min(self.state.row + by, len(self.state.found) - 1)))
            return
        numbers = [line.n for line in self.state.cart.lines]
        place = numbers.index(self.state.selected) + by if self.state.selected in numbers else -1
        if 0 <= place < len(numbers):
            self.select(numbers[place])

    def take(self, row: int) -> None:
        """The found item in that row is what was meant."""
        if 0 <= row < len(self.state.found):
            self.scan(self.state.found[row].shown_code)

    def clear(self) -> None:
        """Forget what was typed, asked and offered; then ask whether to forget the whole cart, and what was paid."""
        state = self.state
        idle = not (state.entry or state.ask or state.choosing or state.change is not None)
        if state.payments and not self._asks(AskKind.PAID):
            self._show(entry="", choosing=False, ask=Ask(AskKind.PAID), verdict=answers.take_back())
            return
        if idle and state.cart.lines and not state.payments:
            self._show(entry="", choosing=False, ask=Ask(AskKind.ALL), verdict=answers.forget_all())
            return
        self._show(
            entry="", ask=None, choosing=False, payments=(), change=None, found=(), row=0, verdict=answers.ready()
        )

    def enter(self) -> None:
        """What was typed is the answer to what was asked, or else a code."""
        entry, ask = self.state.entry, self.state.ask
        if ask and ask.kind is AskKind.REFERENCE:
            self._offer(ask.payment, entry)
        elif ask and ask.kind is AskKind.QUANTITY:
            self.set_quantity()
        elif ask and ask.kind is AskKind.DISCOUNT:
            self.set_discount()
        elif ask and ask.kind is AskKind.REWARD:
            self._reward(entry or self._whole_reward())
        elif self.state.finding:
            # What is typed may be ahead of what was found.
            if self.state.found_for == entry:
                self.take(self.state.row)
        elif not entry:
            return
        elif ask and ask.kind is AskKind.PRICE:
            self._price(ask.text, entry)
        else:
            self.scan(entry)

    def select(self, n: int) -> None:
        """The next step is about that line."""
        self._show(selected=n)

    def set_quantity(self) -> None:
        """What was typed is the quantity of the selected line."""
        if not self.state.entry:
            self._ask(AskKind.QUANTITY, tr("How many?"))
            return
        entry = self.state.entry
        quantity = int(entry) if entry.isascii() and entry.isdigit() else 0
        self._change(partial(counter.set_quantity, n=self.state.selected, quantity=quantity))

    def set_discount(self) -> None:
        """What was typed is the discount of the selected line, in percent."""
        if not self.state.entry:
            self._ask(AskKind.DISCOUNT, tr("How many percent off?"))
            return
        entry = self.state.entry
        try:
            rate = money.parse_rate(f"{entry}%")
        except RefusedError as refused:
            self._on_failed(refused)
            return
        self._change(partial(counter.discount, n=self.state.selected, rate=rate))

    def reward(self) -> None:
        """What was typed are the points that the member uses, or a coupon; otherwise it is asked for."""
        if self.state.entry and not self._asks(AskKind.GOODS):
            self._reward(self.state.entry)
        elif self.state.cart.lines:
            verdict = answers.which_reward(self.state.has, self.state.currency)
            self._show(ask=Ask(AskKind.REWARD), entry="", choosing=False, change=None, verdict=verdict)

    def _reward(self, text: str) -> None:
        if text.isascii() and text.isdecimal():
            self._change(partial(counter.use_points, points=int(text)), answers.rewarded)
        elif text:
            self._change(partial(counter.use_coupon, code=text), answers.rewarded)

    def _whole_reward(self) -> str:
        """As many points as can be used; else a coupon of theirs."""
        has = self.state.has
        return str(has.usable) if has.usable else next((one.code for one in has.coupons), "")

    def remove(self) -> None:
        """Take the selected line away."""
        if self._asks(AskKind.ALL):
            self._change(partial(counter.change, step=lambda cart: Cart(op=cart.op, seller=cart.seller)))
            return
        n = self.state.selected
        if n:
            self._change(partial(counter.change, step=lambda cart: carts.without(cart, n)))

    def bring_back(self) -> None:
        """What was typed is a receipt of which goods come back; otherwise it is asked for."""
        if self.state.entry:
            self._bring_back(self.state.entry)
            return
        self._show(ask=Ask(AskKind.RECEIPT), choosing=False, change=None, verdict=answers.which_receipt())

    def note(self, minor: int) -> None:
        """A bank note was tapped: it is added to what was typed."""
        typed = self._amount(self.state.entry) if self.state.entry else 0
        if typed is not None:
            self._show(entry=money.format_amount(typed + minor, self.state.currency, grouped=False))

    def choose_way(self) -> None:
        """Offer the ways to pay besides cash, or no longer."""
        if self.state.left > 0 and not self.state.paying:
            self._show(choosing=not self.state.choosing, ask=None)

    def pay_by(self, kind: TenderKind) -> None:
        """Take what was typed, or all that is left, by a way other than cash; its number is asked for."""
        amount = self._amount(self.state.entry) if self.state.entry else self.state.left
        if amount is None:
            return
        due, typed = (money.Amount(minor, self.state.currency) for minor in (self.state.left, amount))
        if not 0 < amount <= self.state.left:
            self._on_failed(RefusedError("tender_too_large", amount=typed, due=due))
            return
        ask, verdict = Ask(AskKind.REFERENCE, payment=Payment(kind, amount)), answers.which_reference(kind, typed)
        self._show(entry="", choosing=False, ask=ask, verdict=verdict)

    def pay_cash(self) -> None:
        """Take cash: what was typed, or exactly what is due."""
        if self._asks(AskKind.REFERENCE):
            # The payment that is asked about is the one that is meant.
            self.enter()
            return
        if self._asks(AskKind.PRICE) or (self.state.ask and self.state.entry):
            # Whatever is asked about would be left out of the sale.
            self._show(verdict=answers.not_yet())
            return
        if not self.state.cart.lines and self.state.change is not None:
            # Once more, by mistake: the change is still to be read.
            return
        given = self._amount(self.state.entry) if self.state.entry else self.state.cash_due
        if given is not None:
            cash = (Payment(TenderKind.CASH, given),) if self.state.left > 0 else ()
            self._pay((*self.state.payments, *cash))

    def _offer(self, payment: Payment | None, reference: str) -> None:
        assert payment
        if (payment.amount or 0) > self.state.left:
            # The cart has changed since.
            self.clear()
            return
        try:
            payment = Payment(payment.kind, payment.amount, checked_reference(reference))
        except RefusedError as refused:
            self._show(entry="")
            self._on_failed(refused)
            return
        payments = (*self.state.payments, payment)
        self._show(entry="", ask=None, payments=payments)
        if not self.state.left:
            self._pay(payments)
            return
        self._show(verdict=answers.still_due(money.Amount(self.state.left, self.state.currency)))

    def _pay(self, payments: tuple[Payment, ...]) -> None:
        if self.state.paying:
            return
        self._show(paying=True, choosing=False, ask=None)
        cart = self.state.cart
        pay = partial(counter.pay, by=self.by, op=cart.op, payments=payments, seen=cart)
        self._tasks.db(pay, partial(self._on_paid, self.state.entry), self._on_pay_failed)

    def _price(self, text: str, entry: str) -> None:
        price = self._amount(entry)
        if price is not None and price < 0:
            self._on_failed(RefusedError("bad_price"))
        elif price:
            not_done = partial(self._on_not_done, entry, self.state.ask)
            self._show(entry="", ask=None)
            scan = partial(counter.scan, by=self.by, text=text, price=price)
            self._tasks.db(scan, self._on_scanned, not_done)

    def _bring_back(self, number: str) -> None:
        if not self.may_leave():
            return
        not_done = partial(self._on_not_done, self.state.entry, self.state.ask)
        self._show(entry="", ask=None, change=None)
        self._tasks.db(partial(counter.bring_back, by=self.by, text=number), self._on_brought_back, not_done)

    def _search(self) -> None:
        if self.state.finding:
            text = self.state.entry
            search = partial(goods.search_products, text=text, limit=_MOST_FOUND)
            self._tasks.read(search, partial(self._on_found_goods, text), self._on_failed)

    def _on_found_goods(self, text: str, found: list[Product]) -> None:
        # What was typed meanwhile is looked for already.
        if self.state.finding and text == self.state.entry:
            self._show(found=tuple(found), found_for=text, row=0)

    def _on_found(self, found: Counter) -> None:
        lines = found.cart.lines
        self._take(found, answers.opened(found), lines[-1].n if lines else 0)

    def _on_scanned(self, result: tuple[Counter, CartLine]) -> None:
        found, line = result
        detail = tr("{code} · {quantity} in the cart", code=shown_code(line), quantity=line.quantity)
        verdict = Verdict(Tone.GOOD, tr("Added: {name}", name=line.name), detail, self._show_amount(line.amount))
        self._take(found, verdict, line.n)
        # The line is seen while it goes to the disk; where that fails it is taken back, and said so.
        self._tasks.db(counter.keep, lambda _: None, self._on_not_kept)

    def _on_scan_failed(self, text: str, number: int, error: StoreError) -> None:
        # Whoever scanned something else since would answer the wrong question.
        if error.code == "price_unknown" and number == self._scans:
            ask = tr("Type the price of one and press Enter.")
            self._show(ask=Ask(AskKind.PRICE, text), verdict=Verdict(Tone.WARN, sentence(error), ask))
        else:
            self._on_failed(error)

    def _on_no_coupon(self, text: str, error: StoreError) -> None:
        if error.code == "no_such_coupon":
            # Goods may have a code of that shape.
            self._scan(text)
        else:
            self._on_failed(error)

    def _on_not_kept(self, error: StoreError) -> None:
        self._on_failed(error)
        self._tasks.db(counter.look, self._on_looked_again, self._on_failed)

    def _on_looked_again(self, found: Counter) -> None:
        self._take(found, self.state.verdict, found.cart.lines[-1].n if found.cart.lines else 0)

    def _on_brought_back(self, found: Counter) -> None:
        self._take(found, answers.brought_back(), found.cart.lines[-1].n)

    def _on_paid(self, given: str, result: tuple[SaleCompleted, Counter]) -> None:
        event, found = result
        # What was typed meanwhile is for the next customer.
        entry = self.state.entry.removeprefix(given)
        self._show(paying=False, entry=entry, payments=(), change=abs(event.change if event.due > 0 else event.due))
        self._take(found, answers.paid(event, self.state.currency), 0)
        self._refresh_day()

    def _on_pay_failed(self, error: StoreError) -> None:
        self._show(paying=False)
        self._on_failed(error)
        # What it costs may not be what it did.
        self._tasks.db(counter.look, self._on_looked_again, self._on_failed)
