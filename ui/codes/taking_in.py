"""What happens while codes are taken in that were made elsewhere: a file of them, or a range."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.errors import RefusedError, StoreError
from core.shop import codes, codes_elsewhere
from core.shop.code_files import CodeFile, read_code_file
from core.shop.codes import BatchRow
from core.shop.codes_elsewhere import Taken
from core.shop.terminal import Actor, Session, Terminal
from core.texts import sentence, tr
from ui.codes.item import ItemPresenter
from ui.nearby import tables_nearby
from ui.presenter import Place, Presenter


@dataclass(frozen=True, slots=True)
class BadCode:
    """A row of the file that cannot be taken in, and why, in words."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class TakeInState:
    """Codes on their way into the register.

    Attributes:
        files: that lie where files use to lie, the newest first.
        file: the one that was chosen.
        column: name of the one that holds the codes; empty where the file has but one.
        first, last: the range that was typed.
        bad: rows that were refused.
        skip_bad: they are left out; otherwise they stop it.
        works: it is being done.
        done, total: rows while it works.
        said: what became of the last step.
        refused: whether that was a refusal.
    """

    files: tuple[Path, ...] = ()
    file: CodeFile | None = None
    column: str = ""
    first: str = ""
    last: str = ""
    bad: tuple[BadCode, ...] = ()
    skip_bad: bool = False
    works: bool = False
    done: int = 0
    total: int = 0
    said: str = ""
    refused: bool = False


class TakeInPresenter(Presenter[TakeInState]):
    """Takes codes in.

    Args:
        place: where it stands.

    Signals:
        left: back to the batches; with the new one, or none.
    """

    left = Signal(object)
    _ticked = Signal(int)

    def __init__(self, place: Place, parent: QObject | None = None) -> None:
        super().__init__(TakeInState(), parent)
        self._tasks, self._by = place.tasks, place.by
        self.item = ItemPresenter(place.tasks, self)
        self.item.chosen.connect(lambda: self._show(bad=(), said="", refused=False))
        self._ticked.connect(self._on_tick)

    def may_leave(self) -> bool:
        """Whether nothing is being taken in."""
        if self.state.works:
            self._show(said=tr("Wait until it is done."), refused=True)
        return not self.state.works

    def begin(self) -> None:
        """Ask for a file or a range; files that lie where files use to lie are offered."""
        self._set(TakeInState())
        self.item.begin()
        self._tasks.slow(lambda _: tables_nearby(), lambda found: self._show(files=found), self._on_failed)

    def choose(self, path: Path) -> None:
        """This file."""
        self._show(said="", refused=False, bad=(), skip_bad=False)
        self._tasks.slow(lambda _: read_code_file(path), self._on_file, self._on_failed)

    def choose_column(self, name: str) -> None:
        """That column holds the codes."""
        self._show(column=name, bad=(), said="", refused=False)

    def choose_range(self, *, first: str | None = None, last: str | None = None) -> None:
        """The codes from one to the other, instead of a file."""
        first = self.state.first if first is None else first
        last = self.state.last if last is None else last
        self._show(first=first, last=last, file=None, column="", bad=(), said="", refused=False)

    def skip_bad(self) -> None:
        """Leave refused rows out, or no longer."""
        self._show(skip_bad=not self.state.skip_bad)

    def start(self) -> None:
        """Take them in."""
        state = self.state
        if state.works:
            return
        try:
            if (product := self.item.state.chosen) is None:
                raise RefusedError("no_item_chosen")
            if state.file:
                rows = state.file.codes(state.column or None)
                work = partial(
                    _take_in,
                    by=self._by,
                    gtin=product.code,
                    texts=[text for _, text in rows],
                    source=state.file.name,
                    skip_bad=state.skip_bad,
                    tick=self._ticked.emit,
                )
                self._show(works=True, done=0, total=len(rows), bad=(), said="", refused=False)
                self._tasks.slow(work, partial(self._on_taken, [row for row, _ in rows]), self._on_failed)
            elif state.first.strip() or state.last.strip():
                take = partial(_take_in_range, by=self._by, gtin=product.code, first=state.first, last=state.last)
                self._show(works=True, done=0, total=0, said="", refused=False)
                self._tasks.db(take, self._leave_with, self._on_failed)
            else:
                raise RefusedError("no_codes_chosen")
        except RefusedError as refused:
            self._on_failed(refused)

    def back(self) -> None:
        """Back to the batches."""
        if self.may_leave():
            self.left.emit(None)

    def _leave_with(self, row: BatchRow) -> None:
        """It is done."""
        self._show(works=False)
        self.left.emit(row)

    def _on_file(self, file: CodeFile) -> None:
        column = file.header[file.column] if file.header and file.column >= 0 else ""
        self._show(file=file, column=column, first="", last="")

    def _on_tick(self, count: int) -> None:
        if self.state.works:
            self._show(done=min(self.state.done + count, self.state.total))

    def _on_taken(self, numbers: list[int], taken: tuple[Taken, BatchRow | None]) -> None:
        result, row = taken
        bad = tuple(BadCode(numbers[n - 1], sentence(reason)) for n, reason in result.refused)
        if row:
            self._leave_with(row)
        else:
            said = sentence(RefusedError("codes_refused", count=len(bad)))
            self._show(works=False, bad=bad, said=said, refused=True)

    def _on_failed(self, error: StoreError) -> None:
        self._show(works=False, said=sentence(error), refused=True)


def _take_in(terminal: Terminal, **how: object) -> tuple[Taken, BatchRow | None]:
    taken = codes_elsewhere.take_in_list(terminal, **how)  # type: ignore[arg-type]
    return taken, terminal.read(partial(codes.batch_row, name=taken.batch.name)).result() if taken.batch else None


def _take_in_range(session: Session, by: Actor, gtin: str, first: str, last: str) -> BatchRow:
    batch = codes_elsewhere.take_in_range(session, by, gtin, first=first, last=last)
    return codes.batch_row(session, batch.name)
