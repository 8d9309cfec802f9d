"""The number pad: digits for fingers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QPushButton

from core.texts import tr
from ui.widgets.parts import button, filling

_DIGITS = "789456123"


def pad(press: Callable[[str], object], erase: Callable[[], object], last: QPushButton) -> QGridLayout:
    """Ten digits and a way back.

    Args:
        press: told each digit.
        erase: takes the last one back.
        last: the button in the lower right corner.
    """
    grid = QGridLayout()
    grid.setSpacing(10)
    for place, key in enumerate(_DIGITS):
        grid.addWidget(filling(button(key, partial(press, key), role="digit")), place // 3, place % 3)
    grid.addWidget(filling(button("←", erase, role="soft", name=tr("Erase"))), 3, 0)
    grid.addWidget(filling(button("0", partial(press, "0"), role="digit")), 3, 1)
    grid.addWidget(filling(last), 3, 2)
    for place in range(grid.count()):
        # For fingers: keys have digits of their own, and must not be led astray.
        item = grid.itemAt(place)
        if item and (made := item.widget()):
            made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return grid
