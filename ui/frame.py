"""What stands around every room: the rail, the shop, the day, the badge that tells whether all is saved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ui import theme
from ui.widgets.parts import Elided, label, restyle

if TYPE_CHECKING:
    from ui.rail import Entry, Rail

_RAIL = 92
"""Width of the rail, px; a strip of its colour stands before the rail itself is made."""

_BADGE = 32
"""Height of the badge, px."""


class Frame(QWidget):
    """Draws the frame; pages come into its `stack`.

    Args:
        shop: its name, and the till's.
    """

    def __init__(self, shop: str) -> None:
        super().__init__()
        self.setObjectName("page")
        self.stack = QStackedWidget()
        self._rail: Rail | None = None
        self._shop, self._day, self._badge = Elided("muted"), label("muted"), Elided("badge")
        self._shop.setText(shop)
        # As high as the badge, which comes and goes.
        self._shop.setMinimumHeight(_BADGE)
        self._badge.hide()
        top = QHBoxLayout()
        top.setContentsMargins(24, 12, 24, 12)
        top.setSpacing(16)
        top.addWidget(self._shop)
        top.addStretch(1)
        top.addWidget(self._day)
        top.addWidget(self._badge)
        body = QVBoxLayout()
        body.setSpacing(0)
        body.addLayout(top)
        body.addWidget(self.stack, 1)
        strip = QWidget()
        strip.setObjectName("rail")
        strip.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        strip.setFixedWidth(_RAIL)
        self._strip = QVBoxLayout(strip)
        self._strip.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(strip)
        row.addLayout(body, 1)

    def show_rail(self, rooms: Sequence[Entry], user: Entry | None, tokens: theme.Tokens) -> None:
        """Offer other rooms.

        Args:
            user: who is signed in; none where nobody is known.
        """
        from ui.rail import Rail

        if self._rail:
            self._rail.deleteLater()
        self._rail = Rail(rooms, user, tokens)
        self._strip.addWidget(self._rail)

    def mark_room(self, name: str) -> None:
        """Show which room is open."""
        if self._rail:
            self._rail.mark(name)

    def show_day(self, text: str) -> None:
        """Show how the day goes; nothing where that is nobody's business."""
        self._day.setText(text)

    def show_badge(self, text: str, *, good: bool = True) -> None:
        """Tell whether everything is saved; nothing where nothing is."""
        restyle(self._badge, tone="good" if good else "bad")
        self._badge.setText(text)
        self._badge.setVisible(bool(text))

    def clear(self) -> None:
        """Take every page away."""
        while old := self.stack.widget(0):
            self.stack.removeWidget(old)
            old.deleteLater()
