"""The benchmarks by name. A new one is a module with `measure` and a row here."""

from __future__ import annotations

from functools import partial

from tests.bench import calm, ingest, issue, labels, push, sale, scan, start, symbols
from tests.bench.harness import Benchmark

BENCHMARKS = {
    "symbols": Benchmark(symbols.measure, floor=80),
    "symbols-c": Benchmark(symbols.measure_c, floor=2.5),
    "sheet": Benchmark(labels.measure_sheet, floor=8),
    "batch": Benchmark(labels.measure_batch, floor=35),
    "issue": Benchmark(issue.measure, floor=4),
    "calm": Benchmark(calm.measure, floor=0.2),
    "sale": Benchmark(sale.measure, floor=0.5),
    "push": Benchmark(push.measure, floor=30),
    "ingest": Benchmark(ingest.measure, floor=1.8),
    "scan": Benchmark(scan.measure, floor=0.5),
    "scan-unit": Benchmark(partial(scan.measure, what="units"), floor=0.3),
    "start": Benchmark(start.measure, floor=0.5),
    "ready": Benchmark(partial(start.measure, side="ready"), floor=0.25),
}
