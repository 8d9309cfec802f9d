"""A file of transactions through the counter."""

from __future__ import annotations

from functools import partial

import pytest

from core.errors import RefusedError
from core.shop import days, selling
from core.shop.replay import Replayed, read_transactions, replay
from core.shop.terminal import SYSTEM

HEAD = "date,customer_id,product_id,quantity,amount\n"
LINES = """2000-11-01,C1,9521000000377,2,4
2000-11-01,C2,BAG-L,1,0.5
2000-11-02,C1,9521000008144,1,50
2000-11-01,C1,BAG-L,3,1.50
"""


@pytest.fixture
def run(shop, tmp_path):
    def run(text: str) -> tuple[Replayed, list[tuple[int, str]]]:
        path = tmp_path / "sales.csv"
        path.write_text(text, encoding="utf-8")
        baskets, unreadable = read_transactions(path, "CNY")
        done = replay(shop.terminal, SYSTEM, baskets, tick=lambda _: None)
        return done, [(bad.line, bad.reason.code) for bad in (*unreadable, *done.refused)]

    return run


def figures(shop, date: str):
    return shop.terminal.read(partial(days.day_report, by=SYSTEM, start=date, end=date)).result().total


def test_a_basket_is_one_customers_day_wherever_its_lines_stand(run, shop):
    done, refused = run(HEAD + LINES)
    assert (done.baskets, done.lines, done.units, done.revenue, refused) == (3, 4, 7, 5600, [])
    assert (figures(shop, "2000-11-01").net, figures(shop, "2000-11-01").orders) == (600, 2)
    assert shop.diagnosis().ok


def test_a_second_run_repeats_nothing(run, shop):
    assert run(HEAD + LINES) == run(HEAD + LINES)
    assert figures(shop, "2000-11-01").orders == 2


def test_a_named_basket_and_a_time(run, shop):
    done, _ = run(
        "date,time,basket,product_id,quantity,amount\n"
        "2000-11-01,09:30,B1,BAG-L,1,0.5\n2000-11-01,21:05:10,B2,BAG-L,1,0.5\n"
    )
    assert done.baskets == 2
    report = shop.terminal.read(partial(days.day_report, by=SYSTEM, start="2000-11-01")).result()
    assert [group.key for group in report.by_hour] == ["9", "21"]


def test_dates_a_century_apart_have_receipts_of_their_own(run, shop):
    done, refused = run(HEAD + "1926-11-01,C1,BAG-L,1,0.5\n2026-11-01,C1,BAG-L,1,0.5\n")
    assert (done.baskets, refused) == (2, [])
    found = shop.terminal.read(partial(selling.find_receipts)).result()
    assert [row.receipt.partition("-")[2] for row in found] == ["261101-0001", "19261101-0001"]


def test_a_basket_too_large_for_one_fact_is_refused_and_no_other(run, shop):
    many = "".join(f"2000-11-01,C9,9521000000377,1,{n}\n" for n in range(2500))
    done, refused = run(HEAD + LINES + many)
    assert (done.baskets, refused) == (3, [(6, "too_much_at_once")])
    assert shop.diagnosis().ok


def test_negative_lines_are_blind_returns(run, shop):
    done, refused = run(HEAD + "2000-11-01,C1,9521000000377,1,2\n2000-11-01,C2,9521000000377,-2,-4\n")
    assert (done.units, done.revenue, refused) == (-1, -200, [])
    day = figures(shop, "2000-11-01")
    assert (day.orders, day.returns, day.returned_pieces) == (1, 400, 2)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("2000-11-01,C2,6901234567892,1,1", "unknown_product"),
        ("2000-11-01,C2,BAG-L,0,1", "bad_quantity_in_file"),
        ("2000-11-01,C2,BAG-L,1.5,1", "bad_quantity_in_file"),
        ("2000-11-01,C2,BAG-L,1,-1", "bad_quantity_in_file"),
        ("2000-11-31,C2,BAG-L,1,1", "bad_date"),
        ("0001-01-01,C2,BAG-L,1,1", "bad_date"),
        ("2000-11-01,C2,134567890123456789,1,1", "payment_code"),
        ("2000-11-01,C2,BAG-L,1,1e9", "bad_amount"),
        ("2000-11-01,C2,,1,1", "bad_code"),
        ("2000-11-01,C2", "bad_amount"),
    ],
)
def test_a_bad_line_refuses_its_basket_and_no_other(run, line, code):
    done, refused = run(HEAD + LINES + line + "\n")
    assert refused == [(6, code)]
    # The other line of that customer on that day is not sold either.
    assert done.baskets == (2 if line.startswith("2000-11-01") else 3)


def test_a_file_without_its_columns_is_refused(run):
    with pytest.raises(RefusedError, match="no_column"):
        run("date,product_id\n")


def test_a_basket_that_changed_since_is_refused_loudly(run):
    run(HEAD + LINES)
    _, refused = run(HEAD + LINES.replace(",2,4", ",2,5"))
    assert refused == [(2, "form_changed")]


def test_a_phone_tells_no_baskets_apart(run):
    """A digest of it would stay in the facts, and there are few enough phones to try them all."""
    text = f"{HEAD}2000-11-01,13800001234,BAG-L,1,0.5\n2000-11-01,C2,BAG-L,1,0.5\n"
    done, refused = run(text)
    assert (done.baskets, refused) == (1, [(2, "phone_in_words")])
