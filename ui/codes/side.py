"""The right side of every part of the Codes page: a card, words below it, and a row of buttons."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui.widgets.parts import filling

_WIDTH, _FOOT = 352, 68
"""px."""


def put_beside(part: QWidget, left: QWidget, side: QWidget) -> None:
    """Lay a part of the page out: what it is about, and its side."""
    row = QHBoxLayout(part)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(16)
    row.addWidget(left, 1)
    row.addWidget(side)


def side_column() -> tuple[QWidget, QVBoxLayout]:
    """The side, and where its parts go."""
    side = QWidget()
    side.setFixedWidth(_WIDTH)
    column = QVBoxLayout(side)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(12)
    return side, column


def foot(*buttons: QPushButton) -> QWidget:
    """A row of buttons."""
    made = QWidget()
    made.setFixedHeight(_FOOT)
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(10)
    for part in buttons:
        row.addWidget(filling(part), 1)
    return made
