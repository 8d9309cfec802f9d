"""Credit: whose work a sale is, why, and what somebody decided about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.credit import commands, queries
from core.credit.queries import Credited
from core.credit.rules import Group, Rule, Share, groups_of, parts_of_sale, shares_of
from core.database import Connection
from core.errors import RefusedError
from core.events import (
    CreditDecided,
    CreditDisputed,
    CreditPart,
    CreditRuleSet,
    SaleCompleted,
    SaleLine,
)
from core.members.queries import won_by
from core.rows import CreditDayRow, TargetRow, op_mark, read
from core.sales import queries as receipts
from core.sales.cart import Cart
from core.shop import invitations
from core.shop.people import check_seller
from core.shop.terminal import SYSTEM, Actor, Session, View
from core.staff.permissions import Permission
from core.staff.queries import Person
from core.sync import feeds


@dataclass(frozen=True, slots=True)
class Why:
    """Why a sale is whose it is.

    Attributes:
        rule: that it was credited by; none where it was credited before there were rules.
        shares: as they are now, of what was sold; `first`: as they were when it was sold.
        said: disputes and decisions, the oldest first.
    """

    sale: SaleCompleted
    rule: Rule | None
    shares: tuple[Share, ...]
    first: tuple[Share, ...]
    said: tuple[CreditDisputed | CreditDecided, ...]


@dataclass(frozen=True, slots=True)
class GuideDay:
    """A guide's own page of a business date. Money in minor units.

    Attributes:
        bound: members whom they won; `waiting`: of these, of whom head office does not know yet.
        asked: codes that they showed and of which it is not known yet what becomes of them.
        credited: what they are credited with at this till, the newest first.
        elsewhere: at other tills of the store, as head office told last; by terminal.
        target: what they are to be credited with; where head office said nothing of them, what the store is to sell;
            none where it said neither.
    """

    person: str
    date: str
    bound: int
    waiting: int
    asked: int
    credited: tuple[Credited, ...]
    elsewhere: tuple[tuple[str, int], ...]
    target: int | None

    @property
    def total(self) -> int:
        return sum(one.share.amount for one in self.credited) + sum(amount for _, amount in self.elsewhere)


@dataclass(frozen=True, slots=True)
class GuidePage:
    """What somebody sees of guides: whose days they may look at, one of these, and what everybody is called."""

    people: tuple[Person, ...]
    day: GuideDay | None
    names: Mapping[str, str]


def credit_of(
    connection: Connection, cart: Cart, lines: Sequence[SaleLine], today: str
) -> tuple[tuple[CreditPart, ...], str]:
    """Who is credited with a cart that becomes a sale, and by which rule.

    Goods that come back take from those who are credited with their sale now.
    """
    parts: list[CreditPart] = []
    rule = queries.rule_on(connection, today)
    if any(not line.origin for line in lines):
        parts += parts_of_sale(rule, cart.seller, cart.member_guide, cart.member_since, today)
    for origin in dict.fromkeys(line.origin for line in lines if line.origin):
        parts += [
            CreditPart(person=share.person, part=share.part, reason=share.reason, origin=origin)
            for share in _shares(connection, receipts.receipt(connection, origin))
        ]
    return tuple(parts), rule.name


def why(view: View, by: Actor, receipt: str) -> Why:
    """Why a sale is whose it is.

    Raises:
        RefusedError: `no_such_receipt`; `not_allowed` for one who is not credited with it and may not see reports.
    """
    sale = receipts.receipt(view.connection, receipt)
    said = queries.said(view.connection, sale.receipt)
    shares, first = _shares(view.connection, sale), tuple(shares_of(_group(sale)))
    if by.staff not in {one.person for one in (*shares, *first)} | {sale.seller, sale.member_guide}:
        view.require(by, Permission.SEE_REPORTS)
    return Why(sale, queries.rule_named(view.connection, sale.credit_rule), shares, first, tuple(said))


def day_of(view: View, by: Actor, person: str, date: str = "") -> GuideDay:
    """A guide's page of a business date; today's, if none is given.

    Raises:
        RefusedError: `not_allowed` to look at another's page.
    """
    date = date or view.today()
    rows = rows_of(view, by, person, date, date)
    bound, waiting = won_by(view.connection, person, date)
    shown = invitations.invitations(view, by, person, date)
    return GuideDay(
        person,
        date,
        bound,
        waiting,
        sum(not one.is_decided for one in shown),
        tuple(rows),
        tuple(sorted(_elsewhere(view, date).get(person, {}).items())),
        _target(view, person, date),
    )


def look(view: View, by: Actor, person: str = "", date: str = "") -> GuidePage:
    """Whose days somebody may look at, and one of these: their own, else the first, if nobody is named."""
    people = tuple(one for one in view.people.values() if one.active)
    if not view.allows(by, Permission.SEE_REPORTS):
        people = tuple(one for one in people if one.id == by.staff)
    known = [one.id for one in people]
    person = next((one for one in (person, by.staff, *known) if one in known), "")
    names = {one.id: one.name for one in view.people.values()}
    return GuidePage(people, day_of(view, by, person, date) if person else None, names)


def rows_of(view: View, by: Actor, person: str, start: str, end: str) -> list[Credited]:
    """What somebody is credited with at this till from one business date to another, the newest first.

    Raises:
        RefusedError: `not_allowed` to look at another's.
    """
    if person != by.staff:
        view.require(by, Permission.SEE_REPORTS)
    return queries.credited(view.connection, person, start, end)


def rules(view: View) -> list[Rule]:
    """Every rule that was set, the newest first; the built-in one where there is none."""
    return queries.rules(view.connection) or [queries.rule_on(view.connection, view.today())]


def set_rule(session: Session, by: Actor, rule: Rule) -> Rule:
    """Credit sales otherwise from a business date on; from today, if the rule names none. What holds is left alone.

    Raises:
        RefusedError: `not_allowed`, `bad_credit_rule`, `bad_date`.
    """
    session.require(by, Permission.CREDIT)
    rule = rule if rule.since else replace(rule, since=session.today())
    if queries.rule_on(session.connection, rule.since) != rule:
        session.record(by, CreditRuleSet, lambda head: commands.set_rule(head, rule))
    return rule


def dispute(session: Session, by: Actor, receipt: str, reason: str) -> CreditDisputed:
    """Somebody asks that the credit for a sale be looked at.

    Raises:
        RefusedError: `no_such_receipt`, `bad_reason`; `no_such_person`.
    """
    if by != SYSTEM:
        check_seller(session, by.staff)
    sale = receipts.receipt(session.connection, receipt)
    return session.record(by, CreditDisputed, lambda head: commands.dispute(head, sale.receipt, reason))


def decide(session: Session, by: Actor, receipt: str, parts: Mapping[str, int], reason: str) -> Why:
    """Somebody decides who is credited with a sale, and with what comes back of it.

    Args:
        parts: weights by person; nobody is credited where there are none.

    Raises:
        RefusedError: `not_allowed`, `no_such_receipt`, `no_such_person`, `bad_credit_parts`, `bad_reason`;
            `before_credit` for a sale from before anybody was credited with any.
    """
    session.require(by, Permission.CREDIT)
    for person in parts:
        check_seller(session, person)
    sale = receipts.receipt(session.connection, receipt)
    if not sale.credit_rule:
        raise RefusedError("before_credit", receipt=sale.receipt)
    before = queries.said(session.connection, sale.receipt)
    seen = [op_mark(one.head.op) for one in before if isinstance(one, CreditDecided)]
    session.record(by, CreditDecided, lambda head: commands.decide(head, sale.receipt, parts, reason, seen))
    return why(session, by, sale.receipt)


def _group(sale: SaleCompleted) -> Group:
    """What was sold by a sale; nothing where it only took goods back."""
    found = (group for group in groups_of(sale) if group.receipt == sale.receipt)
    return next(found, Group(sale.receipt, 0, ()))


def _shares(connection: Connection, sale: SaleCompleted) -> tuple[Share, ...]:
    return tuple(shares_of(_group(sale), queries.decisions(connection, sale.receipt)))


def _elsewhere(view: View, date: str) -> dict[str, dict[str, int]]:
    """What other tills of the store sold for whom, as head office tells."""
    own = view.settings["terminal"]
    found: dict[str, dict[str, int]] = {}
    for key, body in feeds.between(view.connection, "credits", date, date).items():
        terminal, _, person = key.partition(":")[2].partition(":")
        row = read(body, CreditDayRow)
        if row and terminal != own:
            found.setdefault(person, {})[terminal] = row.amount
    return found


def _target(view: View, person: str, date: str) -> int | None:
    bodies = feeds.between(view.connection, "targets", date, date)
    for key in (f"{date}:{person}", date):
        if row := read(bodies.get(key, ""), TargetRow):
            return row.net
    return None
