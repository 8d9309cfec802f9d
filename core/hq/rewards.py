"""Members' points and coupons of a store, whatever the order in which its facts arrive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from core.events import CouponGiven, Event, SaleCompleted
from core.hq import telling
from core.hq.reading import Fact
from core.hq.schema import COUPON_SAID
from core.hq.streams import put_if_new
from core.rewards.rules import changes_in
from core.rows import CouponRow, CouponUse, op_mark

_AT_ONCE = 500
_GIVEN, _USED, _BACK = "given", "used", "back"


def is_about(event: Event | None) -> bool:
    """Whether a fact says something of a coupon."""
    used = isinstance(event, SaleCompleted) and bool(event.coupon or event.coupons_back)
    return used or isinstance(event, CouponGiven)


def points_in(event: Event | None) -> Mapping[str, tuple[int, int]]:
    """What a fact says of members' points: how many more they have, and used."""
    return {member: (earned - used, used) for member, (earned, used) in changes_in(event).items()}


def write_coupons(connection: Connection, store: str, facts: Iterable[tuple[Fact, int]]) -> None:
    """Keep what facts of a store say of coupons, or take it back, and tell the store what follows. Under the store's
    lock.

    Args:
        facts: each with 1, or -1 where it is taken back.
    """
    changed: set[str] = set()
    for fact, sign in facts:
        for said in _said(fact):
            changed.add(said["coupon"])
            if sign > 0:
                put_if_new(connection, COUPON_SAID, store_id=store, op=fact.op, at=fact.at, **said)
            else:
                columns, known = COUPON_SAID.c, (store, said["coupon"], fact.op, said["kind"])
                keys = (columns.store_id, columns.coupon, columns.op, columns.kind)
                connection.execute(
                    delete(COUPON_SAID).where(*(key == value for key, value in zip(keys, known, strict=True)))
                )
    ordered = sorted(changed)
    for start in range(0, len(ordered), _AT_ONCE):
        part = ordered[start : start + _AT_ONCE]
        telling.tell_coupons(connection, store, _standings(connection, store, part))


def _said(fact: Fact) -> Iterator[dict[str, Any]]:
    event = fact.event
    nothing = {"off": 0, "least": 0, "until": "", "member_id": "", "terminal_id": fact.terminal, "receipt": ""}
    if isinstance(event, CouponGiven):
        given = {"off": event.off, "least": event.least, "until": event.until, "member_id": event.member}
        yield {**nothing, **given, "coupon": event.coupon, "kind": _GIVEN}
    elif isinstance(event, SaleCompleted):
        if event.coupon:
            yield {**nothing, "coupon": event.coupon, "kind": _USED, "receipt": event.receipt}
        for back in {one.coupon: one for one in event.coupons_back}.values():
            yield {**nothing, "coupon": back.coupon, "kind": _BACK, "receipt": back.receipt}


def _standings(connection: Connection, store: str, coupons: Sequence[str]) -> dict[str, CouponRow | None]:
    """What coupons are; none of which nothing is said."""
    rows = connection.execute(
        select(COUPON_SAID)
        .where(COUPON_SAID.c.store_id == store, COUPON_SAID.c.coupon.in_(coupons))
        .order_by(COUPON_SAID.c.at, COUPON_SAID.c.op)
    ).all()
    said: dict[str, list[Any]] = {coupon: [] for coupon in coupons}
    for row in rows:
        said[row.coupon].append(row)
    return {coupon: _standing(found) if found else None for coupon, found in said.items()}


def _standing(said: Sequence[Any]) -> CouponRow:
    given = next((one for one in said if one.kind == _GIVEN), None)
    back = {one.receipt for one in said if one.kind == _BACK}
    uses = [one for one in said if one.kind == _USED and one.receipt not in back]
    return CouponRow(
        off=max(given.off, 0) if given else 0,
        least=max(given.least, 0) if given else 0,
        until=given.until if given else "",
        member=given.member_id if given else "",
        uses=tuple(CouponUse(one.terminal_id, one.receipt) for one in uses),
        said=tuple(sorted({op_mark(one.op) for one in said})),
    )
