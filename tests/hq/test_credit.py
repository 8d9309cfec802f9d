"""Credit in a chain: head office reckons what the tills do, and tells each what the others sold for whom."""

from __future__ import annotations

import random
from functools import partial

import msgspec
import pytest

from core.errors import RefusedError
from core.hq import feeds
from core.hq.feeds import Feed
from core.sales import cart as carts
from core.shop import credits, days, members, owners
from core.shop.terminal import SYSTEM
from tests.builders import WATER
from tests.chain import Chain, Till
from tests.hq.test_members import CONTACT, of, two_tills, whole
from tests.hq.test_tray import heard


def credited(till: Till) -> dict[str, int]:
    found = till.terminal.read(lambda view: days.day_report(view, SYSTEM, "2000-01-01", "2099-01-01")).result()
    return {one.person: one.amount for one in found.credit if one.amount}


def at_head_office(chain: Chain) -> dict[str, int]:
    return {one.person: one.amount for one in chain.report().report.credit if one.amount}


def sold(till: Till, member: str, seller: str, pieces: int = 1) -> str:
    cart = msgspec.structs.replace(till.cart((WATER, pieces)), seller=seller)
    if member:
        cart = carts.for_member(cart, *till.terminal.read(partial(members.buyer, member=member)).result())
    return till.check_out(cart).receipt


@pytest.mark.parametrize("seed", range(2))
def test_over_any_history_head_office_reckons_as_the_tills_do(chain, seed):
    chance, people = random.Random(seed), ("G1", "G2")
    tills = two_tills(chain)
    for till in tills:
        for who in people:
            till.hire(who, "guide")
    receipts: dict[Till, list[str]] = {till: [] for till in tills}
    for n in range(30):
        till = chance.choice(tills)
        known = till.terminal.read(partial(members.newest, by=SYSTEM)).result()
        step = chance.randrange(7)
        if step == 0:
            till.bind(f"1380000{n:04}", guide=chance.choice(people))
        elif step == 1 and known:
            give = partial(owners.assign, by=SYSTEM, member=chance.choice(known).id, guide=chance.choice(people))
            till.terminal.write(give).result()
        elif step == 2 and receipts[till]:
            parts = {who: chance.randint(1, 9) for who in chance.sample(people, chance.randint(0, 2))}
            decide = partial(credits.decide, by=SYSTEM, receipt=chance.choice(receipts[till]), parts=parts, reason="x")
            till.terminal.write(decide).result()
        elif step == 3 and receipts[till]:
            try:
                till.bring_back(chance.choice(receipts[till]), (WATER.code, 1))
            except RefusedError as refused:
                assert refused.code == "more_than_sold"
        elif step == 4:
            heard(chain, till)
        else:
            member = chance.choice(known).id if known and chance.random() < 0.7 else ""
            receipts[till].append(sold(till, member, chance.choice(("", *people)), chance.randint(1, 3)))
    heard(chain, *tills, *tills)
    here = [credited(till) for till in tills]
    both = {who: sum(one.get(who, 0) for one in here) for who in people}
    assert at_head_office(chain) == {who: amount for who, amount in both.items() if amount}
    date = tills[0].terminal.read(lambda view: view.today()).result()
    for who in people:
        pages = [
            till.terminal.read(partial(credits.day_of, by=SYSTEM, person=who, date=date)).result() for till in tills
        ]
        assert [page.total for page in pages] == [both[who], both[who]]
    assert whole(chain, *tills)


def test_of_two_hand_overs_that_did_not_know_of_each_other_one_holds_everywhere(small):
    first, second = two_tills(small)
    for till in (first, second):
        for who in ("G1", "G2", "G3"):
            till.hire(who, "guide")
    member = first.bind("13800001234", guide="G1").id
    heard(small, first, second)

    def give(till: Till, guide: str) -> None:
        till.terminal.write(partial(owners.assign, by=SYSTEM, member=member, guide=guide)).result()

    give(first, "G2")
    small.clock.go(minutes=1)
    give(second, "G3")
    heard(small, second, first, second)
    assert of(first, member).standing.guide == of(second, member).standing.guide == "G3"
    # Whoever knows of both decides, whatever the clock says.
    small.clock.go(minutes=-9)
    give(first, "G2")
    heard(small, first, second)
    assert of(first, member).standing.guide == of(second, member).standing.guide == "G2"
    assert CONTACT in of(second, member).standing.purposes and whole(small, first, second)


def test_members_who_are_handed_over_are_so_once_also_where_head_office_has_not_heard(small):
    first, second = two_tills(small)
    for till in (first, second):
        for who in ("G1", "G2"):
            till.hire(who, "guide")
    first.bind("13800001234", guide="G1")
    heard(small, first, second)
    give = partial(owners.hand_over, by=SYSTEM, guide="G1", to="G2")
    assert [second.terminal.write(give).result() for _ in range(3)] == [1, 0, 0]
    nobody = partial(owners.hand_over, by=SYSTEM, guide="G2", to="")
    assert [second.terminal.write(nobody).result() for _ in range(2)] == [1, 0]


def test_a_rule_from_head_office_holds_at_every_till(small):
    first, second = two_tills(small)
    body = '{"binder":300000,"window":9}'
    small.db.write(lambda connection: feeds.change(connection, Feed("credit"), {"2026-11-01": body}))
    heard(small, first, second)
    rules = [till.terminal.read(credits.rules).result() for till in (first, second)]
    assert rules[0] == rules[1] and [(rule.binder, rule.window) for rule in rules[0]] == [(300_000, 9)]
