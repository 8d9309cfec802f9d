"""What somebody agrees to: a button and a sentence for each purpose, in the customer's language."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from core.events import Purpose
from core.members.consent import NAMES, QUESTIONS
from core.texts import tr_in
from ui.widgets.parts import button, label, rename, restyle

KEYS = {
    Purpose.MEMBERSHIP: (Qt.Key.Key_F5, "F5"),
    Purpose.CONTACT: (Qt.Key.Key_F6, "F6"),
    Purpose.MARKETING: (Qt.Key.Key_F7, "F7"),
}
_WIDTH, _HEIGHT = 132, 52
"""Of a button, px."""


class Consents(QWidget):
    """Draws what is agreed to; nothing is, until somebody says so.

    Args:
        toggled: told the purpose that was touched.
        asks: whether the sentences stand beside the buttons; without them these stand in a row.
    """

    def __init__(self, toggled: Callable[[Purpose], object], *, asks: bool) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(8)
        grid.setHorizontalSpacing(12)
        self._buttons: dict[Purpose, QPushButton] = {}
        self._questions: dict[Purpose, QLabel] = {}
        for place, purpose in enumerate(Purpose):
            made = self._buttons[purpose] = button("", partial(toggled, purpose), role="choice")
            made.setCheckable(True)
            made.setFixedHeight(_HEIGHT)
            if not asks:
                grid.addWidget(made, 0, place)
                continue
            made.setFixedWidth(_WIDTH)
            question = self._questions[purpose] = label("plain")
            question.setWordWrap(True)
            grid.addWidget(made, place, 0)
            grid.addWidget(question, place, 1)
            grid.setColumnStretch(1, 1)

    def show_chosen(self, purposes: frozenset[Purpose], language: str, *, enabled: bool) -> None:
        """Show what is agreed to. Args: language: the customer's."""
        for purpose, made in self._buttons.items():
            on = purpose in purposes
            restyle(made, chosen="yes" if on else "no")
            made.setChecked(on)
            made.setEnabled(enabled)
            rename(made, "\n".join((f"{'✓' if on else '○'} {tr_in(language, NAMES[purpose])}", KEYS[purpose][1])))
        for purpose, question in self._questions.items():
            question.setText(tr_in(language, QUESTIONS[purpose]))
