"""The frame: rail, shop and business date, badge, who is there; and the room that is open in it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from core.texts import sentence, tr
from ui import theme
from ui.scanner import Scanner
from ui.widgets.parts import label, notice, restyle

if TYPE_CHECKING:
    from core.errors import StoreError
    from core.settings import Settings
    from core.shop.people import Arrival, Present
    from core.shop.terminal import Actor
    from core.staff.queries import Person
    from ui.idle import Idle
    from ui.sell.presenter import SellPresenter
    from ui.sell.state import SellState
    from ui.staff.presenter import SignInPresenter
    from ui.tasks import Tasks
    from ui.today.presenter import TodayPresenter


_RAIL = 92
"""Width of the rail, px."""


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

    sell: SellPresenter | None = None
    """The counter, while somebody is at it."""

    today: TodayPresenter | None = None
    """The day, once somebody has looked at it."""

    sign_in: SignInPresenter | None = None
    """The question who is there, while nobody is."""

    def __init__(self, name: str, terminal: str, tokens: theme.Tokens) -> None:
        super().__init__()
        self._tokens = tokens
        self._tasks: Tasks | None = None
        self._idle: Idle | None = None
        self._present: Present | None = None
        self._was_painted = False
        self._early_scans: list[str] = []
        self.scanner = Scanner(self)
        self.scanner.scanned.connect(self._early_scans.append)
        self.page = QWidget()
        self.setWindowTitle(tr("Store Assistant · {shop}", shop=name))
        # A scanner's keys must come through as they are.
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self._shop = label("muted", f"{name} · {terminal}")
        # As high as the badge, which comes and goes.
        self._shop.setMinimumHeight(32)
        self._day, self._badge = label("muted"), label("badge")
        self._badge.hide()
        self._rooms = {"sell": QPushButton(tr("Sell")), "today": QPushButton(tr("Today"))}
        self._pages: dict[str, QWidget] = {}
        self._stack, self._user = QStackedWidget(), QPushButton()
        self._stack.addWidget(self.page)
        self._body = QVBoxLayout()
        self.setCentralWidget(self._build())

    def open_rooms(self, tasks: Tasks, settings: Settings, arrival: Arrival) -> None:
        """Make the first page, which takes its time, and let the scanner in."""
        self._tasks = tasks
        self._settings = settings
        self.scanner.scanned.disconnect(self._early_scans.append)
        self.scanner.scanned.connect(self._on_scanned)
        if arrival.present:
            self._let_in(arrival.present)
        else:
            self._ask_who(arrival.offered)

    def start(self) -> None:
        """Begin to work; what was scanned before comes first."""
        if self.sell:
            self.sell.start()
            for text in self._early_scans:
                self.sell.scan(text)
        self._early_scans.clear()

    def lock(self) -> None:
        """Nobody is at the terminal any more; the cart stays on the counter."""
        from core.shop.people import who_can_sign_in

        if self.sell and not self.sell.may_leave():
            return
        if self._tasks and self._present and self._present.name:
            self._tasks.read(who_can_sign_in, self._on_locked, self._on_failed)

    def _let_in(self, present: Present) -> None:
        from core.staff.permissions import Permission

        self._empty_room()
        self._present = present
        if Permission.SELL in present.may:
            self._build_sell(present.actor)
        else:
            self._show_page(notice(tr("{name}, selling is not among your tasks.", name=present.name)))
        self._rooms["sell"].setVisible(Permission.SELL in present.may)
        self._rooms["today"].setVisible(Permission.SEE_REPORTS in present.may)
        self._badge.setVisible(Permission.SELL in present.may)
        if present.name:
            self._show_user(present)
            self._watch_for_idleness()

    def open_room(self, name: str) -> None:
        """Go to a room of the rail, if its user may."""
        if not self._present or not self._rooms[name].isVisibleTo(self):
            return
        if name == "today" and name not in self._pages:
            self._build_today(self._present.actor)
        if name == "today" and self.today:
            self.today.start()
        self.page = self._pages[name]
        self._stack.setCurrentWidget(self.page)
        self.page.setFocus()
        for key, made in self._rooms.items():
            made.setChecked(key == name)

    def _build_sell(self, by: Actor) -> None:
        from ui.sell.page import SellPage
        from ui.sell.presenter import SellPresenter

        assert self._tasks
        self.sell = SellPresenter(self._tasks, by, self._settings.currency, self)
        self.sell.changed.connect(self._on_sell_changed)
        self._show_page(SellPage(self.sell, self._tokens), "sell")
        self._on_sell_changed(self.sell.state)

    def _build_today(self, by: Actor) -> None:
        from ui.today.page import TodayPage
        from ui.today.presenter import TodayPresenter

        assert self._tasks
        self.today = TodayPresenter(self._tasks, by, self._settings.currency, self)
        self._pages["today"] = TodayPage(self.today, self._tokens)
        self._stack.addWidget(self._pages["today"])

    def _show_user(self, present: Present) -> None:
        fits = self._user.fontMetrics().elidedText(present.name, Qt.TextElideMode.ElideRight, _RAIL - 20)
        self._user.setText("\n".join((fits, tr(present.role), tr("F10 Leave"))))
        self._user.setAccessibleName(tr("{name}: leave the till to somebody else", name=present.name))
        self._user.show()

    def _ask_who(self, offered: Sequence[Person], last: str = "") -> None:
        from ui.staff.presenter import SignInPresenter
        from ui.staff.sign_in import SignInPage

        assert self._tasks
        self._empty_room()
        self.sign_in = SignInPresenter(self._tasks, offered, last, self)
        self.sign_in.signed_in.connect(self._on_signed_in)
        self._show_page(SignInPage(self.sign_in))
        for part in (*self._rooms.values(), self._user, self._badge):
            part.hide()

    def _empty_room(self) -> None:
        """Whoever was here is gone, and so is whatever still comes back to their page."""
        for presenter in (self.sell, self.sign_in, self.today):
            if presenter:
                presenter.blockSignals(True)
                presenter.deleteLater()
        self.sell = self.sign_in = self.today = self._present = None
        self._day.setText("")
        if self._idle:
            self._idle.stop()

    def _show_page(self, page: QWidget, name: str = "") -> None:
        """Show a page instead of all that were there."""
        while old := self._stack.widget(0):
            self._stack.removeWidget(old)
            old.deleteLater()
        self._pages = {name: page} if name else {}
        self._stack.addWidget(page)
        self.page = page
        page.setFocus()
        for key, made in self._rooms.items():
            made.setChecked(key == name)

    def _watch_for_idleness(self) -> None:
        from ui.idle import Idle

        if self._idle is None:
            self._idle = Idle(self._settings["lock_minutes"], self)
            self._idle.idle.connect(self.lock)
            if window := self.windowHandle():
                window.installEventFilter(self._idle)
        self._idle.begin()

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
        body.addWidget(self._stack, 1)
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
        rail.setFixedWidth(_RAIL)
        column = QVBoxLayout(rail)
        column.setContentsMargins(8, 20, 8, 20)
        column.setSpacing(12)
        brand = label("brand", tr("Store\nAssistant"))
        brand.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(brand)
        for name, made in self._rooms.items():
            made.setCheckable(True)
            made.setChecked(name == "sell")
            made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            made.clicked.connect(partial(self._on_room_pressed, name))
            column.addWidget(made)
        self._rooms["today"].hide()
        column.addStretch(1)
        self._user.setObjectName("user")
        self._user.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._user.clicked.connect(self.lock)
        self._user.hide()
        column.addWidget(self._user)
        return rail

    def _on_room_pressed(self, name: str, _checked: bool = False) -> None:
        self.open_room(name)

    def _on_scanned(self, text: str) -> None:
        if self.sell:
            if self.page is not self._pages["sell"]:
                self.open_room("sell")
            self.sell.scan(text)

    def _on_locked(self, offered: Sequence[Person]) -> None:
        # Where nobody could come back in, nobody is sent out.
        if offered and self._present:
            self._ask_who(offered, self._present.actor.staff)

    def _on_signed_in(self, actor: Actor) -> None:
        from core.shop.people import presence

        assert self._tasks
        self._tasks.read(partial(presence, by=actor), self._on_present, self._on_failed)

    def _on_present(self, present: Present) -> None:
        self._let_in(present)
        self.start()

    def _on_failed(self, error: StoreError) -> None:
        restyle(self._badge, tone="bad")
        self._badge.setText(sentence(error))
        self._badge.show()

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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        rooms = {Qt.Key.Key_1: "sell", Qt.Key.Key_2: "today"}
        if event.key() == Qt.Key.Key_F10:
            self.lock()
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in rooms:
            self.open_room(rooms[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.scanner.watch(self.windowHandle())

    def closeEvent(self, event: QCloseEvent) -> None:
        self.scanner.close()
        if self._idle:
            self._idle.stop()
        if self._tasks:
            self._tasks.close()
        super().closeEvent(event)
