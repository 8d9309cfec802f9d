"""Codes that were made elsewhere: in a factory, by WeChat 一物一码, by a supplier. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from core.codes import gs1
from core.errors import RefusedError
from core.privacy import is_payment_code

LONGEST = 64
_CODE = re.compile(rf"[!-~]{{4,{LONGEST}}}")
_COUNTING = re.compile(r"(?P<prefix>.*?)(?P<number>\d{1,15})", re.ASCII)
LARGEST_RANGE = 20_000_000
"""Codes in one range: as many as WeChat hands out in one package."""


@dataclass(frozen=True, slots=True)
class Counting:
    """A code whose last digits count."""

    prefix: str
    digits: int
    number: int

    def key(self, number: int) -> str:
        """Another of them."""
        return f"{self.prefix}{number:0{self.digits}}"


def unit_key(keys: gs1.Keys, text: str) -> str:
    """The name of a unit whose code was made elsewhere: GTIN and serial where the code has both, else the code itself.

    Raises:
        RefusedError: `bad_unit_code`, `payment_code`.
    """
    if keys.gtin and keys.serial:
        return f"{keys.gtin}/{keys.serial}"
    return plain_key(text)


def plain_key(text: str) -> str:
    """A code as it stands, without what surrounds it.

    Raises:
        RefusedError: `bad_unit_code`; `payment_code` for what must never be kept.
    """
    code = unicodedata.normalize("NFKC", text).strip()
    if is_payment_code(code):
        raise RefusedError("payment_code")
    if not _CODE.fullmatch(code):
        raise RefusedError("bad_unit_code", text=code[:40])
    return code


def counting(code: str) -> Counting | None:
    """A code as a prefix and a number, where it ends in digits."""
    if found := _COUNTING.fullmatch(code):
        return Counting(found["prefix"], len(found["number"]), int(found["number"]))
    return None


def checked_range(first: str, last: str) -> tuple[Counting, Counting]:
    """Both ends of a range.

    Raises:
        RefusedError: `bad_range` where they do not count from one to the other.
    """
    start, end = counting(plain_key(first)), counting(plain_key(last))
    alike = start and end and (start.prefix, start.digits) == (end.prefix, end.digits)
    if not (start and end and alike and 0 <= end.number - start.number < LARGEST_RANGE):
        raise RefusedError("bad_range", first=first[:40], last=last[:40])
    return start, end
