"""The Tray page: what does not add up, and what somebody can say of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from core.codes.serial import grouped
from core.events import Outcome
from core.shop.tray import Shown
from core.texts import mark, sentence, tr
from core.tray.matters import CONFLICTS, DISPUTES, HISTORIES, NEXT, OUTCOMES, OVERSPENTS, REASONS, TWINS, MatterKind
from ui import theme
from ui.tray.presenter import TrayPresenter
from ui.tray.state import TrayState
from ui.widgets.fields import TextField, scrolling
from ui.widgets.parts import Elided, button, card, complaint, filling, keyed, label, rename, say
from ui.widgets.rows import Column, RowsModel, RowsTable

_KEYS = {
    Outcome.OTHER_ITEM: (Qt.Key.Key_F5, "F5"),
    Outcome.CORRECTED: (Qt.Key.Key_F7, "F7"),
    Outcome.UNEXPLAINED: (Qt.Key.Key_F8, "F8"),
    Outcome.SAME_PERSON: (Qt.Key.Key_F5, "F5"),
    Outcome.TWO_PEOPLE: (Qt.Key.Key_F7, "F7"),
    Outcome.SEEN: (Qt.Key.Key_F12, "F12"),
}


_NAMES = {
    "catalogue": mark("Goods"),
    "staff": mark("Staff"),
    "settings": mark("Settings"),
    "units": mark("Codes"),
    "sale.completed": mark("Sale"),
}


class TrayPage(QWidget):
    """Draws a `TrayState`.

    Args:
        presenter: takes the intents.
        tokens: colours.
    """

    def __init__(self, presenter: TrayPresenter, tokens: theme.Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._presenter = presenter
        self._model = RowsModel(
            (
                Column(tr("What"), what_words),
                Column(tr("Item"), _item, 200, optional=True),
                Column(tr("Time"), lambda shown: presenter.time_of(shown.matter.at), 164),
            )
        )
        self._table = RowsTable(self._model, tr("Tray"))
        self._table.pressed_row.connect(presenter.choose)
        self._what, self._item, self._serial = label("heading"), Elided("subheading"), label("muted")
        self._parties, self._next, self._detail = label("plain"), label("plain"), label("muted")
        for part in (self._what, self._parties, self._next, self._detail):
            part.setWordWrap(True)
        self._note = TextField(tr("What was found out, if anything"), presenter.type_note)
        self._said = complaint(44)
        self._receipt = button(keyed(tr("Receipt"), "F6"), presenter.open_receipt)
        self._ends = {
            outcome: button(keyed(tr(OUTCOMES[outcome]), key), partial(presenter.settle, outcome))
            for outcome, (_, key) in _KEYS.items()
        }
        self._steps: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_F2: self._note.begin,
            Qt.Key.Key_F6: presenter.open_receipt,
            Qt.Key.Key_Up: lambda: presenter.step(-1),
            Qt.Key.Key_Down: lambda: presenter.step(1),
            Qt.Key.Key_Escape: self.setFocus,
            **{key: partial(self._settle_by, key) for key, _ in _KEYS.values()},
        }
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 24, 24)
        row.setSpacing(16)
        row.addWidget(self._build_list(), 1)
        row.addWidget(self._build_card())
        presenter.changed.connect(self.render_state)
        self.render_state(presenter.state)

    def render_state(self, state: TrayState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        self._model.show(state.rows)
        self._table.choose(state.row)
        chosen = state.chosen
        nothing = tr("Nothing waits to be looked at.") if state.read else ""
        self._what.setText(what_words(chosen) if chosen else nothing)
        self._item.setText(_item(chosen) if chosen else "")
        self._parties.setText("\n".join(self._party_words(chosen)) if chosen else "")
        self._next.setText(_next_words(chosen) if chosen else "")
        self._detail.setText(_detail(chosen) if chosen else "")
        self._serial.setText(grouped(chosen.serial) if chosen else "")
        for part in (self._item, self._serial, self._parties, self._next, self._detail):
            part.setVisible(bool(part.text()))
        outcomes = chosen.matter.outcomes if chosen else ()
        for outcome, made in self._ends.items():
            made.setVisible(outcome in outcomes)
            made.setEnabled(not state.busy)
        self._note.setVisible(bool(outcomes))
        self._note.show_text(state.note)
        self._receipt.setVisible(bool(self._presenter.receipt))
        disputed = chosen is not None and chosen.matter.kind is MatterKind.DISPUTE
        rename(self._receipt, keyed(tr("Credit") if disputed else tr("Receipt"), "F6"))
        say(self._said, state.said, refused=state.refused)

    def _settle_by(self, key: Qt.Key) -> None:
        """The key of one of the ways in which what is looked at can end."""
        chosen = self._presenter.state.chosen
        for outcome in chosen.matter.outcomes if chosen else ():
            if _KEYS[outcome][0] == key:
                self._presenter.settle(outcome)

    def _party_words(self, shown: Shown) -> list[str]:
        words = []
        for place, party in enumerate(shown.matter.parties):
            who = " ".join((party.store, party.terminal))
            said = tr("receipt {receipt}", receipt=party.receipt) if party.receipt else tr("void")
            line = " · ".join((self._presenter.time_of(party.at), who, said))
            words.append(f"✓ {line}" if place == 0 else f"▲ {line}")
        return words

    def _build_list(self) -> QWidget:
        frame = card()
        column = QVBoxLayout(frame)
        column.setContentsMargins(4, 12, 4, 12)
        head = QHBoxLayout()
        head.setContentsMargins(16, 0, 16, 8)
        head.addWidget(label("heading", tr("To be looked at")))
        column.addLayout(head)
        column.addWidget(self._table, 1)
        return frame

    def _build_card(self) -> QWidget:
        side = QWidget()
        side.setFixedWidth(400)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        frame = card()
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(4, 4, 4, 16)
        words = QWidget()
        lines = QVBoxLayout(words)
        lines.setContentsMargins(16, 12, 16, 12)
        lines.setSpacing(12)
        for part in (self._what, self._item, self._serial, self._parties, self._next, self._detail):
            lines.addWidget(part)
        lines.addStretch(1)
        inside.addWidget(scrolling(words), 1)
        note = QVBoxLayout()
        note.setContentsMargins(16, 0, 16, 0)
        note.addWidget(self._note)
        inside.addLayout(note)
        column.addWidget(frame, 1)
        column.addWidget(self._said)
        foot = QGridLayout()
        foot.setSpacing(10)
        seen = self._ends[Outcome.SEEN]
        several = [made for made in self._ends.values() if made is not seen]
        for place, made in enumerate((*several, self._receipt)):
            foot.addWidget(filling(made), place // 2, place % 2)
        foot.addWidget(filling(seen), 3, 0, 1, 2)
        for made in (*several, self._receipt, seen):
            made.setMinimumHeight(68)
        column.addLayout(foot)
        return side

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if step := self._steps.get(Qt.Key(event.key())):
            step()
        else:
            super().keyPressEvent(event)


def what_words(shown: Shown) -> str:
    """What is the matter, in a few words."""
    matter = shown.matter
    if matter.kind is MatterKind.REFUSED:
        return tr("Has no effect here")
    if matter.what == "not_whole":
        return tr("A till is not whole")
    if matter.kind is MatterKind.FINDING:
        return tr("Does not count as it was sent")
    if matter.kind is MatterKind.NOTICE:
        return tr("Notice from head office")
    return _capital(tr({**CONFLICTS, **DISPUTES, **TWINS, **OVERSPENTS, **HISTORIES}[matter.what]))


def _item(shown: Shown) -> str:
    matter = shown.matter
    if matter.kind is MatterKind.REFUSED:
        return " · ".join((_named(matter.what), matter.subject))
    if matter.kind is MatterKind.HISTORY:
        return ""
    if matter.kind is MatterKind.NOTICE:
        return matter.detail
    if matter.kind is MatterKind.FINDING:
        return " · ".join(filter(None, (matter.terminal, _named(matter.fact))))
    return shown.item


def _named(what: str) -> str:
    return tr(_NAMES[what]) if what in _NAMES else what


def _next_words(shown: Shown) -> str:
    matter = shown.matter
    if matter.error:
        return "\n".join((sentence(matter.error), tr(NEXT[MatterKind.REFUSED])))
    if matter.kind is MatterKind.NOTICE:
        return "\n".join((matter.detail, tr(NEXT[MatterKind.NOTICE])))
    then = tr(NEXT[matter.what])
    return "\n".join((_capital(tr(REASONS[matter.what])), then)) if matter.kind is MatterKind.FINDING else then


def _detail(shown: Shown) -> str:
    matter = shown.matter
    if matter.what == "hq_restored":
        return tr("Facts sent again: {count}", count=matter.detail)
    return "" if matter.kind is MatterKind.NOTICE else matter.detail


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
