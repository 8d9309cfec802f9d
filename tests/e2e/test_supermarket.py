"""Four months of a real supermarket through the counter; every day adds up."""

from __future__ import annotations

import csv
import json
import lzma
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from core.codes.gs1 import gtin14
from tests.cli import ROOT, Cli

DAYS_IN_CI, DAYS_BY_UNIT_IN_CI, DAYS_BY_UNIT = 3, 1, 10


def unpack(data: Path, folder: Path, days: int | None) -> tuple[Path, Path, list[dict[str, str]]]:
    """The catalogue, the transactions of the first days, and their rows."""
    catalogue, sales = folder / "catalogue.csv", folder / "sales.csv"
    catalogue.write_bytes(lzma.decompress((data / "catalogue_tafeng.csv.xz").read_bytes()))
    with lzma.open(data / "tafeng.csv.xz", "rt", encoding="utf-8", newline="") as file:
        header, *lines = file
    # The date is in front of each line; days lie across each other.
    kept = set(sorted({line[:10] for line in lines})[:days])
    rows = list(csv.DictReader([header, *(line for line in lines if line[:10] in kept)]))
    with sales.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return catalogue, sales, rows


def expected_days(rows: list[dict[str, str]], catalogue: Path) -> dict[str, dict[str, object]]:
    """What each day must say, computed from the file alone. Money in minor units of TWD (two decimals)."""
    with catalogue.open(encoding="utf-8", newline="") as file:
        prices = {row["product_id"]: Decimal(row["unit_price"]) for row in csv.DictReader(file)}
    nets: Counter[str] = Counter()
    pieces: Counter[str] = Counter()
    lists: dict[str, Decimal] = defaultdict(Decimal)
    baskets: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        day = row["date"]
        nets[day] += int(row["amount"]) * 100
        pieces[day] += int(row["quantity"])
        lists[day] += prices[row["product_id"]] * int(row["quantity"]) * 100
        baskets[day].add(row["customer_id"])

    def quotient(part: Decimal | int, whole: Decimal | int, places: str) -> Decimal:
        return (Decimal(part) / Decimal(whole)).quantize(Decimal(places), ROUND_HALF_UP)

    return {
        day: {
            "net": nets[day],
            "orders": len(baskets[day]),
            "pieces": pieces[day],
            "returns": 0,
            "returned_pieces": 0,
            "sold_value": nets[day],
            "list_value": int(lists[day]),
            "tax": 0,
            "rounding": 0,
            "member_net": 0,
            "member_orders": 0,
            "new_members": 0,
            "per_order": int(quotient(nets[day], len(baskets[day]), "1")),
            "per_piece": int(quotient(nets[day], pieces[day], "1")),
            "pieces_per_order": quotient(pieces[day], len(baskets[day]), "0.0001"),
            "return_rate": Decimal(0),
            "price_level": quotient(nets[day], lists[day], "0.0001"),
            "member_share": Decimal(0),
            "member_order_share": Decimal(0),
        }
        for day in nets
    }


def open_shop(cli: Cli, catalogue: Path) -> None:
    cli.ok("setup", "--store", "TF", "--terminal", "T1", "--currency", "TWD", "--timezone", "Asia/Taipei")
    assert cli.ok("import", catalogue)["added"] == 23_812


def check_days(cli: Cli, expected: dict[str, dict[str, object]]) -> None:
    done = cli("report", "--from", min(expected), "--to", max(expected), "--json")
    report = json.loads(done.out, parse_float=Decimal)
    found = {day.pop("date"): day for day in report["days"]}
    assert found == expected


def kill_while_replaying(cli: Cli, sales: Path, seconds: float) -> None:
    """Start a replay and end it at a moment of its work."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), "replay", str(sales), "--home", str(cli.home)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run(cli: Cli, data: Path, folder: Path, *, days: int | None, kills: int, longest: float) -> dict[str, object]:
    """The whole proof; returns what the replay said."""
    catalogue, sales, rows = unpack(data, folder, days)
    expected = expected_days(rows, catalogue)
    open_shop(cli, catalogue)
    chance = random.Random(2000)
    for _ in range(kills):
        kill_while_replaying(cli, sales, chance.uniform(0.3, longest))
    done: dict[str, object] = cli.ok("replay", sales)
    baskets = len({(row["date"], row["customer_id"]) for row in rows})
    assert done["baskets"] == baskets and done["lines"] == len(rows) and done["refused"] == []
    assert done["units"] == sum(int(row["quantity"]) for row in rows)
    assert done["revenue"] == sum(int(row["amount"]) for row in rows) * 100
    check_days(cli, expected)
    doctor = cli.ok("doctor")
    # One fact a basket, besides the set-up and the catalogue.
    assert doctor["ok"] and doctor["events"] == baskets + 2
    return done


def run_by_unit(cli: Cli, data: Path, folder: Path, days: int) -> dict[str, object]:
    """The same with a code of its own on every piece, each sold once; returns what the replay said."""
    catalogue, sales, rows = unpack(data, folder, days)
    open_shop(cli, catalogue)
    done: dict[str, object] = cli.ok("replay", sales, "--units")
    pieces: Counter[str] = Counter()
    for row in rows:
        pieces[row["product_id"]] += int(row["quantity"])
    assert done["refused"] == [] and done["units"] == sum(pieces.values())
    check_days(cli, expected_days(rows, catalogue))
    batches = cli.ok("codes", "list", "--limit", len(pieces))
    with_codes = {batch["gtin"]: batch for batch in batches}
    assert len(with_codes) == len(batches) > 0
    for batch in batches:
        assert batch["issued"] == batch["sold"] > 0 and batch["on_hand"] == batch["void"] == batch["missing"] == 0
    coded = sum(batch["issued"] for batch in batches)
    assert coded == sum(count for code, count in pieces.items() if gtin14(code))
    assert cli.ok("doctor")["ok"]
    # A second time it repeats nothing.
    assert cli.ok("replay", sales, "--units")["units"] == done["units"]
    check_days(cli, expected_days(rows, catalogue))
    assert cli.ok("codes", "list", "--limit", len(pieces)) == batches
    return done | {"with a code": coded}


@pytest.mark.data
def test_the_first_day_adds_up_by_unit(cli, data, tmp_path):
    run_by_unit(cli, data, tmp_path, DAYS_BY_UNIT_IN_CI)


@pytest.mark.data
def test_the_first_days_add_up_though_the_program_is_killed(cli, data, tmp_path):
    run(cli, data, tmp_path, days=DAYS_IN_CI, kills=3, longest=2)


if __name__ == "__main__":
    # The four months: STORE_ASSISTANT_TEST_DATA=… uv run python -m tests.e2e.test_supermarket FOLDER [KILLS | units]
    import os

    place = Path(sys.argv[1])
    place.mkdir(parents=True)
    began = time.monotonic()
    source = Path(os.environ["STORE_ASSISTANT_TEST_DATA"])
    how = (sys.argv[2:] or ["0"])[0]
    if how == "units":
        result = run_by_unit(Cli(place / "home"), source, place, DAYS_BY_UNIT)
    else:
        result = run(Cli(place / "home"), source, place, days=None, kills=int(how), longest=30)
    print(json.dumps(result), f"{time.monotonic() - began:.0f} s")
