"""What did the scanner send? Shape only; whether the shop knows the thing is asked afterwards.

Order of the tests: payment codes, links, element strings, GTINs, the shop's scale codes, and then the shop's own codes.
A payment code is recognised so that it is never taken for goods; nothing of it is kept. A scale's code of eighteen
digits can have the shape of one: it is goods only where its weight, its amount and the price agree.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from core.codes import gs1
from core.errors import RefusedError
from core.privacy import is_payment_code


class ReadingKind(StrEnum):
    """What a scanned text is."""

    PRODUCT = "product"
    BOX = "box"
    PAYMENT = "payment"
    OWN = "own"
    """Perhaps a code of the shop's own; the catalogue knows."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reading:
    """A scanned text, understood.

    Attributes:
        code: key to look up in the catalogue: GTIN-14 or the shop's own code.
        keys: what a GS1 carrier said besides.
        serial: as it stands in a link that was damaged, perhaps changed; only a register can make sure.
        damaged: the text came through a wrong keyboard layout.
        scale: readings of the same digits as in-store scale codes, to be tried when the catalogue has not the GTIN.
        reason: code of a sentence, for an unknown.
        text: what was read, without what surrounded it; empty for a payment code.
    """

    kind: ReadingKind
    code: str = ""
    keys: gs1.Keys = field(default_factory=gs1.Keys)
    serial: str = ""
    damaged: bool = False
    scale: tuple[ScaleCode, ...] = ()
    reason: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class ScaleCode:
    """An in-store code from a scale. `amount` in minor units and `weight` in grams, where the layout has them."""

    item: str
    amount: int | None
    weight: int | None


# Symbology identifiers, ISO/IEC 15424; those behind which FNC1 element strings come.
_AROUND = " \t\r\n\ufeff"
"""What may stand around a text and is no part of it; the last is the mark that some files begin with."""

_AIM = re.compile(r"\][A-Za-z]\d")
_AIM_GS1 = ("]C1", "]d2", "]Q3", "]e0", "]J1")
_DAMAGED_LINK = re.compile(
    r"^https?[^0-9a-z].*?(?P<sep>[^0-9A-Za-z])01(?P=sep)(?P<gtin>\d{14})(?!\d)(?:(?P=sep)21(?P=sep)(?P<serial>[0-9A-Z]+))?",
    re.IGNORECASE,
)
_HRI = re.compile(r"\(\d{2,4}\)", re.ASCII)
_OWN = re.compile(r"[!-~]{1,40}")
# The unshifted digit row of a French keyboard.
_AZERTY = str.maketrans("à&é\"'(-è_ç", "0123456789")
# What a scanner that types for an English keyboard writes through a French one, and through a German one.
_LAYOUTS = (
    str.maketrans("&é\"'(-è_çà!Mm:),?qQaAzZwW", "1234567890/:;.-mMaAqQwWzZ"),
    str.maketrans("-ÖößyYzZ", "/:;-zZyY"),
)
_AZERTY_ONLY = re.compile("[à&é\"'(\\-è_ç]{8,24}")


def read(text: str, scale_templates: Sequence[str] = ()) -> Reading:
    """Understand a scanned or typed text.

    Args:
        text: as it came, with or without a symbology identifier.
        scale_templates: layouts of the shop's scale codes (`core.settings`).
    """
    # Full-width forms come from an input method left on; folding them is certain, they stand for themselves.
    text = unicodedata.normalize("NFKC", text).strip(_AROUND)
    identifier = text[:3] if _AIM.match(text) else ""
    text = text[len(identifier) :]
    if not text:
        return Reading(ReadingKind.UNKNOWN, reason="empty_scan")
    if _AZERTY_ONLY.fullmatch(text):
        digits = text.translate(_AZERTY)
        text = digits if gs1.gtin14(digits) or is_payment_code(digits) else text
    if payment := _read_payment(text, scale_templates):
        return payment
    return replace(_read_gs1(text, identifier) or _read_other(text, scale_templates), text=text)


def _read_payment(text: str, scale_templates: Sequence[str]) -> Reading | None:
    """A payment code. No number of its shape holds an item in any other reading, but for a scale's."""
    if not is_payment_code(text):
        return None
    if scale := _read_scales(text, scale_templates):
        return Reading(ReadingKind.PAYMENT, scale=scale, reason="payment_or_scale")
    return Reading(ReadingKind.PAYMENT, reason="payment_code")


def _read_gs1(text: str, identifier: str) -> Reading | None:
    """A link or an element string."""
    try:
        if text[:7].lower() == "http://" or text[:8].lower() == "https://":
            return _from_keys(gs1.parse_digital_link(text))
        if _is_element_string(text, identifier):
            return _from_keys(gs1.parse_element_string(text))
    except RefusedError as refused:
        return Reading(ReadingKind.UNKNOWN, reason=refused.code)
    return _repair_link(text)


def _repair_link(text: str) -> Reading | None:
    """A link that came through a wrong keyboard layout.

    The check digit vouches for the GTIN; letters of a serial may have been changed and are not taken for it.
    """
    if text[:4].lower() != "http":
        return None
    for candidate in (text, *(text.translate(layout) for layout in _LAYOUTS)):
        if (link := _DAMAGED_LINK.match(candidate)) and (gtin := gs1.gtin14(link["gtin"])):
            return Reading(ReadingKind.PRODUCT, gtin, serial=link["serial"] or "", damaged=True)
    return None


def _read_other(text: str, scale_templates: Sequence[str]) -> Reading:
    """A GTIN, a scale's code, or a code of the shop's own."""
    scale = _read_scales(text, scale_templates)
    if gtin := gs1.gtin14(text):
        return Reading(ReadingKind.PRODUCT, gtin, scale=scale)
    if scale:
        return Reading(ReadingKind.OWN, text, scale=scale)
    if text[:4].lower() == "http":
        return Reading(ReadingKind.UNKNOWN, reason="damaged_link")
    if not _OWN.fullmatch(text):
        return Reading(ReadingKind.UNKNOWN, reason="unreadable_code")
    return Reading(ReadingKind.OWN, text)


def _is_element_string(text: str, identifier: str) -> bool:
    if identifier in _AIM_GS1 or "\x1d" in text or _HRI.match(text):
        return True
    return len(text) >= 16 and text.startswith("01") and text[2:16].isdigit() and gs1.gtin14(text[2:16]) is not None


def _from_keys(keys: gs1.Keys) -> Reading:
    if keys.gtin:
        return Reading(ReadingKind.PRODUCT, keys.gtin, keys)
    if keys.sscc:
        return Reading(ReadingKind.BOX, keys=keys)
    return Reading(ReadingKind.UNKNOWN, keys=keys, reason="no_item_in_code")


def _read_scales(digits: str, templates: Sequence[str]) -> tuple[ScaleCode, ...]:
    return tuple(found for template in templates if (found := _read_scale(digits, template)))


def _read_scale(digits: str, template: str) -> ScaleCode | None:
    prefix = template.rstrip("IAWC")
    if len(digits) != len(template) or not (digits.isascii() and digits.isdigit()) or not digits.startswith(prefix):
        return None
    if gs1.check_digit(digits[:-1]) != int(digits[-1]):
        return None

    def part(letter: str) -> str:
        return "".join(digit for digit, role in zip(digits, template, strict=True) if role == letter)

    amount, weight = part("A"), part("W")
    return ScaleCode(part("I"), int(amount) if amount else None, int(weight) if weight else None)
