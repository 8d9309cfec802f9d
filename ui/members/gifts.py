"""The form in which a member is given points, or a coupon."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.texts import tr
from ui.members.presenter import MembersPresenter
from ui.members.state import GiftForm
from ui.widgets.fields import TextField
from ui.widgets.parts import framed, label


class Gifts(QWidget):
    """Draws a `GiftForm`. Args: presenter: takes the intents."""

    def __init__(self, presenter: MembersPresenter) -> None:
        super().__init__()
        frame, column = framed()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        self._points = TextField(tr("Points; with - to take some away"), lambda text: presenter.give(points=text))
        self._reason = TextField(tr("Why"), lambda text: presenter.give(reason=text))
        self._off = TextField(tr("Coupon: what it takes off"), lambda text: presenter.give(off=text))
        self._least = TextField(tr("from"), lambda text: presenter.give(least=text), hint=tr("any amount"))
        self._until = TextField(tr("until"), lambda text: presenter.give(until=text), hint=tr("for thirty days"))
        ends = QHBoxLayout()
        ends.setSpacing(12)
        for field in (self._least, self._until):
            ends.addWidget(field, 1)
        words = label("plain", tr("What is left empty is not given."))
        column.addWidget(label("heading", tr("Points and coupons")))
        for part in (words, self._points, self._reason, self._off):
            column.addWidget(part)
        column.addLayout(ends)
        column.addStretch(1)
        self.setFocusProxy(self._points)

    def show_form(self, form: GiftForm) -> None:
        """Draw a form; drawing it twice changes nothing."""
        for field, text in (
            (self._points, form.points),
            (self._reason, form.reason),
            (self._off, form.off),
            (self._least, form.least),
            (self._until, form.until),
        ):
            field.show_text(text)

    def begin(self) -> None:
        """Go into the first field."""
        self._points.begin()
