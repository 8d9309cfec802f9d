"""What facts say of units that can be said once only, and what follows where it was said more often. Pure.

Money was taken, so no fact is rejected. The rule, whatever the order of arrival: a return is paired with the sale whose
receipt it names; one without a receipt with the earliest sale before it that nothing is paired with yet. Then

* `returned_twice`: more returns than one name one sale; the earliest holds
* `sold_twice`: more sales than one have no return; the earliest holds
* `void_sold`: a sale has no return, and the unit is void

Earliest is by time, then by the fact's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.events import Event, LineKind, SaleCompleted, UnitsChanged, UnitStep


@dataclass(frozen=True, slots=True)
class Claim:
    """What one line of a fact says of a unit.

    Attributes:
        kind: sold, returned or void.
        receipt: of the sale.
        origin: receipt of the sale that a return refers to; empty for one without.
    """

    unit: str
    line: int
    kind: str
    receipt: str = ""
    origin: str = ""


def claims_of(event: Event) -> Sequence[Claim]:
    """What a fact says of units."""
    if isinstance(event, SaleCompleted):
        return [
            Claim(line.unit, n, "sold" if line.kind is LineKind.SALE else "returned", event.receipt, line.origin)
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
    kind: str
    at: int
    receipt: str
    origin: str

    @property
    def rank(self) -> tuple[int, str, str, int]:
        return self.at, self.op, self.store, self.line


@dataclass(frozen=True, slots=True)
class Conflict:
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


def conflicts_of(claims: Iterable[Said]) -> list[Conflict]:
    """What cannot all be true, of everything that was said of one unit."""
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
    found = []
    if twice := [paired for paired in back.values() if len(paired) > 1]:
        found.append(_conflict("returned_twice", [twice[0][0], *(said for paired in twice for said in paired[1:])]))
    sold = [sale for sale in sales if not back[sale]]
    if len(sold) > 1:
        found.append(_conflict("sold_twice", sold))
    void = [said for said in claims if said.kind == "void"]
    if sold and void:
        found.append(Conflict("void_sold", void[0].op, tuple(sale.op for sale in sold), max(sold[-1].at, void[0].at)))
    return found


def _conflict(kind: str, claims: Sequence[Said]) -> Conflict:
    first, *others = claims
    return Conflict(kind, first.op, tuple(said.op for said in others), max(said.at for said in claims))
