"""Small parts that every page is made of."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ui import theme


class Elided(QLabel):
    """A text of people's own that may be longer than its place; it ends in dots there, and asks for no room."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self._whole = ""
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def setText(self, text: str) -> None:
        if text == self._whole:
            # A new size hint would lay the whole page out anew.
            return
        self._whole = text
        self.setAccessibleName(text)
        self._fit()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        around = self._around()
        width = self.fontMetrics().horizontalAdvance(self._whole)
        # A px for what is lost in rounding.
        return QSize(width + around + 1, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _around(self) -> int:
        """Px that the style puts around the text."""
        self.ensurePolished()
        return super().sizeHint().width() - self.fontMetrics().horizontalAdvance(self.text())

    def _fit(self) -> None:
        room = self.width() - self._around()
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, room)
        if shown != self.text():
            super().setText(shown)


def label(role: str, text: str = "") -> QLabel:
    """A text in one of the roles of the style sheet."""
    made = QLabel(text)
    made.setProperty("role", role)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made


def card() -> QFrame:
    """A surface with a hairline around it."""
    made = QFrame()
    made.setProperty("role", "card")
    return made


def framed() -> tuple[QFrame, QVBoxLayout]:
    """A card, and the column in which its content stands."""
    frame = card()
    column = QVBoxLayout(frame)
    column.setContentsMargins(20, 16, 20, 16)
    column.setSpacing(10)
    return frame, column


def button(text: str, pressed: Callable[[], object], *, role: str = "", name: str = "") -> QPushButton:
    """A button that takes no focus: a touch must not move where keys go.

    Args:
        name: what a screen reader says, where the text is a sign.
    """
    # An ampersand is a sign here, and no key.
    made = QPushButton(text.replace("&", "&&"))
    made.setProperty("role", role)
    made.setProperty("lines", text.count("\n") + 1)
    made.setMinimumSize(theme.TOUCH, theme.TOUCH)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setAccessibleName(name or text.replace("\n", " "))
    # Qt would hand the step whether the button is checked.
    made.clicked.connect(lambda _checked: pressed())
    return made


def rename(made: QPushButton, text: str) -> None:
    """Put another word on a button, for eyes and for screen readers."""
    if made.text() != (shown := text.replace("&", "&&")):
        made.setText(shown)
        made.setAccessibleName(text.replace("\n", " "))


def keyed(text: str, key: str) -> str:
    """The text of a button with the key that presses it below."""
    return f"{text}\n{key}"


def notice(text: str) -> QWidget:
    """A page that has nothing but a sentence on it."""
    made = label("heading", text)
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    made.setWordWrap(True)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return made


def complaint(height: int = 0) -> QLabel:
    """A place for what became of a step, in as many lines as it needs.

    Args:
        height: px that are kept free for it.
    """
    made = label("complaint")
    made.setWordWrap(True)
    made.setMinimumHeight(height)
    return made


def say(where: QLabel, text: str, *, refused: bool) -> None:
    """Show what became of a step: a sign and a sentence, in the colour of good or bad news."""
    restyle(where, tone="warn" if refused else "good")
    where.setText(" ".join(("▲" if refused else "✓", text)) if text else "")


def filling(made: QPushButton) -> QPushButton:
    """A button as high as its place."""
    made.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Expanding)
    return made


def restyle(widget: QWidget, **properties: str) -> None:
    """Set properties that the style sheet looks at, and dress the widget and its children anew where they changed."""
    if all(widget.property(name) == value for name, value in properties.items()):
        return
    for name, value in properties.items():
        widget.setProperty(name, value)
    for part in (widget, *widget.findChildren(QWidget)):
        part.style().unpolish(part)
        part.style().polish(part)
