"""What a fact from the log is to head office: an event that counts, or a reason why it does not. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from core import events
from core.events import Event, FactRehomed, LineKind, SaleCompleted, UnknownEvent
from core.money import tax_inside


class Reason(StrEnum):
    """Why a fact is not counted, or not as it says."""

    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"
    """Of a kind, or a version of one, that head office does not know yet."""
    OP_TAKEN = "op_taken"
    """Another fact has the same id."""
    TENDERS_DIFFER = "tenders_differ"
    TAX_DIFFERS = "tax_differs"


COUNTED_ALL_THE_SAME = frozenset({Reason.TENDERS_DIFFER, Reason.TAX_DIFFERS})
"""The lines of such a sale count; what else it says does not hold."""

AFTER_A_FIX = (Reason.UNREADABLE, Reason.UNKNOWN)
"""What a newer head office may be able to read."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of the log.

    Attributes:
        event: none where it does not count.
        digest: SHA-256 of the bytes that were recorded.
        reasons: with the detail of each.
    """

    terminal: str
    stream: str
    seq: int
    op: str
    kind: str
    at: int
    event: Event | None
    digest: bytes
    reasons: tuple[tuple[Reason, str], ...] = ()


def read(terminal: str, stream: str, seq: int, raw: bytes) -> Fact:
    """Read a fact; one that was told again is what it was."""
    try:
        event = events.decode(raw)
        while isinstance(event, FactRehomed):
            raw = bytes(event.fact)
            event = events.decode(raw)
    except (msgspec.MsgspecError, ValueError, TypeError, KeyError, RecursionError) as error:
        digest = hashlib.sha256(raw).digest()
        return Fact(terminal, stream, seq, "", "", 0, None, digest, ((Reason.UNREADABLE, str(error)[:200]),))
    digest, head = hashlib.sha256(raw).digest(), event.head
    if isinstance(event, UnknownEvent):
        detail = f"{event.kind} v{event.v}"[:200]
        return Fact(terminal, stream, seq, head.op, event.kind, head.at, None, digest, ((Reason.UNKNOWN, detail),))
    kind = str(event.__struct_config__.tag)
    reasons = differences(event) if isinstance(event, SaleCompleted) else ()
    return Fact(terminal, stream, seq, head.op, kind, head.at, event, digest, reasons)


def differences(sale: SaleCompleted) -> tuple[tuple[Reason, str], ...]:
    """Where what a sale says does not follow from its lines."""
    found: list[tuple[Reason, str]] = []
    paid = sum(tender.amount for tender in sale.tenders)
    if paid != sale.due:
        found.append((Reason.TENDERS_DIFFER, f"{sale.receipt}: {paid} / {sale.due}"))
    for n, line in enumerate(sale.lines, 1):
        if line.kind is LineKind.SALE and line.tax != (tax := tax_inside(line.amount, line.tax_rate)):
            found.append((Reason.TAX_DIFFERS, f"{sale.receipt} {n}: {line.tax} / {tax}"))
    # One reason of a kind is enough to look at the receipt.
    return tuple({reason: (reason, detail) for reason, detail in reversed(found)}.values())
