"""The customer's own screen: the notice and the code, large, in their language."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.events import Purpose
from core.members.consent import NAMES, PROMISES, QUESTIONS
from core.texts import mark, tr_in
from ui.customer.state import CustomerState
from ui.widgets.parts import label, restyle
from ui.widgets.qr import QrView

_WELCOME = mark("Welcome")
_SCAN = mark("Scan with WeChat to become a member. Nothing is ticked for you; prices are the same without.")
_ASKED = mark("You may agree to each of these, or to none.")
_THANKS = mark("Thank you!")


class CustomerScreen(QWidget):
    """Draws a `CustomerState`.

    Args:
        shop: its name.
    """

    def __init__(self, shop: str, state: CustomerState) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(shop)
        # Keys and scans stay with whoever works.
        self.setWindowFlag(Qt.WindowType.WindowDoesNotAcceptFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self._shop, self._said = label("number", shop), label("heading")
        self._code = QrView(shop, 240)
        self._questions = {purpose: label("heading") for purpose in Purpose}
        self._promises = label("subheading")
        for part in (self._shop, self._said, *self._questions.values(), self._promises):
            part.setWordWrap(True)
        self._shop.setAlignment(Qt.AlignmentFlag.AlignCenter)
        words = QVBoxLayout()
        words.setSpacing(18)
        words.addStretch(1)
        for part in (self._said, *self._questions.values(), self._promises):
            words.addWidget(part)
        words.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(40)
        row.addWidget(self._code, 1)
        row.addLayout(words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(48, 40, 48, 40)
        column.setSpacing(24)
        column.addWidget(self._shop)
        column.addLayout(row, 1)
        self.render_state(state)

    def render_state(self, state: CustomerState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        language = state.language
        said = _THANKS if state.thanks else _SCAN if state.link else _ASKED if state.asks else _WELCOME
        self._said.setText(tr_in(language, said))
        self._code.show_text(state.link)
        self._code.setVisible(bool(state.link))
        for purpose, part in self._questions.items():
            sign = "" if state.link else "✓ " if purpose in state.chosen else "○ "
            name, text = tr_in(language, NAMES[purpose]), tr_in(language, QUESTIONS[purpose])
            part.setText(f"{sign}{name}\n{text}" if state.asks else "")
            restyle(part, chosen="yes" if purpose in state.chosen else "no")
            part.setVisible(state.asks)
        self._promises.setText("\n".join(tr_in(language, promise) for promise in PROMISES) if state.asks else "")
        self._promises.setVisible(state.asks)
        centre = Qt.AlignmentFlag.AlignLeft if state.asks else Qt.AlignmentFlag.AlignCenter
        self._said.setAlignment(centre)
