"""What the harnesses share: how much they do, what they report, and the processes that they work in."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Protocol, TypeVar

from tests.faults.history import Baseline
from tests.faults.till import Till

PATIENCE = 120.0
"""Seconds after which a case that does not end is one that hangs."""

_MEMORY_DISK = Path("/dev/shm")
_MEMORY_NEEDED = 512 * 2**20
_TEMPLATE_SALES = 3


class UnusableError(Exception):
    """This machine cannot run a harness; the text says why."""


@dataclass(frozen=True, slots=True)
class Report:
    """One harness's line."""

    harness: str
    cases: int
    violations: int
    seeded_caught: int
    seeded_total: int
    per_second: float
    seed: int
    found: tuple[Violation, ...] = field(default=(), repr=False)
    """In the healthy cases."""
    unacknowledged: int = 0
    missed: tuple[str, ...] = ()
    """Seeded bugs that were not caught."""

    @property
    def ok(self) -> bool:
        return not self.violations and self.seeded_caught == self.seeded_total


@dataclass(frozen=True, slots=True)
class Violation:
    """`where` replays it: harness, seed, case; `what` begins with the invariant."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of some cases.

    Attributes:
        cases: how many there were.
        unacknowledged: cases with a commit that was not told; a harness that never hits that moment proves little.
    """

    cases: int
    violations: tuple[Violation, ...]
    unacknowledged: int


@dataclass(frozen=True, slots=True)
class Template:
    """A home with goods and a few sales, to be copied."""

    folder: Path
    baseline: Baseline

    def files(self) -> dict[str, bytes]:
        """Its files; the lock and SQLite's shared memory are made anew by whoever opens a copy."""
        left_out = ("writer.lock", "store.db-shm", "store.db-wal")
        return {path.name: path.read_bytes() for path in self.folder.iterdir() if path.name not in left_out}


def write_home(folder: Path, files: dict[str, bytes]) -> None:
    """Make a home of these files."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)


def make_template(folder: Path, seed: int) -> Template:
    """Set a shop up in an empty folder."""
    till = Till(folder, f"{seed} template", lambda _: None)
    try:
        till.set_up()
        for _ in range(_TEMPLATE_SALES):
            till.step()
        till.fill_counter()
        baseline = till.baseline()
    finally:
        till.close()
    assert (folder / "store.db").stat().st_size > 0
    return Template(folder, baseline)


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder for many small homes; in memory where there is room, since what is tested is not this disk."""
    in_memory = _MEMORY_DISK.is_dir() and os.access(_MEMORY_DISK, os.W_OK)
    roomy = in_memory and shutil.disk_usage(_MEMORY_DISK).free >= _MEMORY_NEEDED
    with tempfile.TemporaryDirectory(prefix="faults-", dir=_MEMORY_DISK if roomy else None) as folder:
        yield Path(folder).resolve()


@contextmanager
def watched() -> Iterator[None]:
    """End this process, with the stacks of its threads, when what follows does not end."""
    faulthandler.dump_traceback_later(PATIENCE, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


class Seeded(Protocol):
    """A bug that is put in on purpose."""

    @property
    def value(self) -> str: ...

    @property
    def breaks(self) -> tuple[str, ...]:
        """Beginnings of the violations by which it is to be caught."""


T = TypeVar("T")


class Crew:
    """Processes that work on tasks, one for each core; begun anew, so that nothing of this one is in them."""

    def __init__(self, workers: int = 0) -> None:
        count = workers or os.cpu_count() or 1
        self._pool = ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"))

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def results(self, work: Callable[[T], Outcome], tasks: Sequence[T]) -> Iterator[tuple[int, Outcome]]:
        """What came of each task, as it comes, with its place. A process that hung or died is a violation, and ends
        them all.
        """
        futures = {self._pool.submit(work, task): place for place, task in enumerate(tasks)}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BrokenProcessPool:
            place = f"one of {tasks[0]} … {tasks[-1]}"
            died = (Violation(place, f"a process died, or hung for {PATIENCE:.0f} s"),)
            yield 0, Outcome(0, died, 0)


def judge(
    harness: str,
    seed: int,
    crew: Crew,
    work: Callable[[T], Outcome],
    *,
    healthy: Sequence[T],
    seeded: Mapping[Seeded, Sequence[T]],
) -> Report:
    """Do the healthy cases, then those of each seeded bug, and report."""
    begun = time.perf_counter()
    outcomes = [outcome for _, outcome in crew.results(work, healthy)]
    seconds = time.perf_counter() - begun
    bugs = [(bug, task) for bug, tasks in seeded.items() for task in tasks]
    caught = {
        bugs[place][0]
        for place, outcome in crew.results(work, [task for _, task in bugs])
        if any(violation.what.startswith(bugs[place][0].breaks) for violation in outcome.violations)
    }
    missed = [bug.value for bug in seeded if bug not in caught]
    cases = sum(outcome.cases for outcome in outcomes)
    violations = tuple(violation for outcome in outcomes for violation in outcome.violations)
    return Report(
        harness,
        cases,
        len(violations),
        len(seeded) - len(missed),
        len(seeded),
        round(cases / seconds, 1),
        seed,
        violations,
        sum(outcome.unacknowledged for outcome in outcomes),
        tuple(missed),
    )


def share(cases: int, parts: int) -> list[range]:
    """The numbers 0 … cases - 1 in ranges as even as they can be."""
    edges = [cases * n // parts for n in range(parts + 1)]
    return [range(start, end) for start, end in pairwise(edges) if end > start]
