"""People become members with their own phones: WeChat, head office and the tills agree on what became of it."""

from __future__ import annotations

import json
from functools import partial

import pytest
from sqlalchemy import select

from core.credit.rules import Rule
from core.hq import callbacks, vault
from core.hq.schema import BINDING, PERSON, SCAN
from core.hq.wechat import Account, WeChat
from core.hq.wechat_simulator import Simulator
from core.members.invitation import VALID_MS, is_of, is_token, link_of, new_token, token_in
from core.shop import credits, invitations, members, touchpoints
from core.shop.terminal import SYSTEM
from tests.chain import Chain, Request, Till
from tests.hq.test_members import CONTACT, MEMBERSHIP, of, records, two_tills, whole
from tests.hq.test_tray import heard

ACCOUNT = Account("wx1", "its secret", "its token", "http://127.0.0.1:1")
AGREED = ("membership", "contact")


@pytest.fixture
def street(request: pytest.FixtureRequest) -> Simulator:
    """WeChat, and two people with phones, for the chain of the test."""
    return opened(request.getfixturevalue("small" if "small" in request.fixturenames else "chain"))


def opened(chain: Chain) -> Simulator:
    chain.home.keep_wechat(ACCOUNT)

    def send(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        answer = chain.network.deliver(Request(method, path, body, {}))
        return answer.status, answer.body

    made = Simulator(ACCOUNT, chain.clock.now_ms, send)
    connect = lambda account, now_ms: WeChat(account, now_ms, made.serve)  # noqa: E731
    chain.network.app.state.desk.reception._connect = connect
    for name, phone in (("Ming", "13900000001"), ("Hua", "13900000002")):
        made.add(name, phone)
    return made


def show(till: Till, guide: str = "") -> invitations.Invitation:
    return till.terminal.write(lambda s: invitations.invite(s, SYSTEM, s.ids.new(), guide=guide)).result()


def state(till: Till, shown: invitations.Invitation) -> invitations.Invitation:
    return till.terminal.read(partial(invitations.state_of, token=shown.token)).result()


def asked(till: Till) -> int:
    return till.terminal.read(partial(credits.day_of, by=SYSTEM, person="G1")).result().asked


def rows(chain: Chain, table) -> list:
    return chain.db.read(lambda connection: connection.execute(select(table)).all())


def test_tokens_fit_everywhere_and_are_found_again():
    token = new_token("S1", lambda count: bytes(range(count)))
    assert is_token(token) and len(token) <= 30 and is_of(token, "S1") and not is_of(token, "S2")
    link = link_of("id.example.com", token)
    assert link == f"HTTPS://ID.EXAMPLE.COM/B/{token}"
    assert token_in(link) == token_in(f"qrscene_{token}") == token_in(token) == token
    assert token_in("https://elsewhere.example/B/short") == ""


def test_somebody_becomes_a_member_with_their_own_phone(chain, street):
    first, second = two_tills(chain)
    first.hire("G1", "guide")
    shown = show(first, "G1")
    assert (shown.state, shown.link) == ("shown", link_of("id.example.com", shown.token))
    heard(chain, first)
    chain.network.app.state.desk.reception.make_links()
    heard(chain, first)
    link = state(first, shown).link
    assert link.startswith("http://weixin.qq.com/q/")
    assert street.scan("Ming", link) == "open"
    heard(chain, first)
    assert state(first, shown).state == "waiting" and asked(first) == 1
    assert street.answer("Ming", link, AGREED) == "confirmed"
    heard(chain, first, second)
    bound = state(first, shown)
    assert bound.state == "confirmed" and asked(first) == 0
    for till in (first, second):
        found = of(till, bound.member)
        assert (found.phone, found.standing.guide, found.standing.purposes) == (
            "139****0001",
            "G1",
            (MEMBERSHIP, CONTACT),
        )
    assert list(records(chain).values()).count(vault.KEPT) == 1
    assert whole(chain, first, second)


def test_a_code_that_was_shown_without_a_network_is_answered_when_there_is_one(small, street):
    till = small.till()
    shown = show(till)
    assert street.scan("Ming", shown.link) == "unknown"
    assert street.answer("Ming", shown.link, AGREED) == "unknown"
    assert state(till, shown).state == "shown"
    small.clock.go(minutes=30)
    assert state(till, shown).state == "unheard"
    heard(small, till)
    assert state(till, shown).state == "confirmed" and street.scan("Ming", shown.link) == "confirmed"
    assert of(till, state(till, shown).member).phone == "139****0001"
    assert whole(small, till)


def test_who_refuses_is_nobody(small, street):
    till = small.till()
    shown = show(till)
    heard(small, till)
    assert street.answer("Ming", shown.link, ()) == "refused"
    assert street.answer("Ming", shown.link, AGREED) == "refused"
    heard(small, till)
    assert (state(till, shown).state, state(till, shown).member) == ("refused", "")
    assert vault.KEPT not in records(small).values() and not rows(small, PERSON)
    assert till.terminal.read(partial(members.newest, by=SYSTEM)).result() == []


def test_a_code_whose_time_is_over_binds_nobody(small, street):
    till = small.till()
    shown = show(till)
    heard(small, till)
    small.network.app.state.desk.reception.make_links()
    heard(small, till)
    link = state(till, shown).link
    small.clock.ms += VALID_MS + 1
    assert street.scan("Ming", link) == "" and street.scan("Ming", shown.link) == "expired"
    heard(small, till)
    assert state(till, shown).state == "expired"
    assert street.answer("Ming", shown.link, AGREED) == "expired"
    heard(small, till)
    assert state(till, shown).state == "expired" and vault.KEPT not in records(small).values()


def test_callbacks_may_come_doubled_late_and_unsigned(small, street):
    till = small.till()
    shown = show(till)
    heard(small, till)
    small.network.app.state.desk.reception.make_links()
    heard(small, till)
    link = state(till, shown).link
    street.weather.doubled = 1.0
    street.scan("Ming", link)
    assert len(rows(small, SCAN)) == 1
    street.weather.delayed = 1.0
    small.clock.go(minutes=1)
    street.scan("Ming", link)
    street.answer("Ming", link, AGREED)
    assert street.deliver_late() == 1 and [row.event for row in rows(small, SCAN)] == ["subscribe", "SCAN"]
    heard(small, till)
    assert state(till, shown).state == "confirmed"
    for path, body in (("/wechat?signature=x", b"<xml/>"), (f"/wechat?{street._signature()}", b"no xml")):
        answer = small.network.deliver(Request("POST", path, body, {}))
        assert answer.status in (400, 401)
    answer = small.network.deliver(Request("GET", f"/wechat?{street._signature()}&echostr=hello", b"", {}))
    assert (answer.status, answer.body) == (200, b"hello")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<xml>",
        b"<!DOCTYPE a><xml/>",
        b"<xml><CreateTime>-1</CreateTime><FromUserName>o</FromUserName></xml>",
        b"x" * 20_000,
    ],
)
def test_what_is_no_callback_is_refused(body):
    with pytest.raises(ValueError, match=r"."):
        callbacks.read_scan(body)


def test_a_person_is_one_member_and_the_first_guide_keeps_them(chain, street):
    first, second = two_tills(chain)
    for till in (first, second):
        till.hire("G1", "guide")
        till.hire("G2", "guide")
        till.terminal.write(partial(credits.set_rule, by=SYSTEM, rule=Rule("", 500_000, protected=7))).result()
    one, two = show(first, "G1"), show(second, "G2")
    assert street.answer("Ming", one.link, ("membership",)) == "unknown"
    chain.clock.go(minutes=1)
    assert street.answer("Ming", two.link, AGREED) == "unknown"
    heard(chain, first, second, first)
    assert [state(first, one).state, state(second, two).state] == ["confirmed", "other_guide"]
    member = state(first, one).member
    assert state(second, two).member == member
    heard(chain, first, second)
    heard(chain, first, second)
    for till in (first, second):
        assert (of(till, member).standing.guide, CONTACT in of(till, member).standing.purposes) == ("G1", True)
        assert len(till.terminal.read(partial(members.newest, by=SYSTEM)).result()) == 1
    # When that time is over, whoever wins them anew has them.
    chain.clock.go(days=8)
    anew = show(second, "G2")
    heard(chain, second)
    assert street.answer("Ming", anew.link, ("membership",)) == "confirmed"
    heard(chain, second)
    heard(chain, first)
    assert of(first, member).standing.guide == of(second, member).standing.guide == "G2"
    assert of(first, member).standing.since == "2026-12-01"
    assert whole(chain, first, second)


def test_who_was_erased_becomes_another_member(chain, street):
    till = chain.till()
    shown = show(till)
    heard(chain, till)
    street.answer("Ming", shown.link, AGREED)
    heard(chain, till)
    member = state(till, shown).member
    members.erase(till.terminal, SYSTEM, member)
    heard(chain, till)
    assert not rows(chain, PERSON) and vault.KEPT not in records(chain).values()
    again = show(till)
    heard(chain, till)
    street.answer("Ming", again.link, ("membership",))
    heard(chain, till)
    assert state(till, again).state == "confirmed" and state(till, again).member != member
    assert whole(chain, till)


def test_head_office_keeps_nothing_in_clear(small, street):
    till = small.till()
    shown = show(till)
    street.answer("Ming", shown.link, AGREED)
    heard(small, till)
    person = street.people["Ming"]
    everything = b"".join(path.read_bytes() for path in small.folder.rglob("*") if path.is_file())
    for secret in (person.phone, person.unionid, person.openid):
        assert secret.encode() not in everything
    assert [row.state for row in rows(small, BINDING)] == ["confirmed"]


def test_a_restored_till_says_the_same_again(small, street):
    till = small.till()
    shown = show(till)
    heard(small, till)
    till.copy(small.folder / "before")
    street.answer("Ming", shown.link, AGREED)
    heard(small, till)
    member = state(till, shown).member
    late = small.opened(small.folder / "before")
    heard(small, late, late)
    assert of(late, member).phone == "139****0001" and whole(small, late)
    assert not [check for check in late.diagnosis().checks if not check.ok]


def test_people_are_told_what_is_asked_in_their_language(small, street):
    till = small.till()
    shown = show(till)
    heard(small, till)
    answer = small.network.deliver(Request("GET", f"/v1/invitation?token={shown.token}&language=zh_CN", b"", {}))
    assert answer.status == 200 and "会员".encode() in answer.body and b'"store":"S1"' in answer.body
    for bad in ("", "x", "%00"):
        assert small.network.deliver(Request("GET", f"/v1/invitation?token={bad}", b"", {})).status == 400


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"token": "short"}, 400),
        ({"purposes": ["everything"]}, 400),
        ({"purposes": ["contact"]}, 422),
        ({"language": "xx"}, 400),
        ({"login": "made up"}, 503),
        ({"notice": "+8613900000001"}, 400),
        ({"notice": "a\0b"}, 400),
    ],
)
def test_answers_that_cannot_be_are_refused_and_kept_nowhere(small, street, change, status):
    till = small.till()
    shown = show(till)
    heard(small, till)
    asked = {"token": shown.token, "login": "x", "phone": "y", "purposes": ["membership"], "language": "en"} | change
    answer = small.network.deliver(Request("POST", "/v1/answer", json.dumps(asked).encode(), {}))
    assert answer.status == status and not [row for row in rows(small, BINDING) if row.state]


def stays(till: Till, **where: str) -> invitations.Invitation:
    return till.terminal.write(partial(invitations.standing_code, by=SYSTEM, **where)).result()


def test_a_code_that_stays_binds_everybody_who_answers_it(chain, street):
    till = chain.till()
    till.hire("G1", "guide")
    add = partial(touchpoints.change, by=SYSTEM, id_="shelf", name="Shelf", category="offline")
    till.terminal.write(add).result()
    code = stays(till, touchpoint="shelf", guide="G1")
    assert stays(till, touchpoint="shelf", guide="G1").token == code.token
    assert street.answer("Ming", code.link, AGREED) == "unknown"
    heard(chain, till)
    chain.clock.go(days=40)
    assert street.scan("Hua", code.link) == "open" and street.answer("Hua", code.link, AGREED) == "confirmed"
    assert street.answer("Ming", code.link, ()) == "confirmed", "the first answer of a person stands"
    heard(chain, till)
    found = till.terminal.read(partial(members.newest, by=SYSTEM)).result()
    assert {one.phone for one in found} == {"139****0001", "139****0002"}
    assert {(one.standing.guide, one.standing.touchpoint) for one in found} == {("G1", "shelf")}
    assert state(till, code).state == "shown" and code.link.endswith(f"/B/{code.token}")
    (row,) = [one for one in chain.report().report.funnel if one.touchpoint == "shelf"]
    assert (row.touched, row.bound, row.bought) == (2, 2, 0)
    assert whole(chain, till)


def test_a_code_of_nobody_takes_nobody_from_their_guide(small, street):
    till = small.till()
    till.hire("G1", "guide")
    till.terminal.write(partial(credits.set_rule, by=SYSTEM, rule=Rule("", 500_000, protected=7))).result()
    own, poster = stays(till, guide="G1"), stays(till)
    heard(small, till)
    assert street.answer("Ming", own.link, ("membership",)) == "confirmed"
    heard(small, till)
    assert street.answer("Ming", poster.link, AGREED) == "confirmed"
    heard(small, till)
    (found,) = till.terminal.read(partial(members.newest, by=SYSTEM)).result()
    assert (found.standing.guide, found.standing.purposes) == ("G1", (MEMBERSHIP, CONTACT))
    assert whole(small, till)
