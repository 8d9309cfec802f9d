"""From the first key of a scan to its line on the screen, in a shop of a million products and ten million units.

The peer is what cannot be left out: the look-up in the same file, and a table of the same size that paints the line.
"""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench import child
from tests.bench.fixtures import PRODUCTS, UNITS, open_shop
from tests.bench.harness import Measurement, UnfitError, alternate

SCANS = 300
RUNS = 5


def measure(folder: Path, what: str = "products") -> Measurement:
    """Milliseconds a scan; a run's figure is the median of its scans.

    Args:
        what: `products`, the thirteen digits below the bars; `units`, a link of sixty characters, each of which the
            window sees go down and up again.
    """
    home = open_shop(folder / "home", PRODUCTS, UNITS)
    table = ""

    def ours(run: int) -> float:
        nonlocal table
        told = _scanned("shop", home.folder, run, SCANS, what, folder=folder)
        table = told["table"]
        return median(told["milliseconds"])

    def peer(run: int) -> float:
        return median(_scanned("bare", home.file, run, SCANS, what, table, folder=folder)["milliseconds"])

    return Measurement("ms", *alternate(ours, peer, RUNS), lower_is_better=True)


def _scanned(side: str, *arguments: object, folder: Path) -> dict[str, Any]:
    """Run a side of `tests.bench.counter_window`."""
    told: dict[str, Any] = json.loads(
        child.finish(child.start(f"tests.bench.counter_window:{side}", *arguments, folder=folder))
    )
    if len(told["milliseconds"]) != SCANS:
        raise UnfitError(f"{side} painted {len(told['milliseconds'])} of {SCANS} lines")
    return told
