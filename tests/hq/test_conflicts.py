"""Units of which more was said than can be true: one rule, whatever the order, and no fact is rejected."""

from __future__ import annotations

import random
from itertools import permutations

from sqlalchemy import select

from core.events import UnitStep
from core.hq.schema import CLAIM, CONFLICT
from core.hq.units import Answer, Said, contradictions
from tests.builders import SCARF
from tests.chain import Chain, Till


def said(op: str, kind: str, at: int, *, receipt: str = "", origin: str = "") -> Said:
    return Said("S1", op, 1, "T1", kind, at, "", receipt, origin)


SOLD = said("a", "sold", 1, receipt="R1")
AGAIN = said("b", "sold", 5, receipt="R2")
BACK = said("c", "returned", 3, origin="R1")
BACK_AGAIN = said("d", "returned", 7, origin="R1")
BLIND = said("e", "returned", 4)
VOID = said("f", "void", 6)


def found(*claims: Said, answers: tuple[Answer, ...] = ()) -> list[tuple[str, str, tuple[str, ...]]]:
    """What conflicts, which is the same in every order."""
    ways = {
        tuple(sorted((c.kind, c.holder, c.others) for c in contradictions(way, answers)))
        for way in permutations(claims)
    }
    (way,) = ways
    return list(way)


def test_one_life_is_no_conflict():
    assert found(SOLD) == found(SOLD, BACK) == found(SOLD, BACK, AGAIN) == found(SOLD, BLIND, AGAIN) == []
    assert found(SOLD, BACK, VOID) == found(VOID) == found(BLIND) == []


def test_what_was_said_too_often():
    assert found(SOLD, AGAIN) == [("sold_twice", "a", ("b",))]
    assert found(SOLD, BACK, BACK_AGAIN) == [("returned_twice", "c", ("d",))]
    assert found(SOLD, VOID) == [("void_sold", "f", ("a",))]
    assert found(SOLD, AGAIN, VOID) == [("sold_twice", "a", ("b",)), ("void_sold", "f", ("a", "b"))]
    # What came back without a receipt before anything was sold belongs to no sale here.
    assert found(said("z", "returned", 0), SOLD) == []
    # Two tills may have numbered two receipts alike.
    twin = said("b", "sold", 5, receipt="R1")
    assert found(SOLD, twin, BACK) == found(SOLD, twin, BACK, BACK_AGAIN) == []


def test_what_was_answered_for_is_none_until_more_joins():
    answer = Answer("sold_twice", frozenset("ab"))
    assert found(SOLD, AGAIN, answers=(answer,)) == []
    assert found(SOLD, AGAIN, said("g", "sold", 6), answers=(answer,)) == [("sold_twice", "a", ("b", "g"))]
    assert found(SOLD, BACK, BACK_AGAIN, answers=(answer,)) == [("returned_twice", "c", ("d",))]
    # It was for one matter only.
    assert found(SOLD, AGAIN, VOID, answers=(answer,)) == [("void_sold", "f", ("a", "b"))]


def test_no_order_changes_what_conflicts():
    chance = random.Random(7)
    for _ in range(300):
        receipts = ("R1", "R2", "R3")
        claims = [
            Said(
                "S1", f"op{n}", 1, "T1", chance.choice(("sold", "sold", "returned", "void")), chance.randrange(6), "",
                chance.choice(receipts), chance.choice((*receipts, "")),
            )
            for n in range(chance.randrange(1, 6))
        ]  # fmt: skip
        found(*claims)


def conflicts(chain: Chain) -> list[tuple[str, str, str, list[str]]]:
    chain.project()
    rows = chain.db.read(lambda c: c.execute(select(CONFLICT).order_by(CONFLICT.c.unit, CONFLICT.c.kind)).all())
    return [(row.unit, row.kind, row.holder, row.others.split()) for row in rows]


def twins(chain: Chain) -> tuple[Till, Till, list[str]]:
    """Two tills of one store that know the same units: one is a copy of the other."""
    till = chain.till()
    _, serials = till.issue(SCARF, 8)
    till.sync()
    return till, till.twin(), [till.link(SCARF, serial) for serial in serials]


def test_a_unit_that_two_tills_sold_is_one_conflict(chain):
    till, twin, links = twins(chain)
    first = till.sell_codes(links[0], links[1])
    chain.clock.go(minutes=1)
    second = twin.sell_codes(links[0])
    till.sync()
    twin.sync()
    ((unit, kind, holder, others),) = conflicts(chain)
    assert (kind, holder, others) == ("sold_twice", first.head.op, [second.head.op])
    assert unit in links[0] or unit.endswith(links[0][-16:])
    # Money was taken for both.
    assert chain.report().report.total.orders == 2
    # The other customer brings it back: nothing conflicts any more.
    twin.bring_codes_back(links[0])
    twin.sync()
    assert conflicts(chain) == []


def test_the_holder_does_not_depend_on_who_comes_first(small):
    till, twin, links = twins(small)
    first = till.sell_codes(links[0])
    small.clock.go(minutes=1)
    twin.sell_codes(links[0])
    twin.sync()
    assert conflicts(small) == []
    till.sync()
    ((_, _, holder, _),) = conflicts(small)
    assert holder == first.head.op


def test_returned_twice_and_void_elsewhere(small):
    till = small.till()
    _, serials = till.issue(SCARF, 3)
    links = [till.link(SCARF, serial) for serial in serials]
    till.sell_codes(links[0])
    till.sync()
    twin = till.twin()
    till.bring_codes_back(links[0])
    small.clock.go(minutes=1)
    twin.bring_codes_back(links[0])
    till.say(UnitStep.VOID, links[1])
    twin.sell_codes(links[1])
    till.sync()
    twin.sync()
    assert {kind for _, kind, _, _ in conflicts(small)} == {"returned_twice", "void_sold"}
    assert small.db.read(lambda c: len(c.execute(select(CLAIM)).all())) == 5
