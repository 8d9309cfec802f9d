"""Credit: whose work a sale is, to the fen, and why."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from functools import partial

import msgspec
import pytest

from core import events
from core.credit.rules import BUILT_IN, Decision, Group, Rule, holding, parts_of_sale, shares_of, within
from core.errors import RefusedError
from core.events import CreditDecided, CreditPart, CreditReason, SaleCompleted
from core.money import RATE_UNIT
from core.rows import CreditDayRow, CreditRow, TargetRow
from core.sales import cart as carts
from core.shop import credits, days, goods, members, owners, returns
from core.shop.terminal import SYSTEM, Actor
from tests.builders import RICE, WATER, Shop
from tests.clock import StandingClock

PHONE = "13800001234"


@pytest.fixture
def guides(shop: Shop) -> Shop:
    """A shop with two guides and a manager."""
    shop.hire("G1", "guide")
    shop.hire("G2", "guide")
    shop.hire("M1", "manager")
    return shop


def sold(shop: Shop, member: str, seller: str, *items) -> SaleCompleted:
    """A sale to a member, or to nobody known."""
    cart = msgspec.structs.replace(shop.cart(*items or ((WATER, 1),)), seller=seller)
    if member:
        buyer = shop.terminal.read(partial(members.buyer, member=member)).result()
        cart = carts.for_member(cart, *buyer)
    return shop.check_out(cart)


def set_rule(shop: Shop, rule: Rule) -> Rule:
    return shop.terminal.write(partial(credits.set_rule, by=SYSTEM, rule=rule)).result()


def why(shop: Shop, receipt: str, by: Actor = SYSTEM) -> credits.Why:
    return shop.terminal.read(partial(credits.why, by=by, receipt=receipt)).result()


def decide(shop: Shop, receipt: str, by: Actor = SYSTEM, **parts: int) -> credits.Why:
    step = partial(credits.decide, by=by, receipt=receipt, parts=parts, reason="asked both")
    return shop.terminal.write(step).result()


def day(shop: Shop, person: str, by: Actor = SYSTEM) -> credits.GuideDay:
    return shop.terminal.read(partial(credits.day_of, by=by, person=person)).result()


def sums(shop: Shop) -> dict[str, int]:
    found = shop.terminal.read(lambda view: days.day_report(view, SYSTEM, "2000-01-01", "2099-01-01")).result()
    return {one.person: one.amount for one in found.credit if one.amount}


def shares(of: credits.Why) -> dict[str, tuple[int, str]]:
    return {share.person: (share.amount, share.reason.value) for share in of.shares}


@pytest.mark.parametrize(
    ("seller", "binder", "since", "expected"),
    [
        ("", "", "", {}),
        ("s", "", "", {"s": (RATE_UNIT, "seller")}),
        ("", "b", "2026-11-01", {"b": (RATE_UNIT, "binder")}),
        ("s", "s", "2026-11-01", {"s": (RATE_UNIT, "both")}),
        ("s", "b", "2026-11-01", {"b": (300_000, "binder"), "s": (700_000, "seller")}),
        ("s", "b", "2026-10-25", {"b": (300_000, "binder"), "s": (700_000, "seller")}),
        ("s", "b", "2026-10-24", {"s": (RATE_UNIT, "seller")}),
        ("", "b", "2026-10-24", {}),
        ("s", "b", "", {"b": (300_000, "binder"), "s": (700_000, "seller")}),
    ],
)
def test_who_has_a_part(seller, binder, since, expected):
    rule = Rule("2026-01-01", 300_000, window=30)
    parts = parts_of_sale(rule, seller, binder, since, "2026-11-23")
    assert {one.person: (one.part, one.reason.value) for one in parts} == expected


@pytest.mark.parametrize(("binder", "person"), [(0, "s"), (RATE_UNIT, "b")])
def test_whoever_has_no_part_is_not_named(binder, person):
    assert [one.person for one in parts_of_sale(Rule("", binder), "s", "b", "2026-11-01", "2026-11-23")] == [person]


def test_days_are_counted_from_the_first():
    assert within(1, "2026-11-23", "2026-11-23") and not within(1, "2026-11-23", "2026-11-24")
    assert within(0, "2000-01-01", "2026-11-23")


@pytest.mark.parametrize("amount", [1, 2, 3, 100, 101, -1, -101, 0, 99_999_999_999])
def test_shares_add_up_to_the_fen_and_what_comes_back_takes_the_same(amount):
    parts = tuple(
        CreditPart(person=person, part=part, reason=CreditReason.SELLER)
        for person, part in (("a", 333_333), ("b", 333_333), ("c", 333_334))
    )
    found = [share.amount for share in shares_of(Group("R", amount, parts))]
    assert sum(found) == amount and max(found) - min(found) <= abs(amount) // 900_000 + 1
    assert [share.amount for share in shares_of(Group("R", -amount, parts))] == [-one for one in found]


@pytest.mark.parametrize("parts", [(("a", 5),), (("a", RATE_UNIT + 5), ("b", -5)), (("a", 2 * RATE_UNIT),)])
def test_parts_that_are_no_whole_credit_nobody(parts):
    whole = tuple(CreditPart(person=person, part=part, reason=CreditReason.SELLER) for person, part in parts)
    assert shares_of(Group("R", 100, whole)) == []
    assert shares_of(Group("R", 100, ()), [Decision("m", 1, frozenset(), parts)]) == []


def test_the_decision_that_knew_of_the_other_holds_whatever_the_clocks_say():
    first, second = Decision("1", 9, frozenset(), ()), Decision("2", 5, frozenset({"1"}), ())
    unaware = Decision("3", 7, frozenset(), ())
    assert holding([first, second]) == holding([second, first]) == second
    assert holding([first, unaware]) == holding([unaware, first]) == first
    assert holding([]) is None


def test_who_won_the_member_and_who_sold_share_a_sale(guides):
    member = guides.bind(PHONE, guide="G1").id
    sale = sold(guides, member, "G2", (WATER, 1), (RICE, 1))
    found = why(guides, sale.receipt)
    assert shares(found) == {"G1": (2595, "binder"), "G2": (2595, "seller")} and found.rule == BUILT_IN
    assert (sale.member_since, sale.credit_rule) == (sale.head.date, BUILT_IN.name)
    guides.bring_back(sale.receipt, (WATER.code, 1))
    assert sums(guides) == {"G1": 2495, "G2": 2495}
    page = day(guides, "G1")
    assert (page.bound, page.waiting, page.asked, page.total, page.target) == (1, 1, 0, 2495, None)
    assert [(one.receipt, one.total, one.share.amount) for one in page.credited] == [
        (sale.receipt, -200, -100),
        (sale.receipt, 5190, 2595),
    ]
    assert guides.diagnosis(full=True).ok


def test_what_comes_back_takes_from_those_of_its_sale_whoever_takes_it_back(guides):
    first = sold(guides, "", "G1", (WATER, 3))
    lines = guides.terminal.write(
        partial(returns.return_lines, number=first.receipt, items=((WATER.code, 1),))
    ).result()
    cart = returns.add_returns(msgspec.structs.replace(guides.cart((RICE, 1)), seller="G2"), lines)
    both = guides.check_out(cart)
    assert sums(guides) == {"G1": 400, "G2": 4990}
    assert shares(why(guides, both.receipt)) == {"G2": (4990, "seller")}


def test_a_rule_holds_from_its_day_on_and_sales_keep_theirs(guides):
    member = guides.bind(PHONE, guide="G1").id
    before = sold(guides, member, "G2", (RICE, 1))
    rule = set_rule(guides, Rule("2026-11-24", 1_000_000, window=7))
    assert shares(why(guides, sold(guides, member, "G2", (RICE, 1)).receipt))["G2"] == (2495, "seller")
    clock: StandingClock = guides.terminal.clock
    clock.go(days=1)
    later = sold(guides, member, "G2", (RICE, 1))
    assert shares(why(guides, later.receipt)) == {"G1": (4990, "binder")} and why(guides, later.receipt).rule == rule
    clock.go(days=6)
    assert shares(why(guides, sold(guides, member, "G2", (RICE, 1)).receipt)) == {"G2": (4990, "seller")}
    assert shares(why(guides, before.receipt)) == {"G1": (2495, "binder"), "G2": (2495, "seller")}
    facts = guides.diagnosis().events
    set_rule(guides, rule)
    assert guides.diagnosis().events == facts
    # An alike rule of another day is another rule.
    assert replace(rule, since="2026-12-01").name != rule.name


def test_head_office_sets_the_rule(guides):
    guides.hear(
        "credit", **{"2026-11-01": CreditRow(1_000_000), "20261105": CreditRow(0), "2026-11-06": CreditRow(2**40)}
    )
    assert guides.terminal.read(credits.rules).result() == [Rule("2026-11-01", 1_000_000)]


def test_a_sale_that_is_disputed_is_decided_and_so_is_what_comes_back_of_it(guides):
    sale = sold(guides, "", "G1", (WATER, 3))
    guides.bring_back(sale.receipt, (WATER.code, 1))
    ask = partial(credits.dispute, receipt=sale.receipt, reason="I served them")
    guides.terminal.write(partial(ask, by=Actor("G2"))).result()
    assert [type(one).__name__ for one in why(guides, sale.receipt).said] == ["CreditDisputed"]
    with pytest.raises(RefusedError, match="not_allowed"):
        decide(guides, sale.receipt, Actor("G2"), G2=1)
    found = decide(guides, sale.receipt, Actor("M1"), G1=1, G2=3)
    assert shares(found) == {"G1": (150, "decided"), "G2": (450, "decided")}
    assert [(share.person, share.amount) for share in found.first] == [("G1", 600)]
    assert sums(guides) == {"G1": 100, "G2": 300}
    guides.bring_back(sale.receipt, (WATER.code, 1))
    assert sums(guides) == {"G1": 50, "G2": 150}
    decide(guides, sale.receipt)
    assert sums(guides) == {}
    assert guides.diagnosis(full=True).ok


@pytest.mark.parametrize(
    ("code", "parts"), [("no_such_person", {"nobody": 1}), ("bad_credit_parts", {"G1": 1, "G2": 0})]
)
def test_what_is_no_decision_changes_nothing(guides, code, parts):
    sale = sold(guides, "", "G1")
    facts = guides.diagnosis().events
    with pytest.raises(RefusedError, match=code):
        decide(guides, sale.receipt, **parts)
    for rule in (Rule("2026-11-24", -1), Rule("2026-11-24", RATE_UNIT + 1), Rule("2026-11-24", 0, 10**6)):
        with pytest.raises(RefusedError, match="bad_credit_rule"):
            set_rule(guides, rule)
    with pytest.raises(RefusedError, match="no_such_receipt"):
        decide(guides, "R", G1=1)
    assert guides.diagnosis().events == facts


def test_members_are_handed_over_and_later_sales_with_them(guides):
    some = [guides.bind(f"1380000{n:04}", guide="G1").id for n in range(3)]
    guides.terminal.clock.go(days=2)
    step = partial(owners.hand_over, by=SYSTEM, guide="G1", to="G2", reason="leaves")
    assert guides.terminal.write(step).result() == 3 and guides.terminal.write(step).result() == 0
    standing = guides.terminal.read(partial(members.member_of, member=some[0])).result().standing
    assert (standing.guide, standing.since, standing.date) == ("G2", "2026-11-23", "2026-11-23")
    assert sold(guides, some[0], "").member_guide == "G2"
    anew = partial(owners.assign, by=SYSTEM, member=some[1], guide="G1", anew=True)
    assert guides.terminal.write(anew).result().standing.since == "2026-11-25"
    with pytest.raises(RefusedError, match="not_allowed"):
        guides.terminal.write(partial(owners.assign, by=Actor("G2"), member=some[1], guide="G2")).result()
    with pytest.raises(RefusedError, match="no_such_person"):
        guides.terminal.write(partial(owners.assign, by=SYSTEM, member=some[1], guide="G9")).result()
    assert guides.diagnosis(full=True).ok


def test_a_guide_sees_their_own_page_and_nobody_elses(guides):
    sale = sold(guides, "", "G1")
    guides.hear("targets", **{"2026-11-23": TargetRow(9_000), "2026-11-23:G1": TargetRow(400)})
    rows = {
        "2026-11-23:T2:G1": CreditDayRow(50),
        "2026-11-23:T1:G1": CreditDayRow(7),
        "2026-11-23:T2:G2": CreditDayRow(3),
    }
    guides.hear("credits", **rows)
    page = day(guides, "G1", Actor("G1"))
    assert (page.total, page.elsewhere, page.target) == (250, (("T2", 50),), 400)
    assert day(guides, "G2").target == 9_000
    assert shares(why(guides, sale.receipt, Actor("G1"))) == {"G1": (200, "seller")}
    for look in (lambda: day(guides, "G1", Actor("G2")), lambda: why(guides, sale.receipt, Actor("G2"))):
        with pytest.raises(RefusedError, match="not_allowed"):
            look()
    assert day(guides, "G1", Actor("M1")).total == 250


@pytest.mark.parametrize("seed", range(8))
def test_over_any_history_shares_add_up_and_each_figure_opens_its_rows(guides, seed):
    chance, people = random.Random(seed), ("", "G1", "G2")
    receipts: list[str] = []
    known: list[str] = []
    for n in range(40):
        step = chance.randrange(9)
        if step == 0:
            known.append(guides.bind(f"1380000{n:04}", guide=chance.choice(people)).id)
        elif step == 1 and known:
            give = partial(owners.assign, by=SYSTEM, guide=chance.choice(people), anew=chance.random() < 0.5)
            guides.terminal.write(partial(give, member=chance.choice(known))).result()
        elif step == 2:
            guides.terminal.clock.go(days=chance.choice((1, 5)))
        elif step == 3:
            set_rule(guides, Rule("", chance.choice((0, 333_333, RATE_UNIT)), window=chance.choice((0, 1, 5))))
        elif step == 4 and receipts:
            parts = {who: chance.randint(1, 9) for who in chance.sample(("G1", "G2", "M1"), chance.randint(0, 3))}
            decide(guides, chance.choice(receipts), **parts)
        elif step == 5 and receipts:
            try:
                guides.bring_back(chance.choice(receipts), (WATER.code, 1))
            except RefusedError as refused:
                assert refused.code in ("more_than_sold", "not_on_receipt")
        else:
            member = chance.choice(("", *known))
            receipts.append(sold(guides, member, chance.choice(people), (WATER, chance.randint(1, 3))).receipt)
    assert sums(guides) == recounted(guides)
    for person in ("G1", "G2", "M1"):
        rows = guides.terminal.read(
            lambda view, who=person: credits.rows_of(view, SYSTEM, who, "2000-01-01", "2099-01-01")
        )
        rows = rows.result()
        assert sum(one.share.amount for one in rows) == sums(guides).get(person, 0)
        for one in rows:
            assert (one.share.part, one.share.reason) in {
                (share.part, share.reason) for share in why(guides, one.receipt).shares if share.person == person
            }
    assert guides.diagnosis(full=True).ok


def recounted(shop: Shop) -> dict[str, int]:
    """What each is credited with, by the facts alone: the last decision about a sale, else its first parts."""
    found = shop.terminal.read(
        lambda view: [events.decode(raw) for (raw,) in view.connection.execute("SELECT event FROM journal")]
    ).result()
    decided = {
        one.receipt: [(of.person, of.part) for of in one.parts] for one in found if isinstance(one, CreditDecided)
    }
    counted: Counter[str] = Counter()
    back: dict[tuple, int] = {}
    for sale in (one for one in found if isinstance(one, SaleCompleted)):
        for origin in {line.origin for line in sale.lines}:
            amount = sum(line.amount for line in sale.lines if line.origin == origin)
            first = tuple((one.person, one.part) for one in sale.credits if one.origin == origin)
            parts = decided.get(origin or sale.receipt, first)
            before = back.get((origin, first), 0)
            if origin:
                # All that came back so far, less what had come back before.
                back[origin, first] = before - amount
                counted.update(shared(parts, before))
                counted.subtract(shared(parts, before - amount))
            else:
                counted.update(shared(parts, amount))
    return {person: amount for person, amount in counted.items() if amount}


def shared(parts, amount: int) -> dict[str, int]:
    """The rest, fen by fen, to the largest remainders, the first of those that are alike."""
    exact = [(person, amount * part) for person, part in parts]
    given = {person: whole // RATE_UNIT for person, whole in exact}
    by_rest = sorted(exact, key=lambda one: -(one[1] % RATE_UNIT))
    for person, _ in by_rest[: amount - sum(given.values()) if parts else 0]:
        given[person] += 1
    return given


def test_who_brings_it_all_back_piece_by_piece_leaves_nobody_anything(guides):
    member = guides.bind(PHONE, guide="G1").id
    odd = replace(WATER, price=101)
    guides.terminal.write(partial(goods.set_product, by=SYSTEM, product=odd)).result()
    sale = sold(guides, member, "G2", (odd, 9))
    for _ in range(9):
        guides.bring_back(sale.receipt, (WATER.code, 1))
        found = sums(guides)
        assert abs(found.get("G1", 0) - found.get("G2", 0)) <= 1
    assert sums(guides) == {}
    assert guides.diagnosis(full=True).ok


def test_who_buys_may_stay_unknown(guides):
    """Nobody sold and nobody is known: nobody is credited, until somebody says who was it."""
    sale = sold(guides, "", "")
    assert (sale.credits, sums(guides)) == ((), {})
    decide(guides, sale.receipt, G2=1)
    assert sums(guides) == {"G2": 200}
