"""Every page in its main states: made once, looked at by people (`tests.gallery`) and by tests of the layout."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from core.errors import BrokenWorldError, RefusedError
from core.events import TenderKind
from core.shop import counter, members
from core.shop.code_files import CodeFile
from core.shop.standing import Status
from core.shop.terminal import Actor
from core.sync.hq import Hq, forget_hq, keep_hq
from core.texts import sentence
from tests.builders import Shop
from tests.patience import until
from tests.scenes_people import PEOPLE
from tests.stage import CASHIER, GUIDE, LONG, MANAGER, WATER, Stage
from ui.app import dress
from ui.codes.issuing import IssuePresenter, Phase
from ui.codes.presenter import CodesPresenter
from ui.codes.taking_in import BadCode
from ui.goods.importing import Step
from ui.goods.presenter import GoodsPresenter
from ui.setup.state import SetupStep
from ui.window import Window

Scene = Callable[[Stage, str], Window]


def _first_start(stage: Stage, colours: str, step: SetupStep) -> Window:
    window = stage.first_start(colours)
    setup = window.setup
    assert setup
    if step is SetupStep.LANGUAGE:
        return window
    setup.choose_language(stage.language)
    # A language puts on the colours that every shop begins with.
    dress(stage.language, colours)
    setup.edit(pin="2580")
    for _ in range(list(SetupStep).index(step) - 1):
        before = setup.state.step
        setup.skip() if before is SetupStep.GOODS else setup.next()
        until(lambda before=before: setup.state.step is not before)  # type: ignore[misc]
    if setup.importing:
        until(lambda: bool(setup.importing))
    return window


def _sign_in(stage: Stage, colours: str, *, wrong: bool = False) -> Window:
    window = stage.window(None, colours)
    assert window.sign_in
    if wrong:
        window.sign_in.press("1")
        window.sign_in.enter()
        until(lambda: bool(window.sign_in and window.sign_in.state.complaint))
    return window


def _sell(stage: Stage, colours: str, *scans: str, then: Callable[[Window], object] | None = None) -> Window:
    stage.clear()
    window = stage.window(CASHIER, colours)
    assert window.sell
    for text in scans:
        before = window.sell.state.verdict
        window.sell.scan(text)
        until(lambda before=before: window.sell.state.verdict != before)  # type: ignore[misc,union-attr]
    if then:
        before = window.sell.state
        then(window)
        until(lambda: window.sell is not None and window.sell.state != before)
    return window


def _paid(window: Window) -> None:
    assert window.sell
    window.sell.press("5")
    window.sell.press("00")
    window.sell.pay_cash()
    until(lambda: window.sell is not None and window.sell.state.change is not None)


def _part_paid(window: Window) -> None:
    assert window.sell
    window.sell.press("1")
    window.sell.pay_by(TenderKind.WECHAT)
    window.sell.enter()


def _found(window: Window) -> None:
    assert window.sell
    window.sell.find()
    window.sell.press("9521")
    until(lambda: window.sell is not None and bool(window.sell.state.found))


def _broken(window: Window) -> None:
    """What a disk says when it is full; the page's own way of saying it."""
    assert window.sell
    window.sell._on_failed(BrokenWorldError("disk_full", file="store.db"))


def _room(stage: Stage, colours: str, name: str, by: Actor = MANAGER) -> Window:
    window = stage.window(by, colours)
    window.open_room(name)
    state = {"receipts": "slip", "goods": "products", "today": "found", "staff": "people"}.get(name)
    presenter = window.presenter(name)
    assert presenter
    if state:
        until(lambda: bool(getattr(presenter.state, state)))
    if name == "today":
        until(lambda: presenter.state.charts)
    return window


def _today(stage: Stage, colours: str) -> Window:
    window = _room(stage, colours, "today")
    presenter = window.presenter("today")
    assert presenter
    presenter.show_span("month")  # type: ignore[attr-defined]
    until(lambda: presenter.state.start != presenter.state.end)
    return window


def _refused(stage: Stage, colours: str, name: str) -> Window:
    window = _room(stage, colours, name)
    presenter = window.presenter(name)
    assert presenter
    refused = RefusedError("last_manager", name="Li")
    if name == "settings":
        presenter._on_failed("tax_rate", "nonsense", RefusedError("bad_rate", text="nonsense"))  # type: ignore[attr-defined]
    else:
        presenter._on_failed(refused)  # type: ignore[attr-defined]
    return window


def _nothing_found(stage: Stage, colours: str, name: str) -> Window:
    window = _room(stage, colours, name)
    presenter = window.presenter(name)
    assert presenter
    presenter.search("没有这个 nothing like it")  # type: ignore[attr-defined]
    until(lambda: not (presenter.state.rows if name == "receipts" else presenter.state.products))
    return window


def _import(stage: Stage, colours: str, step: Step) -> Window:
    window = _room(stage, colours, "goods")
    presenter = window.presenter("goods")
    assert isinstance(presenter, GoodsPresenter)
    presenter.begin_import()
    if step is Step.CHECK:
        presenter.importing.choose(stage.file)
        until(lambda: presenter.importing.state.step is Step.CHECK)
    return window


def _codes(
    stage: Stage, colours: str, then: Callable[[CodesPresenter], object] | None = None, by: Actor = MANAGER
) -> Window:
    assert stage.serials
    window = stage.window(by, colours)
    window.open_room("codes")
    presenter = window.presenter("codes")
    assert isinstance(presenter, CodesPresenter)
    until(lambda: bool(presenter.state.rows))
    if then:
        then(presenter)
    return window


def _units(stage: Stage, colours: str, count: int) -> Window:
    def scan(presenter: CodesPresenter) -> None:
        if count > 1:
            presenter.collect()
        for n, serial in enumerate(stage.serials[:count], 1):
            presenter.scan(serial)
            until(lambda n=n: len(presenter.state.units) == n)  # type: ignore[misc]
        if count > 1:
            presenter.void()

    return _codes(stage, colours, scan)


def _sold_elsewhere(stage: Stage, colours: str) -> Window:
    """A unit of this shop that another till sold."""
    serial, now = stage.serials[20], stage.terminal.clock.now_ms()
    sold = {"code": f"0{LONG}", "store": "DEMO", "terminal": "T2", "receipt": "T29Y-261123-0002"}
    Shop(stage.terminal).hear("units", **{serial: sold | {"state": "sold", "at": now}})
    known = Hq("https://hq.example.com", "", 0, contact=now)
    stage.terminal.write(lambda session: keep_hq(session.connection, known)).result()

    def scan(presenter: CodesPresenter) -> None:
        presenter.scan(serial)
        until(lambda: len(presenter.state.units) == 1)

    window = _codes(stage, colours, scan)
    stage.terminal.write(lambda session: forget_hq(session.connection)).result()
    Shop(stage.terminal).hear("units")
    return window


def _issue(
    stage: Stage, colours: str, paper: str = "40x30", *fields: str, item: str = LONG, works: bool = False
) -> Window:
    def begin(presenter: CodesPresenter) -> None:
        issuing = presenter.issuing
        presenter.begin_issue()
        until(lambda: bool(issuing.item.state.found))
        issuing.item.search(item)
        until(lambda: issuing.state.preview is not None)
        issuing.choose_paper(paper)
        for field in fields:
            issuing.toggle_field(field)
        _previewed(issuing)
        if works:
            issuing._show(phase=Phase.PRINTING, done=8_900, total=20_000)

    return _codes(stage, colours, begin)


def _waits(stage: Stage, colours: str, room: str = "sell", waiting: int = 1_204, trouble: str = "") -> Window:
    """A window whose head office has not heard everything."""
    window = stage.window(MANAGER, colours)
    window.open_room(room)
    assert window._courier
    since = stage.terminal.clock.now_ms() - 3 * 3_600_000
    url = "https://hq.a-rather-long-name.example.com"
    window._courier._show(Status(url, waiting, since if waiting else None, since, trouble, 0, 2))
    return window


def _tray(stage: Stage, colours: str, chosen: int) -> Window:
    """A tray with one matter of each kind, of which one is looked at; or an empty one."""
    told = stage.tray if chosen >= 0 else ({}, {}, {})
    for scope, rows in zip(("conflicts", "findings", "staff"), told, strict=True):
        Shop(stage.terminal).hear(scope, **rows)
    window = stage.window(MANAGER, colours)
    window.open_room("tray")
    presenter = window.presenter("tray")
    until(lambda: presenter.state.read)
    presenter.choose(chosen)
    return window


def _whole_shop(stage: Stage, colours: str) -> Window:
    """A day beside what other tills sold and what was to be sold."""
    today = stage.terminal.read(lambda view: view.today()).result()
    Shop(stage.terminal).hear("days", **{f"{today}:T2": {"net": 1_234_500, "orders": 98, "pieces": 301}})
    Shop(stage.terminal).hear("targets", **{today: {"net": 2_000_000}})
    window = _room(stage, colours, "today")
    Shop(stage.terminal).hear("days")
    Shop(stage.terminal).hear("targets")
    return window


def _attach(window: Window, stage: Stage) -> None:
    """The cart is that of a member."""
    found = stage.terminal.read(partial(members.find, by=MANAGER, text="13800000001")).result()
    attached = stage.terminal.write(partial(counter.attach, by=MANAGER, member=found[0].id)).result()
    assert window.sell
    window.sell.visit(attached)


def _reward(window: Window, stage: Stage) -> None:
    """A member uses some points, and a coupon."""
    _attach(window, stage)
    assert window.sell
    window.sell.reward()
    for text in ("20", "coupon"):
        window.sell.reward()
        has, before = window.sell.state.has, window.sell.state.cart
        for key in has.coupons[0].code if text == "coupon" else text:
            window.sell.press(key)
        window.sell.enter()
        until(lambda before=before: window.sell.state.cart != before)


def _previewed(issuing: IssuePresenter) -> None:
    """Wait for the preview of what was chosen last; one of an earlier choice may already stand there."""
    done: list[object] = []
    issuing._tasks.brief(lambda _terminal: None, done.append, done.append)
    until(lambda: bool(done))


def _labels(presenter: CodesPresenter) -> None:
    presenter.print()
    until(lambda: presenter.issuing.state.preview is not None)
    _previewed(presenter.issuing)


def _take_in(presenter: CodesPresenter) -> None:
    presenter.begin_take_in()
    until(lambda: bool(presenter.taking_in.item.state.found))
    reason = sentence(RefusedError("code_taken", unit="FACTORY-000007"))
    bad = tuple(BadCode(row, reason) for row in (7, 19, 4_711))
    said = sentence(RefusedError("codes_refused", count=3))
    file = CodeFile("factory-codes-2026.csv", ("number", "mark"), 1, ())
    presenter.taking_in._show(file=file, column="mark", bad=bad, said=said, refused=True)


SCENES: Mapping[str, Scene] = {
    **{f"setup-{step}": partial(_first_start, step=step) for step in SetupStep},
    "sign-in": _sign_in,
    "sign-in-wrong": partial(_sign_in, wrong=True),
    "sell-empty": _sell,
    "sell-one": lambda stage, colours: _sell(stage, colours, WATER),
    "sell-full": lambda stage, colours: _sell(stage, colours, LONG, *_MANY, LONG),
    "sell-refused": lambda stage, colours: _sell(stage, colours, WATER, "0000"),
    "sell-find": lambda stage, colours: _sell(stage, colours, WATER, then=_found),
    "sell-ways": lambda stage, colours: _sell(stage, colours, WATER, then=lambda w: w.sell and w.sell.choose_way()),
    "sell-part-paid": lambda stage, colours: _sell(stage, colours, WATER, then=_part_paid),
    "sell-paid": lambda stage, colours: _sell(stage, colours, WATER, then=_paid),
    "sell-broken": lambda stage, colours: _sell(stage, colours, WATER, then=_broken),
    "sell-rewards": lambda stage, colours: _sell(stage, colours, LONG, WATER, then=partial(_reward, stage=stage)),
    "sell-member": lambda stage, colours: _sell(stage, colours, WATER, then=partial(_attach, stage=stage)),
    **PEOPLE,
    "receipts": partial(_room, name="receipts"),
    "receipts-none": partial(_nothing_found, name="receipts"),
    "goods": partial(_room, name="goods"),
    "goods-guide": partial(_room, name="goods", by=GUIDE),
    "goods-none": partial(_nothing_found, name="goods"),
    "import-file": partial(_import, step=Step.CHOOSE),
    "import-check": partial(_import, step=Step.CHECK),
    "codes": _codes,
    "codes-none": lambda stage, colours: _codes(stage, colours, lambda presenter: presenter.show_only("frozen")),
    "codes-guide": partial(_codes, by=GUIDE),
    "codes-issue": partial(_issue, item=WATER),
    "codes-issue-sheet": partial(_issue, paper="a4-45"),
    "codes-issue-refused": lambda stage, colours: _issue(stage, colours, "a4-65", "bars"),
    "codes-issue-works": partial(_issue, paper="tag", works=True),
    "codes-labels": lambda stage, colours: _codes(stage, colours, _labels),
    "codes-unit": partial(_units, count=1),
    "codes-unit-elsewhere": _sold_elsewhere,
    "codes-units": partial(_units, count=8),
    "codes-take-in": lambda stage, colours: _codes(stage, colours, _take_in),
    "today": partial(_room, name="today"),
    "today-month": _today,
    "today-shop": _whole_shop,
    **{f"tray-{what}": partial(_tray, chosen=chosen) for chosen, what in enumerate(("conflict", "finding", "refused"))},
    "tray-empty": partial(_tray, chosen=-1),
    "staff": partial(_room, name="staff"),
    "staff-refused": partial(_refused, name="staff"),
    "settings": partial(_room, name="settings"),
    "settings-joined": lambda stage, colours: _waits(stage, colours, "settings", 0),
    "settings-trouble": lambda stage, colours: _waits(stage, colours, "settings", trouble="hq_unbelievable"),
    "sell-waiting": _waits,
    "sell-all-there": lambda stage, colours: _waits(stage, colours, waiting=0),
    "settings-refused": partial(_refused, name="settings"),
}
"""Makes each scene on a stage in the colours of a theme."""

_MANY = (
    "9521000000742", "9521000001114", "9521000001480", "9521000001855", "9521000002227", "9521000002593",
    "9521000002968", "9521000003330", "9521000003705", "9521000004078",
)  # fmt: skip
