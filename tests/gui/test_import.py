"""A manager takes a file of goods in: it is offered, its columns are named, its changes are looked at, it is done."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLineEdit, QProgressBar

from core.catalogue.product import Product
from tests.builders import BAG, RICE, WATER
from tests.gui.conftest import buttons
from tests.gui.hands import COLUMNS, FILE, ImportDesk, K, big
from ui.goods.importing import Step
from ui.widgets.rows import RowsTable

BAD = FILE + "123,,x,,1,,\n,SALT,盐,,2,,\n,JAM,酱,,two,,\n"
TEA, SALT = Product("TEA", "龙井", 8800, None, "茶"), Product("SALT", "盐")


def pick(desk: ImportDesk, field: str, column: str) -> None:
    """Choose a column in the list of a field, by touch."""
    (found,) = [p for p in desk.window.findChildren(QComboBox) if p.isVisible() and p.accessibleName() == field]
    desk.touch(found)
    rows = found.view()
    desk.qtbot.waitUntil(rows.isVisible)
    place = rows.visualRect(rows.model().index(found.findText(column), 0)).center()
    desk.qtbot.mouseMove(rows.viewport(), place)
    desk.qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    desk.at(lambda state: state.step is Step.CHECK)


def picked(desk: ImportDesk) -> dict[str, str]:
    return {p.accessibleName(): p.currentText() for p in desk.window.findChildren(QComboBox) if p.isVisible()}


def rows_of(desk: ImportDesk, name: str) -> list[tuple[str, ...]]:
    (table,) = [t for t in desk.window.findChildren(RowsTable) if t.isVisible() and t.accessibleName() == name]
    model = table.model()
    return [
        tuple(model.index(row, column).data() for column in range(model.columnCount()))
        for row in range(model.rowCount())
    ]


def staged(desk: ImportDesk) -> int:
    count = "SELECT (SELECT count(*) FROM local_import) + (SELECT count(*) FROM local_import_row)"
    return desk.shop.terminal.write(lambda s: s.connection.execute(count).fetchone()[0]).result()


@pytest.fixture
def desk(import_desk):
    return import_desk


def test_files_that_lie_nearby_are_offered_the_newest_first(desk):
    for age, name in enumerate(("f.csv", "e.xlsx", "d.csv", "c.csv", "b.csv", "a.csv")):
        os.utime(desk.put(FILE, name), (2e9 - age, 2e9 - age))
    desk.put("x", "letter.txt")
    (desk.downloads / "folder.csv").mkdir()
    desk.key(K.Key_F6)
    desk.at(lambda state: bool(state.files))
    names = [f"{n}  {name}" for n, name in enumerate(("f.csv", "e.xlsx", "d.csv", "c.csv", "b.csv"), 1)]
    assert [b.text().split("\n")[0] for b in buttons(desk.window) if b.text()[:1].isdigit()] == names
    desk.key(K.Key_3)
    desk.at(lambda state: state.step is Step.CHECK)
    assert desk.reads("d.csv")


def test_a_file_with_chinese_headers_is_taken_in_by_three_keys(desk):
    desk.look(FILE)
    assert picked(desk) == {
        "Barcode": "条码", "Own code": "货号", "Item name": "名称", "Price": "售价",
        "Category": "分类", "Tax rate": "税率", "Specification": "规格",
    }  # fmt: skip
    assert desk.reads("2 new · 1 changed · 1 as they are")
    assert rows_of(desk, "What will change") == [
        ("Price", "云岭矿泉水 550ml", "2.00 → 2.50"), ("New", "龙井", "88.00"), ("New", "盐", "—"),
    ]  # fmt: skip
    assert desk.known("TEA") is None and desk.known(WATER.code) == WATER
    desk.key(K.Key_F12)
    desk.at(lambda state: state.step is Step.DONE)
    assert desk.reads("2 added, 1 updated, 1 unchanged") and staged(desk) == 0
    desk.key(K.Key_Return, text="\r")
    desk.until(lambda state: state.count == 7)
    assert {"TEA", "SALT"} <= set(desk.codes()) and desk.reads("7 goods")
    assert (desk.known("TEA"), desk.known("SALT"), desk.known(RICE.code)) == (TEA, SALT, RICE)
    assert desk.known(WATER.code) == replace(WATER, price=250) and desk.in_the_cart() == 0


def test_by_touch_alone(desk):
    desk.put(FILE)
    desk.click("From a file")
    desk.at(lambda state: bool(state.files))
    desk.click("1  goods.csv")
    desk.at(lambda state: state.may_start)
    desk.click("Import")
    desk.at(lambda state: state.step is Step.DONE)
    desk.click("Done")
    desk.until(lambda state: not state.importing and state.count == 7)


@pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)", extend=True)
def test_columns_are_named_and_taken_away(desk):
    desk.look(FILE.replace("货号", "我们的号").replace("售价", "今天"))
    assert picked(desk)["Own code"] == "—" and picked(desk)["Price"] == "—"
    assert [row for row, _ in rows_of(desk, "Rows that cannot be taken in")] == ["4", "5"]
    assert desk.reads("0 new · 0 changed · 2 as they are · 2 cannot be taken in")
    pick(desk, "Own code", "我们的号")
    desk.at(lambda state: not state.bad)
    pick(desk, "Price", "今天")
    desk.at(lambda state: state.preview.updated == 1)
    assert desk.reads("2 new · 1 changed · 1 as they are")
    pick(desk, "Category", "—")
    desk.at(lambda state: state.columns["category"] == "" and state.step is Step.CHECK)
    assert not any("Category" in what for what, *_ in rows_of(desk, "What will change"))
    desk.click("Import")
    desk.at(lambda state: state.step is Step.DONE)
    assert desk.known("TEA") == replace(TEA, category="")


def test_bad_rows_stop_the_import_until_they_are_left_out(desk):
    desk.look(BAD)
    rows = rows_of(desk, "Rows that cannot be taken in")
    assert [row for row, _ in rows] == ["6", "7", "8"]
    for (_, sentence), part in zip(
        rows, ("“123” is no valid barcode", "first in row 5", "“two” is no amount"), strict=True
    ):
        assert part in sentence
    assert desk.reads("3 cannot be taken in") and not desk.importing.state.may_start
    desk.key(K.Key_F12)
    assert desk.importing.state.step is Step.CHECK
    desk.click("○ Leave them out")
    desk.click("✓ They are left out")
    assert not desk.importing.state.may_start
    desk.click("○ Leave them out")
    desk.click("Import")
    desk.at(lambda state: state.step is Step.DONE)
    assert (desk.known("TEA"), desk.known("SALT"), desk.known("JAM")) == (TEA, SALT, None)


def test_what_brings_nothing_new_is_not_taken_in(desk):
    desk.look(COLUMNS + "9521000008144,,稻香大米,5kg,49.90,9%,粮油\n")
    facts = desk.facts()
    assert desk.reads("0 new · 0 changed · 1 as they are")
    desk.key(K.Key_F12)
    assert desk.importing.state.step is Step.CHECK and desk.facts() == facts


class Watch(QObject):
    """Sees how a progress bar is painted."""

    def __init__(self, bar: QProgressBar) -> None:
        super().__init__(bar)
        self.seen: list[int] = []
        bar.installEventFilter(self)

    def eventFilter(self, bar: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            self.seen.append(bar.value())
        return False


def test_progress_rises_to_the_end(desk):
    desk.look(big())
    (bar,) = desk.window.findChildren(QProgressBar)
    assert not bar.isVisible()
    watch = Watch(bar)
    steps: list[int] = []
    desk.importing.changed.connect(lambda state: steps.append(state.done) if state.step is Step.WORKING else None)
    desk.key(K.Key_F12)
    assert bar.isVisible() and bar.maximum() == 6000
    desk.at(lambda state: state.step is Step.DONE)
    assert steps == sorted(steps) and len(set(steps)) > 20 and watch.seen == sorted(watch.seen)
    assert len(set(watch.seen)) > 3 and not bar.isVisible()
    desk.key(K.Key_Escape)
    desk.until(lambda state: state.count == 3005)


@pytest.mark.parametrize("how", ["Esc", "Stop"])
def test_stopped_in_the_middle_everything_is_as_it_was(desk, how):
    desk.look(big(6000))
    facts = desk.facts()
    desk.key(K.Key_F12)
    desk.at(lambda state: state.done > 250)
    desk.click(how)
    desk.at(lambda state: state.step is Step.CHECK)
    assert desk.reads("The import was stopped; the catalogue is as it was.")
    assert desk.facts() == facts and desk.known("ITEM0001") is None and staged(desk) == 0
    for _ in range(2):
        desk.key(K.Key_Escape)
    desk.until(lambda state: not state.importing and state.count == 5)
    assert desk.shop.diagnosis(full=True).ok


def test_the_counter_goes_on_while_a_file_is_taken_in(desk):
    desk.look(big(6000))
    desk.key(K.Key_F12)
    desk.at(lambda state: state.done > 0)
    desk.click("Sell")
    desk.keys.scan(BAG.code)
    desk.qtbot.waitUntil(lambda: desk.window.sell.state.cart.pieces == 1)
    desk.key(K.Key_F12)
    desk.qtbot.waitUntil(lambda: desk.window.sell.state.verdict.title.startswith("Paid"))
    assert desk.importing.state.step is Step.WORKING
    desk.click("Goods")
    desk.at(lambda state: state.step is Step.DONE)
    assert desk.reads("6000 added") and desk.shop.diagnosis(full=True).ok


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.csv", b"", "a.csv is empty."),
        ("a.csv", COLUMNS, "a.csv is empty."),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(300), "a.csv is no text and no spreadsheet."),
        ("a.xlsx", FILE, "a.xlsx is not a whole XLSX file."),
        ("a.csv", FILE[:-8].encode("gb18030"), "a.csv ends in the middle."),
        ("a.csv", "名称,售价\n盐,2\n", "a.csv has no header row with a column for codes"),
    ],
)
def test_a_file_that_is_no_catalogue_is_said_and_another_can_be_chosen(desk, name, text, sentence):
    desk.begin((name, text))
    facts = desk.facts()
    desk.click(f"1  {name}")
    desk.at(lambda state: state.refused)
    assert desk.reads(sentence) and not desk.importing.state.may_start
    desk.key(K.Key_F12)
    desk.put(FILE, "good.csv")
    desk.key(K.Key_Escape)
    if desk.state.importing:
        desk.at(lambda state: len(state.files) == 2)
    else:
        desk.key(K.Key_F6)
        desk.at(lambda state: len(state.files) == 2)
    assert not desk.reads(sentence) and desk.facts() == facts
    desk.click(f"{1 + [p.name for p in desk.importing.state.files].index('good.csv')}  good.csv")
    assert desk.at(lambda state: state.may_start).preview.added == 2


def test_a_file_that_went_away_is_said(desk):
    desk.begin(("a.csv", FILE), ("b.csv", FILE))
    (desk.downloads / "a.csv").unlink()
    number = 1 + [p.name for p in desk.importing.state.files].index("a.csv")
    desk.click(f"{number}  a.csv")
    desk.at(lambda state: state.refused)
    assert desk.reads("a.csv cannot be read: No such file or directory.")
    desk.click(f"{3 - number}  b.csv")
    desk.at(lambda state: state.may_start)
    assert not desk.reads("cannot be read")


def test_a_file_from_elsewhere(desk, tmp_path):
    (tmp_path / "usb").mkdir()
    path = tmp_path / "usb" / "stick.csv"
    path.write_text(FILE, encoding="utf-8")
    desk.begin()

    looking = QTimer()

    def answer() -> None:
        if isinstance(dialog := QApplication.activeModalWidget(), QFileDialog):
            looking.stop()
            line = dialog.findChild(QLineEdit, "fileNameEdit")
            line.setText(str(path))
            desk.qtbot.keyClick(line, K.Key_Return)

    looking.timeout.connect(answer)
    looking.start(20)
    desk.key(K.Key_F2)
    desk.at(lambda state: state.may_start)
    assert desk.reads("stick.csv") and desk.reads("2 new")


@pytest.mark.logs
def test_a_disk_that_refuses_is_said_and_it_works_again(desk):
    desk.look(FILE)
    facts = desk.facts()
    desk.refuse_writes()
    desk.key(K.Key_F12)
    desk.at(lambda state: state.refused)
    assert desk.reads("Nothing was saved") and desk.known("TEA") is None and desk.facts() == facts
    desk.key(K.Key_F12)
    desk.at(lambda state: state.step is Step.DONE)
    assert desk.known("TEA") == TEA and desk.facts() == facts + 1 and staged(desk) == 0
    assert not desk.reads("Nothing was saved") and desk.shop.diagnosis(full=True).ok


def test_esc_leads_back_step_by_step(desk):
    desk.look(FILE)
    desk.key(K.Key_Escape)
    desk.at(lambda state: state.step is Step.CHOOSE and bool(state.files))
    desk.key(K.Key_Escape)
    desk.until(lambda state: not state.importing)
    desk.type("ym")
    desk.until(lambda state: state.typed == "ym")


def test_a_scan_meanwhile_is_nothing(desk):
    desk.look(FILE)
    before = desk.importing.state
    desk.keys.scan(BAG.code)
    assert desk.importing.state == before and desk.in_the_cart() == 0 and desk.window.room == "goods"
