"""Speed as ratios: `uv run python -m tests.bench [NAME…] [--json]`. Exit code 0 if every floor holds, else 1.

A benchmark whose peer this machine lacks is left out, and says so.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.harness import AbsentError, Benchmark, Measurement, Result, UnfitError, judge, unfit
from tests.bench.table import BENCHMARKS

_ROW = "{:<10} {:>12} {:>12} {:<8} {:>7} {:>6} {:>5}  {:<4} {}"


def run(name: str, benchmark: Benchmark) -> tuple[Result, Measurement | None] | None:
    """Measure one benchmark in a folder of its own. What it complains of goes to the standard error.

    Returns:
        Nothing where the machine has no such peer.
    """
    with TemporaryDirectory(prefix="store-bench-") as folder:
        try:
            measurement = benchmark.measure(Path(folder))
        except AbsentError as error:
            print(f"{name}: left out: {error}", file=sys.stderr)
            return None
        except UnfitError as error:
            print(f"{name}: {error}", file=sys.stderr)
            return unfit(name, benchmark.floor), None
    for violation in measurement.violations:
        print(f"{name}: {violation}", file=sys.stderr)
    return judge(name, benchmark.floor, measurement), measurement


def row(result: Result, measurement: Measurement | None) -> str:
    """A line of the table, with the spread of the runs behind it."""
    spread = unit = ""
    if measurement:
        unit = measurement.unit
        spread = f"ours {_range(measurement.ours)}, peer {_range(measurement.peer)}"
    return _ROW.format(
        result.name,
        f"{result.ours:,.2f}",
        f"{result.peer:,.2f}",
        unit,
        f"{result.ratio:.2f}",
        f"{result.floor:.2f}",
        result.runs,
        "ok" if result.ok else "FAIL",
        spread,
    ).rstrip()


def main(arguments: Sequence[str], benchmarks: Mapping[str, Benchmark]) -> int:
    """Run the benchmarks of these names, or all. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="tests.bench", description="Speed, each figure as a ratio against a peer.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(benchmarks)}; all if none is given")
    parser.add_argument("--json", action="store_true", help="an array of objects instead of a table")
    args = parser.parse_args(arguments)
    if unknown := [name for name in args.names if name not in benchmarks]:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(benchmarks)}")
    if not args.json:
        print(_ROW.format("name", "ours", "peer", "unit", "ratio", "floor", "runs", "", "spread"), flush=True)
    results = []
    for name in dict.fromkeys(args.names) or benchmarks:
        found = run(name, benchmarks[name])
        if found is None:
            continue
        result, measurement = found
        results.append(result)
        if not args.json:
            print(row(result, measurement), flush=True)
    if args.json:
        print(json.dumps([result.as_json() for result in results], indent=2))
    return 0 if all(result.ok for result in results) else 1


def _range(figures: Sequence[float]) -> str:
    return f"{min(figures):,.2f}…{max(figures):,.2f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], BENCHMARKS))
