"""Files to choose one of: those that lie near, each with its number, and any other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QPushButton, QVBoxLayout, QWidget

from core.texts import tr
from ui.widgets.parts import button

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


def _tile(made: QPushButton) -> QPushButton:
    made.setMinimumHeight(_HEIGHT)
    return made
