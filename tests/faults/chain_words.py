"""What is said in a history: rows that head office feeds, facts that nobody knows yet."""

from __future__ import annotations

import random

import msgspec

from core.events import Event
from core.hq.feeds import Feed
from core.rows import PersonRow, PriceRow, ProductRow, SettingRow

FEEDS = (
    Feed("catalogue"),
    Feed("catalogue", "S1"),
    Feed("catalogue", "S2", "T1"),
    Feed("prices"),
    Feed("prices", "S1"),
    Feed("settings"),
    Feed("staff", "S1"),
)
DATES = ("2026-11-20", "2026-11-23", "2026-11-24", "2026-11-25", "2026-12-24")


def row(scope: str, n: int, chance: random.Random) -> tuple[str, str]:
    """The key of a row of a scope, and what it says; nothing where it is taken back."""
    if scope == "settings":
        return "receipt_footer", msgspec.json.encode(SettingRow(f"再见 {n}")).decode()
    key = f"P{n}"
    if chance.random() < 0.2:
        return f"{key}:{chance.choice(DATES)}" if scope == "prices" else key, ""
    if scope == "prices":
        dated = f"{key}:{chance.choice(DATES)}"
        return dated, msgspec.json.encode(PriceRow(chance.randint(1, 999))).decode()
    if scope == "staff":
        return key, msgspec.json.encode(PersonRow(name=f"员工 {n}", role="guide")).decode()
    return key, msgspec.json.encode(ProductRow(name="茶", price=chance.randint(1, 999))).decode()


_LATER: dict[str, type[Event]] = {}


def event_of_later(n: int) -> type[Event]:
    """An event class that is in nobody's vocabulary."""
    kind = f"test.from_later_{n}"
    if kind not in _LATER:
        _LATER[kind] = type("Later", (Event,), {"__module__": __name__}, frozen=True, kw_only=True, tag=kind)
    return _LATER[kind]
