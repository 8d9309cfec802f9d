"""Every step of every page on a disk that refuses, and in a file that somebody else holds.

The page says so in a sentence, nothing is half done, nothing is lost that lay on the counter or was filled in, the
window goes on, and the same step works when the fault is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QLineEdit
from pysqlite3 import dbapi2 as sqlite3

from core import database
from core.errors import BrokenWorldError
from core.events import TenderKind
from core.shop import people
from core.shop.days import Span
from core.shop.glance import FILE
from core.shop.terminal import SYSTEM
from tests.builders import BAG, RICE, WATER, Shop
from tests.gui.conftest import Hands, Keys
from ui.app import build_window
from ui.goods.importing import Step as Stage
from ui.sell.state import SellState, Tone
from ui.setup.presenter import SetupPresenter
from ui.sign_in.presenter import SignInPresenter
from ui.tasks import Tasks
from ui.today.state import TodayState
from ui.window import Window

pytestmark = pytest.mark.logs

K = Qt.Key
FOOTER = "Last line of receipts"
PIN, OTHER = "25801379", "90472615"
WAIT = 60
"""How long SQLite waits for somebody else's lock, ms; 5 s outside of tests."""

FOUND = "货号,名称,售价\n" + "".join(f"ITEM{n:04},商品{n},{n}\n" for n in range(1, 601))
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


DISK, WRITER, HOLDER = "disk", "writer", "holder"
FAULTS = {DISK: no_disk, WRITER: other_writer, HOLDER: other_holder}
SENTENCES = {
    DISK: ("The disk reports an error at store.db", "File too large"),
    WRITER: ("Another program is writing to store.db. Nothing was saved",),
    HOLDER: ("Another program is writing to store.db. Nothing was saved",),
}


@dataclass(frozen=True)
class Step:
    """One thing that somebody does on a page.

    Attributes:
        room: name of a room, or `sign_in`; the pages of the first start are on their own.
        do: done once in the fault, and once more after it.
        done: whether it worked.
        ready: what comes before the fault.
        reads: nothing of it goes into the shop's file.
        types: what is filled in is a part of the step.
    """

    room: str
    name: str
    do: Callable[[Desk], object]
    done: Callable[[Any], object]
    ready: Callable[[Desk], object] = lambda _: None
    faults: tuple[str, ...] = (DISK, WRITER, HOLDER)
    reads: bool = False
    types: bool = False

    def __str__(self) -> str:
        return f"{self.room}-{self.name}"


def press(key: K) -> Callable[[Desk], None]:
    return lambda desk: desk.press(key)


def typed(text: str) -> Callable[[Desk], None]:
    """Something lies on the counter, and something is typed."""
    return lambda desk: (on_the_counter(desk), desk.type(text))


def on_the_counter(desk: Desk) -> None:
    desk.scan(WATER.shown_code)
    desk.at(lambda state: state.cart.pieces == 1)


def part_paid(desk: Desk) -> None:
    on_the_counter(desk)
    desk.presenter.press("1")
    desk.presenter.pay_by(TenderKind.WECHAT)
    desk.presenter.enter()
    assert desk.now.left == 100


def receipt_typed(desk: Desk) -> None:
    on_the_counter(desk)
    for key in desk.receipt:
        desk.presenter.press(key)


def find(desk: Desk) -> None:
    desk.presenter.clear()
    desk.presenter.find()
    desk.presenter.press("9")


def slip_shown(desk: Desk) -> None:
    desk.at(lambda state: state.slip)


def new_product(desk: Desk) -> None:
    desk.at(lambda state: state.count)
    desk.presenter.begin_new()
    desk.presenter.edit(code="TEA", name="Tea", price="88")


def other_product(desk: Desk) -> None:
    desk.at(lambda state: state.row == 0)
    desk.presenter.edit(price="1.23")


def file_in_hand(desk: Desk) -> None:
    path = desk.file.with_name("goods.csv")
    path.write_text(FOUND, encoding="utf-8")
    if desk.window.room:
        desk.at(lambda state: state.count)
        desk.presenter.begin_import()
    desk.presenter = desk.presenter.importing
    desk.presenter.choose(path)
    desk.at(lambda state: state.may_start)


def new_person(desk: Desk, pin: str = "") -> None:
    desk.at(lambda state: state.people)
    desk.presenter.edit(name="Ann", pin=pin)


def other_person(desk: Desk, **changes: str) -> None:
    desk.at(lambda state: state.people)
    desk.presenter.choose(0)
    desk.presenter.edit(**changes)


def report(ending: str) -> Callable[[Desk], object]:
    return lambda desk: desk.presenter.write(desk.file.with_name("report" + ending))


def at_the_door(desk: Desk, pin: str) -> None:
    for digit in pin:
        desk.presenter.press(digit)
    desk.presenter.enter()


def signed_in(state: Any) -> bool:
    return isinstance(state, SellState) and bool(state.cart.op)


def save(desk: Desk) -> None:
    desk.presenter.save()


def paid(state: SellState) -> bool:
    return state.verdict.title.startswith("Paid")


def changed(state: SellState) -> bool:
    return state.verdict.title == "Changed"


def saved(state: Any) -> bool:
    return "saved" in state.said.lower() and not state.refused


def taken_in(state: Any) -> bool:
    return state.step is Stage.DONE and state.said.startswith("600 added")


def read_today(state: TodayState) -> bool:
    return state.found is not None and state.found.report.total.orders == 1 and not state.said


LOOKS = {"faults": (HOLDER,), "reads": True}
TYPES = {**LOOKS, "types": True}
FILES = {"faults": (DISK, HOLDER), "reads": True}
STEPS = (
    Step("sell", "scan", lambda d: d.scan(RICE.shown_code), lambda s: s.cart.pieces == 2, on_the_counter),
    Step("sell", "quantity", press(K.Key_F3), changed, typed("3")),
    Step("sell", "discount", press(K.Key_F4), changed, typed("10")),
    Step("sell", "remove", lambda d: d.press(K.Key_Delete), lambda s: not s.cart.lines, on_the_counter),
    Step("sell", "return", press(K.Key_F8), lambda s: len(s.cart.lines) == 2, receipt_typed),
    Step(
        "sell", "cash", lambda d: d.press(K.Key_F12), lambda s: paid(s) and s.change == 800,
        lambda d: (on_the_counter(d), d.type("10")),
    ),
    Step("sell", "rest in cash", lambda d: d.press(K.Key_F12), paid, part_paid),
    Step("sell", "find", find, lambda s: s.found, **TYPES),
    Step("receipts", "reprint", lambda d: d.presenter.reprint(), lambda s: s.rows[0].copies == 1, slip_shown),
    Step("receipts", "list", lambda d: d.presenter.visit(), lambda s: s.slip and not s.said, **LOOKS),
    Step("receipts", "search", lambda d: d.presenter.search("0001"), lambda s: s.rows and not s.said, **TYPES),
    Step("goods", "new", save, saved, new_product),
    Step("goods", "change", save, saved, other_product),
    Step("goods", "search", lambda d: d.presenter.search("BAG"), lambda s: len(s.products) == 1, **TYPES),
    Step("goods", "import", lambda d: d.presenter.start(), taken_in, file_in_hand),
    Step("today", "read", lambda d: d.presenter.show_span(Span.WEEK), read_today, **LOOKS),
    Step("today", "xlsx", report(".xlsx"), lambda s: "Written" in s.said, lambda d: d.at(read_today), **FILES),
    Step("today", "pdf", report(".pdf"), lambda s: "Written" in s.said, lambda d: d.at(read_today), **FILES),
    Step("staff", "add", save, saved, new_person),
    Step("staff", "add with a PIN", save, saved, partial(new_person, pin=OTHER)),
    Step("staff", "change", save, saved, partial(other_person, name="Li Na")),
    Step("staff", "PIN", save, saved, partial(other_person, pin=OTHER)),
    Step("settings", "text", lambda d: d.hit(K.Key_Return), saved, lambda d: d.fill(FOOTER, "Thank you")),
    Step("settings", "choice", lambda d: d.touch("Colours: Dark"), saved),
    Step("sign_in", "PIN", partial(at_the_door, pin=PIN), signed_in, reads=True),
    Step("sign_in", "wrong PIN", partial(at_the_door, pin=OTHER), lambda s: "wrong" in s.complaint),
)  # fmt: skip
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
