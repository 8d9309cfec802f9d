"""Points and coupons in a chain: every till takes what there is, and what was taken twice is said."""

from __future__ import annotations

import random
from functools import partial

import msgspec
import pytest

from core.errors import RefusedError
from core.hq import feeds
from core.hq.feeds import Feed
from core.shop import setup
from core.shop.terminal import SYSTEM
from tests.builders import RICE, WATER
from tests.chain import Till
from tests.hq.test_members import two_tills, whole
from tests.hq.test_tray import heard, open_at, settle
from tests.rewards import RULE, adjust, bought, coupon, lay, points, set_rule, show, use

PHONE = "13800001234"


@pytest.fixture
def tills(chain) -> list[Till]:
    """Two tills of a store whose members earn points."""
    found = list(two_tills(chain))
    body = msgspec.json.encode({"spend": 100, "worth": 10, "most": 500_000, "unheard": 30}).decode()
    chain.db.write(lambda c: feeds.change(c, Feed("points"), {RULE.since: body}))
    heard(chain, *found)
    return found


def test_points_of_one_till_are_used_at_the_other(chain, tills):
    till, twin = tills
    member = till.bind(PHONE).id
    bought(till, member, (RICE, 2))
    heard(chain, till, twin)
    assert points(till, member) == points(twin, member) == 99
    lay(twin, member, (RICE, 1))
    use(twin, 90)
    twin.pay_counter()
    heard(chain, twin, till)
    assert points(till, member) == points(twin, member) == 99 - 90 + 40
    assert open_at(till) == [] and whole(chain, till, twin)


def test_points_that_two_tills_took_make_a_card_for_the_store(chain, tills):
    till, twin = tills
    member = till.bind(PHONE).id
    adjust(till, member, 40)
    heard(chain, till, twin)
    # Neither hears of the other: head office is away for long.
    chain.clock.go(minutes=6)
    for one in tills:
        found = lay(one, member, (RICE, 1))
        assert found.has.usable == 30
        use(one, 30)
        one.pay_counter()
        lay(one, member, (WATER, 2))
        with pytest.raises(RefusedError, match="too_many_points"):
            use(one, 1)
        one.empty_counter()
    adjust(till, member, -100)
    heard(chain, till, twin, till)
    left = 40 - 30 - 30 - 100 + 46 + 46
    assert points(till, member) == points(twin, member) == left < 0
    (matter,) = open_at(till)
    assert (matter.what, matter.subject, matter.detail) == ("points_overspent", f"{member} {-left}", str(-left))
    settle(till, "points_overspent", "corrected")
    assert open_at(till) == []
    adjust(twin, member, 200)
    heard(chain, twin, till)
    assert open_at(twin) == [] and whole(chain, till, twin)


def test_a_coupon_that_two_tills_took_makes_a_card_and_both_sales_stand(chain, tills):
    till, twin = tills
    made = coupon(till, 500)
    with pytest.raises(RefusedError, match="no_such_coupon"):
        lay(twin, "", (RICE, 1))
        show(twin, made.code)
    twin.empty_counter()
    heard(chain, till, twin)
    slips = []
    for one in tills:
        lay(one, "", (RICE, 1))
        show(one, made.code)
        slips.append(one.pay_counter())
    heard(chain, till, twin, till)
    assert chain.report().report.total.net == 2 * (RICE.price - 500)
    (matter,) = open_at(till)
    assert matter.what == "coupon_twice" and {slip.receipt for slip in slips} <= set(matter.detail.split(" · "))
    # One of both comes back: used once, as it should be.
    twin.bring_back(slips[1].receipt)
    heard(chain, twin, till)
    assert open_at(till) == [] and whole(chain, till, twin)
    lay(twin, "", (RICE, 1))
    with pytest.raises(RefusedError, match="coupon_used"):
        show(twin, made.code)


def test_no_other_store_hears_of_points_or_coupons(chain, tills):
    till, _ = tills
    other = chain.till(store="S2")
    member = till.bind(PHONE).id
    adjust(till, member, 40)
    made = coupon(till, 500)
    heard(chain, till, other)
    assert points(other, member) == 0
    lay(other, "", (RICE, 1))
    with pytest.raises(RefusedError, match="no_such_coupon"):
        show(other, made.code)


def test_a_till_from_an_older_copy_knows_the_points_again(small):
    till = small.till()
    set_rule(till, RULE)
    member = till.bind(PHONE).id
    heard(small, till)
    till.copy(small.folder / "before")
    bought(till, member, (RICE, 1))
    heard(small, till)
    till = small.opened(small.folder / "before")
    assert points(till, member) == 0
    heard(small, till)
    assert points(till, member) == 49
    bought(till, member, (RICE, 1))
    heard(small, till)
    assert points(till, member) == 98 and whole(small, till)


def test_a_till_that_took_anothers_place_gives_away_no_more_than_it_may(small):
    old = small.till()
    body = msgspec.json.encode({"spend": 0, "worth": 10, "unheard": 30}).decode()
    small.db.write(lambda c: feeds.change(c, Feed("points"), {RULE.since: body}))
    heard(small, old)
    member = old.bind(PHONE).id
    for count in (60, 40):
        adjust(old, member, count)
    lay(old, member, (RICE, 1))
    use(old, 60)
    old.pay_counter()
    heard(small, old)
    new = small.opened(small.folder / "new")
    set_up = partial(setup.set_up, by=SYSTEM, store="S1", terminal="T1", currency="CNY", timezone="UTC", name="S1")
    new.terminal.write(set_up).result()
    new.enrol()
    heard(small, new, new)
    assert points(new, member) == 40
    small.clock.go(minutes=10)
    assert lay(new, member, (RICE, 1)).has.usable == 30
    use(new, 30)
    new.pay_counter()
    assert lay(new, member, (RICE, 1)).has.usable == 0 and points(new, member) == 10


@pytest.mark.parametrize("seed", range(2))
def test_over_any_history_all_tills_and_head_office_know_the_same_points(chain, tills, seed):
    chance = random.Random(seed)
    known = [tills[0].bind(f"1380000{n:04}").id for n in range(2)]
    heard(chain, *tills)
    receipts: dict[Till, list[str]] = {till: [] for till in tills}
    for _ in range(40):
        till, step = chance.choice(tills), chance.randrange(6)
        if step == 0:
            heard(chain, till)
        elif step == 1:
            adjust(till, chance.choice(known), chance.choice((-7, 20)))
        elif step == 2 and receipts[till]:
            try:
                till.bring_back(chance.choice(receipts[till]), (WATER.code, 1))
            except RefusedError as refused:
                assert refused.code == "more_than_sold"
        elif step == 3:
            chain.clock.go(minutes=7)
        else:
            found = lay(till, chance.choice(known), (WATER, chance.randint(1, 3)), (RICE, 1))
            if found.has.usable:
                use(till, chance.randint(1, found.has.usable))
            receipts[till].append(till.pay_counter().receipt)
    heard(chain, *tills, *tills)
    for member in known:
        by_till = [points(till, member) for till in tills]
        assert by_till[0] == by_till[1]
        over = [one for one in open_at(tills[0]) if one.subject.startswith(member)]
        assert [int(one.detail) for one in over] == ([-by_till[0]] if by_till[0] < 0 else [])
    assert whole(chain, *tills)
