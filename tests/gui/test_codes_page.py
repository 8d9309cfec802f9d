"""A manager issues codes, looks at the label, lets labels come out, stops in the middle, and sees the balance."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QLabel, QProgressBar

from core.shop import codes
from core.shop.terminal import Actor
from tests.builders import BAG, RICE, SCARF
from tests.gui.code_desk import COUNT, ITEM, START, WHICH, CodeDesk, K
from tests.gui.conftest import buttons
from tests.label_printer import label_printer
from ui.codes.sheet import SheetView
from ui.codes.state import Part
from ui.printing import labels as painting
from ui.printing import paper


@pytest.fixture
def desk(qtbot, shop):
    made = CodeDesk(qtbot, shop)
    yield made
    made.window.close()


def pages(path: Path) -> int:
    document = QPdfDocument()
    assert document.load(str(path)) is QPdfDocument.Error.None_
    return document.pageCount()


def test_a_hundred_codes_are_issued_and_printed_by_keys(desk):
    desk.hit(K.Key_F3)
    desk.settle()
    desk.hit(K.Key_F2)
    desk.type("dxdm")
    desk.qtbot.waitUntil(lambda: desk.form.preview is not None)
    desk.fill(COUNT, "100")
    desk.hit(K.Key_F12)
    desk.done()
    (batch,) = [row.batch for row in desk.shop.terminal.read(codes.batch_rows).result()]
    desk.says(f"Batch {batch.name}: 100 of 100 issued, 100 printed.")
    path = desk.folder / f"{batch.name}-1-100.pdf"
    assert desk.reads(path.name) and pages(path) == 3 and desk.told() == (100, 100)
    desk.hit(K.Key_Escape)
    desk.at(lambda state: state.part is Part.BATCHES)
    desk.settle()
    assert desk.rows == [(batch.name, "稻香大米 5kg", "100", "100")] and desk.now.chosen.batch == batch
    assert desk.reads("Issued here") and desk.may_press("Labels")


def test_the_label_is_shown_as_large_as_it_will_be(desk, monkeypatch):
    monkeypatch.setattr("ui.codes.issue_page.IssuePage.physicalDpiX", lambda _: 127)
    desk.begin(1)
    (picture,) = [w for w in desk.window.findChildren(QLabel) if w.accessibleName() == "The label as it will come out"]
    # 5 px a mm.
    assert (picture.pixmap().width(), picture.pixmap().height()) == (200, 150) and desk.reads("True size · 40 × 30 mm")
    desk.presenter.issuing.choose_paper("60x40")
    desk.qtbot.waitUntil(lambda: picture.pixmap().width() == 300)
    monkeypatch.setattr("ui.codes.issue_page.IssuePage.physicalDpiX", lambda _: 90)
    desk.presenter.issuing.choose_paper("40x30")
    desk.says("Twice its size · 40 × 30 mm")
    assert picture.pixmap().width() == round(40 * 90 / 25.4 * 2)


def test_a_label_that_no_scanner_could_read_is_refused_before_a_code_is_issued(desk):
    desk.begin(5)
    desk.presenter.issuing.choose_paper("a4-65")
    desk.touch("On the label, besides symbol and serial: Bars (EAN-13)")
    desk.says("The symbol needs 19.0 mm each way")
    desk.settle()
    desk.hit(K.Key_F12)
    desk.says("The label cannot be printed like this.")
    assert desk.told() == (0, 0) and not desk.shop.terminal.read(codes.batch_rows).result()


@pytest.mark.parametrize("count", ["0", "1000001", "ten", "", "-3", "1.5", "٣"])
def test_a_number_that_cannot_be_meant_is_refused(desk, count):
    desk.begin(5)
    desk.presenter.issuing.type_count(count)
    desk.hit(K.Key_F12)
    desk.done()
    desk.says("codes are not possible; it must be 1 to 1000000")
    assert desk.told() == (0, 0)


def test_goods_without_a_gtin_are_not_offered_and_say_why(desk):
    desk.hit(K.Key_F3)
    desk.settle()
    assert BAG not in desk.presenter.issuing.item.state.found and SCARF in desk.presenter.issuing.item.state.found
    desk.scan(BAG.shown_code)
    desk.says("购物袋 has no barcode number (GTIN) of its own")
    desk.hit(K.Key_F12)
    desk.says("Choose the item first")
    desk.fill(ITEM, "gwd")
    desk.says("购物袋 has no barcode number (GTIN) of its own")


def test_a_used_sheet_is_begun_where_it_is_free(desk):
    desk.begin(40)
    desk.presenter.issuing.choose_paper("a4-45")
    desk.qtbot.waitUntil(lambda: desk.window.findChild(SheetView).isVisible())
    sheet = desk.window.findChild(SheetView)
    # The first label of the second row.
    desk.qtbot.mouseClick(sheet, Qt.MouseButton.LeftButton, pos=QPoint(sheet.width() // 8, sheet.height() // 6))
    assert desk.form.options.start == 6 and desk.field(START).text() == "6"
    desk.fill(START, "46")
    assert desk.form.options.start in (4, 6)
    desk.fill(START, "7")
    assert desk.form.options.start == 7
    desk.qtbot.waitUntil(lambda: desk.form.preview is not None)
    desk.hit(K.Key_F8)
    desk.done()
    (path,) = desk.folder.iterdir()
    assert pages(path) == 2


def test_codes_for_a_printing_house_are_a_file(desk):
    desk.begin(3)
    desk.hit(K.Key_F7)
    desk.done()
    (path,) = desk.folder.iterdir()
    (row,) = desk.shop.terminal.read(codes.batch_rows).result()
    serials = desk.shop.serials(row.batch.name)
    stem = "HTTPS://ID.EXAMPLE.COM/01/09521000008144/21/"
    assert path.read_text("utf-8").split() == ["serial,uri", *(f"{key},{stem}{key}" for key in serials)]
    assert row.batch.printed == 3


def test_codes_are_issued_now_and_printed_later_in_part(desk):
    desk.begin(10)
    desk.hit(K.Key_F6)
    desk.done()
    assert desk.told() == (10, 0) and not desk.may_press("Only issue")
    desk.fill(WHICH, "4-6")
    desk.hit(K.Key_F8)
    desk.done()
    assert desk.told() == (10, 3) and desk.reads("10 of 10 issued, 3 printed.")
    desk.fill(WHICH, "9-11")
    desk.hit(K.Key_F8)
    desk.done()
    desk.says("has 10 codes; say which of them")
    desk.fill(WHICH, "9-")
    desk.hit(K.Key_F8)
    desk.done()
    assert desk.told() == (10, 5)


def test_twenty_thousand_labels_stopped_in_the_middle_are_told_truly(desk, monkeypatch):
    """Progress is seen, Esc stops, and journal, register and folder agree; then the same labels come out whole."""
    reached, go_on = threading.Event(), threading.Event()
    real = painting.LabelPainter.paint

    def paint(self, painter, keys, skip=0):
        if keys == self._job.keys[45 * 200 : 45 * 201]:
            reached.set()
            assert go_on.wait(20)
        real(self, painter, keys, skip)

    monkeypatch.setattr(painting.LabelPainter, "paint", paint)
    desk.begin(20_000)
    desk.presenter.issuing.choose_paper("a4-45")
    desk.settle()
    desk.hit(K.Key_F8)
    desk.qtbot.waitUntil(reached.is_set, timeout=30_000)
    (bar,) = [bar for bar in desk.window.findChildren(QProgressBar) if bar.isVisible()]
    desk.qtbot.waitUntil(lambda: 8_900 <= bar.value() <= 9_045)
    assert bar.maximum() == 20_000 and bar.text().startswith("Printing · ")
    assert not desk.may_press("PDF") and desk.may_press("Stop")
    desk.hit(K.Key_F10)
    desk.says("Stop this first, or wait until it is done.")
    assert desk.window.room == "codes"
    desk.hit(K.Key_Escape)
    go_on.set()
    desk.done()
    (row,) = desk.shop.terminal.read(codes.batch_rows).result()
    desk.says(f"Batch {row.batch.name}: 20,000 of 20,000 issued, 0 printed. Stopped: 0 of 20000 labels came out.")
    assert desk.told() == (20_000, 0) and not list(desk.folder.iterdir()) and row.balance.issued == 20_000
    monkeypatch.setattr(painting.LabelPainter, "paint", real)
    desk.hit(K.Key_F8)
    desk.done()
    (path,) = desk.folder.iterdir()
    assert pages(path) == 445 and desk.told() == (20_000, 20_000)
    assert desk.row(row.batch.name).batch.printed == 20_000 and desk.shop.diagnosis().ok


def test_issuing_that_is_stopped_keeps_what_is_issued_and_goes_on_later(desk, monkeypatch):
    real, parts = codes._issue_part, []

    def part(*args, **how):
        parts.append(how["ordinal"])
        if how["ordinal"]:
            desk.presenter.issuing._stop.set()
        return real(*args, **how)

    monkeypatch.setattr(codes, "_issue_part", part)
    desk.begin(20_000)
    desk.hit(K.Key_F12)
    desk.done()
    (row,) = desk.shop.terminal.read(codes.batch_rows).result()
    assert 0 < row.batch.issued < 20_000 and desk.told() == (row.batch.issued, 0)
    desk.says(f"{row.batch.issued:,} of 20,000 issued, 0 printed.")
    monkeypatch.setattr(codes, "_issue_part", real)
    desk.hit(K.Key_Escape)
    desk.touch("Show: Broken off")
    desk.settle()
    assert [found.batch.name for found in desk.now.rows] == [row.batch.name] and desk.reads("20,000 were wanted")
    desk.hit(K.Key_F12)
    desk.settle()
    desk.touch("Issue the rest")
    desk.done()
    assert desk.told() == (20_000, 0) and len(set(desk.shop.serials(row.batch.name))) == 20_000
    desk.hit(K.Key_Escape)
    desk.settle()
    assert not desk.now.rows and desk.reads("No such batch.")


def test_a_pdf_that_cannot_be_written_leaves_the_codes_and_says_so(desk, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(paper, "write_whole", full)
    desk.begin(5)
    desk.hit(K.Key_F8)
    desk.done()
    (row,) = desk.shop.terminal.read(codes.batch_rows).result()
    desk.says(f"The codes of batch {row.batch.name} are issued, but not printed:")
    assert desk.told() == (5, 0)
    monkeypatch.undo()
    desk.hit(K.Key_F8)
    desk.done()
    assert desk.told() == (5, 5)


def test_batches_are_found_by_item_name_and_what_is_to_be_done(desk):
    first, _ = desk.issued(3)
    second, _ = desk.shop.issue(SCARF, 4)
    desk.touch("Show: To be printed")
    desk.settle()
    assert [row[0] for row in desk.rows] == [second.name, first.name]
    desk.hit(K.Key_Down)
    desk.hit(K.Key_F7)
    desk.settle()
    assert desk.reads(f"Batch {first.name}: frozen") and desk.row(first.name).balance.frozen == 3
    desk.touch("Show: Frozen")
    desk.settle()
    assert [row[0] for row in desk.rows] == [first.name]
    desk.hit(K.Key_F7)
    desk.settle()
    assert desk.row(first.name).balance.frozen == 0
    desk.hit(K.Key_Escape)
    desk.settle()
    desk.type("ymwj")
    desk.settle()
    assert [row[0] for row in desk.rows] == [second.name]
    desk.scan(RICE.shown_code)
    desk.settle()
    assert [row[0] for row in desk.rows] == [first.name]


def test_codes_are_wanted_for_what_the_catalogue_shows(desk):
    desk.enter("goods")
    desk.settle()
    desk.scan(SCARF.shown_code)
    desk.settle()
    desk.hit(K.Key_F9)
    desk.settle()
    assert desk.window.room == "codes" and desk.presenter.issuing.item.state.chosen == SCARF
    desk.qtbot.waitUntil(lambda: desk.form.preview is not None)


def test_after_a_broken_print_the_last_label_says_from_where_on(desk):
    _, serials = desk.issued(10)
    _, (other,) = desk.shop.issue(SCARF, 1)
    desk.settle()
    desk.hit(K.Key_F12)
    desk.settle()
    desk.scan(serials[6])
    desk.settle()
    assert desk.field(WHICH).text() == "7-"
    desk.scan(other)
    desk.says("is the number of an item, or of another one")
    desk.hit(K.Key_F8)
    desk.done()
    assert desk.told() == (11, 4)


@pytest.mark.parametrize(
    ("role", "may"),
    [("cashier", {"On sale"}), ("guide", {"On sale"}), ("it", {"New codes", "Made elsewhere", "Labels"})],
)
def test_a_role_has_the_buttons_that_it_may_press(qtbot, shop, role, may):
    shop.issue(RICE, 5)
    desk = CodeDesk(qtbot, shop, shop.hire("X1", role))
    shown = {word for made in buttons(desk.window) if made.isEnabled() for word in made.text().split("\n")}
    assert shown & {"New codes", "Made elsewhere", "On sale", "Freeze", "Labels"} == may
    for key in (K.Key_F3, K.Key_F6, K.Key_F7, K.Key_F12):
        desk.hit(key)
        desk.settle()
        assert role == "it" or desk.now.part is Part.BATCHES
        desk.hit(K.Key_Escape)
    assert desk.row(desk.now.rows[0].batch.name).balance.frozen == 0
    desk.window.close()


def test_how_labels_look_follows_the_settings(desk):
    desk.shop.set("label", "60x40")
    desk.shop.set("label_fields", "name gtin")
    desk.shop.set("label_dpi", "300")
    desk.begin(1)
    options = desk.form.options
    assert (options.preset, options.dpi, options.fields) == ("60x40", 300, frozenset({"name", "gtin"}))
    assert desk.chosen().count("✓ Item name") == 1 and "300 dpi" in desk.chosen()


def test_a_label_printer_in_the_network_gets_what_is_printed(desk):
    with label_printer() as printer:
        desk.shop.set("label_printer", f"tspl {printer.name}")
        desk.begin(7)
        desk.hit(K.Key_F12)
        desk.done()
    assert [job.count(b"QRCODE") for job in printer.jobs] == [7] and desk.told() == (7, 7)
    desk.hit(K.Key_F12)
    desk.done()
    desk.says("cannot be reached")
    assert desk.told() == (7, 7)


def test_whoever_leaves_hears_nothing_of_it(qtbot, shop):
    desk = CodeDesk(qtbot, shop, shop.hire("M1", "manager"))
    desk.begin(2)
    presenter = desk.presenter
    presenter.close()
    desk.settle()
    desk.window.close()
    assert Actor("M1") == presenter._by
