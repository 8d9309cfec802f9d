"""The benchmarks by name. A new one is a module with `measure` and a row here."""

from __future__ import annotations

from functools import partial

from tests.bench import sale, scan, start
from tests.bench.harness import Benchmark

BENCHMARKS = {
    "sale": Benchmark(sale.measure, floor=0.5),
    "scan": Benchmark(scan.measure, floor=0.5),
    "start": Benchmark(start.measure, floor=0.5),
    "ready": Benchmark(partial(start.measure, side="ready"), floor=0.25),
}
