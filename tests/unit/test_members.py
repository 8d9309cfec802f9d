"""Members: consent, who is found by what, and what is left of them when they leave."""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import replace
from functools import partial

import pytest

from core import events
from core.database import transaction
from core.errors import BrokenWorldError, RefusedError
from core.events import Disclosure, MemberBound, Purpose
from core.journal import entries
from core.members import sealing
from core.members.phone import masked_name, masked_phone, read_phone
from core.members.record import new_record
from core.rows import op_mark
from core.shop import counter, members
from core.shop import vault as keeping
from core.shop.members import Form
from core.shop.terminal import SYSTEM, Actor, Terminal
from tests.builders import RICE, WATER

PHONE, OTHER = "13812345678", "13912345678"
ALL = tuple(Purpose)


@pytest.fixture
def bound(shop):
    return shop.bind(PHONE, name="王小明", card="VIP 7")


def refused(code: str):
    return pytest.raises(RefusedError, match=rf"^{code}\b")


def find(shop, text: str, by: Actor = SYSTEM) -> list[str]:
    return [one.id for one in shop.terminal.read(partial(members.find, by=by, text=text)).result()]


def history(shop, member: str) -> list:
    return shop.terminal.read(partial(members.history, by=SYSTEM, member=member)).result()


def members_of(shop, member: str):
    return shop.terminal.read(partial(members.member_of, member=member)).result()


def find_none(shop, text: str) -> bool:
    with refused("no_such_member"):
        find(shop, text)
    return True


def home_bytes(terminal: Terminal) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(terminal.home.folder.rglob("*")) if path.is_file())


def sealed_records(view) -> list[tuple[bytes, bytes]]:
    """Every key and record as they lie on the disk."""
    return view.connection.execute("SELECT key, record FROM local_vault ORDER BY slot").fetchall()


def test_phones_are_read_as_the_numbering_plans_say(data_phones):
    for one in data_phones:
        if one["valid"] and one["type"] in ("MOBILE", "FIXED_LINE_OR_MOBILE"):
            for text in (one["e164"], one["international"]):
                assert read_phone(text, "CN") == one["e164"]
            assert read_phone(one["national"], one["region"]) == one["e164"]
        else:
            with refused("bad_phone"):
                read_phone(one["e164"], one["region"])


@pytest.fixture
def data_phones():
    return [
        {"region": "CN", "type": "MOBILE", "valid": True, "e164": "+8613123456789", "national": "131 2345 6789",
         "international": "+86 131 2345 6789"},
        {"region": "CN", "type": "FIXED_LINE", "valid": True, "e164": "+861012345678"},
        {"region": "HK", "type": "MOBILE", "valid": True, "e164": "+85251234567", "national": "5123 4567",
         "international": "+852 5123 4567"},
        {"region": "CN", "type": "MOBILE", "valid": False, "e164": "+8612345678901"},
    ]  # fmt: skip


@pytest.mark.data
def test_phones_of_the_vectors(data):
    examples = json.loads((data / "cn_phone_vectors.json").read_text("utf-8"))["examples"]
    mobile = [one for one in examples if one["valid"] and one["type"] == "MOBILE"]
    assert mobile
    for one in mobile:
        assert read_phone(one["international"], "CN") == one["e164"]
        assert read_phone(one["national"], one["region"]) == one["e164"]


def test_masks():
    assert masked_phone("+8613812345678") == "138****5678"
    assert masked_phone("+85251234567") == "51****67"
    assert [masked_name(name) for name in ("王小明", "Anna Li", "李", "")] == ["王**", "A*** L*", "李", ""]


def test_a_member_is_bound_and_found_again(shop, bound):
    assert (bound.phone, bound.name, bound.standing.state) == ("138****5678", "王**", "active")
    for text in (PHONE, "+86 138 1234 5678", "138-1234-5678", "VIP 7", bound.id, "5678 王", "5678  王小明"):
        assert find(shop, text) == [bound.id], text
    for text in (OTHER, "VIP 8", "5678 李", "5679 王", "", "nobody"):
        with refused("no_such_member"):
            find(shop, text)
    report = shop.report()
    assert report.total.new_members == 1
    assert shop.diagnosis().ok


def test_nobody_is_a_member_without_agreeing(shop):
    for purposes in ((), (Purpose.MARKETING,), (Purpose.CONTACT, Purpose.MARKETING)):
        with refused("no_consent"):
            shop.bind(PHONE, purposes=purposes)
    assert shop.bind(PHONE, purposes=(Purpose.MEMBERSHIP,)).standing.purposes == (Purpose.MEMBERSHIP,)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"phone": "12345"}, "bad_phone"),
        ({"phone": ""}, "bad_phone"),
        ({"name": "x" * 41}, "bad_member_name"),
        ({"name": "a\x07b"}, "bad_member_name"),
        ({"card": "x" * 33}, "bad_card"),
        ({"name": "134567890123456789"}, "payment_code"),
        ({"card": "4111111111111111"}, "card_number"),
        ({"guide": "nobody here"}, "bad_person"),
    ],
)
def test_what_cannot_be_a_member_is_refused_and_leaves_nothing(shop, changes, code):
    before = shop.diagnosis().events
    with refused(code) as caught:
        shop.bind(**{"phone": PHONE, **changes})
    assert PHONE not in str(caught.value)
    assert shop.diagnosis().events == before


def test_the_same_phone_or_card_is_one_member(shop, bound):
    with refused("already_member") as caught:
        shop.bind("+86 138 1234 5678")
    assert caught.value.params["member"] == bound.id
    with refused("already_member"):
        shop.bind(OTHER, card="VIP 7")
    assert shop.bind(OTHER).id != bound.id


def test_a_second_press_binds_nobody_twice(shop):
    form = Form(shop.terminal.ids.new(), PHONE, ALL, "王小明")
    bind = lambda form: shop.terminal.write(partial(members.bind, by=SYSTEM, form=form)).result()  # noqa: E731
    first = bind(form)
    assert bind(form).id == first.id
    for changed in (replace(form, phone=OTHER), replace(form, name="李"), replace(form, purposes=ALL[:1])):
        with refused("form_changed"):
            bind(changed)
    assert shop.report().total.new_members == 1


def test_consent_is_given_and_taken_back(shop):
    member = shop.bind(PHONE, purposes=ALL[:1]).id
    give = partial(members.give, by=SYSTEM, member=member, language="en")
    assert shop.terminal.write(partial(give, purposes=(Purpose.MARKETING,))).result().standing.purposes == (
        Purpose.MEMBERSHIP,
        Purpose.MARKETING,
    )
    events = shop.diagnosis().events
    shop.terminal.write(partial(give, purposes=(Purpose.MARKETING,))).result()
    assert shop.diagnosis().events == events
    left = members.withdraw(shop.terminal, SYSTEM, member, (Purpose.MARKETING, Purpose.CONTACT))
    assert left.standing.purposes == (Purpose.MEMBERSHIP,)
    with refused("nothing_chosen"):
        members.withdraw(shop.terminal, SYSTEM, member, ())
    kinds = [event.__struct_config__.tag for event in shop.terminal.read(
        partial(members.history, by=SYSTEM, member=member)).result()]  # fmt: skip
    assert kinds == ["member.consent_withdrawn", "member.consent_given", "member.bound"]


@pytest.mark.parametrize("leaves", ["withdraw", "erase"])
def test_who_leaves_leaves_nothing(shop, bound, leaves):
    (sealed,) = shop.terminal.read(sealed_records).result()
    assert all(part in home_bytes(shop.terminal) for part in sealed)
    if leaves == "erase":
        left = members.erase(shop.terminal, SYSTEM, bound.id)
    else:
        left = members.withdraw(shop.terminal, SYSTEM, bound.id, (Purpose.MEMBERSHIP,))
    assert (left.phone, left.name, left.standing.purposes, left.standing.is_active) == ("", "", (), False)
    content = home_bytes(shop.terminal)
    assert not any(part in content for part in sealed)
    with refused("no_such_member"):
        find(shop, PHONE)
    with refused("member_left"):
        members.correct(shop.terminal, SYSTEM, bound.id, name="王")
    assert shop.diagnosis(full=True).ok
    again = shop.bind(PHONE)
    assert again.id != bound.id


def test_of_many_who_left_nothing_is_found_on_the_disk(shop):
    """Among records that come, change and go, those of whoever left are nowhere, wherever SQLite moved its rows."""
    chance = random.Random(7)
    staying, gone = {}, []
    for number in range(240):
        member = shop.bind(f"138{number:08}", name="长" * chance.randrange(40)).id
        staying[member] = None
        if number % 3 == 0:
            chosen = chance.choice(sorted(staying))
            before = dict.fromkeys(part for row in shop.terminal.read(sealed_records).result() for part in row)
            if chance.random() < 0.5:
                members.correct(shop.terminal, SYSTEM, chosen, name="短")
            else:
                members.erase(shop.terminal, SYSTEM, chosen)
                del staying[chosen]
            after = {part for row in shop.terminal.read(sealed_records).result() for part in row}
            gone += [part for part in before if part not in after and any(part)]
    content = home_bytes(shop.terminal)
    assert len(gone) == 160
    assert not any(part in content for part in gone)
    for part in {part for row in shop.terminal.read(sealed_records).result() for part in row if any(part)}:
        assert part in content


def test_a_program_that_is_killed_leaves_nothing_of_who_left_either(shop, bound, clock, tmp_path):
    (sealed,) = shop.terminal.read(sealed_records).result()

    def delete(session):
        with transaction(session.connection):
            keeping.shred(session, bound.id)

    shop.terminal.write(delete).result()
    shutil.copytree(shop.terminal.home.folder, tmp_path / "killed")
    with Terminal(tmp_path / "killed", clock=clock) as killed:
        assert keeping.fold(killed)
        content = home_bytes(killed)
    assert sealed[0] in home_bytes(shop.terminal)
    assert not any(part in content for part in sealed)


def test_a_record_that_another_till_set_right_is_no_fault_while_it_is_on_its_way(shop, bound):
    row = {"at": 1, "date": "2026-11-23", "purposes": ["membership"], "commitment": "ab" * 32, "state": "active"}
    heard = [op_mark(event.head.op) for event in history(shop, bound.id)]
    shop.hear("members", **{bound.id: row | {"said": [*heard, "ab" * 8]}})
    assert shop.diagnosis().ok
    # Nobody is called by the old number meanwhile.
    assert find_none(shop, PHONE) and members_of(shop, bound.id).phone == ""


def test_a_record_is_set_right(shop, bound):
    before = home_bytes(shop.terminal)
    (sealed,) = shop.terminal.read(
        lambda view: view.connection.execute("SELECT key FROM local_vault").fetchone()
    ).result()
    assert sealed in before
    changed = members.correct(shop.terminal, SYSTEM, bound.id, phone=OTHER)
    assert (changed.phone, changed.name) == ("139****5678", "王**")
    assert find(shop, OTHER) == find(shop, "VIP 7") == [bound.id]
    with refused("no_such_member"):
        find(shop, PHONE)
    assert sealed not in home_bytes(shop.terminal)
    second = shop.bind(PHONE)
    with refused("already_member"):
        members.correct(shop.terminal, SYSTEM, second.id, phone=OTHER)
    assert shop.diagnosis().ok


def test_seeing_a_record_is_a_fact_and_a_permission(shop, bound):
    guide, manager = shop.hire("G1", "guide"), shop.hire("M1", "manager")
    disclose = partial(members.disclose, member=bound.id, how=Disclosure.SHOWN)
    with refused("not_allowed"):
        shop.terminal.write(partial(disclose, by=guide)).result()
    record = shop.terminal.write(partial(disclose, by=manager, reason="asked by phone")).result()
    assert (record.phone, record.name, record.card) == ("+8613812345678", "王小明", "VIP 7")
    event = shop.terminal.read(partial(members.history, by=SYSTEM, member=bound.id)).result()[0]
    assert (event.how, event.reason, event.head.staff) == (Disclosure.SHOWN, "asked by phone", "M1")
    for use in (members.erase,):
        with refused("not_allowed"):
            use(shop.terminal, guide, bound.id)


def test_a_sale_is_a_members(shop, bound):
    for text in (WATER.code, RICE.code):
        shop.terminal.write(partial(counter.scan, by=SYSTEM, text=text)).result()
    attached = shop.terminal.write(partial(counter.attach, by=SYSTEM, member=bound.id)).result()
    before = attached.cart.total
    sale = shop.pay_counter()
    assert (sale.member, sale.net) == (bound.id, before)
    back = shop.bring_codes_back(sale.receipt)
    assert back.member == bound.id
    total = shop.report().total
    assert (total.member_net, total.member_orders, total.net) == (0, 1, 0)
    members.erase(shop.terminal, SYSTEM, bound.id)
    with refused("member_left"):
        shop.terminal.write(partial(counter.attach, by=SYSTEM, member=bound.id)).result()
    assert not shop.terminal.write(counter.look).result().cart.member


def test_a_record_whose_key_is_lost_keeps_nobody_from_selling(shop, bound, clock):
    home = shop.terminal.home
    shop.terminal.close()
    key = home.vault_key.read_bytes()
    home.vault_key.unlink()
    with Terminal(home.folder, clock=clock) as terminal:
        lost = replace(shop, terminal=terminal)
        assert lost.sell((WATER, 1)).net == WATER.price
        with pytest.raises(BrokenWorldError, match="vault_locked"):
            lost.bind(OTHER)
        assert [check.name for check in lost.diagnosis().checks if not check.ok] == ["vault"]
        assert terminal.read(partial(members.newest, by=SYSTEM)).result()[0].phone == ""
    home.vault_key.write_bytes(key)
    with Terminal(home.folder, clock=clock) as terminal:
        assert replace(shop, terminal=terminal).diagnosis().ok


def test_a_record_that_was_changed_is_found_out(shop, bound):
    def spoil(session):
        session.connection.execute("UPDATE local_vault SET record = zeroblob(length(record))")

    shop.terminal.write(spoil).result()
    assert [check.name for check in shop.diagnosis().checks if not check.ok] == ["vault"]


def test_no_message_tells_a_record():
    record = new_record("+8613800001234", "金丝雀", "VIP7", bytes)
    form = Form("op", "+8613800001234", (), "金丝雀", "VIP7")
    for told in (repr(record), repr(form), f"{[record]} {form}"):
        assert "1234" not in told and "金丝雀" not in told and "VIP7" not in told


def test_no_fact_and_no_digest_tells_a_phone(shop):
    """Two forms that say the same leave different digests and commitments: nothing can be guessed from either."""
    first = shop.bind(PHONE)
    members.erase(shop.terminal, SYSTEM, first.id)
    second = shop.bind(PHONE)

    def bound(view):

        found = (events.decode(entry.raw) for entry in entries(view.connection))
        return [event for event in found if isinstance(event, MemberBound)]

    one, other = shop.terminal.read(bound).result()
    assert one.member == first.id and other.member == second.id
    assert one.commitment != other.commitment and one.head.digest != other.head.digest


def test_hints_are_too_few_to_tell_a_phone():
    key = bytes(32)
    hints = {sealing.hint_of(key, "phone", f"+86138{number:08}") for number in range(3000)}
    assert max(hints) < 1 << 20


def test_a_box_opens_for_its_reader_only():
    entropy = iter(range(1, 100))
    some = lambda n: bytes([next(entropy)]) * n  # noqa: E731
    own, other = some(32), some(32)
    box = sealing.seal_for(sealing.public_half(own), b"record", "member", some)
    assert sealing.open_sealed(own, box, "member") == b"record"
    for key, sealed, of in ((other, box, "member"), (own, box, "another"), (own, box[:-1], "member"), (own, b"", "")):
        with pytest.raises(sealing.UnsealError):
            sealing.open_sealed(key, sealed, of)
