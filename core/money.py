"""Money as integers of the currency's minor unit (fen, cents), and the one way to round it.

No floats: a price read from a file is text or `Decimal` until it is minor units.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.errors import RefusedError

# ISO 4217:2015 table A.1, minor units that are not 2.
_EXPONENTS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}

RATE_UNIT = 1_000_000
"""Rates (tax, discount) are integers in parts per million: 13 % is 130,000."""

LARGEST = 10**12
"""No single amount reaches this many minor units; sums of a shop's lifetime stay far inside 64 bits."""

_AMOUNT = re.compile(r"(?P<sign>-?)(?P<whole>\d{1,12}|\d{1,3}(?:,\d{3})+)(?:\.(?P<part>\d+))?", re.ASCII)
_RATE = re.compile(r"(?P<percent>\d{1,2}(?:\.\d{1,4})?|100(?:\.0+)?) ?%", re.ASCII)
_FRACTION = re.compile(r"0?\.\d{1,6}|0|1|1\.0+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount that knows its currency; for sentences and screens."""

    minor: int
    currency: str

    def __str__(self) -> str:
        return format_amount(self.minor, self.currency)


def exponent(currency: str) -> int:
    """Digits after the decimal point of `currency` (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


def format_amount(minor: int, currency: str, *, grouped: bool = True) -> str:
    """`1234567` fen → `12,345.67`; without a currency sign."""
    digits = exponent(currency)
    whole, part = divmod(abs(minor), 10**digits)
    text = f"{whole:,}" if grouped else str(whole)
    if digits:
        text += f".{part:0{digits}}"
    return f"-{text}" if minor < 0 else text


def parse_amount(text: str, currency: str) -> int:
    """Minor units of a decimal in the currency's main unit.

    Raises:
        RefusedError: `bad_amount` when it is no plain decimal, is finer than the minor unit, or is absurdly large.
    """
    match = _AMOUNT.fullmatch(text.strip())
    digits = exponent(currency)
    part = (match["part"] or "").rstrip("0") if match else ""
    if not match or len(part) > digits:
        raise RefusedError("bad_amount", text=text.strip()[:40])
    minor = int(match["whole"].replace(",", "") + part.ljust(digits, "0"))
    if minor >= LARGEST:
        raise RefusedError("bad_amount", text=text.strip()[:40])
    return -minor if match["sign"] else minor


def parse_rate(text: str) -> int:
    """Parts per million of `13%` or `0.13`.

    Raises:
        RefusedError: `bad_rate` when it is neither, or above 100 %.
    """
    stripped = text.strip()
    if match := _RATE.fullmatch(stripped):
        return int(Decimal(match["percent"]) * (RATE_UNIT // 100))
    if _FRACTION.fullmatch(stripped):
        return int(Decimal(stripped) * RATE_UNIT)
    raise RefusedError("bad_rate", text=stripped[:40])


def format_rate(ppm: int) -> str:
    """`130000` → `13%`."""
    return f"{(Decimal(ppm) * 100 / RATE_UNIT).normalize():f}%"


def round_div(numerator: int, denominator: int) -> int:
    """`numerator / denominator` rounded half away from zero: the one rounding of the house."""
    quotient, remainder = divmod(abs(numerator), denominator)
    if 2 * remainder >= denominator:
        quotient += 1
    return quotient if numerator >= 0 else -quotient


def share(total: int, rate: int) -> int:
    """`rate` parts per million of `total`, rounded."""
    return round_div(total * rate, RATE_UNIT)


def tax_inside(gross: int, rate: int) -> int:
    """The tax contained in a tax-inclusive amount: gross − round(gross ÷ (1 + rate)), line by line (PRC VAT law)."""
    return gross - round_div(gross * RATE_UNIT, RATE_UNIT + rate)


def part_of(total: int, start: int, count: int, of: int) -> int:
    """What units `start … start+count−1` of `of` carry of `total`; the parts of all units add up to `total` exactly."""
    return round_div(total * (start + count), of) - round_div(total * start, of)


def split(total: int, weights: Sequence[int]) -> list[int]:
    """`total` divided in proportion to `weights` by largest remainder; the parts add up to `total`.

    Ties go to the earlier part. All-zero weights share evenly.
    """
    if not any(weights):
        weights = [1] * len(weights)
    whole = sum(weights)
    sign = -1 if total < 0 else 1
    parts, remainders = [], []
    for place, weight in enumerate(weights):
        quotient, remainder = divmod(abs(total) * weight, whole)
        parts.append(quotient)
        remainders.append((-remainder, place))
    for _, place in sorted(remainders)[: abs(total) - sum(parts)]:
        parts[place] += 1
    return [sign * part for part in parts]
