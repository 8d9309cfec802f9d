"""What a unit can be, and what may be done with it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.errors import RefusedError
from core.events import UnitStep


class UnitState(StrEnum):
    """Where a unit is in its life."""

    ISSUED = "issued"
    PRINTED = "printed"
    ON_SALE = "on_sale"
    SOLD = "sold"
    RETURNED = "returned"
    MISSING = "missing"
    VOID = "void"


ON_HAND = frozenset({UnitState.ISSUED, UnitState.PRINTED, UnitState.ON_SALE, UnitState.RETURNED})
"""The shop should have it."""

_SELLABLE = ON_HAND | {UnitState.MISSING}
"""One that was missed and stands on the counter is found again."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What a unit is by all that was said of it over the chain, where another till said the last of it.

    Attributes:
        gtin: empty where nobody said it.
        receipt: of the sale or the return.
        at: when something was said last, ms since the epoch.
    """

    gtin: str
    state: UnitState
    store: str
    terminal: str
    receipt: str
    at: int

    @property
    def till(self) -> str:
        """Where that was."""
        return f"{self.store} {self.terminal}"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as this till knows it.

    Attributes:
        key: its name in the register: our serial, or what `core.codes.elsewhere.unit_key` makes of others' codes.
        gtin: GTIN-14.
        batch: name of its batch; empty for one that was issued at another till and is not registered here.
        ordinal: its place in the batch, from 0.
        frozen: it, or its whole batch.
        frozen_itself: not only its batch.
        elsewhere: what another till made of it since.
        recall: why head office lets nobody sell it; none where it does.
        receipt, line: the sale at this till that it is with a customer by.
        labels: how often its label was printed again.
    """

    key: str
    gtin: str
    batch: str = ""
    ordinal: int = 0
    state: UnitState = UnitState.ISSUED
    frozen: bool = False
    receipt: str = ""
    line: int = 0
    labels: int = 0
    frozen_itself: bool = False
    elsewhere: Elsewhere | None = None
    recall: str | None = None

    @property
    def serial(self) -> str:
        """As it stands in its symbol."""
        return self.key.partition("/")[2] if self.key.startswith(f"{self.gtin}/") else self.key


def check_sale(unit: Unit, *, activation: bool) -> None:
    """Refuse to sell what is not to be sold.

    Args:
        activation: only what was put on sale is.

    Raises:
        RefusedError: `recalled`, `unit_frozen`, `unit_sold`, `unit_sold_elsewhere`, `unit_void`, `unit_not_on_sale`.
    """
    shown = shown_unit(unit)
    if unit.state is UnitState.VOID:
        raise RefusedError("unit_void", unit=shown)
    if unit.recall is not None:
        raise RefusedError("recalled", name=shown, reason=unit.recall)
    if unit.frozen:
        raise RefusedError("unit_frozen", unit=shown)
    if unit.state is UnitState.SOLD:
        raise _sold(unit)
    # Whether one that was issued elsewhere was put on sale is not known here.
    if activation and unit.batch and unit.state is not UnitState.ON_SALE:
        raise RefusedError("unit_not_on_sale", unit=shown)
    assert unit.state in _SELLABLE


def check_return(unit: Unit, receipt: str) -> None:
    """Refuse to take back what is not with a customer. A frozen or void unit may come back: that is what recalls are.

    Args:
        receipt: of the sale that it comes back from; empty without one.

    Raises:
        RefusedError: `unit_not_sold`.
    """
    known_here = bool(unit.batch) or unit.state is not UnitState.ISSUED
    with_customer = bool(unit.receipt) or (unit.elsewhere is not None and unit.state is UnitState.SOLD)
    if (unit.receipt != receipt) if receipt else (known_here and not with_customer):
        raise RefusedError("unit_not_sold", unit=shown_unit(unit))


def check_step(unit: Unit, step: UnitStep) -> None:
    """Refuse to say of a unit what cannot be so, or is so already.

    Raises:
        RefusedError: `unit_sold`, `unit_void`, `unit_already`, `batch_frozen`.
    """
    shown = shown_unit(unit)
    if step is UnitStep.RELEASED and unit.frozen and not unit.frozen_itself:
        raise RefusedError("batch_frozen", unit=shown, batch=unit.batch)
    if step is UnitStep.FROZEN or step is UnitStep.RELEASED:
        if unit.frozen is (step is UnitStep.FROZEN):
            raise RefusedError("unit_already", unit=shown)
        return
    if unit.state is UnitState.VOID:
        raise RefusedError("unit_void", unit=shown)
    if unit.state is UnitState.SOLD and step is not UnitStep.VOID:
        raise _sold(unit)
    if unit.state.value == step.value:
        raise RefusedError("unit_already", unit=shown)


def _sold(unit: Unit) -> RefusedError:
    if unit.elsewhere:
        till, receipt = unit.elsewhere.till, unit.elsewhere.receipt
        return RefusedError("unit_sold_elsewhere", unit=shown_unit(unit), till=till, receipt=receipt)
    return RefusedError("unit_sold", unit=shown_unit(unit), receipt=unit.receipt)


def shown_unit(unit: Unit) -> str:
    """A unit as a sentence names it."""
    return unit.serial[:40]
