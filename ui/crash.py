"""A bug ends the program: a report of it is kept, a dialog says so in plain words, and the program can start again."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import PySide6
from PySide6.QtCore import QProcess, Qt, QThread, QTimer, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from core.texts import readable, tr
from ui.platform import has_screen
from ui.widgets.parts import button, filling, keyed, label

if TYPE_CHECKING:
    from core.clock import Clock

VERSION = "0.1.0"
"""Of the program; a test holds it against pyproject.toml."""

KEPT = 20
"""Reports; older ones are deleted."""

INTERRUPTED = 130
"""Exit code of a program that was told to stop from its console."""

_log = logging.getLogger(__name__)


def install(folder: Callable[[], Path | None], leave: Callable[[bool], None]) -> None:
    """From now on an error that nobody took ends in a report, a dialog and `leave`.

    A second one on the way out is only logged.

    Args:
        folder: where reports are kept, once that is known.
        leave: ends the program; told whether it is to be started again when everything is closed.
    """
    crashed = False

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        nonlocal crashed
        if issubclass(kind, KeyboardInterrupt):
            QApplication.exit(INTERRUPTED)
            return
        first, crashed = not crashed, True
        report = None
        if first:
            with contextlib.suppress(Exception):
                report = (place := folder()) and keep_report(kind, error, trace, place)
        with contextlib.suppress(Exception):
            _log.critical("a bug ended the program", exc_info=(kind, error, trace))
        sys.__excepthook__(kind, error, trace)
        if not first:
            return
        program = QApplication.instance()
        if program and QThread.currentThread().loopLevel():
            # Not from here: it may be the middle of a painting.
            QTimer.singleShot(0, program, lambda: leave(_ask(report)))
        else:
            leave(_ask(report))

    sys.excepthook = hook


def start_again() -> bool:
    """Start the program once more as it was started; the home must have been let go. Returns whether it was started."""
    started, _ = QProcess.startDetached(sys.executable, sys.orig_argv[1:], str(Path.cwd()))
    return started


def keep_report(
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
    folder: Path,
    clock: Clock | None = None,
) -> Path | None:
    """Write what happened into a file of `folder`, without long numbers. Never fails.

    Returns:
        The file, or None where none could be written.
    """
    with contextlib.suppress(Exception):
        # Imported late, as nearly always they are not needed: the window stands the sooner.
        import platform

        from core.clock import SystemClock
        from core.privacy import masked

        moment = time.localtime((clock or SystemClock()).now_ms() // 1000)
        facts = (
            f"Store Assistant {VERSION}",
            time.strftime("%Y-%m-%d %H:%M:%S %z", moment),
            f"Python {platform.python_version()}, Qt {qVersion()}, PySide {PySide6.__version__}",
            f"{platform.platform()}, {QGuiApplication.platformName()}",
        )
        text = "\n".join((*facts, "", "".join(traceback.format_exception(kind, error, trace))))
        folder.mkdir(parents=True, exist_ok=True)
        report = folder / time.strftime("report-%Y%m%d-%H%M%S.txt", moment)
        # Two in one second share a file.
        with report.open("a", encoding="utf-8") as file:
            file.write(masked(readable(text), 11))
        _drop_old(report)
        return report
    return None


def _drop_old(newest: Path) -> None:
    with contextlib.suppress(OSError):
        # The newest stays, even where the machine's clock was set back.
        others = sorted(path for path in newest.parent.glob("report-*.txt") if path != newest)
        for path in others[: 1 - KEPT]:
            path.unlink()


def _ask(report: Path | None) -> bool:
    """Say what happened, if there is anybody to read it. Returns whether to start again."""
    with contextlib.suppress(Exception):
        if has_screen() and QApplication.instance():
            return CrashDialog(report, QApplication.activeWindow()).exec() == QDialog.DialogCode.Accepted
    return False


class CrashDialog(QDialog):
    """Says what happened, and asks whether to start again: accepted = yes.

    Args:
        report: what was kept of it.
    """

    def __init__(self, report: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report = report
        self.setObjectName("page")
        # Never behind a window that fills the screen and takes no keys any more.
        self.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint)
        self.setWindowTitle(tr("The program has to stop"))
        self.setMinimumWidth(640)
        said = [
            tr("It made a mistake of its own; you did nothing wrong."),
            tr("What was saved is saved, and the open cart comes back when you start again."),
            tr("A report lies in {file}", file=readable(report)) if report else tr("No report of it could be kept."),
        ]
        self._message = label("", "\n\n".join(said))
        self._message.setWordWrap(True)
        self._message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._message.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._message.setAccessibleName(" ".join((self.windowTitle(), *said)))
        self._inside = QPlainTextEdit()
        self._inside.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._inside.setTabChangesFocus(True)
        self._inside.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._inside.setMinimumHeight(280)
        self._inside.setAccessibleName(tr("What is in it"))
        self._inside.hide()
        again = button(keyed(tr("Start again"), "Enter"), self.accept, role="pay")
        self._look = button(tr("What is in it"), self._show_inside)
        self._look.setVisible(report is not None)
        close = button(keyed(tr("Close"), "Esc"), self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 32, 32, 32)
        column.setSpacing(20)
        heading = label("heading", self.windowTitle())
        heading.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        column.addWidget(heading)
        column.addWidget(self._message)
        column.addWidget(self._inside, 1)
        foot = QWidget()
        foot.setFixedHeight(64)
        row = QHBoxLayout(foot)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        for made in (self._look, close, again):
            made.setMinimumWidth(140)
            row.addWidget(filling(made))
        row.insertStretch(1, 1)
        column.addWidget(foot)
        again.setDefault(True)
        # A screen reader begins here, and Enter goes on to the button that starts again.
        self._message.setFocus()

    def _show_inside(self) -> None:
        """The report itself, or what is in the way of reading it."""
        assert self._report
        try:
            text = self._report.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            text = str(error)
        self._inside.setPlainText(text)
        self._inside.show()
        self._look.hide()
        self.adjustSize()
        self._inside.setFocus()
