"""Fields of forms: a caption over something to fill in or to choose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from ui import theme
from ui.widgets.parts import button, label, restyle

_TOGGLES_A_ROW = 4


class TextField(QWidget):
    """A line of text.

    Args:
        caption: stands over it, and is its name.
        edited: told the text at each key.
        committed: told the text when it is whole: at Enter, or when the field is left.
        hint: stands in it while it is empty.
    """

    def __init__(
        self,
        caption: str,
        edited: Callable[[str], object] | None = None,
        committed: Callable[[str], object] | None = None,
        *,
        hint: str = "",
    ) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setMinimumHeight(theme.TOUCH)
        self.line.setPlaceholderText(hint)
        self.line.setAccessibleName(caption)
        if edited:
            self.line.textEdited.connect(edited)
        if committed:
            self.line.editingFinished.connect(partial(self._commit, committed))
        self._commits = committed is not None
        self.setFocusProxy(self.line)
        _stack(self, caption, self.line)

    def show_text(self, text: str) -> None:
        """Show a text; the cursor stays where it is when it is the same, and what is being typed stays, too."""
        typing = self._commits and self.line.hasFocus() and self.line.isModified()
        if self.line.text() != text and not typing:
            self.line.setText(text)

    def begin(self) -> None:
        """Go into the field; what is typed takes the place of what is there."""
        self.line.setFocus()
        self.line.selectAll()

    def _commit(self, committed: Callable[[str], object]) -> None:
        self.line.setModified(False)
        committed(self.line.text())


class ChoiceField(QWidget):
    """A row of buttons of which one is pressed.

    Args:
        caption: stands over it.
        choices: word by value.
        chosen: told the value that was pressed.
    """

    def __init__(self, caption: str, choices: Mapping[str, str], chosen: Callable[[str], object]) -> None:
        super().__init__()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.setContentsMargins(0, 0, 0, 0)
        self._buttons = {}
        for value, word in choices.items():
            made = button(word, partial(chosen, value), role="choice", name=": ".join((caption, word)))
            self._buttons[value] = made
            row.addWidget(made, 1)
        inner = QWidget()
        inner.setLayout(row)
        _stack(self, caption, inner)

    def show_choice(self, value: str) -> None:
        """Show which is pressed."""
        for key, made in self._buttons.items():
            restyle(made, chosen="yes" if key == value else "no")


class ToggleField(QWidget):
    """Buttons of which any number is pressed.

    Args:
        caption: stands over them.
        choices: word by value.
        toggled: told the value that was touched.
    """

    def __init__(self, caption: str, choices: Mapping[str, str], toggled: Callable[[str], object]) -> None:
        super().__init__()
        grid = QGridLayout()
        grid.setSpacing(8)
        grid.setContentsMargins(0, 0, 0, 0)
        self._choices = choices
        self._buttons = {}
        for place, (value, word) in enumerate(choices.items()):
            made = button(word, partial(toggled, value), role="choice", name=": ".join((caption, word)))
            # A screen reader says which are pressed.
            made.setCheckable(True)
            self._buttons[value] = made
            grid.addWidget(made, place // _TOGGLES_A_ROW, place % _TOGGLES_A_ROW)
        inner = QWidget()
        inner.setLayout(grid)
        _stack(self, caption, inner)

    def show_chosen(self, values: frozenset[str]) -> None:
        """Show which are pressed."""
        for value, made in self._buttons.items():
            on = value in values
            restyle(made, chosen="yes" if on else "no")
            made.setChecked(on)
            made.setText(" ".join(("✓" if on else "○", self._choices[value])))


class _Picker(QComboBox):
    """A wheel over it scrolls what it stands in, and chooses nothing."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def picker(name: str) -> QComboBox:
    """A list of which one is chosen, where there are too many for buttons."""
    made = _Picker()
    made.setMinimumHeight(theme.TOUCH)
    made.setAccessibleName(name)
    return made


def captioned(caption: str, part: QWidget) -> QWidget:
    """Something to choose from, with a caption over it."""
    whole = QWidget()
    _stack(whole, caption, part)
    return whole


def scrolling(inner: QWidget) -> QScrollArea:
    """An area that scrolls up and down where its content is too high."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inner)
    return area


def _stack(whole: QWidget, caption: str, part: QWidget) -> None:
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    column.addWidget(label("muted", caption))
    column.addWidget(part)
