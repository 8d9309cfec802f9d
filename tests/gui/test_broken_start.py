"""A fault at the first start of a shop; and one that comes in the middle of a step, not before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from core import database
from core.catalogue import feed
from core.shop import goods
from core.shop.glance import take_home
from core.staff import pins
from tests.gui.broken_steps import (
    DISK,
    HOLDER,
    PIN,
    WRITER,
    K,
    Step,
    at_the_door,
    file_in_hand,
    signed_in,
    taken_in,
)
from tests.gui.test_broken_world import FAULTS, Desk, open_desk, refused, short_patience
from ui.app import SIZE, dress
from ui.goods.importing import Step as Stage
from ui.opening import found_shop
from ui.setup.state import SetupStep
from ui.window import Window

__all__ = ["short_patience"]
pytestmark = pytest.mark.logs


@pytest.fixture
def start(qtbot, tmp_path) -> Iterator[Desk]:
    """The program on a home without a shop."""
    home = tmp_path / "new"
    with ExitStack() as opened:
        lock = take_home(home)
        opened.callback(lock.release)
        window = Window("", "", dress("en"))
        window.resize(*SIZE)
        found_shop(home, lock, window, opened)
        desk = Desk(qtbot, window, home)
        desk.presenter = window.setup
        desk.presenter.choose_language("en")
        desk.presenter.edit(name="Corner", pin=PIN)
        yield desk
        window.close()


def page(desk: Desk, step: SetupStep) -> None:
    """To a page, with what is offered on those before it."""
    while desk.now.step is not step:
        before = desk.now.step
        desk.presenter.skip() if before is SetupStep.GOODS else desk.presenter.next()
        desk.at(lambda state, before=before: state.step is not before)


def to(step: SetupStep) -> Callable[[Desk], None]:
    return partial(page, step=step)


def next_page(desk: Desk) -> None:
    desk.presenter.next()


STARTS = (
    Step("start", "shop", next_page, lambda s: s.step is SetupStep.MANAGER),
    Step("start", "manager", next_page, lambda s: s.step is SetupStep.GOODS, to(SetupStep.MANAGER)),
    Step("start", "import", lambda d: d.presenter.start(), taken_in,
         lambda d: (page(d, SetupStep.GOODS), file_in_hand(d))),
    Step("start", "scan", lambda d: d.presenter.scan("TEA"), lambda s: s.found, to(SetupStep.SCAN), (HOLDER,), True),
    Step("start", "open", next_page, signed_in, to(SetupStep.SCAN), (HOLDER,), True),
)  # fmt: skip


@pytest.mark.parametrize(
    ("step", "fault"), [pytest.param(step, fault, id=f"{step}-{fault}") for step in STARTS for fault in step.faults]
)
def test_a_page_of_the_first_start_in_a_fault(start, step, fault):
    step.ready(start)
    start.settle()
    filled_in, before = start.filled_in(step.types), start.disk()
    with FAULTS[fault](start):
        # SQLite waits for nobody when a new file is to have a write-ahead log.
        refused(start, fault, step.do, waits=step.name != "shop")
        start.settle(1)
        assert start.filled_in(step.types) == filled_in
    assert start.disk() == before
    step.do(start)
    start.at(step.done)
    start.settle()
    assert (start.disk() == before) is step.reads


def strike(monkeypatch, place: object, name: str, nth: int, begin: Callable[[], object]) -> None:
    """A fault comes just before the n-th call of a function."""
    original, calls = getattr(place, name), count(1)

    def struck(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == nth:
            begin()
        return original(*args, **kwargs)

    monkeypatch.setattr(place, name, struck)


TO_IMPORT = {"room": "goods", "do": lambda d: d.presenter.start(), "done": taken_in, "ready": file_in_hand}
TO_SIGN_IN = {"room": "sign_in", "name": "PIN", "do": partial(at_the_door, pin=PIN), "done": signed_in, "reads": True}
MIDWAY = (
    # A step, the call before which the fault comes, and tables in which something of the step may be left.
    (Step(name="staging", **TO_IMPORT), (feed, "stage", 2), set()),
    (Step(name="fact", **TO_IMPORT), (goods, "_record_import", 1), set()),
    # An attempt counts until it is known to be a good one.
    (Step(**TO_SIGN_IN), (pins, "succeed", 1), {"local_pin"}),
)


@pytest.mark.parametrize("fault", [DISK, WRITER])
@pytest.mark.parametrize("case", MIDWAY, ids=lambda case: str(case[0]))
def test_a_fault_in_the_middle_of_a_step(qtbot, shop, monkeypatch, case, fault):
    step, at, leaves = case
    desk = open_desk(qtbot, shop, step.room)
    step.ready(desk)
    desk.settle()
    filled_in, before = desk.filled_in(step.types), desk.disk()
    with ExitStack() as over:
        strike(monkeypatch, *at, lambda: over.enter_context(FAULTS[fault](desk)))
        step.do(desk)
        desk.at(lambda _: desk.complaint)
        assert desk.reads(desk.complaint) and desk.filled_in(step.types) == filled_in
    # What was put aside goes away with the next job.
    desk.settle()
    after = desk.disk()
    assert {name for name in after if before[name] != after[name]} == leaves
    step.do(desk)
    desk.at(step.done)
    desk.settle()
    assert not desk.complaint and (desk.disk() == before) is step.reads and shop.diagnosis(full=True).ok
    desk.window.close()


@pytest.mark.parametrize("nth", [1, 2, 4])
@pytest.mark.parametrize("fault", [DISK, WRITER])
def test_what_is_recorded_of_an_import_follows(qtbot, shop, monkeypatch, nth, fault):
    desk = open_desk(qtbot, shop, "goods")
    file_in_hand(desk)
    desk.settle()
    facts = len(desk.disk()["journal"])
    with ExitStack() as over:
        strike(monkeypatch, feed, "merge", nth, lambda: over.enter_context(FAULTS[fault](desk)))
        desk.presenter.start()
        desk.at(lambda _: desk.complaint)
        assert desk.reads("The rest follows at the next start") and desk.now.step is Stage.DONE
        desk.presenter.start()
    desk.settle()
    after = desk.disk()
    assert len(after["journal"]) == facts + 1 and after["local_import"] == after["local_import_row"] == []
    assert len(after["feed_product"]) == 600 and shop.diagnosis(full=True).ok
    desk.window.close()


FULL = "The disk is full. Nothing was saved; free some space and press again."


@pytest.fixture
def pages(monkeypatch) -> Iterator[list[int]]:
    """How many pages there is room for in the file, from the next connection on."""
    opened, limit = database._open, [1_000_000]

    def open_small(path: Path, *, read_only: bool) -> database.Connection:
        connection = opened(path, read_only=read_only)
        if not read_only:
            connection.execute(f"PRAGMA max_page_count={limit[0]}").fetchall()
        return connection

    monkeypatch.setattr(database, "_open", open_small)
    return limit


def test_a_shop_begins_on_a_disk_that_is_full_at_any_page(start, pages):
    before = start.filled_in(False)
    for pages[0] in range(1, 200):
        start.presenter.next()
        start.at(lambda state: not state.busy)
        if start.now.step is SetupStep.MANAGER:
            break
        assert start.complaint == FULL and start.reads(FULL) and start.filled_in(False) == before
        assert not start.disk().get("journal")
    assert pages[0] > 10 and len(start.disk()["journal"]) == 2


def test_goods_come_in_on_a_disk_that_is_full_at_any_page(qtbot, shop, pages):
    desk = open_desk(qtbot, shop, "goods")
    file_in_hand(desk)
    desk.settle()
    before = desk.disk()
    used = shop.terminal.write(lambda s: s.connection.execute("PRAGMA page_count").fetchone()[0]).result()
    failed = 0
    for pages[0] in range(used, used + 200, 3):
        desk.let_go()
        desk.presenter.start()
        desk.at(lambda state: state.step in (Stage.DONE, Stage.CHECK))
        if desk.now.step is Stage.DONE:
            break
        failed += 1
        desk.settle(1)
        assert desk.complaint == FULL and desk.reads(FULL) and desk.disk() == before
    pages[0] = 1_000_000
    desk.let_go()
    desk.settle()
    assert failed > 3 and len(desk.disk()["feed_product"]) == 600 and shop.diagnosis(full=True).ok
    desk.window.close()


@contextmanager
def nothing_to_read(desk: Desk) -> Iterator[None]:
    """Whoever only reads finds no file where it was."""
    opened = database._open

    def open_other(path: Path, *, read_only: bool) -> database.Connection:
        return opened(path.with_name("gone") if read_only else path, read_only=read_only)

    with pytest.MonkeyPatch.context() as gone:
        gone.setattr(database, "_open", open_other)
        desk.let_go()
        yield


def test_who_leaves_and_who_comes_in_a_fault_is_told(qtbot, shop):
    desk = open_desk(qtbot, shop, "sign_in")
    at_the_door(desk, PIN)
    desk.at(signed_in)
    desk.settle()
    with FAULTS[HOLDER](desk):
        desk.hit(K.Key_F10)
        desk.says("Another program is writing to store.db")
        assert desk.window.sell is None and desk.window.sign_in is None
    desk.hit(K.Key_F10)
    desk.qtbot.waitUntil(lambda: desk.window.sign_in is not None)
    desk.presenter = desk.window.sign_in
    with nothing_to_read(desk):
        # The PIN is right, but who that is cannot be read.
        at_the_door(desk, PIN)
        desk.says("store.db cannot be opened")
        assert desk.window.sell is None and not desk.now.busy
    at_the_door(desk, PIN)
    desk.at(signed_in)
    desk.settle()
    desk.window.close()


@pytest.mark.parametrize("room", ["receipts", "goods", "today", "staff"])
def test_a_room_whose_file_cannot_be_opened_says_so(qtbot, shop, room):
    desk = open_desk(qtbot, shop, "sell")
    with nothing_to_read(desk):
        desk.presenter = desk.enter(room)
        desk.says("store.db cannot be opened")
    desk.enter(room)
    desk.settle()
    assert not desk.complaint and not desk.reads("cannot be opened")
    desk.window.close()


@pytest.mark.parametrize("ending", [".xlsx", ".pdf"])
def test_a_report_for_a_place_that_is_none(qtbot, shop, ending):
    desk = open_desk(qtbot, shop, "today")
    place = desk.file.with_name("stick")
    place.touch()
    for said in ("cannot be written", "Written: "):
        desk.presenter.write(place / f"report{ending}")
        desk.says(said)
        if place.is_file():
            place.unlink()
            place.mkdir()
    assert (place / f"report{ending}").stat().st_size > 1000
    desk.window.close()
