"""The Sell page: draws a `SellState`, tells the presenter what was pressed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.money import format_amount
from core.sales.receipt import TENDER_NAMES
from core.texts import tr
from ui import theme
from ui.sell.answers import reward_words
from ui.sell.cart_model import CartModel
from ui.sell.cart_table import CartTable
from ui.sell.presenter import SellPresenter
from ui.sell.state import WAY_KEYS, WAYS, SellState, is_pad_key
from ui.widgets.parts import Elided, button, card, filling, keyed, label, rename
from ui.widgets.rows import Column, RowsModel, RowsTable
from ui.widgets.verdict import VerdictStrip

_NARROW = 1100
"""Below this width of the page both sides are laid out narrower."""


class SellPage(QWidget):
    """The counter.

    Args:
        presenter: takes the intents.
        tokens: colours.
    """

    def __init__(self, presenter: SellPresenter, tokens: theme.Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._presenter = presenter
        self._currency = presenter.state.currency
        self._shown = replace(presenter.state, selected=-1)
        self._steps = {
            Qt.Key.Key_F2: presenter.find,
            Qt.Key.Key_F3: presenter.set_quantity,
            Qt.Key.Key_F4: presenter.set_discount,
            Qt.Key.Key_F6: presenter.find_member,
            Qt.Key.Key_F7: presenter.reward,
            Qt.Key.Key_F8: presenter.bring_back,
            Qt.Key.Key_F11: presenter.choose_way,
            Qt.Key.Key_F12: presenter.pay_cash,
            Qt.Key.Key_Delete: presenter.remove,
            Qt.Key.Key_Escape: presenter.clear,
        }
        self._verdict = VerdictStrip()
        self._model = CartModel(self._currency)
        self._table = CartTable(self._model, tokens)
        self._found = RowsModel(
            (
                Column(tr("Item"), lambda product: product.label),
                Column(tr("Code"), lambda product: product.shown_code, 168),
                Column(
                    tr("Price"), lambda product: self._show(product.price) if product.price else "—", 104, right=True
                ),
            )
        )
        self._found_table, self._lists = RowsTable(self._found, tr("Found")), QStackedWidget()
        self._counts, self._buyer = label("muted"), button("", presenter.find_member, role="choice")
        self._reward = button("", presenter.reward, role="choice")
        self._total, self._entry = label("total"), Elided("entry")
        self._net, self._discount, self._tax = label("muted"), label("muted"), label("muted")
        self._due, self._pads = label("muted"), QStackedWidget()
        self._others = button(keyed(tr("Other payment"), "F11"), presenter.choose_way)
        self._cash = button(keyed(tr("Cash"), "F12"), presenter.pay_cash, role="pay")
        left, right = QVBoxLayout(), QVBoxLayout()
        left.setSpacing(12)
        left.addWidget(self._verdict)
        left.addWidget(self._build_cart(), 1)
        left.addWidget(_row(self._build_steps(), 66))
        right.setSpacing(12)
        right.addWidget(self._build_due())
        for made in (self._build_pad(), self._build_ways()):
            inner = QWidget()
            made.setContentsMargins(0, 0, 0, 0)
            inner.setLayout(made)
            self._pads.addWidget(inner)
        right.addWidget(self._pads, 1)
        right.addWidget(_row(self._build_payments(), 68))
        side = QWidget()
        side.setLayout(right)
        right.setContentsMargins(0, 0, 0, 0)
        side.setFixedWidth(384)
        self._side = side
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 24, 24)
        row.setSpacing(16)
        row.addLayout(left, 1)
        row.addWidget(side)
        self._connect()
        self.render_state(presenter.state)

    def render_state(self, state: SellState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        cart = state.cart
        if cart is not self._shown.cart or state.selected != self._shown.selected:
            self._render_lines(state)
        self._shown = state
        self._verdict.render_verdict(state.verdict)
        words = tr("Lines: {lines} · pieces: {pieces}", lines=len(cart.lines), pieces=cart.pieces)
        nothing = state.finding and state.entry and state.found_for == state.entry and not state.found
        self._counts.setText(tr("Nothing is called so.") if nothing else words)
        rename(self._buyer, " ".join(("F6", state.buyer or tr("Member"))))
        rename(self._reward, " ".join(("F7", _reward_words(state))))
        self._lists.setCurrentIndex(1 if state.finding else 0)
        if state.finding:
            self._found.show(state.found)
            self._found_table.choose(state.row)
        self._due.setText(_due_title(state))
        due = state.cash_due if state.change is None else state.change
        self._total.setText(self._show(abs(due)))
        self._net.setText(self._show(cart.total + cart.discount))
        self._discount.setText(self._show(-cart.discount) if cart.discount else self._show(0))
        self._tax.setText(self._show(cart.tax))
        self._entry.setText(state.entry or ("…" if state.ask else ""))
        self._pads.setCurrentIndex(1 if state.choosing else 0)
        word = keyed(tr("Pay back") if state.left < 0 else tr("Cash"), "F12")
        rename(self._cash, word)
        self._cash.setEnabled(bool(cart.lines) and not state.paying)
        self._others.setEnabled(state.left > 0 and not state.paying)

    def _render_lines(self, state: SellState) -> None:
        """Draw the cart at once: the line is what a cashier looks for, the words around it come with the next frame."""
        self._model.show(state.cart)
        self._table.show_row(self._model.row_of(state.selected))

    def _show(self, minor: int) -> str:
        return format_amount(minor, self._currency)

    def _build_cart(self) -> QWidget:
        frame = card()
        column = QVBoxLayout(frame)
        column.setContentsMargins(4, 4, 4, 8)
        self._lists.addWidget(self._table)
        self._lists.addWidget(self._found_table)
        column.addWidget(self._lists, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 0, 8, 0)
        foot.addWidget(self._counts, 1)
        foot.addWidget(self._reward)
        foot.addWidget(self._buyer)
        column.addLayout(foot)
        return frame

    def _build_steps(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        presenter = self._presenter
        for text, key, step in (
            (tr("Find"), "F2", presenter.find),
            (tr("Quantity"), "F3", presenter.set_quantity),
            (tr("% off"), "F4", presenter.set_discount),
            (tr("Remove"), "Del", presenter.remove),
            (tr("Return"), "F8", presenter.bring_back),
            (tr("Cancel"), "Esc", presenter.clear),
        ):
            row.addWidget(filling(button(keyed(text, key), step, role="step")), 1)
        return row

    def _build_payments(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(10)
        for made in (self._others, self._cash):
            row.addWidget(filling(made), 1)
        return row

    def _build_ways(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(10)
        for key, kind in zip(WAY_KEYS, WAYS, strict=True):
            step = partial(self._presenter.pay_by, kind)
            column.addWidget(filling(button("  ".join((key, tr(TENDER_NAMES[kind]))), step, role="digit")))
        column.addWidget(filling(button(tr("Back"), self._presenter.choose_way, role="soft")))
        return column

    def _build_due(self) -> QWidget:
        frame = card()
        grid = QGridLayout(frame)
        grid.setContentsMargins(20, 12, 20, 12)
        grid.setVerticalSpacing(2)
        grid.addWidget(self._due, 0, 0, 1, 2)
        grid.addWidget(self._total, 1, 0, 1, 2, Qt.AlignmentFlag.AlignRight)
        for row, (text, figure) in enumerate(
            ((tr("Subtotal"), self._net), (tr("Discount"), self._discount), (tr("Tax included"), self._tax)), 2
        ):
            grid.addWidget(label("muted", text), row, 0)
            grid.addWidget(figure, row, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(label("muted", tr("Entry")), 5, 0)
        grid.addWidget(self._entry, 5, 1, Qt.AlignmentFlag.AlignRight)
        self._entry.setMinimumHeight(28)
        self._entry.setAccessibleName(tr("Entry"))
        return frame

    def _build_pad(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(10)
        for place, key in enumerate("789456123"):
            grid.addWidget(self._digit(key), place // 3, place % 3)
        for column, key in enumerate(("0", "00", ".")):
            grid.addWidget(self._digit(key), 3, column)
        unit = 10 ** len(format_amount(0, self._currency).partition(".")[2])
        presenter = self._presenter
        for row, (text, step, name) in enumerate(
            (
                ("←", presenter.erase, tr("Erase")),
                ("50", lambda: presenter.note(50 * unit), ""),
                ("100", lambda: presenter.note(100 * unit), ""),
                (tr("Enter"), presenter.enter, ""),
            )
        ):
            grid.addWidget(filling(button(text, step, role="soft", name=name)), row, 3)
        for row in range(4):
            grid.setRowStretch(row, 1)
        for column in range(4):
            grid.setColumnStretch(column, 1)
        return grid

    def _digit(self, key: str) -> QWidget:
        return filling(button(key, lambda: self._presenter.press(key), role="digit"))

    def _connect(self) -> None:
        presenter = self._presenter
        presenter.changed.connect(self.render_state)
        self._found_table.pressed_row.connect(presenter.take)
        self._table.clicked.connect(lambda index: presenter.select(self._model.number_at(index.row())))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Not as shortcuts: those would overtake what was typed just before and is held as the beginning of a scan.
        key = event.key()
        if step := self._steps.get(Qt.Key(key)):
            step()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._presenter.enter()
        elif key == Qt.Key.Key_Backspace:
            self._presenter.erase()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._presenter.step(1 if key == Qt.Key.Key_Down else -1)
        elif is_pad_key(event.text()) and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._presenter.press(event.text())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        narrow = self.width() < _NARROW
        self._side.setFixedWidth(300 if narrow else 384)
        self._table.lay_out(narrow=narrow)
        super().resizeEvent(event)


def _row(layout: QHBoxLayout, height: int) -> QWidget:
    """A row of buttons of that height, px."""
    made = QWidget()
    layout.setContentsMargins(0, 0, 0, 0)
    made.setLayout(layout)
    made.setFixedHeight(height)
    return made


def _reward_words(state: SellState) -> str:
    """What is used of points and coupons, or could be."""
    if used := reward_words(state.cart, state.currency):
        return " · ".join(used)
    return tr("{points} points", points=f"{state.has.points:,}") if state.has.points > 0 else tr("Coupon")


def _due_title(state: SellState) -> str:
    """What the large figure is."""
    if state.change is not None:
        return tr("Given back") if state.refunded else tr("Change")
    if state.payments:
        paid = " · ".join(
            " ".join((tr(TENDER_NAMES[payment.kind]), format_amount(payment.amount or 0, state.currency)))
            for payment in state.payments
        )
        return tr("Still to pay · {paid}", paid=paid)
    if state.left < 0:
        ways = " · ".join(tr(TENDER_NAMES[kind]) for kind, _ in state.back)
        return tr("To give back · {ways}", ways=ways) if ways else tr("To give back")
    return tr("To pay")
