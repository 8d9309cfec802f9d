"""Nobody's record is kept for ever, and nobody's is deleted by a clock that is wrong."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from core.errors import RefusedError
from core.events import MemberErased, Purpose
from core.rewards.rules import PointsRule
from core.rows import MemberRow
from core.shop import members, retention, twins
from core.shop.terminal import SYSTEM
from core.sync.hq import Hq, keep_hq
from tests.builders import WATER, Shop
from tests.rewards import adjust, bought, facts, lay, set_rule, use

PHONE, OTHER = "13800001234", "13900001234"


@pytest.fixture
def year(shop: Shop) -> Shop:
    """A shop that keeps records for a year."""
    shop.set("keep_members", "365")
    return shop


def pass_days(shop: Shop, days: int) -> None:
    """So many days go by; in the last months something is sold every few days."""
    gaps = [6] * 16
    shop.terminal.clock.go(days=max(days - sum(gaps), 0))
    for gap in gaps if days > sum(gaps) else [1] * days:
        shop.sell((WATER, 1))
        shop.terminal.clock.go(days=gap)


def expired(shop: Shop) -> list[str]:
    before = len(erased(shop))
    count = retention.expire(shop.terminal)
    found = erased(shop)[before:]
    assert len(found) >= count
    return found


def erased(shop: Shop) -> list[str]:
    return [event.member for event in facts(shop) if isinstance(event, MemberErased)]


def test_who_was_not_heard_of_for_long_is_forgotten(year):
    silent, buyer, agreeing = (year.bind(phone).id for phone in (PHONE, OTHER, "13700001234"))
    pass_days(year, 300)
    bought(year, buyer, (WATER, 1))
    members_give(year, agreeing)
    assert expired(year) == []
    pass_days(year, 66)
    assert expired(year) == [silent]
    assert [one.id for one in year.terminal.read(lambda view: members.find(view, SYSTEM, OTHER)).result()] == [buyer]
    with pytest.raises(RefusedError, match="no_such_member"):
        year.terminal.read(lambda view: members.find(view, SYSTEM, PHONE)).result()
    assert year.diagnosis(full=True).ok
    # Once a day is enough.
    assert retention.expire(year.terminal) == 0


def members_give(shop: Shop, member: str) -> None:
    members.withdraw(shop.terminal, SYSTEM, member, (Purpose.CONTACT,))
    shop.terminal.write(lambda s: members.give(s, SYSTEM, member, (Purpose.CONTACT,), "en")).result()


def test_a_clock_that_jumped_deletes_nobody(year):
    year.bind(PHONE)
    pass_days(year, 100)
    year.terminal.clock.go(days=20_000)
    for _ in range(20):
        year.sell((WATER, 1))
        year.terminal.clock.go(days=1)
    assert expired(year) == []


def test_who_was_bound_while_the_clock_was_behind_is_not_forgotten(year):
    year.bind(PHONE)
    pass_days(year, 400)
    year.terminal.clock.go(days=-9_000)
    late = year.bind(OTHER).id
    year.terminal.clock.go(days=9_000)
    assert late not in expired(year)


def test_who_pays_with_points_alone_was_heard_of(year):
    set_rule(year, PointsRule("2026-01-01", 0, 10))
    member = year.bind(PHONE).id
    pass_days(year, 300)
    adjust(year, member, 20)
    lay(year, member, (WATER, 1))
    assert use(year, 20).cart.total == 0
    year.pay_counter()
    pass_days(year, 200)
    assert expired(year) == []


def test_where_nobody_is_to_be_forgotten_nobody_is(year):
    year.bind(PHONE)
    year.set("keep_members", "0")
    pass_days(year, 4_000)
    assert expired(year) == []


def test_the_same_person_is_forgotten_together_or_not(year):
    one, other = year.bind(PHONE).id, year.bind(OTHER).id
    year.terminal.write(lambda s: twins.link(s, SYSTEM, other, one)).result()
    pass_days(year, 200)
    bought(year, other, (WATER, 1))
    pass_days(year, 200)
    assert expired(year) == []
    pass_days(year, 166)
    assert sorted(expired(year)) == sorted((one, other))


def test_what_was_bought_at_other_tills_counts_and_is_to_be_known(year):
    member, away = year.bind(PHONE).id, "m-of-another-till"
    pass_days(year, 366)
    now, today = year.terminal.clock.now_ms(), year.terminal.read(lambda view: view.today()).result()
    hear(year, now - 90_000_000)
    assert expired(year) == []
    hear(year, now, offset=90_000_000)
    assert expired(year) == []
    hear(year, now)
    here = MemberRow(at=1, date="2025-11-23", state="active", said=(), last=today)
    # Of one it does not tell when they were heard of last.
    year.hear("members", **{member: here, away: replace(here, last="")})
    assert expired(year) == []
    year.hear("members", **{member: here, away: replace(here, last="2025-11-24")})
    # The other till does it itself, unless it is no more.
    assert expired(year) == [away]


def hear(shop: Shop, contact: int, offset: int = 0) -> None:
    keep = Hq("https://hq.example", "", contact=contact, clock_offset=offset)
    shop.terminal.write(lambda session: keep_hq(session.connection, keep)).result()


def test_of_many_each_is_forgotten(year):
    known = [year.bind(f"1380000{n:04}").id for n in range(45)]
    pass_days(year, 400)
    assert sorted(expired(year)) == sorted(known)
