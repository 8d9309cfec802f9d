"""What happens while codes are issued and labels come out: how they look, how far it is, what became of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from core.catalogue.product import Product
from core.codes.commands import MOST_CODES
from core.codes.life import Unit
from core.errors import BrokenWorldError, RefusedError, StoreError
from core.label_paper import PRESETS, Preset
from core.shop import codes, labels, units
from core.shop.codes import BatchRow
from core.shop.labels import Options
from core.shop.terminal import Actor, Terminal
from core.texts import sentence, tr
from ui.codes.item import ItemPresenter
from ui.presenter import Place, Presenter

_MOVES = 200
"""How often a progress bar moves from its beginning to its end."""

_TURN, _REST = 0.003, 0.001
"""Seconds that are worked without a rest, and that a rest takes."""

FOLDER = "labels"
"""Of the home, for files."""

_PREVIEW_SCALE = 2


class Phase(StrEnum):
    """What is being done."""

    FORM = "form"
    ISSUING = "issuing"
    PRINTING = "printing"


@dataclass(frozen=True, slots=True)
class Preview:
    """A label as it will come out, and how large its symbol is, in mm."""

    picture: QImage
    side: float
    module: float


@dataclass(frozen=True, slots=True)
class IssueState:
    """Labels that are wanted: of codes that are to be issued, or of a batch that is there.

    Attributes:
        options: how they look.
        batch: the one that is there; none where codes are to be issued.
        count: of codes to be issued, as it was typed.
        part: of the batch, as it was typed; empty for all.
        preview: none where no item is chosen, or where the label cannot be.
        done, total: steps while it works.
        said: what became of the last step.
        refused: whether that was a refusal.
    """

    options: Options
    batch: BatchRow | None = None
    count: str = "100"
    part: str = ""
    preview: Preview | None = None
    phase: Phase = Phase.FORM
    done: int = 0
    total: int = 0
    said: str = ""
    refused: bool = False

    @property
    def paper(self) -> Preset:
        """What the labels are printed on."""
        return PRESETS[self.options.preset]

    @property
    def works(self) -> bool:
        """Whether codes are being issued or labels printed."""
        return self.phase is not Phase.FORM


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be done: a batch and a part of it, or a product and a count; and how labels come out, if at all."""

    by: Actor
    options: Options
    batch: str = ""
    part: str = ""
    rest: bool = False
    gtin: str = ""
    count: int = 0
    medium: str = ""


@dataclass(frozen=True, slots=True)
class _Done:
    """What was done: the batch as it is now, where labels came out, and why the rest was not done."""

    row: BatchRow | None
    place: str = ""
    error: StoreError | None = None


class IssuePresenter(Presenter[IssueState]):
    """Issues codes and lets labels come out.

    Args:
        place: where it stands.

    Signals:
        left: back to the batches; with the one that was worked on, or none.
    """

    left = Signal(object)
    _ticked = Signal(str, int)

    def __init__(self, place: Place, parent: QObject | None = None) -> None:
        super().__init__(IssueState(labels.options_of(place.settings)), parent)
        self._tasks, self._by = place.tasks, place.by
        self.item = ItemPresenter(place.tasks, self)
        self.item.chosen.connect(self._look)
        self._stop = threading.Event()
        self._ticked.connect(self._on_tick)

    def may_leave(self) -> bool:
        """Whether nothing is being issued or printed."""
        if self.state.works:
            self._show(said=tr("Stop this first, or wait until it is done."), refused=True)
        return not self.state.works

    def close(self) -> None:
        self._stop.set()
        super().close()

    def begin(self, product: Product | None = None) -> None:
        """Codes are to be issued, of that product to begin with."""
        self._begin(IssueState(self.state.options))
        self.item.begin(product)

    def begin_labels(self, row: BatchRow) -> None:
        """Labels of a batch are to come out."""
        self._begin(IssueState(replace(self.state.options, start=1), row))

    def scan(self, text: str) -> bool:
        """The item that codes are wanted for; or the label of the batch from which on they are wanted once more."""
        if not self.state.batch:
            return self.item.scan(text)
        if not self.state.works:
            self._tasks.read(partial(units.unit_of, text=text), self._on_scanned, self._on_failed)
        return True

    def type_count(self, text: str) -> None:
        """So many codes."""
        self._show(count=text, said="", refused=False)

    def type_part(self, text: str) -> None:
        """Only those of the batch: FIRST-LAST."""
        self._show(part=text, said="", refused=False)

    def choose_paper(self, preset: str) -> None:
        """On that paper."""
        self._change(preset=preset, start=1)

    def choose_resolution(self, dpi: int) -> None:
        """By a printer of so many dots an inch."""
        self._change(dpi=dpi)

    def toggle_field(self, name: str) -> None:
        """With that on the label, or without."""
        self._change(fields=self.state.options.fields ^ {name})

    def choose_start(self, place: int) -> None:
        """The labels of the sheet before that one are used, counted from 1."""
        if 1 <= place <= self.state.paper.labels:
            self._change(start=place)

    def print(self) -> None:
        """Issue the codes that are not issued yet, and print their labels."""
        self._work("printer")

    def write_pdf(self) -> None:
        """Issue, and write the labels into a PDF."""
        self._work("pdf")

    def write_csv(self) -> None:
        """Issue, and write the codes into a CSV file, for a printing house."""
        self._work("csv")

    def issue_only(self) -> None:
        """Issue; or issue the rest of a batch that was broken off."""
        if not self.state.batch or self.state.batch.batch.issued < self.state.batch.batch.asked:
            self._work("")

    def back(self) -> None:
        """Stop what is being done; else back to the batches."""
        if self.state.works:
            self._stop.set()
        else:
            self.left.emit(self.state.batch)

    def _begin(self, state: IssueState) -> None:
        """Labels look as the shop wants them until somebody says otherwise."""
        self._set(state)
        self._tasks.read(lambda view: labels.options_of(view.settings), self._on_options, self._on_failed)

    def _on_options(self, options: Options) -> None:
        self._show(options=options)
        self._look()

    def _change(self, **changes: object) -> None:
        if not self.state.works:
            options = replace(self.state.options, **changes)  # type: ignore[arg-type]
            self._show(options=options, said="", refused=False)
            self._look()

    @property
    def _product(self) -> Product | None:
        return self.state.batch.product if self.state.batch else self.item.state.chosen

    def _look(self) -> None:
        """Draw the label anew."""
        if self._product is None:
            self._show(preview=None)
            return
        look = partial(_preview, product=self._product, options=self.state.options)
        self._tasks.brief(look, partial(self._on_preview, self._product, self.state.options), self._on_no_preview)

    def _on_preview(self, product: Product, options: Options, preview: Preview) -> None:
        if product == self._product and options == self.state.options:
            self._show(preview=preview)

    def _on_no_preview(self, error: StoreError) -> None:
        self._show(preview=None, said=sentence(error), refused=True)

    def _work(self, medium: str) -> None:
        state = self.state
        if state.works:
            return
        try:
            order = self._order(medium)
        except RefusedError as refused:
            self._on_failed(refused)
            return
        self._stop.clear()
        issues = not order.batch or order.rest
        total = order.count if issues else 0
        phase = Phase.ISSUING if issues else Phase.PRINTING
        self._show(phase=phase, done=0, total=total, said="", refused=False)
        self._tasks.slow(
            partial(_carry_out, order=order, tell=self._ticked.emit, stop=self._stop), self._on_done, self._on_failed
        )

    def _order(self, medium: str) -> _Order:
        state, row = self.state, self.state.batch
        if row:
            rest = not medium
            count = row.batch.asked - row.batch.issued
            return _Order(self._by, state.options, row.batch.name, state.part.strip(), rest, count=count, medium=medium)
        if (product := self.item.state.chosen) is None:
            raise RefusedError("no_item_chosen")
        if state.preview is None:
            raise RefusedError("no_label")
        return _Order(self._by, state.options, gtin=product.code, count=_count(state.count), medium=medium)

    def _on_scanned(self, unit: Unit) -> None:
        if self.state.batch and unit.batch == self.state.batch.batch.name:
            self.type_part(f"{unit.ordinal + 1}-")
        else:
            self._on_failed(RefusedError("code_of_other_item", unit=unit.serial))

    def _on_tick(self, phase: str, steps: int) -> None:
        """Steps; or, below zero, how many there are in a phase that begins."""
        if not self.state.works:
            return
        if steps < 0:
            self._show(phase=Phase(phase), done=0, total=-steps)
        else:
            self._show(done=min(self.state.done + steps, self.state.total))

    def _on_done(self, done: _Done) -> None:
        self._show(phase=Phase.FORM, batch=done.row or self.state.batch)
        if done.error:
            words = [sentence(done.error)]
            if done.row and done.error.code in ("issue_stopped", "print_stopped"):
                words = [_issued(done.row), *words]
            self._show(said=" ".join(words), refused=True)
        elif done.row:
            words = [_issued(done.row)]
            if done.place:
                words.append(tr("Labels: {place}", place=done.place))
            unfinished = done.row.batch.issued < done.row.batch.asked
            self._show(said=" · ".join(words), refused=unfinished)

    def _on_failed(self, error: StoreError) -> None:
        self._show(phase=Phase.FORM, said=sentence(error), refused=True)


def _issued(row: BatchRow) -> str:
    batch = row.batch
    return tr(
        "Batch {batch}: {issued} of {asked} issued, {printed} printed.",
        batch=batch.name,
        issued=f"{batch.issued:,}",
        asked=f"{batch.asked:,}",
        printed=f"{batch.printed:,}",
    )


def _count(text: str) -> int:
    digits = text.strip().replace(",", "")
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 9:
        raise RefusedError("bad_count", count=text.strip()[:20], most=MOST_CODES)
    return int(digits)


def _preview(terminal: Terminal, product: Product, options: Options) -> Preview:
    from ui.printing.labels import picture

    job = terminal.read(lambda view: labels.sample(view, product, options, view.clock.now_ms())).result()
    layout = job.layout
    return Preview(picture(job, _PREVIEW_SCALE), layout.side * layout.module, layout.module)


def _carry_out(terminal: Terminal, order: _Order, tell: Callable[[str, int], object], stop: threading.Event) -> _Done:
    """Issue, and let labels come out. What was issued stays issued, whatever becomes of the labels."""
    from ui.printing.outlet import let_out

    batch = order.batch
    try:
        if not batch:
            tick = _slowly(partial(tell, Phase.ISSUING), order.count)
            issued = codes.issue(terminal, order.by, order.gtin, order.count, tick=tick, stopped=stop.is_set)
            batch = issued.name
        elif order.rest:
            tick = _slowly(partial(tell, Phase.ISSUING), order.count)
            codes.issue_rest(terminal, order.by, batch, tick=tick, stopped=stop.is_set)
        place = ""
        if order.medium and not stop.is_set():
            part = ":".join(filter(None, (batch, order.part)))
            job = terminal.read(partial(labels.prepare, text=part, options=order.options)).result()
            tell(Phase.PRINTING, -len(job.keys))
            folder = terminal.home.folder / FOLDER
            folder.mkdir(exist_ok=True)
            where = folder if order.medium == "printer" else folder / f"{job.name}.{order.medium}"
            tick = _slowly(partial(tell, Phase.PRINTING), len(job.keys))
            place = let_out(
                terminal, order.by, job, medium=order.medium, where=str(where), tick=tick, stopped=stop.is_set
            )
    except StoreError as error:
        batch = batch or str(error.params.get("batch", ""))
        return _Done(_row(terminal, batch), error=error)
    except OSError as error:
        broken = BrokenWorldError("file_unwritable", file=FOLDER, detail=error.strerror)
        return _Done(_row(terminal, batch), error=broken)
    return _Done(_row(terminal, batch), place)


def _row(terminal: Terminal, batch: str) -> BatchRow | None:
    return terminal.read(partial(codes.batch_row, name=batch)).result() if batch else None


def _slowly(tell: Callable[[int], object], total: int) -> Callable[[int], None]:
    """Tells of steps in no more moves than somebody sees, and lets the window have its turns in between.

    Work that calls Qt again and again gives the interpreter's lock away and takes it back before the window wakes up.
    """
    held, rested = 0, time.monotonic()

    def tick(steps: int) -> None:
        nonlocal held, rested
        if time.monotonic() - rested > _TURN:
            time.sleep(_REST)
            rested = time.monotonic()
        held += steps
        if held * _MOVES >= total:
            tell(held)
            held = 0

    return tick
