"""The rail: one button a room, and who is signed in below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from core.texts import tr
from ui import theme
from ui.icons import Icon
from ui.widgets.parts import label

_WIDTH, _HEIGHT = 76, 58
"""Of a button, px; ten of them, and who is here, stand in 768."""

_ICON, _TOP = 22, 2


@dataclass(frozen=True, slots=True)
class Entry:
    """A button of the rail: its icon, its word, its key, and what it does."""

    name: str
    word: str
    key: str
    pressed: Callable[[], object]


class RailButton(QAbstractButton):
    """An icon over a word over the key that presses it."""

    def __init__(self, entry: Entry, tokens: theme.Tokens) -> None:
        super().__init__()
        self._icon, self._tokens, self._key = Icon(entry.name), tokens, entry.key
        self._entry, self._count = entry, 0
        self.setText(entry.word)
        self.show_count(0)
        self.setFixedSize(_WIDTH, _HEIGHT + 18 * entry.word.count("\n"))
        # A touch must not move where keys go.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.clicked.connect(lambda _checked: entry.pressed())

    def show_count(self, count: int) -> None:
        """How much waits in the room; nothing is shown of none."""
        self._count = count
        counted = str(count) if count else ""
        self.setAccessibleName(" ".join(filter(None, (self._entry.word.replace("\n", ", "), counted, self._entry.key))))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = tokens.on_accent if self.isChecked() else tokens.rail_text
        if self.isChecked() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.accent))
            painter.drawRoundedRect(self.rect(), 12, 12)
        left = (self.width() - _ICON) / 2
        self._icon.paint(painter, QRectF(left, _TOP, _ICON, _ICON), colour)
        if self._count:
            self._paint_count(painter, QRectF(left + _ICON - 4, 2, 26, 18))
        painter.setPen(QColor(colour))
        painter.setFont(theme.font("small", bold=self.isChecked()))
        top, width = _TOP + _ICON, self.width()
        for line in self.text().split("\n"):
            shown = painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, width)
            painter.drawText(0, top, width, 18, Qt.AlignmentFlag.AlignCenter, shown)
            painter.setFont(theme.font("tiny"))
            top += 18
        painter.drawText(0, top, width, 16, Qt.AlignmentFlag.AlignCenter, self._key)
        painter.end()

    def _paint_count(self, painter: QPainter, place: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._tokens.warn))
        painter.drawRoundedRect(place, 9, 9)
        painter.setPen(QColor(self._tokens.on_accent))
        painter.setFont(theme.font("tiny", bold=True))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(self._count) if self._count < 100 else "99+")


class Rail(QWidget):
    """The rooms of somebody, and their name.

    Args:
        rooms: the buttons of the rooms.
        user: the button of who is signed in; none where nobody is known.
        tokens: colours.
    """

    def __init__(self, rooms: Sequence[Entry], user: Entry | None, tokens: theme.Tokens) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 16, 8, 12)
        column.setSpacing(2)
        brand = label("brand", tr("Store\nAssistant"))
        brand.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(brand)
        column.addSpacing(8)
        self._rooms = {entry.name: RailButton(entry, tokens) for entry in rooms}
        for made in self._rooms.values():
            made.setCheckable(True)
            column.addWidget(made)
        column.addStretch(1)
        if user:
            column.addWidget(RailButton(user, tokens))

    def count(self, name: str, count: int) -> None:
        """Show how much waits in a room."""
        if name in self._rooms:
            self._rooms[name].show_count(count)

    def mark(self, name: str) -> None:
        """Show which room is open."""
        for key, made in self._rooms.items():
            made.setChecked(key == name)
