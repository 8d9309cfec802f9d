"""The two processes of the benchmark `scan`. Each prints how long every scan took, as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QEvent, QEventLoop, QModelIndex, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QMainWindow, QTableView, QWidget

from core.codes.gs1 import gtin14
from core.codes.serial import HEAD, LENGTH, number_of
from core.database import connect
from core.money import format_amount
from core.shop.terminal import Terminal
from tests.bench.fixtures import PRODUCTS, UNITS, drawn, drawn_units
from ui.app import SIZE, build_window
from ui.sell.cart_table import CartTable
from ui.window import Window

DRAWN = {"products": partial(drawn, of=PRODUCTS), "units": partial(drawn_units, of=UNITS)}
"""What is scanned."""

LINES = 10
"""Scans on one cart; then it is cleared."""

_KEY_TIME = 2
"""Milliseconds between two keys of a scanner."""

_PAUSE = 1_000
"""Milliseconds between two scans, by the time stamps of their keys."""

_ENTER = "\r"

_UNIT = (
    "SELECT gtin FROM (SELECT * FROM code_run WHERE first <= ? ORDER BY first DESC LIMIT 1) AS run"
    " JOIN code_batch ON code_batch.number = run.batch WHERE substr(tails, 1 + 10 * (? - first), 10) = ?"
)

_PATIENCE = 10_000
"""Milliseconds after which a line that is not painted never will be."""

_BEYOND = 2_000
"""Pixels; more than a cart of `LINES` is high."""


class Witness(QObject):
    """Tells when a table has painted the line that came into its model.

    A pane of glass lies over the rows: a child is painted after its parent, so its paint event says that the rows
    under it are done. It reaches far over the edges, because scrolling moves it with the rows.
    """

    def __init__(self, table: QTableView) -> None:
        super().__init__()
        self._table = table
        self._glass = QWidget(table.viewport())
        self._glass.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._glass.show()
        self._glass.installEventFilter(self)
        self._loop = QEventLoop()
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE)
        self._patience.timeout.connect(lambda: self._loop.exit(1))
        self._rows = 0
        self._painted = 0.0

    def time(self, step: Callable[[], None]) -> float:
        """Milliseconds from before a step until the last row is painted, one row more than before it."""
        self._rows = self._table.model().rowCount() + 1
        self._glass.setGeometry(self._table.viewport().rect().adjusted(0, -_BEYOND, 0, _BEYOND))
        QApplication.processEvents()
        self._patience.start()
        began = perf_counter()
        step()
        if self._loop.exec():
            raise RuntimeError(f"line {self._rows} was not painted")
        self._patience.stop()
        return (self._painted - began) * 1000

    def close(self) -> None:
        """Look away, before the table goes."""
        self._glass.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        model = self._table.model()
        if event.type() is QEvent.Type.Paint and model.rowCount() == self._rows:
            last = self._table.visualRect(model.index(self._rows - 1, 0)).translated(-self._glass.pos())
            if event.region().intersects(last):  # type: ignore[attr-defined]
                self._painted = perf_counter()
                self._loop.quit()
        return False


class Scanner:
    """A scanner's keys, as the platform hands them to a window."""

    def __init__(self, window: Window) -> None:
        self._target = window.windowHandle()
        self._now = 0

    def keys(self, text: str) -> list[QKeyEvent]:
        """The key events of a scan: every key goes down and up again."""
        self._now += _PAUSE
        events = []
        for key in (*text, _ENTER):
            code = Qt.Key.Key_Return if key == _ENTER else Qt.Key(ord(key))
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                events.append(QKeyEvent(kind, code, Qt.KeyboardModifier.NoModifier, key))
                events[-1].setTimestamp(self._now)
            self._now += _KEY_TIME
        return events

    def send(self, events: list[QKeyEvent]) -> None:
        for event in events:
            QCoreApplication.sendEvent(self._target, event)


def shop(home: str, seed: str, scans: str, what: str) -> None:
    """Our window on a home."""
    with Terminal(Path(home)) as terminal:
        window = build_window(terminal, terminal.write(lambda session: session.settings).result())
        window.show()
        # Cart and day come on two threads, in any order.
        _until(window, lambda: bool(window.sell.state.cart.op and window.sell.state.date), window.start)
        table = window.findChild(CartTable)
        witness, scanner = Witness(table), Scanner(window)
        _clear(window)
        milliseconds = []
        for text in DRAWN[what](int(seed), int(scans)):
            if table.model().rowCount() == LINES:
                _clear(window)
            milliseconds.append(witness.time(partial(scanner.send, scanner.keys(text))))
            # Nobody scans while the last scan is still on its way to the disk.
            terminal.write(lambda _: None).result()
        size = f"{table.width()}x{table.height()}x{table.verticalHeader().defaultSectionSize()}"
        witness.close()
        window.close()
    print(json.dumps({"milliseconds": milliseconds, "table": size}))


def bare(file: str, seed: str, scans: str, what: str, size: str) -> None:
    """A look-up and a table of a size (width x height x height of a row), and nothing else."""
    width, height, row_height = map(int, size.split("x"))
    QApplication(["bare"])
    connection = connect(Path(file), read_only=True)
    window = QMainWindow()
    window.resize(*SIZE)
    whole = QWidget()
    table, model = QTableView(whole), Lines()
    table.setModel(model)
    table.resize(width, height)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(row_height)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    window.setCentralWidget(whole)
    window.show()
    QApplication.processEvents()
    witness = Witness(table)

    def look_up(text: str) -> None:
        code = gtin14(text)
        if not code:
            key = text[-LENGTH:]
            code = connection.execute(_UNIT, (number_of(key), number_of(key), key[HEAD:])).fetchone()[0]
        row = connection.execute("SELECT name, price FROM feed_product WHERE code = ?", (code,)).fetchone()
        price = format_amount(row[1], "CNY")
        model.append((row[0], price, "1", "", price))
        table.scrollToBottom()

    milliseconds = []
    for text in DRAWN[what](int(seed), int(scans)):
        if model.rowCount() == LINES:
            model.clear()
        milliseconds.append(witness.time(partial(look_up, text)))
    witness.close()
    window.close()
    connection.close()
    print(json.dumps({"milliseconds": milliseconds}))


class Lines(QAbstractTableModel):
    """A list of rows of texts."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[tuple[str, ...]] = []

    def append(self, row: tuple[str, ...]) -> None:
        self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows))
        self._rows.append(row)
        self.endInsertRows()

    def clear(self) -> None:
        self.beginResetModel()
        self._rows.clear()
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 5

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return self._rows[index.row()][index.column()] if role == Qt.ItemDataRole.DisplayRole else None


def _clear(window: Window) -> None:
    """Take every line off the counter again."""
    while window.sell.state.cart.lines:
        left = len(window.sell.state.cart.lines) - 1
        _until(window, lambda left=left: len(window.sell.state.cart.lines) == left, window.sell.remove)


def _until(window: Window, reached: Callable[[], bool], step: Callable[[], None]) -> None:
    """Do a step and let the window work until it has had its effect."""
    loop = QEventLoop()

    def look() -> None:
        if reached():
            loop.quit()

    window.sell.changed.connect(look)
    step()
    loop.exec()
    window.sell.changed.disconnect(look)
