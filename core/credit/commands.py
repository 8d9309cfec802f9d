"""What a person can do about credit: each makes one fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.clock import parse_date
from core.credit.rules import Rule, check_parts, check_rule, read_parts
from core.events import CreditDecided, CreditDisputed, CreditRuleSet, Head
from core.privacy import clean_words


def set_rule(head: Head, rule: Rule) -> CreditRuleSet:
    """The fact that sales to members are credited otherwise from a day on.

    Raises:
        RefusedError: `bad_credit_rule`, `bad_date`.
    """
    check_rule(rule)
    return CreditRuleSet(
        head=head,
        since=parse_date(rule.since),
        binder=rule.binder,
        window=rule.window,
        protected=rule.protected,
    )


def dispute(head: Head, receipt: str, reason: str) -> CreditDisputed:
    """The fact that somebody asks that a sale's credit be looked at.

    Raises:
        RefusedError: `bad_reason`, `payment_code`, `card_number`.
    """
    return CreditDisputed(head=head, receipt=receipt, reason=clean_words(reason))


def decide(head: Head, receipt: str, parts: Mapping[str, int], reason: str, seen: Sequence[str]) -> CreditDecided:
    """The fact that somebody decided who is credited with a sale.

    Args:
        parts: weights by person; nobody is credited where there are none.
        seen: marks of the decisions about it that are known.

    Raises:
        RefusedError: `bad_credit_parts`, `bad_reason`, `payment_code`, `card_number`.
    """
    decided = read_parts(parts)
    check_parts([(one.person, one.part) for one in decided])
    return CreditDecided(head=head, receipt=receipt, parts=decided, reason=clean_words(reason), seen=tuple(seen))
