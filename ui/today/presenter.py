"""What happens on the Today page: a day or a period is read, its figures are opened, it is written into a file."""

from __future__ import annotations

import importlib
from dataclasses import replace
from functools import partial
from pathlib import Path

from core.errors import BrokenWorldError, StoreError
from core.events import TenderKind
from core.sales.queries import ReceiptQuery
from core.sales.receipt import TENDER_NAMES
from core.shop.days import Beside, Span, beside, span_around
from core.shop.terminal import Actor, Terminal, View
from core.texts import sentence, tr
from ui.presenter import Place, Presenter
from ui.today.state import TodayState


class TodayPresenter(Presenter[TodayState]):
    """Reads days.

    Args:
        place: where it stands.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(TodayState(place.settings.currency))
        self._tasks = place.tasks
        self._by = place.by

    def visit(self, what: object = None) -> None:
        """Somebody comes in to look at the day, or back from the receipts behind a figure."""
        if not self.state.charts:
            # Beside the work: what draws charts takes its time to load.
            load = partial(importlib.import_module, "ui.today.chart")
            self._tasks.slow(lambda _: load(), lambda _: self._show(charts=True), self._on_failed)
        if self.state.found is None or self.state.span is Span.DAY:
            self.show_span(self.state.span or Span.DAY)

    def show_span(self, span: Span) -> None:
        """Read the current day, week or month."""
        self._read(partial(_span, by=self._by, span=span, date="", steps=0), span)

    def step(self, steps: int) -> None:
        """Read the day, week or month so many later."""
        if self.state.found:
            span = self.state.span or Span.DAY
            self._read(partial(_span, by=self._by, span=span, date=self.state.start, steps=steps), span)

    def type_start(self, text: str) -> None:
        """The period begins on that date."""
        self._type(text.strip(), self.state.end)

    def type_end(self, text: str) -> None:
        """The period ends on that date."""
        self._type(self.state.start, text.strip())

    def change_chart(self) -> None:
        """A bar an hour, or a bar a day."""
        self._show(by_day=not self.state.by_day)

    def open_period(self) -> None:
        """The receipts of the period."""
        self._open(tr("Receipts of {period}", period=self.period), ReceiptQuery())

    def open_returns(self) -> None:
        """Those on which goods came back."""
        self._open(tr("Returns of {period}", period=self.period), ReceiptQuery(returns=True))

    def open_hour(self, hour: int) -> None:
        """Those of an hour."""
        self._open(tr("{period}, {hour}:00", period=self.period, hour=hour), ReceiptQuery(hour=hour))

    def open_day(self, date: str) -> None:
        """Those of one of the days."""
        title = tr("Receipts of {period}", period=date)
        self.wanted.emit("receipts", (title, ReceiptQuery(start=date, end=date)))

    def open_tender(self, row: int) -> None:
        """Those that were paid in that way."""
        if found := self.state.found:
            tender = found.report.by_tender[row].tender
            self._open(tr(TENDER_NAMES[TenderKind(tender)]), ReceiptQuery(tender=tender))

    def open_product(self, row: int) -> None:
        """Those with that product on them."""
        if found := self.state.found:
            group = found.report.by_product[row]
            self._open(group.name or group.key, ReceiptQuery(code=group.key))

    def open_cashier(self, row: int) -> None:
        """Those of that cashier."""
        if found := self.state.found:
            group = found.report.by_cashier[row]
            self._open(group.name or group.key, ReceiptQuery(cashier=group.key))

    def write(self, path: Path) -> None:
        """Write the report into a file: a workbook, or pages to print, by its ending."""
        if found := self.state.found:
            self._tasks.slow(partial(_write, found=found, path=path), self._on_written, self._on_failed)

    @property
    def period(self) -> str:
        """The period in words."""
        start, end = self.state.start, self.state.end
        return start if start == end else " … ".join((start, end))

    def _open(self, title: str, query: ReceiptQuery) -> None:
        if found := self.state.found:
            period = replace(query, start=found.report.start, end=found.report.end)
            self.wanted.emit("receipts", (title, period))

    def _type(self, start: str, end: str) -> None:
        if (start, end) != (self.state.start, self.state.end) or self.state.refused:
            self._show(start=start, end=end)
            self._read(partial(beside, by=self._by, start=start, end=end), None)

    def _read(self, use_case: partial[Beside], span: Span | None) -> None:
        self._tasks.read(use_case, partial(self._on_read, span), self._on_failed)

    def _on_read(self, span: Span | None, found: Beside) -> None:
        report = found.report
        before = self.state.found and self.state.found.report
        several = report.start != report.end
        # Several days are seen by day until somebody asks for the hours.
        by_day = several and (self.state.by_day or not before or before.start == before.end)
        self._show(
            span=span,
            found=found,
            start=report.start,
            end=report.end,
            by_day=by_day,
            said="",
            refused=False,
        )

    def _on_written(self, path: Path) -> None:
        self._show(said=tr("Written: {place}", place=path), refused=False)

    def _on_failed(self, error: StoreError) -> None:
        self._show(said=sentence(error), refused=True)


def _span(view: View, by: Actor, span: Span, date: str, steps: int) -> Beside:
    return beside(view, by, *span_around(view, span, date, steps))


def _write(terminal: Terminal, found: Beside, path: Path) -> Path:
    """Imported late: hardly anybody writes a report, and what writes them is large.

    Raises:
        BrokenWorldError: `file_unwritable`, `glyph_missing`.
    """
    from core.reports.workbook import write_workbook
    from ui.printing.report import write_report_pdf

    settings = terminal.read(lambda view: view.settings).result()
    try:
        if path.suffix.lower() == ".pdf":
            write_report_pdf(found.report, settings, path)
        else:
            names = {kind.value: tr(name) for kind, name in TENDER_NAMES.items()}
            write_workbook(
                found.report, path, currency=settings.currency, shop_name=settings["name"], tender_names=names
            )
    except OSError as error:
        raise BrokenWorldError("file_unwritable", file=path, detail=error.strerror) from error
    return path
