"""What did the scanner send?"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.codes import gs1
from core.errors import RefusedError
from core.sales.reading import ReadingKind, read

GTIN = "06901234567892"
SCALES = ("21IIIIIAAAAAC", "26IIIIIAAAAAWWWWWC")


@pytest.mark.parametrize(
    "text",
    [
        "6901234567892",
        "06901234567892",
        "]E06901234567892",
        "  6901234567892\r\n",
        "６９０１２３４５６７８９２",
        "0106901234567892",
        "]C10106901234567892",
        "(01)06901234567892",
        "01069012345678921727013110AB\x1d21K7M2",
        "https://id.gs1.org/01/06901234567892",
        "HTTPS://ID.GS1.ORG/01/06901234567892/21/K7M2Q9X4TR6H",
        "]Q1https://brand.cn/p/01/06901234567892/21/X?17=270100",
        "httpsÖ--brand.cn-01-06901234567892-21-X",
    ],
)
def test_a_gtin_is_found_in_every_carrier(text):
    reading = read(text)
    assert (reading.kind, reading.code) == (ReadingKind.PRODUCT, GTIN)


@pytest.mark.parametrize("text", ["96385074", "614141000036", "9780201379624"])
def test_every_length_of_gtin_becomes_fourteen_digits(text):
    assert read(text).code == text.zfill(14)


def test_what_a_carrier_says_besides():
    keys = read("https://brand.cn/p/01/06901234567892/10/AB/21/A%2FB?17=270100").keys
    assert (keys.serial, keys.lot, keys.expiry) == ("A/B", "AB", "2027-01-31")


def test_a_digit_row_typed_on_a_french_keyboard_is_repaired():
    french = "6901234567892".translate(str.maketrans("0123456789", "à&é\"'(-è_ç"))
    assert read(french).code == GTIN


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("https://id.gs1.org/01/6901234567892/21/X", "gtin_length"),
        ("https://id.gs1.org/01/06901234567892/21/X/10/Y", "bad_gs1"),
        ("https://id.gs1.org/01/06901234567893", "bad_gs1"),
        ("https://id.gs1.org/01/06901234567892?21=X", "bad_gs1"),
        ("https://example.com/hello", "bad_gs1"),
        ("httpsÖ--brand.cn-01-06901234567893-21-X", "damaged_link"),
        ("", "empty_scan"),
        ("  \r", "empty_scan"),
        ("云岭矿泉水", "unreadable_code"),
        ("x" * 41, "unreadable_code"),
    ],
)
def test_what_cannot_be_read_says_why(text, reason):
    reading = read(text)
    assert (reading.kind, reading.reason) == (ReadingKind.UNKNOWN, reason)


@pytest.mark.parametrize(
    "text",
    [
        "134567890123456789",
        "281234567890123456",
        "6212345678901234567",
        "106901234500000010",
        "fp" + "0a" * 16 + "1",
        "1345 6789 0123 456789",
        "]C1106901234500000010",
        "]Q1134567890123456789",
        "134567890123456789\x1d",
        "\x1d13456789\x1d0123456789",
        "134567890123456789".translate(str.maketrans("0123456789", "à&é\"'(-è_ç")),
    ],
)
def test_a_payment_code_is_a_payment_code(text):
    reading = read(text)
    assert reading.kind is ReadingKind.PAYMENT
    assert text not in repr(reading)


def test_a_shipping_code_is_a_box():
    reading = read("]C100106901234500000010")
    assert (reading.kind, reading.keys.sscc) == (ReadingKind.BOX, "106901234500000010")


def test_a_scale_code_is_read_by_the_shops_template():
    (code,) = read("2106013040083", SCALES).scale
    assert (code.item, code.amount, code.weight) == ("06013", 4008, None)
    long = read("260123450678001232", SCALES)
    assert (long.kind, long.code, long.reason) == (ReadingKind.PAYMENT, "", "payment_or_scale")
    assert [(code.item, code.amount, code.weight) for code in long.scale] == [("01234", 50678, 123)]


def test_without_a_template_a_long_scale_code_looks_like_a_payment_code():
    assert read("260123450678001232").kind is ReadingKind.PAYMENT


def test_a_code_of_the_shops_own():
    reading = read("BAG-L")
    assert (reading.kind, reading.code) == (ReadingKind.OWN, "BAG-L")


@given(st.text(max_size=80))
def test_whatever_is_sent_is_read(text):
    reading = read(text, SCALES)
    assert reading.code or reading.keys.sscc or reading.reason


@given(st.integers(1, 10**13 - 1))
def test_a_wrong_check_digit_is_never_a_gtin(number):
    body = f"{number:013}"
    right = gs1.check_digit(body)
    for digit in range(10):
        assert (gs1.gtin14(f"{body}{digit}") is not None) == (digit == right)


@pytest.mark.parametrize("text", ["01069012345678", "10", "(17)270131", "\x1d"])
def test_element_strings_without_an_item_are_no_item(text):
    try:
        keys = gs1.parse_element_string(text)
    except RefusedError as refused:
        assert refused.code == "bad_gs1"
    else:
        assert not keys.gtin


@pytest.mark.data
def test_documented_payment_codes_are_known(data):
    samples = json.loads((data / "pay_code_samples.json").read_text("utf-8"))["samples"]
    assert all(read(sample["auth_code"]).kind is ReadingKind.PAYMENT for sample in samples)


@pytest.mark.data
def test_gtin_vectors(data):
    vectors = json.loads((data / "gtin_vectors.json").read_text("utf-8"))
    for vector in vectors["check_digit"]:
        if vector["kind"] == "standard_check_digit":
            assert gs1.check_digit(vector["payload"]) == vector["digit"]
