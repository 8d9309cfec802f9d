"""The Members page: who is looked for on the left, whoever was found, or may become a member, on the right."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.events import Event, Purpose
from core.members import marks
from core.members.consent import NAMES, PROMISES
from core.shop.member_cards import Card
from core.texts import LANGUAGES, tr, tr_in
from core.touchpoints.commands import COUNTER
from ui import theme
from ui.members.consents import KEYS, Consents
from ui.members.gifts import Gifts
from ui.members.presenter import ERASE, MembersPresenter
from ui.members.state import MembersState
from ui.members.words import has_words, invitation_words, moment_words, state_words
from ui.widgets.fields import ChoiceField, TextField, captioned, picker
from ui.widgets.parts import Elided, button, card, complaint, filling, framed, keyed, label, rename, restyle, say
from ui.widgets.qr import QrView
from ui.widgets.rows import Column, RowsModel, RowsTable

_SIDE = 400
"""Width of the right side, px."""

_NOBODY, _NEW, _KNOWN, _WRONG, _CODE, _GIFT = range(6)


class MembersPage(QWidget):
    """Draws a `MembersState`.

    Args:
        presenter: takes the intents.
        tokens: colours.
    """

    def __init__(self, presenter: MembersPresenter, tokens: theme.Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self._presenter = presenter
        self._entry = TextField(tr("Phone, card, or last four digits and the name"), presenter.type)
        self.setFocusProxy(self._entry)
        self._people = RowsModel(
            (
                Column(tr("Phone"), lambda one: one.phone or "—", 150),
                Column(tr("Name"), lambda one: one.name),
                Column(tr("Guide"), lambda one: one.standing.guide, 110, optional=True),
                Column(tr("State"), state_words, 110),
            )
        )
        self._table = RowsTable(self._people, tr("Members"))
        self._table.pressed_row.connect(presenter.choose)
        self._hint = label("muted")
        self._life = RowsModel(
            (
                Column(tr("Time"), lambda event: presenter.short_time_of(event.head.at), 116),
                Column(tr("What"), self._moment),
            )
        )
        self._said = complaint(44)
        self._asked, self._held = Consents(presenter.toggle, asks=True), Consents(presenter.toggle, asks=False)
        self._sides, self._gifts = QStackedWidget(), Gifts(presenter)
        for side in (
            self._build_nobody(),
            self._build_new(),
            self._build_known(),
            self._build_wrong(),
            self._build_code(),
            self._gifts,
        ):
            self._sides.addWidget(side)
        self._steps: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_F2: self._entry.begin,
            Qt.Key.Key_F3: presenter.invite,
            Qt.Key.Key_F4: self._correct,
            Qt.Key.Key_F8: presenter.part,
            Qt.Key.Key_F9: self._disclose,
            Qt.Key.Key_F11: presenter.erase,
            Qt.Key.Key_Insert: self._give,
            Qt.Key.Key_F12: self._go_on,
            Qt.Key.Key_Return: self._go_on,
            Qt.Key.Key_Enter: self._go_on,
            Qt.Key.Key_Up: lambda: presenter.step(-1),
            Qt.Key.Key_Down: lambda: presenter.step(1),
            Qt.Key.Key_Escape: self._leave,
            **{key: partial(presenter.toggle, purpose) for purpose, (key, _) in KEYS.items()},
        }
        side = QWidget()
        side.setFixedWidth(_SIDE)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._sides, 1)
        column.addWidget(self._said)
        column.addLayout(self._build_foot())
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 24, 24)
        row.setSpacing(16)
        row.addWidget(self._build_list(), 1)
        row.addWidget(side)
        presenter.changed.connect(self.render_state)
        self.render_state(presenter.state)

    def render_state(self, state: MembersState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        self._entry.show_text(state.entry)
        self._people.show(state.rows)
        self._table.choose(state.row)
        self._hint.setText(_hint(state))
        self._sides.setCurrentIndex(_side_of(state))
        if state.draft:
            self._show_new(state)
        elif state.gift:
            self._gifts.show_form(state.gift)
        elif state.correction:
            self._right_phone.show_text(state.correction.phone)
            self._right_name.show_text(state.correction.name)
        elif state.card:
            self._show_known(state.card, state)
        if state.invitation:
            opened = state.invitation.is_open
            self._code_title.setText(tr("Let the customer scan this") if opened else tr("With their own phone"))
            self._code.show_text(state.invitation.link if opened else "")
            self._code_state.setText(invitation_words(state.invitation))
        self._show_foot(state)
        say(self._said, state.said, refused=state.refused)

    def _show_new(self, state: MembersState) -> None:
        assert state.draft
        self._phone.setText(state.draft.phone)
        self._name.show_text(state.draft.name)
        self._show_touchpoints(state)
        self._language.show_choice(state.language)
        self._asked.show_chosen(state.purposes, state.language, enabled=self._presenter.may_bind)
        self._promises.setText("\n".join(tr_in(state.language, promise) for promise in PROMISES))

    def _show_touchpoints(self, state: MembersState) -> None:
        assert state.draft
        names, ids = [one.name for one in state.touchpoints], [one.id for one in state.touchpoints]
        if names != [self._won_at.itemText(place) for place in range(self._won_at.count())]:
            self._won_at.clear()
            self._won_at.addItems(names)
        self._won_at.setCurrentIndex(ids.index(state.draft.touchpoint) if state.draft.touchpoint in ids else 0)
        self._where.setVisible(len(names) > 1)

    def _show_known(self, shown: Card, state: MembersState) -> None:
        member = shown.member
        self._who.setText(" ".join(filter(None, (member.name, member.phone))) or "—")
        tone = "good" if member.standing.is_active and member.confirmed else "warn"
        restyle(self._state, tone=tone)
        self._state.setText(" ".join(("✓" if tone == "good" else "▲", state_words(member))))
        standing = member.standing
        facts = (self._presenter.time_of(standing.at), tr("guide {guide}", guide=standing.guide or "—"))
        self._facts.setText(" · ".join(filter(None, facts)))
        self._clear.setText(state.clear)
        self._clear.setVisible(bool(state.clear))
        for place, made in enumerate(shown.marks):
            why = tr(marks.WHY[made.tie, made.holds], days=made.days)
            words = " ".join(("✓" if made.holds else "○", tr(marks.NAMES[made.tie]))) + f" · {why}"
            self._marks[place].setText(words)
        active = standing.is_active and self._presenter.may_bind
        self._held.show_chosen(state.purposes, self._presenter.own_language, enabled=active and not state.busy)
        self._life.show(shown.history)
        self._has.setText(has_words(shown.has, self._presenter.amount_of))
        known = tr("Same person: {count} more", count=shown.others) if shown.others else ""
        self._same.setText(known)
        self._same_row.setVisible(bool(known))
        self._part.setVisible(self._presenter.may_settle)

    def _show_foot(self, state: MembersState) -> None:
        presenter = self._presenter
        active = state.card is not None and state.card.member.standing.is_active and not state.draft
        form = state.form
        word = tr("Bind") if state.draft else tr("Save") if form else tr("To the counter")
        rename(self._main, keyed(word, "F12"))
        chosen = state.draft is not None and Purpose.MEMBERSHIP in state.purposes
        ready = chosen if state.draft else form.is_ready if form else active and presenter.may_sell
        self._main.setEnabled(ready and not state.busy)
        self._wrong.setVisible(presenter.may_bind and not state.draft and not form)
        self._wrong.setEnabled(active and not state.busy)
        rename(self._see, keyed(tr("A copy") if state.clear else tr("In clear"), "F9"))
        self._see.setVisible(presenter.may_disclose and not state.draft and not form)
        self._see.setEnabled(active and not state.busy)
        self._erase.setVisible(presenter.may_erase and not state.draft and not form)
        self._erase.setEnabled(active and not state.busy)
        restyle(self._erase, chosen="yes" if state.asked == ERASE else "no")

    def _build_list(self) -> QWidget:
        frame = card()
        column = QVBoxLayout(frame)
        column.setContentsMargins(4, 16, 4, 12)
        column.setSpacing(8)
        head = QVBoxLayout()
        head.setContentsMargins(16, 0, 16, 0)
        head.addWidget(self._entry)
        head.addWidget(self._hint)
        column.addLayout(head)
        column.addWidget(self._table, 1)
        return frame

    def _build_nobody(self) -> QWidget:
        frame, column = framed()
        column.addWidget(label("heading", tr("Members")))
        words = label("plain", tr("Type a phone number. Whoever is no member yet can become one here."))
        words.setWordWrap(True)
        column.addWidget(words)
        column.addStretch(1)
        if self._presenter.may_bind:
            invite = button(keyed(tr("With their own phone"), "F3"), self._presenter.invite)
            invite.setMinimumHeight(68)
            column.addWidget(filling(invite))
        return frame

    def _build_code(self) -> QWidget:
        frame, column = framed()
        self._code, self._code_state = QrView(tr("Code to be scanned"), 280), label("subheading")
        self._code_state.setWordWrap(True)
        self._code_title = label("heading")
        column.addWidget(self._code_title)
        column.addWidget(self._code, 1)
        column.addWidget(self._code_state)
        return frame

    def _build_new(self) -> QWidget:
        frame, column = framed()
        self._phone = label("heading")
        self._name = TextField(tr("Name, if the customer tells it"), self._presenter.type_name)
        self._won_at = picker(tr("Won at"))
        self._won_at.activated.connect(self._presenter.choose_touchpoint)
        self._where = captioned(tr("Won at"), self._won_at)
        who = QHBoxLayout()
        who.setSpacing(12)
        who.addWidget(self._name, 3)
        who.addWidget(self._where, 2)
        self._language = ChoiceField(tr("The customer reads"), LANGUAGES, self._presenter.speak)
        self._promises = label("muted")
        self._promises.setWordWrap(True)
        head = QHBoxLayout()
        head.addWidget(self._phone)
        head.addStretch(1)
        head.addWidget(label("muted", tr("Not a member here yet")))
        column.addLayout(head)
        column.addLayout(who)
        for part in (self._language, self._asked, self._promises):
            column.addWidget(part)
        column.addStretch(1)
        return frame

    def _build_known(self) -> QWidget:
        frame, column = framed()
        self._who, self._state, self._facts = Elided("heading"), label("badge"), Elided("muted")
        self._clear = label("subheading")
        self._marks = [label("plain") for _ in marks.Tie]
        head = QHBoxLayout()
        head.addWidget(self._who, 1)
        head.addWidget(self._state)
        column.addLayout(head)
        for part in (self._facts, self._clear):
            column.addWidget(part)
        ties = QVBoxLayout()
        ties.setSpacing(2)
        for mark in self._marks:
            ties.addWidget(mark)
        column.addLayout(ties)
        self._same, self._same_row, self._has = Elided("muted"), QWidget(), Elided("subheading")
        self._part = button(keyed(tr("Two people"), "F8").replace("\n", "  "), self._presenter.part)
        same = QHBoxLayout(self._same_row)
        same.setContentsMargins(0, 0, 0, 0)
        same.addWidget(self._same, 1)
        same.addWidget(self._part)
        column.addWidget(self._same_row)
        has = QHBoxLayout()
        has.addWidget(self._has, 1)
        if self._presenter.may_reward:
            has.addWidget(button(keyed(tr("Give"), "Ins").replace("\n", "  "), self._give))
        column.addLayout(has)
        column.addWidget(self._held)
        life = RowsTable(self._life, tr("What happened"))
        life.pressed_row.connect(self._presenter.open_moment)
        column.addWidget(life, 1)
        return frame

    def _build_foot(self) -> QGridLayout:
        presenter = self._presenter
        self._wrong = button(keyed(tr("Correct"), "F4"), self._correct)
        self._see = button("", self._disclose)
        self._erase = button(keyed(tr("Delete"), "F11"), presenter.erase)
        self._main = button("", self._go_on, role="pay")
        grid = QGridLayout()
        grid.setSpacing(10)
        for place, made in enumerate((self._wrong, self._see, self._erase, self._main)):
            made.setFixedHeight(68)
            grid.addWidget(made, 0, place)
        grid.setColumnStretch(3, 1)
        return grid

    def _build_wrong(self) -> QWidget:
        frame, column = framed()
        column.addWidget(label("heading", tr("What is right?")))
        words = label("plain", tr("What is left empty stays as it is."))
        self._right_phone = TextField(tr("Phone"), lambda text: self._presenter.correct(phone=text))
        self._right_name = TextField(tr("Name"), lambda text: self._presenter.correct(name=text))
        for part in (words, self._right_phone, self._right_name):
            column.addWidget(part)
        column.addStretch(1)
        return frame

    def _moment(self, event: Event) -> str:
        """What a fact says of the member, and where they met the shop, if that was not at the counter."""
        known = {one.id: one.name for one in self._presenter.state.touchpoints}
        where = event.head.touchpoint
        words = moment_words(event, NAMES, self._presenter.amount_of)
        return words if where == COUNTER else " · ".join((words, known.get(where, where)))

    def _disclose(self) -> None:
        """The record in clear; once it is, a copy of all that is known for the customer."""
        state = self._presenter.state
        if not state.clear:
            self._presenter.disclose()
        elif state.card:
            folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
            name = str(Path(folder) / f"{state.card.member.id[:8]}.json")
            chosen, _ = QFileDialog.getSaveFileName(self, tr("A copy for the customer"), name, "JSON (*.json)")
            if chosen:
                self._presenter.export(Path(chosen))

    def _correct(self) -> None:
        self._presenter.begin_correction()
        if self._presenter.state.correction:
            self._right_phone.begin()

    def _give(self) -> None:
        self._presenter.begin_gift()
        if self._presenter.state.gift:
            self._gifts.begin()

    def _go_on(self) -> None:
        if self._presenter.state.gift:
            self._presenter.save_gift()
        elif self._presenter.state.correction:
            self._presenter.save_correction()
        elif self._presenter.state.draft:
            self._presenter.bind()
        else:
            self._presenter.to_counter()

    def _leave(self) -> None:
        self._presenter.leave()
        self._entry.begin()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if step := self._steps.get(Qt.Key(event.key())):
            step()
        else:
            super().keyPressEvent(event)


def _side_of(state: MembersState) -> int:
    if state.invitation:
        return _CODE
    if state.draft:
        return _NEW
    if state.gift and state.card:
        return _GIFT
    return _NOBODY if not state.card else _WRONG if state.correction else _KNOWN


def _hint(state: MembersState) -> str:
    if not state.entry:
        return tr("Who was bound last")
    return "" if state.rows or state.draft else tr("Nobody here has this.")
