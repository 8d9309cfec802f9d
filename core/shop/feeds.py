"""What head office says takes effect at this terminal, in the transaction in which it is kept.

Goods and units go into the feeds of theirs. People and settings become facts of this terminal, as if they were changed
here. A row that cannot hold here is kept and has no effect, as the tray says: it must not keep the later ones from
arriving.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import msgspec

from core import wire
from core.catalogue import feed as goods
from core.catalogue.product import Product, product_code, tidy
from core.clock import parse_date
from core.codes import feed as units
from core.codes.life import Elsewhere, UnitState
from core.credit.rules import Rule
from core.database import transaction
from core.errors import BrokenWorldError, RefusedError
from core.events import Purpose
from core.journal import last_position
from core.members.queries import STATES
from core.rewards import feed as coupons
from core.rewards.rules import PointsRule
from core.rows import (
    BlockRow,
    ConflictRow,
    CouponRow,
    CreditDayRow,
    CreditRow,
    DayRow,
    FindingRow,
    FreezeRow,
    MemberRow,
    NoticeRow,
    OutcomeRow,
    OverspentRow,
    PersonRow,
    PointsRow,
    PointsRuleRow,
    PriceRow,
    ProductRow,
    PromotionRow,
    RevocationRow,
    SettingRow,
    TargetRow,
    UnitRow,
)
from core.shop import beside, blocks, credits, invitations, keys, orders, people, prices, rewards, setup, vault
from core.shop import members_elsewhere as elsewhere
from core.shop.terminal import SYSTEM, Session, Terminal, View
from core.sync import feeds
from core.wire import Page, Pull

_LAST_MS = 32_503_680_000_000
"""The year 3000: what can be shown as a date."""

Refused = dict[str, RefusedError]
Effect = Callable[[Session, Mapping[str, str]], Refused]
V = TypeVar("V")
R = TypeVar("R", bound=msgspec.Struct)


def asked(view: View) -> Pull:
    """What this terminal asks, by what it knows."""
    known = wire.keys_digest(reversed(keys.chain_keys(view.home)))
    return Pull(
        cursors=feeds.cursors(view.connection),
        keys_known=known,
        blocks=blocks.count_open(view.connection),
        reader=beside.reader_of(view),
    )


def adopt_keys(terminal: Terminal, page: Page) -> list[str]:
    """Take in the chain's keys, where head office told them. Returns some of those that it did not name.

    Raises:
        BrokenWorldError: `home_unusable`; `hq_unbelievable` for what is no key.
    """
    try:
        told = [wire.bytes_of(key) for key in page.code_keys]
    except ValueError:
        raise BrokenWorldError("hq_unbelievable", detail="code_keys") from None
    if not told:
        return []

    def adopt(session: Session) -> list[str]:
        own = [key for key in keys.chain_keys(session.home) if key not in told]
        keys.adopt(session.home, told)
        return [wire.text_of(key) for key in own[: wire.MOST_KEYS]]

    # On the thread on which codes are issued: it makes a key where there is none.
    return terminal.write(adopt).result()


def take_in(terminal: Terminal, page: Page) -> bool:
    """Keep a page. False where, at its channel's end, this terminal does not have what head office has; then the
    channel is told anew. Works in short jobs; the counter goes on.

    Raises:
        BrokenWorldError: a fault of this terminal's disk.
    """
    terminal.write(partial(_take, page=page)).result()
    if page.channel.startswith("members:"):
        # Records of those who left went with it.
        vault.fold(terminal)
    if not page.last:
        return True
    while terminal.write(partial(_sweep, channel=page.channel)).result():
        pass
    return terminal.write(partial(_settle, page=page)).result()


def _take(session: Session, page: Page) -> None:
    with transaction(session.connection):
        _keep(session, page.channel, partial(feeds.take, session.connection, page))
        elsewhere.take_records(session, page.records)


def _sweep(session: Session, channel: str) -> bool:
    return _keep(session, channel, partial(feeds.sweep, session.connection, channel))


def _settle(session: Session, page: Page) -> bool:
    with transaction(session.connection):
        return feeds.settle(session.connection, page)


def _keep(session: Session, channel: str, step: Callable[[], list[str]]) -> bool:
    """Keep rows and let them take effect, both or neither. Returns whether anything is said otherwise."""
    scope = channel.partition(":")[0]
    effect = _EFFECTS.get(scope)
    try:
        with transaction(session.connection):
            changed = step()
            if effect and changed:
                refused = effect(session, {key: feeds.said(session.connection, scope, key) for key in changed})
                feeds.keep_refusals(session.connection, scope, changed, refused)
    except BaseException:
        session.forget_people()
        session.forget_settings()
        raise
    return bool(changed)


def _sell_goods(session: Session, rows: Mapping[str, str]) -> Refused:
    changes, refused = _decoded(rows, _product)
    today = session.today()
    now = {code: product and prices.dated(product, session.connection, today) for code, product in changes.items()}
    if now:
        goods.take(session.connection, now, last_position(session.connection))
    return refused


def _product(code: str, body: str) -> Product:
    if product_code(code) != code:
        raise RefusedError("bad_code", text=code[:40])
    row = msgspec.json.decode(body, type=ProductRow)
    return tidy(Product(code, row.name, row.price, row.tax_rate, row.category, row.spec))


def _price_goods(session: Session, rows: Mapping[str, str]) -> Refused:
    read, refused = _decoded(rows, _price)
    today = session.today()
    due = {key.rpartition(":")[0] for key in read if key.rpartition(":")[2] <= today}
    if due:
        prices.change_prices(session, due)
        # Those of the days before took effect before anything was fetched.
        prices.keep_day(session)
    return refused


def _price(key: str, body: str) -> PriceRow:
    parse_date(key.rpartition(":")[2])
    return msgspec.json.decode(body, type=PriceRow)


def _promote(_: Session, rows: Mapping[str, str]) -> Refused:
    return _decoded(rows, _promotion)[1]


def _promotion(key: str, body: str) -> PromotionRow:
    row = msgspec.json.decode(body, type=PromotionRow)
    parse_date(key.rpartition(":")[2])
    parse_date(row.until)
    return row


def _freeze(session: Session, rows: Mapping[str, str]) -> Refused:
    changes, refused = _decoded(rows, lambda _, body: msgspec.json.decode(body, type=FreezeRow).reason)
    units.take_freezes(session.connection, changes)
    return refused


def _employ_people(session: Session, rows: Mapping[str, str]) -> Refused:
    refused: Refused = {}
    for id_, body in rows.items():
        with _refusing(refused, id_):
            if body:
                row = msgspec.json.decode(body, type=PersonRow)
                people.change(session, SYSTEM, id_, row.name, row.role, active=row.active)
            elif gone := session.people.get(id_):
                people.change(session, SYSTEM, id_, gone.name, gone.role, active=False)
    return refused


def _change_settings(session: Session, rows: Mapping[str, str]) -> Refused:
    refused: Refused = {}
    for name, body in rows.items():
        with _refusing(refused, name):
            # What head office says no more stays as it was said last.
            if body:
                row = msgspec.json.decode(body, type=SettingRow)
                setup.change_setting(session, SYSTEM, name, row.value)
    return refused


def _ruled(kind: type[R], set_rule: Callable[[Session, str, R], object]) -> Effect:
    """Rules under the day from which they hold. What head office says no more stays as it was said last: sales keep
    theirs.
    """

    def set_rules(session: Session, rows: Mapping[str, str]) -> Refused:
        refused: Refused = {}
        for since, body in rows.items():
            with _refusing(refused, since):
                if body:
                    set_rule(session, since, msgspec.json.decode(body, type=kind))
        return refused

    return set_rules


def _credit_rule(session: Session, since: str, row: CreditRow) -> None:
    credits.set_rule(session, SYSTEM, Rule(since, row.binder, row.window, row.protected))


def _points_rule(session: Session, since: str, row: PointsRuleRow) -> None:
    rewards.set_rule(session, SYSTEM, PointsRule(since, row.spend, row.worth, row.most, row.unheard))


def _know_units(session: Session, rows: Mapping[str, str]) -> Refused:
    changes, refused = _decoded(rows, _unit)
    units.take(session.connection, changes)
    return refused


def _unit(_: str, body: str) -> Elsewhere:
    row = msgspec.json.decode(body, type=UnitRow)
    return Elsewhere(row.code, UnitState(row.state), row.store, row.terminal, row.receipt, row.at)


def _know_members(session: Session, rows: Mapping[str, str]) -> Refused:
    read, refused = _decoded(rows, _member)
    invitations.catch_up(session, elsewhere.know_members(session, read))
    return refused


def _member(_: str, body: str) -> MemberRow:
    row = msgspec.json.decode(body, type=MemberRow)
    if row.state not in STATES or {*row.purposes, *row.withdrawn} - set(Purpose) or row.at > _LAST_MS:
        raise RefusedError("row_unreadable", detail=row.state[:40])
    for date in filter(None, (row.date, row.since, row.last)):
        parse_date(date)
    return row


def _know_coupons(session: Session, rows: Mapping[str, str]) -> Refused:
    read, refused = _decoded(rows, lambda _, body: msgspec.json.decode(body, type=CouponRow))
    coupons.take(session.connection, read)
    return refused


def _take_outcomes(session: Session, rows: Mapping[str, str]) -> Refused:
    read, refused = _decoded(rows, _outcome)
    for token, row in read.items():
        with _refusing(refused, token):
            invitations.take_outcomes(session, {token: row})
    return refused


def _outcome(_: str, body: str) -> OutcomeRow:
    row = msgspec.json.decode(body, type=OutcomeRow)
    if row.state not in invitations.STATES or set(row.purposes) - set(Purpose) or row.at > _LAST_MS:
        raise RefusedError("row_unreadable", detail=row.state[:40])
    if row.since:
        parse_date(row.since)
    return row


def _checked(kind: type[msgspec.Struct]) -> Effect:
    """What is read where it is needed; here it is only seen that it can be."""

    def check(_: Session, rows: Mapping[str, str]) -> Refused:
        return _decoded(rows, lambda _, body: msgspec.json.decode(body, type=kind))[1]

    return check


def _take_orders(_: Session, rows: Mapping[str, str]) -> Refused:
    return _decoded(rows, lambda _, body: orders.check_command(body))[1]


def _decoded(rows: Mapping[str, str], decode: Callable[[str, str], V]) -> tuple[dict[str, V | None], Refused]:
    changes: dict[str, V | None] = {}
    refused: Refused = {}
    for key, body in rows.items():
        with _refusing(refused, key):
            changes[key] = decode(key, body) if body else None
    return changes, refused


@contextmanager
def _refusing(refused: Refused, key: str) -> Iterator[None]:
    """A row that cannot hold here is kept, and has no effect."""
    try:
        yield
    except RefusedError as error:
        refused[key] = error
    except (msgspec.MsgspecError, ValueError) as error:
        refused[key] = RefusedError("row_unreadable", detail=str(error)[:100])


_EFFECTS: Mapping[str, Effect] = {
    "catalogue": _sell_goods,
    "prices": _price_goods,
    "promotions": _promote,
    "freezes": _freeze,
    "commands": _take_orders,
    "staff": _employ_people,
    "settings": _change_settings,
    "units": _know_units,
    "members": _know_members,
    "outcomes": _take_outcomes,
    "blocks": _checked(BlockRow),
    "credit": _ruled(CreditRow, _credit_rule),
    "credits": _checked(CreditDayRow),
    "points": _ruled(PointsRuleRow, _points_rule),
    "balances": _checked(PointsRow),
    "coupons": _know_coupons,
    "overspent": _checked(OverspentRow),
    "conflicts": _checked(ConflictRow),
    "days": _checked(DayRow),
    "findings": _checked(FindingRow),
    "notices": _checked(NoticeRow),
    "revocations": _checked(RevocationRow),
    "targets": _checked(TargetRow),
}
"""What becomes of what is said under each key now; nothing is said under one with an empty body."""
