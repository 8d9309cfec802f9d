"""The busiest day of a real supermarket through the window: every line of it a scan, every basket paid in cash.

The keys go to the window as the platform hands them over, in the order of the file, one basket (a customer) after the
other. What a till must not do is lose a scan, double one, or get slower by the thousandth: so the journal is compared
with the file line by line, and every new line is timed from the scan's last key until the table has painted it.

The amounts of the file come about by what a cashier can do, and by nothing else:

- A product costs what most of its lines of that day say. Where a line is that price times its quantity the product is
  scanned. Of two pieces both are, the second while the first is still on its way to the disk; more than two are typed
  (at a person's speed) and F3.
- A single piece at another price (marked down, or up) carries a label of the shop's own scale with the amount in it:
  `21IIIIAAAAAAC`, where IIII is a short code that the product has besides. Every amount of the day fits into it.
- Several pieces at another price: such a label always stands for one piece. The short code has no price; it is scanned,
  the question for the price is answered with that of one piece, then the pieces and F3. Where the amount cannot be
  divided by the pieces, the price is the next cent up, and F4 takes off the percent that makes the line right.

The day has no returns, no zeros, and no product twice in a basket; that is checked when it is read.
Only scans that add a line are timed: a piece more of the last line and the answer to the price are waited for by the
state of the page. Between two lines the harness waits for the disk, as somebody who reaches for the next item does; the
next customer's first scan follows F12 as soon as the cart is empty, whatever the till still does for the last one.
"""

from __future__ import annotations

import argparse
import csv
import lzma
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QEvent, QEventLoop, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent

from core import events, money
from core.catalogue import feed
from core.catalogue.product import Product, product_code
from core.codes.gs1 import check_digit
from core.database import transaction
from core.events import SaleCompleted, TenderKind
from core.journal import entries
from core.shop import days, doctor
from core.shop.terminal import SYSTEM, Session, Terminal, View
from tests.bench import fixtures
from tests.bench.counter_window import Scanner, Witness
from tests.builders import set_up_shop
from ui.app import build_window
from ui.sell.cart_table import CartTable
from ui.sell.state import AskKind, SellState

DATE = "2001-01-21"
LINES, BASKETS, NET = 21_129, 2_079, 2_875_625_00
"""What is known of the day. Money in minor units of TWD (two decimals)."""

LINES_IN_CI = 150

_SCALE = "21IIIIAAAAAAC"
_ZONE = "Asia/Taipei"
_FINGERS = 200
"""Milliseconds between two keys of a person, by their time stamps."""

_PATIENCE = 10_000
"""Milliseconds after which what has not happened never will."""


class Line(NamedTuple):
    """A line of the file; `amount` in minor units."""

    product: str
    quantity: int
    amount: int


@dataclass(frozen=True)
class Day:
    """The day as it is to be sold.

    Attributes:
        prices: of a product that day, minor units.
        items: the short code of a product that was sold at another price too.
    """

    baskets: list[list[Line]]
    prices: dict[str, int]
    items: dict[str, str]

    def code(self, line: Line) -> str:
        """The code under which a line is sold."""
        return product_code(line.product) if self.is_plain(line) else self.items[line.product]

    def is_plain(self, line: Line) -> bool:
        """Whether it costs what the product costs."""
        return self.prices.get(line.product, 0) * line.quantity == line.amount

    def label(self, line: Line) -> str:
        """What the shop's scale prints on a piece at another price."""
        body = f"{_SCALE[:2]}{self.items[line.product]}{line.amount:06}"
        assert len(body) == len(_SCALE) - 1, "the amount does not fit into a label"
        return f"{body}{check_digit(body)}"


def read_day(data: Path, lines: int | None = None) -> Day:
    """The day, or its first baskets that have so many lines together."""
    customers: dict[str, list[Line]] = defaultdict(list)
    unit_prices: dict[str, Counter[int]] = defaultdict(Counter)
    with lzma.open(data / "tafeng.csv.xz", "rt", encoding="utf-8", newline="") as file:
        columns = next(file).strip().split(",")
        for row in csv.DictReader((text for text in file if text.startswith(DATE)), columns):
            line = Line(row["product_id"], int(row["quantity"]), int(row["amount"]) * 100)
            customers[row["customer_id"]].append(line)
            if line.amount % line.quantity == 0:
                unit_prices[line.product][line.amount // line.quantity] += 1
    every = [line for basket in customers.values() for line in basket]
    assert (len(every), len(customers), sum(line.amount for line in every)) == (LINES, BASKETS, NET)
    assert all(line.quantity > 0 and line.amount > 0 for line in every)
    assert all(len({line.product for line in basket}) == len(basket) for basket in customers.values())
    prices = {product: found.most_common(1)[0][0] for product, found in unit_prices.items()}
    day = Day(list(customers.values()), prices, {})
    odd = dict.fromkeys(line.product for line in every if not day.is_plain(line))
    day.items.update((product, f"{n:04}") for n, product in enumerate(odd, 1))
    while lines is not None and sum(map(len, day.baskets[:-1])) >= lines:
        day.baskets.pop()
    return day


class DayClock:
    """Nine in the morning of that day when it is made; it goes on from there."""

    def __init__(self) -> None:
        opened = datetime.fromisoformat(f"{DATE} 09:00").replace(tzinfo=ZoneInfo(_ZONE)).timestamp()
        self._offset = opened - time.monotonic()

    def now_ms(self) -> int:
        return int((self._offset + time.monotonic()) * 1000)


def open_shop(folder: Path, data: Path, day: Day, goods: int = 0) -> int:
    """Set up the shop of the day with its catalogue, filled up to so many goods. Returns how many it has."""
    made = {product.code: product for product in _goods(data, day)}
    labels = (day.label(line) for basket in day.baskets for line in basket if line.product in day.items)
    assert made.keys().isdisjoint(map(product_code, labels)), "a label is the code of another product"

    def fill(session: Session) -> None:
        others = (product for n in count() if (product := fixtures.product(n)).code not in made)
        with transaction(session.connection):
            for product in made.values():
                feed.put(session.connection, feed.FEED, product, since=1)
            for product, _ in zip(others, range(goods - len(made)), strict=False):
                feed.put(session.connection, feed.FEED, product, since=1)

    with Terminal(folder, clock=DayClock()) as terminal:
        set_up_shop(terminal, currency="TWD", timezone=_ZONE, products=()).set("scale_codes", _SCALE)
        terminal.write(fill).result()
    return max(goods, len(made))


def _goods(data: Path, day: Day) -> Iterator[Product]:
    """The goods of the supermarket at the prices of the day, and the short codes."""
    with lzma.open(data / "catalogue_tafeng.csv.xz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            product = row["product_id"]
            price = day.prices.get(product, int(Decimal(row["unit_price"]) * 100))
            yield Product(product_code(product), product, price, category=row["subclass"])
    for product, item in day.items.items():
        yield Product(item, f"{product} {item}")


class Hands(Scanner):
    """A scanner, and the fingers of the person who holds it."""

    def press(self, text: str, key: Qt.Key) -> None:
        """Type a text and press a key that ends it."""
        typed = [(Qt.Key(ord(char)), char) for char in text]
        for code, char in (*typed, (key, "\r" if key == Qt.Key.Key_Return else "")):
            self._now += _FINGERS
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, code, Qt.KeyboardModifier.NoModifier, char)
                event.setTimestamp(self._now)
                self.send([event])


@dataclass
class Figures:
    """What a day took: `milliseconds` of each scan that added a line; memory in MB after opening and after closing."""

    scans: int = 0
    seconds: float = 0
    milliseconds: list[float] = field(default_factory=list)
    memory: tuple[float, float] = (0, 0)


class Till:
    """The window on an open terminal, and whoever sells the day with it."""

    def __init__(self, terminal: Terminal, day: Day) -> None:
        self._terminal, self._day = terminal, day
        self._window = build_window(terminal, terminal.write(lambda session: session.settings).result())
        self._window.show()
        self._hands = Hands(self._window)
        self._witness = Witness(self._window.findChild(CartTable))
        self._lines, self._code = 0, ""
        """Lines of the basket as far as it was sold, and the code of the last one."""
        self.figures = Figures()
        # Cart and day come on two threads, in any order.
        self._until(lambda state: bool(state.cart.op and state.date), self._window.start)

    def sell_all(self) -> None:
        """Sell the day; afterwards the window's own figures have caught up with it."""
        before, began = _memory(), time.perf_counter()
        for basket in self._day.baskets:
            self._sell(basket)
        self.figures.seconds = time.perf_counter() - began
        net = sum(line.amount for basket in self._day.baskets for line in basket)
        self._until(
            lambda state: state.day is not None and (state.day.net, state.day.orders) == (net, len(self._day.baskets))
        )
        self.figures.memory = (before, _memory())

    def close(self) -> None:
        self._witness.close()
        self._window.close()

    def _sell(self, basket: list[Line]) -> None:
        for self._lines, line in enumerate(basket, 1):
            self._code = self._day.code(line)
            # Nobody scans the next item while the last one is still on its way to the disk.
            self._terminal.write(lambda _: None).result()
            if self._day.is_plain(line):
                self._sell_plain(line)
            elif line.quantity == 1:
                self._scan(self._day.label(line), self._reads(1, line.amount))
            else:
                self._sell_asked(line)
        self._press("", Qt.Key.Key_F12, lambda state: not state.cart.lines and not state.paying)

    def _sell_plain(self, line: Line) -> None:
        self._scan(line.product, self._reads(1, self._day.prices[line.product]))
        whole = self._reads(line.quantity, line.amount)
        if line.quantity == 2:
            self._scan(line.product, whole, adds=False)
        elif line.quantity > 2:
            self._press(str(line.quantity), Qt.Key.Key_F3, whole)

    def _sell_asked(self, line: Line) -> None:
        price = -(-line.amount // line.quantity)
        gross = price * line.quantity
        self._scan(self._code, lambda state: state.ask is not None and state.ask.kind is AskKind.PRICE, adds=False)
        self._press(money.format_amount(price, "TWD", grouped=False), Qt.Key.Key_Return, self._reads(1, price))
        self._press(str(line.quantity), Qt.Key.Key_F3, self._reads(line.quantity, gross))
        if gross > line.amount:
            rate = money.round_div((gross - line.amount) * money.RATE_UNIT, gross)
            percent = money.format_rate(rate).rstrip("%")
            self._press(percent, Qt.Key.Key_F4, self._reads(line.quantity, line.amount))

    def _scan(self, text: str, reached: Callable[[SellState], bool], *, adds: bool = True) -> None:
        """Scan a text. Timed where it adds a line."""
        self.figures.scans += 1
        keys = self._hands.keys(text)
        if not adds:
            self._until(reached, partial(self._hands.send, keys))
            return
        # The last key goes down and up.
        self._hands.send(keys[:-2])
        self.figures.milliseconds.append(self._witness.time(partial(self._hands.send, keys[-2:])))
        assert reached(self._state), f"{text}: {self._state}"

    def _press(self, text: str, key: Qt.Key, reached: Callable[[SellState], bool]) -> None:
        self._until(reached, partial(self._hands.press, text, key))

    def _reads(self, quantity: int, amount: int) -> Callable[[SellState], bool]:
        """Whether the basket is in the cart as far as the current line, and that reads so."""

        def look(state: SellState) -> bool:
            if len(state.cart.lines) != self._lines:
                return False
            last = state.cart.lines[-1]
            return (last.code, last.quantity, last.amount) == (self._code, quantity, amount)

        return look

    @property
    def _state(self) -> SellState:
        assert self._window.sell
        return self._window.sell.state

    def _until(self, reached: Callable[[SellState], bool], step: Callable[[], None] = lambda: None) -> None:
        """Do a step and let the window work until it shows what is expected."""
        loop, patience = QEventLoop(), QTimer(singleShot=True, interval=_PATIENCE)
        patience.timeout.connect(lambda: loop.exit(1))

        def look(state: SellState) -> None:
            if reached(state):
                loop.quit()

        assert self._window.sell
        self._window.sell.changed.connect(look)
        patience.start()
        step()
        late = not reached(self._state) and loop.exec()
        patience.stop()
        self._window.sell.changed.disconnect(look)
        assert not late, self._state


def check(terminal: Terminal, day: Day) -> None:
    """What the terminal keeps is the day of the file: every line, every basket, the report, and all that is derived."""
    wanted = [[(day.code(line), line.quantity, line.amount) for line in basket] for basket in day.baskets]
    sales = terminal.read(_sales).result()
    assert [[(line.code, line.quantity, line.amount) for line in sale.lines] for sale in sales] == wanted
    for sale in sales:
        assert [(tender.kind, tender.amount) for tender in sale.tenders] == [(TenderKind.CASH, sale.net)]
        assert (sale.head.date, sale.change, sale.rounding) == (DATE, 0, 0)
    total = terminal.read(partial(days.day_report, by=SYSTEM, start=DATE, end=DATE)).result().total
    lines = [line for basket in day.baskets for line in basket]
    assert (total.net, total.orders) == (sum(line.amount for line in lines), len(day.baskets))
    assert (total.pieces, total.returns) == (sum(line.quantity for line in lines), 0)
    diagnosis = terminal.read(partial(doctor.examine, full=True)).result()
    # One fact a basket, besides the set-up and the setting.
    assert diagnosis.ok and diagnosis.events == len(day.baskets) + 2, diagnosis


def _sales(view: View) -> list[SaleCompleted]:
    facts = (events.decode(entry.raw) for entry in entries(view.connection))
    return [fact for fact in facts if isinstance(fact, SaleCompleted)]


def _memory() -> float:
    """MB of this process in memory; 0 where the system does not tell it like this."""
    status = Path("/proc/self/status")
    lines = status.read_text("utf-8").splitlines() if status.exists() else []
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


def run(folder: Path, day: Day) -> Figures:
    """Sell the day in the shop of a folder, and prove it."""
    with Terminal(folder, clock=DayClock()) as terminal:
        till = Till(terminal, day)
        try:
            till.sell_all()
        finally:
            till.close()
        check(terminal, day)
    return till.figures


@pytest.mark.data
def test_every_scan_of_the_first_baskets_of_the_busiest_day_is_sold_once(qapp, data, tmp_path):
    day = read_day(data, LINES_IN_CI)
    open_shop(tmp_path / "home", data, day)
    figures = run(tmp_path / "home", day)
    assert figures.scans >= sum(map(len, day.baskets)) >= LINES_IN_CI


def main() -> None:
    """The day: STORE_ASSISTANT_TEST_DATA=… uv run python -m tests.e2e.test_busy_day FOLDER [--goods N] [--lines N]"""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--goods", type=int, default=0, help="fill the catalogue up to so many")
    parser.add_argument("--lines", type=int, help="only the first baskets, with so many lines together")
    asked = parser.parse_args()
    data = Path(os.environ["STORE_ASSISTANT_TEST_DATA"])
    day = read_day(data, asked.lines)
    # In a process of its own: what it takes to make a catalogue is not the till's memory.
    with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
        goods = elsewhere.submit(open_shop, asked.folder, data, day, asked.goods).result()
    figures = run(asked.folder, day)
    percentiles = quantiles(figures.milliseconds, n=100)
    print(
        f"{QGuiApplication.platformName()}, {goods} goods:"
        f" {len(day.baskets)} baskets, {sum(map(len, day.baskets))} lines,"
        f" {figures.scans} scans in {figures.seconds:.0f} s, {figures.scans / figures.seconds:.1f} scans a second;"
        f" Enter to painted line p50 {percentiles[49]:.2f} ms, p99 {percentiles[98]:.2f} ms,"
        f" longest {max(figures.milliseconds):.1f} ms of {len(figures.milliseconds)};"
        f" memory {figures.memory[0]:.1f} MB, {figures.memory[1]:.1f} MB at the end"
    )


if __name__ == "__main__":
    main()
