"""Figures of days and periods."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import RefusedError
from core.events import TenderKind
from core.reports.kpi import Figures, ratio, total
from core.sales.payment import Payment
from core.shop import days
from core.shop.terminal import SYSTEM
from tests.builders import RICE, WATER


def test_the_ratios_of_the_standard_definitions():
    figures = Figures(net=30_000, orders=75, pieces=150, returns=1_000, sold_value=31_000, list_value=40_000)
    assert figures.per_order == 400
    assert figures.per_piece == 200
    assert figures.pieces_per_order == Decimal("2.0000")
    assert figures.return_rate == Decimal("0.0323")
    assert figures.price_level == Decimal("0.7750")
    assert figures.member_share == Decimal("0.0000")


def test_nothing_is_divided_by_nothing():
    empty = Figures()
    assert {empty.per_order, empty.per_piece, empty.pieces_per_order, empty.return_rate, empty.price_level} == {None}
    assert ratio(1, 0) is None and ratio(1, -1) is None


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 500)), min_size=1, max_size=20))
def test_ratios_come_from_sums(days_):
    figures = total(Figures(net=net, orders=orders) for net, orders in days_)
    net, orders = sum(net for net, _ in days_), sum(orders for _, orders in days_)
    assert abs(figures.per_order * orders - net) * 2 <= orders


def test_a_period_holds_its_days_only(shop, clock):
    shop.sell((WATER, 1))
    clock.go(hours=24)
    shop.sell((RICE, 1), payments=(Payment(TenderKind.ALIPAY, None, "A1"),))
    clock.go(hours=24)
    shop.sell((WATER, 5))
    found = shop.terminal.read(partial(days.day_report, by=SYSTEM, start="2026-11-23", end="2026-11-24")).result()
    assert [(date, figures.net) for date, figures in found.days] == [("2026-11-23", 200), ("2026-11-24", 4990)]
    assert [(g.tender, g.amount, g.count) for g in found.by_tender] == [("alipay", 4990, 1), ("cash", 200, 1)]
    assert [(g.key, g.net) for g in found.by_hour] == [("10", 5190)]
    assert [(g.name, g.net, g.pieces) for g in found.by_product] == [("稻香大米", 4990, 1), ("云岭矿泉水", 200, 1)]


def test_without_dates_it_is_the_current_business_day(shop, clock):
    shop.set("day_cutover", "4")
    shop.sell((WATER, 1))
    clock.go(hours=17.5)
    assert shop.terminal.read(partial(days.day_report, by=SYSTEM)).result().start == "2026-11-23"
    clock.go(hours=1)
    found = shop.terminal.read(partial(days.day_report, by=SYSTEM)).result()
    assert (found.start, found.total.orders) == ("2026-11-24", 0)


def test_a_period_that_ends_before_it_starts(shop):
    with pytest.raises(RefusedError, match="bad_period"):
        shop.terminal.read(partial(days.day_report, by=SYSTEM, start="2026-11-24", end="2026-11-23")).result()
