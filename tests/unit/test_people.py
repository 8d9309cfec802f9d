"""Who works here, who may do what, and how a PIN is guarded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import msgspec
import pytest

from core.catalogue.files import CatalogueFile
from core.errors import BrokenWorldError, RefusedError
from core.events import Disclosure, Purpose, Role, TenderKind, UnitStep
from core.sales import cart as carts
from core.sales.payment import Payment
from core.shop import (
    codes,
    counter,
    days,
    goods,
    members,
    owners,
    people,
    returns,
    rewards,
    selling,
    setup,
    tray,
    units,
)
from core.shop.replay import replay
from core.shop.terminal import SYSTEM, Actor, Terminal
from core.staff.permissions import ALLOWED, Permission
from core.staff.pin import FINAL_FAILURES, FREE_FAILURES
from tests.builders import BAG, RICE, WATER, Shop

CASH = (Payment(TenderKind.CASH),)
PIN, OTHER = "2580", "1379"


def code_of(step: Callable[[], object]) -> str:
    """The code with which a step is refused; empty where it is done."""
    try:
        step()
    except RefusedError as refused:
        return refused.code
    return ""


def steps(shop: Shop, by: Actor) -> dict[Permission, Callable[[], object]]:
    """For each permission something that needs it, and no other that a cashier lacks."""
    till = shop.terminal
    sale = shop.sell((WATER, 2), (RICE, 1))

    def write(use_case, **kwargs):
        return lambda: till.write(partial(use_case, by=by, **kwargs)).result()

    def bring_back():
        lines = till.write(partial(returns.return_lines, number=sale.receipt, items=[(WATER.code, 1)])).result()
        cart = returns.add_returns(shop.cart(), lines)
        till.write(partial(selling.checkout, by=by, cart=cart, payments=())).result()

    def discount():
        till.write(partial(counter.scan, by=SYSTEM, text=WATER.shown_code)).result()
        line = till.write(counter.look).result().cart.lines[-1]
        till.write(partial(counter.discount, by=by, n=line.n, rate=100_000)).result()

    def issued():
        batch = codes.issue(till, SYSTEM, WATER.code, 1)
        return till.read(partial(codes.serials_of, name=batch.name)).result()[0]

    shop.hear("findings", **{"unfit:01": {"terminal": "T1", "seq": 1}})
    member = shop.bind("13812345678").id
    file = CatalogueFile("goods.csv", "0" * 64, (), ())
    return {
        Permission.SELL: write(selling.checkout, cart=shop.cart((WATER, 1)), payments=CASH),
        Permission.DISCOUNT: discount,
        Permission.OVERRIDE_PRICE: lambda: till.write(
            lambda s: selling.line_of(s, by, selling.read_scan(s, "BAG-L"), price=1)
        ).result(),
        Permission.RETURN: bring_back,
        Permission.BLIND_RETURN: write(returns.blind_return_line, text="BAG-L"),
        Permission.REPRINT: write(selling.reprint, number=sale.receipt),
        Permission.CHANGE_GOODS: write(goods.set_product, product=replace(BAG, price=60)),
        Permission.IMPORT_GOODS: lambda: goods.import_catalogue(till, by, file, tick=lambda _: None),
        Permission.ISSUE_CODES: lambda: codes.issue(till, by, WATER.code, 1),
        Permission.PUT_ON_SALE: lambda: till.write(
            partial(units.say, by=by, texts=[issued()], step=UnitStep.ON_SALE)
        ).result(),
        Permission.BLOCK_CODES: lambda: till.write(
            partial(units.say, by=by, texts=[issued()], step=UnitStep.VOID)
        ).result(),
        Permission.SEE_REPORTS: lambda: till.read(partial(days.day_report, by=by)).result(),
        Permission.CHANGE_SETTINGS: write(setup.change_setting, name="receipt_footer", value="x"),
        Permission.CHANGE_STAFF: write(people.change, id_="N1", name="N", role="guide"),
        Permission.SETTLE: write(tray.settle, key="unfit:", outcome="seen"),
        Permission.REPLAY: lambda: replay(till, by, [], tick=lambda _: None),
        Permission.BIND: lambda: members.withdraw(till, by, member, (Purpose.MARKETING,)),
        Permission.SEE_MEMBERS: lambda: till.read(partial(members.find, by=by, text=member)).result(),
        Permission.DISCLOSE: write(members.disclose, member=member, how=Disclosure.SHOWN),
        Permission.CREDIT: write(owners.assign, member=member, guide=""),
        Permission.REWARD: write(rewards.adjust_points, member=member, points=5, reason="asked"),
        Permission.ERASE_MEMBER: lambda: members.erase(till, by, member),
    }


@pytest.mark.parametrize("role", Role)
def test_every_role_may_do_what_the_table_says_and_nothing_else(shop, role):
    shop.hire("M0", "manager")
    by = shop.hire("P1", role)
    for permission, step in steps(shop, by).items():
        assert code_of(step) == ("" if permission in ALLOWED[role] else "not_allowed"), permission
    assert shop.diagnosis().ok


def test_every_permission_is_walked(shop):
    assert set(steps(shop, SYSTEM)) == set(Permission)


def test_who_is_not_or_no_longer_on_the_staff_may_do_nothing(shop):
    by = shop.hire("C1", "cashier")
    sell = partial(selling.checkout, by=by, cart=shop.cart((WATER, 1)), payments=CASH)
    shop.terminal.write(partial(people.change, by=SYSTEM, id_="C1", name="C", role="cashier", active=False)).result()
    assert code_of(lambda: shop.terminal.write(sell).result()) == "no_such_person"
    assert code_of(lambda: shop.terminal.write(partial(sell, by=Actor("X"))).result()) == "no_such_person"


def test_a_guide_who_is_credited_works_here_where_the_shop_has_people(shop):
    assert shop.terminal.write(partial(selling.new_cart, seller="G9")).result().seller == "G9"
    shop.hire("G1", "guide")
    assert code_of(lambda: shop.terminal.write(partial(selling.new_cart, seller="G9")).result()) == "no_such_person"


@pytest.mark.parametrize(
    ("id_", "name", "role", "code"),
    [
        ("", "A", "cashier", "bad_person"),
        ("system", "A", "cashier", "bad_person"),
        ("A B", "A", "cashier", "bad_person"),
        ("134567890123456789", "A", "cashier", "payment_code"),
        ("A", " ", "cashier", "bad_person_name"),
        ("A", "x" * 41, "cashier", "bad_person_name"),
        ("A", "134567890123456789", "cashier", "payment_code"),
        ("A", "A", "king", "bad_role"),
    ],
)
def test_who_cannot_be_a_person(shop, id_, name, role, code):
    change = partial(people.change, by=SYSTEM, id_=id_, name=name, role=role)
    assert code_of(lambda: shop.terminal.write(change).result()) == code


def test_a_shop_keeps_its_last_manager(shop):
    shop.hire("M1", "manager")
    demote = partial(people.change, by=SYSTEM, id_="M1", name="M", role="cashier")
    assert code_of(lambda: shop.terminal.write(demote).result()) == "last_manager"
    shop.hire("M2", "manager")
    shop.terminal.write(demote).result()


class TestPin:
    @pytest.fixture(autouse=True)
    def cheap_pins(self) -> None:
        """Here they are kept as in a shop."""

    @pytest.fixture
    def cashier(self, shop) -> Actor:
        by = shop.hire("C1", "cashier")
        people.give_pin(shop.terminal, SYSTEM, "C1", PIN)
        return by

    def guess(self, terminal: Terminal, pin: str) -> str:
        return code_of(lambda: people.sign_in(terminal, "C1", pin))

    def test_the_right_one_opens(self, shop, cashier):
        assert people.sign_in(shop.terminal, "C1", PIN) == cashier
        assert self.guess(shop.terminal, OTHER) == "wrong_pin"
        assert [p.id for p in shop.terminal.read(people.who_can_sign_in).result()] == ["C1"]

    @pytest.mark.parametrize("pin", ["123", "123456789", "12a4", "", "１３７９"])
    def test_what_is_no_pin(self, shop, cashier, pin):
        assert code_of(lambda: people.give_pin(shop.terminal, SYSTEM, "C1", pin)) == "bad_pin"

    @pytest.mark.parametrize("pin", ["0000", "1234", "987654", "7777777"])
    def test_what_everybody_tries_first(self, shop, cashier, pin):
        assert code_of(lambda: people.give_pin(shop.terminal, SYSTEM, "C1", pin)) == "simple_pin"

    def test_only_ones_own_can_be_changed_without_a_permission(self, shop, cashier):
        shop.hire("C2", "cashier")
        people.give_pin(shop.terminal, cashier, "C1", OTHER)
        assert self.guess(shop.terminal, OTHER) == ""
        assert code_of(lambda: people.give_pin(shop.terminal, cashier, "C2", OTHER)) == "not_allowed"

    def test_guessing_is_slowed_and_then_stopped(self, shop, cashier, clock):
        for _ in range(FREE_FAILURES):
            assert self.guess(shop.terminal, OTHER) == "wrong_pin"
        assert self.guess(shop.terminal, PIN) == "pin_blocked"
        clock.go(minutes=0.5)
        assert self.guess(shop.terminal, PIN) == ""
        tried = 0
        while self.guess(shop.terminal, OTHER) != "pin_spent":
            tried += 1
            clock.go(minutes=15)
        assert tried == FINAL_FAILURES
        assert self.guess(shop.terminal, PIN) == "pin_spent"
        people.give_pin(shop.terminal, SYSTEM, "C1", OTHER)
        assert self.guess(shop.terminal, OTHER) == ""

    def test_a_program_that_is_killed_while_it_looks_forgets_no_attempt(self, shop, cashier, clock, monkeypatch):
        def killed(*_: object) -> bool:
            raise KeyboardInterrupt

        monkeypatch.setattr(people, "pin_fits", killed)
        for _ in range(FREE_FAILURES):
            with pytest.raises(KeyboardInterrupt):
                people.sign_in(shop.terminal, "C1", PIN)
        shop.terminal.close()
        with Terminal(shop.terminal.home.folder, clock=clock) as again:
            assert self.guess(again, PIN) == "pin_blocked"

    def test_nothing_of_it_is_in_a_fact_and_its_key_is_the_owners_only(self, shop, cashier):
        facts = shop.terminal.write(lambda s: s.connection.execute("SELECT event FROM journal").fetchall()).result()
        assert all(PIN.encode() not in msgspec.json.encode(msgspec.json.decode(raw).get("id")) for (raw,) in facts)
        assert not any(b"argon2" in raw for (raw,) in facts)
        pepper: Path = shop.terminal.home.pepper
        assert pepper.stat().st_mode & 0o077 == 0

    def test_without_its_key_no_pin_fits(self, shop, cashier):
        shop.terminal.home.pepper.write_bytes(bytes(32))
        assert self.guess(shop.terminal, PIN) == "wrong_pin"


def test_a_discount_in_the_cart_stays_within_what_may_be_given(shop):
    guide = shop.hire("G1", "guide")
    shop.terminal.write(partial(counter.scan, by=SYSTEM, text=WATER.shown_code)).result()
    change = partial(counter.change, by=guide, step=lambda cart: carts.without(cart, 1))
    assert code_of(lambda: shop.terminal.write(change).result()) == "not_allowed"
    assert len(shop.terminal.write(counter.look).result().cart.lines) == 1


def test_the_table_of_permissions_is_this_one():
    """Written out once more: who widens it by mistake finds out here."""
    members_ = {"bind", "see_members"}
    counter_ = {"sell", "discount", "return", "reprint", "put_on_sale"} | members_
    assert {role.value: {permission.value for permission in ALLOWED[role]} for role in Role} == {
        "cashier": counter_,
        "guide": {"reprint", "put_on_sale"} | members_,
        "it": {"change_goods", "import_goods", "issue_codes", "change_settings"},
        "manager": counter_
        | {"override_price", "blind_return", "change_goods", "import_goods", "see_reports", "change_settings"}
        | {"change_staff", "replay", "issue_codes", "block_codes", "settle"}
        | {"disclose", "erase_member", "credit", "reward"},
    }


def test_somebody_who_can_manage_can_always_sign_in(shop):
    for id_ in ("M1", "M2"):
        shop.hire(id_, "manager")
    people.give_pin(shop.terminal, SYSTEM, "M1", PIN)
    leave = partial(people.change, by=SYSTEM, id_="M1", name="M1", role="manager", active=False)
    assert code_of(lambda: shop.terminal.write(leave).result()) == "last_manager"
    people.give_pin(shop.terminal, SYSTEM, "M2", PIN)
    assert code_of(lambda: shop.terminal.write(leave).result()) == ""


@pytest.mark.parametrize("key", [None, b"", b"short"])
def test_a_key_that_is_not_there_is_nobodys_wrong_pin(shop, key):
    shop.hire("M1", "manager")
    people.give_pin(shop.terminal, SYSTEM, "M1", PIN)
    kept = shop.terminal.home.pepper.read_bytes()
    shop.terminal.home.pepper.unlink()
    if key is not None:
        shop.terminal.home.pepper.write_bytes(key)
    for _ in range(FREE_FAILURES + 1):
        with pytest.raises(BrokenWorldError, match="home_unusable"):
            people.sign_in(shop.terminal, "M1", PIN)
    shop.terminal.home.pepper.write_bytes(kept)
    assert people.sign_in(shop.terminal, "M1", PIN) == Actor("M1")


def test_a_clock_that_was_wrong_blocks_nobody_for_years(shop, clock):
    shop.hire("M1", "manager")
    people.give_pin(shop.terminal, SYSTEM, "M1", PIN)
    clock.go(hours=24 * 3650)
    for _ in range(FREE_FAILURES):
        assert code_of(lambda: people.sign_in(shop.terminal, "M1", OTHER)) == "wrong_pin"
    assert code_of(lambda: people.sign_in(shop.terminal, "M1", PIN)) == "pin_blocked"
    clock.go(hours=-24 * 3650)
    assert people.sign_in(shop.terminal, "M1", PIN) == Actor("M1")


def test_a_person_and_their_pin_are_saved_together_or_not_at_all(shop, monkeypatch):
    shop.hire("M1", "manager")

    def fail(*_: object) -> None:
        raise BrokenWorldError("disk_full", file="store.db")

    save = partial(people.save, shop.terminal, SYSTEM, "C1", "Wang", "cashier", active=True, pin=PIN, new=True)
    with monkeypatch.context() as patched:
        patched.setattr(people.pins, "keep", fail)
        with pytest.raises(BrokenWorldError):
            save()
    assert "C1" not in {person.id for person in shop.terminal.read(people.all_people).result()}
    assert save().has_pin and shop.diagnosis(full=True).ok
