"""Members where clocks are wrong, homes and head office come back from older copies, and peers are hostile."""

from __future__ import annotations

from functools import partial

import msgspec
import pytest
from sqlalchemy import select

from core import events, wire
from core.errors import RefusedError
from core.events import MemberBound, MemberErased, Purpose
from core.hq import doctor, vault
from core.hq.schema import RECORD
from core.members import sealing
from core.members.record import SALT, Record, commitment_of, packed
from core.sales import cart as carts
from core.shop import counter
from core.shop import members as desk
from core.shop.terminal import SYSTEM
from core.wire import SealedRecord
from tests.builders import WATER
from tests.chain import Chain, Till
from tests.hq.api_tools import Voice, head, voice
from tests.hq.test_members import (
    CONTACT,
    MARKETING,
    MEMBERSHIP,
    OTHER,
    PHONE,
    find,
    kept,
    of,
    records,
    told,
    two_tills,
    whole,
)
from tests.hq.test_tray import heard


def give(till: Till, member: str, *purposes: Purpose) -> None:
    step = partial(desk.give, by=SYSTEM, member=member, purposes=purposes, language="en")
    till.terminal.write(step).result()


def withdraw(till: Till, member: str, *purposes: Purpose) -> desk.Member:
    return desk.withdraw(till.terminal, SYSTEM, member, purposes)


def bytes_of(*folders) -> bytes:
    return b"".join(path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file())


def test_at_a_restored_till_who_leaves_has_left(chain):
    """Though head office has more facts of that till than the till itself has."""
    till = chain.till()
    member = till.bind(PHONE).id
    heard(chain, till)
    till.copy(chain.folder / "before")
    for _ in range(2):
        withdraw(till, member, MARKETING)
        give(till, member, MARKETING)
    heard(chain, till)
    late = chain.opened(chain.folder / "before")
    late.sell((WATER, 1))
    heard(chain, late)
    assert withdraw(late, member, MARKETING).standing.purposes == (MEMBERSHIP, CONTACT)
    sealed = [bytes(part) for row in kept(late, "SELECT key, record FROM local_vault") for part in row]
    left = withdraw(late, member, MEMBERSHIP)
    assert (left.standing.state, left.confirmed, left.phone) == ("left", False, "")
    assert not any(part in bytes_of(late.terminal.home.folder) for part in sealed)
    with pytest.raises(RefusedError, match="member_left"):
        late.terminal.write(partial(counter.attach, by=SYSTEM, member=member)).result()
    heard(chain, late, till)
    assert of(late, member).standing.state == of(till, member).standing.state == "left"
    assert whole(chain, late, till)


def test_no_clock_undoes_a_no_or_a_correction(chain):
    first, second = two_tills(chain)
    member = first.bind(PHONE).id
    heard(chain, first, second)
    chain.clock.go(minutes=-2)
    withdraw(second, member, MARKETING, CONTACT)
    desk.correct(second.terminal, SYSTEM, member, phone=OTHER)
    chain.clock.go(minutes=4)
    heard(chain, second, first)
    for till in (first, second):
        assert of(till, member).standing.purposes == (MEMBERSHIP,) and of(till, member).phone == "139****5678"
    # One till whose clock is set back between a yes and a no.
    give(first, member, MARKETING)
    chain.clock.go(minutes=-2)
    withdraw(first, member, MARKETING)
    heard(chain, first, second)
    assert of(second, member).standing.purposes == (MEMBERSHIP,)
    assert whole(chain, first, second)


def test_nobody_is_called_by_the_old_number_while_the_right_one_is_on_its_way(chain):
    first, second = two_tills(chain)
    member = first.bind(PHONE).id
    heard(chain, first, second)
    desk.correct(second.terminal, SYSTEM, member, phone=OTHER)
    second.terminal.home.vault_key.rename(chain.folder / "key")
    second.terminal.close()
    second = chain.opened(second.terminal.home.folder)
    heard(chain, second, first)
    assert of(first, member).phone == "" and whole(chain, first)
    withdraw(first, member, MARKETING)
    assert whole(chain, first)


def test_nothing_more_is_said_of_whoever_was_erased_elsewhere(chain):
    first, second = two_tills(chain)
    member = first.bind(PHONE).id
    heard(chain, first, second)
    desk.erase(first.terminal, SYSTEM, member)
    heard(chain, first, second)
    facts = second.diagnosis().events
    for step in (
        lambda: give(second, member, MARKETING),
        lambda: withdraw(second, member, MARKETING),
        lambda: desk.erase(second.terminal, SYSTEM, member),
        lambda: desk.correct(second.terminal, SYSTEM, member, name="x"),
    ):
        with pytest.raises(RefusedError, match="member_left"):
            step()
    assert second.diagnosis().events == facts


def test_a_till_that_knew_better_does_not_forget_who_left(small):
    first, second = two_tills(small)
    member = first.bind(PHONE).id
    heard(small, first, second)
    small.shut()
    older = (small.home.folder / "hq.db").read_bytes()
    small.open()
    desk.erase(second.terminal, SYSTEM, member)
    heard(small, second, first)
    small.shut()
    (small.home.folder / "hq.db").write_bytes(older)
    small.open()
    heard(small, first)
    assert (of(first, member).standing.state, of(first, member).phone) == ("erased", "")
    heard(small, first)
    assert vault.KEPT not in records(small).values() and whole(small, first)


@pytest.mark.parametrize("erased", [True, False])
def test_who_left_stays_gone_where_both_sides_come_back_from_before(small, erased):
    """A copy of the till that had heard of it says it again: whoever said it first said it to a lost disk."""
    first, second = two_tills(small)
    member = first.bind(PHONE).id
    heard(small, first, second)
    small.shut()
    older = (small.home.folder / "hq.db").read_bytes()
    small.open()
    if erased:
        desk.erase(second.terminal, SYSTEM, member)
    else:
        withdraw(second, member, MEMBERSHIP)
    heard(small, second, first)
    second.terminal.close()
    small.shut()
    (small.home.folder / "hq.db").write_bytes(older)
    small.open()
    heard(small, first, first)
    state = "erased" if erased else "left"
    assert told(small) == {member: state} and vault.KEPT not in records(small).values()
    assert of(first, member).standing.state == state and of(first, member).standing.told
    facts = first.diagnosis().events
    heard(small, first)
    assert first.diagnosis().events == facts and whole(small, first)


def test_a_head_office_from_before_the_store_takes_its_members_in(small):
    small.shut()
    older = (small.home.folder / "hq.db").read_bytes()
    small.open()
    till = small.till()
    till.sync()
    small.shut()
    (small.home.folder / "hq.db").write_bytes(older)
    small.open()
    till.bind(PHONE)
    assert till.sync().reached
    heard(small, till)
    assert list(records(small).values()) == [vault.KEPT] and whole(small, till)


def test_what_is_overwritten_while_the_disk_is_cleaned_is_cleaned_as_well(chain, monkeypatch):
    till = chain.till()
    one, other = till.bind(PHONE).id, till.bind(OTHER).id
    heard(chain, till)
    rows = chain.db.read(lambda connection: connection.execute(select(RECORD)).all())
    sealed = {row.member_id: bytes(row.body) for row in rows}
    desk.erase(till.terminal, SYSTEM, one)
    heard(chain, till)
    real = chain.db.leave_no_trace
    raced = []

    def race(table: str) -> bool:
        done = real(table)
        if not raced:
            raced.append(table)
            desk.erase(till.terminal, SYSTEM, other)
            heard(chain, till)
        return done

    monkeypatch.setattr(chain.db, "leave_no_trace", race)
    assert vault.leave_no_trace(chain.db)
    assert set(records(chain).values()) == {vault.GONE}
    assert not any(part in bytes_of(chain.home.folder) for part in sealed.values())


def sent(chain: Chain, who: Voice, member: str, content: bytes, op: str = "op") -> int:
    """A terminal of the store sends a binding, and bytes as its record. Returns what head office answers."""
    fact = MemberBound(
        head=head(op), member=member, purposes=list(Purpose), notice="1", language="en",
        commitment=commitment_of(content),
    )  # fmt: skip
    reader = wire.bytes_of(chain.home.reader_key())[:32]
    box = sealing.seal_for(reader, content, member, chain.chance.randbytes)
    record = SealedRecord(member=member, commitment=commitment_of(content), box=box)
    answer = who.ask(wire.PUSH, wire.packed(who.push(events.encode(fact), records=[record])))
    who.catch_up()
    return answer.status


@pytest.mark.parametrize(
    "content",
    [
        packed(Record(salt=b"s" * SALT, phone="x")),
        packed(Record(salt=b"s" * SALT, phone="+8613812345678", name="n" * 41)),
        packed(Record(salt=b"s" * SALT, phone="+8613812345678", name="a\0b")),
        packed(Record(salt=b"", phone="+8613812345678")),
        msgspec.msgpack.encode({"salt": b"s" * SALT, "phone": "+8613812345678", "more": "n" * 1_200_000}),
        b"",
    ],
)
def test_what_is_no_record_harms_nobody(small, content):
    first = small.till()
    first.bind(PHONE)
    assert sent(small, voice(small, "S1", "T9"), "member-x", content) == 200
    heard(small, first)
    assert len(records(small)) == 1
    shown = first.terminal.read(partial(desk.newest, by=SYSTEM)).result()
    assert sorted(member.phone for member in shown) == ["", "138****5678"]
    first.terminal.write(partial(counter.scan, by=SYSTEM, text=WATER.code)).result()
    first.terminal.write(partial(counter.attach, by=SYSTEM, member="member-x")).result()
    assert first.pay_counter().member == "member-x"
    assert whole(small, first)


def test_a_number_of_no_country_is_shown_hidden(small):
    first = small.till()
    content = packed(Record(salt=b"s" * SALT, phone="+999123456789"))
    assert sent(small, voice(small, "S1", "T9"), "member-x", content) == 200
    heard(small, first)
    assert "****" in of(first, "member-x").phone and "12345" not in of(first, "member-x").phone


@pytest.mark.parametrize("member", ["", "a\0b", "é", "a b", "a" * 65, "a\n"])
def test_records_of_odd_ids_are_left_out_on_either_engine(chain, member):
    who = voice(chain, "S1", "T9")
    content = packed(Record(salt=b"s" * SALT, phone="+8613812345678"))
    box = sealing.seal_for(wire.bytes_of(chain.home.reader_key())[:32], content, member, chain.chance.randbytes)
    record = SealedRecord(member=member, commitment=commitment_of(content), box=box)
    assert who.ask(wire.PUSH, wire.packed(who.push(records=[record]))).status == 200
    assert not records(chain)


def test_no_more_is_sent_ahead_than_a_push_can_hold(small):
    who = voice(small, "S1", "T9")
    raws = [events.encode(MemberErased(head=head(f"op{n}"), member=f"m{n}")) for n in range(wire.BATCH_EVENTS + 1)]
    assert who.ask(wire.PUSH, wire.packed(who.push(ahead=raws))).status == 400
    assert who.ask(wire.PUSH, wire.packed(who.push(ahead=raws[1:]))).status == 200
    assert all(check.ok for check in doctor.examine(small.db))


def test_a_time_that_cannot_be_shown_is_refused(small):
    till = small.till()
    row = {"at": 2**52, "date": "2026-11-23", "purposes": ["membership"], "state": "active", "said": []}
    till.hear("members", x=row, y=row | {"at": 5})
    shown = till.terminal.read(partial(desk.newest, by=SYSTEM)).result()
    assert [member.id for member in shown] == ["y"]


def test_a_text_that_is_none_finds_nobody(small):
    till = small.till()
    till.bind(PHONE)
    with pytest.raises(RefusedError, match="no_such_member"):
        find(till, "\ud800")


def test_a_record_without_a_fact_is_nobodys(chain):
    who = voice(chain, "S1", "T9")
    content = packed(Record(salt=b"s" * SALT, phone="+8613812345678"))
    box = sealing.seal_for(wire.bytes_of(chain.home.reader_key())[:32], content, "m", chain.chance.randbytes)
    record = SealedRecord(member="m", commitment=commitment_of(content), box=box)
    fact = MemberBound(
        head=head("op"), member="m", purposes=list(Purpose), notice="1", language="en",
        commitment=commitment_of(content),
    )  # fmt: skip
    raw = events.encode(fact)
    assert who.ask(wire.PUSH, wire.packed(who.push(records=[record]))).status == 200
    assert who.ask(wire.PUSH, wire.packed(who.push(raw, first=5, records=[record]))).status == 409
    assert who.ask(wire.PUSH, wire.packed(who.push(raw, previous=b"x" * 32, records=[record]))).status == 409
    assert not records(chain)
    assert who.ask(wire.PUSH, wire.packed(who.push(raw, records=[record]))).status == 200
    assert list(records(chain).values()) == [vault.KEPT]


def test_a_till_knows_who_bought_last_at_the_other(chain):
    till, twin = two_tills(chain)
    member = till.bind(PHONE).id
    heard(chain, till, twin)
    chain.clock.go(days=3)
    buyer = twin.terminal.read(partial(desk.buyer, member=member)).result()
    receipt = twin.check_out(carts.for_member(twin.cart((WATER, 1)), *buyer)).receipt
    heard(chain, twin, till)
    last = "SELECT last FROM feed_member"
    assert kept(till, last) == kept(twin, last) == [("2026-11-26",)]
    # What came back was bought all the same.
    twin.bring_back(receipt)
    heard(chain, twin, till)
    assert kept(till, last) == [("2026-11-26",)] and whole(chain, till, twin)
