"""A real supermarket's tills send to a real head office, on each engine; every day adds up there as in the file."""

from __future__ import annotations

import csv
import json
import os
import sys
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.hq.codes import STOCK
from tests.cli import Cli
from tests.e2e.test_supermarket import open_shop, unpack
from tests.head_office import HeadOffice, new_database, postgres

DAYS_IN_CI, TILLS_IN_CI = 1, 2
_SAME = ("net", "orders", "pieces", "tax", "rounding", "returns", "list_value", "sold_value")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A real PostgreSQL."""
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def head_office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HeadOffice]:
    url = "" if request.param == "sqlite" else new_database(request.getfixturevalue("server"))
    made = HeadOffice(tmp_path / "hq", url)
    made.start()
    yield made
    if made.runs:
        made.stop()


def expected_days(rows: list[dict[str, str]]) -> dict[str, tuple[int, int, int]]:
    """Net, orders and pieces of each day, from the file alone."""
    days: dict[str, tuple[int, int, int]] = {}
    baskets: dict[str, set[str]] = {}
    for row in rows:
        net, _, pieces = days.get(row["date"], (0, 0, 0))
        baskets.setdefault(row["date"], set()).add(row["customer_id"])
        orders = len(baskets[row["date"]])
        days[row["date"]] = (net + int(row["amount"]) * 100, orders, pieces + int(row["quantity"]))
    return days


def reported(head_office: HeadOffice) -> dict[str, tuple[int, int, int]]:
    report = head_office.ok("report", "--from", "2000-01-01")
    return {day["date"]: (day["net"], day["orders"], day["pieces"]) for day in report["days"]}


def one_till(head_office: HeadOffice, cli: Cli, data: Path, folder: Path, days: int | None) -> dict[str, object]:
    """One till sells it all, then sends it all."""
    catalogue, sales, rows = unpack(data, folder, days)
    open_shop(cli, catalogue)
    cli.ok("replay", sales)
    cli.ok("enrol", "--hq", head_office.address, "--token", head_office.token("TF", "T1"))
    began = time.perf_counter()
    sent = cli.ok("sync")
    seconds = time.perf_counter() - began
    assert (sent["waiting"], sent["reached"]) == (0, True)
    assert reported(head_office) == expected_days(rows)
    assert cli.ok("sync")["sent"] == 0
    here = cli.ok("report", "--from", min(row["date"] for row in rows), "--to", max(row["date"] for row in rows))
    there = head_office.ok("report", "--from", "2000-01-01")
    for part in ("by_hour", "by_tender", "by_touchpoint", "by_guide"):
        assert there[part] == here[part]
    assert [(p["code"], p["net"], p["pieces"]) for p in there["by_product"]] == [
        (p["code"], p["net"], p["pieces"]) for p in here["by_product"]
    ]
    assert [{k: s[k] for k in _SAME} for s in there["stores"]] == [{k: here["total"][k] for k in _SAME}]
    assert head_office.ok("doctor")["ok"]
    return {"facts": sent["sent"], "seconds": round(seconds, 1), "a second": round(sent["sent"] / seconds)}


def many_tills(head_office: HeadOffice, data: Path, folder: Path, days: int | None, count: int) -> dict[str, object]:
    """The customers are split over many tills, which all send at once."""
    catalogue, _, rows = unpack(data, folder, days)
    with catalogue.open(encoding="utf-8", newline="") as file:
        goods = {row["product_id"]: row for row in csv.DictReader(file)}
    tills = [Cli(folder / f"till-{n}") for n in range(count)]
    for n, till in enumerate(tills):
        part = [row for row in rows if zlib.crc32(row["customer_id"].encode()) % count == n]
        _write(folder / f"goods-{n}.csv", [goods[code] for code in sorted({row["product_id"] for row in part})])
        _write(folder / f"sales-{n}.csv", part)
        till.ok(
            "setup", "--store", f"TF{n % 3}", "--terminal", f"T{n}", "--currency", "TWD", "--timezone", "Asia/Taipei"
        )
        till.ok("import", folder / f"goods-{n}.csv")
        till.ok("replay", folder / f"sales-{n}.csv")
        till.ok("enrol", "--hq", head_office.address, "--token", head_office.token(f"TF{n % 3}", f"T{n}"))
    began = time.perf_counter()
    with ThreadPoolExecutor(count) as crew:
        sent = list(crew.map(_send, [till.home for till in tills]))
    seconds = time.perf_counter() - began
    assert all(waiting == 0 for _, waiting in sent)
    assert reported(head_office) == expected_days(rows)
    assert all(again == (0, 0) for again in map(_send, [till.home for till in tills]))
    facts = sum(count for count, _ in sent)
    return {"tills": count, "facts": facts, "seconds": round(seconds, 1), "a second": round(facts / seconds)}


def _send(home: Path) -> tuple[int, int]:
    from core.shop.sync import Sync
    from core.shop.terminal import Terminal

    with Terminal(home) as terminal:
        done = Sync(terminal).run()
        while done.waiting:
            # Head office may say that it is busy.
            done = Sync(terminal).run()
    return done.sent, done.waiting


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.data
@pytest.mark.xdist_group("postgres")
def test_many_tills_at_once_say_the_same(head_office, data, tmp_path):
    many_tills(head_office, data, tmp_path, DAYS_IN_CI, TILLS_IN_CI)


@pytest.mark.parametrize("period", [(), ("--from", "2026-11-01")])
def test_a_chain_that_has_sold_nothing_reports_nothing(tmp_path, period):
    report = HeadOffice(tmp_path / "hq").ok("report", *period)
    assert (report["total"]["orders"], report["days"], report["stores"]) == (0, [], [])


def test_tills_sell_what_head_office_feeds_them(tmp_path):
    head_office, till = HeadOffice(tmp_path / "hq", ""), Cli(tmp_path / "till")
    goods, bad = tmp_path / "goods.csv", tmp_path / "bad.csv"
    goods.write_text("条码,货号,名称,售价\n9521000000377,,云岭矿泉水,2.00\n,BAG,购物袋,0.50\n", "utf-8")
    bad.write_text("工号,姓名,职务\nlin,林琳,king\n", "utf-8")
    head_office.start()
    try:
        assert head_office.ok("feed", "catalogue", goods, "--currency", "CNY")["added"] == 2
        code, answer = head_office.says("feed", "staff", bad)
        assert (code, answer["refused"][0]["reason"]) == (1, "bad_role")
        code, answer = head_office.says("feed", "catalogue", goods, "--terminal", "T1")
        assert (code, answer["error"]) == (1, "terminal_needs_store")
        till.ok("setup", "--store", "S1", "--terminal", "T1")
        till.ok("enrol", "--hq", head_office.address, "--token", head_office.token("S1", "T1"))
        # The goods, and a stock of blocks of codes.
        assert till.ok("sync")["pulled"] == 2 + STOCK
        assert till.ok("sell", "9521000000377", "BAG*2")["total"] == 300
        goods.write_text("货号,售价\nBAG,0.60\n", "utf-8")
        head_office.ok("feed", "catalogue", goods, "--store", "S1", "--whole")
        assert till.ok("sync")["pulled"] and till.ok("sell", "BAG")["total"] == 60
        assert head_office.ok("doctor")["ok"] and till.ok("doctor")["ok"]
    finally:
        head_office.stop()


def main() -> None:
    """The four months: STORE_ASSISTANT_TEST_DATA=… uv run python -m tests.e2e.test_head_office FOLDER [TILLS]"""
    import psutil

    place, tills = Path(sys.argv[1]), int((sys.argv[2:] or ["1"])[0])
    source = Path(os.environ["STORE_ASSISTANT_TEST_DATA"])
    with ExitStack() as stack:
        for engine in ("sqlite", "postgres"):
            folder = place / engine
            folder.mkdir(parents=True)
            url = new_database(stack.enter_context(postgres())) if engine == "postgres" else ""
            head_office = HeadOffice(folder / "hq", url)
            head_office.start()
            before = psutil.Process(head_office.pid).memory_info().rss
            if tills == 1:
                figures = one_till(head_office, Cli(folder / "home"), source, folder, None)
            else:
                figures = many_tills(head_office, source, folder, None, tills)
            after = psutil.Process(head_office.pid).memory_info().rss
            head_office.stop()
            print(json.dumps({"engine": engine, **figures, "memory, MB": [before >> 20, after >> 20]}), flush=True)


if __name__ == "__main__":
    main()
