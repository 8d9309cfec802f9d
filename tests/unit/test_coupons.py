"""Coupons take something off, once."""

from __future__ import annotations

from functools import partial

import msgspec
import pytest

from core.errors import RefusedError
from core.events import CouponGiven
from core.rows import CouponRow, CouponUse, op_mark
from core.sales import cart as carts
from core.shop import counter
from core.shop.terminal import SYSTEM
from tests.builders import RICE, WATER
from tests.rewards import coupon, facts, lay, pay_as_shown, show

PHONE = "13800001234"


def test_a_coupon_takes_something_off_once(rewarding):
    made = coupon(rewarding, 500, least=3_000)
    lay(rewarding, "", (WATER, 1))
    with pytest.raises(RefusedError, match="coupon_least"):
        show(rewarding, made.code)
    lay(rewarding, "", (RICE, 1))
    assert show(rewarding, made.code.lower()).cart.total == 200 + 4_990 - 500
    # The goods that it needs are taken away: it takes nothing off, and can be used again.
    gone = partial(counter.change, by=SYSTEM, step=lambda cart: carts.without(cart, 2))
    assert rewarding.terminal.write(gone).result().cart.total == 200
    assert rewarding.pay_counter().coupon == ""
    lay(rewarding, "", (RICE, 1))
    show(rewarding, made.code)
    sale = rewarding.pay_counter()
    assert (sale.coupon, sale.net) == (made.code, 4_490)
    lay(rewarding, "", (RICE, 1))
    with pytest.raises(RefusedError, match="coupon_used"):
        show(rewarding, made.code)
    rewarding.pay_counter()
    # Everything of its sale comes back: less money, and the coupon.
    back = rewarding.bring_back(sale.receipt)
    assert back.due == -4_490 and back.coupons_back[0].coupon == made.code
    lay(rewarding, "", (RICE, 1))
    assert show(rewarding, made.code).cart.total == 4_490
    assert rewarding.diagnosis(full=True).ok


def test_a_coupon_stays_used_while_something_of_its_sale_is_with_the_customer(rewarding):
    made = coupon(rewarding, 100)
    lay(rewarding, "", (WATER, 2))
    show(rewarding, made.code)
    sale = rewarding.pay_counter()
    assert rewarding.bring_back(sale.receipt, (WATER.code, 1)).coupons_back == ()
    assert rewarding.bring_back(sale.receipt, (WATER.code, 1)).coupons_back[0].receipt == sale.receipt


def test_a_members_coupon_is_theirs_and_ends(rewarding):
    member = rewarding.bind(PHONE).id
    made = coupon(rewarding, 100, member=member, until="2026-11-24")
    lay(rewarding, "", (RICE, 1))
    with pytest.raises(RefusedError, match="coupon_of_another"):
        show(rewarding, made.code)
    assert [one.code for one in lay(rewarding, member).has.coupons] == [made.code]
    show(rewarding, made.code)
    shown = rewarding.terminal.write(counter.look).result()
    assert shown.cart.total == RICE.price - 100
    rewarding.terminal.clock.go(days=2)
    with pytest.raises(RefusedError, match="coupon_over"):
        pay_as_shown(rewarding, shown)
    # What is shown from now on is what it costs.
    assert rewarding.terminal.write(counter.look).result().cart.total == RICE.price
    assert rewarding.pay_counter().coupon == ""
    with pytest.raises(RefusedError, match="bad_coupon"):
        coupon(rewarding, 100, until="2026-11-24")
    with pytest.raises(RefusedError, match="no_such_coupon"):
        show(rewarding, "CP" + "2" * 12)


def test_what_other_tills_did_with_a_coupon_is_known(rewarding):
    code = "CP" + "2" * 12
    row = CouponRow(off=300, until="2026-12-31")
    rewarding.hear("coupons", **{code: row})
    lay(rewarding, "", (RICE, 1))
    shown = show(rewarding, code)
    assert shown.cart.total == 4_690
    rewarding.hear("coupons", **{code: msgspec.structs.replace(row, uses=(CouponUse("T2", "R-1"),))})
    with pytest.raises(RefusedError, match="coupon_used"):
        pay_as_shown(rewarding, shown)
    # Of what was done here, this till knows better than head office that has not heard it yet.
    rewarding.hear("coupons", **{code: row})
    sale = rewarding.pay_counter()
    lay(rewarding, "", (RICE, 1))
    with pytest.raises(RefusedError, match="coupon_used"):
        show(rewarding, code)
    rewarding.pay_counter()
    rewarding.bring_back(sale.receipt)
    lost = msgspec.structs.replace(row, uses=(CouponUse("T1", "T199-261123-0009"),))
    # That sale of this till was lost with what it recorded since it was copied.
    rewarding.hear("coupons", **{code: lost})
    lay(rewarding, "", (RICE, 1))
    with pytest.raises(RefusedError, match="coupon_used"):
        show(rewarding, code)
    rewarding.pay_counter()
    # Head office has heard of the sale, and not yet that everything of it came back.
    told = msgspec.structs.replace(row, uses=(CouponUse("T1", sale.receipt),), said=(op_mark(sale.head.op),))
    rewarding.hear("coupons", **{code: told})
    lay(rewarding, "", (RICE, 1))
    assert show(rewarding, code).cart.total == 4_690


def test_a_facts_coupon_is_what_was_given(rewarding):
    made = coupon(rewarding, 250, least=1_000)
    (given,) = [event for event in facts(rewarding) if isinstance(event, CouponGiven)]
    assert (given.coupon, given.off, given.least, given.until) == (made.code, 250, 1_000, "2026-12-31")


@pytest.mark.parametrize("key", ["x", "", "CP1", "cp222222222222", "CP222222222222\n"])
def test_what_head_office_says_of_odd_coupons_keeps_nobody_from_selling(rewarding, key):
    member = rewarding.bind("13800001234").id
    rewarding.hear("coupons", **{key: CouponRow(off=1, until="2026-12-31", member=member), "CP" + "3" * 12: 7})
    found = lay(rewarding, member, (RICE, 1))
    assert found.cart.total == RICE.price and len(found.has.coupons) <= 1
    assert rewarding.pay_counter().net == RICE.price
