"""GS1 keys and carriers: check digits, GTINs, element strings, Digital Link URIs.

Parsing of AIs is biip's; the rules on top are stricter where the standard is (GS1 Digital Link URI Syntax 1.6, §4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from core.errors import RefusedError

_GTIN_LENGTHS = (8, 12, 13, 14)
_KEYS, _QUALIFIERS = frozenset({"00", "01"}), frozenset({"10", "21", "22", "235"})
_PATH_GTIN = re.compile(r"/01/(\d+)(?:/|$)")


@dataclass(frozen=True, slots=True)
class Keys:
    """What a carrier says of an item. Absent parts are empty; `expiry` is an ISO 8601 date."""

    gtin: str = ""
    serial: str = ""
    lot: str = ""
    expiry: str = ""
    sscc: str = ""


def check_digit(body: str) -> int:
    """The mod-10 check digit to be put behind `body` (GS1 General Specifications §7.9)."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        total += int(digit) * (1 if place % 2 else 3)
    return -total % 10


def gtin14(digits: str) -> str | None:
    """GTIN-8, -12, -13 or -14 as 14 digits, or none where it is no GTIN."""
    if len(digits) not in _GTIN_LENGTHS or not (digits.isascii() and digits.isdigit()):
        return None
    if check_digit(digits[:-1]) != int(digits[-1]) or not int(digits):
        return None
    return digits.zfill(14)


def short_gtin(gtin: str) -> str:
    """A GTIN-14 as it stands under the bars: EAN-8, EAN-13 or, with a packaging indicator, all 14 digits."""
    if gtin.startswith("000000"):
        return gtin[6:]
    return gtin[1:] if gtin.startswith("0") else gtin


def parse_element_string(text: str) -> Keys:
    """Keys in an element string; FNC1 comes as GS (0x1D).

    Raises:
        RefusedError: `bad_gs1`.
    """
    from biip import BiipException
    from biip.gs1_messages import GS1Message

    try:
        message = GS1Message.parse_hri(text) if text.startswith("(") else GS1Message.parse(text)
    except (BiipException, ValueError):
        raise RefusedError("bad_gs1") from None
    return _keys(message)


def parse_digital_link(uri: str) -> Keys:
    """Keys in a GS1 Digital Link URI, of any host and stem.

    Raises:
        RefusedError: `gtin_length` when the GTIN has not 14 digits (§4.3), `bad_gs1` for anything else.
    """
    from biip import BiipException
    from biip.gs1_digital_link_uris import GS1DigitalLinkURI

    try:
        parts = urlsplit(uri)
    except ValueError:
        raise RefusedError("bad_gs1") from None
    if (found := _PATH_GTIN.search(parts.path)) and len(found[1]) != 14:
        raise RefusedError("gtin_length")
    keys_in_query = {unquote(pair.partition("=")[0]) for pair in parts.query.split("&")}
    # Qualifiers stand behind their key in the path, and a key is said once (§4.8).
    belong_in_path = {key for key in _KEYS if f"/{key}/" in parts.path}
    if "01" in belong_in_path:
        belong_in_path |= _QUALIFIERS
    if keys_in_query & belong_in_path or "%00" in uri:
        raise RefusedError("bad_gs1")
    try:
        message = GS1DigitalLinkURI.parse(uri).as_gs1_message()
    except (BiipException, ValueError):
        raise RefusedError("bad_gs1") from None
    return _keys(message)


def _keys(message: object) -> Keys:
    elements = message.element_strings  # type: ignore[attr-defined]
    values = {element.ai.ai: element for element in elements}
    if any(str(element.value) != str(values[element.ai.ai].value) for element in elements):
        # It says two different things of one item.
        raise RefusedError("bad_gs1")

    def value(ai: str) -> str:
        return str(values[ai].value) if ai in values else ""

    gtin = value("01")
    if gtin and gtin14(gtin) is None:
        raise RefusedError("bad_gs1")
    expiry = values["17"].date if "17" in values else None
    return Keys(gtin, value("21"), value("10"), expiry.isoformat() if expiry else "", value("00"))
