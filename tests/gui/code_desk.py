"""The hands of whoever issues codes and follows them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt

from core.codes.queries import Batch
from core.codes.serial import TAIL
from core.events import CodesIssued, CodesPrinted
from core.shop import codes
from core.shop.terminal import SYSTEM, Actor
from tests.builders import RICE, Shop
from tests.gui.conftest import Hands, buttons
from ui.codes.issuing import IssueState
from ui.codes.presenter import CodesPresenter
from ui.codes.state import CodesState
from ui.widgets.rows import RowsTable

K = Qt.Key
ITEM = "F2 Item: scan it, or type its name, initials or code"
COUNT, WHICH, START = "How many", "Which of them", "First free label of the sheet"
WHY = "Why: damaged, stolen, recalled …"


class CodeDesk(Hands):
    """The Codes room."""

    presenter: CodesPresenter

    def __init__(self, qtbot, shop: Shop, by: Actor = SYSTEM) -> None:
        super().__init__(qtbot, shop, "codes", by)
        self.settle()

    @property
    def now(self) -> CodesState:
        return self.presenter.state

    @property
    def form(self) -> IssueState:
        return self.presenter.issuing.state

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """What stands in the table that can be seen."""
        (table,) = [table for table in self.window.page.findChildren(RowsTable) if table.isVisible()]
        model = table.model()
        return [tuple(model.index(row, n).data() for n in range(4)) for row in range(model.rowCount())]

    @property
    def folder(self) -> Path:
        """Where files go."""
        return self.shop.terminal.home.folder / "labels"

    def at(self, condition: Callable[[CodesState], bool]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition(self.now)))

    def done(self) -> None:
        """Until nothing is issued or printed any more."""
        self.qtbot.waitUntil(lambda: not self.form.works, timeout=30_000)
        self.settle()

    def begin(self, count: int) -> None:
        """Codes of rice are going to be issued."""
        self.hit(K.Key_F3)
        self.scan(RICE.shown_code)
        self.qtbot.waitUntil(lambda: self.form.preview is not None)
        self.fill(COUNT, str(count))

    def issued(self, count: int) -> tuple[Batch, list[str]]:
        """A batch of rice that was issued before, and its serials."""
        issued = self.shop.issue(RICE, count)
        self.presenter.search("")
        self.at(lambda state: bool(state.rows))
        return issued

    def row(self, batch: str) -> codes.BatchRow:
        """What the register says of a batch."""
        return self.shop.terminal.read(partial(codes.batch_row, name=batch)).result()

    def told(self) -> tuple[int, int]:
        """How many codes the journal says were issued, and how many printed."""
        issued = sum(len(fact.tails) // TAIL for fact in self.facts(CodesIssued))
        return issued, sum(fact.count for fact in self.facts(CodesPrinted))

    def may_press(self, text: str) -> bool:
        """Whether a button that can be seen can be pressed."""
        (found,) = [b for b in buttons(self.window) if text in b.text().split("\n")]
        return found.isEnabled()

    def look_at(self, serial: str) -> None:
        """Hold a unit in front of the scanner."""
        self.scan(serial)
        self.at(lambda state: bool(state.shown) and state.shown.unit.serial == serial)
