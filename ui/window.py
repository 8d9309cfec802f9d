"""The program's one window: who is there, which room is open, and how it is dressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QWidget

from core.texts import sentence, tr
from ui import theme
from ui.frame import Frame
from ui.shell import Shell
from ui.widgets.parts import notice

if TYPE_CHECKING:
    from core.errors import StoreError
    from core.settings import Settings
    from core.shop.people import Arrival, Present
    from core.shop.terminal import Actor
    from core.staff.queries import Person
    from ui.courier import Courier
    from ui.house import House
    from ui.idle import Idle
    from ui.keyboard import ScreenKeyboard
    from ui.presenter import Place, Presenter
    from ui.sell.presenter import SellPresenter
    from ui.sell.state import SellState, Verdict
    from ui.setup.presenter import SetupPresenter
    from ui.sign_in.presenter import SignInPresenter
    from ui.sounds import Sounds
    from ui.tasks import Tasks

    Seen = tuple[Present, Settings | None]


class Window(Shell):
    """Stands before its rooms are open.

    Args:
        name: of the shop.
        terminal: of this till.
        tokens: colours.
    """

    sign_in: SignInPresenter | None = None
    """The question who is there, while nobody is."""

    setup: SetupPresenter | None = None
    """The first start, while there is no shop yet."""

    room = ""
    """Name of the room that is open; empty while somebody signs in."""

    def __init__(self, name: str, terminal: str, tokens: theme.Tokens) -> None:
        super().__init__()
        self._name, self._terminal, self._tokens = name, terminal, tokens
        self._tasks: Tasks | None = None
        self._settings: Settings | None = None
        self._house: House | None = None
        self._idle: Idle | None = None
        self._courier: Courier | None = None
        self._sounds: Sounds | None = None
        self._keyboard: ScreenKeyboard | None = None
        self._left: Present | None = None
        self._early_scans: list[str] = []
        self.page = QWidget()
        self.scanner.scanned.connect(self._on_scanned)
        self._build()

    @property
    def sell(self) -> SellPresenter | None:
        """The counter, while somebody is at it."""
        return self.presenter("sell")  # type: ignore[return-value]

    def presenter(self, name: str) -> Presenter[Any] | None:
        """What stands behind a room, once it was entered."""
        return self._house.presenters.get(name) if self._house else None

    def open_setup(self, presenter: SetupPresenter) -> None:
        """Ask what a shop needs to be told before it opens."""
        self.setup = presenter
        presenter.redressed.connect(self._on_language_chosen)
        self._draw_setup()

    def open_rooms(self, tasks: Tasks, settings: Settings, arrival: Arrival) -> None:
        """Make the first page, which takes its time, and let the scanner in."""
        from ui.courier import Courier

        self._tasks, self._settings, self._courier = tasks, settings, Courier(tasks, self)
        self._courier.told.connect(self._show_hq)
        self._courier.fetched.connect(self._look_again)
        if self.setup:
            self.setup.close()
            self.setup = None
            self._terminal = settings["terminal"]
            self._dress()
        self._let_in(arrival.present) if arrival.present else self._ask_who(arrival.offered)

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

        if self._house and self._house.may_leave():
            # Before anything is read: until somebody signs in there is nothing to be seen or done.
            self._left = self._house.place.present
            self._empty_rooms()
            self._furnish()
            self._show_page(notice(tr("One moment …")))
        elif self._house and self._idle:
            self._idle.begin()
        if self._tasks and self._left and not self._house and not self.sign_in:
            self._tasks.read(who_can_sign_in, self._on_locked, self._on_failed)

    def open_room(self, name: str, what: object = None) -> None:
        """Go to a room of the rail, if its user may.

        Args:
            what: the thing to begin with there.
        """
        from ui.rooms import rooms_of

        if self._house and name in rooms_of(self._house.place.present):
            self._house.presenter(name).visit(what)
            self._show_room(name)

    def go_to(self, number: int) -> None:
        from ui.rooms import ROOMS

        self.open_room(list(ROOMS)[number - 1] if number <= len(ROOMS) else "")

    def _show_room(self, name: str) -> None:
        assert self._house
        self.room = name
        self._frame.mark_room(name)
        self._show_page(self._house.page(name))

    def _on_opened(self, name: str, presenter: Presenter[Any]) -> None:
        presenter.setParent(self)
        presenter.wanted.connect(self.open_room)
        if name == "sell":
            presenter.changed.connect(self._show_counter)
            presenter.answered.connect(self._on_answered)  # type: ignore[attr-defined]
        elif name == "staff":
            presenter.saved.connect(lambda _: self._look_again())  # type: ignore[attr-defined]
        elif name == "settings":
            presenter.changed.connect(lambda state: self._take_settings(state.settings))

    def _let_in(self, present: Present) -> None:
        from ui.house import House
        from ui.rooms import rooms_of

        self._empty_rooms()
        self._house = House(self._place(present), self._tokens, self._on_opened)
        self._furnish()
        self.open_room(rooms_of(present)[0])
        self._show_hq()
        self._watch_for_idleness()

    def _place(self, present: Present) -> Place:
        from ui.presenter import Place

        assert self._tasks and self._settings and self._courier
        return Place(self._tasks, present, self._settings, self._courier)

    def _furnish(self) -> None:
        """The rail of who is here; nobody's is empty."""
        from ui.rail import Entry
        from ui.rooms import ROOMS, rooms_of

        self._frame.offer_keyboard(self._toggle_keyboard, self._tokens)
        rooms, user = [], None
        if self._house:
            present = self._house.place.present
            for name in rooms_of(present):
                number = list(ROOMS).index(name) + 1
                rooms.append(Entry(name, tr(ROOMS[name].word), f"Alt+{number % 10}", partial(self.open_room, name)))
            named = "\n".join((present.name, tr(present.role))) if present.name else tr("Sign in")
            user = Entry("leave", named, tr("F10 Leave") if present.name else "F10", self.lock)
        self._frame.show_rail(rooms, user, self._tokens)

    def _ask_who(self, offered: Sequence[Person], last: str = "") -> None:
        from ui.sign_in.page import SignInPage
        from ui.sign_in.presenter import SignInPresenter

        assert self._tasks
        self._empty_rooms()
        self.sign_in = SignInPresenter(self._tasks, offered, last, self)
        self.sign_in.signed_in.connect(lambda by: self._look_at(by, self._on_present, self._on_failed))
        self._furnish()
        self._show_page(SignInPage(self.sign_in, self._tokens))

    def _draw_setup(self) -> None:
        from ui.setup.page import SetupPage

        assert self.setup
        self._frame.offer_keyboard(self._toggle_keyboard, self._tokens)
        self._show_page(SetupPage(self.setup, self._tokens))

    def _empty_rooms(self) -> None:
        """Whoever was here is gone, and so is whatever still comes back to their pages."""
        if gone := self._house or self.sign_in:
            gone.close()
        self._house, self.sign_in, self.room = None, None, ""
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
        """Where nobody signed in nobody is signed out."""
        from ui.idle import watch

        if self._settings and self._house and self._house.place.present.name:
            self._idle = watch(self, self._settings["lock_minutes"], self.lock, self._idle)

    def _build(self) -> None:
        self.setWindowTitle(tr("Store Assistant · {shop}", shop=self._name))
        self._frame = Frame(" · ".join(filter(None, (self._name, self._terminal))))
        self.setCentralWidget(self._frame)
        if self._keyboard:
            self._keyboard.deleteLater()
            self._keyboard = None

    def _toggle_keyboard(self) -> None:
        from ui.keyboard import ScreenKeyboard

        self._keyboard = self._keyboard or ScreenKeyboard(self)
        self._keyboard.toggle()

    def _dress(self) -> None:
        """Everything anew, in the language and colours of the shop; what pages show stays with their presenters."""
        from ui.app import dress

        assert self._settings
        # The page is made anew, and alike: who was in a field is in the same field again.
        parts, focus = self.page.findChildren(QWidget), self.focusWidget()
        place = parts.index(focus) if focus in parts else -1
        self._tokens = dress(self._settings["language"], self._settings["theme"])
        self._name = self._settings["name"]
        self._build()
        if not self._house:
            return
        self._house.redraw(self._place(self._house.place.present), self._tokens)
        self._furnish()
        self._show_room(self.room)
        if 0 <= place < len(parts := self.page.findChildren(QWidget)):
            parts[place].setFocus()
        self._show_hq()

    def _on_language_chosen(self, language: str) -> None:
        from ui.app import dress

        self._tokens = dress(language)
        self._build()
        self._draw_setup()

    def _take_settings(self, settings: Settings | None) -> None:
        before, self._settings = self._settings, settings or self._settings
        if not before or not self._settings or not self._house:
            return
        changed = {name for name, text in before.texts().items() if self._settings.text(name) != text}
        if "full_screen" in changed and self._settings["full_screen"] != self.isFullScreen():
            self.toggle_full_screen()
        if changed & {"name", "language", "theme", "timezone", "day_cutover"}:
            self._house.forget("receipts", "today")
            if "timezone" in changed and (codes := self.presenter("codes")) and codes.may_leave():
                self._house.forget("codes")
            self._dress()
        if changed and self.sell:
            self.sell.refresh()
        if "sounds" in changed:
            self._prepare_sounds()
        if "lock_minutes" in changed:
            self._watch_for_idleness()

    def _prepare_sounds(self) -> None:
        from ui.sounds import Sounds

        assert self._settings
        self._sounds = self._sounds or Sounds(self)
        self._sounds.switch(on=self._settings["sounds"])

    def _on_scanned(self, text: str) -> None:
        if self.setup:
            self.setup.scan(text)
        elif self._tasks is None:
            self._early_scans.append(text)
        elif self._house and not self._house.presenter(self.room).scan(text):
            if self.sell and self.sell.state.cart.lines:
                self._scan_at("sell", text)
            else:
                self._look_up(text)

    def _look_up(self, text: str) -> None:
        """Nobody is served: a unit is looked at, anything else goes to the counter."""
        from core.shop.selling import read_scan

        assert self._tasks
        self._tasks.read(
            partial(read_scan, text=text),
            lambda scan: self._scan_at("codes" if scan.kind == "unit" else "sell", text),
            self._on_failed,
        )

    def _scan_at(self, room: str, text: str) -> None:
        self.open_room(room)
        if self._house and self.room == room:
            self._house.presenter(room).scan(text)

    def _on_locked(self, offered: Sequence[Person]) -> None:
        left, self._left = self._left, None
        if left and offered:
            self._ask_who(offered, left.actor.staff)
        elif left:
            # Where nobody could come back in, nobody is sent out; people can be added first.
            self._on_present((left, None))
            self.open_room("staff")

    def _look_at(self, by: Actor, seen: Callable[[Seen], None], failed: Callable[[StoreError], None]) -> None:
        from core.shop.people import presence

        assert self._tasks
        self._tasks.read(lambda view: (presence(view, by), view.settings), seen, failed)

    def _on_present(self, seen: Seen) -> None:
        present, settings = seen
        if settings and self._settings and settings.texts() != self._settings.texts():
            # They were changed while nobody was here.
            self._settings = settings
            self._dress()
        self._let_in(present)
        self.start()

    def _look_again(self) -> None:
        """Whoever is here may be something else from now on, and the shop may be set otherwise."""
        if self._house:
            self._look_at(self._house.place.by, self._on_seen_again, lambda _: self.lock())

    def _on_seen_again(self, seen: Seen) -> None:
        present, settings = seen
        self._take_settings(settings)
        if not self._house or present.actor != self._house.place.by:
            return
        if present.may != self._house.place.present.may:
            if self._house.may_leave():
                self._on_present(seen)
            return
        self._house.place = replace(self._house.place, present=present)
        self._furnish()
        self._frame.mark_room(self.room)

    def _on_failed(self, error: StoreError) -> None:
        self._frame.show_badge(sentence(error), good=False)
        if self._left:
            self._show_page(notice(" ".join((sentence(error), tr("F10 tries again.")))))

    def _show_counter(self, _: SellState | None = None) -> None:
        if self.sell:
            self._frame.show_counter(self.sell.state)

    def _show_hq(self, _: object = None) -> None:
        if self._courier and self._settings:
            self._frame.show_hq(self._courier.status, self._settings.calendar())
        self._show_counter()

    def _on_answered(self, verdict: Verdict) -> None:
        if self._sounds:
            self._sounds.play(verdict.tone)

    def closeEvent(self, event: QCloseEvent) -> None:
        for part in (self._idle, self._sounds, self._courier):
            if part:
                part.stop()
        if gone := self.setup or self._house:
            gone.close()
        if tasks := self.setup.tasks if self.setup else self._tasks:
            tasks.close()
        super().closeEvent(event)
