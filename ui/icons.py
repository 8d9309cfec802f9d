"""Icons in the colours of a theme."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

import resources

_FINE = 2
"""Dots for a px, so that it is sharp on fine screens."""


class Icon:
    """A picture of lines that takes the colour in which it is painted.

    Args:
        name: of a file in `resources/icons`.
    """

    def __init__(self, name: str) -> None:
        self._drawing = resources.path(f"icons/{name}.svg").read_text(encoding="utf-8")
        self._renderers: dict[str, QSvgRenderer] = {}

    def drawn(self, side: int, colour: str) -> QIcon:
        """It as an icon for a button; `side` in px."""
        picture = QPixmap(side * _FINE, side * _FINE)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRectF(picture.rect()), colour)
        painter.end()
        return QIcon(picture)

    def paint(self, painter: QPainter, place: QRectF, colour: str) -> None:
        """Paint it into a square. `colour` as #RRGGBB."""
        if colour not in self._renderers:
            drawing = self._drawing.replace("currentColor", colour)
            self._renderers[colour] = QSvgRenderer(QByteArray(drawing.encode()))
        self._renderers[colour].render(painter, place)
