"""points, coupon."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from core.clock import parse_date
from core.money import format_rate, parse_amount, parse_rate
from core.rewards.rules import Coupon, PointsRule
from core.shop import rewards
from core.texts import tr
from ui.cli.members import one_member
from ui.cli.output import Answer, number, optional, table
from ui.cli.session import actor, reader, writer

if TYPE_CHECKING:
    from core.settings import Settings
    from core.shop.terminal import Actor, Session, View


def points(args: argparse.Namespace) -> Answer:
    """Members' points, and what holds from now on."""
    if args.action == "rules":
        with reader(args) as (terminal, _):
            return terminal.read(lambda view: _ruled(rewards.rules(view), view.settings)).result()
    if args.action == "show":
        with reader(args) as (terminal, by):
            return terminal.read(partial(_show, by=by, args=args)).result()
    with writer(args) as terminal:
        step = _adjust if args.action == "adjust" else _set_rule
        return terminal.write(partial(step, by=actor(args, terminal), args=args)).result()


def _show(view: View, by: Actor, args: argparse.Namespace) -> Answer:
    return _points(view, one_member(view, by, args.member or "").id)


def _adjust(session: Session, by: Actor, args: argparse.Namespace) -> Answer:
    member = one_member(session, by, args.member or "").id
    rewards.adjust_points(session, by, member, args.points, args.reason)
    return _points(session, member)


def _points(view: View, member: str) -> Answer:
    has = rewards.rewards_of(view, member)
    document = {
        "member": member,
        "points": has.points,
        "worth": has.points * has.worth,
        "coupons": [_document(one) for one in has.coupons],
    }
    rows = [(tr("Points"), number(has.points)), (tr("Worth"), str(view.settings.amount(has.points * has.worth)))]
    return Answer(document, [*table(rows, right=(1,)), *(_line(one, view.settings) for one in has.coupons)])


def _set_rule(session: Session, by: Actor, args: argparse.Namespace) -> Answer:
    currency = session.settings.currency
    rule = PointsRule(
        parse_date(args.since) if args.since else "",
        parse_amount(args.spend, currency),
        parse_amount(args.worth, currency),
        parse_rate(args.most),
        args.unheard,
    )
    return _ruled([rewards.set_rule(session, by, rule)], session.settings)


def _ruled(rules: list[PointsRule], settings: Settings) -> Answer:
    lines = [
        tr(
            "From {since}: a point for {spend}; it takes off {worth}, at most {most} of the goods.",
            since=rule.since, spend=settings.amount(rule.spend), worth=settings.amount(rule.worth),
            most=format_rate(rule.most),
        )
        for rule in rules
    ]  # fmt: skip
    return Answer([asdict(rule) for rule in rules], lines or [tr("Nobody earns points yet.")])


def coupon(args: argparse.Namespace) -> Answer:
    """Make, show or list coupons."""
    if args.action == "give":
        with writer(args) as terminal:
            return terminal.write(partial(_give, by=actor(args, terminal), args=args)).result()
    with reader(args) as (terminal, by):
        return terminal.read(partial(_look, by=by, args=args)).result()


def _give(session: Session, by: Actor, args: argparse.Namespace) -> Answer:
    currency = session.settings.currency
    member = one_member(session, by, args.member).id if args.member else ""
    made = rewards.give_coupon(
        session, by, parse_amount(args.off, currency), args.until, least=parse_amount(args.least, currency),
        member=member,
    )  # fmt: skip
    return Answer(_document(made), [_line(made, session.settings)])


def _look(view: View, by: Actor, args: argparse.Namespace) -> Answer:
    if args.action == "show":
        found = rewards.find_coupon(view, args.coupon)
        return Answer(_document(found), [_line(found, view.settings)])
    known = rewards.all_coupons(view, by)
    return Answer([_document(one) for one in known], [_line(one, view.settings) for one in known])


def _document(one: Coupon) -> dict[str, Any]:
    return {
        "coupon": one.code,
        "off": one.off,
        "least": one.least,
        "until": one.until,
        "member": optional(one.member),
        "used": optional(one.used),
    }


def _line(one: Coupon, settings: Settings) -> str:
    off, least = settings.amount(one.off), settings.amount(one.least)
    said = tr("{off} off from {least}, until {until}", off=off, least=least, until=one.until)
    return "  ".join(filter(None, (one.code, said, one.used and tr("used: {receipt}", receipt=one.used))))
