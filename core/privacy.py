"""Numbers that are never kept in clear: customers' payment codes, card numbers, phones. How to know them, and how to
hide them.

Shapes of payment codes: WeChat Pay 18 digits from 10 to 15; Alipay 16 to 24 digits from 25 to 30, or `fp` and 33
characters; UnionPay 19 digits from 62; Alipay+ 19 digits from 28 with a 9 as fourth. Card numbers: 13 to 19 digits
with a check digit (ISO/IEC 7812-1, annex B).
"""

from __future__ import annotations

import re
import unicodedata

from core.errors import RefusedError

_CODES = r"1[0-5]\d{16}|(?:2[5-9]|30)\d{14,22}|62\d{17}"
_PAYMENT = re.compile(rf"{_CODES}|fp\w{{33}}", re.IGNORECASE | re.ASCII)
_PAYMENT_INSIDE = re.compile(rf"(?<!\d)(?:{_CODES})(?!\d)", re.ASCII)
_AIM = re.compile(r"^\][A-Za-z]\d")
_SEPARATORS = re.compile(r"[\s\x00-\x20\x7f.,_:/\-\u2010-\u2015\u2212]+")
# In one piece, or grouped as cards are embossed; a group of a longer code, such as a UUID, is none.
_GAP = r"[ ./\-\u2010-\u2015\u2212]{1,3}"
_CARD = re.compile(
    r"(?<!\d)\d{13,19}(?!\d)"
    rf"|(?<![\w-])(?:\d{{4}}(?:{_GAP}\d{{4}}){{3}}(?:{_GAP}\d{{1,3}})?"
    rf"|\d{{4}}{_GAP}\d{{6}}{_GAP}\d{{4,5}}|\d{{6}}{_GAP}\d{{7,13}})(?![\w-])",
    re.ASCII,
)
_PHONE = re.compile(r"(?<![\d-])(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?![\d-])", re.ASCII)
_LONGEST_WORDS = 100
_NO_DIGIT = re.compile(r"\D+", re.ASCII)
_LONG_NUMBER = re.compile(r"\d(?:[ .\-\x1d]?\d){10,}", re.ASCII)


def is_payment_code(text: str) -> bool:
    """Whether a text has the shape of a customer's payment code, whatever separates its digits or stands before it
    as a scanner's mark of the symbology (ISO/IEC 15424)."""
    bare = _SEPARATORS.sub("", _AIM.sub("", unicodedata.normalize("NFKC", text).strip()))
    return _PAYMENT.fullmatch(bare) is not None


def holds_payment_code(text: str) -> bool:
    """Whether a text is a payment code, or one stands in it beside words."""
    return is_payment_code(text) or _PAYMENT_INSIDE.search(unicodedata.normalize("NFKC", text)) is not None


def holds_card_number(text: str, shortest: int = 13) -> bool:
    """Whether a card number stands anywhere in a text, in one piece or in groups.

    Args:
        shortest: digits; fifteen and more are no item's number, and nearly every card's.
    """
    for found in _CARD.finditer(unicodedata.normalize("NFKC", text)):
        digits = _NO_DIGIT.sub("", found[0])
        if len(digits) >= shortest and _luhn(digits):
            return True
    return False


def holds_phone(text: str) -> bool:
    """Whether a mobile number of the mainland stands in a text."""
    return _PHONE.search(unicodedata.normalize("NFKC", text)) is not None


def check_words(text: str) -> None:
    """Refuse words for people (names, settings) that hold what must never be kept.

    Raises:
        RefusedError: `payment_code`, `card_number`.
    """
    if holds_payment_code(text):
        raise RefusedError("payment_code")
    if holds_card_number(text, shortest=15):
        raise RefusedError("card_number")


def clean_words(text: str) -> str:
    """Somebody's words, in one line.

    Raises:
        RefusedError: `bad_reason`; `payment_code`, `card_number`, `phone_in_words` for what must never be kept.
    """
    words = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if len(words) > _LONGEST_WORDS:
        raise RefusedError("bad_reason", text=words[:40])
    check_words(words)
    if holds_phone(words):
        # Words become a part of facts, and those are for ever.
        raise RefusedError("phone_in_words")
    return words


def masked(text: str, digits: int = 15) -> str:
    """The text with numbers of that many digits and more hidden, but for their first and last two digits.

    Args:
        digits: fifteen leaves every item number and phone readable; at least eleven.
    """

    def hide(found: re.Match[str]) -> str:
        number = found[0]
        long = sum(char.isdigit() for char in number) >= digits
        return f"{number[:2]}{'*' * (len(number) - 4)}{number[-2:]}" if long else number

    return _LONG_NUMBER.sub(hide, text)


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0
