"""Single units: what a scan says of one, what its life was, and what a person says of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from core import events
from core.codes import life, queries, serial
from core.codes.commands import MOST_UNITS, change_units
from core.codes.elsewhere import unit_key
from core.codes.life import Unit
from core.codes.uri import host_of
from core.errors import RefusedError
from core.events import (
    BatchChanged,
    CodesPrinted,
    Event,
    LabelReprinted,
    LineKind,
    SaleCompleted,
    UnitsChanged,
    UnitStep,
)
from core.ids import command_digest
from core.sales.reading import Reading, ReadingKind, read
from core.settings import SETTINGS
from core.shop import blocks
from core.shop.keys import chain_keys
from core.shop.terminal import Actor, Session, View
from core.staff.permissions import Permission

NEEDED = {
    UnitStep.ON_SALE: Permission.PUT_ON_SALE,
    UnitStep.MISSING: Permission.BLOCK_CODES,
    UnitStep.VOID: Permission.BLOCK_CODES,
    UnitStep.FROZEN: Permission.BLOCK_CODES,
    UnitStep.RELEASED: Permission.BLOCK_CODES,
}
"""What each step by hand asks for."""

# What becomes of the letters of a serial on a French or a German keyboard that types for an English one.
_LAYOUTS = (str.maketrans("AQWZ", "QAZW"), str.maketrans("YZ", "ZY"))


@dataclass(frozen=True, slots=True)
class Seen:
    """What a scan says of a unit. `reason` is a code of a sentence where it cannot be trusted."""

    unit: Unit | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A step in the life of a unit. `at` in ms since the epoch; `detail` is a receipt, a medium or a reason."""

    at: int
    offset: int
    kind: str
    staff: str
    terminal: str
    detail: str = ""


def is_own_host(view: View, text: str) -> bool:
    """Whether a link leads to a host that codes of this shop lead to, or ever led to."""
    host = host_of(text)
    ours = (view.settings["resolver"].lower(), SETTINGS["resolver"].default)
    return bool(host) and (host in ours or queries.is_host(view.connection, host))


def recognise(view: View, reading: Reading) -> Seen | None:
    """The unit that a scan means; none where it is about no unit of ours and of nobody whose codes were taken in."""
    if reading.kind is ReadingKind.PAYMENT:
        return None
    keys = reading.keys
    code = serial.as_serial(keys.serial if keys.gtin else reading.serial or reading.text)
    if code and (own := _recognise_own(view, reading, code)):
        return own
    if queries.memory(view.connection, "batches"):
        with suppress(RefusedError):
            found = queries.find(view.connection, unit_key(keys, reading.text))
            if found and found.batch:
                return Seen(found)
    if keys.serial and not code and is_own_host(view, reading.text):
        return Seen(reason="unit_forged")
    return None


def _recognise_own(view: View, reading: Reading, code: str) -> Seen | None:
    gtin, connection = reading.code if reading.kind is ReadingKind.PRODUCT else "", view.connection
    for candidate in dict.fromkeys((code, *(code.translate(layout) for layout in _LAYOUTS))):
        # Only the register makes a repair certain.
        found = queries.find(connection, candidate)
        if found and (candidate == code or reading.damaged):
            found = found if found.gtin else replace(found, gtin=gtin)
            return Seen(found) if gtin in (found.gtin, "") else Seen(reason="unit_altered")
    if reading.damaged:
        return Seen(reason="damaged_link")
    if not reading.keys.gtin:
        return Seen(reason="unit_needs_symbol") if serial.is_genuine(code, chain_keys(view.home)) else None
    if serial.is_genuine(code, chain_keys(view.home)):
        void = blocks.is_void(connection, serial.block_of(serial.number_of(code)))
        return Seen(reason="unit_revoked") if void else Seen(Unit(code, reading.keys.gtin))
    return Seen(reason="unit_forged") if is_own_host(view, reading.text) else None


def unit_of(view: View, text: str) -> Unit:
    """The unit of a scanned or typed code.

    Raises:
        RefusedError: `unit_unknown`, or why it cannot be trusted.
    """
    reading = read(text, view.settings["scale_codes"])
    seen = recognise(view, reading)
    if seen and seen.unit:
        return seen.unit
    reason = seen.reason if seen else reading.reason
    known = reason.startswith(("unit_", "payment", "damaged"))
    raise RefusedError(reason if known else "unit_unknown", unit=text.strip()[:40])


def history(view: View, unit: Unit) -> list[Moment]:
    """The life of a unit as this till knows it, from its beginning; what another till did with it since is its end."""
    moments: list[Moment] = []
    for position in queries.positions(view.connection, unit.key):
        row = view.connection.execute(
            "SELECT event, terminal FROM journal JOIN stream ON stream.number = journal.stream WHERE position = ?",
            (position,),
        ).fetchone()
        event = events.decode(row[0])
        if isinstance(event, BatchChanged) and any(moment.kind == "void" for moment in moments):
            # Nothing that is said of its batch is said of it any more.
            continue
        if isinstance(event, Event):
            head = event.head
            moments += [
                Moment(head.at, head.offset, kind, head.staff, row[1], detail) for kind, detail in _said_of(unit, event)
            ]
    if said := unit.elsewhere:
        offset = view.calendar.day_and_offset(said.at)[1]
        moments.append(Moment(said.at, offset, said.state.value, "", said.till, said.receipt))
    return moments


def _said_of(unit: Unit, event: Event) -> list[tuple[str, str]]:
    """What a fact says of a unit: kinds and details."""
    if isinstance(event, SaleCompleted):
        return [
            ("sold" if line.kind is LineKind.SALE else "returned", event.receipt)
            for line in event.lines
            if line.unit == unit.key
        ]
    if isinstance(event, UnitsChanged | BatchChanged):
        return [(event.step.value, event.reason)]
    if isinstance(event, CodesPrinted):
        return [("printed", event.medium)]
    if isinstance(event, LabelReprinted):
        return [("reprinted", event.reason)]
    return [("issued", unit.batch)]


def say(
    session: Session, by: Actor, texts: Sequence[str], step: UnitStep, *, reason: str = "", op: str = ""
) -> UnitsChanged:
    """Say something of one unit, or of many in one fact; of all of them or of none.

    Args:
        op: of the form, where it may be sent twice.

    Raises:
        RefusedError: `not_allowed`, `unit_unknown`, `unit_sold`, `unit_void`, `unit_already`, `unit_twice`,
            `too_many_units`, `bad_reason`.
    """
    session.require(by, NEEDED[step])
    if not 1 <= len(texts) <= MOST_UNITS:
        raise RefusedError("too_many_units", most=MOST_UNITS)
    units = [unit_of(session, text) for text in texts]
    keys = [unit.key for unit in units]
    if len(set(keys)) != len(keys):
        raise RefusedError("unit_twice", unit=next(key for key in keys if keys.count(key) > 1))
    for unit in units:
        if not unit.batch and unit.state is life.UnitState.ISSUED:
            # What another till knows of it is not known here.
            raise RefusedError("unit_unknown", unit=life.shown_unit(unit))
        life.check_step(unit, step)
    op = op or session.ids.new()
    digest = command_digest(f"{step} {reason} {' '.join(keys)}".encode())
    event = change_units(session.head(op, digest, by), keys, step, reason)
    return session.journal.record(op, digest, UnitsChanged, lambda _: event)
