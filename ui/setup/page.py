"""The pages of the first start: language, shop, first manager, goods, a test scan; they end in the first sale."""

from __future__ import annotations

from functools import partial
from zoneinfo import available_timezones

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.texts import LANGUAGES, tr
from ui import theme
from ui.setup.presenter import SetupPresenter
from ui.setup.state import SetupState, SetupStep
from ui.widgets.fields import TextField, captioned, picker
from ui.widgets.pad import pad
from ui.widgets.parts import button, card, complaint, keyed, label, rename, say

_CURRENCIES = ("CNY", "TWD", "HKD", "MOP", "SGD", "MYR", "JPY", "KRW", "THB", "USD", "EUR", "GBP")
_WIDTH = 820


class SetupPage(QWidget):
    """Draws a `SetupState`.

    Args:
        presenter: takes the intents.
        tokens: colours.
    """

    def __init__(self, presenter: SetupPresenter, tokens: theme.Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._presenter, self._tokens = presenter, tokens
        self._shown: SetupStep | None = None
        self._place, self._title, self._words = label("muted"), label("heading"), label("muted")
        self._words.setWordWrap(True)
        self._said, self._found = complaint(), label("number")
        self._found.setWordWrap(True)
        self._next = button(keyed(tr("Next"), "Enter"), presenter.next, role="pay")
        self._skip = button(keyed(tr("Later"), "Esc"), presenter.skip)
        self._name = TextField(tr("Name of the shop, as on receipts"), lambda text: presenter.edit(name=text))
        self._store = TextField(tr("Number of the shop"), lambda text: presenter.edit(store=text))
        self._terminal = TextField(tr("Number of this till"), lambda text: presenter.edit(terminal=text))
        self._currency = self._picker(tr("Currency"), "currency", _CURRENCIES)
        self._timezone = self._picker(tr("Time zone"), "timezone", sorted(z for z in available_timezones() if "/" in z))
        self._hq = TextField(
            tr("Head office's address, if the shop has one"), lambda text: presenter.edit(hq=text), hint="https://"
        )
        self._token = TextField(tr("Token, from head office"), lambda text: presenter.edit(token=text))
        self._manager = TextField(tr("Name of the manager"), lambda text: presenter.edit(manager=text))
        self._pin = TextField(tr("PIN, 4 to 8 digits"), lambda text: presenter.edit(pin=text))
        self._stack = QStackedWidget()
        self._steps = {
            SetupStep.LANGUAGE: self._build_languages(),
            SetupStep.SHOP: self._build_shop(),
            SetupStep.MANAGER: self._build_manager(),
            SetupStep.GOODS: QWidget(),
            SetupStep.SCAN: self._build_scan(),
        }
        for made in self._steps.values():
            self._stack.addWidget(made)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 8, 24, 24)
        row.addStretch(1)
        row.addWidget(self._build_card(), 6)
        row.addStretch(1)
        presenter.changed.connect(self.render_state)
        self.render_state(presenter.state)

    def render_state(self, state: SetupState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        if state.step is not self._shown:
            self._enter(state.step)
        for field, text in (
            (self._name, state.name),
            (self._store, state.store),
            (self._terminal, state.terminal),
            (self._hq, state.hq),
            (self._token, state.token),
            (self._manager, state.manager),
            (self._pin, state.pin),
        ):
            field.show_text(text)
        for made, value in ((self._currency, state.currency), (self._timezone, state.timezone)):
            made.setCurrentIndex(max(0, made.findData(value)))
        self._found.setText(state.typed or state.found)
        self._next.setEnabled(not state.busy)
        say(self._said, tr("One moment …") if state.busy else state.said, refused=state.refused)

    def _enter(self, step: SetupStep) -> None:
        """Turn to a page."""
        self._shown = step
        number = list(SetupStep).index(step) + 1
        self._place.setText(tr("Step {number} of {all}", number=number, all=len(SetupStep)))
        titles = {
            SetupStep.LANGUAGE: (tr("Language"), ""),
            SetupStep.SHOP: (
                tr("Your shop"),
                tr("The numbers matter where a chain has several shops or a shop several tills."),
            ),
            SetupStep.MANAGER: (
                tr("The first manager"),
                tr("With this PIN the manager signs in, and adds everybody else under Staff."),
            ),
            SetupStep.GOODS: (tr("Goods"), tr("Take a list of your goods in, or press Esc: it can be done later.")),
            SetupStep.SCAN: (tr("A test scan"), tr("Hold anything with a barcode in front of the scanner.")),
        }
        title, words = titles[step]
        self._title.setText(title)
        self._words.setText(words)
        self._words.setVisible(bool(words))
        if step is SetupStep.GOODS:
            self._furnish_goods()
        self._stack.setCurrentWidget(self._steps[step])
        self._next.setVisible(step is not SetupStep.GOODS)
        self._skip.setVisible(step in (SetupStep.SHOP, SetupStep.MANAGER))
        rename(self._skip, keyed(tr("Back"), "Esc") if step is SetupStep.SHOP else keyed(tr("Later"), "F9"))
        rename(self._next, keyed(tr("Open the shop") if step is SetupStep.SCAN else tr("Next"), "Enter"))
        first = {SetupStep.SHOP: self._name, SetupStep.MANAGER: self._manager, SetupStep.GOODS: self._steps[step]}
        target = first.get(step, self)
        # The page is not shown yet while it is being made.
        QTimer.singleShot(0, self, target.setFocus)
        if isinstance(target, TextField):
            QTimer.singleShot(0, self, target.line.selectAll)

    def _furnish_goods(self) -> None:
        from ui.goods.import_page import ImportPage

        if self._presenter.importing:
            made = ImportPage(self._presenter.importing, self._tokens, leave=tr("Later"))
            self._stack.removeWidget(self._steps[SetupStep.GOODS])
            self._steps[SetupStep.GOODS] = made
            self._stack.addWidget(made)

    def _build_card(self) -> QWidget:
        frame = card()
        frame.setMaximumWidth(_WIDTH + 200)
        column = QVBoxLayout(frame)
        column.setContentsMargins(32, 24, 32, 24)
        column.setSpacing(12)
        for made in (self._place, self._title, self._words):
            column.addWidget(made)
        column.addWidget(self._stack, 1)
        column.addWidget(self._said)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addStretch(1)
        for key in (self._skip, self._next):
            key.setMinimumSize(200, 64)
            foot.addWidget(key)
        column.addLayout(foot)
        return frame

    def _build_languages(self) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setSpacing(12)
        for number, (language, name) in enumerate(LANGUAGES.items(), 1):
            text = "  ".join((str(number), name))
            made = button(text, partial(self._presenter.choose_language, language), role="tile")
            made.setMinimumHeight(72)
            column.addWidget(made)
        column.addStretch(1)
        return part

    def _build_shop(self) -> QWidget:
        part = QWidget()
        grid = QGridLayout(part)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(16)
        grid.addWidget(self._name, 0, 0, 1, 2)
        grid.addWidget(self._store, 1, 0)
        grid.addWidget(self._terminal, 1, 1)
        grid.addWidget(captioned(tr("Currency"), self._currency), 2, 0)
        grid.addWidget(captioned(tr("Time zone"), self._timezone), 2, 1)
        grid.addWidget(self._hq, 3, 0)
        grid.addWidget(self._token, 3, 1)
        grid.setRowStretch(4, 1)
        return part

    def _build_manager(self) -> QWidget:
        part = QWidget()
        row = QHBoxLayout(part)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(24)
        column = QVBoxLayout()
        column.setSpacing(16)
        column.addWidget(self._manager)
        column.addWidget(self._pin)
        column.addStretch(1)
        row.addLayout(column, 1)
        presenter = self._presenter
        row.addLayout(pad(presenter.press, presenter.erase, button(tr("Enter"), presenter.next, role="soft")), 1)
        return part

    def _build_scan(self) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.addStretch(1)
        self._found.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self._found)
        column.addStretch(1)
        return part

    def _picker(self, caption: str, name: str, values: tuple[str, ...] | list[str]) -> QComboBox:
        made = picker(caption)
        for value in values:
            made.addItem(value, value)
        made.activated.connect(lambda _place: self._presenter.edit(**{name: made.currentData()}))
        return made

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step, key = self._presenter.state.step, event.key()
        number = key - Qt.Key.Key_1
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._manager.line.hasFocus() and not self._presenter.state.pin:
                self._pin.setFocus()
            else:
                self._presenter.next()
        elif key == (Qt.Key.Key_Escape if step is SetupStep.SHOP else Qt.Key.Key_F9):
            self._presenter.skip()
        elif step is SetupStep.LANGUAGE and 0 <= number < len(LANGUAGES):
            self._presenter.choose_language(list(LANGUAGES)[number])
        elif step is SetupStep.SCAN and event.text():
            self._presenter.type(event.text())
        else:
            super().keyPressEvent(event)
