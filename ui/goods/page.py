"""The Goods page: the catalogue, one product of it to look at and to change, and files that are taken in."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.money import format_amount
from core.texts import tr
from ui import theme
from ui.goods.import_page import ImportPage
from ui.goods.presenter import GoodsPresenter
from ui.goods.state import GoodsState
from ui.widgets.fields import TextField
from ui.widgets.parts import Elided, button, card, complaint, keyed, label, say
from ui.widgets.rows import Column, RowsModel, RowsTable


class GoodsPage(QWidget):
    """Draws a `GoodsState`.

    Args:
        presenter: takes the intents.
        tokens: colours.
    """

    def __init__(self, presenter: GoodsPresenter, tokens: theme.Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._presenter = presenter

        def price(product: object) -> str:
            amount = getattr(product, "price", None)
            return format_amount(amount, presenter.currency) if amount else "—"

        self._model = RowsModel(
            (
                Column(tr("Item"), lambda product: product.label),
                Column(tr("Code"), lambda product: product.shown_code, 150),
                Column(tr("Category"), lambda product: product.category, 110, optional=True),
                Column(tr("Price"), price, 104, right=True),
            ),
            presenter.more,
        )
        self._table = RowsTable(self._model, tr("Goods"))
        self._table.pressed_row.connect(presenter.choose)
        self._search = TextField(tr("F2 Name, initials or code"), presenter.search)
        self._title, self._said, self._count = Elided("heading"), complaint(44), label("muted")
        self._fields = {
            name: TextField(caption, lambda text, name=name: presenter.edit(**{name: text}), hint=hint)  # type: ignore[misc]
            for name, caption, hint in (
                ("code", tr("Barcode, or a code of your own"), ""),
                ("name", tr("Item name"), ""),
                ("spec", tr("Specification"), ""),
                ("price", tr("Price"), tr("asked at the till")),
                ("tax_rate", tr("Tax rate"), tr("as in the settings")),
                ("category", tr("Category"), ""),
            )
        }
        self._codes = button(keyed(tr("Codes"), "F9"), presenter.issue_codes)
        self._save = button(keyed(tr("Save"), "F12"), presenter.save, role="pay")
        self._import_page = ImportPage(presenter.importing, tokens, leave=tr("Back"))
        self._steps = {
            Qt.Key.Key_F2: self._search.begin,
            Qt.Key.Key_F3: self._begin_new,
            Qt.Key.Key_F6: self._begin_import,
            Qt.Key.Key_F9: presenter.issue_codes,
            Qt.Key.Key_F12: presenter.save,
            Qt.Key.Key_Return: self._enter,
            Qt.Key.Key_Enter: self._enter,
            Qt.Key.Key_Up: lambda: presenter.step(-1),
            Qt.Key.Key_Down: lambda: presenter.step(1),
            Qt.Key.Key_Escape: self._begin_anew,
        }
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self._build_list(), 1)
        row.addWidget(self._build_form())
        self._stack = QStackedWidget()
        self._stack.addWidget(both)
        self._stack.addWidget(self._import_page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 0, 24, 24)
        whole.addWidget(self._stack)
        presenter.changed.connect(self.render_state)
        self.render_state(presenter.state)

    def render_state(self, state: GoodsState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        importing = int(state.importing)
        if self._stack.currentIndex() != importing:
            self._stack.setCurrentIndex(importing)
            (self._import_page if importing else self).setFocus()
        self._search.show_text(state.typed)
        self._model.show(state.products, goes_on=state.goes_on)
        self._table.choose(state.row)
        self._count.setText(tr("{count} goods", count=f"{state.count:,}") if state.count >= 0 else "")
        chosen = state.chosen
        self._title.setText(chosen.name if chosen else tr("New item"))
        for name, field in self._fields.items():
            field.show_text(getattr(state.draft, name))
            may_fill = self._presenter.may_change and (name != "code" or chosen is None)
            if field.line.hasFocus() and not may_fill:
                self.setFocus()
            field.setEnabled(may_fill)
        self._codes.setEnabled(chosen is not None and bool(chosen.gtin))
        if not state.said and state.typed and not state.products:
            words = tr("Nothing is called so. Fill it in to add it.")
            say(self._said, words if self._presenter.may_change else tr("Nothing is called so."), refused=True)
        else:
            say(self._said, state.said, refused=state.refused)

    def _build_list(self) -> QWidget:
        frame = card()
        column = QVBoxLayout(frame)
        column.setContentsMargins(4, 12, 4, 12)
        head = QHBoxLayout()
        head.setContentsMargins(16, 0, 12, 0)
        head.setSpacing(8)
        head.addWidget(self._search, 1)
        if self._presenter.may_change:
            head.addWidget(button(keyed(tr("New"), "F3"), self._begin_new), 0, Qt.AlignmentFlag.AlignBottom)
        if self._presenter.may_import:
            made = button(keyed(tr("From a file"), "F6"), self._begin_import)
            head.addWidget(made, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(head)
        column.addWidget(self._table, 1)
        self._count.setContentsMargins(16, 0, 0, 0)
        column.addWidget(self._count)
        return frame

    def _build_form(self) -> QWidget:
        frame = card()
        frame.setFixedWidth(324)
        column = QVBoxLayout(frame)
        column.setContentsMargins(20, 16, 20, 20)
        column.setSpacing(8)
        column.addWidget(self._title)
        for field in self._fields.values():
            column.addWidget(field)
        column.addStretch(1)
        column.addWidget(self._said)
        keys = QHBoxLayout()
        keys.setSpacing(8)
        for made, allowed in (
            (self._codes, self._presenter.may_issue),
            (self._save, self._presenter.may_change),
        ):
            if allowed:
                made.setMinimumHeight(64)
                keys.addWidget(made, 1)
        column.addLayout(keys)
        return frame

    def _begin_new(self) -> None:
        if self._presenter.may_change and self._presenter.begin_new():
            self._fields["name" if self._presenter.state.draft.code else "code"].setFocus()

    def _begin_import(self) -> None:
        self._presenter.begin_import()

    def _begin_anew(self) -> None:
        self.setFocus()
        self._presenter.discard()

    def _enter(self) -> None:
        if self._search.line.hasFocus():
            # What was looked for is found; the next keys are for it.
            self.setFocus()
        else:
            self._presenter.save()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._presenter.state.importing:
            super().keyPressEvent(event)
        elif step := self._steps.get(Qt.Key(event.key())):
            step()
        elif event.text().isalnum() and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            # Whoever begins to type wants to find something.
            self._search.setFocus()
            self._search.line.setText(event.text())
            self._presenter.search(event.text())
        else:
            super().keyPressEvent(event)
