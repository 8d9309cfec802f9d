"""A figure of the day: its name, the number, what it was before; pressing it opens the rows that it is made of."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout

from ui.widgets.parts import Elided, label


class FigureButton(QPushButton):
    """A number that can be pressed.

    Args:
        name: of the figure.
        key: that presses it.
        pressed: opens its rows.
    """

    def __init__(self, name: str, key: str, pressed: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("role", "figure")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._name = name
        self._number, self._beside = label("number"), Elided("muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 12, 8)
        column.setSpacing(0)
        for made in (label("muted", "  ".join((name, key))), self._number, self._beside):
            # Presses go through to the button.
            made.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(made)
        self.clicked.connect(lambda _checked: pressed())

    def show_figure(self, number: str, beside: str) -> None:
        """Show a number, and what stands beside it."""
        self._number.setText(number)
        self._beside.setText(beside)
        self.setAccessibleName(", ".join((self._name, number, beside)))
