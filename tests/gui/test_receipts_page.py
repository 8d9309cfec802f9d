"""A receipt is found again, looked at, printed once more, or brought back."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pypdf
import pytest
from PySide6.QtCore import Qt

from core.events import ReceiptReprinted, TenderKind
from core.sales import cart as carts
from core.sales.payment import Payment
from core.shop import selling
from core.shop.terminal import SYSTEM
from tests.builders import BAG, RICE, WATER, set_up_shop
from tests.gui.conftest import buttons
from tests.gui.hands import Archive
from ui.printing.receipt import SlipPainter
from ui.receipts.page import ReceiptsPage, SlipView
from ui.widgets.rows import RowsTable

F12 = Qt.Key.Key_F12


def test_the_newest_comes_first_with_the_time_of_the_shops_clock(archive, day):
    archive.wait(*reversed(day))
    assert [row[1:] for row in archive.rows] == [
        ("2026-11-23 12:30", "2", "50.40"),
        ("2026-11-23 11:15", "25", "12.50"),
        ("2026-11-23 10:00", "1", "2.00"),
    ]


def test_the_clock_is_that_of_the_shop_and_not_of_the_computer(qtbot, terminal):
    shop = set_up_shop(terminal, timezone="America/New_York")
    sale = shop.sell((WATER, 1))
    archive = Archive(qtbot, shop)
    archive.wait(sale.receipt)
    assert archive.rows[0][1] == "2026-11-22 21:00"
    assert any("2026-11-22 21:00:00" in line for line in archive.looks_at(sale.receipt))
    archive.window.close()


def test_what_is_typed_finds_by_number_amount_or_goods(archive, day):
    for typed, found in {
        "0002": [1],
        "261123-0003": [2],
        "12.50": [1],
        "50.4": [2],
        "bag-l": [2, 1],
        WATER.shown_code: [0],
        "9999": [],
    }.items():
        archive.wait(*reversed(day))
        archive.hit(Qt.Key.Key_F2)
        archive.type(typed)
        archive.wait(*(day[n] for n in found))
        assert archive.search.text() == typed
        assert archive.reads("No such receipt.") is not bool(found)
        archive.hit(Qt.Key.Key_Escape)


def test_the_first_letter_begins_a_search_and_escape_shows_the_newest_again(archive, day):
    archive.wait(*reversed(day))
    archive.type("0001")
    archive.wait(day[0])
    assert archive.search.text() == "0001"
    archive.hit(Qt.Key.Key_Escape)
    archive.wait(*reversed(day))
    assert archive.search.text() == "" and archive.looks_at(day[2])
    archive.type("B")
    archive.qtbot.waitUntil(lambda: archive.presenter.state.typed == "B")
    assert archive.search.text() == "B"


@pytest.mark.parametrize("from_field", [False, True])
def test_a_receipts_own_code_and_goods_can_be_scanned(archive, day, from_field):
    archive.wait(*reversed(day))
    if from_field:
        archive.hit(Qt.Key.Key_F2)
    archive.scan(day[1])
    archive.wait(day[1])
    archive.scan(RICE.shown_code)
    archive.wait(day[2])
    archive.scan("NOTHING-SUCH")
    archive.says("No such receipt.")
    assert archive.window.room == "receipts" and not archive.window.sell.state.cart.lines
    assert not any(b.isEnabled() for b in buttons(archive.window) if b.text().endswith(("F8", "F12")))


def test_arrows_and_touch_choose_and_the_slip_follows(archive, day):
    archive.wait(*reversed(day))
    assert any("稻香大米" in line for line in archive.looks_at(day[2]))
    archive.hit(Qt.Key.Key_Down)
    archive.hit(Qt.Key.Key_Down)
    archive.hit(Qt.Key.Key_Down)
    assert any("云岭矿泉水" in line for line in archive.looks_at(day[0]))
    archive.hit(Qt.Key.Key_Up)
    archive.looks_at(day[1])
    archive.touch_row(0)
    archive.looks_at(day[2])
    archive.hit(Qt.Key.Key_F2)
    archive.hit(Qt.Key.Key_Down)
    archive.looks_at(day[1])


def test_more_come_when_somebody_scrolls_to_the_end(qtbot, shop):
    def many(session) -> list[str]:
        line = carts.sale_line(BAG, 0)
        return [
            selling.checkout(session, SYSTEM, carts.add(selling.new_cart(session), line), (cash,)).receipt
            for _ in range(205)
        ]

    cash = Payment(TenderKind.CASH)
    numbers = shop.terminal.write(many).result()[::-1]
    archive = Archive(qtbot, shop)
    archive.wait(*numbers[:100])
    bar = archive.window.page.findChild(RowsTable).verticalScrollBar()
    for count in (200, 205):
        bar.setValue(bar.maximum())
        qtbot.waitUntil(lambda count=count: len(archive.numbers) == count)
    bar.setValue(bar.maximum())
    assert archive.numbers == numbers
    archive.touch_row(204)
    archive.looks_at(numbers[-1])
    archive.window.close()


@pytest.mark.parametrize("touch", [False, True])
def test_a_copy_is_printed_and_counted(archive, shop, day, touch):
    archive.wait(*reversed(day))
    for copy in (1, 2):
        archive.click("F12") if touch else archive.hit(F12)
        archive.says(f"There is no printer; copy {copy} is a file")
        place = shop.terminal.home.folder / "receipts" / f"{day[2]}.pdf"
        assert archive.reads(str(place))
        text = "".join(page.extract_text() for page in pypdf.PdfReader(place).pages)
        assert day[2] in text and f"Copy {copy}" in text and "50.40" in text
        assert [(fact.receipt, fact.copy) for fact in archive.facts(ReceiptReprinted)] == [
            (day[2], n) for n in range(1, copy + 1)
        ]
    archive.hit(Qt.Key.Key_Down)
    archive.looks_at(day[1])
    assert not archive.reads("Copy")


@pytest.mark.parametrize("begun", [False, True])
def test_it_goes_to_the_counter_with_its_lines(archive, day, begun):
    archive.wait(*reversed(day))
    archive.click("F8") if begun else archive.hit(Qt.Key.Key_F8)
    state = archive.until(lambda state: len(state.cart.lines) == 2)
    assert archive.window.room == "sell" and archive.reads("To give back")
    assert [(line.name, line.quantity) for line in state.cart.lines] == [("稻香大米 5kg", -1), ("购物袋", -1)]
    assert state.cart.total == -5040
    archive.hit(F12)
    archive.until(lambda state: state.verdict.title.startswith("Paid back 50.40"))


@pytest.mark.parametrize("role", ["guide", "cashier"])
def test_who_may_look_and_print_may_not_always_bring_back(qtbot, shop, day, role):
    archive = Archive(qtbot, shop, shop.hire("X1", role))
    archive.wait(*reversed(day))
    (back,) = [button for button in buttons(archive.window) if button.text().endswith("F8")]
    assert back.isEnabled() is (role == "cashier")
    archive.hit(F12)
    archive.says("There is no printer; copy 1 is a file")
    assert [(fact.receipt, fact.head.staff) for fact in archive.facts(ReceiptReprinted)] == [(day[2], "X1")]
    archive.hit(Qt.Key.Key_F8)
    if role == "cashier":
        archive.until(lambda state: len(state.cart.lines) == 2)
    else:
        qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
        assert archive.window.room == "receipts" and archive.window.sell is None
        cart = shop.terminal.write(lambda s: s.connection.execute("SELECT count(*) FROM local_cart").fetchone())
        assert cart.result() == (0,)
    archive.window.close()


@pytest.mark.parametrize("mended", [False, True])
def test_a_folder_that_cannot_be_written_is_said(archive, shop, day, mended):
    place: Path = shop.terminal.home.folder / "receipts"
    place.write_text("no folder")
    archive.wait(*reversed(day))
    archive.hit(F12)
    archive.says("cannot be written")
    assert archive.reads(str(place))
    if mended:
        place.unlink()
        archive.hit(F12)
        archive.qtbot.waitUntil((place / f"{day[2]}.pdf").exists)
        archive.says("is a file")


def test_goods_that_came_back_and_a_mixed_payment_show_right(qtbot, shop, day):
    parts = (Payment(TenderKind.WECHAT, 4000, "W77"), Payment(TenderKind.CASH, 1000))
    mixed = shop.sell((RICE, 1), payments=parts)
    back = shop.bring_back(mixed.receipt, (RICE.code, 1))
    archive = Archive(qtbot, shop)
    archive.wait(back.receipt, mixed.receipt, *reversed(day))
    assert [row[2:] for row in archive.rows[:2]] == [("-1", "-49.90"), ("1", "49.90")]
    slip = "\n".join(archive.looks_at(back.receipt))
    assert "Return: 稻香大米" in slip and "Refund" in slip and "CNY 49.90" in slip and "-49.90" in slip
    archive.hit(Qt.Key.Key_Down)
    slip = " ".join("\n".join(archive.looks_at(mixed.receipt)).split())
    for text in ("WeChat Pay W77 40.00", "Cash 10.00", "Change 0.10", "Total CNY 49.90"):
        assert text in slip, slip
    archive.hit(Qt.Key.Key_F8)
    archive.until(lambda state: state.verdict.title == "Not possible")
    assert archive.reads("has already come back") and not archive.state.cart.lines
    archive.window.close()


def test_the_slip_on_the_screen_is_the_one_that_is_painted(archive, day):
    archive.wait(*reversed(day))
    view = archive.window.page.findChild(SlipView)
    assert view.minimumHeight() <= SlipPainter(view._slip).height + 1 and view.minimumHeight() > 300
    picture = view.grab().toImage()
    ink = {picture.pixelColor(x, y).lightness() < 100 for x in range(0, picture.width(), 2) for y in range(0, 200, 2)}
    assert ink == {True, False}


def test_drawing_a_state_twice_changes_nothing(archive, day):
    archive.wait(*reversed(day))
    page = archive.window.page
    assert isinstance(page, ReceiptsPage)
    before = page.grab().toImage()
    page.render_state(archive.presenter.state)
    assert page.grab().toImage() == before


def test_a_day_without_receipts_says_so(qtbot, shop):
    archive = Archive(qtbot, shop)
    archive.qtbot.waitUntil(lambda: bool(archive.window.sell.state.date))
    archive.hit(F12)
    archive.hit(Qt.Key.Key_F8)
    archive.hit(Qt.Key.Key_Down)
    assert (
        archive.reads("No receipts yet.") and archive.window.room == "receipts" and not archive.facts(ReceiptReprinted)
    )
    archive.window.close()


def test_a_figure_of_the_day_leads_to_its_receipts(archive, day):
    query = selling.ReceiptQuery(code=BAG.code)
    open_room = partial(archive.window.open_room, "receipts")
    open_room(("Large bags", query))
    archive.wait(day[2], day[1])
    assert archive.reads("Large bags")
    open_room()
    archive.wait(*reversed(day))
    assert not archive.reads("Large bags") and archive.reads("Receipts")
