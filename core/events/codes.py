"""Facts about unit codes: made, printed, and what became of each unit."""

from __future__ import annotations

from enum import StrEnum

from core.events.base import Event, fact, version


class UnitStep(StrEnum):
    """What somebody says of units, or of a batch, by hand."""

    ON_SALE = "on_sale"
    VOID = "void"
    MISSING = "missing"
    FROZEN = "frozen"
    RELEASED = "released"


@fact
class CodesIssued(Event, frozen=True, kw_only=True, omit_defaults=True, tag="codes.issued"):
    """Codes of one block were issued: a batch, or the next part of one.

    Attributes:
        batch: name of the batch.
        gtin: GTIN-14 of what they are put on.
        asked: codes that the whole batch is to have.
        ordinal: place of the first of these in the batch, from 0.
        first: number of the first (`core.codes.serial`).
        tails: ten characters a code, behind the six of their block.
    """

    v: int = version(1)
    batch: str
    gtin: str
    asked: int
    ordinal: int
    first: int
    tails: str


@fact
class CodesRegistered(Event, frozen=True, kw_only=True, omit_defaults=True, tag="codes.registered"):
    """Codes that were made elsewhere were taken in: a batch, or the next part of one.

    Attributes:
        codes: as `core.codes.elsewhere.unit_key` names each.
        source: the file they came from.
    """

    v: int = version(1)
    batch: str
    gtin: str
    asked: int
    ordinal: int
    codes: list[str]
    source: str = ""


@fact
class CodeRangeRegistered(Event, frozen=True, kw_only=True, omit_defaults=True, tag="codes.range_registered"):
    """Codes that were made elsewhere, and count up from the first to the last, were taken in as a batch."""

    v: int = version(1)
    batch: str
    gtin: str
    first: str
    last: str


@fact
class CodesPrinted(Event, frozen=True, kw_only=True, omit_defaults=True, tag="codes.printed"):
    """Labels of a batch came out, or a file of them.

    Attributes:
        start: place of the first in the batch, from 0.
        medium: pdf, csv, zpl, tspl, png or printer.
    """

    v: int = version(1)
    batch: str
    start: int
    count: int
    medium: str


@fact
class UnitsChanged(Event, frozen=True, kw_only=True, omit_defaults=True, tag="units.changed"):
    """Something was said of single units."""

    v: int = version(1)
    units: list[str]
    step: UnitStep
    reason: str = ""


@fact
class BatchChanged(Event, frozen=True, kw_only=True, omit_defaults=True, tag="batch.changed"):
    """Something was said of a batch, or of a part of it.

    Attributes:
        start: place of the first unit that is meant, from 0.
        count: of units that are meant.
    """

    v: int = version(1)
    batch: str
    step: UnitStep
    start: int
    count: int
    reason: str = ""


@fact
class LabelReprinted(Event, frozen=True, kw_only=True, omit_defaults=True, tag="label.reprinted"):
    """A label of a unit was printed again, with the same code; `copy` counts from 1."""

    v: int = version(1)
    unit: str
    copy: int
    reason: str = ""
