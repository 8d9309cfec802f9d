"""What the Codes page shows. Frozen; the page draws it and keeps nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.catalogue.product import Product
from core.codes.life import Unit
from core.codes.queries import BatchFilter
from core.events import UnitStep
from core.shop.codes import BatchRow
from core.shop.units import Moment


class Part(StrEnum):
    """Which part of the page is open."""

    BATCHES = "batches"
    LABELS = "labels"
    TAKE_IN = "take_in"


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit that was held in front of the scanner.

    Attributes:
        text: as it was scanned.
        moments: its life; who acted is named.
        at: when it was looked at, ms since the epoch.
        heard: when head office told last what other tills did, ms since the epoch; 0 = never.
    """

    text: str
    unit: Unit
    product: Product | None
    moments: tuple[Moment, ...]
    at: int
    heard: int


@dataclass(frozen=True, slots=True)
class CodesState:
    """Batches that were found, the one that is looked at, and units that were scanned.

    Attributes:
        typed: what stands in the search field.
        only: which of them are shown.
        goes_on: there are more than these.
        row: of the one that is looked at, -1 = none.
        units: that were scanned; the card shows the last of them.
        collecting: the next scan is one more, and steps are taken with all of them.
        reason: why a step is taken, as it was typed.
        asked: the step that is to be confirmed.
        busy: a step is on its way.
        said: what became of the last step.
        refused: whether that was a refusal.
    """

    part: Part = Part.BATCHES
    typed: str = ""
    only: BatchFilter = BatchFilter.ALL
    rows: tuple[BatchRow, ...] = ()
    goes_on: bool = False
    row: int = -1
    units: tuple[UnitView, ...] = ()
    collecting: bool = False
    reason: str = ""
    asked: UnitStep | None = None
    busy: bool = False
    said: str = ""
    refused: bool = False

    @property
    def chosen(self) -> BatchRow | None:
        """The batch that is looked at."""
        return self.rows[self.row] if 0 <= self.row < len(self.rows) else None

    @property
    def shown(self) -> UnitView | None:
        """The unit that is looked at."""
        return self.units[-1] if self.units else None
