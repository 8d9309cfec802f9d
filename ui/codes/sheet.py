"""A sheet of labels, small: which of them are used already is said by touching the first free one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.label_paper import Preset
from core.texts import tr
from ui import theme

_HEIGHT, _WIDEST = 200, 300


class SheetView(QWidget):
    """Draws a sheet; used labels are filled.

    Args:
        tokens: colours.
        chosen: told the place of the label that was touched, from 1.
    """

    def __init__(self, tokens: theme.Tokens, chosen: Callable[[int], object]) -> None:
        super().__init__()
        self._tokens, self._chosen = tokens, chosen
        self._paper: Preset | None = None
        self._start = 1
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_sheet(self, paper: Preset, start: int) -> None:
        """Show another paper, or another first label."""
        if (paper, start) != (self._paper, self._start):
            self._paper, self._start = paper, start
            self.setFixedSize(self.sizeHint())
            words = tr("First free label of the sheet: {place} of {count}", place=start, count=paper.labels)
            self.setAccessibleName(words)
            self.update()

    def sizeHint(self) -> QSize:
        if self._paper is None:
            return QSize(_WIDEST, _HEIGHT)
        return QSize(*(round(length * self._scale()) for length in self._paper.page))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._paper is None:
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#FFFFFF"))
        painter.setPen(QColor(self._tokens.muted))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        for place in range(self._paper.labels):
            label = self._label(place).adjusted(1, 1, -1, -1)
            if place + 1 < self._start:
                painter.fillRect(label, QColor("#C9CED6"))
            elif place + 1 == self._start:
                painter.fillRect(label, QColor(self._tokens.accent))
            else:
                painter.drawRect(label)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for place in range(self._paper.labels if self._paper else 0):
            if self._label(place).contains(event.position()):
                self._chosen(place + 1)

    def _label(self, place: int) -> QRectF:
        assert self._paper
        scale = self._scale()
        x, y = self._paper.corner(place)
        return QRectF(x * scale, y * scale, self._paper.width * scale, self._paper.height * scale)

    def _scale(self) -> float:
        assert self._paper
        width, height = self._paper.page
        return min(_HEIGHT / height, _WIDEST / width)
