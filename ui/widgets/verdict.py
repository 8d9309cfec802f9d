"""The strip that answers every step: a shape, a word, a colour, always in the same place."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.sell.state import Tone, Verdict
from ui.widgets.parts import Elided, label, restyle

_SHAPES = {Tone.CALM: "○", Tone.GOOD: "✓", Tone.WARN: "▲", Tone.BAD: "×"}


class VerdictStrip(QFrame):
    """Draws a `Verdict`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "verdict")
        self.setFixedHeight(84)
        self._shape = label("shape")
        self._shape.setFixedWidth(40)
        self._shape.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title, self._detail, self._figure = Elided("title"), label("muted"), label("title")
        self._detail.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._detail)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 20, 4)
        row.setSpacing(12)
        row.addWidget(self._shape)
        row.addLayout(words, 1)
        row.addWidget(self._figure)

    def render_verdict(self, verdict: Verdict) -> None:
        """Show an answer."""
        restyle(self, tone=verdict.tone.value)
        self._shape.setText(_SHAPES[verdict.tone])
        self._title.setText(verdict.title)
        self._detail.setText(verdict.detail)
        self._detail.setVisible(bool(verdict.detail))
        self._figure.setText(verdict.figure)
        self.setAccessibleName(f"{verdict.title} {verdict.detail}")
