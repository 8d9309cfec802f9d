"""What happens on the Codes page: batches are found, units are looked at, and something is said of either."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from core.catalogue.product import Product
from core.codes.queries import BatchFilter
from core.errors import RefusedError, StoreError
from core.events import LabelReprinted, UnitStep
from core.sales.queries import ReceiptQuery
from core.shop import codes, goods, labels, units
from core.shop.codes import BatchRow
from core.shop.selling import Scan, read_scan, shown_code
from core.shop.standing import heard_at
from core.shop.terminal import Actor, Session, Terminal, View
from core.staff.permissions import Permission
from core.texts import sentence, tr
from ui.codes.issuing import FOLDER, IssuePresenter
from ui.codes.state import CodesState, Part, UnitView
from ui.codes.taking_in import TakeInPresenter
from ui.codes.words import STEPS
from ui.presenter import Place, Presenter

_PAGE = 100
_MOST_UNITS = 200
"""Scanned one after the other before something is said of them."""


class CodesPresenter(Presenter[CodesState]):
    """Follows codes.

    Args:
        place: where it stands.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(CodesState())
        self._tasks, self._by = place.tasks, place.by
        self._calendar = place.settings.calendar()
        self.may_issue = place.may(Permission.ISSUE_CODES)
        self.may_put_on_sale = place.may(Permission.PUT_ON_SALE)
        self.may_block = place.may(Permission.BLOCK_CODES)
        self.may_see_receipts = place.may(Permission.REPRINT)
        self.issuing = IssuePresenter(place, self)
        self.taking_in = TakeInPresenter(place, self)
        for part in (self.issuing, self.taking_in):
            part.left.connect(self._on_part_left)

    def time_of(self, at: int) -> str:
        """Day and hour, as the shop's clock showed them."""
        return f"{self._calendar.local(at):%Y-%m-%d %H:%M}"

    def visit(self, what: object = None) -> None:
        """Show the newest batches; or begin with a product that codes are wanted for, or with something scanned."""
        if isinstance(what, Product):
            self.begin_issue(what)
        elif isinstance(what, str):
            self.scan(what)
        elif self.state.part is Part.BATCHES:
            self.search(self.state.typed)

    def may_leave(self) -> bool:
        """Not while something is issued, printed or taken in."""
        return self.issuing.may_leave() and self.taking_in.may_leave()

    def forget_words(self) -> None:
        super().forget_words()
        self.issuing.forget_words()
        self.taking_in.forget_words()

    def close(self) -> None:
        self.issuing.close()
        self.taking_in.close()
        super().close()

    def scan(self, text: str) -> bool:
        """A unit to be looked at, or goods whose batches are wanted; in a form it is for the form."""
        if self.state.part is Part.LABELS:
            return self.issuing.scan(text)
        if self.state.part is Part.TAKE_IN:
            return self.taking_in.item.scan(text)
        self._tasks.read(partial(_seen, text=text), partial(self._on_scanned, text), self._on_failed)
        return True

    def search(self, typed: str) -> None:
        """Look for a part of a batch's name, or of the name or code of goods."""
        self._find(typed, self.state.only)

    def enter(self) -> None:
        """What was typed is whole: where no batch is called so it is a code, and looked at as if it was scanned."""
        if typed := self.state.typed.strip():
            find = partial(codes.batch_rows, text=typed, limit=1)
            self._tasks.read(find, partial(self._on_entered, typed), self._on_failed)

    def show_only(self, only: str) -> None:
        """Those batches with which something is still to be done, or all."""
        self._find(self.state.typed, BatchFilter(only))

    def more(self) -> None:
        """The batches before those."""
        if self.state.rows:
            typed, only = self.state.typed, self.state.only
            find = partial(
                codes.batch_rows, text=typed, only=only, before=self.state.rows[-1].batch.number, limit=_PAGE
            )
            self._tasks.read(find, partial(self._on_more, typed, only), self._on_failed)

    def choose(self, row: int) -> None:
        """Look at a batch."""
        if 0 <= row < len(self.state.rows):
            self._show(row=row, units=(), reason="", asked=None, said="", refused=False)

    def step(self, by: int) -> None:
        """The batch so many rows further down."""
        self.choose(self.state.row + by)

    def leave_unit(self) -> None:
        """Back from a unit to the batches; from what was looked for to all of them."""
        if self.state.units or self.state.collecting:
            self._show(units=(), collecting=False, reason="", asked=None, said="", refused=False)
        else:
            self._find("", BatchFilter.ALL)

    def collect(self) -> None:
        """The next scans are added to this one; or no longer."""
        collecting = not self.state.collecting
        self._show(collecting=collecting, units=self.state.units if collecting else self.state.units[-1:], asked=None)

    def begin_issue(self, product: Product | None = None) -> None:
        """Codes are to be issued."""
        if self.may_issue and self.may_leave():
            self.issuing.begin(product)
            self._show(part=Part.LABELS, said="", refused=False)

    def begin_take_in(self) -> None:
        """Codes that were made elsewhere are to be taken in."""
        if self.may_issue and self.may_leave():
            self.taking_in.begin()
            self._show(part=Part.TAKE_IN, said="", refused=False)

    def print(self) -> None:
        """Labels are wanted: of the unit once more, or of the batch."""
        if not self.may_issue or self.state.busy:
            return
        if self.state.shown:
            self._show(busy=True, said="", refused=False)
            text, reason = self.state.shown.text, self.state.reason
            work = partial(_print_again, by=self._by, text=text, reason=reason)
            self._tasks.brief(work, self._on_printed, self._on_failed)
        elif self.state.chosen:
            self.issuing.begin_labels(self.state.chosen)
            self._show(part=Part.LABELS)

    def type_reason(self, text: str) -> None:
        """Why the next step is taken."""
        self._show(reason=text)

    def put_on_sale(self) -> None:
        """What is looked at is on sale."""
        self._say(UnitStep.ON_SALE)

    def freeze(self) -> None:
        """What is looked at must not be sold now; or may be again."""
        shown, chosen = self.state.shown, self.state.chosen
        frozen = shown.unit.frozen if shown else bool(chosen and chosen.batch.frozen)
        self._say(UnitStep.RELEASED if frozen else UnitStep.FROZEN)

    def miss(self) -> None:
        """What is looked at is not where it should be."""
        self._say(UnitStep.MISSING)

    def void(self) -> None:
        """The codes that are looked at are worth nothing for ever; asked for twice."""
        if self.may_block and self.state.units and self.state.asked is not UnitStep.VOID:
            words = tr("Units: {count} · void for ever? Press Void once more.", count=len(self.state.units))
            self._show(asked=UnitStep.VOID, said=words, refused=True)
        else:
            self._say(UnitStep.VOID)

    def open_receipt(self) -> None:
        """The receipt that the unit was sold by."""
        if self.state.shown and self.state.shown.unit.receipt and self.may_see_receipts:
            receipt = self.state.shown.unit.receipt
            self.wanted.emit("receipts", (receipt, ReceiptQuery(text=receipt)))

    def _say(self, step: UnitStep) -> None:
        may = self.may_put_on_sale if step is UnitStep.ON_SALE else self.may_block
        if not may or self.state.busy:
            return
        reason = self.state.reason.strip()
        if self.state.units:
            texts = [view.text for view in self.state.units]
            use_case = partial(_say_of_units, by=self._by, texts=texts, step=step, reason=reason)
            self._show(busy=True, asked=None)
            self._tasks.db(use_case, partial(self._on_said, step), self._on_failed)
        elif self.state.chosen and step in (UnitStep.ON_SALE, UnitStep.FROZEN, UnitStep.RELEASED):
            name = self.state.chosen.batch.name
            self._show(busy=True, asked=None)
            say = partial(_say_of_batch, by=self._by, name=name, step=step, reason=reason)
            self._tasks.db(say, partial(self._on_said_of_batch, step), self._on_failed)

    def _find(self, typed: str, only: BatchFilter) -> None:
        self._show(typed=typed, only=only, said="", refused=False)
        find = partial(codes.batch_rows, text=typed, only=only, limit=_PAGE)
        self._tasks.read(find, partial(self._on_found, typed, only), self._on_failed)

    def _on_found(self, typed: str, only: BatchFilter, rows: list[BatchRow]) -> None:
        if (typed, only) == (self.state.typed, self.state.only):
            before = self.state.chosen.batch.name if self.state.chosen else ""
            names = [row.batch.name for row in rows]
            row = names.index(before) if before in names else min(0, len(rows) - 1)
            self._show(rows=tuple(rows), goes_on=len(rows) == _PAGE, row=row)

    def _on_entered(self, typed: str, rows: list[BatchRow]) -> None:
        if not rows:
            self.scan(typed)

    def _on_more(self, typed: str, only: BatchFilter, rows: list[BatchRow]) -> None:
        if (typed, only) == (self.state.typed, self.state.only):
            self._show(rows=self.state.rows + tuple(rows), goes_on=len(rows) == _PAGE)

    def _on_scanned(self, text: str, found: UnitView | Scan) -> None:
        if isinstance(found, UnitView):
            kept = self.state.units if self.state.collecting else ()
            if any(view.unit.key == found.unit.key for view in kept):
                self._on_failed(RefusedError("unit_twice", unit=found.unit.serial))
            elif len(kept) == _MOST_UNITS:
                self._on_failed(RefusedError("too_many_units", most=_MOST_UNITS))
            else:
                self._show(units=(*kept, found), asked=None, said="", refused=False)
        elif found.kind == "product" and found.product:
            self._show(units=(), asked=None)
            self.search(found.product.shown_code)
        else:
            reason = RefusedError(found.reason or "unknown_code", code=shown_code(found), unit=text.strip()[:40])
            self._on_failed(reason)

    def _on_said(self, step: UnitStep, views: list[UnitView]) -> None:
        words = tr("Units: {count} · {step}", count=len(views), step=tr(STEPS[step.value]))
        self._show(units=tuple(views), busy=False, reason="", said=words, refused=False)
        self._refresh()

    def _on_said_of_batch(self, step: UnitStep, row: BatchRow) -> None:
        words = tr("Batch {batch}: {step}", batch=row.batch.name, step=tr(STEPS[step.value]))
        self._replace(row)
        self._show(busy=False, reason="", said=words, refused=False)

    def _on_printed(self, printed: tuple[UnitView, LabelReprinted, str]) -> None:
        view, event, place = printed
        words = tr("Label of {unit}, copy {copy}: {place}", unit=view.unit.serial, copy=event.copy, place=place)
        self._show(units=(*self.state.units[:-1], view), busy=False, reason="", said=words, refused=False)

    def _on_part_left(self, row: BatchRow | None) -> None:
        self._show(part=Part.BATCHES, units=(), said="", refused=False)
        if row and row.batch.name not in [known.batch.name for known in self.state.rows]:
            # It is new: the newest stand first.
            self._show(typed="", only=BatchFilter.ALL, rows=(row, *self.state.rows), row=0)
        elif row:
            self._show(row=[known.batch.name for known in self.state.rows].index(row.batch.name))
        self._refresh()

    def _refresh(self) -> None:
        """What the batches add up to has changed."""
        typed, only = self.state.typed, self.state.only
        find = partial(codes.batch_rows, text=typed, only=only, limit=max(_PAGE, len(self.state.rows)))
        self._tasks.read(find, partial(self._on_found, typed, only), self._on_failed)

    def _replace(self, row: BatchRow) -> None:
        rows = tuple(row if known.batch.number == row.batch.number else known for known in self.state.rows)
        self._show(rows=rows)

    def _on_failed(self, error: StoreError) -> None:
        self._show(busy=False, asked=None, said=sentence(error), refused=True)


def _seen(view: View, text: str) -> UnitView | Scan:
    scan = read_scan(view, text)
    return _unit_view(view, text) if scan.unit else scan


def _unit_view(view: View, text: str) -> UnitView:
    unit = units.unit_of(view, text)
    people = view.people
    moments = tuple(
        replace(moment, staff=people[moment.staff].name if moment.staff in people else moment.staff)
        for moment in units.history(view, unit)
    )
    return UnitView(text, unit, goods.known_product(view, unit.gtin), moments, view.clock.now_ms(), heard_at(view))


def _say_of_units(session: Session, by: Actor, texts: list[str], step: UnitStep, reason: str) -> list[UnitView]:
    units.say(session, by, texts, step, reason=reason)
    return [_unit_view(session, text) for text in texts]


def _say_of_batch(session: Session, by: Actor, name: str, step: UnitStep, reason: str) -> BatchRow:
    codes.say_of_batch(session, by, name, step, reason)
    return codes.batch_row(session, name)


def _print_again(terminal: Terminal, by: Actor, text: str, reason: str) -> tuple[UnitView, LabelReprinted, str]:
    """A copy is recorded before it is printed. Returns where it came out."""
    from ui.printing.outlet import let_out

    options = terminal.read(lambda view: labels.options_of(view.settings)).result()
    event = terminal.write(partial(codes.reprint_label, by=by, text=text, reason=reason)).result()
    job = terminal.read(partial(labels.prepare_single, key=event.unit, options=options)).result()
    place = let_out(terminal, by, job, medium="printer", where=str(terminal.home.folder / FOLDER))
    return terminal.read(partial(_unit_view, text=text)).result(), event, place
