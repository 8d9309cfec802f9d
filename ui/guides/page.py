"""The Guides page: what somebody won and is credited with on a day, and why each sale is whose it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.credit.queries import Credited
from core.credit.words import REASONS, reason_words, rule_words, share_words
from core.events import CreditDecided, CreditDisputed
from core.money import format_amount
from core.reports.kpi import ratio
from core.shop.credits import GuideDay, Why
from core.staff.queries import Person
from core.texts import tr
from ui import theme
from ui.guides.presenter import GuidesPresenter
from ui.guides.state import DECIDE, DISPUTE, HAND_OVER, GuidesState
from ui.widgets.fields import TextField, picker, scrolling
from ui.widgets.parts import Elided, button, card, complaint, filling, framed, keyed, label, say
from ui.widgets.qr import QrView
from ui.widgets.rows import Column, RowsModel, RowsTable

_SIDE = 400
"""Width of the right side, px."""

_NOTHING, _WHY, _FORM, _CODE = range(4)


class GuidesPage(QWidget):
    """Draws a `GuidesState`.

    Args:
        presenter: takes the intents.
        tokens: colours.
    """

    def __init__(self, presenter: GuidesPresenter, tokens: theme.Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._presenter = presenter
        self._sales = RowsModel(
            (
                Column(tr("Time"), lambda one: presenter.time_of(one.at), 76),
                Column(tr("Receipt"), _receipt_of),
                Column(tr("Sale"), lambda one: self._money(one.total), 110, right=True, optional=True),
                Column(tr("Why"), lambda one: tr(REASONS[one.share.reason]), 96, optional=True),
                Column(tr("Part"), lambda one: share_words(one.share), 76, right=True),
                Column(tr("Credited"), lambda one: self._money(one.share.amount), 110, right=True),
            )
        )
        self._table = RowsTable(self._sales, tr("Credited"))
        self._table.pressed_row.connect(presenter.choose)
        self._said = complaint(44)
        self._shown: tuple[tuple[Person, bool], ...] = ()
        self._others = RowsModel((Column(tr("Who"), _choice_words),))
        self._choices = RowsTable(self._others, tr("Who"))
        self._choices.pressed_row.connect(presenter.toggle)
        self._sides = QStackedWidget()
        for side in (self._build_nothing(), self._build_why(), self._build_form(), self._build_code()):
            self._sides.addWidget(side)
        self._steps: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_F5: partial(self._begin, DISPUTE),
            Qt.Key.Key_F6: presenter.open_receipt,
            Qt.Key.Key_F7: partial(self._begin, DECIDE),
            Qt.Key.Key_F8: partial(self._begin, HAND_OVER),
            Qt.Key.Key_F9: presenter.show_code,
            Qt.Key.Key_F12: presenter.save,
            Qt.Key.Key_Return: presenter.save,
            Qt.Key.Key_Enter: presenter.save,
            Qt.Key.Key_Left: lambda: presenter.step_day(-1),
            Qt.Key.Key_Right: lambda: presenter.step_day(1),
            Qt.Key.Key_Up: lambda: presenter.step(-1),
            Qt.Key.Key_Down: lambda: presenter.step(1),
            Qt.Key.Key_Escape: self._leave,
        }
        side = QWidget()
        side.setFixedWidth(_SIDE)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._sides, 1)
        column.addWidget(self._said)
        column.addLayout(self._build_foot())
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addLayout(self._build_head())
        left.addLayout(self._build_figures())
        left.addWidget(self._build_list(), 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 24, 24)
        row.setSpacing(16)
        row.addLayout(left, 1)
        row.addWidget(side)
        presenter.changed.connect(self.render_state)
        self.render_state(presenter.state)

    def render_state(self, state: GuidesState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        names = [one.name for one in state.people]
        if names != [self._who.itemText(place) for place in range(self._who.count())]:
            self._who.clear()
            self._who.addItems(names)
        ids = [one.id for one in state.people]
        if state.day and state.day.person in ids:
            self._who.setCurrentIndex(ids.index(state.day.person))
        self._who.setEnabled(len(ids) > 1)
        self._show_day(state.day)
        self._sales.show(state.rows)
        self._table.choose(state.row)
        self._sides.setCurrentIndex(_side_of(state))
        self._code.show_text(state.code)
        if state.why:
            self._show_why(state.why)
        self._show_form(state)
        self._show_foot(state)
        say(self._said, state.said, refused=state.refused)

    def _show_day(self, day: GuideDay | None) -> None:
        self._day.setText(day.date if day else "")
        self._won.setText(str(day.bound) if day else "—")
        waits = [tr("{count} not at head office yet", count=day.waiting)] if day and day.waiting else []
        waits += [tr("{count} codes open", count=day.asked)] if day and day.asked else []
        self._waiting.setText(" · ".join(waits))
        self._total.setText(self._money(day.total) if day else "—")
        elsewhere = [f"{terminal} {self._money(amount)}" for terminal, amount in day.elsewhere] if day else []
        self._elsewhere.setText(tr("of it at {tills}", tills=", ".join(elsewhere)) if elsewhere else "")
        share = ratio(day.total, day.target) if day and day.target else None
        self._share.setText(f"{share:.1%}" if share is not None else "—")
        target = day.target if day else None
        self._target.setText(tr("of {amount}", amount=self._money(target)) if target else tr("no target"))

    def _show_why(self, why: Why) -> None:
        sale, name = why.sale, self._presenter.name_of
        self._receipt.setText(sale.receipt)
        three = (
            (tr("Won the member"), sale.member_guide, sale.member_since),
            (tr("Sold it"), sale.seller, ""),
            (tr("Took the money"), sale.head.staff, ""),
        )
        self._three.setText(
            "\n".join(" · ".join(filter(None, (what, name(who) if who else "—", when))) for what, who, when in three)
        )
        lines = [
            " · ".join((f"✓ {name(one.person)}", share_words(one), self._money(one.amount)))
            + f"\n    {reason_words(one.reason, sale)}"
            for one in why.shares
        ]
        self._shares.setText("\n".join(lines) or tr("Nobody is credited with this sale."))
        self._rule.setText(rule_words(why.rule) if why.rule else "")
        self._told.setText("\n".join(self._said_words(one) for one in why.said))
        for part in (self._rule, self._told):
            part.setVisible(bool(part.text()))

    def _said_words(self, one: CreditDisputed | CreditDecided) -> str:
        what = tr("decided") if isinstance(one, CreditDecided) else tr("asked")
        return f"{one.head.date} · {self._presenter.name_of(one.head.staff)} {what}: {one.reason}"

    def _show_form(self, state: GuidesState) -> None:
        words = {
            DISPUTE: tr("Why should it be looked at?"),
            DECIDE: tr("Who is credited, alike?"),
            HAND_OVER: tr("To whom do all members go?"),
        }
        self._question.setText(words.get(state.form, ""))
        choices = tuple((one, one.id in state.chosen) for one in state.others)
        if choices != self._shown:
            self._shown = choices
            self._others.show(choices)
        self._choices.setVisible(state.form in (DECIDE, HAND_OVER))
        self._reason.show_text(state.reason)

    def _show_foot(self, state: GuidesState) -> None:
        presenter, plain = self._presenter, not state.form
        for made, there, ready in (
            (self._ask, plain, state.why is not None),
            (self._open, plain and presenter.may_see_receipts, state.why is not None),
            (self._decide, plain and presenter.may_decide, state.why is not None),
            (self._give, plain and presenter.may_decide, state.day is not None),
            (self._own, plain and presenter.may_bind, state.day is not None),
            (self._save, not plain, presenter.is_ready),
        ):
            made.setVisible(there)
            made.setEnabled(ready and not state.busy)

    def _build_head(self) -> QHBoxLayout:
        self._who = picker(tr("Guide"))
        self._who.setMinimumWidth(200)
        self._who.activated.connect(self._presenter.look_at)
        self._day = label("heading")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._who)
        row.addStretch(1)
        for text, name, days in (("‹", tr("Day before"), -1), ("›", tr("Day after"), 1)):
            made = button(text, partial(self._presenter.step_day, days), name=name)
            made.setFixedSize(theme.TOUCH, theme.TOUCH)
            if days > 0:
                row.addWidget(self._day)
            row.addWidget(made)
        return row

    def _build_figures(self) -> QHBoxLayout:
        self._won, self._total, self._share = label("number"), label("number"), label("number")
        self._waiting, self._elsewhere, self._target = Elided("muted"), Elided("muted"), Elided("muted")
        row = QHBoxLayout()
        row.setSpacing(12)
        for name, number, beside in (
            (tr("Members won"), self._won, self._waiting),
            (tr("Credited"), self._total, self._elsewhere),
            (tr("Of the target"), self._share, self._target),
        ):
            frame = card()
            column = QVBoxLayout(frame)
            column.setContentsMargins(16, 10, 12, 8)
            column.setSpacing(0)
            for part in (label("muted", name), number, beside):
                column.addWidget(part)
            row.addWidget(frame, 1)
        return row

    def _build_list(self) -> QWidget:
        frame = card()
        column = QVBoxLayout(frame)
        column.setContentsMargins(4, 12, 4, 12)
        column.addWidget(self._table, 1)
        return frame

    def _build_nothing(self) -> QWidget:
        frame, column = framed()
        column.addWidget(label("heading", tr("Why is this mine?")))
        words = label("plain", tr("Press a sale: it says who won the member, who sold, and which rule shares it."))
        words.setWordWrap(True)
        column.addWidget(words)
        column.addStretch(1)
        return frame

    def _build_why(self) -> QWidget:
        frame, column = framed()
        self._receipt = Elided("muted")
        self._three, self._shares = label("plain"), label("plain")
        self._rule, self._told = label("muted"), label("plain")
        column.addWidget(label("heading", tr("Why is this mine?")))
        column.addWidget(self._receipt)
        inner = QWidget()
        lines = QVBoxLayout(inner)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(14)
        for part in (self._shares, self._three, self._rule, self._told):
            part.setWordWrap(True)
            lines.addWidget(part)
        lines.addStretch(1)
        column.addWidget(scrolling(inner), 1)
        return frame

    def _build_code(self) -> QWidget:
        frame, column = framed()
        self._code = QrView(tr("Own code"), 280)
        words = label("plain", tr("Whoever scans it and agrees becomes a member of this guide."))
        words.setWordWrap(True)
        column.addWidget(label("heading", tr("Own code")))
        column.addWidget(self._code, 1)
        column.addWidget(words)
        return frame

    def _build_form(self) -> QWidget:
        frame, column = framed()
        self._question = label("heading")
        self._reason = TextField(tr("Reason"), self._presenter.type_reason)
        column.addWidget(self._question)
        column.addWidget(self._choices, 1)
        column.addWidget(self._reason)
        column.addStretch()
        return frame

    def _build_foot(self) -> QGridLayout:
        presenter = self._presenter
        self._ask = button(keyed(tr("Ask"), "F5"), partial(self._begin, DISPUTE))
        self._open = button(keyed(tr("Receipt"), "F6"), presenter.open_receipt)
        self._decide = button(keyed(tr("Decide"), "F7"), partial(self._begin, DECIDE))
        self._give = button(keyed(tr("Hand over"), "F8"), partial(self._begin, HAND_OVER))
        self._own = button(keyed(tr("Own code"), "F9"), presenter.show_code)
        self._save = button(keyed(tr("Save"), "F12"), presenter.save, role="pay")
        grid = QGridLayout()
        grid.setSpacing(10)
        for place, made in enumerate((self._ask, self._open, self._decide)):
            grid.addWidget(filling(made), 0, 2 * place, 1, 2)
        for place, made in enumerate((self._give, self._own)):
            grid.addWidget(filling(made), 1, 3 * place, 1, 3)
        grid.addWidget(filling(self._save), 0, 0, 2, 6)
        for made in (self._ask, self._open, self._decide, self._give, self._own, self._save):
            made.setMinimumHeight(60)
        return grid

    def _begin(self, form: str) -> None:
        self._presenter.begin(form)
        if self._presenter.state.form:
            self._reason.begin()

    def _leave(self) -> None:
        self._presenter.leave()
        self.setFocus()

    def _money(self, minor: int) -> str:
        return format_amount(minor, self._presenter.state.currency)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if step := self._steps.get(Qt.Key(event.key())):
            step()
        else:
            super().keyPressEvent(event)


def _side_of(state: GuidesState) -> int:
    if state.code:
        return _CODE
    return _FORM if state.form else _WHY if state.why else _NOTHING


def _choice_words(choice: tuple[Person, bool]) -> str:
    person, chosen = choice
    return " ".join(("✓" if chosen else "○", person.name))


def _receipt_of(one: Credited) -> str:
    """The slip; of goods that came back, what came back of."""
    return one.slip if one.slip == one.receipt else f"{one.slip} ← {one.receipt}"
