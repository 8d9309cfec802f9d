"""Members of a store at head office and at its other tills: who they are, what they agree to, and what is left."""

from __future__ import annotations

import random
import zlib
from dataclasses import replace
from functools import partial

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from core import events, wire
from core.errors import BrokenWorldError, RefusedError
from core.events import ConsentWithdrawn, Purpose
from core.hq import doctor, members, vault
from core.hq.members import Said, standing_of
from core.hq.projector import Projector
from core.hq.reports import chain_report
from core.hq.schema import MEMBER_SAID, RECORD
from core.rows import op_mark
from core.sales import cart as carts
from core.shop import counter, days, parting, touchpoints
from core.shop import members as desk
from core.shop.members import Member
from core.shop.terminal import SYSTEM
from tests.builders import WATER
from tests.chain import Chain, Till
from tests.hq.api_tools import voice
from tests.hq.test_parting import take_in
from tests.hq.test_tray import heard

PHONE, OTHER = "13812345678", "13912345678"
MEMBERSHIP, CONTACT, MARKETING = Purpose


def find(till: Till, text: str) -> Member:
    (found,) = till.terminal.read(partial(desk.find, by=SYSTEM, text=text)).result()
    return found


def of(till: Till, member: str) -> Member:
    return till.terminal.read(partial(desk.member_of, member=member)).result()


def two_tills(chain: Chain) -> tuple[Till, Till]:
    return chain.till(), chain.till(terminal="T2")


def kept(till: Till, query: str) -> list[tuple]:
    return till.terminal.read(lambda view: view.connection.execute(query).fetchall()).result()


def records(chain: Chain) -> dict[tuple[str, str], int]:
    rows = chain.db.read(lambda connection: connection.execute(select(RECORD)).all())
    return {(row.member_id, row.commitment): row.state for row in rows}


def whole(chain: Chain, *tills: Till) -> bool:
    return all(check.ok for check in doctor.examine(chain.db)) and all(till.diagnosis(full=True).ok for till in tills)


def told(chain: Chain) -> dict[str, str]:
    """What head office knows of each member's state."""
    rows = chain.db.read(lambda connection: connection.execute(select(MEMBER_SAID.c.member_id)).scalars().all())
    said = chain.db.read(lambda connection: members.said_of(connection, "S1", sorted(set(rows))))
    return {member: standing.state for member, one in said.items() if (standing := standing_of(one))}


def test_a_member_of_one_till_is_one_of_the_others(chain):
    first, second = two_tills(chain)
    bound = first.bind(PHONE, name="王小明", card="VIP 7", guide="G1", purposes=(MEMBERSHIP, CONTACT))
    assert not bound.confirmed
    heard(chain, first, second)
    assert of(first, bound.id).confirmed
    for text in (PHONE, "VIP 7", "5678 王"):
        there = find(second, text)
        assert (there.id, there.phone, there.name, there.standing.guide) == (bound.id, "138****5678", "王**", "G1")
    assert there.standing.purposes == (MEMBERSHIP, CONTACT)
    with pytest.raises(RefusedError, match="already_member"):
        second.bind(PHONE)
    second.terminal.write(partial(counter.scan, by=SYSTEM, text=WATER.code)).result()
    second.terminal.write(partial(counter.attach, by=SYSTEM, member=bound.id)).result()
    sale = second.pay_counter()
    assert (sale.member, sale.member_guide) == (bound.id, "G1")
    heard(chain, first, second)
    total = chain.report().report.total
    assert (total.new_members, total.member_net, total.member_orders) == (1, WATER.price, 1)
    assert whole(chain, first, second)


def test_no_other_store_hears_of_a_member(chain):
    first, other = chain.till(), chain.till(store="S2")
    bound = first.bind(PHONE)
    heard(chain, first, other)
    with pytest.raises(RefusedError, match="no_such_member"):
        find(other, PHONE)
    assert not kept(other, "SELECT member FROM feed_member")
    assert other.bind(PHONE).id != bound.id


def test_consent_is_the_same_everywhere(chain):
    first, second = two_tills(chain)
    member = first.bind(PHONE, purposes=(MEMBERSHIP, MARKETING)).id
    heard(chain, first, second)
    chain.clock.go(minutes=1)
    desk.withdraw(second.terminal, SYSTEM, member, (MARKETING,))
    heard(chain, second, first)
    assert of(first, member).standing.purposes == of(second, member).standing.purposes == (MEMBERSHIP,)
    chain.clock.go(minutes=1)
    give = partial(desk.give, by=SYSTEM, member=member, purposes=(CONTACT, MARKETING), language="en")
    first.terminal.write(give).result()
    # They said it in knowledge of the no.
    assert of(first, member).standing.purposes == tuple(Purpose)
    heard(chain, first, second)
    assert of(first, member).standing.purposes == of(second, member).standing.purposes == tuple(Purpose)
    assert whole(chain, first, second)


@pytest.mark.parametrize("at", ["T1", "T2"])
def test_who_leaves_is_gone_on_both_sides(chain, at):
    tills = dict(zip(("T1", "T2"), two_tills(chain), strict=True))
    member = tills["T1"].bind(PHONE, name="王小明").id
    heard(chain, *tills.values())
    rows = chain.db.read(lambda connection: connection.execute(select(RECORD.c.secret, RECORD.c.body)).all())
    sealed = [bytes(part) for row in rows for part in row]
    for till in tills.values():
        sealed += [bytes(part) for row in kept(till, "SELECT key, record FROM local_vault") for part in row]
    assert len(sealed) == 6 and all(len(part) > 40 for part in sealed)
    desk.erase(tills[at].terminal, SYSTEM, member)
    heard(chain, tills[at], *tills.values())
    assert vault.leave_no_trace(chain.db)
    assert set(records(chain).values()) == {vault.GONE}
    for till in tills.values():
        assert (of(till, member).phone, of(till, member).standing.state) == ("", "erased")
    homes = [chain.home.folder, *(till.terminal.home.folder for till in tills.values())]
    content = b"".join(path.read_bytes() for home in homes for path in home.rglob("*") if path.is_file())
    assert not any(part in content for part in sealed)
    assert whole(chain, *tills.values())
    Projector(chain.db).rebuild()
    assert told(chain) == {member: "erased"} and whole(chain, *tills.values())


def test_a_record_that_comes_after_its_member_left_is_not_kept(chain):
    till = chain.till()
    member = till.bind(PHONE).id
    till.copy(chain.folder / "before")
    till.sync()
    desk.erase(till.terminal, SYSTEM, member)
    heard(chain, till)
    # A copy from before sells on, and sends all that it has, with the record.
    late = chain.opened(chain.folder / "before")
    late.sell((WATER, 1))
    heard(chain, late, till)
    assert set(records(chain).values()) <= {vault.OVERWRITTEN, vault.GONE}
    assert of(late, member).standing.state == "erased" and not of(late, member).phone
    assert whole(chain, till, late)


def test_a_record_that_was_set_right_is_right_everywhere(chain):
    first, second = two_tills(chain)
    member = first.bind(PHONE, name="王小明").id
    heard(chain, first, second)
    chain.clock.go(minutes=1)
    desk.correct(second.terminal, SYSTEM, member, phone=OTHER)
    heard(chain, second, first)
    assert find(first, OTHER).id == find(second, OTHER).id == member
    with pytest.raises(RefusedError, match="no_such_member"):
        find(first, PHONE)
    states = records(chain)
    commitment = of(first, member).standing.commitment
    assert {key: state == vault.KEPT for key, state in states.items()} == {
        key: key[1] == commitment for key in states
    } and len(states) == 2
    assert whole(chain, first, second)


def test_a_withdrawal_does_not_wait_for_what_stands_before_it(chain, monkeypatch):
    """With a journal of sales before it that takes many pushes, it is known at head office with the first."""
    till = chain.till()
    member = till.bind(PHONE).id
    heard(chain, till)
    monkeypatch.setattr(wire, "BATCH_EVENTS", 2)
    for _ in range(8):
        till.sell((WATER, 1))
    desk.withdraw(till.terminal, SYSTEM, member, (MARKETING,))
    desk.erase(till.terminal, SYSTEM, member)
    requests = []

    def one_only(request, deliver):
        requests.append(request.target)
        if len(requests) > 1:
            raise BrokenWorldError("hq_unreachable", url="", detail="away")
        return deliver(request)

    chain.network.on_the_way = one_only
    assert not till.sync().reached
    chain.network.on_the_way = None
    chain.project()
    assert told(chain) == {member: "erased"}
    assert vault.KEPT not in records(chain).values()
    assert chain.report().report.total.orders == 2
    assert whole(chain)
    Projector(chain.db).rebuild()
    assert told(chain) == {member: "erased"} and whole(chain)
    heard(chain, till)
    assert chain.report().report.total.orders == 8
    assert whole(chain, till)


def test_records_go_in_the_file_of_a_till_that_leaves(chain, tmp_path):
    till = chain.till()
    till.sync()
    member = till.bind(PHONE).id
    file = tmp_path / "parcel"
    parting.leave(till.terminal, SYSTEM, file)
    assert take_in(chain, file).new == 1
    chain.project()
    assert told(chain) == {member: "active"} and list(records(chain).values()) == [vault.KEPT]
    assert whole(chain)


def test_a_head_office_from_an_older_copy_gets_the_records_again(small):
    till = small.till()
    till.sync()
    small.shut()
    older = (small.home.folder / "hq.db").read_bytes()
    small.open()
    member = till.bind(PHONE).id
    heard(small, till)
    small.shut()
    (small.home.folder / "hq.db").write_bytes(older)
    small.open()
    assert not records(small)
    heard(small, till, till)
    assert list(records(small).values()) == [vault.KEPT] and told(small) == {member: "active"}
    assert whole(small, till)


def test_what_is_not_head_offices_own_seals_no_record(chain):
    till = chain.till()
    till.bind(PHONE)
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    own, other = chain.home.reader_key().encode(), wire.signed_reader(bytes(range(32)), stranger).encode()

    def change(request, deliver):
        answer = deliver(request)
        return replace(answer, body=answer.body.replace(own, other))

    chain.network.on_the_way = change
    outcome = till.sync()
    assert outcome.trouble == "hq_unbelievable"
    assert other.decode() not in kept(till, "SELECT reader_key FROM local_hq")[0]


def said(kind: str, op: str, purposes: str = "", *seen: str, at: int = 5, commitment: str = "") -> Said:
    marks = " ".join(op_mark(one) for one in seen)
    return Said(op, kind, at, "2026-11-23", "G", "counter", purposes, commitment, marks)


def test_no_order_of_what_was_said_changes_what_a_member_is():
    chance = random.Random(5)
    for _ in range(300):
        ops = [f"op {n}" for n in range(chance.randint(1, 6))]
        facts = []
        for op in ops:
            kind = chance.choice(("bound", "given", "withdrawn", "corrected", "erased"))
            some = " ".join(sorted(chance.sample(tuple(Purpose), chance.randint(1, 3))))
            purposes = some if kind in ("bound", "given", "withdrawn") else ""
            seen = chance.sample(ops, chance.randint(0, len(ops))) if kind in ("given", "corrected") else []
            facts.append(said(kind, op, purposes, *seen, at=chance.randrange(4), commitment=chance.choice(("", op))))
        first = standing_of(facts)
        for _ in range(5):
            chance.shuffle(facts)
            assert standing_of(facts) == first


def test_yes_holds_where_it_was_said_in_knowledge_of_every_no():
    """Whatever the clocks say."""
    bound, no = said("bound", "a", "membership marketing", at=9), said("withdrawn", "b", "marketing", at=1)
    knowing, unaware = said("given", "c", "marketing", "a", "b", at=0), said("given", "c", "marketing", "a", at=99)
    assert standing_of([bound, no]).purposes == (MEMBERSHIP,)
    assert standing_of([bound, no, knowing]).purposes == (MEMBERSHIP, MARKETING)
    assert standing_of([bound, no, unaware]).purposes == (MEMBERSHIP,)
    again = said("withdrawn", "d", "marketing", at=0)
    assert standing_of([bound, no, knowing, again]).purposes == (MEMBERSHIP,)


def test_the_record_that_was_set_right_in_knowledge_of_the_other_is_right():
    bound, first = said("bound", "a", "membership", at=9, commitment="A"), said("corrected", "b", at=8, commitment="B")
    assert standing_of([bound, first]).commitment == "B"
    second = said("corrected", "c", "", "a", "b", at=1, commitment="C")
    assert standing_of([bound, first, second]).commitment == "C"
    unaware = said("corrected", "d", "", "a", at=2, commitment="D")
    assert standing_of([bound, second, unaware]).commitment == "D"


def test_no_phone_goes_out_in_clear(chain):
    first, second = two_tills(chain)
    sent: list[bytes] = []

    def watch(request, deliver):
        answer = deliver(request)
        sent.extend((request.body, zlib.decompress(request.body) if request.target == wire.PUSH else b"", answer.body))
        return answer

    chain.network.on_the_way = watch
    member = first.bind(PHONE, name="王小明", card="VIP 7").id
    heard(chain, first, second)
    desk.correct(first.terminal, SYSTEM, member, phone=OTHER, name="李小红")
    heard(chain, first, second)
    desk.erase(second.terminal, SYSTEM, member)
    heard(chain, second, first)
    everything = b"".join(sent) + b"".join(path.read_bytes() for path in chain.folder.rglob("*") if path.is_file())
    for secret in (PHONE, OTHER, PHONE[3:], OTHER[3:], "王小明", "李小红", "VIP 7"):
        assert secret.encode() not in everything, secret


def test_a_withdrawal_of_another_store_is_none(chain):
    first, other = chain.till(), chain.till(store="S2")
    member = first.bind(PHONE).id
    heard(chain, first, other)

    def forge(session):
        head = session.head("forged", "0" * 32, SYSTEM)
        return events.encode(ConsentWithdrawn(head=head, member=member, purposes=list(Purpose)))

    raw = other.terminal.write(forge).result()
    stranger = voice(chain, "S2", "T3")
    answer = stranger.ask(wire.PUSH, wire.packed(stranger.push(ahead=[raw])))
    assert answer.status == 200
    heard(chain, first, other)
    assert told(chain)[member] == "active"


def test_head_offices_funnel_and_repeat_rate_are_the_tills(chain):
    """Those of a store with one till, whatever else the chain does."""
    till, other = chain.till(), chain.till(store="S2")
    for n, place in enumerate(("counter", "shelf", "shelf", "shelf")):
        till.terminal.write(
            partial(touchpoints.change, by=SYSTEM, id_="shelf", name="Shelf", category="offline")
        ).result()
        member = till.bind(f"1381234567{n}", touchpoint=place).id
        for _ in range(n):
            chain.clock.go(hours=24)
            cart = carts.for_member(till.cart((WATER, 2)), member, "")
            till.bring_codes_back(till.check_out(cart).receipt)
            till.check_out(carts.for_member(till.cart((WATER, 1)), member, ""))
    other.bind("13812345678")
    heard(chain, till, other)
    own = till.terminal.read(partial(days.day_report, by=SYSTEM, start="2026-11-01", end=till_date(till))).result()
    there = chain.db.read(lambda connection: chain_report(connection, "2026-11-01", till_date(till), "S1")).report
    assert own.funnel == there.funnel and own.repeat == there.repeat
    assert [(one.touchpoint, one.bound, one.bought, one.again) for one in own.funnel] == [
        ("counter", 1, 0, 0),
        ("shelf", 3, 3, 2),
    ]


def till_date(till: Till) -> str:
    return till.terminal.read(lambda view: view.today()).result()


def test_yes_at_another_till_may_follow_a_no_that_was_sent_ahead(chain, monkeypatch):
    """Though the facts before the no are still to come."""
    first, second = two_tills(chain)
    member = first.bind(PHONE).id
    heard(chain, first, second)
    monkeypatch.setattr(wire, "BATCH_EVENTS", 2)
    for _ in range(6):
        first.sell((WATER, 1))
    desk.withdraw(first.terminal, SYSTEM, member, (MARKETING,))
    asked = iter((True, False))

    def one_push_only(request, deliver):
        if request.target == wire.PUSH and not next(asked, False):
            raise BrokenWorldError("hq_unreachable", url="", detail="away")
        return deliver(request)

    chain.network.on_the_way = one_push_only
    first.sync()
    chain.network.on_the_way = None
    chain.project()
    second.sync()
    assert of(second, member).standing.purposes == (MEMBERSHIP, CONTACT)
    give = partial(desk.give, by=SYSTEM, member=member, purposes=(MARKETING,), language="en")
    second.terminal.write(give).result()
    heard(chain, second, first, second)
    assert of(first, member).standing.purposes == of(second, member).standing.purposes == tuple(Purpose)
    assert whole(chain, first, second)
