"""What facts say of units that can be said once only, and what follows where it was said more often. Pure."""

from __future__ import annotations

from collections.abc import Sequence
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
