"""Amounts as bars: a name, a bar as long as its amount, the amount; the picture of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import theme

TALLEST, LOWEST = 30, 17
"""Height of a row, px: as low as the rows have to be to be seen all, but never too low to be read."""

_BAR = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: its name, the size of its bar, and its figure as text."""

    name: str
    size: int
    figure: str


class Bars(QWidget):
    """Draws as many rows as fit; a screen reader is told all of them.

    Args:
        tokens: colours.
        title: what they are.
        pressed: told the number of a row that is opened.
        rows: for which there must be room.
        name_width: px.
        figure_width: px.
    """

    def __init__(
        self,
        tokens: theme.Tokens,
        title: str,
        pressed: Callable[[int], object],
        *,
        rows: int,
        name_width: int = 96,
        figure_width: int = 96,
    ) -> None:
        super().__init__()
        self.title = title
        self._tokens, self._pressed = tokens, pressed
        self._chosen = -1
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._name_width, self._figure_width = name_width, figure_width
        self._bars: tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(rows * LOWEST)

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Draw these."""
        self._bars = tuple(bars)
        self._chosen = -1
        self.setAccessibleName(": ".join((self.title, ", ".join(" ".join((bar.name, bar.figure)) for bar in bars))))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row_height = self._row_height()
        painter.setFont(theme.font("small" if row_height >= 22 else "tiny"))
        metrics = painter.fontMetrics()
        longest = max((bar.size for bar in self._bars), default=0)
        room = self.width() - self._name_width - self._figure_width - 16
        for row, bar in enumerate(self._bars[: self.height() // row_height]):
            top = row * row_height
            if row == self._chosen and self.hasFocus():
                painter.fillRect(0, top, self.width(), row_height, QColor(self._tokens.accent_soft))
            name = metrics.elidedText(bar.name, Qt.TextElideMode.ElideRight, self._name_width)
            painter.setPen(QColor(self._tokens.text))
            painter.drawText(0, top, self._name_width, row_height, Qt.AlignmentFlag.AlignVCenter, name)
            side = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            left = self.width() - self._figure_width
            painter.drawText(left, top, self._figure_width, row_height, side, bar.figure)
            painter.setPen(Qt.PenStyle.NoPen)
            track = QRectF(self._name_width + 8, top + (row_height - _BAR) / 2, room, _BAR)
            painter.setBrush(QColor(self._tokens.accent_soft))
            painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)
            if longest and bar.size > 0:
                track.setWidth(max(_BAR, room * bar.size / longest))
                painter.setBrush(QColor(self._tokens.accent))
                painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        row = int(event.position().y()) // self._row_height()
        if 0 <= row < len(self._bars):
            self._pressed(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step and self._bars:
            self._chosen = (self._chosen + step) % len(self._bars)
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._chosen >= 0:
            self._pressed(self._chosen)
        else:
            event.ignore()

    def _row_height(self) -> int:
        return max(LOWEST, min(TALLEST, self.height() // max(len(self._bars), 1)))
