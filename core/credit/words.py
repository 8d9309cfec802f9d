"""Credit in words: why somebody has a part, and what a rule says. For every face."""

from __future__ import annotations

from core.credit.rules import BUILT_IN, Rule, Share
from core.events import CreditReason, SaleCompleted
from core.money import RATE_UNIT, format_rate
from core.texts import mark, tr

REASONS = {
    CreditReason.BINDER: mark("won"),
    CreditReason.SELLER: mark("sold"),
    CreditReason.BOTH: mark("both"),
    CreditReason.DECIDED: mark("decided"),
}
"""Texts to be translated: why somebody has a part, in a word."""


def reason_words(reason: CreditReason, sale: SaleCompleted) -> str:
    """Why somebody has a part of a sale."""
    if reason is CreditReason.DECIDED:
        return tr("A manager decided so.")
    if reason is CreditReason.SELLER:
        return tr("Sold it.")
    won = sale.member_since or "—"
    if reason is CreditReason.BINDER:
        return tr("Won the member on {date}.", date=won)
    return tr("Won the member on {date}, and sold it.", date=won)


def share_words(share: Share) -> str:
    """Somebody's part, as a rate."""
    return format_rate(share.part) if share.part * 100 % RATE_UNIT == 0 else f"{share.part * 100 / RATE_UNIT:.2f}%"


def rule_words(rule: Rule) -> str:
    """What a rule says."""
    parts = {"binder": format_rate(rule.binder), "seller": format_rate(RATE_UNIT - rule.binder)}
    if rule.window:
        said = tr(
            "{binder} to whoever won the member, for {days} days; the rest, and later all, to whoever sells.",
            days=rule.window,
            **parts,
        )
    else:
        said = tr("{binder} to whoever won the member, {seller} to whoever sells.", **parts)
    if rule == BUILT_IN:
        return said
    return " ".join((tr("Since {date}:", date=rule.since), said))
