"""The work that is interrupted: a till that sells, takes goods back and scans onto its counter, through the real code.

Which steps it takes, its clock and its ids follow from a seed: two recordings of one seed make the same writes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec

from core.events import SaleCompleted, TenderKind
from core.ids import IdSource
from core.sales import cart as carts
from core.sales.cart import Cart
from core.sales.payment import Payment
from core.shop import counter, goods, returns, selling, setup
from core.shop.terminal import SYSTEM, Session, Terminal
from tests.builders import BAG, GOODS, RICE, SCARF, WATER
from tests.clock import StandingClock
from tests.faults.history import Baseline, Lines, Tell, Told, told_of
from tests.faults.seeded import Bug, install

_PRICED = (WATER, RICE, SCARF, BAG)
_CARD = Payment(TenderKind.CARD, reference="POS-7")
_CASH = Payment(TenderKind.CASH)
_FULL_COUNTER = 3
_SALE = "sale.completed"


class Till:
    """A till at work.

    Args:
        folder: its home.
        seed: of what it does.
        tell: takes each line.
        bug: seeded into it.
        pause: seconds that a seeded bug waits in its window.
        checkpoint: pages of the log after which SQLite moves them into the file; none = SQLite's default.
    """

    def __init__(
        self,
        folder: Path,
        seed: str,
        tell: Tell,
        *,
        bug: Bug | None = None,
        pause: float = 0,
        checkpoint: int | None = None,
    ) -> None:
        self._folder = folder
        self._chance = random.Random(f"{seed} steps")
        self._entropy = random.Random(f"{seed} ids")
        self._tell = tell
        self._bug = bug
        self._pause = pause
        self._checkpoint = checkpoint
        self._clock = StandingClock()
        self._receipts: list[SaleCompleted] = []
        self._terminal = self._open()

    def close(self) -> None:
        """As a program ends that was not interrupted."""
        self._terminal.close()

    def set_up(self) -> None:
        """Make an empty home a shop with goods."""
        self._tell(Told(saved=False, kind="terminal.set_up"))
        use_case = partial(
            setup.set_up, by=SYSTEM, store="S1", terminal="T1", name="杨柳巷", currency="CNY", timezone="Asia/Shanghai"
        )
        self._saved(told_of(self._terminal.write(use_case).result()))
        for product in GOODS:
            self._tell(Told(saved=False, kind="product.changed"))
            self._saved(told_of(self._terminal.write(partial(goods.set_product, by=SYSTEM, product=product)).result()))

    def step(self) -> None:
        """Do one thing."""
        self._clock.go(minutes=self._chance.randrange(40))
        steps = (self._sell, self._bring_back, self._scan, self._pay, self._look, self._reopen)
        self._chance.choices(steps, (50, 12, 22, 8, 5, 3))[0]()

    def baseline(self) -> Baseline:
        """What the home holds now. The log is moved into the file, so that the folder can be copied after `close`."""

        def look(session: Session) -> Baseline:
            (busy, *_) = session.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            assert not busy
            last = session.connection.execute("SELECT position, hash FROM journal ORDER BY position DESC").fetchone()
            kept = session.connection.execute("SELECT body FROM local_cart WHERE slot = 'counter'").fetchone()
            return Baseline(*(last or ()), cart=msgspec.json.decode(kept[0], type=Cart) if kept else None)

        return self._terminal.write(look).result()

    def fill_counter(self) -> None:
        """Leave something on the counter."""
        self._scan()

    def _open(self) -> Terminal:
        terminal = Terminal(self._folder, clock=self._clock)
        terminal.ids = IdSource(self._clock.now_ms, self._entropy.randbytes)
        if self._checkpoint is not None:
            pragma = f"PRAGMA wal_autocheckpoint={self._checkpoint}"
            terminal.write(lambda session: session.connection.execute(pragma).fetchall()).result()
        if self._bug:
            terminal.write(partial(install, bug=self._bug, tell=self._tell, pause=self._pause)).result()
        return terminal

    def _saved(self, told: Told) -> None:
        if self._bug is not Bug.SAVED_BEFORE_COMMIT or told.kind != _SALE:
            self._tell(told)

    def _check_out(self, cart: Cart, payments: Sequence[Payment]) -> SaleCompleted:
        self._tell(Told(saved=False, kind=_SALE, op=cart.op, net=cart.total, lines=_lines(cart)))
        event = self._terminal.write(partial(selling.checkout, by=SYSTEM, cart=cart, payments=payments)).result()
        self._saved(told_of(event))
        return event

    def _sell(self) -> None:
        cart = self._terminal.write(selling.new_cart).result()
        for product in self._chance.sample(_PRICED, self._chance.randint(1, len(_PRICED))):
            cart = carts.add(cart, carts.sale_line(product, 0, self._chance.randint(1, 3)))
        if self._chance.random() < 0.2:
            cart = carts.with_discount(cart, cart.lines[0].n, rate=100_000)
        payments = self._chance.choice(((_CASH,), (_CARD,), (Payment(TenderKind.WECHAT, 20, "W-1"), _CASH)))
        self._receipts.append(self._check_out(cart, payments))

    def _bring_back(self) -> None:
        if not self._receipts:
            self._sell()
            return
        sold = self._receipts.pop(self._chance.randrange(len(self._receipts)))
        items = [(sold.lines[0].code, 1)] if self._chance.random() < 0.5 else []
        lines = self._terminal.write(partial(returns.return_lines, number=sold.receipt, items=items)).result()
        cart = returns.add_returns(self._terminal.write(selling.new_cart).result(), lines)
        self._check_out(cart, ())

    def _scan(self) -> None:
        text, quantity = self._chance.choice(_PRICED).code, self._chance.randint(1, 3)

        def foresee(session: Session) -> Cart:
            line = selling.line_of(session, SYSTEM, selling.read_scan(session, text), quantity=quantity)
            return carts.add(counter.look(session).cart, line)

        expected = self._terminal.write(foresee).result()
        self._tell(Told(saved=False, kind="cart", cart=expected))
        shown, _ = self._terminal.write(partial(counter.scan, by=SYSTEM, text=text, quantity=quantity)).result()
        self._saved(Told(saved=True, kind="cart", cart=shown.cart))
        if len(shown.cart.lines) >= _FULL_COUNTER:
            self._pay()

    def _pay(self) -> None:
        cart = self._terminal.write(counter.look).result().cart
        if not cart.lines:
            self._sell()
            return
        self._tell(Told(saved=False, kind=_SALE, op=cart.op, net=cart.total, lines=_lines(cart)))
        use_case = partial(counter.pay, by=SYSTEM, op=cart.op, payments=(_CASH,))
        event, _ = self._terminal.write(use_case).result()
        self._saved(told_of(event))

    def _look(self) -> None:
        self._terminal.read(partial(counter.today, by=SYSTEM)).result()

    def _reopen(self) -> None:
        self._terminal.close()
        self._terminal = self._open()


def _lines(cart: Cart) -> Lines:
    return tuple((line.code, line.quantity, line.amount) for line in cart.lines)
