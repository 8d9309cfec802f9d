"""Consent: what is asked, in which words, and what follows from what was said.

The text is asked in the customer's language, purpose by purpose, nothing ticked beforehand (个人信息保护法 §§14, 17);
refusing costs nothing (§16); taking it back is as easy as giving it (§15).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.errors import RefusedError
from core.events import Purpose
from core.texts import mark

NOTICE = "2026-11-28"
"""The version of the texts below; a change of any of them is a new one, under which people are asked anew."""

QUESTIONS: Mapping[Purpose, str] = {
    Purpose.MEMBERSHIP: mark("You know me as a member: my purchases, points and returns without a receipt."),
    Purpose.CONTACT: mark("My guide may write to me or call me."),
    Purpose.MARKETING: mark("You may send me offers."),
}
"""What is asked for each purpose."""

NAMES: Mapping[Purpose, str] = {
    Purpose.MEMBERSHIP: mark("Membership"),
    Purpose.CONTACT: mark("Guide contact"),
    Purpose.MARKETING: mark("Offers"),
}

PROMISES = (
    mark("We keep your phone number and, if you tell it, your name: sealed, in this shop and at its head office."),
    mark("You may see, correct or delete it here at any time, and take back each of these."),
    mark("Same prices without it. Unused for long, it goes."),
)
"""What is promised with it."""


def read_purposes(texts: Iterable[str]) -> tuple[Purpose, ...]:
    """Purposes by their names, each once, in their order.

    Raises:
        RefusedError: `bad_purpose`.
    """
    asked = set(texts)
    if unknown := asked - set(Purpose):
        raise RefusedError("bad_purpose", text=min(unknown)[:40], purposes=", ".join(Purpose))
    return tuple(in_order(map(Purpose, asked)))


def check_binding(purposes: Iterable[Purpose]) -> None:
    """Nobody becomes a member without agreeing to that.

    Raises:
        RefusedError: `no_consent`.
    """
    if Purpose.MEMBERSHIP not in purposes:
        raise RefusedError("no_consent")


def in_order(purposes: Iterable[Purpose]) -> list[Purpose]:
    """Purposes, each once, in their order."""
    named = set(purposes)
    return [purpose for purpose in Purpose if purpose in named]


def names_of(text: str) -> list[Purpose]:
    """The purposes of a text in which they are separated by spaces."""
    return [Purpose(name) for name in text.split()]
