"""The Codes page: batches, the unit that was scanned, new codes and labels, codes made elsewhere."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from ui import theme
from ui.codes.batches import BatchesView
from ui.codes.issue_page import IssuePage
from ui.codes.presenter import CodesPresenter
from ui.codes.state import CodesState, Part
from ui.codes.take_in_page import TakeInPage
from ui.codes.unit_card import UnitCard


class CodesPage(QWidget):
    """Draws a `CodesState`.

    Args:
        presenter: takes the intents.
        tokens: colours.
    """

    def __init__(self, presenter: CodesPresenter, tokens: theme.Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._presenter = presenter
        self._batches, self._unit = BatchesView(presenter, tokens), UnitCard(presenter, tokens)
        self._issue = IssuePage(presenter.issuing, tokens)
        self._take_in = TakeInPage(presenter.taking_in, tokens)
        self._stack = QStackedWidget()
        for part in (self._batches, self._unit, self._issue, self._take_in):
            self._stack.addWidget(part)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 0, 24, 24)
        whole.addWidget(self._stack)
        presenter.changed.connect(self.render_state)
        self.render_state(presenter.state)

    def render_state(self, state: CodesState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        part = self._part(state)
        if self._stack.currentWidget() is not part:
            self._stack.setCurrentWidget(part)
            self.setFocus()
        self._batches.render_state(state)
        self._unit.render_state(state)

    def _part(self, state: CodesState) -> BatchesView | UnitCard | IssuePage | TakeInPage:
        if state.part is Part.LABELS:
            return self._issue
        if state.part is Part.TAKE_IN:
            return self._take_in
        return self._unit if state.units or state.collecting else self._batches

    def keyPressEvent(self, event: QKeyEvent) -> None:
        part, key = self._part(self._presenter.state), Qt.Key(event.key())
        typed = event.text() if not event.modifiers() & Qt.KeyboardModifier.AltModifier else ""
        if step := part.steps.get(key):
            if key is Qt.Key.Key_Escape:
                self.setFocus()
            step()
        elif typed.isalnum() and part in (self._batches, self._unit) and not self._presenter.state.collecting:
            # Whoever begins to type looks for something else, or types a code that no scanner reads.
            if part is self._unit:
                self._presenter.leave_unit()
            self._batches.type(typed)
        elif typed.isalnum() and part is self._issue:
            self._issue.type(typed)
        elif part is self._take_in and typed.isdecimal():
            self._take_in.choose(int(typed) - 1)
        else:
            super().keyPressEvent(event)
