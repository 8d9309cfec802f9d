"""Every step of every page on a disk that refuses, and in a file that somebody else holds.

The page says so in a sentence, nothing is half done, nothing is lost that lay on the counter or was filled in, the
window goes on, and the same step works when the fault is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QLineEdit
from pysqlite3 import dbapi2 as sqlite3

from core import database
from core.errors import BrokenWorldError
from core.shop import people
from core.shop.glance import FILE
from core.shop.terminal import SYSTEM
from tests.builders import BAG, Shop
from tests.gui.broken_steps import DISK, HOLDER, PIN, STEPS, WRITER
from tests.gui.conftest import Hands, Keys
from ui.app import build_window
from ui.sell.state import SellState, Tone
from ui.setup.presenter import SetupPresenter
from ui.sign_in.presenter import SignInPresenter
from ui.tasks import Tasks
from ui.window import Window

pytestmark = pytest.mark.logs

WAIT = 60
"""How long SQLite waits for somebody else's lock, ms; 5 s outside of tests."""

_COMES_AND_GOES = {"verdict", "said", "refused", "busy", "paying", "complaint", "digits", "wrong", "done", "total"}
_TYPED = {"ask", "entry", "typed", "query"}


class Desk(Hands):
    """A window, the room whose step is taken, and everything that is on the disk behind it."""

    def __init__(self, qtbot, window: Window, home: Path) -> None:
        self.window, self.qtbot, self.file = window, qtbot, home / FILE
        qtbot.addWidget(window)
        window.show()
        qtbot.waitExposed(window)
        self.keys = Keys(window)
        self.presenter: Any = None
        self.receipt = ""

    @property
    def tasks(self) -> Tasks | None:
        return self.window.setup.tasks if self.window.setup else self.window._tasks

    @property
    def now(self) -> Any:
        """What the room shows; the counter, once somebody has come in."""
        if isinstance(self.presenter, SignInPresenter | SetupPresenter) and self.window.sell:
            self.presenter = self.window.sell
        return self.presenter.state

    @property
    def complaint(self) -> str:
        """What went wrong in the last step."""
        if isinstance(self.now, SellState):
            return self.now.verdict.detail if self.now.verdict.tone is Tone.BAD else ""
        return self.now.complaint if hasattr(self.now, "complaint") else self.now.said if self.now.refused else ""

    def at(self, condition: Callable[[Any], bool]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition(self.now)))

    def settle(self, times: int = 3) -> None:
        """Until everything that was asked of the shop is answered, and what follows from it, too."""
        if tasks := self.tasks:
            for send in (tasks.slow, tasks.db, tasks.read) * times:
                with self.qtbot.waitCallback() as answered:
                    send(lambda _: None, answered, answered)

    def let_go(self) -> None:
        """Both connections are given up, as after a fault; they are opened anew for whatever comes next."""

        def fail(_: object) -> None:
            raise BrokenWorldError("disk_failed", file="")

        if tasks := self.tasks:
            assert tasks._terminal.read(fail).exception() and tasks._terminal.write(fail).exception()

    def filled_in(self, types: bool) -> tuple[dict[str, object], list[str]]:
        """What is shown and was filled in, apart from what is said, and from what is typed with the step itself."""
        out = _COMES_AND_GOES | (_TYPED if types else set())
        state = {f.name: getattr(self.now, f.name) for f in fields(self.now) if f.name not in out}
        return state, [] if types else [line.text() for line in self.window.page.findChildren(QLineEdit)]

    def disk(self) -> dict[str, list[tuple]]:
        """Every row of every table."""
        if not self.file.exists():
            return {}
        other = sqlite3.connect(self.file)
        names = [name for (name,) in other.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        found = {name: other.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
        other.close()
        return found


@contextmanager
def no_disk(desk: Desk) -> Iterator[None]:
    """The system writes no byte into any file: an error of input and output, whoever writes."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def locked(desk: Desk, *steps: str) -> Iterator[None]:
    """A connection of another program, which does that and stays."""
    other = sqlite3.connect(desk.file, isolation_level=None, check_same_thread=False)
    try:
        for step in steps:
            other.execute(step).fetchall()
        yield
    finally:
        other.close()


def other_writer(desk: Desk) -> AbstractContextManager[None]:
    """Another program writes, and takes longer than anybody waits."""
    return locked(desk, "BEGIN IMMEDIATE")


def other_holder(desk: Desk) -> AbstractContextManager[None]:
    """Another program has the file for itself: nobody else reads it."""
    desk.let_go()
    return locked(desk, "PRAGMA locking_mode=EXCLUSIVE", "BEGIN EXCLUSIVE")


FAULTS = {DISK: no_disk, WRITER: other_writer, HOLDER: other_holder}
SENTENCES = {
    DISK: ("The disk reports an error at store.db", "File too large"),
    WRITER: ("Another program is writing to store.db. Nothing was saved",),
    HOLDER: ("Another program is writing to store.db. Nothing was saved",),
}


CASES = [pytest.param(step, fault, id=f"{step}-{fault}") for step in STEPS for fault in step.faults]


@pytest.fixture(autouse=True)
def short_patience(monkeypatch) -> None:
    opened = database._open

    def open_impatiently(path: Path, *, read_only: bool) -> database.Connection:
        connection = opened(path, read_only=read_only)
        connection.execute(f"PRAGMA busy_timeout={WAIT}").fetchall()
        return connection

    monkeypatch.setattr(database, "_open", open_impatiently)


def open_desk(qtbot, shop: Shop, room: str) -> Desk:
    """A window with a room open, or with the question who is there."""
    shop.set("language", "en")
    shop.hire("M1", "manager", "Li")
    receipt, by = shop.sell((BAG, 1)).receipt, SYSTEM
    if room in ("sign_in", "staff"):
        people.give_pin(shop.terminal, SYSTEM, "M1", PIN)
        by = SYSTEM if room == "staff" else None
    settings = shop.terminal.write(lambda s: s.settings).result()
    desk = Desk(qtbot, build_window(shop.terminal, settings, by), shop.terminal.home.folder)
    desk.receipt = receipt
    desk.window.start()
    desk.presenter = desk.window.sign_in or desk.enter(room)
    desk.settle()
    return desk


class Tick(QObject):
    """Comes after whatever is on its way to the window already."""

    came = Signal()


def refused(desk: Desk, fault: str, step: Callable[[Desk], object], *, waits: bool = True) -> None:
    """Take a step in a fault, and wait for the sentence; whoever waits for a lock, it is not the window."""
    said_before: list[bool] = []
    tick = Tick()
    tick.came.connect(lambda: said_before.append(bool(desk.complaint)), Qt.ConnectionType.QueuedConnection)
    step(desk)
    tick.came.emit()
    desk.qtbot.waitUntil(lambda: bool(desk.complaint and said_before))
    assert fault == DISK or not waits or said_before == [False]
    assert desk.reads(desk.complaint) and any(sentence in desk.complaint for sentence in SENTENCES[fault])


@pytest.mark.parametrize(("step", "fault"), CASES)
def test_a_step_in_a_fault(qtbot, shop, step, fault):
    desk = open_desk(qtbot, shop, step.room)
    step.ready(desk)
    desk.settle()
    filled_in, before = desk.filled_in(step.types), desk.disk()
    with FAULTS[fault](desk):
        refused(desk, fault, step.do)
        desk.settle(1)
        if step.room == "sell":
            assert desk.now.verdict.title == "Not saved" and desk.reads("× Not saved")
        assert desk.filled_in(step.types) == filled_in
    assert desk.disk() == before
    step.do(desk)
    desk.at(step.done)
    desk.settle()
    assert not desk.complaint or step.name == "wrong PIN"
    assert (desk.disk() == before) is step.reads and shop.diagnosis(full=True).ok
    desk.window.close()
