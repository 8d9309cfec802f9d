"""What a person can do to codes: each makes one fact."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.codes import serial
from core.codes.serial import Span
from core.errors import RefusedError
from core.events import (
    BatchChanged,
    CodesIssued,
    CodesPrinted,
    CodesRegistered,
    Head,
    LabelReprinted,
    UnitsChanged,
    UnitStep,
)
from core.privacy import clean_words

MOST_CODES = 1_000_000
"""In one batch that is issued here."""

MOST_UNITS = 1_000
"""In one step by hand."""


def check_count(count: int) -> None:
    """Refuse a number of codes that cannot be meant.

    Raises:
        RefusedError: `bad_count`.
    """
    if not 1 <= count <= MOST_CODES:
        raise RefusedError("bad_count", count=count, most=MOST_CODES)


def draw_span(first: int, count: int, entropy: Callable[[int], bytes], key: bytes) -> Span:
    """Codes from a number on; fewer than `count` where its block ends.

    Args:
        entropy: random bytes.
        key: the chain's.
    """
    count = min(count, serial.BLOCK - first % serial.BLOCK)
    return serial.mint(first, count, entropy(3 * count), key)


def issue_codes(head: Head, batch: str, gtin: str, *, asked: int, ordinal: int, span: Span) -> CodesIssued:
    """The fact that a part of a batch was issued."""
    return CodesIssued(
        head=head, batch=batch, gtin=gtin, asked=asked, ordinal=ordinal, first=span.first, tails=span.tails
    )


def register_codes(
    head: Head, batch: str, gtin: str, *, asked: int, ordinal: int, codes: Sequence[str], source: str
) -> CodesRegistered:
    """The fact that codes made elsewhere were taken in."""
    return CodesRegistered(
        head=head, batch=batch, gtin=gtin, asked=asked, ordinal=ordinal, codes=list(codes), source=source[:120]
    )


def print_codes(head: Head, batch: str, start: int, count: int, medium: str) -> CodesPrinted:
    """The fact that labels came out."""
    return CodesPrinted(head=head, batch=batch, start=start, count=count, medium=medium)


def change_units(head: Head, units: Sequence[str], step: UnitStep, reason: str) -> UnitsChanged:
    """The fact that something was said of units."""
    return UnitsChanged(head=head, units=list(units), step=step, reason=clean_words(reason))


def change_batch(head: Head, batch: str, step: UnitStep, *, start: int, count: int, reason: str) -> BatchChanged:
    """The fact that something was said of a batch."""
    return BatchChanged(head=head, batch=batch, step=step, start=start, count=count, reason=clean_words(reason))


def reprint_label(head: Head, unit: str, copies_before: int, reason: str) -> LabelReprinted:
    """The fact that a label was printed again."""
    return LabelReprinted(head=head, unit=unit, copy=copies_before + 1, reason=clean_words(reason))
