"""Who is credited with a sale, and with how much of it. Pure: a terminal and head office reckon the same.

A sale keeps the parts that it was made with, as it keeps its prices: a later rule changes nothing of it. What comes
back takes from those who were credited with its sale.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core.errors import RefusedError
from core.events import CreditPart, CreditReason, Decided, SaleCompleted
from core.money import RATE_UNIT, split

MOST_DAYS = 3_650


@dataclass(frozen=True, slots=True)
class Rule:
    """How sales to members are credited; the fields are those of `CreditRuleSet`."""

    since: str
    binder: int
    window: int = 0
    protected: int = 0

    @property
    def name(self) -> str:
        """The same wherever the same was set."""
        said = f"{self.since} {self.binder} {self.window} {self.protected}"
        return hashlib.sha256(said.encode()).hexdigest()[:8]


BUILT_IN = Rule("", RATE_UNIT // 2)
"""Until somebody sets another: half and half, for good."""


@dataclass(frozen=True, slots=True)
class Share:
    """What somebody is credited with, minor units; negative for goods that came back."""

    person: str
    amount: int
    part: int
    reason: CreditReason


@dataclass(frozen=True, slots=True)
class Group:
    """The goods of one sale that changed hands in one fact.

    Attributes:
        receipt: of their sale: decisions are about it.
        amount: minor units; negative for goods that came back.
        parts: as they were known when it happened.
    """

    receipt: str
    amount: int
    parts: tuple[CreditPart, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided about a sale. `mark`: of its fact; `seen`: of the decisions known to whoever decided."""

    mark: str
    at: int
    seen: frozenset[str]
    parts: tuple[tuple[str, int], ...]


def check_rule(rule: Rule) -> None:
    """Refuse what is no rule.

    Raises:
        RefusedError: `bad_credit_rule`.
    """
    days = (rule.window, rule.protected)
    if not 0 <= rule.binder <= RATE_UNIT or not all(0 <= count <= MOST_DAYS for count in days):
        raise RefusedError("bad_credit_rule", most=MOST_DAYS)


def check_parts(parts: Sequence[tuple[str, int]]) -> None:
    """Refuse parts that are no whole, or name somebody twice.

    Raises:
        RefusedError: `bad_credit_parts`.
    """
    people = [person for person, _ in parts]
    if len(set(people)) < len(people) or any(part <= 0 for _, part in parts):
        raise RefusedError("bad_credit_parts")
    if parts and sum(part for _, part in parts) != RATE_UNIT:
        raise RefusedError("bad_credit_parts")


def within(days: int, since: str, today: str) -> bool:
    """Whether a business date is one of so many days from another on; with 0 days every later one is."""
    if not days:
        return True
    # Days of the calendar, so that no date is too far.
    return date.fromisoformat(today).toordinal() - date.fromisoformat(since).toordinal() < days


def parts_of_sale(rule: Rule, seller: str, binder: str, since: str, today: str) -> tuple[CreditPart, ...]:
    """The parts of those who sold and who won the member; whoever is alone has the whole.

    Args:
        since: business date from which the member is the binder's.
    """
    if not binder or (since and not within(rule.window, since, today)):
        parts = [(seller, RATE_UNIT, CreditReason.SELLER)]
    elif seller == binder:
        parts = [(seller, RATE_UNIT, CreditReason.BOTH)]
    elif not seller:
        parts = [(binder, RATE_UNIT, CreditReason.BINDER)]
    else:
        parts = [
            (binder, rule.binder, CreditReason.BINDER),
            (seller, RATE_UNIT - rule.binder, CreditReason.SELLER),
        ]
    return tuple(
        CreditPart(person=person, part=part, reason=reason) for person, part, reason in parts if person and part
    )


def groups_of(sale: SaleCompleted) -> list[Group]:
    """The goods of a fact by the sale that they belong to."""
    amounts: dict[str, int] = {}
    for line in sale.lines:
        amounts[line.origin] = amounts.get(line.origin, 0) + line.amount
    parts: dict[str, list[CreditPart]] = {}
    for one in sale.credits:
        parts.setdefault(one.origin, []).append(one)
    return [Group(origin or sale.receipt, amount, tuple(parts.get(origin, ()))) for origin, amount in amounts.items()]


def shares_of(group: Group, decisions: Iterable[Decision] = ()) -> list[Share]:
    """What each is credited with; together it is the whole amount, to the minor unit, or nothing: where nobody is
    credited, or parts are no whole.

    Args:
        decisions: about the sale, in any order.
    """
    decided = holding(decisions)
    parts: list[tuple[str, int, CreditReason]]
    if decided is None:
        parts = [(one.person, one.part, one.reason) for one in group.parts]
    else:
        parts = [(person, part, CreditReason.DECIDED) for person, part in decided.parts]
    if sum(part for _, part, _ in parts) != RATE_UNIT or any(part < 0 for _, part, _ in parts):
        return []
    amounts = split(group.amount, [part for _, part, _ in parts])
    return [Share(person, amount, part, why) for (person, part, why), amount in zip(parts, amounts, strict=True)]


def shares_in(groups: Sequence[Group], decisions: Iterable[Decision] = ()) -> list[list[Share]]:
    """What each is credited with of a sale and of all that came back of it: who brings it all back, piece by piece,
    leaves nobody anything.

    Args:
        groups: all of the sale's, in the order of business date and command.
        decisions: about the sale, in any order.
    """
    held = holding(decisions)
    back: dict[tuple[CreditPart, ...], int] = {}
    found = []
    for group in groups:
        shares = shares_of(group, [held] if held else ())
        if group.amount < 0:
            before = back.get(group.parts, 0)
            back[group.parts] = before + group.amount
            so_far, now = (
                shares_of(Group(group.receipt, amount, group.parts), [held] if held else ())
                for amount in (before, back[group.parts])
            )
            shares = [
                Share(one.person, one.amount - other.amount, one.part, one.reason)
                for one, other in zip(now, so_far, strict=True)
            ]
        found.append(shares)
    return found


def holding(decisions: Iterable[Decision]) -> Decision | None:
    """The decision that holds: of those that none replaced who knew of them, the last."""
    known = list(decisions)
    replaced = {mark for one in known for mark in one.seen}
    left = [one for one in known if one.mark not in replaced] or known
    return max(left, key=lambda one: (one.at, one.mark), default=None)


def read_parts(parts: Mapping[str, int]) -> list[Decided]:
    """Parts as a fact states them.

    Args:
        parts: weights by person, in any unit; they are shared out to the whole, the rest to the first.

    Raises:
        RefusedError: `bad_credit_parts`.
    """
    if any(weight <= 0 for weight in parts.values()):
        raise RefusedError("bad_credit_parts")
    shared = split(RATE_UNIT, list(parts.values())) if parts else []
    return [Decided(person=person, part=part) for person, part in zip(parts, shared, strict=True)]
