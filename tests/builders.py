"""The only way in which tests make a shop, its goods and its sales."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import msgspec

from core.catalogue.product import Product
from core.codes.life import Unit
from core.codes.queries import Balance, Batch
from core.events import Purpose, SaleCompleted, TenderKind, UnitsChanged, UnitStep
from core.reports.kpi import Report
from core.sales import cart as carts
from core.sales.cart import Cart
from core.sales.payment import Payment
from core.shop import codes, counter, days, doctor, feeds, goods, members, people, returns, selling, setup, units
from core.shop.members import Member
from core.shop.terminal import SYSTEM, Actor, Session, Terminal
from core.wire import Page, Row, Tally, channel_name

WATER = Product("09521000000377", "云岭矿泉水", 200, 130_000, "饮料", "550ml")
RICE = Product("09521000008144", "稻香大米", 4990, 90_000, "粮油", "5kg")
SCARF = Product("09521000019980", "羊毛围巾 米色", 25900, 130_000, "服饰")
BAG = Product("BAG-L", "购物袋", 50, None, "日用")
UNPRICED = Product("09521000000742", "无价商品")
GOODS = (WATER, RICE, SCARF, BAG, UNPRICED)


@dataclass(frozen=True)
class Shop:
    """A shop that was set up."""

    terminal: Terminal

    def cart(self, *items: tuple[Product, int]) -> Cart:
        """A cart with these goods."""
        cart = self.terminal.write(selling.new_cart).result()
        for product, quantity in items:
            cart = carts.add(cart, carts.sale_line(product, 0, quantity))
        return cart

    def check_out(self, cart: Cart, *payments: Payment) -> SaleCompleted:
        """Sell a cart; exact cash if nothing else is said."""
        offered = payments or ((Payment(TenderKind.CASH),) if cart.total > 0 else ())
        return self.terminal.write(partial(selling.checkout, by=SYSTEM, cart=cart, payments=offered)).result()

    def sell(self, *items: tuple[Product, int], payments: tuple[Payment, ...] = ()) -> SaleCompleted:
        """Sell these goods."""
        return self.check_out(self.cart(*items), *payments)

    def bring_back(self, receipt: str, *items: tuple[str, int], payments: tuple[Payment, ...] = ()) -> SaleCompleted:
        """Take goods of a receipt back."""
        lines = self.terminal.write(partial(returns.return_lines, number=receipt, items=items)).result()
        cart = returns.add_returns(self.terminal.write(selling.new_cart).result(), lines)
        return self.check_out(cart, *payments)

    def issue(self, product: Product, count: int) -> tuple[Batch, list[str]]:
        """A batch of unit codes, and its serials."""
        batch = codes.issue(self.terminal, SYSTEM, product.code, count)
        return batch, self.serials(batch.name)

    def serials(self, batch: str) -> list[str]:
        """The codes of a batch in order."""
        return self.terminal.read(partial(codes.serials_of, name=batch)).result()

    def link(self, product: Product, serial: str) -> str:
        """What stands in the symbol of a unit."""
        return self.terminal.read(lambda view: codes.uri_stem(view, product.code)).result() + serial

    def scanned(self, text: str) -> selling.Scan:
        """What a text is to this shop."""
        return self.terminal.write(partial(selling.read_scan, text=text)).result()

    def unit(self, text: str) -> Unit:
        """A unit by its code."""
        return self.terminal.write(partial(units.unit_of, text=text)).result()

    def sell_codes(self, *texts: str) -> SaleCompleted:
        """Scan these onto the counter and take the money."""
        for text in texts:
            found, _ = self.terminal.write(partial(counter.scan, by=SYSTEM, text=text)).result()
        return self._paid(found)

    def bring_codes_back(self, *texts: str) -> SaleCompleted:
        """Take units back by their codes, or what is left of receipts by their numbers."""
        for text in texts:
            found = self.terminal.write(partial(counter.bring_back, by=SYSTEM, text=text)).result()
        return self._paid(found)

    def bring_back_blindly(self, text: str) -> SaleCompleted:
        """Take something back without a receipt."""
        line = self.terminal.write(partial(returns.blind_return_line, by=SYSTEM, text=text)).result()
        return self.check_out(returns.add_returns(self.terminal.write(selling.new_cart).result(), [line]))

    def empty_counter(self) -> None:
        """The customer leaves everything where it is."""
        step = partial(counter.change, by=SYSTEM, step=lambda cart: msgspec.structs.replace(cart, lines=()))
        self.terminal.write(step).result()

    def _paid(self, found: counter.Counter) -> SaleCompleted:
        payments = (Payment(TenderKind.CASH),) if found.cart.total > 0 else ()
        pay = partial(counter.pay, by=SYSTEM, op=found.cart.op, payments=payments)
        return self.terminal.write(pay).result()[0]

    def say(self, step: UnitStep, *texts: str, reason: str = "") -> UnitsChanged:
        """Say something of units."""
        return self.terminal.write(partial(units.say, by=SYSTEM, texts=texts, step=step, reason=reason)).result()

    def say_of(self, batch: str, step: UnitStep) -> None:
        """Say something of a batch, or of a part of it."""
        self.terminal.write(partial(codes.say_of_batch, by=SYSTEM, text=batch, step=step)).result()

    def mark_printed(self, batch: str, start: int, count: int) -> None:
        """Labels of a batch came out."""
        mark = partial(codes.mark_printed, by=SYSTEM, batch=batch, start=start, count=count, medium="pdf")
        self.terminal.write(mark).result()

    def balance(self, batch: str) -> Balance:
        """What a batch adds up to."""
        return self.terminal.write(partial(codes.batch_row, name=batch)).result().balance

    def bind(
        self, phone: str, *, purposes: tuple[Purpose, ...] = tuple(Purpose), at: int | None = None, **more: str
    ) -> Member:
        """Somebody becomes a member."""
        form = members.Form(self.terminal.ids.new(), phone, purposes, **more)
        return self.terminal.write(partial(members.bind, by=SYSTEM, form=form, at=at)).result()

    def pay_counter(self) -> SaleCompleted:
        """Take the money for what lies on the counter."""
        return self._paid(self.terminal.write(counter.look).result())

    def report(self) -> Report:
        """Today's figures."""
        return self.terminal.read(lambda view: days.day_report(view, SYSTEM)).result()

    def diagnosis(self, *, full: bool = False) -> doctor.Diagnosis:
        """What the doctor says."""
        return self.terminal.read(partial(doctor.examine, full=full)).result()

    def hear(self, scope: str, **bodies: object) -> None:
        """Head office says this to the store under these keys, and nothing else in that scope."""
        rows = [Row(key, msgspec.json.encode(body).decode()) for key, body in bodies.items()]
        tally = Tally()
        for row in rows:
            tally.change(row.key, "", row.body)
        channel, digest = channel_name(scope, "store"), tally.digest.hex()
        page = Page(channel=channel, whole=True, rows=rows, cursor="1", count=len(rows), digest=digest, time=0)
        assert feeds.take_in(self.terminal, page)

    def set(self, name: str, value: str) -> None:
        """Change a setting."""
        self.terminal.write(partial(setup.change_setting, by=SYSTEM, name=name, value=value)).result()

    def hire(self, id_: str, role: str, name: str = "") -> Actor:
        """Somebody begins to work here."""
        self.terminal.write(partial(people.change, by=SYSTEM, id_=id_, name=name or id_, role=role)).result()
        return Actor(id_)


def set_up_shop(
    terminal: Terminal,
    *,
    store: str = "S1",
    name: str = "T1",
    currency: str = "CNY",
    timezone: str = "Asia/Shanghai",
    products: tuple[Product, ...] = GOODS,
) -> Shop:
    """A shop with goods, in an open home."""

    def prepare(session: Session) -> None:
        setup.set_up(session, SYSTEM, store=store, terminal=name, name="杨柳巷", currency=currency, timezone=timezone)
        for product in products:
            goods.set_product(session, SYSTEM, product)

    terminal.write(prepare).result()
    return Shop(terminal)
