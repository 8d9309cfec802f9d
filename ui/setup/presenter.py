"""What happens at the first start: each page is saved when it is left, so that a start that is cut off goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QTimeZone, Signal

from core import texts
from core.clock import Calendar
from core.errors import RefusedError, StoreError
from core.events import Role
from core.money import format_amount
from core.shop import people, selling, setup
from core.shop.terminal import SYSTEM, Actor, Session, Terminal
from core.staff.pin import check_pin
from core.texts import sentence, tr
from ui.goods.importing import ImportPresenter
from ui.presenter import Presenter
from ui.setup.state import SetupState, SetupStep
from ui.tasks import Tasks

MANAGER = "M1"
LONGEST_PIN, LONGEST_CODE = 8, 40
_TIMEZONES = {"zh_CN": "Asia/Shanghai", "zh_TW": "Asia/Taipei"}
_CURRENCIES = {"zh_CN": "CNY", "zh_TW": "TWD", "en": "USD"}
_STEPS = tuple(SetupStep)


class SetupPresenter(Presenter[SetupState]):
    """Asks what a shop needs to be told before it opens.

    Args:
        language: spoken until another is chosen.
        open_home: makes the home a terminal's folder, or raises a `StoreError`.

    Signals:
        redressed: a language was chosen, and is spoken everywhere from now on.
        finished: the `Actor` who is at the terminal; the shop can open.
    """

    redressed = Signal(str)
    finished = Signal(object)

    def __init__(self, language: str, open_home: Callable[[], Tasks]) -> None:
        super().__init__(SetupState(language=language))
        self._open_home = open_home
        self.tasks: Tasks | None = None
        self.importing: ImportPresenter | None = None

    def choose_language(self, language: str) -> None:
        """Speak this language, here and in the shop."""
        texts.use(language)
        self._set(
            replace(
                self.state,
                step=SetupStep.SHOP,
                language=language,
                name=tr("My shop"),
                currency=_CURRENCIES[language],
                timezone=_local_timezone() or _TIMEZONES.get(language, "Etc/UTC"),
                manager=tr("Manager"),
            )
        )
        self.redressed.emit(language)

    def edit(self, **changes: str) -> None:
        """Something was filled in."""
        self._show(**changes, said="", refused=False)

    def press(self, digit: str) -> None:
        """A digit of the PIN, by touch."""
        self.edit(pin=(self.state.pin + digit)[:LONGEST_PIN])

    def erase(self) -> None:
        """Take the last digit of the PIN back."""
        self.edit(pin=self.state.pin[:-1])

    def next(self) -> None:
        """What the page asks for is filled in."""
        state = self.state
        if state.busy:
            return
        if state.step is SetupStep.LANGUAGE:
            self.choose_language(state.language)
        elif state.step is SetupStep.SHOP:
            self._open_shop()
        elif state.step is SetupStep.MANAGER:
            self._work(partial(_hire, name=state.manager, pin=state.pin))
        elif state.step is SetupStep.SCAN and state.typed:
            self._show(typed="")
            self.scan(state.typed)
        elif state.step is SetupStep.SCAN:
            self._show(busy=True, said="", refused=False)
            self.finished.emit(Actor(MANAGER) if state.manager else SYSTEM)

    def skip(self) -> None:
        """Go on without this page: whoever is at the till may do everything, or goods come later. From the shop's page,
        which nobody goes without, back to the languages.
        """
        if self.state.busy:
            return
        if self.state.step is SetupStep.SHOP:
            self._show(step=SetupStep.LANGUAGE, said="", refused=False)
        elif self.state.step is SetupStep.MANAGER:
            self._show(manager="", pin="")
            self._on_saved(None)
        elif self.state.step is SetupStep.GOODS and self.importing:
            self.importing.back()

    def type(self, text: str) -> None:
        """A code is typed on the page of the test scan: a scan that was torn on its way comes so, too."""
        if self.state.step is SetupStep.SCAN and text.isprintable():
            self._show(typed=(self.state.typed + text)[:LONGEST_CODE])

    def scan(self, text: str) -> bool:
        """The test scan."""
        if self.state.step is SetupStep.SCAN and self.tasks:
            self.tasks.read(partial(selling.read_scan, text=text), partial(self._on_scanned, text), self.fail)
        return True

    def close(self) -> None:
        if self.importing:
            self.importing.close()
        super().close()

    def _open_shop(self) -> None:
        state = self.state
        try:
            self.tasks = self.tasks or self._open_home()
        except StoreError as error:
            self.fail(error)
            return
        self._show(busy=True, said="", refused=False)
        if state.hq.strip():
            self.tasks.net(partial(_set_up_in_chain, state=state), self._on_saved, self.fail)
        else:
            self.tasks.db(partial(_set_up, state=state), self._on_saved, self.fail)

    def _work(self, step: Callable[[Terminal], object]) -> None:
        assert self.tasks
        self._show(busy=True, said="", refused=False)
        self.tasks.brief(step, self._on_saved, self.fail)

    def _on_saved(self, _: object) -> None:
        following = _STEPS[_STEPS.index(self.state.step) + 1]
        if following is SetupStep.GOODS:
            assert self.tasks
            by = Actor(MANAGER) if self.state.manager else SYSTEM
            self.importing = ImportPresenter(self.tasks, by, self.state.currency, self)
            self.importing.left.connect(self._on_import_left)
            self.importing.begin()
        self._show(step=following, busy=False, said="", refused=False)

    def _on_import_left(self) -> None:
        self._show(step=SetupStep.SCAN, said="", refused=False)

    def _on_scanned(self, text: str, scan: selling.Scan) -> None:
        if scan.product:
            price = format_amount(scan.product.price, self.state.currency) if scan.product.price else "—"
            self._show(found=" · ".join((scan.product.label, price)), said=tr("The scanner works."), refused=False)
        else:
            said = sentence(RefusedError(scan.reason or "unknown_code", code=selling.shown_code(scan)))
            self._show(found=tr("The scanner works."), said=said, refused=True)

    def fail(self, error: StoreError) -> None:
        """Something did not work; it can be tried again."""
        self._show(busy=False, said=sentence(error), refused=True)


def _set_up(session: Session, state: SetupState) -> None:
    # A try before this one may have come so far.
    if not setup.is_set_up(session):
        setup.set_up(
            session,
            SYSTEM,
            store=state.store.strip(),
            terminal=state.terminal.strip(),
            name=state.name.strip(),
            currency=state.currency,
            timezone=state.timezone,
        )
    setup.change_setting(session, SYSTEM, "language", state.language)


def _set_up_in_chain(terminal: Terminal, state: SetupState) -> None:
    from core.shop import enrolment, standing

    terminal.write(partial(_set_up, state=state)).result()
    if terminal.read(standing.status).result() is None:
        enrolment.enrol(terminal, state.hq, state.token)


def _hire(terminal: Terminal, name: str, pin: str) -> None:
    # An empty PIN is refused like any other that is none.
    check_pin(pin)
    people.save(terminal, SYSTEM, MANAGER, name, Role.MANAGER.value, active=True, pin=pin)


def _local_timezone() -> str:
    """The machine's time zone, where it knows one of a place."""
    name = bytes(QTimeZone.systemTimeZoneId().data()).decode()
    try:
        Calendar(name)
    except RefusedError:
        return ""
    return name if "/" in name and not name.startswith("Etc/") else ""
