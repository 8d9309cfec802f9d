"""What happens on the Guides page: a day is looked at, a sale is explained and decided, members change hands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from core.credit.queries import Credited
from core.errors import StoreError
from core.events import CreditDisputed
from core.sales.queries import ReceiptQuery
from core.shop import credits, invitations, owners
from core.shop.credits import GuidePage, Why
from core.shop.terminal import Terminal
from core.staff.permissions import Permission
from core.texts import sentence, tr
from ui.guides.state import DECIDE, DISPUTE, HAND_OVER, GuidesState
from ui.presenter import Place, Presenter


class GuidesPresenter(Presenter[GuidesState]):
    """Runs the page.

    Args:
        place: where it stands.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(GuidesState(place.settings.currency))
        self._tasks, self._by = place.tasks, place.by
        self._calendar = place.settings.calendar()
        self.may_decide = place.may(Permission.CREDIT)
        self.may_bind = place.may(Permission.BIND)
        self.may_see_receipts = place.may(Permission.REPRINT)
        place.courier.fetched.connect(self._read_again)

    def time_of(self, at_ms: int) -> str:
        """The hour, as the shop's clock showed it."""
        return f"{self._calendar.local(at_ms):%H:%M}"

    def name_of(self, person: str) -> str:
        """What somebody is called; their id where they are not known here."""
        return self.state.names.get(person, person)

    def visit(self, what: object = None) -> None:
        """Look at one's own day, or at a sale.

        Args:
            what: receipt of a sale.
        """
        self._show(row=-1, why=None, form="", code="", said="", refused=False)
        receipt = what if isinstance(what, str) else ""
        if receipt:
            self._explain(receipt)
        self._read("" if what is None else self._person)

    def look_at(self, place: int) -> None:
        """Somebody else's day: of that place of the list."""
        if 0 <= place < len(self.state.people) and not self.state.busy:
            self._show(row=-1, why=None, form="", code="", said="", refused=False)
            self._read(self.state.people[place].id, self.state.day.date if self.state.day else "")

    def step_day(self, days: int) -> None:
        """The same of so many days later."""
        if self.state.day and not self.state.busy:
            then = date.fromisoformat(self.state.day.date) + timedelta(days=days)
            self._show(row=-1, why=None, form="", code="", said="", refused=False)
            self._read(self._person, then.isoformat())

    def choose(self, row: int) -> None:
        """Why is this theirs?"""
        if 0 <= row < len(self.state.rows) and not self.state.busy:
            self._show(row=row, form="", code="", said="", refused=False)
            self._explain(self.state.rows[row].receipt)

    def step(self, by: int) -> None:
        """The sale so many rows further down."""
        self.choose(self.state.row + by)

    def begin(self, form: str) -> None:
        """Fill something in about the sale that is looked at, or hand members over."""
        ready = self.state.day if form == HAND_OVER else self.state.why
        allowed = self.may_decide or form == DISPUTE
        if ready and allowed and not self.state.busy:
            whose = {share.person for share in self.state.why.shares} if self.state.why and form == DECIDE else ()
            self._show(form=form, code="", chosen=frozenset(whose), reason="", said="", refused=False)

    def toggle(self, place: int) -> None:
        """Somebody is credited, or no more; members go to them."""
        others = self.state.others
        if self.state.form in (DECIDE, HAND_OVER) and 0 <= place < len(others):
            them = frozenset({others[place].id})
            self._show(chosen=self.state.chosen ^ them if self.state.form == DECIDE else them, said="", refused=False)

    def type_reason(self, text: str) -> None:
        """Why."""
        self._show(reason=text)

    def save(self) -> None:
        """It is so from now on."""
        state = self.state
        if not state.form or state.busy or not self.is_ready:
            return
        self._show(busy=True, said="", refused=False)
        if state.form == HAND_OVER and state.day:
            (to,) = state.chosen
            give = partial(_hand_over, by=self._by, guide=state.day.person, to=to, reason=state.reason)
            self._tasks.slow(give, self._on_handed_over, self._on_failed)
        elif state.why:
            receipt = state.why.sale.receipt
            if state.form == DISPUTE:
                ask = partial(credits.dispute, by=self._by, receipt=receipt, reason=state.reason)
                self._tasks.db(ask, self._on_disputed, self._on_failed)
            else:
                parts = dict.fromkeys(sorted(state.chosen), 1)
                say = partial(credits.decide, by=self._by, receipt=receipt, parts=parts, reason=state.reason)
                self._tasks.db(say, self._on_decided, self._on_failed)

    @property
    def is_ready(self) -> bool:
        """Whether what is filled in can be saved."""
        if self.state.form == HAND_OVER:
            return len(self.state.chosen) == 1
        return bool(self.state.reason.strip())

    def show_code(self) -> None:
        """The guide's own code, by which people become members of theirs."""
        if self.state.day and not self.state.busy and self.may_bind:
            make = partial(invitations.standing_code, by=self._by, guide=self.state.day.person)
            self._tasks.db(make, lambda code: self._show(code=code.link, form=""), self._on_failed)

    def open_receipt(self) -> None:
        """The receipt of the sale that is looked at."""
        if self.state.why and self.may_see_receipts:
            self.wanted.emit("receipts", ("", ReceiptQuery(text=self.state.why.sale.receipt)))

    def leave(self) -> None:
        """Fill nothing in."""
        self._show(form="", code="", said="", refused=False)

    @property
    def _person(self) -> str:
        return self.state.day.person if self.state.day else ""

    def _read(self, person: str, date: str = "") -> None:
        look = partial(credits.look, by=self._by, person=person, date=date)
        self._tasks.read(look, self._on_read, self._on_failed)

    def _read_again(self) -> None:
        if not self.state.busy and self.state.day:
            self._read(self._person, self.state.day.date)

    def _explain(self, receipt: str) -> None:
        self._tasks.read(partial(credits.why, by=self._by, receipt=receipt), self._on_explained, self._on_failed)

    def _on_read(self, page: GuidePage) -> None:
        receipt = self.state.why.sale.receipt if self.state.why else ""
        rows: tuple[Credited, ...] = page.day.credited if page.day else ()
        row = next((place for place, one in enumerate(rows) if one.receipt == receipt), -1)
        kept = self.state.row if 0 <= self.state.row < len(rows) and rows[self.state.row].receipt == receipt else row
        self._set(replace(self.state, people=page.people, names=page.names, day=page.day, row=kept))

    def _on_explained(self, found: Why) -> None:
        self._show(why=found)

    def _on_disputed(self, _: CreditDisputed) -> None:
        self._saved(tr("A manager will look at it."))

    def _on_decided(self, found: Why) -> None:
        self._show(why=found)
        self._saved(tr("Saved."))

    def _on_handed_over(self, count: int) -> None:
        self._saved(tr("{count} members were handed over.", count=count))

    def _saved(self, said: str) -> None:
        self._show(busy=False, form="", said=said, refused=False)
        if self.state.why:
            self._explain(self.state.why.sale.receipt)
        self._read_again()

    def _on_failed(self, error: StoreError) -> None:
        self._show(busy=False, said=sentence(error), refused=True)


def _hand_over(terminal: Terminal, **given: object) -> int:
    """In steps, between which the counter goes on."""
    count = 0
    while some := terminal.write(partial(owners.hand_over, **given)).result():  # type: ignore[arg-type]
        count += some
    return count
