"""Files that are taken in: those that lie near, each with its number, and any other; their columns and bad rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QComboBox, QFileDialog, QPushButton, QVBoxLayout, QWidget

from core.texts import tr
from ui.widgets.parts import button, rename

_HEIGHT = 60


class FileTiles(QWidget):
    """A tile a file, and one for any other.

    Args:
        chosen: told the file that was touched.
    """

    def __init__(self, chosen: Callable[[Path], object]) -> None:
        super().__init__()
        self._chosen = chosen
        self._shown: tuple[Path, ...] | None = None
        self._tiles = QVBoxLayout(self)
        self._tiles.setContentsMargins(0, 0, 0, 0)
        self._tiles.setSpacing(8)

    def show_files(self, found: tuple[Path, ...]) -> None:
        """Offer these."""
        if found == self._shown:
            return
        self._shown = found
        while item := self._tiles.takeAt(0):
            if made := item.widget():
                made.deleteLater()
        for number, path in enumerate(found, 1):
            text = "\n".join((f"{number}  {path.name}", str(path.parent)))
            self._tiles.addWidget(_tile(button(text, partial(self._chosen, path), role="tile")))
        self._tiles.addWidget(_tile(button(tr("F2 Another file …"), self.browse, role="tile")))
        self._tiles.addStretch(1)

    def browse(self) -> None:
        """Ask for any file."""
        downloads = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
        path, _ = QFileDialog.getOpenFileName(
            self, tr("Which file?"), downloads, "CSV, XLSX (*.csv *.xlsx *.xlsm *.txt)"
        )
        if path:
            self._chosen(Path(path))


def show_columns(made: QComboBox, header: tuple[str, ...], column: str) -> None:
    """Offer the columns of a file, and none, and show which is chosen."""
    wanted = ["", *header]
    if [made.itemData(place) for place in range(made.count())] != wanted:
        made.clear()
        for name in wanted:
            made.addItem(name or "—", name)
    made.setCurrentIndex(max(0, made.findData(column)))


def show_skip(made: QPushButton, *, skips: bool) -> None:
    """Show whether rows that were refused are left out."""
    words = tr("They are left out") if skips else tr("Leave them out")
    rename(made, " ".join(("✓" if skips else "○", words)))


def _tile(made: QPushButton) -> QPushButton:
    made.setMinimumHeight(_HEIGHT)
    return made
