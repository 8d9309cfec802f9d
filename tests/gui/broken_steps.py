"""Something that somebody does on each page, for trying it in a broken world: `test_broken_world`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt

from core.events import TenderKind
from core.shop import codes
from core.shop.days import Span
from core.shop.terminal import SYSTEM
from tests.builders import RICE, WATER
from ui.goods.importing import Step as Stage
from ui.sell.state import SellState
from ui.today.state import TodayState

if TYPE_CHECKING:
    from tests.gui.test_broken_world import Desk

K = Qt.Key
FOOTER = "Last line of receipts"
PIN, OTHER = "25801379", "90472615"
FOUND = "货号,名称,售价\n" + "".join(f"ITEM{n:04},商品{n},{n}\n" for n in range(1, 601))
DISK, WRITER, HOLDER = "disk", "writer", "holder"


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


def codes_wanted(desk: Desk) -> None:
    desk.presenter.begin_issue(RICE)
    desk.presenter = desk.presenter.issuing
    desk.at(lambda state: state.preview)
    desk.presenter.type_count("5")


def codes_issued(desk: Desk) -> list[str]:
    batch = codes.issue(desk.tasks._terminal, SYSTEM, RICE.code, 5)
    return desk.tasks._terminal.read(partial(codes.serials_of, name=batch.name)).result()


def batch_looked_at(desk: Desk) -> None:
    codes_issued(desk)
    desk.presenter.search("")
    desk.at(lambda state: state.chosen)


def labels_wanted(desk: Desk) -> None:
    batch_looked_at(desk)
    desk.presenter.print()
    desk.presenter = desk.presenter.issuing
    desk.at(lambda state: state.preview)


def unit_looked_at(desk: Desk) -> None:
    desk.presenter.scan(codes_issued(desk)[0])
    desk.at(lambda state: state.shown)


def codes_from_elsewhere(desk: Desk) -> None:
    path = desk.file.with_name("codes.csv")
    path.write_text("uri\n" + "\n".join(f"https://f.example/{n:06}" for n in range(9)), encoding="utf-8")
    desk.presenter.begin_take_in()
    desk.settle()
    desk.presenter.taking_in.item.begin(RICE)
    desk.presenter.taking_in.choose(path)
    desk.settle()
    desk.presenter = desk.presenter.taking_in


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
    Step(
        "codes", "issue", lambda d: d.presenter.issue_only(), lambda s: s.batch and s.batch.batch.issued == 5,
        codes_wanted,
    ),
    Step(
        "codes", "pdf", lambda d: d.presenter.write_pdf(), lambda s: s.batch.batch.printed == 5 and not s.works,
        labels_wanted,
    ),
    Step("codes", "freeze", lambda d: d.presenter.freeze(), lambda s: s.chosen.batch.frozen, batch_looked_at),
    Step("codes", "on sale", lambda d: d.presenter.put_on_sale(), lambda s: len(s.shown.moments) == 2, unit_looked_at),
    Step("codes", "take in", lambda d: d.presenter.start(), lambda s: not s.works and not s.said, codes_from_elsewhere),
    Step("codes", "list", lambda d: d.presenter.visit(), lambda s: s.rows and not s.said, batch_looked_at, **LOOKS),
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
