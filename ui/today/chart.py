"""The chart: a bar an hour or a day, and a line for the period before. Imported late: numpy comes with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QResizeEvent

from ui import theme

_BAR_WIDTH = 0.7
_AXIS, _WORD = 64, 48
"""Width of the axis, and of a word below the bars, px."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place of the chart: its word, its figure and the one before it (both in main units), and the figure as text."""

    word: str
    size: float
    before: float
    figure: str


class Chart(pyqtgraph.PlotWidget):
    """Draws points from left to right.

    Args:
        tokens: colours.
        pressed: told the number of a bar that is opened.
    """

    def __init__(self, tokens: theme.Tokens, pressed: Callable[[int], object]) -> None:
        super().__init__(background=tokens.surface)
        self._pressed = pressed
        self._points: tuple[Point, ...] = ()
        self._chosen = -1
        self._accent, self._soft = QColor(tokens.accent), QColor(tokens.good)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseEnabled(False, False)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.showGrid(x=False, y=True, alpha=0.15)
        self._bars = pyqtgraph.BarGraphItem(x=[], height=[], width=_BAR_WIDTH, pen=None, brush=self._accent)
        self._line = pyqtgraph.PlotCurveItem(pen=pyqtgraph.mkPen(QColor(tokens.warn), width=2))
        self.addItem(self._bars)
        self.addItem(self._line)
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setTextPen(QColor(tokens.muted))
            axis.setPen(QColor(tokens.line))
            axis.setStyle(tickFont=theme.font("tiny"), tickLength=0)
            axis.enableAutoSIPrefix(False)
            # Its lines lie behind the bars.
            axis.setZValue(-1)
        self.getAxis("left").setWidth(_AXIS)

    def show_points(self, points: Sequence[Point]) -> None:
        """Draw these."""
        self._points, self._chosen = tuple(points), -1
        places = list(range(len(points)))
        sizes = [point.size for point in points]
        befores = [point.before for point in points]
        self._bars.setOpts(x=places, height=sizes, width=_BAR_WIDTH, brushes=[self._accent] * len(points))
        self._line.setData(places, befores if any(befores) else [0.0] * len(points))
        self._line.setVisible(any(befores))
        most = max([*sizes, *befores, 1.0])
        self.setXRange(-0.6, max(len(points), 1) - 0.4, padding=0)
        self.setYRange(min([0.0, *sizes]), most * 1.08, padding=0)
        self._show_words()
        self.setAccessibleName(", ".join(" ".join((point.word, point.figure)) for point in points))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        # It is called before there are any points, too.
        if getattr(self, "_points", ()):
            self._show_words()

    def _show_words(self) -> None:
        """As many words below the bars as have room there."""
        room = max(1, (self.width() - _AXIS) // _WORD)
        every = -(-len(self._points) // room)
        words = [(place, point.word) for place, point in enumerate(self._points) if place % every == 0]
        self.getAxis("bottom").setTicks([words])

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        place = self.getViewBox().mapSceneToView(self.mapToScene(event.position().toPoint()))
        if 0 <= (number := round(place.x())) < len(self._points) and self._points[number].size:
            self._pressed(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step and self._points:
            self._choose((self._chosen + step) % len(self._points))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._chosen >= 0:
            self._pressed(self._chosen)
        else:
            event.ignore()

    def _choose(self, number: int) -> None:
        self._chosen = number
        brushes = [self._soft if place == number else self._accent for place in range(len(self._points))]
        self._bars.setOpts(brushes=brushes)
