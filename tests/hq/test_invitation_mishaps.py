"""Invitations where tills are hostile or die, visitors make things up, and everything happens at once."""

from __future__ import annotations

import threading
from functools import partial

import msgspec
import pytest
from sqlalchemy import Connection

from core.credit.rules import Rule
from core.events import MemberBound, MemberInvited
from core.hq import bindings, callbacks, vault
from core.hq.bindings import Answer
from core.hq.projector import Projector
from core.hq.schema import BINDING, DAY, INVITATION, REPLY, SCAN
from core.hq.wechat_simulator import Simulator
from core.members.consent import NOTICE
from core.members.invitation import new_token
from core.shop import credits, members
from core.shop.terminal import SYSTEM
from tests.chain import Chain, Request, Till
from tests.hq.api_tools import AT, fact, head, voice
from tests.hq.test_invitations import AGREED, opened, rows, show, state, stays
from tests.hq.test_members import MEMBERSHIP, of, records, two_tills, whole
from tests.hq.test_tray import heard

PERSON = "p" * 64


def invited(op: str, token: str, **more: object) -> bytes:
    return fact(MemberInvited(head=head(op), token=token, language="en", **{"expires": 0, **more}))  # type: ignore[arg-type]


def kept(chain: Chain) -> list[tuple[str, str]]:
    return [key for key, held in records(chain).items() if held == vault.KEPT]


def active(till: Till) -> list[members.Member]:
    found = till.terminal.read(partial(members.newest, by=SYSTEM)).result()
    return [one for one in found if one.standing.is_active]


def answer(chain: Chain, token: str, person: str = PERSON) -> Answer:
    return Answer(token, person, chain.clock.now_ms(), (MEMBERSHIP,), NOTICE, "en", None)


def decided(chain: Chain) -> list[str]:
    return [row.state for row in rows(chain, BINDING) if row.state]


@pytest.fixture
def street(request: pytest.FixtureRequest) -> Simulator:
    return opened(request.getfixturevalue("small" if "small" in request.fixturenames else "chain"))


def test_no_store_takes_the_people_of_anothers_code(small, street):
    till = small.till()
    code = stays(till)
    heard(small, till)
    other = voice(small, "S2", "T9")
    other.tell(invited("x1", code.token))
    small.project()
    assert {row.store_id for row in rows(small, INVITATION)} == {"S1"}
    assert street.answer("Ming", code.link, AGREED) == "confirmed"
    heard(small, till)
    assert len(active(till)) == 1


@pytest.mark.parametrize("how", ["protected", "date"])
def test_no_fact_of_one_store_keeps_the_others_from_being_counted(small, street, how):
    liar = voice(small, "S0", "T9")
    one, two = (new_token("S0", lambda count, n=n: bytes([n] * count)) for n in (1, 2))
    liar.tell(invited("i1", one, guide="G1"))
    small.project()
    street.answer("Ming", one, AGREED)
    if how == "date":
        (row,) = [row for row in rows(small, BINDING) if row.state]
        late = msgspec.structs.replace(head("b1"), date="9999-12-31")
        bound = MemberBound(
            head=late, member=row.member_id, guide="G1", purposes=[MEMBERSHIP], notice="x", language="en", commitment=""
        )
        liar.tell(fact(bound))
        small.project()
    street.answer("Ming", two, AGREED)
    liar.tell(invited("i2", two, guide="G2", protected=10**12 if how == "protected" else 7))
    till = small.till()
    show(till)
    till.sync()
    small.project()
    assert [row for row in rows(small, INVITATION) if row.store_id == "S1"]


def test_a_store_that_cannot_be_counted_is_not_the_others_fault(small, monkeypatch):
    for store in ("S1", "S2"):
        till = small.till(store, "T1")
        till.bind("13800001234")
        till.sync()
    real = bindings.take_invitations

    def fail(connection: Connection, store: str, facts: list) -> None:
        if store == "S1":
            raise ZeroDivisionError
        real(connection, store, facts)

    monkeypatch.setattr(bindings, "take_invitations", fail)
    with pytest.raises(ZeroDivisionError):
        Projector(small.db).run()
    assert {row.store_id for row in rows(small, DAY)} == {"S2"}


def test_of_two_who_answer_one_code_the_second_is_told_and_leaves_nothing(chain, street):
    till = chain.till()
    shown = show(till)
    assert street.answer("Ming", shown.link, AGREED) == "unknown"
    chain.clock.go(minutes=1)
    assert street.answer("Hua", shown.link, AGREED) == "unknown"
    heard(chain, till)
    assert len(active(till)) == 1 and len(kept(chain)) == 1
    again = show(till)
    heard(chain, till)
    assert street.answer("Hua", again.link, AGREED) == "confirmed"
    assert street.answer("Ming", again.link, AGREED) == "taken"
    heard(chain, till)
    assert len(active(till)) == 2 and len(kept(chain)) == 2 and whole(chain, till)


def test_after_erasure_no_older_answer_binds_anybody(chain, street):
    first, second = two_tills(chain)
    here, there = show(first), show(second)
    heard(chain, first)
    assert street.answer("Ming", there.link, AGREED) == "unknown"
    street.answer("Ming", here.link, AGREED)
    heard(chain, first)
    chain.clock.go(minutes=5)
    members.erase(first.terminal, SYSTEM, state(first, here).member)
    heard(chain, first)
    assert not kept(chain)
    heard(chain, second)
    heard(chain, first, second)
    assert state(second, there).state == "refused" and not active(first) and not active(second)
    assert whole(chain, first, second)


def test_who_left_may_come_back_by_the_same_code(chain, street):
    till = chain.till()
    code = stays(till)
    heard(chain, till)
    street.answer("Ming", code.link, AGREED)
    heard(chain, till)
    (gone,) = active(till)
    members.erase(till.terminal, SYSTEM, gone.id)
    heard(chain, till)
    chain.clock.go(days=30)
    assert street.answer("Ming", code.link, AGREED) == "confirmed"
    heard(chain, till)
    (back,) = active(till)
    assert back.id != gone.id and back.phone and whole(chain, till)


def test_a_till_that_dies_before_it_says_so_loses_nobody_for_good(chain, street):
    first, second = two_tills(chain)
    shown = show(first)
    heard(chain, first, second)
    assert street.answer("Ming", shown.link, AGREED) == "confirmed"
    # The first till is never heard of again.
    chain.clock.go(days=2)
    again = show(second)
    heard(chain, second)
    assert street.answer("Ming", again.link, AGREED) == "confirmed"
    heard(chain, second)
    assert of(second, state(second, again).member).phone == "139****0001"


def test_head_office_from_an_older_copy_decides_the_same_again(small, street):
    till = small.till()
    shown = show(till)
    street.answer("Ming", shown.link, AGREED)
    small.shut()
    older = (small.home.folder / "hq.db").read_bytes()
    small.open()
    opened(small)
    heard(small, till)
    member = state(till, shown).member
    small.shut()
    (small.home.folder / "hq.db").write_bytes(older)
    small.open()
    opened(small)
    heard(small, till, till)
    assert {row.member_id for row in rows(small, BINDING) if row.state} == {member}
    members.erase(till.terminal, SYSTEM, member)
    heard(small, till, till)
    assert not kept(small) and whole(small, till)


def test_nobody_fills_head_office_with_answers_to_codes_that_are_none(small, street):
    for n in range(60):
        street.answer("Ming", new_token("S1", lambda count, n=n: bytes([n] * count)), AGREED)
    assert len(rows(small, REPLY)) == len(kept(small)) == 20
    small.clock.go(days=31)
    small.network.app.state.desk.reception.make_links()
    assert not rows(small, REPLY) and not kept(small)


def test_a_signature_says_one_thing_and_only_for_a_while(small, street):
    till = small.till()
    shown = show(till)
    heard(small, till)
    signed = street._signature()

    def said(openid: str) -> int:
        xml = (
            f"<xml><FromUserName>{openid}</FromUserName><CreateTime>1</CreateTime><MsgType>event</MsgType>"
            f"<Event>SCAN</Event><EventKey>{shown.token}</EventKey></xml>"
        )
        return small.network.deliver(Request("POST", f"/wechat?{signed}", xml.encode(), {})).status

    assert [said("o1"), said("o1"), said("o2")] == [200, 200, 401]
    small.clock.go(minutes=11)
    assert said("o1") == 401 and len(rows(small, SCAN)) == 1


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0" encoding="nope"?><xml/>',
        b"<xml>" + b"<a>" * 5_000,
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x []><xml/>'.encode("utf-16"),
    ],
)
def test_what_cannot_be_read_is_no_callback(body):
    with pytest.raises(ValueError, match=r"."):
        callbacks.read_scan(body)


@pytest.mark.parametrize("token", ["0" * 100, "x" * 16])
def test_a_token_that_is_none_keeps_nobody_from_a_code_of_wechats(small, street, token):
    voice(small, "S0", "T9").tell(invited("p", token, expires=AT + 1))
    till = small.till()
    shown = show(till)
    heard(small, till)
    small.network.app.state.desk.reception.make_links()
    heard(small, till)
    assert state(till, shown).link.startswith("http://weixin.qq.com/q/")


def test_a_code_that_wechat_refuses_is_shown_as_our_own(small, street, monkeypatch):
    till = small.till()
    one, other = show(till), show(till)
    heard(small, till)
    real = street._made_code

    def refuse(asked: dict) -> dict:
        scene = asked["action_info"]["scene"]["scene_str"]
        return {"errcode": 40097, "errmsg": "invalid args"} if scene == one.token else real(asked)

    monkeypatch.setattr(street, "_made_code", refuse)
    small.network.app.state.desk.reception.make_links()
    heard(small, till)
    assert state(till, one).link == one.link and state(till, other).link.startswith("http://weixin.qq.com/q/")


def test_an_answer_that_meets_the_till_on_the_way_is_decided(chain):
    till = chain.till()
    shown = show(till)
    till.sync()
    if not chain.db.is_postgresql:
        pytest.skip("there nobody writes at the same time")
    counting = threading.Thread(target=chain.project)
    with chain.db.engine.begin() as door:
        assert bindings.take_answer(door, answer(chain, shown.token)) == ""
        counting.start()
        # It waits for the door, at the code's own lock.
        counting.join(0.5)
    counting.join()
    heard(chain, till)
    assert decided(chain) == ["confirmed"] and state(till, shown).state == "confirmed"


@pytest.mark.parametrize("what", ["scan", "link"])
def test_what_comes_late_changes_nothing_that_was_decided(chain, what):
    if not chain.db.is_postgresql:
        pytest.skip("there nobody writes at the same time")
    till = chain.till()
    shown = show(till)
    heard(chain, till)
    now = chain.clock.now_ms()
    late = partial(bindings.tell_link, token=shown.token, link="http://weixin.qq.com/q/x")
    if what == "scan":
        late = partial(
            bindings.take_scan, digest=b"1" * 32, token=shown.token, person=PERSON, event="SCAN", at=now, now=now
        )
    writing = threading.Thread(target=lambda: chain.db.write(late))
    with chain.db.engine.begin() as door:
        assert bindings.take_answer(door, answer(chain, shown.token)) == "confirmed"
        writing.start()
        writing.join(0.5)
    writing.join()
    heard(chain, till)
    assert state(till, shown).state == "confirmed"


def test_nobody_is_protected_where_no_rule_says_so(small, street):
    till = small.till()
    for who in ("G1", "G2"):
        till.hire(who, "guide")
    till.terminal.write(partial(credits.set_rule, by=SYSTEM, rule=Rule("", 500_000))).result()
    for guide in ("G1", "G2"):
        shown = show(till, guide)
        heard(small, till)
        assert street.answer("Ming", shown.link, AGREED) == "confirmed"
        heard(small, till)
        heard(small, till)
    assert [one.standing.guide for one in active(till)] == ["G2"]
