"""A keyboard on the screen, for names, codes and initials where there is none on the counter.

Signs beyond Latin are the business of the system's own input method.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QLineEdit, QPushButton, QWidget

from core.texts import tr
from ui import theme
from ui.widgets.parts import button

_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl-", "zxcvbnm.@/")
_GAP = 6
_HEIGHT = (len(_ROWS) + 1) * (theme.TOUCH + _GAP + 2) + 16
_WIDTH = 760


class ScreenKeyboard(QFrame):
    """Lies over the window, at the end of it where the field is not that is typed into.

    Args:
        window: whose focus the keys go to.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setProperty("role", "keyboard")
        self.setAccessibleName(tr("Keyboard on the screen"))
        self._upper = False
        self._letters: list[QPushButton] = []
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 12, 8)
        grid.setSpacing(_GAP)
        for row, signs in enumerate(_ROWS):
            for column, sign in enumerate(signs):
                made = self._key(sign, partial(self._press_sign, sign))
                self._letters.append(made)
                grid.addWidget(made, row, column)
        last = len(_ROWS)
        grid.addWidget(self._key("ABC", self._change_case, name=tr("Upper case")), last, 0, 1, 2)
        grid.addWidget(self._key(tr("Space"), partial(self._press, Qt.Key.Key_Space, " ")), last, 2, 1, 3)
        erase = partial(self._press, Qt.Key.Key_Backspace, "")
        grid.addWidget(self._key("←", erase, name=tr("Erase")), last, 5)
        grid.addWidget(self._key("Tab", partial(self._press, Qt.Key.Key_Tab, "\t")), last, 6)
        grid.addWidget(self._key("Enter", partial(self._press, Qt.Key.Key_Return, "\r")), last, 7, 1, 2)
        grid.addWidget(self._key("×", self.hide, name=tr("Close")), last, 9)
        self.hide()

    def toggle(self) -> None:
        """Come, or go."""
        if self.isVisible():
            self.hide()
            return
        window = self.parentWidget()
        assert window
        width = min(_WIDTH, window.width() - 120)
        bottom = window.height() - _HEIGHT - 8
        focus = QApplication.focusWidget()
        fields = [line for line in window.findChildren(QLineEdit) if line.isVisible() and line.isEnabled()]
        if focus not in fields and fields:
            focus = fields[0]
            focus.setFocus()
        below = isinstance(focus, QLineEdit) and focus.mapTo(window, QPoint(0, focus.height())).y() > bottom
        self.setGeometry((window.width() - width) // 2 + 40, 8 if below else bottom, width, _HEIGHT)
        if handle := window.windowHandle():
            handle.installEventFilter(self)
        self.raise_()
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc puts it away, before anything else is meant by it."""
        if not self.isVisible() or event.type() is not QEvent.Type.KeyPress:
            return False
        away: bool = event.key() == Qt.Key.Key_Escape  # type: ignore[attr-defined]
        self.setVisible(not away)
        return away

    def _key(self, text: str, pressed: Callable[[], object], name: str = "") -> QPushButton:
        made = button(text, pressed, role="key", name=name)
        # What is typed goes where the focus is.
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return made

    def _change_case(self) -> None:
        self._upper = not self._upper
        for made in self._letters:
            made.setText(made.text().upper() if self._upper else made.text().lower())

    def _press_sign(self, sign: str) -> None:
        sign = sign.upper() if self._upper else sign
        self._press(Qt.Key(ord(sign.upper())), sign)

    def _press(self, key: Qt.Key, text: str) -> None:
        target = QApplication.focusWidget() or self.window()
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QCoreApplication.sendEvent(target, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text))
