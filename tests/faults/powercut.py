"""`powercut`: the writes and syncs of the real code are recorded once, then cut at thousands of places.

Each case is one place in a trace and one of the states that a disk may be in after it; the real code opens that state.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.checker import Checker
from tests.faults.harness import (
    Crew,
    Outcome,
    Report,
    Template,
    Violation,
    judge,
    make_template,
    share,
    watched,
    workplace,
    write_home,
)
from tests.faults.history import Baseline, History
from tests.faults.record import TOLD, Script, compile_shim, record, told_in
from tests.faults.seeded import Bug
from tests.faults.till import Till
from tests.faults.trace import Disk, Operation

NAME = "powercut"
BUGS = (Bug.NO_SYNC, Bug.SAVED_BEFORE_COMMIT, Bug.TWO_COMMITS)

_CASES_A_TRACE = 500
_MOST_TRACES = 200
_STEPS = 45
_DOCTOR_EVERY = 10
"""The doctor takes three times as long as all the rest: it is asked in every tenth case."""

_PATTERN: tuple[dict[str, Any], ...] = (
    {"checkpoint": 40},
    {"checkpoint": None},
    {"checkpoint": 15},
    {"checkpoint": 40, "fresh": True},
    {"checkpoint": 25},
)
"""The recordings by turns: checkpoints now and then, none, many, the setting up of a shop, and, as the last one, a
till that begins where the power was cut before."""


@dataclass(frozen=True, slots=True)
class Task:
    """A trace to record and cases to cut it in.

    Attributes:
        bug: seeded; such a task ends when it is caught.
    """

    seed: int
    trace: int
    cases: range
    bug: Bug | None
    template: Template
    library: Path
    place: Path

    def __str__(self) -> str:
        return f"{NAME} --seed {self.seed}: trace {self.trace}, cases {self.cases.start} to {self.cases.stop - 1}"

    def script(self, *, before: bool = False) -> Script:
        """What is recorded, or was before the first cut. A seeded bug gets the plainest: its faults are in selling."""
        pattern = _PATTERN[0 if self.bug else self.trace % len(_PATTERN)]
        seed = f"{self.seed} trace {self.trace}{' before' if before else ''}"
        return Script(seed, _STEPS // 3 if before else _STEPS, bug=self.bug, **pattern)

    @property
    def again(self) -> bool:
        """Whether the till begins where the power was cut before."""
        return not self.bug and self.trace % len(_PATTERN) == len(_PATTERN) - 1


@dataclass(frozen=True, slots=True)
class Start:
    """Where a recorded till begins: the files, all of them synced, and what they hold."""

    files: dict[str, bytes] = field(default_factory=dict)
    baseline: Baseline = field(default_factory=Baseline)


def run(crew: Crew, seed: int, cases: int, seeded_cases: int, only: str = "") -> Report:
    """Record, cut, check, report.

    Args:
        seeded_cases: the most cases that each seeded bug gets.
        only: `TRACE.CASE`, the one case to replay.

    Raises:
        UnusableError: where the shim cannot be built or does not see what SQLite does.
    """
    with workplace() as place, tempfile.TemporaryDirectory() as tools:
        library = compile_shim(Path(tools))
        template = make_template(place / "template", seed)
        if only:
            trace, _, case = only.partition(".")
            parts = {int(trace): range(int(case), int(case) + 1)}
        else:
            traces = min(_MOST_TRACES, -(-cases // _CASES_A_TRACE))
            parts = {n: range(len(part)) for n, part in enumerate(share(cases, traces))}
        healthy = [Task(seed, trace, part, None, template, library, place) for trace, part in parts.items()]
        seeded = {bug: [Task(seed, 0, range(seeded_cases), bug, template, library, place)] for bug in BUGS}
        return judge(NAME, seed, crew, work, healthy=healthy, seeded={} if only else seeded)


def work(task: Task) -> Outcome:
    """Record a trace and do its cases, in a worker."""
    script = task.script()
    start = Start() if script.fresh else Start(task.template.files(), task.template.baseline)
    with tempfile.TemporaryDirectory(dir=task.place) as name:
        folder = Path(name)
        if task.again:
            start = _after_a_cut(task, start, folder)
        operations = record(task.library, folder / "recorded", start.files, script)
        if error := History.read(told_in(operations), start.baseline).error:
            where = f"{NAME} --seed {task.seed} --case {task.trace}.0"
            return Outcome(0, (Violation(where, f"the till failed by itself: {error}"),), 0)
        with closing(Checker(start.baseline)) as checker:
            return _cut(task, start, operations, checker, folder / "cut")


def _after_a_cut(task: Task, start: Start, folder: Path) -> Start:
    """A disk as an earlier power cut left it, log and all, and what it holds."""
    operations = record(task.library, folder / "before", start.files, task.script(before=True))
    chance = random.Random(f"{task.seed} {NAME} {task.trace} before")
    disk = Disk(start.files)
    for operation in operations[: chance.randint(len(operations) // 2, len(operations))]:
        if operation.path != TOLD:
            disk.do(operation)
    files = _left(disk, chance)
    write_home(folder / "copy", files)
    # To look is to open it, and that changes it: so it is done to a copy.
    with closing(Till(folder / "copy", f"{task.seed} copy", lambda _: None)) as till:
        return Start(files, till.baseline())


def _cut(task: Task, start: Start, operations: list[Operation], checker: Checker, home: Path) -> Outcome:
    """Go through the trace once, and stop at every cut."""
    cases = []
    for case in task.cases:
        chance = random.Random(f"{task.seed} {NAME} {task.trace}.{case}")
        cases.append((_place(operations, chance), case, chance))
    disk, told, place, done, unacknowledged, violations = Disk(start.files), b"", 0, 0, 0, []
    for cut, case, chance in sorted(cases, key=lambda item: item[:2]):
        told += told_in(operations[place:cut])
        for operation in operations[place:cut]:
            if operation.path != TOLD:
                disk.do(operation)
        place = cut
        write_home(home, _left(disk, chance))
        with watched():
            verdict = checker.check(home, told, doctor=case % _DOCTOR_EVERY == 0)
        shutil.rmtree(home)
        done += 1
        unacknowledged += verdict.unacknowledged
        where = f"{NAME} --seed {task.seed} --case {task.trace}.{case} (cut after {cut} of {len(operations)})"
        violations += [Violation(where, what) for what in verdict.violations]
        if task.bug and any(what.startswith(task.bug.breaks) for what in verdict.violations):
            break
    return Outcome(done, tuple(violations), unacknowledged)


def _place(operations: list[Operation], chance: random.Random) -> int:
    """Where to cut: anywhere, or, every other time, close to a sync or to something told, where promises are made."""
    place = chance.randint(1, len(operations))
    if chance.random() < 0.5:
        while operations[place - 1].kind != "s" and operations[place - 1].path != TOLD:
            place = place % len(operations) + 1
        place += chance.randint(-2, 2)
    return min(max(place, 1), len(operations))


def _left(disk: Disk, chance: random.Random) -> dict[str, bytes]:
    # SQLite's shared memory is no promise of anything: it is made anew after a cut.
    return {name: content for name, content in disk.after_a_cut(chance).items() if not name.endswith("-shm")}
