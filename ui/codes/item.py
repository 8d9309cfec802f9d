"""What happens where an item is chosen that codes are put on: it is found by name or code, or scanned."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from core.catalogue.product import Product
from core.errors import RefusedError, StoreError
from core.shop import codes, goods
from core.shop.selling import Scan, read_scan, shown_code
from core.shop.terminal import View
from core.texts import sentence
from ui.presenter import Presenter
from ui.tasks import Tasks

_PAGE = 50


@dataclass(frozen=True, slots=True)
class ItemState:
    """Items that were found, and the one that is chosen.

    Attributes:
        typed: what stands in the search field.
        row: of the chosen one, -1 = none.
        said: why something cannot be chosen.
    """

    typed: str = ""
    found: tuple[Product, ...] = ()
    row: int = -1
    said: str = ""

    @property
    def chosen(self) -> Product | None:
        """The item that codes are put on."""
        return self.found[self.row] if 0 <= self.row < len(self.found) else None


class ItemPresenter(Presenter[ItemState]):
    """Chooses an item that has a GTIN.

    Args:
        tasks: where use cases go.

    Signals:
        chosen: another one, or none.
    """

    chosen = Signal()

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(ItemState(), parent)
        self._tasks = tasks

    def begin(self, product: Product | None = None) -> None:
        """Choose anew; with that one to begin with."""
        if product:
            self._look_at(product.code)
        else:
            self.search("")

    def search(self, typed: str) -> None:
        """Look for a part of a name, its initials, or the beginning of a code."""
        self._show(typed=typed, said="")
        find = partial(goods.search_products, text=typed, limit=_PAGE) if typed else _first
        self._tasks.read(find, partial(self._on_found, typed), self._on_failed)

    def scan(self, text: str) -> bool:
        """It is held in front of the scanner."""
        self._tasks.read(partial(read_scan, text=text), self._on_scanned, self._on_failed)
        return True

    def choose(self, row: int) -> None:
        """This one."""
        if 0 <= row < len(self.state.found) and row != self.state.row:
            self._show(row=row, said="")
            self.chosen.emit()

    def step(self, by: int) -> None:
        """The one so many rows further down."""
        self.choose(self.state.row + by)

    def _look_at(self, code: str) -> None:
        self._tasks.read(partial(codes.product_for_codes, code=code), self._on_exact, self._on_failed)

    def _on_found(self, typed: str, found: list[Product]) -> None:
        if typed != self.state.typed:
            return
        fitting = tuple(product for product in found if product.gtin)
        said = ""
        if found and not fitting:
            said = sentence(RefusedError("no_gtin", name=found[0].label))
        elif not found and typed:
            said = sentence(RefusedError("unknown_product", code=typed.strip()[:40]))
        self._show(found=fitting, row=0 if len(fitting) == 1 else -1, said=said)
        self.chosen.emit()

    def _on_scanned(self, scan: Scan) -> None:
        if scan.product:
            self._look_at(scan.product.code)
        else:
            self._on_failed(RefusedError(scan.reason or "unknown_code", code=shown_code(scan)))

    def _on_exact(self, product: Product) -> None:
        self._show(typed=product.shown_code, found=(product,), row=0, said="")
        self.chosen.emit()

    def _on_failed(self, error: StoreError) -> None:
        self._show(said=sentence(error))


def _first(view: View) -> list[Product]:
    return goods.product_page(view, limit=_PAGE)
