"""Amounts, rates and the one rounding."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import money
from core.errors import RefusedError


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12", "CNY", 1200),
        ("12.3", "CNY", 1230),
        ("1,234.56", "CNY", 123456),
        ("1234.500", "CNY", 123450),
        ("-0.05", "CNY", -5),
        ("279", "TWD", 27900),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
    ],
)
def test_decimals_become_minor_units(text, currency, minor):
    assert money.parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    "text", ["1e12", "1000000000000", "12.345", "", "abc", "1,23", "٣", "0x10", "--1", "1.", "NaN"]
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(RefusedError) as refused:
        money.parse_amount(text, "CNY")
    assert refused.value.code == "bad_amount"


def test_a_currency_without_minor_units_takes_no_decimals():
    with pytest.raises(RefusedError):
        money.parse_amount("5.5", "JPY")


@given(st.integers(-(10**11), 10**11), st.sampled_from(["CNY", "JPY", "KWD"]))
def test_an_amount_reads_back_as_it_is_written(minor, currency):
    assert money.parse_amount(money.format_amount(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("text", "ppm"), [("13%", 130_000), ("0.13", 130_000), ("8.875%", 88_750), ("0", 0), ("100%", 1_000_000)]
)
def test_rates(text, ppm):
    assert money.parse_rate(text) == ppm


@pytest.mark.parametrize("text", ["13", "101%", "-1%", "1.5", "", "x"])
def test_what_is_no_rate_is_refused(text):
    with pytest.raises(RefusedError):
        money.parse_rate(text)


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**7))
def test_rounding_is_half_away_from_zero(numerator, denominator):
    exact = (Decimal(numerator) / Decimal(denominator)).quantize(Decimal(1), ROUND_HALF_UP)
    # Decimal's own precision cannot hold every quotient exactly; compare as integers where it can.
    assert abs(money.round_div(numerator, denominator) * denominator - numerator) * 2 <= denominator
    assert money.round_div(numerator, denominator) == -money.round_div(-numerator, denominator)
    assert abs(money.round_div(numerator, denominator) - int(exact)) <= 1


@pytest.mark.parametrize(
    ("gross", "rate", "tax"),
    [(11300, 130_000, 1300), (1999, 130_000, 230), (1999, 90_000, 165), (-11300, 130_000, -1300), (100, 0, 0)],
)
def test_tax_is_what_the_price_contains(gross, rate, tax):
    assert money.tax_inside(gross, rate) == tax


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_parts_add_up_to_the_whole(total, weights):
    parts = money.split(total, weights)
    assert sum(parts) == total
    assert all(part * total >= 0 for part in parts)


@given(st.integers(0, 10**9), st.lists(st.integers(1, 5), min_size=1, max_size=20))
def test_units_that_come_back_bit_by_bit_carry_the_whole_amount(total, portions):
    of, start, back = sum(portions), 0, 0
    for count in portions:
        part = money.part_of(total, start, count, of)
        assert 0 <= part <= total
        back, start = back + part, start + count
    assert back == total
