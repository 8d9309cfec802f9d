"""`sync`: whole chains live through everything that can happen to them, in one thread and without a real clock."""

from __future__ import annotations

import logging
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.faults.chain_world import World
from tests.faults.harness import Crew, Outcome, Report, Violation, judge, share, watched, workplace
from tests.faults.sync_bugs import SyncBug, put_in

NAME = "sync"


@dataclass(frozen=True, slots=True)
class Task:
    """Some histories; those with a bug end when it is caught."""

    seed: int
    cases: range
    bug: SyncBug | None
    place: Path

    def __str__(self) -> str:
        return f"{NAME} --seed {self.seed}: cases {self.cases.start} to {self.cases.stop - 1}"


def run(crew: Crew, seed: int, cases: int, seeded_cases: int, only: str = "") -> Report:
    """Live the histories, check, report.

    Args:
        seeded_cases: the most histories that each seeded bug gets.
        only: number of the one history to live again.
    """
    with workplace() as place:
        if only:
            number = int(only)
            return judge(
                NAME, seed, crew, work, healthy=[Task(seed, range(number, number + 1), None, place)], seeded={}
            )
        parts = 4 * (os.cpu_count() or 1)
        return judge(
            NAME,
            seed,
            crew,
            work,
            healthy=[Task(seed, part, None, place) for part in share(cases, parts)],
            seeded={bug: [Task(seed, range(seeded_cases), bug, place)] for bug in SyncBug},
        )


def work(task: Task) -> Outcome:
    """Live the histories of a task."""
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    logging.disable(logging.CRITICAL)
    violations: list[Violation] = []
    done = 0
    with put_in(task.bug):
        for number in task.cases:
            with watched():
                found = history(task, number)
            violations += [Violation(f"{NAME} --seed {task.seed} --case {number}", what) for what in found]
            done += 1
            if task.bug and violations:
                break
    return Outcome(done, tuple(violations), 0)


def history(task: Task, number: int) -> list[str]:
    """Live one history. Returns what it violated."""
    folder = task.place / f"{task.bug.name if task.bug else 'healthy'}-{task.seed}-{number}"
    folder.mkdir()
    world = World(folder, f"{task.seed} {number}")
    try:
        world.live()
        return world.found
    except Exception as error:
        if task.bug is None:
            raise
        # A program that falls over a bug was caught as well.
        return [*world.found, f"I7: {type(error).__name__}: {error}"]
    finally:
        world.close()
        shutil.rmtree(folder, ignore_errors=True)
