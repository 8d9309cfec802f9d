"""The frame: rail, shop and business date, badge, and the room that is open."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QPushButton, QVBoxLayout, QWidget

from core.money import format_amount
from core.settings import Settings
from core.texts import tr
from ui import theme
from ui.scanner import Scanner
from ui.sell.page import SellPage
from ui.sell.presenter import SellPresenter
from ui.sell.state import SellState, Tone
from ui.tasks import Tasks
from ui.widgets.parts import label, restyle


class Window(QMainWindow):
    """The program's one window.

    Args:
        tasks: where use cases go.
        settings: of the shop.
        tokens: colours.
    """

    def __init__(self, tasks: Tasks, settings: Settings, tokens: theme.Tokens) -> None:
        super().__init__()
        self._tasks = tasks
        self._settings = settings
        self.setWindowTitle(tr("Store Assistant · {shop}", shop=settings["name"]))
        # A scanner's keys must come through as they are.
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.scanner = Scanner(self)
        self.sell = SellPresenter(tasks, settings.currency, self)
        self.page = SellPage(self.sell, tokens)
        self._shop = label("muted", f"{settings['name']} · {settings['terminal']}")
        self._day, self._badge = label("muted"), label("badge")
        self.setCentralWidget(self._build())
        self.scanner.scanned.connect(self.sell.scan)
        self.sell.changed.connect(self._on_sell_changed)
        self._on_sell_changed(self.sell.state)
        self.page.setFocus()

    def start(self) -> None:
        """Begin to work."""
        self.sell.start()

    def _build(self) -> QWidget:
        top = QHBoxLayout()
        top.setContentsMargins(24, 12, 24, 12)
        top.setSpacing(16)
        top.addWidget(self._shop)
        top.addStretch(1)
        top.addWidget(self._day)
        top.addWidget(self._badge)
        body = QVBoxLayout()
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

    def closeEvent(self, event: QCloseEvent) -> None:
        self.scanner.close()
        self._tasks.close()
        super().closeEvent(event)
