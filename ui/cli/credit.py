"""credit: whose work sales are, and why."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from core.clock import iso_time, parse_date
from core.credit.rules import Rule, Share
from core.credit.words import reason_words, rule_words, share_words
from core.errors import RefusedError
from core.events import CreditDecided, CreditDisputed
from core.money import parse_rate
from core.shop import credits
from core.texts import tr
from ui.cli.output import Answer, number, optional, table
from ui.cli.session import actor, reader, writer

if TYPE_CHECKING:
    from core.credit.queries import Credited
    from core.settings import Settings
    from core.shop.terminal import Actor, View


def credit(args: argparse.Namespace) -> Answer:
    """Somebody's day, why a sale is whose it is, and what holds from now on."""
    if args.action in ("day", "why"):
        look = _day if args.action == "day" else _why
        with reader(args) as (terminal, by):
            return terminal.read(partial(look, by=by, args=args)).result()
    if args.action == "rules":
        with reader(args) as (terminal, _):
            return _rules(terminal.read(credits.rules).result())
    with writer(args) as terminal:
        by = actor(args, terminal)
        if args.action == "rule":
            rule = Rule(
                parse_date(args.since) if args.since else "",
                parse_rate(args.binder),
                args.window,
                args.protected,
            )
            return _rules([terminal.write(partial(credits.set_rule, by=by, rule=rule)).result()])
        receipt = args.what or ""
        if args.action == "dispute":
            ask = partial(credits.dispute, by=by, receipt=receipt, reason=args.reason)
            return Answer(_said(terminal.write(ask).result()), [tr("A manager will look at it.")])
        parts = dict(map(_part, args.parts))
        step = partial(credits.decide, by=by, receipt=receipt, parts=parts, reason=args.reason)
        found = terminal.write(step).result()
        settings = terminal.read(lambda view: view.settings).result()
    return _explained(found, settings)


def _part(text: str) -> tuple[str, int]:
    person, _, weight = text.partition("=")
    if not weight.isascii() or not weight.isdecimal() or len(weight) > 6:
        raise RefusedError("bad_credit_parts")
    return person, int(weight)


def _day(view: View, by: Actor, args: argparse.Namespace) -> Answer:
    person = args.what or by.staff
    found = credits.day_of(view, by, person, parse_date(args.day) if args.day else "")
    money = view.settings.amount
    document = {
        "guide": found.person,
        "date": found.date,
        "bound": found.bound,
        "waiting": found.waiting,
        "asked": found.asked,
        "credited": found.total,
        "target": found.target,
        "sales": [_row(view, one) for one in found.credited],
        "elsewhere": [{"terminal": terminal, "amount": amount} for terminal, amount in found.elsewhere],
    }
    head = [
        (tr("Won"), number(found.bound)),
        (tr("Not at head office yet"), number(found.waiting)),
        (tr("Credited"), str(money(found.total))),
    ]
    if found.target is not None:
        head.append((tr("Target"), str(money(found.target))))
    rows = [
        (one.receipt, str(money(one.total)), share_words(one.share), str(money(one.share.amount)))
        for one in found.credited
    ]
    rows += [(tr("Till {terminal}", terminal=terminal), "", "", str(money(sums))) for terminal, sums in found.elsewhere]
    return Answer(document, [*table(head, right=(1,)), *table(rows, right=(1, 2, 3))])


def _row(view: View, one: Credited) -> dict[str, Any]:
    return {
        "receipt": one.receipt,
        "slip": one.slip,
        "at": iso_time(one.at, view.calendar.day_and_offset(one.at)[1]),
        "total": one.total,
        **_share(one.share),
    }


def _share(share: Share) -> dict[str, Any]:
    return {"guide": share.person, "part": share.part, "amount": share.amount, "reason": share.reason.value}


def _why(view: View, by: Actor, args: argparse.Namespace) -> Answer:
    return _explained(credits.why(view, by, args.what or ""), view.settings)


def _explained(found: credits.Why, settings: Settings) -> Answer:
    sale = found.sale
    document = {
        "receipt": sale.receipt,
        "net": sum(share.amount for share in found.shares),
        "binder": optional(sale.member_guide),
        "since": optional(sale.member_since),
        "seller": optional(sale.seller),
        "cashier": sale.head.staff,
        "rule": asdict(found.rule) if found.rule else None,
        "shares": [_share(share) for share in found.shares],
        "first": [_share(share) for share in found.first],
        "said": [_said(one) for one in found.said],
    }
    rows = [
        (share.person, share_words(share), str(settings.amount(share.amount)), reason_words(share.reason, sale))
        for share in found.shares
    ]
    lines = table(rows, right=(1, 2)) or [tr("Nobody is credited with this sale.")]
    if found.rule:
        lines.append(rule_words(found.rule))
    lines += [f"{one.head.date}  {one.head.staff}: {one.reason}" for one in found.said]
    return Answer(document, lines)


def _said(one: CreditDisputed | CreditDecided) -> dict[str, Any]:
    said: dict[str, Any] = {"kind": str(one.__struct_config__.tag), "receipt": one.receipt, "reason": one.reason}
    if isinstance(one, CreditDecided):
        said["parts"] = [{"guide": part.person, "part": part.part} for part in one.parts]
    return {**said, "staff": one.head.staff, "date": one.head.date}


def _rules(rules: list[Rule]) -> Answer:
    return Answer([{"name": rule.name, **asdict(rule)} for rule in rules], [rule_words(rule) for rule in rules])
