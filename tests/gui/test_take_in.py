"""Codes that a factory or a platform made are taken in from the window: a file of them, or a range."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QComboBox

from core.events import CodeRangeRegistered, CodesRegistered
from tests.builders import RICE, WATER
from tests.gui.code_desk import CodeDesk, K
from ui.codes.state import Part

GOOD = [f"https://factory.example/q/{n:06}" for n in range(1, 41)]


@pytest.fixture
def desk(qtbot, shop, tmp_path, monkeypatch):
    downloads = tmp_path / "person" / "Downloads"
    downloads.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "person" / "config"))
    made = CodeDesk(qtbot, shop)
    made.downloads = downloads
    yield made
    made.window.close()


def begin(desk: CodeDesk, content: str = "", name: str = "codes.csv") -> None:
    """With that file near, and rice as the item."""
    if content:
        (desk.downloads / name).write_text(content, encoding="utf-8")
    desk.hit(K.Key_F6)
    desk.settle()
    desk.scan(RICE.shown_code)
    desk.settle()


def test_a_list_is_taken_in_by_three_keys(desk):
    begin(desk, "\n".join(["uri", *GOOD]))
    desk.type("1")
    desk.settle()
    desk.hit(K.Key_F12)
    desk.settle()
    (row,) = desk.now.rows
    assert desk.now.part is Part.BATCHES and (row.batch.made, row.batch.issued, row.product) == ("list", 40, RICE)
    assert desk.reads("Made elsewhere, from a list") and not desk.may_press("Labels")
    (fact,) = desk.facts(CodesRegistered)
    assert fact.source == "codes.csv"
    desk.scan(GOOD[6])
    desk.at(lambda state: bool(state.shown))
    assert desk.reads(f"batch {row.batch.name}, no. 7") and desk.reads("稻香大米 5kg")


def test_rows_that_cannot_be_taken_in_are_shown_and_left_out_when_somebody_says_so(desk):
    begin(desk, "\n".join(["uri", *GOOD[:5], GOOD[2], "a b", WATER.shown_code]))
    desk.type("1")
    desk.settle()
    desk.hit(K.Key_F12)
    desk.settle()
    assert [bad.row for bad in desk.presenter.taking_in.state.bad] == [7, 8, 9]
    assert desk.reads("3 codes cannot be taken in; nothing was changed.") and not desk.facts(CodesRegistered)
    desk.touch("○ Leave them out")
    desk.hit(K.Key_F12)
    desk.settle()
    assert desk.now.chosen.batch.issued == 5


def test_the_column_is_chosen_where_nothing_tells_which(desk):
    begin(desk, "nr,mark\n" + "\n".join(f"{n},{code}" for n, code in enumerate(GOOD)))
    desk.type("1")
    desk.settle()
    desk.hit(K.Key_F12)
    desk.says("has no column with codes")
    (columns,) = [made for made in desk.window.findChildren(QComboBox) if made.isVisible()]
    assert [columns.itemData(place) for place in range(columns.count())] == ["", "nr", "mark"]
    desk.presenter.taking_in.choose_column("mark")
    desk.hit(K.Key_F12)
    desk.settle()
    assert desk.facts(CodesRegistered)[0].codes[0] == GOOD[0]


def test_a_range_is_taken_in_and_a_part_of_it_is_put_on_sale(desk):
    begin(desk)
    desk.fill("Or a range: the first code", "F2026-000001")
    desk.fill("The last code", "F2026-005000")
    desk.hit(K.Key_F12)
    desk.settle()
    assert [(fact.first, fact.last) for fact in desk.facts(CodeRangeRegistered)] == [("F2026-000001", "F2026-005000")]
    assert desk.now.chosen.batch.issued == 5000 and desk.reads("Made elsewhere, a range")
    desk.hit(K.Key_F6)
    desk.settle()
    desk.scan(RICE.shown_code)
    desk.settle()
    desk.fill("Or a range: the first code", "F2026-004000")
    desk.fill("The last code", "F2026-006000")
    desk.hit(K.Key_F12)
    desk.says("is in the register already.")


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [("", "", "Choose a file, or type"), ("F001", "G002", "is no range"), ("LOT-9", "LOT-1", "is no range")],
)
def test_what_is_no_range_is_refused(desk, first, last, words):
    begin(desk)
    desk.presenter.taking_in.choose_range(first=first, last=last)
    desk.hit(K.Key_F12)
    desk.says(words)
    assert not desk.facts(CodeRangeRegistered)


def test_without_an_item_nothing_is_taken_in(desk):
    (desk.downloads / "codes.csv").write_text("uri\n" + GOOD[0], encoding="utf-8")
    desk.hit(K.Key_F6)
    desk.settle()
    desk.type("1")
    desk.settle()
    desk.hit(K.Key_F12)
    desk.says("Choose the item first")
    desk.hit(K.Key_Escape)
    desk.at(lambda state: state.part is Part.BATCHES)
    assert not desk.facts(CodesRegistered)


def test_a_file_that_is_none_says_so(desk):
    begin(desk, "", "codes.csv")
    (desk.downloads / "bad.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    desk.presenter.taking_in.choose(desk.downloads / "bad.xlsx")
    desk.settle()
    assert desk.presenter.taking_in.state.refused and desk.presenter.taking_in.state.said
    desk.presenter.taking_in.choose(desk.downloads / "gone.csv")
    desk.settle()
    assert "cannot be read" in desk.presenter.taking_in.state.said
