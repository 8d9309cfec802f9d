"""What stands around every room: the rail, the shop, the day, the badge that tells whether all is saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.texts import tr
from ui import theme
from ui.widgets.parts import Elided, button, label, restyle

if TYPE_CHECKING:
    from core.clock import Calendar
    from core.shop.standing import Status
    from ui.rail import Entry, Rail
    from ui.sell.state import SellState

_RAIL = 92
"""Width of the rail, px; a strip of its colour stands before the rail itself is made."""

_ICON = 24


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
        self._offered = False
        self._hq, self._matters = "", 0
        self._shop, self._day, self._badge = Elided("muted"), label("muted"), Elided("badge")
        self._shop.setText(shop)
        # As high as the button of the keyboard, which comes later.
        self._shop.setMinimumHeight(theme.TOUCH)
        self._badge.hide()
        self._top = top = QHBoxLayout()
        top.setContentsMargins(24, 6, 24, 6)
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
        self._rail.count("tray", self._matters)
        self._strip.addWidget(self._rail)

    def mark_room(self, name: str) -> None:
        """Show which room is open."""
        if self._rail:
            self._rail.mark(name)

    def offer_keyboard(self, pressed: Callable[[], object], tokens: theme.Tokens) -> None:
        """A button that brings the keyboard on the screen; one is enough."""
        from ui.icons import Icon

        if self._offered:
            return
        self._offered = True
        made = button("", pressed, role="flat", name=tr("Keyboard on the screen"))
        made.setIcon(Icon("keyboard").drawn(_ICON, tokens.muted))
        made.setIconSize(QSize(_ICON, _ICON))
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._top.addWidget(made)

    def show_day(self, text: str) -> None:
        """Show how the day goes; nothing where that is nobody's business."""
        self._day.setText(text)

    def show_counter(self, state: SellState) -> None:
        """Show the day as the counter knows it, and whether its last step is saved."""
        from core.money import format_amount
        from ui.sell.state import Tone

        day = state.day
        if day is None:
            self.show_day(state.date)
        else:
            net = format_amount(day.net, state.currency)
            self.show_day(
                tr(
                    "{date} · {net} · {orders} orders · {pieces} pieces",
                    date=state.date,
                    net=net,
                    orders=day.orders,
                    pieces=day.pieces,
                )
            )
        broken = state.verdict.tone is Tone.BAD
        saved = self._hq or tr("✓ Saved on this terminal")
        self.show_badge(tr("× Not saved") if broken else saved, good=not broken)

    def show_hq(self, status: Status | None, calendar: Calendar) -> None:
        """Show whether head office has it all, or how much waits and since when; either way it is safe here. And how
        much lies in the tray.
        """
        self._matters = status.matters if status else 0
        if self._rail:
            self._rail.count("tray", self._matters)
        if status is None:
            self._hq = ""
        elif not status.waiting:
            self._hq = tr("✓ All at head office")
        else:
            since = f"{calendar.local(status.since):%m-%d %H:%M}" if status.since is not None else ""
            self._hq = tr("✓ Saved · {count} waiting since {time}", count=f"{status.waiting:,}", time=since)
        self._badge.setToolTip(tr("Safe to switch off.") if self._hq else "")

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
