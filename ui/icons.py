"""Icons in the colours of a theme."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgRenderer

import resources


class Icon:
    """A picture of lines that takes the colour in which it is painted.

    Args:
        name: of a file in `resources/icons`.
    """

    def __init__(self, name: str) -> None:
        self._drawing = resources.path(f"icons/{name}.svg").read_text(encoding="utf-8")
        self._renderers: dict[str, QSvgRenderer] = {}

    def paint(self, painter: QPainter, place: QRectF, colour: str) -> None:
        """Paint it into a square. `colour` as #RRGGBB."""
        if colour not in self._renderers:
            drawing = self._drawing.replace("currentColor", colour)
            self._renderers[colour] = QSvgRenderer(QByteArray(drawing.encode()))
        self._renderers[colour].render(painter, place)
