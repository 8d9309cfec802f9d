"""The Staff page: who works here, what they may do, and a PIN for each."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.staff.permissions import ROLE_NAMES
from core.texts import tr
from ui import theme
from ui.staff.presenter import StaffPresenter
from ui.staff.state import StaffState
from ui.widgets.fields import ChoiceField, TextField
from ui.widgets.parts import Elided, button, card, complaint, keyed, label, say
from ui.widgets.rows import Column, RowsModel, RowsTable


class StaffPage(QWidget):
    """Draws a `StaffState`.

    Args:
        presenter: takes the intents.
        tokens: colours.
    """

    def __init__(self, presenter: StaffPresenter, tokens: theme.Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._presenter = presenter
        self._steps = {
            Qt.Key.Key_F3: self._begin_new,
            Qt.Key.Key_F12: presenter.save,
            Qt.Key.Key_Return: presenter.save,
            Qt.Key.Key_Enter: presenter.save,
            Qt.Key.Key_Escape: self._discard,
            Qt.Key.Key_Up: lambda: presenter.step(-1),
            Qt.Key.Key_Down: lambda: presenter.step(1),
        }
        self._model = RowsModel(
            (
                Column(tr("Name"), lambda person: person.name),
                Column(tr("Number"), lambda person: person.id, 120, optional=True),
                Column(tr("Role"), lambda person: tr(ROLE_NAMES[person.role]), 110),
                Column(tr("Signs in"), _signs_in, 130),
            )
        )
        self._table = RowsTable(self._model, tr("Staff"))
        self._table.pressed_row.connect(presenter.choose)
        self._title, self._said = Elided("heading"), complaint(44)
        self._name = TextField(tr("Name"), lambda text: presenter.edit(name=text))
        self._id = TextField(tr("Number"), lambda text: presenter.edit(id=text))
        roles = {role.value: tr(name) for role, name in ROLE_NAMES.items()}
        self._role = ChoiceField(tr("Role"), roles, lambda role: presenter.edit(role=role))
        works = {"yes": tr("Works here"), "no": tr("Has left")}
        self._active = ChoiceField(tr("State"), works, lambda value: presenter.edit(active=value == "yes"))
        self._pin = TextField(tr("New PIN, 4 to 8 digits"), lambda text: presenter.edit(pin=text))
        self._pin.line.setEchoMode(QLineEdit.EchoMode.Password)
        self._save = button(keyed(tr("Save"), "F12"), presenter.save, role="pay")
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 24, 24)
        row.setSpacing(16)
        row.addWidget(self._build_list(), 1)
        row.addWidget(self._build_form())
        presenter.changed.connect(self.render_state)
        self.render_state(presenter.state)

    def render_state(self, state: StaffState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        self._model.show(state.people)
        self._table.choose(self._presenter.chosen_row)
        draft = state.draft
        self._title.setText(draft.name if state.known else tr("New employee"))
        self._name.show_text(draft.name)
        self._id.show_text(draft.id)
        self._id.setEnabled(not state.known)
        self._role.show_choice(draft.role)
        self._active.show_choice("yes" if draft.active else "no")
        self._pin.show_text(draft.pin)
        self._save.setEnabled(not state.busy)
        say(self._said, tr("One moment …") if state.busy else state.said, refused=state.refused)

    def _build_list(self) -> QWidget:
        frame = card()
        column = QVBoxLayout(frame)
        column.setContentsMargins(4, 12, 4, 12)
        head = QHBoxLayout()
        head.setContentsMargins(16, 0, 12, 0)
        head.addWidget(label("heading", tr("Who works here")))
        head.addStretch(1)
        head.addWidget(button(tr("F3 New employee"), self._begin_new))
        column.addLayout(head)
        column.addWidget(self._table, 1)
        return frame

    def _build_form(self) -> QWidget:
        frame = card()
        frame.setFixedWidth(400)
        column = QVBoxLayout(frame)
        column.setContentsMargins(20, 16, 20, 20)
        column.setSpacing(12)
        column.addWidget(self._title)
        for field in (self._name, self._id, self._role, self._active, self._pin):
            column.addWidget(field)
        column.addStretch(1)
        column.addWidget(self._said)
        self._save.setMinimumHeight(68)
        column.addWidget(self._save)
        return frame

    def _discard(self) -> None:
        self.setFocus()
        self._presenter.discard()

    def _begin_new(self) -> None:
        if self._presenter.begin_new():
            self._name.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if step := self._steps.get(Qt.Key(event.key())):
            step()
        else:
            super().keyPressEvent(event)


def _signs_in(person: object) -> str:
    if not getattr(person, "active", False):
        return tr("Has left")
    return tr("With a PIN") if getattr(person, "has_pin", False) else tr("No PIN yet")
