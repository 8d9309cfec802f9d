"""Facts that no table or sum can hold: they stop nobody."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st
from sqlalchemy import update

from core.errors import BrokenWorldError
from core.events import (
    LineKind,
    ProductChanged,
    Tender,
    TenderKind,
    TerminalSetUp,
    UnitsChanged,
    UnitStep,
)
from core.hq.schema import DAY, STREAM
from tests.hq.api_tools import (
    AT,
    fact,
    head,
    line,
    of_store,
    projections,
    rows,
    sale,
    voice,
)
from tests.hq.test_lies import counted, digest_of, unknown
from tests.hq.world import generated, replace

LARGE = 2**63
LONG = "".join(random.Random(1).choices([chr(sign) for sign in range(33, 127)], k=100_000))


def headed(name: str, **changes: Any) -> bytes:
    made = sale(name)
    return fact(made, head=replace(made.head, **changes))


def lined(op: str, **changes: Any) -> bytes:
    return fact(sale(op), lines=[replace(line(), **changes)])


POISON: dict[str, Callable[[str], bytes]] = {
    "an instant that no database takes": lambda op: headed(op, at=LARGE),
    "an instant, of a kind that nobody knows": lambda op: unknown(op).replace(str(AT).encode(), str(LARGE).encode()),
    "an instant before all time": lambda op: headed(op, at=-LARGE - 1),
    "an amount": lambda op: lined(op, amount=LARGE),
    "an amount of hundreds of digits": lambda op: lined(op, amount=10**400),
    "an amount to which nothing can be added": lambda op: lined(op, amount=LARGE - 1, tax=0),
    "a number of pieces": lambda op: lined(op, quantity=LARGE),
    "a list price": lambda op: lined(op, list_price=10**300),
    "a tax": lambda op: lined(op, tax=-LARGE - 1),
    "a tender": lambda op: fact(sale(op), tenders=[Tender(kind=TenderKind.CASH, amount=LARGE)]),
    "a rounding": lambda op: fact(sale(op), rounding=-LARGE - 1),
    "a rate of minus 100 %": lambda op: lined(op, tax_rate=-1_000_000),
    "NUL in an id": lambda op: headed(op, op=f"{op}\0"),
    "NUL in an id of a kind that nobody knows": lambda op: unknown(f"{op}\0"),
    "NUL in a kind": lambda op: unknown(op, "test.\0"),
    "NUL in a date": lambda op: headed(op, date="\0"),
    "NUL in somebody": lambda op: headed(op, staff="\0"),
    "NUL in a seller": lambda op: fact(sale(op), seller="\0"),
    "NUL in a touchpoint": lambda op: headed(op, touchpoint="\0"),
    "NUL in a code": lambda op: lined(op, code="\0"),
    "NUL in a name": lambda op: lined(op, name="\0"),
    "NUL in a unit": lambda op: lined(op, unit=f"{op}\0"),
    "NUL in a receipt": lambda op: fact(sale(op, line(unit=op)), receipt="\0"),
    "NUL in a receipt that does not fit": lambda op: fact(sale(op), receipt="\0", tenders=[]),
    "NUL in a store's name": lambda op: fact(
        TerminalSetUp(head=head(op), stream="s", store="S", terminal="T", name="\0", currency="CNY", timezone="UTC")
    ),
    "NUL in a product's name": lambda op: fact(ProductChanged(head=head(op), code="W", name="\0")),
    "NUL in a void unit": lambda op: fact(UnitsChanged(head=head(op), units=["\0"], step=UnitStep.VOID)),
    "an endless id": lambda op: headed(op, op=LONG),
    "an endless code": lambda op: lined(op, code=LONG),
    "an endless date": lambda op: headed(op, date=LONG),
    "an endless unit": lambda op: lined(op, unit=LONG),
    "no lines": lambda op: fact(sale(op), lines=[]),
    "an offset": lambda op: headed(op, offset=10**400),
    "a version": lambda op: unknown(op, v=10**400),
    "one unit twice": lambda op: fact(UnitsChanged(head=head(op), units=["u", "u"], step=UnitStep.VOID)),
}


@pytest.mark.logs
def test_no_fact_stops_head_office_from_counting(chain):
    stopped = {}
    voices = {name: voice(chain, f"P{number}") for number, name in enumerate(POISON)}
    for number, (name, who) in enumerate(voices.items()):
        # The next fact is counted together with it, and another when everything is there.
        who.tell(POISON[name](f"poison {number}"), fact(sale(f"with {number}")))
        try:
            chain.project()
        except (BrokenWorldError, ArithmeticError) as error:
            stopped[name] = repr(error)[:100]
            # Let it pass, so that the next can be looked at.
            passed = update(STREAM).where(STREAM.c.store_id == who.store).values(projected=STREAM.c.acked)
            chain.db.write(lambda connection, passed=passed: connection.execute(passed))
    for number, (name, who) in enumerate(voices.items()):
        if name not in stopped:
            who.tell(fact(sale(f"after {number}")))
    chain.project()
    known, days = counted(chain), rows(chain.db, [DAY])
    for number, (name, who) in enumerate(voices.items()):
        figures = [figure for row in of_store(days, who.store)["day"] for figure in row[3:]]
        if name not in stopped and not {f"with {number}", f"after {number}"} <= known:
            stopped[name] = "later facts are not counted"
        if not all(isinstance(figure, int) for figure in figures):
            stopped[name] = f"a figure is no whole number: {figures}"
    assert not stopped, "\n".join(f"{name}: {what}" for name, what in stopped.items())


NUMBERS = (0, -1, LARGE - 1, LARGE, -LARGE - 1, 10**30, 10**400, -999_999, -1_000_000)
TEXTS = ("", "\0", "a\0b", LONG[:5000], "云" * 3000, "\U0001f4a9", "return", "wechat", "2026-02-30")
OTHERS = (None, True, 0.5, [], {}, [[]], "1")


@pytest.mark.logs
def test_no_sale_with_something_odd_in_it_stops_head_office_from_counting(chain):
    who = voice(chain)
    more = {"seller": "p", "member": "m", "cash_given": 1, "change": 1, "rounding": -1}
    lines = (line(unit="u", serial="s"), line("R", -300, -1, kind=LineKind.RETURN, origin="R", discount=1))
    change = st.tuples(*(st.integers(0, 999) for _ in range(3)), st.integers(0, 9))

    def check(changes: list[tuple[int, int, int, int]]) -> None:
        made = json.loads(fact(sale(f"odd {who.seq}", *lines, **more)))
        parts = [made, made["head"], *made["lines"], *made["tenders"]]
        for at, key, value, kind in changes:
            part = parts[at % len(parts)]
            name = sorted(part)[key % len(part)]
            fitting = NUMBERS if isinstance(part[name], int) else TEXTS if isinstance(part[name], str) else OTHERS
            choice = fitting if kind else OTHERS
            part[name] = choice[value % len(choice)]
        after = f"after {who.seq}"
        try:
            who.tell(json.dumps(made).encode(), fact(sale(after)))
            chain.project()
            assert after in counted(chain)
        finally:
            # Whatever it was, it does not stay in the way.
            chain.db.write(lambda connection: connection.execute(update(STREAM).values(projected=STREAM.c.acked)))

    generated(chain, st.lists(change, min_size=1, max_size=2), check)


@pytest.mark.logs
def test_a_store_that_uses_the_ids_of_another_is_counted_all_the_same(chain):
    voice(chain, "S1").tell(fact(sale("op", line(unit="u"))))
    chain.project()
    voice(chain, "S2").tell(fact(sale("op", line(unit="u", amount=300))))
    assert chain.report().report.total.net == 500


def test_no_store_takes_back_what_another_said_of_its_units(chain):
    voice(chain, "S1").tell(fact(sale("op", line(unit="u"))))
    chain.project()
    before = of_store(projections(chain.db), "S1")
    versions = [fact(sale("op", line(unit=f"v{n}"))) for n in range(2)]
    for raw in sorted(versions, key=digest_of, reverse=True):
        voice(chain, "S2").tell(raw)
        chain.project()
    assert of_store(projections(chain.db), "S1") == before


@pytest.mark.logs
def test_a_unit_that_is_brought_back_over_and_over_holds_nobody_up(chain):
    who = voice(chain)
    who.tell(fact(sale("a", line(unit="u"))), fact(sale("b", line(unit="u"), at=AT + 1)))
    for op, at in (("back", AT + 2), ("again", AT + 3)):
        lines = [line(amount=-200, quantity=-1, kind=LineKind.RETURN, origin=f"R-{of}", unit="u") for of in "ab"]
        who.tell(fact(sale(op, *lines, at=at)))
    voice(chain, "S2").tell(fact(sale("other")))
    chain.project()
    assert counted(chain) == {"a", "b", "back", "again", "other"}
