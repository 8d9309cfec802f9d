"""What facts say of units that can be said once only, and what follows where it was said more often. Pure.

Money was taken, so no fact is rejected. The rule, whatever the order of arrival: a return is paired with the sale whose
receipt it names; one without a receipt with the earliest sale before it that nothing is paired with yet. Then

* `returned_twice`: more returns than one name one sale; the earliest holds
* `sold_twice`: more sales than one have no return; the earliest holds
* `void_sold`: a sale has no return, and the unit is void

Earliest is by time, then by the fact's id. A conflict that somebody in the shop answered for is none any more, unless
facts joined it that were not spoken of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.events import Event, LineKind, SaleCompleted, UnitsChanged, UnitStep

KINDS = ("returned_twice", "sold_twice", "void_sold")


@dataclass(frozen=True, slots=True)
class Claim:
    """What one line of a fact says of a unit.

    Attributes:
        code: of the product; empty where the fact does not say it.
        kind: sold, returned or void.
        receipt: of the sale.
        origin: receipt of the sale that a return refers to; empty for one without.
    """

    unit: str
    line: int
    kind: str
    code: str = ""
    receipt: str = ""
    origin: str = ""


def claims_of(event: Event) -> Sequence[Claim]:
    """What a fact says of units."""
    if isinstance(event, SaleCompleted):
        return [
            Claim(
                line.unit,
                n,
                "sold" if line.kind is LineKind.SALE else "returned",
                line.code,
                event.receipt,
                line.origin,
            )
            for n, line in enumerate(event.lines, 1)
            if line.unit
        ]
    if isinstance(event, UnitsChanged) and event.step is UnitStep.VOID:
        return [Claim(unit, n, "void") for n, unit in enumerate(event.units, 1)]
    return ()


@dataclass(frozen=True, slots=True)
class Said:
    """A claim, and the fact that made it."""

    store: str
    op: str
    line: int
    terminal: str
    kind: str
    at: int
    code: str
    receipt: str
    origin: str

    @property
    def rank(self) -> tuple[int, str, str, int]:
        return self.at, self.op, self.store, self.line


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What cannot all be true of a unit.

    Attributes:
        holder: op of the fact that holds.
        others: ops of those that do not, in their order.
        at: of the last of them: when it came to be.
    """

    kind: str
    holder: str
    others: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody in a shop answered for: that these facts contradict each other."""

    kind: str
    ops: frozenset[str]


def contradictions(claims: Iterable[Said], answers: Iterable[Answer] = ()) -> list[Contradiction]:
    """What cannot all be true, of everything that was said of one unit, and nobody answered for."""
    answered = tuple(answers)
    return [
        found
        for found in _contradictions(claims)
        if not any(answer.kind == found.kind and answer.ops >= {found.holder, *found.others} for answer in answered)
    ]


def standing_of(claims: Sequence[Said]) -> Said:
    """The claim by which a unit is what it is: a sale that nothing came back of, else that it is void, else a return.
    Its time is that of the last claim.
    """
    pairs = _pairs(claims)
    void = [said for said in claims if said.kind == "void"]
    holds = next((sale for sale, back in pairs.items() if not back), None)
    found = holds or min(void or claims, key=lambda said: said.rank)
    return replace(found, at=max(said.at for said in claims))


def _pairs(claims: Iterable[Said]) -> dict[Said, list[Said]]:
    """The sales of a unit in their order, each with what came back of it."""
    claims = sorted(claims, key=lambda said: said.rank)
    sales = [said for said in claims if said.kind == "sold"]
    returns = [said for said in claims if said.kind == "returned"]
    back: dict[Said, list[Said]] = {sale: [] for sale in sales}
    for said in returns:
        named = [sale for sale in sales if said.origin and (sale.store, sale.receipt) == (said.store, said.origin)]
        if named:
            # A till and its copy number two receipts alike.
            back[next((sale for sale in named if not back[sale]), named[0])].append(said)
    for said in returns:
        if not said.origin:
            sale = next((sale for sale in sales if not back[sale] and sale.rank < said.rank), None)
            if sale:
                back[sale].append(said)
    return back


def _contradictions(claims: Iterable[Said]) -> list[Contradiction]:
    claims = sorted(claims, key=lambda said: said.rank)
    back, found = _pairs(claims), list[Contradiction]()
    if twice := [paired for paired in back.values() if len(paired) > 1]:
        found.append(_contradiction("returned_twice", [twice[0][0], *(one for more in twice for one in more[1:])]))
    sold = [sale for sale, paired in back.items() if not paired]
    if len(sold) > 1:
        found.append(_contradiction("sold_twice", sold))
    void = [said for said in claims if said.kind == "void"]
    if sold and void:
        at = max(sold[-1].at, void[0].at)
        found.append(Contradiction("void_sold", void[0].op, tuple(sale.op for sale in sold), at))
    return found


def _contradiction(kind: str, claims: Sequence[Said]) -> Contradiction:
    first, *others = claims
    return Contradiction(kind, first.op, tuple(said.op for said in others), max(said.at for said in claims))
