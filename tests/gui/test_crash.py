"""A bug: the report, the dialog, and the way out."""

from __future__ import annotations

import logging
import re
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess, Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QPushButton

from tests.clock import StandingClock
from tests.texts import ROOT
from ui import crash
from ui.crash import CrashDialog, install, keep_report, start_again

CODE = "134567890123456789"


def bug(text: str = f"no place for {CODE}") -> tuple[type[BaseException], BaseException, object]:
    try:
        raise ValueError(text)
    except ValueError:
        return sys.exc_info()


def test_the_version_is_that_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == crash.VERSION


def test_a_report_says_what_happened_and_where_without_long_numbers(qapp, tmp_path):
    report = keep_report(*bug(), tmp_path / "log", StandingClock())
    assert report and re.fullmatch(r"report-\d{8}-\d{6}\.txt", report.name)
    text = report.read_text("utf-8")
    assert text.startswith(f"Store Assistant {crash.VERSION}\n2026-11-2")
    for part in ("Python 3", "Qt 6", "offscreen", "Traceback", "test_crash.py", "ValueError: no place for 13"):
        assert part in text
    assert CODE not in text and "13**************89" in text


@pytest.mark.parametrize("text", [f"{CODE[:9]}\x1d{CODE[9:]}", f"{CODE[:6]} {CODE[6:]}"])
def test_a_number_in_parts_is_a_long_number_too(qapp, tmp_path, text):
    report = keep_report(*bug(text), tmp_path)
    assert report and CODE[9:15] not in report.read_text("utf-8")


def test_a_message_that_is_no_text_is_kept(qapp, tmp_path):
    report = keep_report(*bug("\udcff"), tmp_path)
    assert report and "ValueError" in report.read_text("utf-8")


def test_twenty_reports_are_kept_and_the_newest_is_among_them(qapp, tmp_path):
    clock, made = StandingClock(), []
    for _ in range(25):
        made.append(keep_report(*bug(), tmp_path, clock))
        clock.go(minutes=1)
    assert sorted(tmp_path.iterdir()) == made[-20:]
    clock.go(hours=-1000)
    set_back = keep_report(*bug(), tmp_path, clock)
    assert sorted(tmp_path.iterdir()) == [set_back, *made[-19:]]


def test_two_reports_in_one_second_are_both_kept(qapp, tmp_path):
    clock = StandingClock()
    assert keep_report(*bug("first"), tmp_path, clock) == keep_report(*bug("second"), tmp_path, clock)
    (report,) = tmp_path.iterdir()
    assert "first" in report.read_text("utf-8") and "second" in report.read_text("utf-8")


def test_where_nothing_can_be_written_there_is_no_report(qapp, tmp_path):
    (tmp_path / "log").write_text("a file")
    assert keep_report(*bug(), tmp_path / "log") is None


@pytest.fixture
def dialog(qtbot, tmp_path) -> CrashDialog:
    made = CrashDialog(keep_report(*bug(), tmp_path))
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def read(dialog: CrashDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())


def press(dialog: CrashDialog, text: str) -> None:
    (button,) = [b for b in dialog.findChildren(QPushButton) if b.text().startswith(text)]
    assert button.isVisible()
    button.click()


@pytest.mark.parametrize(
    ("key", "again"), [(Qt.Key.Key_Return, True), (Qt.Key.Key_Enter, True), (Qt.Key.Key_Escape, False)]
)
def test_enter_starts_again_and_escape_closes(qtbot, dialog, key, again):
    assert dialog.focusWidget()
    qtbot.keyClick(dialog.focusWidget(), key)
    assert not dialog.isVisible() and (dialog.result() == dialog.DialogCode.Accepted) is again


def test_a_button_with_the_focus_is_the_one_that_enter_presses(qtbot, dialog):
    (close,) = [b for b in dialog.findChildren(QPushButton) if b.text().startswith("Close")]
    close.setFocus()
    qtbot.keyClick(close, Qt.Key.Key_Return)
    assert not dialog.isVisible() and dialog.result() == dialog.DialogCode.Rejected


def test_the_dialog_says_what_is_safe_and_where_the_report_lies(dialog, tmp_path):
    for part in ("you did nothing wrong", "What was saved is saved", "open cart comes back", str(tmp_path)):
        assert part in read(dialog)
    assert all(w.accessibleName() for w in dialog.findChildren(QPushButton))
    assert "What was saved is saved" in dialog.focusWidget().accessibleName()


def test_the_report_is_shown_when_it_is_asked_for(qtbot, dialog):
    inside = dialog.findChild(QPlainTextEdit)
    assert not inside.isVisible()
    press(dialog, "What is in it")
    assert inside.isVisible() and "ValueError" in inside.toPlainText() and CODE not in inside.toPlainText()
    assert inside.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByKeyboard
    qtbot.keyClick(inside, Qt.Key.Key_Return)
    assert dialog.result() == dialog.DialogCode.Accepted


def test_a_report_that_is_gone_is_a_sentence(dialog, tmp_path):
    for path in tmp_path.iterdir():
        path.unlink()
    press(dialog, "What is in it")
    assert "No such file" in dialog.findChild(QPlainTextEdit).toPlainText()
    dialog.reject()


def test_without_a_report_nothing_is_offered_to_be_read(qtbot):
    dialog = CrashDialog(None)
    qtbot.addWidget(dialog)
    dialog.show()
    assert "No report of it could be kept" in read(dialog)
    assert not [b for b in dialog.findChildren(QPushButton) if b.isVisible() and b.text() == "What is in it"]
    dialog.close()


@dataclass
class Crashes:
    """The hook with everything that it does."""

    folder: Path
    left: list[bool] = field(default_factory=list)
    shown: list[CrashDialog] = field(default_factory=list)

    def happen(self) -> None:
        sys.excepthook(*bug())

    @property
    def reports(self) -> list[Path]:
        return list(self.folder.glob("report-*"))

    def when_shown(self, act: Callable[[CrashDialog], object]) -> None:
        """Do something in the dialog as soon as it stands."""

        def look() -> None:
            dialogs = [w for w in QApplication.topLevelWidgets() if isinstance(w, CrashDialog) and w.isVisible()]
            if dialogs:
                self.shown += dialogs
                act(dialogs[0])
            else:
                QTimer.singleShot(10, look)

        QTimer.singleShot(0, look)


@pytest.fixture
def crashes(qtbot, tmp_path, monkeypatch) -> Crashes:
    # Undone after the test, and with it what `install` sets.
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(crash, "has_screen", lambda: True)
    made = Crashes(tmp_path / "log")
    install(lambda: made.folder, made.left.append)
    return made


@pytest.mark.logs
@pytest.mark.parametrize("again", [True, False])
def test_a_bug_is_kept_logged_told_and_left(crashes, caplog, again):
    crashes.when_shown(lambda dialog: dialog.accept() if again else dialog.reject())
    crashes.happen()
    assert crashes.left == [again] and len(crashes.reports) == 1
    (record,) = [r for r in caplog.records if r.levelno == logging.CRITICAL]
    assert record.exc_info


@pytest.mark.logs
def test_in_the_event_loop_the_dialog_comes_after_what_was_going_on(qtbot, crashes):
    crashes.when_shown(lambda dialog: dialog.accept())

    def happen() -> None:
        crashes.happen()
        assert not crashes.shown

    QTimer.singleShot(0, happen)
    qtbot.waitUntil(lambda: bool(crashes.left))
    assert crashes.left == [True] and len(crashes.shown) == 1


@pytest.mark.logs
def test_a_second_bug_is_logged_and_opens_nothing(qtbot, crashes, caplog):
    def act(dialog: CrashDialog) -> None:
        crashes.happen()
        QTimer.singleShot(0, crashes.happen)
        QTimer.singleShot(50, dialog.reject)

    crashes.when_shown(act)
    crashes.happen()
    crashes.happen()
    assert len(crashes.shown) == len(crashes.reports) == 1 and crashes.left == [False]
    assert len([r for r in caplog.records if r.levelno == logging.CRITICAL]) == 4


@pytest.mark.logs
def test_without_a_screen_nobody_is_asked(crashes, monkeypatch):
    monkeypatch.setattr(crash, "has_screen", lambda: False)
    crashes.happen()
    assert crashes.left == [False] and len(crashes.reports) == 1


@pytest.mark.logs
def test_without_a_folder_the_dialog_comes_all_the_same(qtbot, crashes):
    install(lambda: None, crashes.left.append)
    crashes.when_shown(lambda dialog: dialog.accept())
    crashes.happen()
    assert crashes.left == [True] and not crashes.reports


def test_to_be_interrupted_is_no_crash(crashes, monkeypatch):
    codes: list[int] = []
    monkeypatch.setattr(QApplication, "exit", codes.append)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert codes == [130] and not crashes.left and not crashes.reports


def test_it_starts_again_as_it_was_started(monkeypatch):
    started: list[tuple[object, ...]] = []
    monkeypatch.setattr(QProcess, "startDetached", lambda *how: (started.append(how), (True, 1))[1])
    monkeypatch.setattr(sys, "orig_argv", ["python", "main.py", "--home", "somewhere"])
    assert start_again()
    assert started == [(sys.executable, ["main.py", "--home", "somewhere"], str(Path.cwd()))]
