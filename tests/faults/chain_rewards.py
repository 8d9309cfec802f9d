"""Points and coupons in a chain that lives through everything: what happens, and what must be so at the end."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

from sqlalchemy import select

from core import events
from core.errors import RefusedError
from core.events import CouponGiven, Event, FactRehomed, PointsAdjusted, SaleCompleted
from core.hq.schema import EVENT
from core.rewards.rules import PointsRule, points_of
from core.shop import members, rewards
from core.shop.terminal import SYSTEM
from tests.builders import RICE
from tests.chain import Chain, Till
from tests.rewards import adjust, coupon, lay, set_rule, show, use

_RULES = (
    "coupon_used", "no_such_coupon", "coupon_of_another", "member_left", "no_such_member", "too_many_points",
    "nothing_left", "no_such_receipt",
)  # fmt: skip
_RULE = PointsRule("2026-11-01", spend=100, worth=10, unheard=50)


def happen(till: Till, chance: random.Random, known: list[str]) -> SaleCompleted | None:
    """A member buys with points or a coupon, brings it back, or is given something. Returns a sale, where one was made.

    Args:
        known: coupons and receipts of before; what is new is added.
    """
    set_rule(till, _RULE)
    active = [one.id for one in till.terminal.read(partial(members.newest, by=SYSTEM)).result()]
    member, step = chance.choice(active) if active else "", chance.randrange(5)
    try:
        if step == 0 and member:
            adjust(till, member, chance.choice((-20, 40)))
        elif step == 1:
            known.append(coupon(till, 100, member=chance.choice(("", member))).code)
        elif step == 2 and known:
            return till.bring_back(chance.choice(known))
        else:
            return _buy(till, chance, member, known)
    except RefusedError as refused:
        # Each of them is a rule; whatever else it is, is a bug.
        assert refused.code in _RULES, refused
        till.empty_counter()
    return None


def _buy(till: Till, chance: random.Random, member: str, known: list[str]) -> SaleCompleted:
    found = lay(till, member, (RICE, 1))
    if found.has.usable and chance.random() < 0.7:
        use(till, chance.randint(1, found.has.usable))
    codes = [one for one in known if one.startswith("CP")]
    if codes and chance.random() < 0.5:
        show(till, chance.choice(codes))
    sale = till.pay_counter()
    known.append(sale.receipt)
    return sale


def check_rewards(chain: Chain, tills: Sequence[Till]) -> Iterator[str]:
    """Counted once more from the log: how many points each member has, and which coupons are used."""
    log = _log(chain)
    for till in tills:
        store = till.terminal.read(lambda view: view.settings["store"]).result()
        points, uses = _recounted(log.get(store, {}).values())
        for member, count in points.items():
            person = till.terminal.read(lambda view, member=member: rewards.person(view, member)).result()
            here = till.terminal.read(partial(rewards.points_of, member=member)).result()
            if here != (expected := sum(points[one] for one in person)):
                yield f"I11: member {member} has {here} points at a till, and {expected} by the log ({count})"
        for code, used in uses.items():
            found = till.terminal.read(partial(rewards.find_coupon, text=code)).result()
            if bool(found.used) != bool(used):
                yield f"I11: coupon {code} is used on {found.used or 'none'} at a till, and on {used} by the log"


def _log(chain: Chain) -> dict[str, dict[str, Event]]:
    """The facts of each store, each once."""
    found: dict[str, dict[str, Event]] = {}
    query = select(EVENT.c.store_id, EVENT.c.raw)
    for store, raw in chain.db.read(lambda connection: connection.execute(query).all()):
        event = events.decode(bytes(raw))
        while isinstance(event, FactRehomed):
            event = events.decode(bytes(event.fact))
        if isinstance(event, PointsAdjusted | CouponGiven | SaleCompleted):
            found.setdefault(store, {})[event.head.op] = event
    return found


def _recounted(facts: Iterator[Event]) -> tuple[Counter[str], dict[str, set[str]]]:
    points: Counter[str] = Counter()
    used: dict[str, set[str]] = {}
    back: set[tuple[str, str]] = set()
    for event in facts:
        if isinstance(event, PointsAdjusted):
            points[event.member] += event.points
        elif isinstance(event, CouponGiven):
            used.setdefault(event.coupon, set())
        elif isinstance(event, SaleCompleted):
            points.update({member: earned - spent for member, (earned, spent) in points_of(event).items()})
            back |= {(one.coupon, one.receipt) for one in event.coupons_back}
            if event.coupon:
                used.setdefault(event.coupon, set()).add(event.receipt)
    return points, {code: {on for on in receipts if (code, on) not in back} for code, receipts in used.items()}
