"""What every benchmark shares: alternating runs, medians, and a ratio that says how many times better ours is.

A figure alone means nothing on another machine, so every benchmark measures a peer in the same minutes. Runs
alternate, ours then peer, so that whatever else the machine does meets both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

FEWEST_RUNS = 3


class UnfitError(Exception):
    """The two sides cannot be compared: one of them failed, or they did not do the same work."""


class AbsentError(Exception):
    """This machine has no such peer; the benchmark is left out."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """Figures of alternating runs, one of each side a run.

    Attributes:
        unit: of the figures.
        lower_is_better: a duration; else a throughput.
        violations: what else the benchmark demands and did not find; one of them fails it whatever its ratio.
    """

    unit: str
    ours: Sequence[float]
    peer: Sequence[float]
    lower_is_better: bool = False
    violations: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.ours) != len(self.peer) or len(self.ours) < FEWEST_RUNS:
            raise UnfitError(f"{len(self.ours)} runs of ours and {len(self.peer)} of the peer")
        if min(*self.ours, *self.peer) <= 0:
            raise UnfitError("a figure of zero or less was not measured")

    @property
    def ratio(self) -> float:
        """How many times better than the peer: 2 is twice as good, 0.5 half as good."""
        ours, peer = median(self.ours), median(self.peer)
        return peer / ours if self.lower_is_better else ours / peer


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One row of the table of benchmarks.

    Attributes:
        measure: does the work in an empty folder that is its own.
        floor: the ratio below which it fails.
    """

    measure: Callable[[Path], Measurement]
    floor: float


@dataclass(frozen=True, slots=True)
class Result:
    """What is reported of a benchmark; `ours` and `peer` are medians, `runs` counts the runs of each side."""

    name: str
    ours: float
    peer: float
    ratio: float
    floor: float
    ok: bool
    runs: int

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def judge(name: str, floor: float, measurement: Measurement) -> Result:
    """Hold a measurement against its floor."""
    return Result(
        name,
        median(measurement.ours),
        median(measurement.peer),
        measurement.ratio,
        floor,
        measurement.ratio >= floor and not measurement.violations,
        len(measurement.ours),
    )


def unfit(name: str, floor: float) -> Result:
    """The result of a benchmark that could not be measured; its ratio is a number all the same."""
    return Result(name, 0.0, 0.0, 0.0, floor, False, 0)


def alternate(
    ours: Callable[[int], float], peer: Callable[[int], float], runs: int = FEWEST_RUNS
) -> tuple[list[float], list[float]]:
    """Measure ours, peer, ours, peer, …; each side gets the number of the run and returns its figure."""
    pairs = [(ours(run), peer(run)) for run in range(runs)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]
