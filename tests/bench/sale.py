"""A sale of some seven lines, durable, with every projection, through the writer's thread.

The peer is a script without a shop in it: the statements and parameters that our own sales execute, recorded once
and replayed on a connection with the same pragmas, on a fresh copy of the same file. What is left between the two is
the price of our rules, our facts and our thread.
"""

from __future__ import annotations

import gc
import random
import shutil
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any
from unittest import mock

from core import database
from core.events import TenderKind
from core.sales import cart as carts
from core.sales.cart import Cart
from core.sales.payment import Payment
from core.shop import selling
from core.shop.terminal import SYSTEM, Home, Session, Terminal
from tests.bench.fixtures import open_shop, product
from tests.bench.harness import Measurement, UnfitError, alternate
from tests.clock import StandingClock

PRODUCTS = 1_000
SALES = 600
RUNS = 15
_SUMS = (
    "SELECT seq, hash FROM stream",
    "SELECT count(*), sum(net), sum(tax) FROM sale",
    "SELECT count(*), sum(quantity), sum(amount) FROM sale_line",
    "SELECT count(*), sum(amount) FROM sale_tender",
    "SELECT sum(net), sum(orders), sum(pieces) FROM day",
    "SELECT count(*), sum(net), sum(pieces) FROM day_product",
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as our own run executed it."""

    many: bool
    sql: str
    parameters: Any


@dataclass(frozen=True, slots=True)
class Sale:
    """A cart and how it is paid."""

    cart: Cart
    payments: tuple[Payment, ...]


class Recorder:
    """A connection that notes what is executed on it."""

    def __init__(self, connection: database.Connection) -> None:
        self._connection = connection
        self.statements: list[Statement] = []

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        self.statements.append(Statement(False, sql, tuple(parameters)))
        return self._connection.execute(sql, parameters)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> Any:
        kept = [tuple(row) for row in rows]
        self.statements.append(Statement(True, sql, kept))
        return self._connection.executemany(sql, kept)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def measure(folder: Path) -> Measurement:
    """Sales a second."""
    template = open_shop(folder / "template", PRODUCTS)
    sales = prepare(template, SALES)
    script = record(copy_of(template, folder / "recorded"), sales)
    expected = sums(Home(folder / "recorded"))

    def ours(run: int) -> float:
        home = copy_of(template, folder / f"ours{run}")
        seconds = sell(home, sales)
        _same_work(expected, home)
        return len(sales) / seconds

    def peer(run: int) -> float:
        home = copy_of(template, folder / f"peer{run}")
        seconds = replay(home, script)
        _same_work(expected, home)
        return len(sales) / seconds

    return Measurement("sales/s", *alternate(ours, peer, RUNS))


def prepare(home: Home, count: int) -> list[Sale]:
    """Carts to be sold, the same in every run: four to ten lines of goods, paid in one of two ways."""
    chance = random.Random(7)
    made = []
    with Terminal(home.folder, clock=StandingClock()) as terminal:
        for _ in range(count):
            cart = terminal.write(selling.new_cart).result()
            for n in chance.sample(range(PRODUCTS), chance.randint(4, 10)):
                cart = carts.add(cart, carts.sale_line(product(n), 0, chance.choice((1, 1, 1, 2, 3))))
            cash = chance.random() < 0.5
            made.append(Sale(cart, (Payment(TenderKind.CASH if cash else TenderKind.WECHAT),)))
    return made


def record(home: Home, sales: Sequence[Sale]) -> list[Statement]:
    """Everything that our own run executes for these sales, in order."""
    recorders: list[Recorder] = []
    open_below = database._open

    def recording(path: Path, *, read_only: bool) -> Any:
        recorders.append(Recorder(open_below(path, read_only=read_only)))
        return recorders[-1]

    with mock.patch.object(database, "_open", recording), Terminal(home.folder, clock=StandingClock()) as terminal:
        _warm_up(terminal)
        (recorder,) = recorders
        recorder.statements.clear()
        for sale in sales:
            _check_out(terminal, sale)
        return list(recorder.statements)


def sell(home: Home, sales: Sequence[Sale]) -> float:
    """Sell the carts through the counter. Returns the seconds it took."""
    with Terminal(home.folder, clock=StandingClock()) as terminal:
        _warm_up(terminal)
        gc.collect()
        began = perf_counter()
        for sale in sales:
            _check_out(terminal, sale)
        return perf_counter() - began


def replay(home: Home, script: Sequence[Statement]) -> float:
    """Execute what was recorded. Returns the seconds it took."""
    with closing(database.connect(home.file)) as connection:
        gc.collect()
        began = perf_counter()
        for statement in script:
            if statement.many:
                connection.executemany(statement.sql, statement.parameters)
            else:
                connection.execute(statement.sql, statement.parameters).fetchone()
        return perf_counter() - began


def _check_out(terminal: Terminal, sale: Sale) -> None:
    terminal.write(partial(selling.checkout, by=SYSTEM, cart=sale.cart, payments=sale.payments)).result()


def _warm_up(terminal: Terminal) -> None:
    """What a terminal reads once in its life is no part of a sale."""

    def look(session: Session) -> None:
        _ = session.settings, session.calendar, session.receipt_prefix

    terminal.write(look).result()


def copy_of(template: Home, folder: Path) -> Home:
    """A fresh copy of a home."""
    shutil.copytree(template.folder, folder)
    return Home(folder)


def sums(home: Home) -> list[Any]:
    """The head of the chain and the sums of what was derived: alike where the same work was done."""
    with closing(database.connect(home.file, read_only=True)) as connection:
        return [connection.execute(sql).fetchone() for sql in _SUMS]


def _same_work(expected: list[Any], home: Home) -> None:
    if (found := sums(home)) != expected:
        raise UnfitError(f"a run left {found} behind, the recording {expected}")
