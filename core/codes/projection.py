"""The register of unit codes, and what the facts say of each unit."""

from __future__ import annotations

from collections.abc import Mapping

from core.codes import elsewhere, feed, life, queries
from core.codes.life import Unit, UnitState
from core.codes.serial import TAIL, head_of
from core.database import Connection
from core.errors import RefusedError
from core.events import (
    BatchChanged,
    CodeRangeRegistered,
    CodesIssued,
    CodesPrinted,
    CodesRegistered,
    Event,
    LabelReprinted,
    LineKind,
    SaleCompleted,
    SettingChanged,
    UnitsChanged,
    UnitStep,
)

TABLES = (
    "code_batch", "code_run", "code_elsewhere", "code_range", "code_span", "unit", "unit_fact", "code_memory",
    "code_host",
)  # fmt: skip

_REMEMBER = (
    "INSERT INTO code_memory (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
_COUNT = (
    "INSERT INTO code_memory (name, value) VALUES ('batches', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
)
_PUT = (
    "INSERT INTO unit (unit, gtin, batch, ordinal, state, frozen, receipt, line, labels)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (unit) DO UPDATE SET state = excluded.state,"
    " frozen = excluded.frozen, receipt = excluded.receipt, line = excluded.line, labels = excluded.labels"
)
_NAMED = "INSERT INTO unit_fact (unit, position) VALUES (?, ?)"
_TOUCHED = "SELECT gtin, state, frozen, receipt, line, labels FROM unit WHERE unit = ?"


def check(connection: Connection, event: Event) -> None:
    """A code is given once, a unit is sold once and comes back once."""
    if isinstance(event, SaleCompleted):
        _check_sale(connection, event)
    elif isinstance(event, CodesIssued):
        if event.ordinal and queries.batch(connection, event.batch).issued != event.ordinal:
            raise RefusedError("batch_already", batch=event.batch)
        end = event.first + len(event.tails) // TAIL
        before = connection.execute(
            "SELECT first + length(tails) / 10 FROM code_run WHERE first < ? ORDER BY first DESC LIMIT 1", (end,)
        ).fetchone()
        if before and before[0] > event.first:
            raise RefusedError("code_taken", unit=head_of(event.first))
    elif isinstance(event, CodesRegistered):
        if len(set(event.codes)) != len(event.codes):
            raise RefusedError("code_taken", unit=event.batch)
        for key in event.codes:
            if queries.place_of(connection, key):
                raise RefusedError("code_taken", unit=key)
    elif isinstance(event, CodeRangeRegistered):
        _check_range(connection, event)
    elif isinstance(event, UnitsChanged):
        for key in event.units:
            unit = queries.find(connection, key)
            if unit is None:
                raise RefusedError("unit_unknown", unit=key)
            life.check_step(unit, event.step)


def _check_sale(connection: Connection, event: SaleCompleted) -> None:
    seen = set()
    for line in event.lines:
        if line.kind is LineKind.SALE and (reason := feed.recall(connection, line.code)) is not None:
            raise RefusedError("recalled", name=line.name, reason=reason)
        if not line.unit:
            continue
        if line.unit in seen:
            raise RefusedError("unit_twice", unit=line.serial)
        seen.add(line.unit)
        if abs(line.quantity) != 1:
            raise RefusedError("quantity_fixed", name=line.name)
        unit = queries.find(connection, line.unit) or Unit(line.unit, line.code)
        if unit.gtin not in (line.code, ""):
            raise RefusedError("unit_altered", unit=line.serial)
        if line.kind is LineKind.SALE:
            life.check_sale(unit, activation=bool(queries.memory(connection, "activation")))
        else:
            life.check_return(unit, line.origin)


def _check_range(connection: Connection, event: CodeRangeRegistered) -> None:
    start, end = elsewhere.checked_range(event.first, event.last)
    if connection.execute(
        "SELECT 1 FROM code_range WHERE prefix = ? AND digits = ? AND first <= ? AND last >= ?",
        (start.prefix, start.digits, end.number, start.number),
    ).fetchone():
        raise RefusedError("code_taken", unit=event.first)
    width = f"{start.prefix}{'_' * start.digits}"
    for (key,) in connection.execute(
        "SELECT unit FROM code_elsewhere WHERE unit >= ? AND unit <= ? AND length(unit) = ?",
        (event.first, event.last, len(width)),
    ):
        if (code := elsewhere.counting(key)) and code.prefix == start.prefix:
            raise RefusedError("code_taken", unit=key)


def apply(connection: Connection, position: int, event: Event) -> None:
    if isinstance(event, SaleCompleted):
        _apply_sale(connection, position, event)
    elif isinstance(event, CodesIssued):
        batch = _grow_batch(connection, event, "here", len(event.tails) // TAIL)
        _put_runs(connection, position, batch, event)
    elif isinstance(event, CodesRegistered):
        batch = _grow_batch(connection, event, "list", len(event.codes))
        connection.executemany(
            "INSERT INTO code_elsewhere (unit, batch, ordinal, position) VALUES (?, ?, ?, ?)",
            [(key, batch, event.ordinal + place, position) for place, key in enumerate(event.codes)],
        )
        _adopt(connection, batch, {key: event.ordinal + place for place, key in enumerate(event.codes)})
    elif isinstance(event, CodeRangeRegistered):
        _apply_range(connection, position, event)
    elif isinstance(event, CodesPrinted):
        number = _put_span(
            connection, position, event.batch, kind=UnitState.PRINTED, start=event.start, count=event.count
        )
        connection.execute(
            "UPDATE unit SET state = ?1 WHERE batch = ?2 AND ordinal >= ?3 AND ordinal < ?4 AND state = ?5",
            (UnitState.PRINTED, number, event.start, event.start + event.count, UnitState.ISSUED),
        )
        printed = queries.count_printed(connection, number)
        connection.execute("UPDATE code_batch SET printed = ? WHERE number = ?", (printed, number))
    elif isinstance(event, BatchChanged):
        _apply_batch(connection, position, event)
    elif isinstance(event, UnitsChanged):
        for key in event.units:
            _change(connection, position, key, event.step)
    elif isinstance(event, LabelReprinted):
        _touch(connection, position, event.unit, labels=event.copy)
    elif isinstance(event, SettingChanged):
        if event.name == "activation":
            connection.execute(_REMEMBER, ("activation", int(event.value == "yes")))
        elif event.name == "resolver":
            connection.execute("INSERT OR IGNORE INTO code_host (host) VALUES (?)", (event.value.lower(),))


def _apply_sale(connection: Connection, position: int, event: SaleCompleted) -> None:
    for n, line in enumerate(event.lines, 1):
        if not line.unit:
            continue
        if line.kind is LineKind.SALE:
            changes: dict[str, object] = {"state": UnitState.SOLD, "receipt": event.receipt, "line": n}
        else:
            void = connection.execute(
                "SELECT 1 FROM unit WHERE unit = ? AND state = ?", (line.unit, UnitState.VOID)
            ).fetchone()
            changes = {"state": UnitState.VOID if void else UnitState.RETURNED, "receipt": "", "line": 0}
        _touch(connection, position, line.unit, gtin=line.code, **changes)


def _change(connection: Connection, position: int, key: str, step: UnitStep) -> None:
    if step is UnitStep.FROZEN or step is UnitStep.RELEASED:
        _touch(connection, position, key, frozen=int(step is UnitStep.FROZEN))
    else:
        _touch(connection, position, key, state=UnitState(step.value))


def _touch(connection: Connection, position: int, key: str, **changes: object) -> None:
    """Say more of one unit than of its batch."""
    touched = connection.execute(_TOUCHED, (key,)).fetchone()
    place = queries.place_of(connection, key)
    row: dict[str, object]
    if touched:
        row = dict(zip(("gtin", "state", "frozen", "receipt", "line", "labels"), touched, strict=True))
    else:
        state = queries.untouched(connection, place) if place else UnitState.ISSUED
        gtin = queries.batch_of(connection, place.batch).gtin if place else ""
        row = {"gtin": gtin, "state": state, "frozen": 0, "receipt": "", "line": 0, "labels": 0}
    row |= changes
    batch, ordinal = (place.batch, place.ordinal) if place else (None, None)
    values = (row["state"], row["frozen"], row["receipt"], row["line"], row["labels"])
    connection.execute(_PUT, (key, row["gtin"], batch, ordinal, *values))
    connection.execute(_NAMED, (key, position))


def _grow_batch(connection: Connection, event: CodesIssued | CodesRegistered, made: str, count: int) -> int:
    """Count codes into their batch, a new one with the first of them. Returns its number."""
    if event.ordinal == 0:
        connection.execute(_COUNT)
        connection.execute(
            "INSERT INTO code_batch (name, gtin, made, asked, issued, printed, frozen, at)"
            " VALUES (?, ?, ?, ?, 0, 0, 0, ?)",
            (event.batch, event.gtin, made, event.asked, event.head.at),
        )
    number: int = connection.execute(
        "UPDATE code_batch SET issued = issued + ? WHERE name = ? RETURNING number", (count, event.batch)
    ).fetchone()[0]
    return number


def _put_runs(connection: Connection, position: int, batch: int, event: CodesIssued) -> None:
    count = len(event.tails) // TAIL
    connection.executemany(
        "INSERT INTO code_run (first, batch, ordinal, position, tails) VALUES (?, ?, ?, ?, ?)",
        [
            (
                event.first + place,
                batch,
                event.ordinal + place,
                position,
                event.tails[place * TAIL : (place + queries.RUN) * TAIL],
            )
            for place in range(0, count, queries.RUN)
        ],
    )
    connection.execute(_REMEMBER, ("next", event.first + count))


def _apply_range(connection: Connection, position: int, event: CodeRangeRegistered) -> None:
    start, end = elsewhere.checked_range(event.first, event.last)
    count = end.number - start.number + 1
    connection.execute(_COUNT)
    number = connection.execute(
        "INSERT INTO code_batch (name, gtin, made, asked, issued, printed, frozen, at)"
        " VALUES (?, ?, 'range', ?, ?, 0, 0, ?) RETURNING number",
        (event.batch, event.gtin, count, count, event.head.at),
    ).fetchone()[0]
    connection.execute(
        "INSERT INTO code_range (prefix, digits, first, last, batch, position) VALUES (?, ?, ?, ?, ?, ?)",
        (start.prefix, start.digits, start.number, end.number, number, position),
    )
    loose = connection.execute("SELECT unit FROM unit WHERE batch IS NULL").fetchall()
    found = {key: code for (key,) in loose if (code := elsewhere.counting(key))}
    _adopt(
        connection,
        number,
        {
            key: code.number - start.number
            for key, code in found.items()
            if (code.prefix, code.digits) == (start.prefix, start.digits) and start.number <= code.number <= end.number
        },
    )


def _adopt(connection: Connection, batch: int, places: Mapping[str, int]) -> None:
    """Units that were sold before their codes were taken in belong to the batch, too."""
    for (key,) in connection.execute("SELECT unit FROM unit WHERE batch IS NULL").fetchall():
        if key in places:
            connection.execute("UPDATE unit SET batch = ?, ordinal = ? WHERE unit = ?", (batch, places[key], key))


def _apply_batch(connection: Connection, position: int, event: BatchChanged) -> None:
    number = _put_span(connection, position, event.batch, kind=event.step, start=event.start, count=event.count)
    if event.step is UnitStep.FROZEN or event.step is UnitStep.RELEASED:
        frozen = int(event.step is UnitStep.FROZEN)
        connection.execute("UPDATE code_batch SET frozen = ? WHERE number = ?", (frozen, number))
    elif event.step is UnitStep.ON_SALE:
        connection.execute(
            "UPDATE unit SET state = ?1 WHERE batch = ?2 AND ordinal >= ?3 AND ordinal < ?4"
            " AND state IN ('issued', 'printed', 'returned')",
            (UnitState.ON_SALE, number, event.start, event.start + event.count),
        )


def _put_span(connection: Connection, position: int, batch: str, *, kind: str, start: int, count: int) -> int:
    number: int = connection.execute("SELECT number FROM code_batch WHERE name = ?", (batch,)).fetchone()[0]
    connection.execute(
        "INSERT INTO code_span (batch, position, kind, start, count) VALUES (?, ?, ?, ?, ?)",
        (number, position, kind, start, count),
    )
    return number
