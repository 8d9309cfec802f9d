"""Points and coupons from the command line."""

from __future__ import annotations

import pytest

from tests.e2e.test_credit_cli import WATER

PHONE = "13800001234"


@pytest.fixture
def rewarding(shop):
    shop.ok("points", "rule", "--spend", "1", "--worth", "0.10", "--most", "50%", "--since", "2026-01-01")
    shop.ok("bind", "--phone", PHONE, "--consent", "membership")
    return shop


def test_points_are_earned_used_and_adjusted(rewarding):
    rewarding.ok("sell", f"{WATER}*10", "--member", PHONE)
    assert rewarding.ok("points", "show", PHONE)["points"] == 20
    sale = rewarding.ok("sell", f"{WATER}*10", "--member", PHONE, "--points", "10")
    assert (sale["total"], rewarding.ok("points", "show", PHONE)["points"]) == (1_900, 20 - 10 + 19)
    found = rewarding.ok("points", "adjust", PHONE, "-8", "--reason", "typed twice")
    assert (found["points"], found["worth"]) == (21, 210)
    assert rewarding.ok("points", "rules")[0] == {
        "since": "2026-01-01", "spend": 100, "worth": 10, "most": 500_000, "unheard": 0,
    }  # fmt: skip
    assert "21" in rewarding("points", "show", PHONE).out


def test_a_coupon_is_given_shown_and_used_once(rewarding):
    made = rewarding.ok("coupon", "give", "--off", "5", "--least", "20", "--until", "2099-12-31")
    assert (made["off"], made["least"], made["used"]) == (500, 2_000, None)
    assert rewarding.refused("sell", WATER, "--coupon", made["coupon"]) == "coupon_least"
    sale = rewarding.ok("sell", f"{WATER}*10", "--coupon", made["coupon"])
    assert sale["total"] == 1_500
    assert rewarding.refused("sell", f"{WATER}*10", "--coupon", made["coupon"]) == "coupon_used"
    assert rewarding.ok("coupon", "show", made["coupon"])["used"] == sale["receipt"]
    assert [one["coupon"] for one in rewarding.ok("coupon", "list")] == [made["coupon"]]
    rewarding.ok("return", sale["receipt"])
    assert rewarding.ok("coupon", "show", made["coupon"])["used"] is None


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("sell", WATER, "--points", "5"), "points_need_member"),
        (("sell", WATER, "--member", PHONE, "--points", "5"), "too_many_points"),
        (("sell", WATER, "--coupon", "CP1"), "no_such_coupon"),
        (("points", "rule", "--spend", "1", "--worth", "2"), "bad_points_rule"),
        (("points", "adjust", PHONE, "0"), "bad_points"),
        (("coupon", "give", "--off", "0"), "bad_coupon"),
        (("coupon", "give", "--off", "1", "--until", "2020-01-01"), "bad_coupon"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(rewarding, args, code):
    assert rewarding.refused(*args) == code
