"""`python -m tests.faults [NAME…] --size ci|nightly|release [--seed N] [--json]`

Exit code 0: nothing violated and every seeded bug caught; 1: not so; 2: the command line is wrong; 3: this machine
cannot run a harness.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from collections.abc import Sequence

from tests.faults import chain_kill, kill, powercut, simulation
from tests.faults.harness import Crew, Report, UnusableError

# Cases, then the most cases that each seeded bug gets.
SIZES = {
    "ci": {kill.NAME: (300, 60), powercut.NAME: (4_000, 400), simulation.NAME: (300, 150), chain_kill.NAME: (20, 20)},
    "nightly": {
        kill.NAME: (1_000, 60),
        powercut.NAME: (20_000, 400),
        simulation.NAME: (3_000, 300),
        chain_kill.NAME: (200, 40),
    },
    "release": {
        kill.NAME: (20_000, 60),
        powercut.NAME: (500_000, 400),
        simulation.NAME: (30_000, 300),
        chain_kill.NAME: (2_000, 40),
    },
}
_RUN = {module.NAME: module.run for module in (kill, powercut, simulation, chain_kill)}
_SHOWN = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run harnesses; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="tests.faults", description="Kills, power cuts and simulated chains, with seeded bugs."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{' | '.join(_RUN)}; all, if none is given")
    parser.add_argument("--size", choices=SIZES, default="ci")
    parser.add_argument("--seed", type=int, help="what is random follows from it; a new one, if not given")
    parser.add_argument("--case", default="", help="replay one case of one harness, as a violation names it")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in _RUN]:
        parser.error(f"no such harness: {', '.join(unknown)}; there are {', '.join(_RUN)}")
    if options.case and (len(options.names) != 1 or options.seed is None):
        parser.error("--case needs one harness and its --seed")
    seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    reports = []
    try:
        for name in options.names or _RUN:
            cases, seeded_cases = SIZES[options.size][name]
            with Crew() as crew:
                report = _RUN[name](crew, seed, cases, seeded_cases, options.case)
            reports.append(report)
            _tell(report, options.json)
    except UnusableError as error:
        print(error, file=sys.stderr)
        return 3
    if options.json:
        print(json.dumps([_row(report) for report in reports]))
    return 0 if all(report.ok for report in reports) else 1


def _tell(report: Report, quiet: bool) -> None:
    for violation in report.found[:_SHOWN]:
        print(f"{violation.where}: {violation.what}", file=sys.stderr)
    if len(report.found) > _SHOWN:
        print(f"… and {len(report.found) - _SHOWN} more", file=sys.stderr)
    for bug in report.missed:
        print(f"{report.harness} --seed {report.seed}: the seeded bug was not caught: {bug}", file=sys.stderr)
    if not quiet:
        print(
            f"{report.harness}: {report.cases} cases, {report.violations} violations,"
            f" {report.seeded_caught} of {report.seeded_total} seeded bugs caught,"
            f" {report.per_second} cases/s, seed {report.seed}"
            f" ({report.unacknowledged} cases with a commit that nobody was told of)",
            flush=True,
        )


def _row(report: Report) -> dict[str, object]:
    names = ("harness", "cases", "violations", "seeded_caught", "seeded_total", "per_second", "seed")
    return {name: getattr(report, name) for name in names}


if __name__ == "__main__":
    sys.exit(main())
