"""The Receipts page: a list, and the receipt that is looked at as it is printed."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.money import format_amount
from core.sales.queries import ReceiptQuery
from core.sales.receipt import Slip
from core.texts import tr
from ui import theme
from ui.printing.receipt import SlipPainter
from ui.receipts.presenter import ReceiptsPresenter
from ui.receipts.state import ReceiptsState
from ui.widgets.fields import TextField, scrolling
from ui.widgets.parts import Elided, button, card, complaint, filling, keyed, say
from ui.widgets.rows import Column, RowsModel, RowsTable

_SLIP_WIDTH = 316


class ReceiptsPage(QWidget):
    """Draws a `ReceiptsState`.

    Args:
        presenter: takes the intents.
        tokens: colours.
    """

    def __init__(self, presenter: ReceiptsPresenter, tokens: theme.Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._presenter = presenter
        self._search = TextField(tr("F2 Number, amount or goods"), presenter.search)
        self._title, self._said = Elided("heading"), complaint(44)
        self._model = RowsModel(
            (
                Column(tr("Receipt"), lambda row: row.receipt),
                Column(tr("Time"), presenter.time_of, 160),
                Column(tr("Pieces"), lambda row: str(row.pieces), 84, right=True, optional=True),
                Column(tr("Amount"), lambda row: format_amount(row.total, presenter.currency), 120, right=True),
            ),
            presenter.more,
        )
        self._table = RowsTable(self._model, tr("Receipts"))
        self._table.pressed_row.connect(presenter.choose)
        self._slip = SlipView()
        self._reprint = button(keyed(tr("Print again"), "F12"), presenter.reprint, role="pay")
        self._back = button(keyed(tr("Return"), "F8"), presenter.bring_back)
        self._steps = {
            Qt.Key.Key_F2: self._search.begin,
            Qt.Key.Key_F8: presenter.bring_back,
            Qt.Key.Key_F12: presenter.reprint,
            Qt.Key.Key_Up: lambda: presenter.step(-1),
            Qt.Key.Key_Down: lambda: presenter.step(1),
            Qt.Key.Key_Escape: self._begin_anew,
        }
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 24, 24)
        row.setSpacing(16)
        row.addWidget(self._build_list(), 1)
        row.addWidget(self._build_slip())
        presenter.changed.connect(self.render_state)
        self.render_state(presenter.state)

    def render_state(self, state: ReceiptsState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        self._search.show_text(state.typed)
        self._title.setText(state.title or tr("Receipts"))
        self._model.show(state.rows, goes_on=state.goes_on)
        self._table.choose(state.row)
        self._slip.show_slip(state.slip)
        self._reprint.setEnabled(state.chosen is not None)
        self._back.setEnabled(state.chosen is not None and self._presenter.may_bring_back)
        if not state.said and not state.rows:
            nothing = state.query == ReceiptQuery()
            say(self._said, tr("No receipts yet.") if nothing else tr("No such receipt."), refused=not nothing)
        else:
            say(self._said, state.said, refused=state.refused)

    def _build_list(self) -> QWidget:
        frame = card()
        column = QVBoxLayout(frame)
        column.setContentsMargins(4, 12, 4, 12)
        head = QVBoxLayout()
        head.setContentsMargins(16, 0, 16, 0)
        head.addWidget(self._title)
        head.addWidget(self._search)
        column.addLayout(head)
        column.addWidget(self._table, 1)
        return frame

    def _build_slip(self) -> QWidget:
        side = QWidget()
        side.setFixedWidth(352)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        frame = card()
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(2, 8, 2, 8)
        inner.addWidget(scrolling(self._slip))
        column.addWidget(frame, 1)
        column.addWidget(self._said)
        keys = QHBoxLayout()
        keys.setSpacing(10)
        for made in (self._back, self._reprint):
            keys.addWidget(filling(made), 1)
        foot = QWidget()
        foot.setFixedHeight(68)
        keys.setContentsMargins(0, 0, 0, 0)
        foot.setLayout(keys)
        column.addWidget(foot)
        return side

    def _begin_anew(self) -> None:
        self.setFocus()
        self._presenter.leave()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if step := self._steps.get(Qt.Key(event.key())):
            step()
        elif event.text().isalnum() and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            # Whoever begins to type wants to find something.
            self._search.setFocus()
            self._search.line.setText(self._search.line.text() + event.text())
            self._presenter.search(self._search.line.text())
        else:
            super().keyPressEvent(event)


class SlipView(QWidget):
    """A receipt on the screen, painted as on paper."""

    def __init__(self) -> None:
        super().__init__()
        self._slip: Slip | None = None
        self._painter: SlipPainter | None = None

    def show_slip(self, slip: Slip | None) -> None:
        """Show another receipt."""
        if slip == self._slip:
            return
        self._slip = slip
        self._painter = SlipPainter(slip) if slip else None
        self.setAccessibleName(slip.code if slip else "")
        height = self._painter.height * self._scale() if self._painter else 0
        self.setMinimumHeight(round(height))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_SLIP_WIDTH, self.minimumHeight())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._painter:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            width = self._painter.width * self._scale()
            painter.translate((self.width() - width) / 2, 0)
            painter.fillRect(0, 0, round(width), round(self._painter.height * self._scale()), QColor("#FFFFFF"))
            painter.scale(self._scale(), self._scale())
            # Ink on paper, whatever the theme.
            painter.setPen(Qt.GlobalColor.black)
            self._painter.paint(painter)
            painter.end()

    def _scale(self) -> float:
        return min(1.0, _SLIP_WIDTH / self._painter.width) if self._painter else 1.0
