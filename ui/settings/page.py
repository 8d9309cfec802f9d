"""The Settings page: the shop, its receipts, its days, its codes, and how this screen looks and sounds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from core.label_paper import FIELDS, PRESETS, RESOLUTIONS
from core.money import format_amount
from core.texts import LANGUAGES, tr
from ui import theme
from ui.settings.hq import HqSection
from ui.settings.presenter import SettingsPresenter
from ui.settings.state import SettingsState
from ui.widgets.fields import ChoiceField, TextField, ToggleField, captioned, picker, scrolling
from ui.widgets.parts import card, complaint, label, say

_COINS = (0, 5, 10, 50, 100)
_TWO_COLUMNS = 1000
"""Width of the page, px, from which both columns stand side by side."""


class SettingsPage(QWidget):
    """Draws a `SettingsState`.

    Args:
        presenter: takes the intents.
        tokens: colours.
    """

    def __init__(self, presenter: SettingsPresenter, tokens: theme.Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._presenter = presenter
        self._lines: dict[str, TextField] = {}
        self._choices: dict[str, ChoiceField] = {}
        self._pickers: dict[str, QComboBox] = {}
        self._fixed, self._said = label("muted"), complaint()
        self._columns = QHBoxLayout()
        self._columns.setSpacing(16)
        self._columns.setContentsMargins(0, 0, 8, 0)
        self._columns.addLayout(self._build_left(), 1)
        self._columns.addLayout(self._build_right(), 1)
        inner = QWidget()
        inner.setObjectName("page")
        inner.setLayout(self._columns)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 0, 16, 16)
        column.setSpacing(12)
        column.addWidget(self._build_head())
        area = scrolling(inner)
        area.setProperty("role", "bare")
        column.addWidget(area, 1)
        presenter.changed.connect(self.render_state)
        self.render_state(presenter.state)

    def render_state(self, state: SettingsState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        settings = state.settings
        store, terminal, currency = settings["store"], settings["terminal"], settings.currency
        self._fixed.setText(
            tr("Shop {store} · till {terminal} · {currency}", store=store, terminal=terminal, currency=currency)
        )
        for name, line in self._lines.items():
            line.show_text(state.wrong.get(name, settings.text(name)))
        for name, choice in self._choices.items():
            choice.show_choice(settings.text(name))
        for name, made in self._pickers.items():
            made.setCurrentIndex(made.findData(settings.text(name)))
        self._fields.show_chosen(settings["label_fields"])
        say(self._said, state.said, refused=state.refused)

    def _build_head(self) -> QWidget:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(16)
        row.addWidget(label("heading", tr("Settings")))
        row.addWidget(self._fixed)
        row.addWidget(self._said, 1)
        head = QWidget()
        head.setLayout(row)
        head.setMinimumHeight(44)
        return head

    def _build_left(self) -> QBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(16)
        look = (
            self._choice("language", tr("Language"), LANGUAGES),
            self._choice("theme", tr("Colours"), {"light": tr("Light"), "dark": tr("Dark")}),
            self._choice("full_screen", tr("Full screen"), _yes_no()),
            self._choice("sounds", tr("Sounds"), _yes_no()),
            self._line("lock_minutes", tr("Minutes without a touch until the till locks; 0 = never")),
        )
        column.addWidget(_section(tr("This screen"), look))
        column.addWidget(_section(tr("Codes and labels"), self._build_codes()))
        column.addStretch(1)
        return column

    def _build_codes(self) -> tuple[QWidget, ...]:
        papers = {name: tr(paper.word) for name, paper in PRESETS.items()}
        fields = {name: tr(word) for name, word in FIELDS.items()}
        self._fields = ToggleField(tr("On the label, besides symbol and serial"), fields, self._toggle_field)
        return (
            self._line("resolver", tr("Host that unit codes lead to")),
            self._choice("code_letters", tr("Links are written in"), {"upper": "ABC", "lower": "abc"}),
            self._choice("activation", tr("Only what was put on sale is sold"), _yes_no()),
            self._picker("label", tr("Paper of labels"), papers),
            self._fields,
            self._choice("label_dpi", tr("Printer's resolution"), {str(dpi): f"{dpi} dpi" for dpi in RESOLUTIONS}),
            self._line("label_printer", tr("Label printer in the network: zpl or tspl, then its address")),
        )

    def _build_right(self) -> QBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(16)
        currency = self._presenter.state.settings.currency
        coins = {str(coin): format_amount(coin, currency) if coin else tr("Exact") for coin in _COINS}
        shop = (
            self._line("name", tr("Name of the shop, as on receipts")),
            self._line("receipt_footer", tr("Last line of receipts")),
            self._choice("receipt_width", tr("Width of receipts"), {"58": "58 mm", "80": "80 mm"}),
            self._line("tax_rate", tr("Tax rate of goods that have none of their own")),
            self._choice("cash_rounding", tr("Cash is rounded down to"), coins),
            self._line("scale_codes", tr("Layouts of the codes of scales")),
            self._line("day_cutover", tr("Hour at which the business day begins")),
            self._line("timezone", tr("Time zone")),
        )
        column.addWidget(_section(tr("The shop"), shop))
        column.addWidget(HqSection(self._presenter.hq))
        column.addStretch(1)
        return column

    def _line(self, name: str, caption: str) -> QWidget:
        self._lines[name] = TextField(caption, committed=partial(self._presenter.change, name))
        return self._lines[name]

    def _choice(self, name: str, caption: str, choices: Mapping[str, str]) -> QWidget:
        self._choices[name] = ChoiceField(caption, choices, partial(self._presenter.change, name))
        return self._choices[name]

    def _picker(self, name: str, caption: str, choices: Mapping[str, str]) -> QWidget:
        made = self._pickers[name] = picker(caption)
        for value, word in choices.items():
            made.addItem(word, value)
        made.activated.connect(lambda _place: self._presenter.change(name, made.currentData()))
        return captioned(caption, made)

    def _toggle_field(self, name: str) -> None:
        chosen = self._presenter.state.settings["label_fields"] ^ {name}
        self._presenter.change("label_fields", " ".join(field for field in FIELDS if field in chosen))

    def resizeEvent(self, event: QResizeEvent) -> None:
        wide = self.width() >= _TWO_COLUMNS
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._columns.setDirection(direction)
        super().resizeEvent(event)


def _yes_no() -> dict[str, str]:
    return {"yes": tr("On"), "no": tr("Off")}


def _section(title: str, fields: tuple[QWidget, ...]) -> QWidget:
    frame = card()
    column = QVBoxLayout(frame)
    column.setContentsMargins(20, 16, 20, 20)
    column.setSpacing(14)
    column.addWidget(label("heading", title))
    for field in fields:
        column.addWidget(field)
    return frame
