"""The frame: rail, shop and business date, badge, who is there; and the room that is open in it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from core.texts import sentence, tr
from ui import theme
from ui.frame import Frame
from ui.scanner import Scanner

if TYPE_CHECKING:
    from core.errors import StoreError
    from core.settings import Settings
    from core.shop.people import Arrival, Present
    from core.shop.terminal import Actor
    from core.staff.queries import Person
    from ui.idle import Idle
    from ui.presenter import Presenter
    from ui.sell.presenter import SellPresenter
    from ui.sell.state import SellState, Verdict
    from ui.setup.presenter import SetupPresenter
    from ui.sign_in.presenter import SignInPresenter
    from ui.sounds import Sounds
    from ui.tasks import Tasks

_WORN = ("name", "language", "theme", "full_screen")
"""Settings that are seen everywhere."""


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

    sign_in: SignInPresenter | None = None
    """The question who is there, while nobody is."""

    setup: SetupPresenter | None = None
    """The first start, while there is no shop yet."""

    def __init__(self, name: str, terminal: str, tokens: theme.Tokens) -> None:
        super().__init__()
        self._name, self._terminal, self._tokens = name, terminal, tokens
        self._tasks: Tasks | None = None
        self._settings: Settings | None = None
        self._idle: Idle | None = None
        self._sounds: Sounds | None = None
        self._present: Present | None = None
        self._was_painted = False
        self.page = QWidget()
        self._early_scans: list[str] = []
        self._presenters: dict[str, Presenter[Any]] = {}
        self._pages: dict[str, QWidget] = {}
        self.room = ""
        """Name of the room that is open; empty while somebody signs in."""
        self.scanner = Scanner(self)
        self.scanner.scanned.connect(self._on_scanned)
        # A scanner's keys must come through as they are.
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self._build()

    @property
    def sell(self) -> SellPresenter | None:
        """The counter, while somebody is at it."""
        return self._presenters.get("sell")  # type: ignore[return-value]

    def presenter(self, name: str) -> Presenter[Any] | None:
        """What stands behind a room, once it was entered."""
        return self._presenters.get(name)

    def open_setup(self, presenter: SetupPresenter) -> None:
        """Ask what a shop needs to be told before it opens."""
        self.setup = presenter
        presenter.redressed.connect(self._on_language_chosen)
        self._draw_setup()

    def open_rooms(self, tasks: Tasks, settings: Settings, arrival: Arrival) -> None:
        """Make the first page, which takes its time, and let the scanner in."""
        self._tasks, self._settings = tasks, settings
        if self.setup:
            self.setup.deleteLater()
            self.setup = None
            self._terminal = settings["terminal"]
            self._dress()
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
        self._prepare_sounds()

    def lock(self) -> None:
        """Nobody is at the terminal any more; the cart stays on the counter."""
        from core.shop.people import who_can_sign_in

        if not all(presenter.may_leave() for presenter in self._presenters.values()):
            return
        if self._tasks and self._present and self._present.name:
            self._tasks.read(who_can_sign_in, self._on_locked, self._on_failed)

    def open_room(self, name: str, what: object = None) -> None:
        """Go to a room of the rail, if its user may.

        Args:
            what: the thing to begin with there.
        """
        from ui.presenter import Place
        from ui.rooms import ROOMS, rooms_of

        if not self._present or name not in rooms_of(self._present):
            return
        if name not in self._presenters:
            assert self._tasks and self._settings
            made = ROOMS[name].open(Place(self._tasks, self._present, self._settings))
            made.setParent(self)
            made.wanted.connect(self.open_room)
            self._presenters[name] = made
            self._listen_to(name)
        self._presenters[name].visit(what)
        self._show_room(name)

    def _show_room(self, name: str) -> None:
        from ui.rooms import ROOMS

        if name not in self._pages:
            self._pages[name] = ROOMS[name].draw(self._presenters[name], self._tokens)
        self.room = name
        self._frame.mark_room(name)
        self._show_page(self._pages[name])

    def _listen_to(self, name: str) -> None:
        if self.sell and name == "sell":
            self.sell.changed.connect(self._on_sell_changed)
            self.sell.answered.connect(self._on_answered)
        if name == "settings":
            self._presenters[name].changed.connect(self._on_settings_changed)

    def _let_in(self, present: Present) -> None:
        from ui.rooms import rooms_of

        self._empty_rooms()
        self._present = present
        self._furnish()
        self.open_room(rooms_of(present)[0])
        if self.sell:
            self._on_sell_changed(self.sell.state)
        if present.name:
            self._watch_for_idleness()

    def _furnish(self) -> None:
        """The rail of who is here; nobody's is empty."""
        from ui.rail import Entry
        from ui.rooms import ROOMS, rooms_of

        rooms, user = [], None
        if present := self._present:
            offered = rooms_of(present)
            for number, (name, room) in enumerate(ROOMS.items(), 1):
                if name in offered:
                    rooms.append(Entry(name, tr(room.word), f"Alt+{number}", partial(self.open_room, name)))
            if present.name:
                user = Entry("leave", "\n".join((present.name, tr(present.role))), tr("F10 Leave"), self.lock)
        self._frame.show_rail(rooms, user, self._tokens)

    def _ask_who(self, offered: Sequence[Person], last: str = "") -> None:
        from ui.sign_in.presenter import SignInPresenter

        assert self._tasks
        self._empty_rooms()
        self.sign_in = SignInPresenter(self._tasks, offered, last, self)
        self.sign_in.signed_in.connect(self._on_signed_in)
        self._furnish()
        self._draw_sign_in()

    def _draw_sign_in(self) -> None:
        from ui.sign_in.page import SignInPage

        assert self.sign_in
        self._show_page(SignInPage(self.sign_in, self._tokens))

    def _draw_setup(self) -> None:
        from ui.setup.page import SetupPage

        assert self.setup
        self._show_page(SetupPage(self.setup, self._tokens))

    def _empty_rooms(self) -> None:
        """Whoever was here is gone, and so is whatever still comes back to their pages."""
        for presenter in (*self._presenters.values(), self.sign_in):
            if presenter:
                presenter.blockSignals(True)
                presenter.deleteLater()
        self._presenters, self.sign_in, self._present, self.room = {}, None, None, ""
        self._pages = {}
        self._frame.clear()
        self._frame.show_day("")
        self._frame.show_badge("")
        if self._idle:
            self._idle.stop()

    def _show_page(self, page: QWidget) -> None:
        self.page = page
        if self._frame.stack.indexOf(page) < 0:
            self._frame.stack.addWidget(page)
        self._frame.stack.setCurrentWidget(page)
        page.setFocus()

    def _watch_for_idleness(self) -> None:
        from ui.idle import Idle

        assert self._settings
        if self._idle:
            self._idle.stop()
            self._idle.deleteLater()
        self._idle = Idle(self._settings["lock_minutes"], self)
        self._idle.idle.connect(self.lock)
        if window := self.windowHandle():
            window.installEventFilter(self._idle)
        self._idle.begin()

    def _build(self) -> None:
        self.setWindowTitle(tr("Store Assistant · {shop}", shop=self._name))
        self._frame = Frame(" · ".join(filter(None, (self._name, self._terminal))))
        self.setCentralWidget(self._frame)

    def _dress(self) -> None:
        """Everything anew, in the language and colours of the shop; what pages show stays with their presenters."""
        from ui.app import dress

        assert self._settings
        self._tokens = dress(self._settings["language"], self._settings["theme"])
        self._name, room = self._settings["name"], self.room
        self._pages = {}
        self._build()
        if self._settings["full_screen"] != self.isFullScreen() and self.isVisible():
            self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
        if room:
            self._furnish()
            self._show_room(room)
        if self.sell:
            self._on_sell_changed(self.sell.state)

    def _on_language_chosen(self, language: str) -> None:
        from ui.app import dress

        self._tokens = dress(language)
        self._build()
        self._draw_setup()

    def _on_settings_changed(self, state: Any) -> None:
        before, self._settings = self._settings, state.settings
        if before is None or before is state.settings:
            return
        if any(before[name] != state.settings[name] for name in _WORN):
            self._dress()
        self._prepare_sounds()
        if before["lock_minutes"] != state.settings["lock_minutes"] and self._present and self._present.name:
            self._watch_for_idleness()

    def _prepare_sounds(self) -> None:
        from ui.sounds import Sounds

        assert self._settings
        wanted = self._settings["sounds"]
        if wanted and self._sounds is None:
            self._sounds = Sounds(self)
            self._sounds.prepare()
        if self._sounds:
            self._sounds.on = wanted

    def _on_scanned(self, text: str) -> None:
        if self.setup:
            self.setup.scan(text)
        elif self._tasks is None:
            self._early_scans.append(text)
        elif self.room and not self._presenters[self.room].scan(text):
            # Goods in any other room: somebody wants to sell them.
            self.open_room("sell")
            if self.sell:
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
        self._frame.show_badge(sentence(error), good=False)

    def _on_answered(self, verdict: Verdict) -> None:
        if self._sounds:
            self._sounds.play(verdict.tone)

    def _on_sell_changed(self, state: SellState) -> None:
        from core.money import format_amount
        from ui.sell.state import Tone

        day = state.day
        if state.date:
            net = format_amount(day.net, state.currency)
            self._frame.show_day(
                tr(
                    "{date} · {net} · {orders} orders · {pieces} pieces",
                    date=state.date,
                    net=net,
                    orders=day.orders,
                    pieces=day.pieces,
                )
            )
        broken = state.verdict.tone is Tone.BAD
        self._frame.show_badge(tr("× Not saved") if broken else tr("✓ Saved on this terminal"), good=not broken)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        from ui.rooms import ROOMS

        alt = event.modifiers() & Qt.KeyboardModifier.AltModifier
        number = event.key() - Qt.Key.Key_1
        if event.key() == Qt.Key.Key_F10:
            self.lock()
        elif alt and 0 <= number < len(ROOMS):
            self.open_room(list(ROOMS)[number])
        elif alt and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.scanner.watch(self.windowHandle())

    def closeEvent(self, event: QCloseEvent) -> None:
        self.scanner.close()
        if self._idle:
            self._idle.stop()
        if self._sounds:
            self._sounds.close()
        if tasks := self.setup.tasks if self.setup else self._tasks:
            tasks.close()
        super().closeEvent(event)
