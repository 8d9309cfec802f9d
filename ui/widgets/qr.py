"""A QR symbol on a screen, in whole pixels, black on white in every theme."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

_QUIET = 4
"""Modules around it (ISO/IEC 18004 §9.1)."""


class QrView(QWidget):
    """Draws the symbol of a text as large as there is room.

    Args:
        name: what a screen reader says.
        least: px each way.
    """

    def __init__(self, name: str, least: int) -> None:
        super().__init__()
        self._text, self._rows = "", list[list[bool]]()
        self.setAccessibleName(name)
        self.setMinimumSize(least, least)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_text(self, text: str) -> None:
        """Show another text's symbol; none of an empty one."""
        if text == self._text:
            return
        self._text, self._rows = text, []
        if text:
            # Imported late: only who shows a code needs it.
            from qrcode import QRCode
            from qrcode.constants import ERROR_CORRECT_M

            made = QRCode(error_correction=ERROR_CORRECT_M, border=0)
            made.add_data(text)
            made.make(fit=True)
            self._rows = made.get_matrix()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._rows:
            return
        side = len(self._rows) + 2 * _QUIET
        module = max(min(self.width(), self.height()) // side, 1)
        left, top = ((size - module * side) // 2 for size in (self.width(), self.height()))
        painter = QPainter(self)
        painter.fillRect(QRect(left, top, module * side, module * side), QColor(Qt.GlobalColor.white))
        for y, row in enumerate(self._rows, _QUIET):
            for x, dark in enumerate(row, _QUIET):
                if dark:
                    painter.fillRect(left + x * module, top + y * module, module, module, QColor(Qt.GlobalColor.black))
        painter.end()
