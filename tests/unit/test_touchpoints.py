"""Touchpoints: named as data, told with each binding, and what became of those who were won at each."""

from __future__ import annotations

import random
from collections import defaultdict
from functools import partial

import pytest

from core import events
from core.errors import RefusedError
from core.events import MemberBound, Purpose, SaleCompleted
from core.journal import entries
from core.reports.kpi import Funnel
from core.sales import cart as carts
from core.shop import days, members, touchpoints
from core.shop.terminal import SYSTEM
from tests.builders import RICE, WATER, Shop

PLACES = ("counter", "shelf-1", "group-A", "parcel")


def change(shop: Shop, id_: str, name: str = "Shelf", category: str = "offline", **more: bool):
    return shop.terminal.write(
        partial(touchpoints.change, by=SYSTEM, id_=id_, name=name, category=category, **more)
    ).result()


def listed(shop: Shop) -> list[str]:
    return [one.id for one in shop.terminal.read(touchpoints.all_touchpoints).result() if one.active]


def refused(code: str):
    return pytest.raises(RefusedError, match=rf"^{code}\b")


def test_the_counter_is_always_there_and_the_rest_is_data(shop):
    assert listed(shop) == ["counter"]
    change(shop, "shelf-1")
    change(shop, "group-A", "Mothers of the block", "social")
    before = shop.diagnosis().events
    change(shop, "shelf-1")
    assert listed(shop) == ["counter", "group-A", "shelf-1"] and shop.diagnosis().events == before
    change(shop, "shelf-1", active=False)
    change(shop, "counter", "Till by the door")
    assert listed(shop) == ["counter", "group-A"]
    with refused("counter_stays"):
        change(shop, "counter", active=False)
    assert shop.diagnosis(full=True).ok


@pytest.mark.parametrize(
    ("id_", "name", "category", "code"),
    [
        ("", "x", "offline", "bad_touchpoint"),
        ("a b", "x", "offline", "bad_touchpoint"),
        ("x" * 21, "x", "offline", "bad_touchpoint"),
        ("x", " ", "offline", "bad_touchpoint"),
        ("x", "x" * 41, "offline", "bad_touchpoint"),
        ("x", "x", "anywhere", "bad_touchpoint_kind"),
        ("x", "134567890123456789", "online", "payment_code"),
    ],
)
def test_what_is_no_touchpoint_is_refused(shop, id_, name, category, code):
    with refused(code):
        change(shop, id_, name, category)


def test_a_binding_says_where_it_was(shop):
    change(shop, "shelf-1")
    assert shop.bind("13812345678", touchpoint="shelf-1").standing.touchpoint == "shelf-1"
    assert shop.bind("13912345678").standing.touchpoint == "counter"
    change(shop, "shelf-1", active=False)
    for gone in ("shelf-1", "nowhere"):
        with refused("no_such_touchpoint"):
            shop.bind("13712345678", touchpoint=gone)


def recounted(shop: Shop, start: str, end: str) -> tuple[Funnel, ...]:
    """From the journal's facts alone."""

    def facts(view):
        return [events.decode(entry.raw) for entry in entries(view.connection)]

    won: dict[str, str] = {}
    bought: dict[str, set[str]] = defaultdict(set)
    nets: dict[str, int] = defaultdict(int)
    days_net: dict[tuple[str, str], list[int]] = defaultdict(list)
    for event in shop.terminal.read(facts).result():
        if isinstance(event, MemberBound) and start <= event.head.date <= end:
            won[event.member] = event.head.touchpoint
        elif isinstance(event, SaleCompleted) and event.member:
            days_net[event.member, event.head.date].append(event.net)
            nets[event.member] += event.net
    for (member, day), several in days_net.items():
        if any(net > 0 for net in several):
            bought[member].add(day)
    return tuple(
        Funnel(
            place,
            len(theirs),
            sum(len(bought[member]) > 0 for member in theirs),
            sum(len(bought[member]) > 1 for member in theirs),
            sum(nets[member] for member in theirs),
        )
        for place in sorted(set(won.values()))
        for theirs in [[member for member, where in won.items() if where == place]]
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_funnel_is_what_the_journal_says(shop, clock, seed):
    chance = random.Random(seed)
    for place in PLACES[1:]:
        change(shop, place)
    known, sold, dates = [], [], set()
    for step in range(90):
        dates.add(shop.terminal.read(lambda view: view.today()).result())
        what = chance.random()
        if what < 0.25 or not known:
            known.append(
                shop.bind(f"1380000{step:04}", touchpoint=chance.choice(PLACES), purposes=(Purpose.MEMBERSHIP,))
            )
        elif what < 0.75:
            buyer = chance.choice([*known, None])
            cart = shop.cart((chance.choice((WATER, RICE)), chance.randint(1, 4)))
            if buyer:
                cart = carts.for_member(cart, buyer.id, buyer.standing.guide)
            sold.append(shop.check_out(cart).receipt)
        elif what < 0.85 and sold:
            shop.bring_codes_back(sold.pop(chance.randrange(len(sold))))
        elif what < 0.9:
            members.erase(shop.terminal, SYSTEM, known.pop(chance.randrange(len(known))).id)
        else:
            clock.go(hours=chance.choice((5, 26)))
    ordered = sorted(dates)
    for start, end in ((ordered[0], ordered[-1]), (ordered[0], ordered[0]), (ordered[1], ordered[-2])):
        report = shop.terminal.read(partial(days.day_report, by=SYSTEM, start=start, end=end)).result()
        assert report.funnel == recounted(shop, start, end)
    assert shop.diagnosis(full=True).ok
