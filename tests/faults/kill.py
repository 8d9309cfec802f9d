"""`kill`: a real process sells, and is killed at any moment; then its home is opened again.

Each worker imports everything once and opens no database and no thread itself: the till and the check are forked from
it, so a case costs milliseconds, and each of them begins as a fresh program does.
"""

from __future__ import annotations

import gc
import importlib
import os
import random
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from tests.faults.checker import Checker, Verdict
from tests.faults.harness import (
    PATIENCE,
    Crew,
    Outcome,
    Report,
    Template,
    UnusableError,
    Violation,
    judge,
    make_template,
    share,
    workplace,
    write_home,
)
from tests.faults.history import Baseline, Told, line_of
from tests.faults.seeded import Bug
from tests.faults.till import Till

NAME = "kill"
BUGS = (Bug.SAVED_BEFORE_COMMIT, Bug.TWO_COMMITS)

_FRESH = 0.1
"""Share of the cases that begin with an empty home, so that setting up a shop is killed too."""

_MOST_LINES = 60
_PAUSE = 0.05
_AT_THE_START = 0.01


@dataclass(frozen=True, slots=True)
class Task:
    """Some cases.

    Attributes:
        bug: seeded; such a task ends when it is caught.
    """

    seed: int
    cases: range
    bug: Bug | None
    template: Template
    place: Path

    def __str__(self) -> str:
        return f"{NAME} --seed {self.seed}: cases {self.cases.start} to {self.cases.stop - 1}"


def run(crew: Crew, seed: int, cases: int, seeded_cases: int, only: str = "") -> Report:
    """Kill, check, report.

    Args:
        seeded_cases: the most cases that each seeded bug gets.
        only: number of the one case to replay: the same steps, killed at about the same moment.

    Raises:
        UnusableError: where there is no fork.
    """
    if not hasattr(os, "fork"):
        raise UnusableError("the kill harness forks processes, which this system cannot")
    with workplace() as place:
        template = make_template(place / "template", seed)
        wanted = [range(int(only), int(only) + 1)] if only else share(cases, max(1, cases // 25))
        healthy = [Task(seed, part, None, template, place) for part in wanted]
        seeded = {bug: [Task(seed, range(seeded_cases), bug, template, place)] for bug in BUGS}
        return judge(NAME, seed, crew, work, healthy=healthy, seeded={} if only else seeded)


def work(task: Task) -> Outcome:
    """Do the cases of a task, in a worker."""
    _warm()
    done, unacknowledged, violations = 0, 0, []
    for case in task.cases:
        where = f"{NAME} --seed {task.seed} --case {case}"
        verdict = _case(task, case)
        done += 1
        unacknowledged += verdict.unacknowledged
        violations += [Violation(where, what) for what in verdict.violations]
        if task.bug and any(what.startswith(task.bug.breaks) for what in verdict.violations):
            break
    return Outcome(done, tuple(violations), unacknowledged)


@cache
def _warm() -> None:
    """Import what the shop imports late, once and not in every fork: a fork goes first and tells what it was."""

    def rehearse(out: int) -> None:
        with workplace() as place:
            make_template(place / "home", 0)
        with os.fdopen(out, "wb", closefd=False) as pipe:
            pipe.write("\n".join(sys.modules).encode())

    child, out = _forked(rehearse)
    with os.fdopen(out, "rb") as pipe:
        names = pipe.read().decode().split()
    os.waitpid(child, 0)
    for name in names:
        if name not in sys.modules:
            importlib.import_module(name)
    gc.collect()
    gc.freeze()


def _case(task: Task, case: int) -> Verdict:
    chance = random.Random(f"{task.seed} {NAME} {case}")
    fresh = not task.bug and chance.random() < _FRESH
    home = task.place / f"{task.bug or 'healthy'}-{case}".replace(" ", "-")
    write_home(home, {} if fresh else task.template.files())
    try:
        raw = _killed(home, task.bug, chance, fresh, f"{task.seed} {NAME} {case}")
        if raw is None:
            return Verdict((f"the till said nothing for {PATIENCE:.0f} s",))
        return _checked(home, Baseline() if fresh else task.template.baseline, raw)
    finally:
        shutil.rmtree(home)


def _killed(home: Path, bug: Bug | None, chance: random.Random, fresh: bool, seed: str) -> bytes | None:
    """Let a till work and kill it: after so many lines, and then somewhere in the next two steps' time."""
    lines = chance.randrange(1, 20) if bug else chance.randrange(_MOST_LINES)
    fraction = chance.random()
    checkpoint = chance.choice((None, 8, 60))

    def sell(out: int) -> None:
        def tell(told: Told) -> None:
            os.write(out, line_of(told))

        try:
            till = Till(home, seed, tell, bug=bug, pause=_PAUSE, checkpoint=checkpoint)
            if fresh:
                till.set_up()
            while True:
                till.step()
        except BaseException as error:  # noqa: BLE001 - it goes to the harness, as a violation
            tell(Told(saved=False, kind="failed", error=f"{type(error).__name__}: {error}"))

    child, out = _forked(sell)
    with os.fdopen(out, "rb", buffering=0) as pipe:
        try:
            raw, begun = b"", time.perf_counter()
            while raw.count(b"\n") < lines:
                if not select.select([pipe], [], [], PATIENCE)[0]:
                    return None
                if not (more := pipe.read(65536)):
                    break
                raw += more
            gap = (time.perf_counter() - begun) / lines if lines else _AT_THE_START
            # The fault itself is a moment in time; nothing that is checked depends on it.
            time.sleep(fraction * 2 * gap)
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        return raw + pipe.read()


def _checked(home: Path, baseline: Baseline, raw: bytes) -> Verdict:
    """Check in a process of its own, as the next start of the program would be one."""

    def check(out: int) -> None:
        with closing(Checker(baseline)) as checker:
            verdict = checker.check(home, raw)
        os.write(out, msgspec.json.encode(verdict))

    child, out = _forked(check)
    with os.fdopen(out, "rb") as pipe:
        in_time = bool(select.select([pipe], [], [], PATIENCE)[0])
        if not in_time:
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not in_time:
            return Verdict((f"on: the check did not end in {PATIENCE:.0f} s",))
        answer = pipe.read()
    return msgspec.json.decode(answer, type=Verdict) if answer else Verdict((f"on: the check ended with {status}",))


def _forked(act: Callable[[int], None]) -> tuple[int, int]:
    """A child that acts and ends, and the end of the pipe that it writes to."""
    reads, writes = os.pipe()
    child = os.fork()
    if child:
        os.close(writes)
        return child, reads
    try:
        os.close(reads)
        act(writes)
    finally:
        os._exit(0)
