"""The sign-in page: who is at the terminal? Tiles and a pad for fingers, digits and arrows for a keyboard."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from core.staff.permissions import ROLE_NAMES
from core.staff.queries import Person
from core.texts import tr
from ui import theme
from ui.sign_in.presenter import SignInPresenter
from ui.sign_in.state import SignInState
from ui.widgets.pad import pad
from ui.widgets.parts import Elided, button, card, label, restyle

_TILE_HEIGHT = 64


class SignInPage(QWidget):
    """Draws a `SignInState`.

    Args:
        presenter: takes the intents.
        tokens: colours.
    """

    def __init__(self, presenter: SignInPresenter, tokens: theme.Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._presenter = presenter
        self._tiles = {person.id: self._tile(person) for person in presenter.state.people}
        self._name, self._dots, self._complaint = Elided("heading"), label("entry"), label("complaint")
        for shown in (self._name, self._dots, self._complaint):
            shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._complaint.setWordWrap(True)
        self._complaint.setMinimumHeight(44)
        self._dots.setMinimumHeight(32)
        self._dots.setAccessibleName(tr("PIN"))
        self._enter = button(tr("Enter"), presenter.enter, role="pay")
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 24, 24, 24)
        row.setSpacing(16)
        row.addStretch(1)
        row.addWidget(self._build_people(), 5)
        row.addWidget(self._build_pad(), 4)
        row.addStretch(1)
        presenter.changed.connect(self.render_state)
        self.render_state(presenter.state)

    def render_state(self, state: SignInState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        for person in state.people:
            restyle(self._tiles[person.id], chosen="yes" if person.id == state.chosen else "no")
            if person.id == state.chosen:
                self._name.setText(person.name)
        self._dots.setText("● " * state.digits if state.digits else tr("PIN"))
        self._complaint.setText(tr("One moment …") if state.busy else state.complaint)
        self._enter.setEnabled(bool(state.digits) and not state.busy)

    def _build_people(self) -> QWidget:
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setContentsMargins(20, 20, 20, 20)
        grid.setSpacing(12)
        for place, tile in enumerate(self._tiles.values()):
            tile.setMinimumHeight(_TILE_HEIGHT)
            grid.addWidget(tile, place // 2, place % 2)
        grid.setRowStretch(len(self._tiles), 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        frame = card()
        column = QVBoxLayout(frame)
        column.setContentsMargins(1, 20, 1, 1)
        title = label("heading", tr("Who is at the till?"))
        title.setContentsMargins(20, 0, 20, 0)
        column.addWidget(title)
        column.addWidget(area, 1)
        return frame

    def _build_pad(self) -> QWidget:
        frame = card()
        column = QVBoxLayout(frame)
        column.setContentsMargins(20, 20, 20, 20)
        column.setSpacing(8)
        for shown in (self._name, self._dots, self._complaint):
            column.addWidget(shown)
        column.addLayout(pad(self._presenter.press, self._presenter.erase, self._enter), 1)
        return frame

    def _tile(self, person: Person) -> QPushButton:
        text = "\n".join((person.name, tr(ROLE_NAMES[person.role])))
        return button(text, partial(self._presenter.choose, person.id), role="tile")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._presenter.enter()
        elif key == Qt.Key.Key_Backspace:
            self._presenter.erase()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Left):
            self._presenter.step(-1)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Right):
            self._presenter.step(1)
        elif event.text():
            self._presenter.press(event.text())
        else:
            super().keyPressEvent(event)
