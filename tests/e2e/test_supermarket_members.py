"""The supermarket's customers as members: who they are and who comes again, beside the file alone."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from pathlib import Path

import pytest

from core.catalogue.files import read_catalogue
from core.events import Purpose
from core.shop import days, goods, members, replay
from core.shop.members import Form
from core.shop.terminal import SYSTEM, Terminal
from tests.builders import set_up_shop
from tests.e2e.test_supermarket import unpack

DAYS_IN_CI, REPEAT_DAYS = 2, 30
CONSENT = (Purpose.MEMBERSHIP,)


def expected(rows: list[dict[str, str]], known: set[str]) -> dict[str, dict[str, object]]:
    """Members' share, new members and who came again, for each day, from the file alone; minor units."""
    nets: dict[tuple[str, str], int] = Counter()
    for row in rows:
        nets[row["date"], row["customer_id"]] += int(row["amount"]) * 100
    first: dict[str, str] = {}
    for day, customer in sorted(nets):
        first.setdefault(customer, day)
    bought = defaultdict(set)
    for (day, customer), net in nets.items():
        if net > 0 and customer in known:
            bought[day].add(customer)
    found = {}
    for day in sorted({day for day, _ in nets}):
        window = [(date.fromisoformat(day) - timedelta(n)).isoformat() for n in range(REPEAT_DAYS)]
        visits = Counter(customer for one in window for customer in bought[one])
        net = sum(value for (when, _), value in nets.items() if when == day)
        theirs = sum(value for (when, customer), value in nets.items() if when == day and customer in known)
        found[day] = {
            "net": net,
            "member_net": theirs,
            "member_share": (Decimal(theirs) / net).quantize(Decimal("0.0001"), ROUND_HALF_UP),
            "new_members": sum(first[customer] == day for customer in known),
            "members": len(visits),
            "again": sum(count > 1 for count in visits.values()),
        }
    return found


def run(data: Path, folder: Path, last: int | None, every: int) -> dict[str, int]:
    """Bind one customer of so many on the day of their first basket, replay the file, compare each day."""
    catalogue, sales, rows = unpack(data, folder, last)
    kept = {row["date"] for row in rows}
    first: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: row["date"]):
        first.setdefault(row["customer_id"], row["date"])
    known = {customer: day for n, (customer, day) in enumerate(sorted(first.items())) if n % every == 0}
    with Terminal(folder / "home") as terminal:
        shop = set_up_shop(terminal, currency="TWD", timezone="Asia/Taipei", products=())
        file = read_catalogue(catalogue, "TWD")
        goods.import_catalogue(terminal, SYSTEM, file, tick=lambda _: None)
        for n, (customer, day) in enumerate(known.items()):
            at = terminal.read(lambda view, day=day: view.calendar.instant(day, "09:00")).result()
            form = Form(terminal.ids.new(), f"138{n:08}", CONSENT, card=customer)
            terminal.write(partial(members.bind, by=SYSTEM, form=form, at=at)).result()
        baskets, refused = replay.read_transactions(sales, "TWD")
        assert not refused
        assert not replay.replay(terminal, SYSTEM, baskets, tick=lambda _: None).refused
        for day, wanted in expected(rows, set(known)).items():
            report = terminal.read(partial(days.day_report, by=SYSTEM, start=day, end=day)).result()
            total, repeat = report.total, report.repeat
            assert wanted == {
                "net": total.net,
                "member_net": total.member_net,
                "member_share": total.member_share,
                "new_members": total.new_members,
                "members": repeat.members,
                "again": repeat.again,
            }, day
        assert shop.diagnosis(full=True).ok
    return {"days": len(kept), "members": len(known), "baskets": len(baskets)}


@pytest.mark.data
def test_members_of_a_supermarket(data, tmp_path):
    assert run(data, tmp_path, DAYS_IN_CI, every=4)["members"] > 200


if __name__ == "__main__":
    # The four months: STORE_ASSISTANT_TEST_DATA=… uv run python -m tests.e2e.test_supermarket_members FOLDER
    place = Path(sys.argv[1])
    place.mkdir(parents=True)
    began = time.monotonic()
    result = run(Path(os.environ["STORE_ASSISTANT_TEST_DATA"]), place, last=None, every=1)
    print(json.dumps(result), f"{time.monotonic() - began:.0f} s")
