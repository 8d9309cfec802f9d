"""What fits is counted, what cannot be held is set aside, and rows come and go with the facts that they are of."""

from __future__ import annotations

import io
from functools import partial

import pytest

from core import wire
from core.catalogue.product import LONGEST_NAME, Product
from core.events import CouponBack, CouponGiven, LineKind, PointsAdjusted
from core.hq import doctor, parcels
from core.hq.projector import Projector
from core.parcel import MAGIC, Frame, write_frame
from core.shop import goods
from core.shop.terminal import SYSTEM
from tests.hq.api_tools import AT, fact, head, line, projections, sale, voice
from tests.hq.test_lies import counted, digest_of
from tests.hq.world import replace


@pytest.mark.logs
@pytest.mark.parametrize("number", [10**10, 10**13])
def test_no_product_of_two_numbers_stops_head_office_from_counting(chain, number):
    huge = fact(sale("huge"), lines=[replace(line(), list_price=number, quantity=number)])
    voice(chain, "S1").tell(huge, fact(sale("with it")))
    voice(chain, "S2").tell(fact(sale("behind it")))
    chain.project()
    assert counted(chain) >= {"with it", "behind it"}


def test_a_sale_of_goods_with_a_long_chinese_name_is_counted(small):
    till = small.till()
    product = Product("LONG-1", "云" * LONGEST_NAME, 700, 130_000, "", "石" * LONGEST_NAME)
    till.terminal.write(partial(goods.set_product, by=SYSTEM, product=product)).result()
    till.sell((product, 1))
    assert till.sync().waiting == 0
    total = small.report().report.total
    assert (total.net, total.orders) == (700, 1)


def test_an_exchange_is_no_less_counted_where_another_fact_gave_way(small):
    exchange = fact(
        sale("exchange", line(amount=100), line(amount=-100, quantity=-1, kind=LineKind.RETURN, origin="R"))
    )
    gives_way = fact(sale("op", line(amount=300)))
    later = (sale("op", line("R", 400 + n), at=AT + 3_600_000, date="2026-11-24") for n in range(99))
    holds = next(raw for raw in map(fact, later) if digest_of(raw) < digest_of(gives_way))
    first, last = sorted((voice(small), voice(small)), key=lambda who: who.stream)
    last.tell(exchange, gives_way)
    small.project()
    first.tell(holds)
    small.project()
    before = projections(small.db)
    assert [check.name for check in doctor.examine(small.db) if not check.ok] == []
    Projector(small.db).rebuild()
    assert projections(small.db) == before


def test_a_deep_continuation_in_a_parcel_is_refused(small):
    who = voice(small)
    request = who.request(wire.CONTINUE, b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    told = {name.removeprefix("store-"): value for name, value in request.headers.items() if name != "content-type"}
    with io.BytesIO() as file:
        file.write(MAGIC)
        write_frame(file, Frame(stream=who.stream, target=request.target, body=request.body, **told))
        file.seek(0)
        try:
            taken = parcels.take_in(small.db, small.home, file, small.clock.now_ms())
        except parcels.RefusedError:
            return
    assert taken.refused == ((who.stream, "malformed"),)


@pytest.mark.parametrize(
    "hostile",
    [
        sale("hostile", replace(line(), earned=10**13, used=-(10**13)), member="m"),
        PointsAdjusted(head=head("hostile"), member="m", points=10**12, reason="x"),
        CouponGiven(head=head("hostile"), coupon="x", off=1, until="2026-12-31"),
        CouponGiven(head=head("hostile"), coupon="CP222222222222", off=1, until="later"),
        sale("hostile", coupon="cp222222222222"),
        sale("hostile", coupons_back=(CouponBack(coupon="", receipt="R"),)),
        sale("hostile", date="2300-01-01", member="m"),
    ],
    ids=["points", "adjusted", "code", "end", "coupon", "back", "day"],
)
def test_points_and_coupons_that_cannot_be_are_set_aside(small, hostile):
    voice(small, "S1").tell(fact(hostile), fact(sale("behind it")))
    small.project()
    assert counted(small) == {"behind it"}
