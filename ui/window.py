"""The frame: rail, shop and business date, badge; and the rooms in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QPushButton, QVBoxLayout, QWidget

from core.texts import tr
from ui import theme
from ui.scanner import Scanner
from ui.widgets.parts import label, restyle

if TYPE_CHECKING:
    from core.settings import Settings
    from ui.sell.presenter import SellPresenter
    from ui.sell.state import SellState
    from ui.tasks import Tasks


class Window(QMainWindow):
    """The program's one window. It stands before its rooms are open.

    Args:
        name: of the shop.
        terminal: of this till.
        tokens: colours.

    Signals:
        painted: for the first time; from now on there is time for everything else.
    """

    painted = Signal()

    sell: SellPresenter

    def __init__(self, name: str, terminal: str, tokens: theme.Tokens) -> None:
        super().__init__()
        self._tokens = tokens
        self._tasks: Tasks | None = None
        self._was_painted = False
        self._early_scans: list[str] = []
        self.scanner = Scanner(self)
        self.scanner.scanned.connect(self._early_scans.append)
        self.page = QWidget()
        self.setWindowTitle(tr("Store Assistant · {shop}", shop=name))
        # A scanner's keys must come through as they are.
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self._shop = label("muted", f"{name} · {terminal}")
        self._day, self._badge = label("muted"), label("badge")
        self._badge.hide()
        self._body = QVBoxLayout()
        self.setCentralWidget(self._build())

    def open_rooms(self, tasks: Tasks, settings: Settings) -> None:
        """Make the pages, which take their time, and let the scanner in."""
        from core.shop.terminal import SYSTEM
        from ui.sell.page import SellPage
        from ui.sell.presenter import SellPresenter

        self._tasks = tasks
        self._settings = settings
        self.sell = SellPresenter(tasks, SYSTEM, settings.currency, self)
        page = SellPage(self.sell, self._tokens)
        self._body.replaceWidget(self.page, page)
        self.page.deleteLater()
        self.page = page
        self.scanner.scanned.disconnect(self._early_scans.append)
        self.scanner.scanned.connect(self.sell.scan)
        self.sell.changed.connect(self._on_sell_changed)
        self._on_sell_changed(self.sell.state)
        self._badge.show()
        page.setFocus()

    def start(self) -> None:
        """Begin to work; what was scanned before comes first."""
        self.sell.start()
        for text in self._early_scans:
            self.sell.scan(text)
        self._early_scans.clear()

    def _build(self) -> QWidget:
        top = QHBoxLayout()
        top.setContentsMargins(24, 12, 24, 12)
        top.setSpacing(16)
        top.addWidget(self._shop)
        top.addStretch(1)
        top.addWidget(self._day)
        top.addWidget(self._badge)
        body = self._body
        body.setSpacing(0)
        body.addLayout(top)
        body.addWidget(self.page, 1)
        whole = QWidget()
        whole.setObjectName("page")
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._build_rail())
        row.addLayout(body, 1)
        return whole

    def _build_rail(self) -> QWidget:
        rail = QWidget()
        rail.setObjectName("rail")
        rail.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        rail.setFixedWidth(92)
        column = QVBoxLayout(rail)
        column.setContentsMargins(8, 20, 8, 20)
        column.setSpacing(12)
        brand = label("brand", tr("Store\nAssistant"))
        brand.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(brand)
        sell = QPushButton(tr("Sell"))
        sell.setCheckable(True)
        sell.setChecked(True)
        sell.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        sell.clicked.connect(lambda: sell.setChecked(True))
        column.addWidget(sell)
        column.addStretch(1)
        return rail

    def _on_sell_changed(self, state: SellState) -> None:
        from core.money import format_amount
        from ui.sell.state import Tone

        day = state.day
        self._day.setText(
            tr(
                "{date} · {net} · {orders} orders · {pieces} pieces",
                date=state.date,
                net=format_amount(day.net, self._settings.currency),
                orders=day.orders,
                pieces=day.pieces,
            )
            if state.date
            else ""
        )
        broken = state.verdict.tone is Tone.BAD
        restyle(self._badge, tone="bad" if broken else "good")
        self._badge.setText(tr("× Not saved") if broken else tr("✓ Saved on this terminal"))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.scanner.watch(self.windowHandle())

    def closeEvent(self, event: QCloseEvent) -> None:
        self.scanner.close()
        if self._tasks:
            self._tasks.close()
        super().closeEvent(event)
