"""A demo shop in one language, and windows on it, for pictures."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from functools import cached_property, partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

import resources
from core import texts
from core.catalogue.product import Product
from core.events import UnitStep
from core.settings import Settings
from core.shop import codes, counter, goods, units
from core.shop.demo import open_demo_shop
from core.shop.terminal import SYSTEM, Actor, Terminal
from tests.clock import StandingClock
from tests.patience import until
from ui.app import build_window, dress
from ui.setup.presenter import SetupPresenter
from ui.tasks import Tasks
from ui.theme import THEMES
from ui.window import Window

MANAGER, CASHIER, GUIDE = Actor("M01"), Actor("C01"), Actor("G01")
WATER, LONG = "9521000000377", "9521000099999"
_GOODS = "barcode,name,price,colour\n9521000000377,Water,2.50,blue\n9521000099982,New,3,red\n123,Bad,1,x\n"


class Stage:
    """A demo shop in one language, and windows on it.

    Args:
        folder: an empty one.
        language: of `core.texts.LANGUAGES`.
    """

    def __init__(self, folder: Path, language: str) -> None:
        self.folder, self.language = folder, language
        self._opened = ExitStack()
        texts.use(language)
        self.terminal = self._opened.enter_context(Terminal(folder / "home", clock=StandingClock()))
        open_demo_shop(self.terminal, resources.path("demo/goods.csv"), language)
        long = Product(
            "09521000099999", "一种名字特别特别长的商品，长到任何一列都放不下 Extraordinarily long name", 1_234_567
        )
        self.terminal.write(partial(goods.set_product, by=SYSTEM, product=long)).result()
        self.file = folder / "new-goods.csv"
        self.file.write_text(_GOODS, encoding="utf-8")
        self._homes, self._new = 0, ExitStack()

    def window(self, by: Actor | None, colours: str = "light") -> Window:
        """A window on the shop with somebody at it."""
        stored = self.terminal.read(lambda view: view.settings.texts()).result()
        settings = Settings(stored | {"theme": colours, "language": self.language, "sounds": "no"})
        window = build_window(self.terminal, settings, by)
        window.show()
        window.start()
        if window.sell:
            until(lambda: bool(window.sell and window.sell.state.date and window.sell.state.cart.op))
        return window

    def first_start(self, colours: str) -> Window:
        """A window on a home without a shop."""
        self._homes += 1
        home = self.folder / f"new-{self._homes}"
        window = Window("", "", dress(self.language, colours))
        window.resize(1366, 768)

        def open_home() -> Tasks:
            return Tasks(self._new.enter_context(Terminal(home, clock=StandingClock())), window)

        window.open_setup(SetupPresenter(self.language, open_home))
        window.show()
        return window

    @cached_property
    def serials(self) -> list[str]:
        """Codes of two batches; those of the smaller one, with lives of their own."""
        codes.issue(self.terminal, SYSTEM, WATER, 20_000)
        batch = codes.issue(self.terminal, SYSTEM, LONG, 120).name
        mark = partial(codes.mark_printed, by=SYSTEM, batch=batch, start=0, count=100, medium="pdf")
        self.terminal.write(mark).result()
        serials = self.terminal.read(partial(codes.serials_of, name=batch)).result()
        lives = ((UnitStep.ON_SALE, 9), (UnitStep.MISSING, 5), (UnitStep.VOID, 3))
        for step, count in lives:
            say = partial(units.say, by=SYSTEM, texts=serials[:count], step=step, reason="found broken")
            self.terminal.write(say).result()
        return serials

    @cached_property
    def tray(self) -> tuple[dict[str, object], ...]:
        """What head office says of units, of facts, and of people so that it cannot hold here."""
        now = self.terminal.clock.now_ms()
        sold = [
            {
                "op": f"op{n}",
                "store": "DEMO",
                "terminal": f"T{n}",
                "receipt": f"T{n}9Y-261123-000{n}",
                "at": now - 9 * n,
            }
            for n in (1, 2)
        ]
        lie = {"terminal": "T1", "seq": 7, "fact": "sale.completed", "at": now - 60_000}
        return (
            {f"sold_twice:{self.serials[0]}": {"code": f"0{LONG}", "at": now, "parties": sold}},
            {f"tenders_differ:{'ab' * 32}": lie | {"detail": "T19Y-261123-0004: 99900 / 400"}},
            {"M01": {"name": "", "role": "manager"}},
        )

    def clear(self) -> None:
        """Take everything off the counter."""
        cart = self.terminal.write(counter.look).result().cart
        for line in reversed(cart.lines):
            self.terminal.write(partial(counter.change, by=SYSTEM, step=partial(_without, n=line.n))).result()

    def leave(self, window: Window) -> None:
        """Close a window, and its home where it was a new one."""
        window.close()
        # A style sheet is put on everything that still lives.
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self._new.close()

    def close(self) -> None:
        """Close the shop."""
        self._opened.close()
        shutil.rmtree(self.folder)


def _without(cart: counter.Cart, n: int) -> counter.Cart:
    from core.sales import cart as carts

    return carts.without(cart, n)


SIZES = ((1366, 768), (1024, 768), (1920, 1080))
LANGUAGES, COLOURS = tuple(texts.LANGUAGES), tuple(THEMES)


def settled(window: Window, size: tuple[int, int]) -> None:
    """Let a window take a size and lay everything out."""
    window.resize(*size)
    for _ in range(3):
        QApplication.processEvents()
