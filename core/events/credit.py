"""Facts about who is credited with sales."""

from __future__ import annotations

import msgspec

from core.events.base import Event, fact, version


@fact
class CreditRuleSet(Event, frozen=True, kw_only=True, omit_defaults=True, tag="credit.rule_set"):
    """How sales to members are credited from a day on. Sales keep the parts that they were made with.

    Attributes:
        since: first business date.
        binder: the part of whoever won the member, in parts per million; the rest is the seller's.
        window: for so many days after they won them; 0 = for good.
        protected: for so many days nobody else can win the member.
    """

    v: int = version(1)
    since: str
    binder: int
    window: int = 0
    protected: int = 0


@fact
class CreditDisputed(Event, frozen=True, kw_only=True, omit_defaults=True, tag="credit.disputed"):
    """Somebody asks that the credit for a sale be looked at; why, in their words."""

    v: int = version(1)
    receipt: str
    reason: str


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's part of a sale, in parts per million of its net."""

    person: str
    part: int


@fact
class CreditDecided(Event, frozen=True, kw_only=True, omit_defaults=True, tag="credit.decided"):
    """Somebody decided who is credited with a sale, and with what comes back of it.

    Attributes:
        parts: add up to the whole; none = nobody is credited.
        reason: in words.
        seen: the decisions about it that were known then (`core.rows.op_mark`): this one holds instead of them.
    """

    v: int = version(1)
    receipt: str
    parts: list[Decided]
    reason: str
    seen: tuple[str, ...] = ()
