"""One person who is known twice: told apart until somebody says so, and again after that."""

from __future__ import annotations

import random
from functools import partial

import pytest

from core.database import transaction
from core.errors import RefusedError
from core.hq import vault
from core.members.record import new_record
from core.shop import counter, members, owners, tray, twins
from core.shop import vault as keys
from core.shop.terminal import SYSTEM, Actor, Session
from tests.chain import Chain, Till
from tests.hq.test_invitations import opened, show, state
from tests.hq.test_members import CONTACT, MARKETING, MEMBERSHIP, PHONE, find, of, records, two_tills, whole
from tests.hq.test_tray import heard


@pytest.fixture
def twice(small: Chain) -> tuple[Till, Till, str, str]:
    """A person whom two tills bound while neither heard of the other: the tills, and the two members."""
    first, second = two_tills(small)
    one = first.bind(PHONE, purposes=(MEMBERSHIP, CONTACT), name="王小明").id
    small.clock.go(minutes=1)
    other = second.bind(PHONE, purposes=(MEMBERSHIP, MARKETING)).id
    heard(small, first, second)
    heard(small, first, second)
    return first, second, one, other


def matters(till: Till) -> list[str]:
    found = till.terminal.read(tray.open_matters).result()
    return [matter.key for matter in found if matter.what == "one_phone"]


def settle(till: Till, key: str, outcome: str, by: Actor = SYSTEM) -> None:
    till.terminal.write(partial(tray.settle, by=by, key=key, outcome=outcome)).result()


def link(till: Till, member: str, into: str) -> None:
    till.terminal.write(partial(twins.link, by=SYSTEM, member=member, into=into)).result()


def part(till: Till, member: str) -> int:
    return till.terminal.write(partial(twins.part, by=SYSTEM, member=member)).result()


def test_nobody_is_merged_unasked_and_each_till_says_so(small, twice):
    first, second, one, other = twice
    for till in (first, second):
        assert matters(till) == [f"one_phone:{' '.join(sorted((one, other)))}"]
        found = till.terminal.read(partial(members.find, by=SYSTEM, text=PHONE)).result()
        assert {each.id for each in found} == {one, other}
        assert till.terminal.read(tray.open_matters).result()[0].detail == "138****5678"
    assert whole(small, first, second)


def test_one_person_is_one_member_with_what_both_agree_to(small, twice):
    first, second, one, other = twice
    settle(second, matters(second)[0], "same_person")
    heard(small, second)
    heard(small, first)
    for till in (first, second):
        assert matters(till) == [] and find(till, PHONE).id == one
        known = of(till, other)
        assert (known.id, known.standing.purposes, known.standing.guide) == (one, (MEMBERSHIP,), "")
        assert [each.id for each in till.terminal.read(partial(members.newest, by=SYSTEM)).result()] == [one]
        till.terminal.write(partial(counter.scan, by=SYSTEM, text="BAG-L")).result()
        attached = till.terminal.write(partial(counter.attach, by=SYSTEM, member=other)).result()
        assert attached.cart.member == one
        till.empty_counter()
    assert whole(small, first, second)
    # What they agree to from now on holds for both.
    give = partial(members.give, by=SYSTEM, member=other, purposes=(MARKETING,), language="en")
    assert first.terminal.write(give).result().standing.purposes == (MEMBERSHIP, MARKETING)
    heard(small, first)
    heard(small, second)
    assert of(second, one).standing.purposes == (MEMBERSHIP, MARKETING)
    assert whole(small, first, second)


def test_it_is_undone_and_each_agrees_to_what_they_did(small, twice):
    first, second, one, other = twice
    settle(first, matters(first)[0], "same_person")
    heard(small, first)
    heard(small, second)
    assert part(second, one) == 1
    heard(small, second)
    heard(small, first)
    for till in (first, second):
        assert of(till, one).standing.purposes == (MEMBERSHIP, CONTACT)
        assert of(till, other).standing.purposes == (MEMBERSHIP, MARKETING)
    assert matters(first) == [], "it was answered for there"
    assert part(first, one) == 0 and whole(small, first, second)


def test_two_people_with_one_number_stay_two(small, twice):
    first, second, one, other = twice
    settle(first, matters(first)[0], "two_people")
    assert matters(first) == [] and {of(first, one).id, of(first, other).id} == {one, other}
    assert whole(small, first, second)


@pytest.mark.parametrize("leaves", [True, False])
def test_who_leaves_takes_both_records_along(small, twice, leaves):
    first, second, one, other = twice
    settle(first, matters(first)[0], "same_person")
    heard(small, first)
    heard(small, second)
    if leaves:
        members.withdraw(second.terminal, SYSTEM, one, (MEMBERSHIP,))
    else:
        members.erase(second.terminal, SYSTEM, other)
    heard(small, second)
    heard(small, first)
    for till in (first, second):
        kept = till.terminal.read(
            lambda view: view.connection.execute(
                "SELECT count(*) FROM local_vault WHERE key <> zeroblob(length(key))"
            ).fetchone()
        ).result()
        assert kept == (0,) and matters(till) == []
        with pytest.raises(RefusedError, match="no_such_member"):
            find(till, PHONE)
    assert whole(small, first, second)


def test_links_that_lead_round_end_with_the_least(small, twice):
    first, second, one, other = twice
    link(first, one, other)
    link(second, other, one)
    heard(small, first, second)
    heard(small, first, second)
    least = min(one, other)
    for till in (first, second):
        assert of(till, one).id == of(till, other).id == least
        assert of(till, one).standing.purposes == (MEMBERSHIP,)
    with pytest.raises(RefusedError, match="same_member"):
        link(first, one, other)
    assert whole(small, first, second)


def test_who_proved_the_phone_and_who_was_typed_are_asked_about(small):
    street = opened(small)
    till = small.till()
    typed = till.bind(street.people["Ming"].phone).id
    shown = show(till)
    heard(small, till)
    street.answer("Ming", shown.link, ("membership",))
    heard(small, till)
    proved = state(till, shown).member
    assert proved != typed and matters(till) == [f"one_phone:{' '.join(sorted((typed, proved)))}"]
    settle(till, matters(till)[0], "same_person")
    assert of(till, proved).id == typed
    assert whole(small, till)


def test_who_may_not_settle_merges_nobody(small, twice):
    first, _, one, other = twice
    guide = first.hire("G1", "guide")
    for step in (
        lambda: settle(first, matters(first)[0], "same_person", guide),
        lambda: first.terminal.write(partial(twins.link, by=guide, member=one, into=other)).result(),
        lambda: first.terminal.write(partial(twins.part, by=guide, member=one)).result(),
    ):
        with pytest.raises(RefusedError, match="not_allowed"):
            step()


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_linked_and_parted_every_till_knows_the_same(chain, seed):
    chance = random.Random(seed)
    tills = two_tills(chain)
    known = [
        chance.choice(tills).bind(f"1380000{n:04}", purposes=(MEMBERSHIP, chance.choice((CONTACT, MARKETING)))).id
        for n in range(4)
    ]
    heard(chain, *tills)
    heard(chain, *tills)
    for _ in range(14):
        till, (one, other) = chance.choice(tills), chance.sample(known, 2)
        try:
            link(till, one, other) if chance.random() < 0.6 else part(till, one)
        except RefusedError as refused:
            assert refused.code in ("same_member", "no_such_member")
        if chance.random() < 0.4:
            heard(chain, chance.choice(tills))
        chain.clock.go(minutes=chance.choice((-5, 1)))
    heard(chain, *tills)
    heard(chain, *tills)
    seen = [[(of(till, one).id, of(till, one).standing.purposes) for one in known] for till in tills]
    assert seen[0] == seen[1] and whole(chain, *tills)


def test_who_was_erased_where_nobody_knew_of_the_link_takes_the_other_along(chain):
    first, second = two_tills(chain)
    one = first.bind(PHONE, purposes=(MEMBERSHIP, CONTACT)).id
    chain.clock.go(minutes=1)
    other = second.bind(PHONE, purposes=(MEMBERSHIP,)).id
    heard(chain, first, second)
    heard(chain, first, second)
    link(first, other, one)
    members.erase(second.terminal, SYSTEM, one)
    for _ in range(3):
        heard(chain, first, second)
    assert vault.KEPT not in records(chain).values()
    for till in (first, second):
        query = "SELECT count(*) FROM local_vault WHERE key <> zeroblob(length(key))"
        assert till.terminal.read(lambda view, query=query: view.connection.execute(query).fetchone()).result() == (0,)
    assert whole(chain, first, second)


def test_a_circle_is_parted(small):
    first, second = two_tills(small)
    one, other = first.bind(PHONE).id, second.bind("13911112222").id
    heard(small, first, second)
    heard(small, first, second)
    link(first, one, other)
    link(second, other, one)
    heard(small, first, second)
    heard(small, first, second)
    assert part(first, one) == 1
    heard(small, first)
    heard(small, second)
    for till in (first, second):
        assert {of(till, one).id, of(till, other).id} == {one, other}
    assert whole(small, first, second)


def test_many_with_one_phone_are_asked_about_one_by_one(small):
    till = small.till()
    until = 30

    def put(session: Session) -> None:
        with transaction(session.connection):
            for n in range(until):
                keys.keep(session, f"m{n:03}", new_record("+8613812345678", "", "", session.ids.entropy))

    till.terminal.write(put).result()
    pairs = till.terminal.read(lambda view: view.connection.execute("SELECT count(*) FROM local_twin").fetchone())
    assert pairs.result() == (until - 1,)


def test_the_guide_of_one_person_changes_whichever_id_is_named(small):
    till = small.till()
    for who in ("G1", "G2"):
        till.hire(who, "guide")
    one, other = till.bind(PHONE, guide="G1").id, till.bind("13911112222", guide="G1").id
    link(till, other, one)
    given = till.terminal.write(partial(owners.assign, by=SYSTEM, member=other, guide="G2")).result()
    assert given.standing.guide == "G2" and of(till, one).standing.guide == "G2"
