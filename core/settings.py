"""Every setting of a shop, declared once: name, form, default.

Values are kept as text and changed by facts; `Settings` reads them typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core import money
from core.clock import Calendar
from core.errors import BrokenWorldError, RefusedError
from core.label_paper import FIELDS, PRESETS, RESOLUTIONS, printer_address
from core.privacy import check_words
from core.texts import DEFAULT_LANGUAGE, LANGUAGES

_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}", re.ASCII)
_SCALE_TEMPLATE = re.compile(r"\d{1,2}I{4,6}(?:A{4,6})?(?:W{4,6})?C")


def _choice(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(" | ".join(allowed))
        return text

    return parse


def _hour(text: str) -> int:
    if not text.isdecimal() or int(text) > 23:
        raise ValueError("0 … 23")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) > 100_000:
        raise ValueError("0 … 100000")
    return int(text)


def _minutes(text: str) -> int:
    if not text.isdecimal() or int(text) > 600:
        raise ValueError("0 … 600")
    return int(text)


def _yes_or_no(text: str) -> bool:
    return _choice("yes", "no")(text) == "yes"


def _line(text: str) -> str:
    if len(text) > 200 or any(ord(c) < 32 for c in text):
        raise ValueError("≤ 200")
    return text


def _host(text: str) -> str:
    if len(text) > 44 or not _HOST.fullmatch(text):
        raise ValueError("id.example.com")
    return text


def _label_fields(text: str) -> frozenset[str]:
    fields = text.split()
    if not set(fields) <= FIELDS.keys():
        raise ValueError(" ".join(FIELDS))
    return frozenset(fields)


def _label_printer(text: str) -> str:
    language, _, address = text.partition(" ")
    if not text:
        return text
    if language not in ("zpl", "tspl") or not address:
        raise ValueError("zpl 192.168.1.20 | tspl 192.168.1.20:9100")
    printer_address(address)
    return text


def _repeat_days(text: str) -> int:
    return int(_choice("30", "60", "90", "365")(text))


def _keep_days(text: str) -> int:
    return int(_choice("0", "365", "730", "1095", "1825")(text))


def _country(text: str) -> str:
    if not re.fullmatch("[A-Z]{2}", text):
        raise ValueError("CN | HK | TW …")
    return text


def _resolution(text: str) -> int:
    return int(_choice(*map(str, RESOLUTIONS))(text))


def _timezone(text: str) -> str:
    Calendar(text)
    return text


def _scale_templates(text: str) -> tuple[str, ...]:
    """Layouts of in-store scale codes, separated by spaces: prefix digits, then I (item), A (amount), W (grams), C."""
    templates = tuple(text.split())
    if not all(_SCALE_TEMPLATE.fullmatch(t) and len(t) in (13, 18) and ("A" in t or "W" in t) for t in templates):
        raise ValueError("21IIIIIAAAAAC 26IIIIIAAAAAWWWWWC")
    return templates


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: how its text is read, what it is until changed, and whether a person may change it."""

    parse: Callable[[str], Any]
    default: str
    fixed: bool = False


SETTINGS: Mapping[str, Setting] = {
    "store": Setting(_line, "", fixed=True),
    "terminal": Setting(_line, "", fixed=True),
    "currency": Setting(_line, "CNY", fixed=True),
    "name": Setting(_line, ""),
    "country": Setting(_country, "CN"),
    "timezone": Setting(_timezone, "Asia/Shanghai"),
    "day_cutover": Setting(_hour, "0"),
    "language": Setting(_choice(*LANGUAGES), DEFAULT_LANGUAGE),
    "theme": Setting(_choice("light", "dark"), "light"),
    "full_screen": Setting(_yes_or_no, "no"),
    "sounds": Setting(_yes_or_no, "yes"),
    "lock_minutes": Setting(_minutes, "5"),
    "tax_rate": Setting(money.parse_rate, "0%"),
    "repeat_days": Setting(_repeat_days, "30"),
    "keep_members": Setting(_keep_days, "1095"),
    "cash_rounding": Setting(_count, "0"),
    "scale_codes": Setting(_scale_templates, ""),
    "resolver": Setting(_host, "id.example.com"),
    "code_letters": Setting(_choice("upper", "lower"), "upper"),
    "activation": Setting(_yes_or_no, "no"),
    "label": Setting(_choice(*PRESETS), "a4-45"),
    "label_fields": Setting(_label_fields, "name spec price"),
    "label_dpi": Setting(_resolution, "203"),
    "label_printer": Setting(_label_printer, ""),
    "receipt_width": Setting(_choice("58", "80"), "80"),
    "receipt_footer": Setting(_line, ""),
}
"""`lock_minutes` without a touch lock a terminal whose people have PINs, 0 = never. `tax_rate` holds where a product
has none. `country` is where phone numbers without a country code are from (ISO 3166-1). `cash_rounding` is the
smallest coin in minor units, 0 = exact. Over `repeat_days` it is counted who came again. Members who neither bought
nor agreed to anything for `keep_members` days are forgotten, 0 = they are kept until they leave. `resolver` is the host
that unit codes lead to, `code_letters` those of its links. With `activation` a unit is sold only after it was put on
sale. `label_printer` is one in the network: its language and address; empty for the printer of the system."""


class Settings:
    """Typed view of the stored texts; unknown names are kept and ignored.

    Raises:
        BrokenWorldError: `setting_damaged` for a text that the program never stored.
    """

    def __init__(self, stored: Mapping[str, str]) -> None:
        self._texts = {name: stored.get(name, setting.default) for name, setting in SETTINGS.items()}
        self._values = {name: _read(name, self._texts[name]) for name in SETTINGS}

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def text(self, name: str) -> str:
        """The setting's value as it is written.

        Raises:
            RefusedError: `unknown_setting`.
        """
        if name not in self._texts:
            raise RefusedError("unknown_setting", name=name[:40])
        return self._texts[name]

    def texts(self) -> dict[str, str]:
        """All settings as they are written."""
        return dict(self._texts)

    @property
    def currency(self) -> str:
        """ISO 4217 code."""
        return str(self["currency"])

    def amount(self, minor: int) -> money.Amount:
        """An amount in the shop's currency."""
        return money.Amount(minor, self.currency)

    def calendar(self) -> Calendar:
        """The shop's time zone and business day."""
        return Calendar(self["timezone"], self["day_cutover"])


def _read(name: str, text: str) -> Any:
    try:
        return SETTINGS[name].parse(text)
    except (ValueError, RefusedError) as error:
        raise BrokenWorldError("setting_damaged", name=name, text=text[:40]) from error


def check_value(name: str, text: str) -> None:
    """Refuse what cannot be set.

    Raises:
        RefusedError: `unknown_setting`, `fixed_setting`, `bad_setting` (with the form that is expected),
            `payment_code`, `card_number`.
    """
    setting = SETTINGS.get(name)
    if setting is None:
        raise RefusedError("unknown_setting", name=name[:40])
    if setting.fixed:
        raise RefusedError("fixed_setting", name=name)
    check_words(text)
    try:
        setting.parse(text)
    except ValueError as error:
        raise RefusedError("bad_setting", name=name, text=text[:40], form=error) from None
