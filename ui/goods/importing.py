"""What happens while a file is taken in: it is chosen, its columns are named, its changes are looked at, it is done."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.catalogue import files
from core.catalogue.files import CatalogueFile, RefusedRow, Sheet
from core.errors import RefusedError, StoreError
from core.shop import goods
from core.shop.goods import ImportResult, Preview
from core.shop.terminal import Actor, Terminal
from core.texts import sentence, tr
from ui.nearby import tables_nearby
from ui.presenter import Presenter
from ui.tasks import Tasks


class Step(StrEnum):
    """How far an import is."""

    CHOOSE = "choose"
    READING = "reading"
    CHECK = "check"
    WORKING = "working"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class ImportState:
    """A file on its way into the catalogue.

    Attributes:
        files: that lie where files use to lie, the newest first.
        header: names of the columns.
        columns: which of them holds which field; empty for none.
        file: as it was read under these columns; none where they do not do.
        preview: what it would change.
        skip_bad: refused rows are left out; otherwise they stop the import.
        done, total: steps while it works.
        said: what became of the last step.
        refused: whether that was a refusal.
    """

    step: Step = Step.CHOOSE
    files: tuple[Path, ...] = ()
    name: str = ""
    header: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    rows: int = 0
    preview: Preview | None = None
    bad: tuple[RefusedRow, ...] = ()
    skip_bad: bool = False
    done: int = 0
    total: int = 0
    said: str = ""
    refused: bool = False

    @property
    def may_start(self) -> bool:
        """Whether the file can be taken in as it is."""
        good = self.preview is not None and bool(self.preview.added + self.preview.updated)
        return self.step is Step.CHECK and good and (self.skip_bad or not self.bad)


class ImportPresenter(Presenter[ImportState]):
    """Takes a file into the catalogue.

    Args:
        tasks: where use cases go.
        by: who does it.
        currency: of the shop.

    Signals:
        left: it is over, one way or the other.
    """

    left = Signal()
    _ticked = Signal(int)

    def __init__(self, tasks: Tasks, by: Actor, currency: str, parent: QObject | None = None) -> None:
        super().__init__(ImportState(), parent)
        self._tasks, self._by, self.currency = tasks, by, currency
        self._sheet: Sheet | None = None
        self._file: CatalogueFile | None = None
        self._stop = threading.Event()
        self._ticked.connect(self._on_tick)

    def may_leave(self) -> bool:
        """Whether nothing is being taken in."""
        if self.state.step is Step.WORKING:
            self._show(said=tr("Stop this first, or wait until it is done."), refused=True)
        return self.state.step is not Step.WORKING

    def close(self) -> None:
        self._stop.set()
        super().close()

    def begin(self) -> None:
        """Ask for a file; those that lie where files use to lie are offered."""
        self._sheet = self._file = None
        self._set(ImportState())
        self._tasks.slow(lambda _: tables_nearby(), lambda found: self._show(files=found), self._on_failed)

    def choose(self, path: Path) -> None:
        """This file."""
        self._show(step=Step.READING, name=path.name, said="", refused=False)
        self._tasks.slow(lambda _: files.read_sheet(path), self._on_sheet, self._on_unreadable)

    def map(self, field_: str, column: str) -> None:
        """That column holds that field; an empty name takes the field away."""
        if self._sheet and self.state.columns.get(field_, "") != column:
            self._read({**self.state.columns, field_: column})

    def skip_bad(self) -> None:
        """Leave refused rows out, or no longer."""
        self._show(skip_bad=not self.state.skip_bad)

    def start(self) -> None:
        """Take it in."""
        if not self.state.may_start or self._file is None:
            return
        self._stop.clear()
        self._show(step=Step.WORKING, done=0, total=2 * len(self._file.products), said="", refused=False)
        work = partial(
            goods.import_catalogue,
            by=self._by,
            file=self._file,
            skip_bad=self.state.skip_bad,
            tick=self._ticked.emit,
            stopped=self._stop.is_set,
        )
        self._tasks.slow(work, self._on_done, self._on_stopped)

    def back(self) -> None:
        """One step back; an import that works is stopped, if it still can be."""
        if self.state.step is Step.WORKING:
            self._stop.set()
        elif self.state.step is Step.CHECK:
            self.begin()
        elif self.state.step is not Step.READING:
            self.left.emit()

    def _read(self, columns: Mapping[str, str]) -> None:
        """Read the rows under these columns, and hold them against the catalogue."""
        assert self._sheet
        self._file = None
        self._show(step=Step.READING, columns=dict(columns), preview=None, bad=(), said="", refused=False)
        look = partial(_look, sheet=self._sheet, currency=self.currency, columns=columns)
        self._tasks.slow(look, partial(self._on_looked, columns), partial(self._on_bad_columns, columns))

    def _on_sheet(self, sheet: Sheet) -> None:
        self._sheet = sheet
        found = files.columns_of(sheet, {})
        self._show(header=sheet.header, rows=len(sheet.rows) - 1, skip_bad=False)
        self._read({name: sheet.header[found[name]] if name in found else "" for name in files.HEADERS})

    def _on_looked(self, columns: Mapping[str, str], result: tuple[CatalogueFile, Preview]) -> None:
        if columns != self.state.columns:
            # Others were chosen meanwhile, and are looked at next.
            return
        self._file, preview = result
        self._show(step=Step.CHECK, preview=preview, bad=self._file.refused)

    def _on_bad_columns(self, columns: Mapping[str, str], error: StoreError) -> None:
        if columns == self.state.columns:
            self._show(step=Step.CHECK, said=sentence(error), refused=True)

    def _on_unreadable(self, error: StoreError) -> None:
        self._show(step=Step.CHOOSE, said=sentence(error), refused=True)

    def _on_tick(self, rows: int) -> None:
        if self.state.step is Step.WORKING:
            self._show(done=min(self.state.done + rows, self.state.total))

    def _on_done(self, result: ImportResult) -> None:
        said = tr(
            "{added} added, {updated} updated, {unchanged} unchanged",
            added=result.added,
            updated=result.updated,
            unchanged=result.unchanged,
        )
        self._show(step=Step.DONE, done=self.state.total, said=said, refused=False)

    def _on_stopped(self, error: StoreError) -> None:
        # What is recorded is not to be taken in once more.
        step = Step.DONE if error.code == "import_unfinished" else Step.CHECK
        self._show(step=step, said=sentence(error), refused=True)

    def _on_failed(self, error: StoreError) -> None:
        self._show(said=sentence(error), refused=True)


def _look(terminal: Terminal, sheet: Sheet, currency: str, columns: Mapping[str, str]) -> tuple[CatalogueFile, Preview]:
    file = files.catalogue_of(sheet, currency, columns)
    if not file.products and not file.refused:
        raise RefusedError("file_empty", file=sheet.name)
    return file, goods.preview_import(terminal, file)
