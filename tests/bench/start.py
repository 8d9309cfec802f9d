"""From the start of the process to the first window, painted; and to the counter in it, ready to sell.

The peer of both is a process with nothing but an empty `QMainWindow`. Besides, whatever the counter does not need must
not have been imported by then.
"""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from tests.bench import child
from tests.bench.first_window import PAINTED
from tests.bench.fixtures import open_shop
from tests.bench.harness import Measurement, UnfitError, alternate

PRODUCTS = 1_000
RUNS = 15
LATE = (
    "sqlite_utils",
    "qrcode",
    "PIL",
    "numpy",
    "openpyxl",
    "pypinyin",
    "babel",
    "biip",
    "cryptography",
    "pyqtgraph",
    "xlsxwriter",
)
"""What is imported when it is first needed; the first window needs none of it."""


def measure(folder: Path, side: str = "shop") -> Measurement:
    """Milliseconds.

    Args:
        side: `shop`, until the first paint; `ready`, until cart and day are there.
    """
    home = open_shop(folder / "home", PRODUCTS)
    early: set[str] = set()

    def ours(_run: int) -> float:
        milliseconds, modules = first_window(side, home.folder, folder=folder)
        early.update(set(LATE) & modules)
        return milliseconds

    def peer(_run: int) -> float:
        return first_window("bare", folder=folder)[0]

    # Not counted: the first start of each side writes the byte code of its modules and warms the disk's cache.
    ours(-1)
    peer(-1)
    figures = alternate(ours, peer, RUNS)
    violations = (f"imported too early: {', '.join(sorted(early))}",) if early else ()
    return Measurement("ms", *figures, lower_is_better=True, violations=violations)


def first_window(side: str, *arguments: object, folder: Path) -> tuple[float, set[str]]:
    """Start a side of `tests.bench.first_window`.

    Returns:
        Milliseconds from before the process until it said that it had painted, and what it had imported.
    """
    began = perf_counter()
    process = child.start(f"tests.bench.first_window:{side}", *arguments, folder=folder)
    assert process.stdout
    said = process.stdout.readline().strip()
    milliseconds = (perf_counter() - began) * 1000
    modules = child.finish(process)
    if said != PAINTED:
        raise UnfitError(f"the window did not paint: {said}")
    return milliseconds, set(modules.split())
