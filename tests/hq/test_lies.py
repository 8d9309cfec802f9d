"""Facts that lie, that are told twice, or that nobody can read yet."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from core import wire
from core.errors import BrokenWorldError
from core.events import (
    Event,
    Tender,
    TenderKind,
    base,
)
from core.hq.database import Database
from core.hq.projector import Projector
from core.hq.schema import FACT, FINDING, METADATA
from core.sync.transport import Answer
from tests.builders import RICE, WATER
from tests.chain import Chain, Request
from tests.hq.api_tools import (
    Rows,
    fact,
    head,
    line,
    projections,
    rows,
    sale,
    told_again,
    voice,
)
from tests.hq.world import replace

# Facts that lie.


def findings(chain: Chain) -> list[tuple[str, str]]:
    """Reason and operation of what was found."""
    return sorted((row[2], row[5]) for row in rows(chain.db, [FINDING])["finding"])


def counted(chain: Chain) -> set[str]:
    return {row[1] for row in rows(chain.db, [FACT])["fact"]}


def test_a_sale_whose_tenders_or_taxes_do_not_fit_counts_by_its_lines(chain):
    till = chain.till()
    fair = till.sell((WATER, 2), (RICE, 1))
    till.sync()
    net = fair.net
    who = voice(chain, "S1", "T2")
    ops = iter(f"op{n}" for n in range(9))

    def other(**changes: Any) -> bytes:
        op = next(ops)
        return fact(fair, head=replace(fair.head, op=op), receipt=f"R-{op}", **changes)

    wrong_tax = [replace(fair.lines[0], tax=fair.lines[0].tax + 1), *fair.lines[1:]]
    no_tax = [replace(one, tax=0) for one in fair.lines]
    who.tell(
        other(),
        other(tenders=[Tender(kind=TenderKind.CASH, amount=1)]),
        other(tenders=[]),
        other(lines=wrong_tax),
        other(lines=no_tax, tenders=[Tender(kind=TenderKind.CASH, amount=net * 10)]),
        other(rounding=-1),
        other(tenders=[*fair.tenders, Tender(kind=TenderKind.CARD, amount=5), Tender(kind=TenderKind.CARD, amount=-5)]),
    )
    report = chain.report()
    total = report.report.total
    assert (total.net, total.orders, total.pieces) == (8 * net, 8, 8 * 3)
    assert {group.key: group.net for group in report.report.by_product} == {
        WATER.code: 8 * 2 * WATER.price, RICE.code: 8 * RICE.price,
    }  # fmt: skip
    assert findings(chain) == [
        ("tax_differs", "op3"),
        ("tax_differs", "op4"),
        ("tenders_differ", "op1"),
        ("tenders_differ", "op2"),
        ("tenders_differ", "op4"),
        ("tenders_differ", "op5"),
    ]
    before = projections(chain.db)
    assert Projector(chain.db).rebuild() > 0
    assert projections(chain.db) == before


def test_of_two_facts_under_one_id_the_same_counts_whichever_came_first(chain):
    one = fact(sale("op", line(amount=200), line("R", 300)), tenders=[])
    two = fact(sale("op", line(amount=500), line("R", 100, name="Other")))
    three = fact(sale("op", line("R", 900), line(amount=100, unit="u")))
    seen = []
    for order in ((one, two, three), (three, two, one), (two, three, one), (one, three, two)):
        empty(chain.db)
        voices = {raw: voice(chain) for raw in sorted({one, two, three})}
        for raw in order:
            voices[raw].tell(raw)
            chain.project()
        seen.append(without_places(projections(chain.db)))
        assert len(seen[0]["fact"]) == 1 and len(seen[0]["finding"]) >= 2
    assert all(found == seen[0] for found in seen)


def without_places(found: Rows) -> Rows:
    """Rows without the streams in which facts stand, which are new each time."""
    fact_rows = [(*row[:3], "", 0) for row in found["fact"]]
    finding_rows = [(*row[:3], "", 0, *row[5:]) for row in found["finding"]]
    return {**found, "fact": fact_rows, "finding": finding_rows}


def empty(db: Database) -> None:
    """Forget everything."""
    names = [table.name for table in METADATA.sorted_tables]
    db.write(lambda connection: [connection.exec_driver_sql(f"DELETE FROM {name}") for name in names])


def test_a_fact_that_gives_way_leaves_no_day_behind(small):
    one, two = sale("op", date="2026-11-22"), sale("op", line("R", 300), date="2026-11-23")
    first, last = sorted((fact(one), fact(two)), key=digest_of, reverse=True)
    voice(small).tell(first)
    small.project()
    voice(small).tell(last)
    small.project()
    before = projections(small.db)
    days = [day for day, _ in small.report().report.days]
    Projector(small.db).rebuild()
    assert projections(small.db) == before
    assert len(days) == 1


def digest_of(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()


def told_by_two(chain: Chain, raw: bytes, terminals: tuple[str, str]) -> None:
    """A fact in two streams. The one that head office gets first is behind the other in the order of their names."""
    early, late = sorted((voice(chain, "S1", name) for name in terminals), key=lambda who: who.stream)
    for who in (late, early):
        who.tell(raw if who is late else told_again(raw, "again"))
        chain.project()


def test_the_finding_of_a_fact_that_was_told_twice_is_where_the_fact_is(chain):
    told_by_two(chain, fact(sale("op"), tenders=[]), ("T1", "T1"))
    before = projections(chain.db)
    assert [row[3:5] for row in before["finding"]] == [row[3:5] for row in before["fact"]]
    Projector(chain.db).rebuild()
    assert projections(chain.db) == before


def test_a_fact_that_two_terminals_tell_counts_for_the_same_of_them_whichever_came_first(small):
    raw = fact(sale("op", line(unit="u")))
    told_by_two(small, raw, ("T1", "T2"))
    before = projections(small.db)
    Projector(small.db).rebuild()
    assert projections(small.db) == before


def test_no_figure_is_taken_from_a_terminal_that_counted_nothing(small):
    versions = sorted((fact(sale("op", line(amount=amount))) for amount in (200, 300)), key=digest_of, reverse=True)
    told_by_two(small, versions[0], ("T1", "T2"))
    voice(small, "S1", "T3").tell(versions[1])
    small.project()
    assert [row[3] for row in projections(small.db)["day"] if row[3] < 0] == []


UNREADABLE = {
    "empty": b"",
    "a zero": b"\0",
    "no JSON": b"\xff\xfe",
    "cut off": fact(sale("cut off"))[:-10],
    "null": b"null",
    "no object": b"[1]",
    "without a head": b'{"kind":"sale.completed","v":1}',
    "deep": b"[" * 50_001 + b"]" * 50_001,
    "half a surrogate pair": b'{"kind":"\\ud800","v":1}',
    "not a number": b'{"kind":"x","v":NaN}',
    "an older version without a way up": fact(sale("v0"), v=0),
    "a kind of line that nobody knows": fact(sale("line")).replace(b'"code":"W"', b'"kind":"gift","code":"W"'),
    "told again, and nothing": told_again(b"true", "again"),
    "told again, and deep": told_again(b"[" * 50_000 + b"]" * 50_000, "again deep"),
}


def unknown(op: str, kind: str = "test.unknown", v: int = 1, **more: object) -> bytes:
    return msgspec.json.encode({"kind": kind, "v": v, "head": msgspec.to_builtins(head(op)), **more})


def test_what_cannot_be_read_holds_nothing_up(chain):
    who = voice(chain)
    later = [fact(sale(f"after {n}")) for n in range(len(UNREADABLE))]
    for raw, after in zip(UNREADABLE.values(), later, strict=True):
        who.tell(raw, after)
    who.tell(unknown("new kind"), fact(sale("new version"), v=99), told_again(unknown("told again"), "again too"))
    who.tell(fact(sale("last")))
    chain.project()
    assert counted(chain) == {"last", *(f"after {n}" for n in range(len(UNREADABLE)))}
    reasons = Counter(reason for reason, _ in findings(chain))
    assert reasons == {"unreadable": len(UNREADABLE), "unknown": 3}
    before = projections(chain.db)
    assert Projector(chain.db).try_again() == 0
    assert projections(chain.db) == before
    Projector(chain.db).rebuild()
    assert projections(chain.db) == before


class Later(Event, frozen=True, kw_only=True, omit_defaults=True, tag="test.later"):
    """A kind of fact that head office does not know yet."""

    v: int = base.version(1)
    code: str = ""


@contextmanager
def newer() -> Iterator[None]:
    """Head office is brought up to date: it knows another kind, and another version of a sale."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_kinds", "_versions", "_decoders", "_upcasters"):
            patch.setattr(base, name, dict(getattr(base, name)))
        base.fact(Later)
        base._versions["sale.completed"] = 2
        base._upcasters["sale.completed", 1] = dict
        yield


def test_what_becomes_known_is_counted_then(chain):
    who, twin = voice(chain), voice(chain)
    newer_sale = fact(sale("newer", line(amount=700)), v=2)
    who.tell(unknown("later", "test.later", code="W"), newer_sale, fact(sale("after")), unknown("never"))
    twin.tell(told_again(newer_sale, "again"), told_again(unknown("told again", "test.later"), "again later"))
    assert chain.report().report.total.net == 200
    assert Projector(chain.db).try_again() == 0
    assert findings(chain) == [("unknown", op) for op in ("later", "never", "newer", "told again")]
    with newer():
        assert Projector(chain.db).try_again() == 3
        assert counted(chain) == {"later", "newer", "told again", "after"}
        assert findings(chain) == [("unknown", "never")]
        assert chain.report().report.total.net == 900
        before = projections(chain.db)
        assert Projector(chain.db).try_again() == 0
        Projector(chain.db).rebuild()
        assert projections(chain.db) == before


def test_a_fact_that_was_told_again_twice_is_what_it_was(small):
    who = voice(small)
    who.tell(told_again(told_again(fact(sale("op")), "again"), "and again"))
    small.project()
    assert counted(small) == {"op"}


def test_a_copy_of_a_copy_that_was_lost_loses_no_sale(small):
    till = small.till()
    till.sync()
    twin = till.twin()
    till.sell((WATER, 1))
    till.sync()
    for _ in range(3):
        twin.sell((RICE, 1))

    def not_continued(request: Request, deliver: Callable[[Request], Answer]) -> Answer:
        if request.target == wire.CONTINUE:
            raise BrokenWorldError("hq_unreachable", url="", detail="reset")
        return deliver(request)

    # It knows that it has to go on in another stream, and cannot; then it is copied.
    small.network.on_the_way = not_continued
    twin.sync()
    third = twin.twin("third")
    left = 2

    def narrow(request: Request, deliver: Callable[[Request], Answer]) -> Answer:
        nonlocal left
        facts = wire.unpacked(request.body).events if request.target == wire.PUSH else []
        if len(facts) > 1:
            return Answer(413, {}, msgspec.json.encode(wire.Refusal(error="too_large")))
        left -= len(facts)
        if left < 0:
            raise BrokenWorldError("hq_unreachable", url="", detail="reset")
        return deliver(request)

    # The copy brings some of it to head office, and is never seen again.
    small.clock.go(minutes=1)
    small.network.on_the_way = narrow
    third.sync()
    small.network.on_the_way = None
    small.clock.go(minutes=1)
    assert twin.sync().waiting == 0
    total = small.report().report.total
    assert (total.net, total.orders) == (WATER.price + 3 * RICE.price, 4)
