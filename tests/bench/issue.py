"""A hundred thousand codes into the register of a real home: drawn, checked, as facts in the journal, durable.

The peer only stores: `insert_all` of sqlite-utils as it comes, a row a code and a transaction every hundred rows, into
a file with the same pragmas. Its serials are drawn before the clock starts.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from time import perf_counter

from sqlite_utils import Database

from core.database import connect
from core.shop import codes
from core.shop.terminal import SYSTEM, Terminal
from tests.bench.fixtures import gtin, open_shop
from tests.bench.harness import Measurement, UnfitError, alternate
from tests.bench.symbols import keys

CODES = 100_000
RUNS = 5


def measure(folder: Path) -> Measurement:
    """Codes a second."""

    def ours(run: int) -> float:
        home = open_shop(folder / f"ours{run}", 10)
        with Terminal(home.folder) as terminal:
            began = perf_counter()
            batch = codes.issue(terminal, SYSTEM, gtin(3), CODES)
            seconds = perf_counter() - began
        if batch.issued != CODES:
            raise UnfitError(f"{batch.issued} codes were issued")
        return CODES / seconds

    def peer(run: int) -> float:
        rows = [{"serial": key, "gtin": gtin(3), "batch": 1, "state": "issued"} for key in keys(CODES)]
        with closing(connect(folder / f"peer{run}.db")) as connection:
            began = perf_counter()
            Database(connection)["unit"].insert_all(rows, pk="serial")
            return CODES / (perf_counter() - began)

    return Measurement("codes/s", *alternate(ours, peer, RUNS))
