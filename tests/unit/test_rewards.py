"""Points: to the fen, to the point, and back again."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from functools import partial

import msgspec
import pytest

from core import events
from core.catalogue.product import Product
from core.errors import RefusedError
from core.events import LineKind, PointsAdjusted, SaleCompleted, TenderKind
from core.rewards.rules import Coupon, PointsRule, coupon_code, read_code
from core.rewards.spending import most_usable, rewarded
from core.rows import PointsRow, PointsRuleRow
from core.sales import cart as carts
from core.sales.cart import Cart, CartLine
from core.sales.payment import Payment
from core.shop import counter, goods, member_cards, members, rewards, selling, twins
from core.shop.terminal import SYSTEM, Actor
from core.sync.hq import Hq, keep_hq
from tests.builders import RICE, SCARF, WATER, Shop
from tests.rewards import RULE, adjust, bought, facts, lay, pay_as_shown, points, set_rule, use

PHONE = "13800001234"


@pytest.mark.parametrize("seed", range(30))
def test_what_is_taken_off_adds_up_to_the_fen(seed):
    chance = random.Random(seed)
    lines = tuple(
        CartLine(
            n=n, code="A", name="a", kind=kind, quantity=-1 if kind is LineKind.RETURN else chance.randint(1, 3),
            list_price=chance.choice((0, 1, 99, 333, 4990)), discount_rate=chance.choice((0, 0, 330_000)),
            charge=-chance.randint(1, 500) if kind is LineKind.RETURN else None,
        )
        for n, kind in enumerate(chance.choices((LineKind.SALE, LineKind.SALE, LineKind.RETURN), k=5), 1)
    )  # fmt: skip
    cart = Cart(op="o", lines=lines, member="m", points=chance.choice((0, 7, 10**6)), coupon="c")
    shown = chance.choice((None, Coupon("c", 500, chance.choice((0, 1_000)), "2026-12-31")))
    rule = PointsRule("", 100, chance.choice((0, 1, 7)), chance.choice((0, 300_000, 1_000_000)))
    found = rewarded(cart, rule, chance.choice((-5, 0, 50, 10**5)), shown)
    costs = sum(line.amount for line in lines if line.kind is LineKind.SALE)
    assert sum(line.off for line in found.lines) == found.coupon_off + found.used * rule.worth
    assert found.total == cart.total - found.coupon_off - found.used * rule.worth
    assert found.coupon_off == (min(500, costs) if shown and costs >= shown.least else 0)
    assert found.used * rule.worth * 1_000_000 <= (costs - found.coupon_off) * rule.most + 500_000
    for before, line in zip(lines, found.lines, strict=True):
        assert (line.amount == before.amount and not line.used) if line.kind is LineKind.RETURN else line.amount >= 0
    # Once more, it is as it was; without points and coupon, as before.
    assert rewarded(found, rule, 10**5 if found.used else 0, shown).coupon_off == found.coupon_off
    assert rewarded(replace_(found, points=0), rule, 0).lines == lines


def replace_(cart: Cart, **changes: object) -> Cart:
    return msgspec.structs.replace(cart, **changes)


def test_nobody_can_guess_a_coupon_and_a_code_is_read_however_it_is_typed():
    codes = {coupon_code(random.Random(n).randbytes(8)) for n in range(1_000)}
    assert len(codes) == 1_000 and all(read_code(f" {code.lower()}\n") == code for code in codes)
    assert read_code("CP1") == read_code("CP" + "O" * 12) == read_code(WATER.code) == ""


def test_whoever_buys_earns_and_pays_less_with_it(rewarding):
    member = rewarding.bind(PHONE).id
    # A hundred fen a point, of the whole: 51.90 is 51 points.
    first = bought(rewarding, member, (RICE, 1), (WATER, 1))
    assert sum(line.earned for line in first.lines) == 51 == points(rewarding, member)
    found = lay(rewarding, member, (WATER, 2))
    assert (found.has.points, found.has.usable, found.has.worth) == (51, 20, 10)
    with pytest.raises(RefusedError, match="too_many_points"):
        use(rewarding, 21)
    found = use(rewarding, 20)
    assert (found.cart.total, found.cart.used, found.cart.discount) == (200, 20, 200)
    second = rewarding.pay_counter()
    assert (second.net, second.due) == (200, 200) and second.tenders[0].amount == 200
    # What is earned follows from what was paid.
    assert points(rewarding, member) == 51 - 20 + 2
    assert rewarding.diagnosis(full=True).ok


def test_what_comes_back_takes_its_points_along_piece_by_piece(rewarding):
    member = rewarding.bind(PHONE).id
    adjust(rewarding, member, 100)
    lay(rewarding, member, (WATER, 3), (RICE, 1))
    use(rewarding, 41)
    sale = rewarding.pay_counter()
    after = points(rewarding, member)
    assert after == 100 - 41 + (sale.net // 100)
    paid = sale.due
    for code in (WATER.code, RICE.code, WATER.code, WATER.code):
        back = rewarding.bring_back(sale.receipt, (code, 1))
        paid += back.due
    assert paid == 0 and points(rewarding, member) == 100
    assert rewarding.diagnosis(full=True).ok


def test_goods_are_exchanged_while_points_are_used(rewarding):
    member = rewarding.bind(PHONE).id
    adjust(rewarding, member, 100)
    lay(rewarding, member, (RICE, 1))
    use(rewarding, 50)
    first = rewarding.pay_counter()
    rewarding.terminal.write(partial(counter.bring_back, by=SYSTEM, text=first.receipt)).result()
    lay(rewarding, "", (SCARF, 1))
    use(rewarding, 20)
    second = rewarding.pay_counter()
    assert second.due == SCARF.price - 200 - first.due
    assert points(rewarding, member) == 100 - 20 + (SCARF.price - 200) // 100
    assert rewarding.diagnosis(full=True).ok


@pytest.mark.parametrize(("price", "pieces", "rule"), [
    (500, 2, PointsRule("2026-11-23", 0, 1_000)),
    (10, 40, PointsRule("2026-11-23", 0, 10)),
    (10, 100, PointsRule("2026-11-23", 1_000, 50)),
])  # fmt: skip
def test_who_brings_a_part_back_keeps_no_more_than_was_paid_for(rewarding, price, pieces, rule):
    """Neither a point that paid for what stays, nor one that was earned with what went back."""
    set_rule(rewarding, rule)
    member = rewarding.bind(PHONE).id
    adjust(rewarding, member, 20)
    codes = [f"A{n}" for n in range(pieces)]
    for code in codes:
        add = partial(goods.set_product, by=SYSTEM, product=Product(code, code, price))
        rewarding.terminal.write(add).result()
    found = lay(rewarding, member, *[(Product(code, code, price), 1) for code in codes])
    if found.has.usable:
        use(rewarding, found.has.usable)
    sale = rewarding.pay_counter()
    paid, given = sale.due, 20 * rule.worth
    for n, line in enumerate(sorted(sale.lines, key=lambda line: (-line.used, line.earned)), 1):
        paid += rewarding.bring_back(sale.receipt, (line.code, 1)).due
        earned = paid // rule.spend * rule.worth if rule.spend else 0
        kept = (pieces - n) * price
        # Goods and points are never worth more than what was given for them, and what that earns.
        assert kept + points(rewarding, member) * rule.worth <= paid + given + earned
    assert (paid, points(rewarding, member)) == (0, 20)


def test_points_go_back_to_whoever_used_them_whoever_brings_the_goods(rewarding):
    member, other = rewarding.bind(PHONE).id, rewarding.bind("13900001234").id
    sale = bought(rewarding, member, (RICE, 1))
    found = rewarding.terminal.write(partial(counter.attach, by=SYSTEM, member=other)).result()
    assert not found.cart.lines
    rewarding.terminal.write(partial(counter.bring_back, by=SYSTEM, text=sale.receipt)).result()
    rewarding.pay_counter()
    assert (points(rewarding, member), points(rewarding, other)) == (0, 0)


def test_nobody_earns_without_being_known_or_without_a_rule(rewarding):
    assert not any(line.earned for line in bought(rewarding, "", (RICE, 1)).lines)
    with pytest.raises(RefusedError, match="points_need_member"):
        use(rewarding, 1)
    member = rewarding.bind(PHONE).id
    set_rule(rewarding, PointsRule("", 0, 0))
    assert not any(line.earned for line in bought(rewarding, member, (RICE, 1)).lines)
    adjust(rewarding, member, 5)
    lay(rewarding, member, (RICE, 1))
    with pytest.raises(RefusedError, match="no_points_yet"):
        use(rewarding, 1)


@pytest.mark.parametrize(
    "rule",
    [
        PointsRule("", -1, 0), PointsRule("", 0, -1), PointsRule("", 10, 11), PointsRule("", 1, 1, 1_000_001),
        PointsRule("", 1, 1, -1), PointsRule("", 1, 1, 1, -1), PointsRule("", 10**9, 1),
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused(shop, rule):
    with pytest.raises(RefusedError, match="bad_points_rule"):
        set_rule(shop, rule)


def test_a_rule_holds_from_its_day_on(rewarding):
    set_rule(rewarding, PointsRule("2026-11-24", 1_000, 10))
    member = rewarding.bind(PHONE).id
    bought(rewarding, member, (RICE, 1))
    assert points(rewarding, member) == 49
    rewarding.terminal.clock.go(days=1)
    bought(rewarding, member, (RICE, 1))
    assert points(rewarding, member) == 49 + 4
    rewarding.hear("points", **{"2026-11-24": PointsRuleRow(spend=500, worth=10)})
    bought(rewarding, member, (RICE, 1))
    assert points(rewarding, member) == 49 + 4 + 9


def test_points_are_given_by_those_who_may_for_a_reason(rewarding):
    rewarding.hire("C1", "cashier")
    rewarding.hire("M1", "manager")
    member = rewarding.bind(PHONE).id
    assert adjust(rewarding, member, 50, Actor("M1")) == 50 and adjust(rewarding, member, -8) == 42
    with pytest.raises(RefusedError, match="not_allowed"):
        adjust(rewarding, member, 1, Actor("C1"))
    for count in (0, 10**9):
        with pytest.raises(RefusedError, match="bad_points"):
            adjust(rewarding, member, count)
    card = rewarding.terminal.read(partial(member_cards.card_of, by=SYSTEM, member=member)).result()
    assert card.has.points == 42 and [one.points for one in card.history if isinstance(one, PointsAdjusted)] == [-8, 50]
    members.withdraw(rewarding.terminal, SYSTEM, member, (events.Purpose.MEMBERSHIP,))
    with pytest.raises(RefusedError, match="member_left"):
        adjust(rewarding, member, 1)


def test_of_one_person_all_points_count_together(rewarding):
    one, other = rewarding.bind(PHONE).id, rewarding.bind("13900001234").id
    adjust(rewarding, one, 30)
    adjust(rewarding, other, 12)
    rewarding.terminal.write(partial(twins.link, by=SYSTEM, member=other, into=one)).result()
    assert points(rewarding, one) == points(rewarding, other) == 42
    lay(rewarding, other, (RICE, 1))
    assert use(rewarding, 42).cart.total == RICE.price - 420
    rewarding.pay_counter()
    assert points(rewarding, one) == (RICE.price - 420) // 100


def test_the_wish_stays_and_follows_the_goods(rewarding):
    member = rewarding.bind(PHONE).id
    adjust(rewarding, member, 1_000)
    lay(rewarding, member, (SCARF, 1), (WATER, 1))
    assert use(rewarding, 1_000).cart.used == 1_000
    gone = partial(counter.change, by=SYSTEM, step=lambda cart: carts.without(cart, 1))
    assert rewarding.terminal.write(gone).result().cart.used == 10
    assert lay(rewarding, "", (SCARF, 1)).cart.used == 1_000
    # Another member's points are not this one's.
    other = rewarding.bind("13900001234").id
    found = rewarding.terminal.write(partial(counter.attach, by=SYSTEM, member=other)).result()
    assert found.cart.used == 0 and found.cart.total == SCARF.price + WATER.price


def test_points_that_went_meanwhile_are_not_taken(rewarding):
    member = rewarding.bind(PHONE).id
    adjust(rewarding, member, 20)
    lay(rewarding, member, (RICE, 1))
    shown = use(rewarding, 20)
    adjust(rewarding, member, -15)
    with pytest.raises(RefusedError, match="rewards_changed"):
        pay_as_shown(rewarding, shown)
    assert rewarding.terminal.write(counter.look).result().cart.used == 5
    assert use(rewarding, 5).cart.used == 5
    assert rewarding.pay_counter().lines[0].used == 5


def test_other_tills_points_count_and_those_that_head_office_has_not_heard_are_few(rewarding):
    member = rewarding.bind(PHONE).id
    adjust(rewarding, member, 40)
    now = rewarding.terminal.clock.now_ms()
    rewarding.hear("balances", **{f"{member}:T1": PointsRow(10, 0, 1), f"{member}:T2": PointsRow(100, 5, 3)})
    assert points(rewarding, member) == 140
    # A till that was brought back from a copy has fewer facts of its own than head office, and one that waits.
    rewarding.hear("balances", **{f"{member}:T1": PointsRow(70, 0, 2), f"{member}:T2": PointsRow(100, 5, 3)})
    assert points(rewarding, member) == 70 + 40 + 100
    rewarding.hear("balances", **{f"{member}:T2": PointsRow(100, 5, 3)})
    set_rule(rewarding, replace(RULE, since="2026-11-23", unheard=30))
    hear(rewarding, now)
    assert lay(rewarding, member, (SCARF, 1)).has.usable == 140
    hear(rewarding, now - 301_000)
    assert rewarding.terminal.write(counter.look).result().has.usable == 30
    use(rewarding, 30)
    rewarding.pay_counter()
    assert lay(rewarding, member, (SCARF, 1)).has.usable == 0
    hear(rewarding, now)
    assert rewarding.terminal.write(counter.look).result().has.usable > 0


def hear(shop: Shop, contact: int) -> None:
    """Head office answered then."""
    keep = Hq("https://hq.example", "", contact=contact)
    shop.terminal.write(lambda session: keep_hq(session.connection, keep)).result()


@pytest.mark.parametrize("seed", range(6))
def test_over_any_history_points_are_what_the_facts_say(rewarding, seed):
    chance = random.Random(seed)
    known = [rewarding.bind(f"1380000{n:04}").id for n in range(3)]
    receipts: list[str] = []
    for _ in range(40):
        step, member = chance.randrange(6), chance.choice(known)
        if step == 0:
            adjust(rewarding, member, chance.choice((-5, 3, 500)))
        elif step == 1 and receipts:
            try:
                rewarding.bring_back(chance.choice(receipts), (chance.choice((WATER, RICE)).code, 1))
            except RefusedError as refused:
                assert refused.code in ("more_than_sold", "not_on_receipt")
        elif step == 2:
            set_rule(rewarding, PointsRule("", chance.choice((0, 33, 500)), chance.choice((0, 7)), 700_000))
            rewarding.terminal.clock.go(days=1)
        else:
            lay(rewarding, chance.choice(("", member)), *[(WATER, chance.randint(1, 4)), (RICE, 1)][: max(step - 3, 1)])
            found = rewarding.terminal.write(counter.look).result()
            if found.has.usable and chance.random() < 0.7:
                use(rewarding, chance.randint(1, found.has.usable))
            receipts.append(rewarding.pay_counter().receipt)
    counted: Counter[str] = Counter()
    owners: dict[str, str] = {}
    for event in facts(rewarding):
        if isinstance(event, PointsAdjusted):
            counted[event.member] += event.points
        elif isinstance(event, SaleCompleted):
            owners[event.receipt] = event.member
            for line in event.lines:
                counted[owners[line.origin or event.receipt]] += line.earned - line.used
    assert {member: points(rewarding, member) for member in known} == {member: counted[member] for member in known}
    assert counted[""] == 0 and rewarding.diagnosis(full=True).ok


def test_a_cart_of_nobody_takes_no_points():
    cart = Cart(op="o", lines=(CartLine(n=1, code="A", name="a", list_price=1_000),), points=50)
    assert most_usable(cart, RULE, 50) == 0 and rewarded(cart, RULE, 50).used == 0


def test_a_sale_from_the_command_line_takes_the_same_way(rewarding):
    member = rewarding.bind(PHONE).id
    adjust(rewarding, member, 10)
    buyer = rewarding.terminal.read(partial(members.buyer, member=member)).result()
    cart = carts.for_member(rewarding.cart((RICE, 1)), *buyer)
    forged = replace_(cart, lines=(replace_(cart.lines[0], off=4_000, used=400),))
    with pytest.raises(RefusedError, match="rewards_changed"):
        rewarding.check_out(forged, Payment(TenderKind.CASH))
    used = rewarding.terminal.write(lambda s: rewards.reward(s, rewards.use_points(s, cart, 10))).result()
    sale = rewarding.terminal.write(
        partial(selling.checkout, by=SYSTEM, cart=used, payments=(Payment(TenderKind.CASH),))
    ).result()
    assert sale.net == 4_890
