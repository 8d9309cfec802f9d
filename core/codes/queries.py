"""The register: which codes there are, what became of each unit, and what a batch adds up to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.codes import elsewhere, feed, serial
from core.codes.life import ON_HAND, Unit, UnitState
from core.database import Connection
from core.errors import RefusedError

RUN = 128
"""Codes in one row of `code_run`: three rows fill a page of the file."""

_OWN = (
    "SELECT batch, ordinal + ?1 - first, position, substr(tails, 1 + 10 * (?1 - first), 10)"
    " FROM code_run WHERE first <= ?1 ORDER BY first DESC LIMIT 1"
)
_BATCH = "SELECT number, name, gtin, made, asked, issued, printed, frozen, at FROM code_batch"
_TOUCHED = "SELECT gtin, state, frozen, receipt, line, labels FROM unit WHERE unit = ?"
_PAGE = 4_096


@dataclass(frozen=True, slots=True)
class Batch:
    """Codes that were issued together.

    Attributes:
        made: here, list or range.
        asked: codes that it is to have; more than `issued` where that was broken off.
        printed: of the issued, those whose labels came out, each counted once.
        at: ms since the epoch.
    """

    number: int
    name: str
    gtin: str
    made: str
    asked: int
    issued: int
    printed: int
    frozen: bool
    at: int


class BatchFilter(StrEnum):
    """Batches with which something is still to be done."""

    ALL = "all"
    UNPRINTED = "unprinted"
    UNFINISHED = "unfinished"
    FROZEN = "frozen"


_FILTERS = {
    BatchFilter.ALL: "1",
    BatchFilter.UNPRINTED: "made = 'here' AND printed < issued",
    BatchFilter.UNFINISHED: "issued < asked",
    BatchFilter.FROZEN: "frozen",
}


@dataclass(frozen=True, slots=True)
class Balance:
    """Where the units of a batch are: `issued` = `on_hand` + `sold` + `void` + `missing`.

    Attributes:
        returned: of those on hand, those that came back.
        frozen: of all, those that must not be sold now.
    """

    issued: int
    on_hand: int
    sold: int
    void: int
    missing: int
    returned: int
    frozen: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a code stands in the register; `position` is of the fact that it came by."""

    batch: int
    ordinal: int
    position: int


def place_of(connection: Connection, key: str) -> Place | None:
    """Where a code stands, if it is in the register."""
    if len(key) == serial.LENGTH and serial.as_serial(key) == key:
        found = connection.execute(_OWN, (serial.number_of(key),)).fetchone()
        if found and found[3] == key[serial.HEAD :]:
            return Place(*found[:3])
    row = connection.execute("SELECT batch, ordinal, position FROM code_elsewhere WHERE unit = ?", (key,)).fetchone()
    if row:
        return Place(*row)
    if code := elsewhere.counting(key):
        row = connection.execute(
            "SELECT batch, ?3 - first, position, last FROM code_range"
            " WHERE prefix = ?1 AND digits = ?2 AND first <= ?3 ORDER BY first DESC LIMIT 1",
            (code.prefix, code.digits, code.number),
        ).fetchone()
        if row and code.number <= row[3]:
            return Place(*row[:3])
    return None


def find(connection: Connection, key: str) -> Unit | None:
    """A unit that this till knows: of a batch of its register, one that it sold or took back, or one that another till
    did something with, as far as head office told it.
    """
    place = place_of(connection, key)
    batch = batch_of(connection, place.batch) if place else None
    touched = connection.execute(_TOUCHED, (key,)).fetchone()
    if touched:
        gtin, state, itself, receipt, line, labels = touched
    elif place and batch:
        gtin, state, itself, receipt, line, labels = batch.gtin, untouched(connection, place), 0, "", 0, 0
    else:
        gtin, state, itself, receipt, line, labels = "", UnitState.ISSUED, 0, "", 0, 0
    said = feed.find(connection, key)
    if said:
        gtin, state, receipt, line = said.gtin or gtin, said.state, "", 0
    elif not (touched or place):
        return None
    return Unit(
        key,
        batch.gtin if batch else gtin,
        batch.name if batch else "",
        place.ordinal if place else 0,
        UnitState(state),
        bool(itself) or bool(batch and batch.frozen),
        receipt,
        line,
        labels,
        bool(itself),
        said,
        feed.recall(connection, key, batch.name if batch else "", batch.gtin if batch else gtin),
    )


def untouched(connection: Connection, place: Place) -> UnitState:
    """The state of a unit of which nothing is said but what was done with its batch."""
    kinds = {
        kind
        for (kind,) in connection.execute(
            "SELECT kind FROM code_span WHERE batch = ?1 AND start <= ?2 AND start + count > ?2",
            (place.batch, place.ordinal),
        )
    }
    for state in (UnitState.ON_SALE, UnitState.PRINTED):
        if state in kinds:
            return state
    return UnitState.ISSUED


def positions(connection: Connection, key: str) -> list[int]:
    """Positions of the facts that a unit's life is made of, in order."""
    found = {row[0] for row in connection.execute("SELECT position FROM unit_fact WHERE unit = ?", (key,))}
    if place := place_of(connection, key):
        found.add(place.position)
        rows = connection.execute(
            "SELECT position FROM code_span WHERE batch = ?1 AND start <= ?2 AND start + count > ?2",
            (place.batch, place.ordinal),
        )
        found |= {row[0] for row in rows}
    return sorted(found)


def batch_of(connection: Connection, number: int) -> Batch:
    """The batch of that number."""
    return _batch(connection.execute(f"{_BATCH} WHERE number = ?", (number,)).fetchone())


def batch(connection: Connection, name: str) -> Batch:
    """The batch of that name.

    Raises:
        RefusedError: `no_such_batch`.
    """
    row = connection.execute(f"{_BATCH} WHERE name = ?", (name.strip().upper(),)).fetchone()
    if row is None:
        raise RefusedError("no_such_batch", batch=name.strip()[:40])
    return _batch(row)


def batches(
    connection: Connection,
    *,
    text: str = "",
    gtins: tuple[str, ...] = (),
    only: BatchFilter = BatchFilter.ALL,
    before: int = 0,
    limit: int = 50,
) -> list[Batch]:
    """Batches, newest first: those whose name has a text in it or that are of one of these goods; all without both.

    Args:
        before: number of the last one that is known already.
    """
    terms, values = ["?1 = 0 OR number < ?1", _FILTERS[only]], [before]
    if text or gtins:
        marks = ", ".join("?" * len(gtins))
        terms.append(f"instr(name, ?) OR gtin IN ({marks})")
    where = " AND ".join(f"({term})" for term in terms)
    rows = connection.execute(
        f"{_BATCH} WHERE {where} ORDER BY number DESC LIMIT {limit:d}",
        (*values, *((text.strip().upper() or "\0", *gtins) if text or gtins else ())),
    )
    return [_batch(row) for row in rows]


def balance(connection: Connection, of: Batch) -> Balance:
    """What a batch adds up to."""
    rows = connection.execute(
        "SELECT state, count(*), sum(frozen) FROM unit WHERE batch = ? GROUP BY state", (of.number,)
    ).fetchall()
    counts = {UnitState(state): count for state, count, _ in rows}
    away = sum(count for state, count in counts.items() if state not in ON_HAND)
    return Balance(
        of.issued,
        of.issued - away,
        counts.get(UnitState.SOLD, 0),
        counts.get(UnitState.VOID, 0),
        counts.get(UnitState.MISSING, 0),
        counts.get(UnitState.RETURNED, 0),
        of.issued if of.frozen else sum(frozen for _, _, frozen in rows),
    )


def count_printed(connection: Connection, batch: int) -> int:
    """How many codes of the batch of that number were printed, each counted once."""
    done = count = 0
    for start, size in connection.execute(
        "SELECT start, count FROM code_span WHERE batch = ? AND kind = ? ORDER BY start", (batch, UnitState.PRINTED)
    ):
        count += max(0, start + size - max(done, start))
        done = max(done, start + size)
    return count


def keys_of(connection: Connection, of: Batch, start: int = 0, count: int | None = None) -> Iterator[str]:
    """The codes of a batch in order."""
    end = of.issued if count is None else min(start + count, of.issued)
    while start < end:
        found = _some_keys(connection, of, start, min(end - start, _PAGE))
        if not found:
            return
        yield from found
        start += len(found)


def _some_keys(connection: Connection, of: Batch, start: int, count: int) -> list[str]:
    if of.made == "range":
        prefix, digits, first = connection.execute(
            "SELECT prefix, digits, first FROM code_range WHERE batch = ?", (of.number,)
        ).fetchone()
        return [f"{prefix}{first + place:0{digits}}" for place in range(start, start + count)]
    if of.made == "list":
        rows = connection.execute(
            "SELECT unit FROM code_elsewhere WHERE batch = ? AND ordinal >= ? ORDER BY ordinal LIMIT ?",
            (of.number, start, count),
        )
        return [row[0] for row in rows]
    found: list[str] = []
    rows = connection.execute(
        "SELECT first, ordinal, tails FROM code_run WHERE batch = ? AND ordinal > ? ORDER BY ordinal",
        (of.number, start - RUN),
    )
    for first, ordinal, tails in rows:
        skipped = max(0, start - ordinal)
        found += serial.Span(first, tails).serials()[skipped:]
        if len(found) >= count:
            break
    return found[:count]


def _batch(row: tuple[int, str, str, str, int, int, int, int, int]) -> Batch:
    number, name, gtin, made, asked, issued, printed, frozen, at = row
    return Batch(number, name, gtin, made, asked, issued, printed, bool(frozen), at)


def memory(connection: Connection, name: str) -> int | None:
    """Something that the register remembers: `next` number, how many `batches`, whether `activation` is needed."""
    row = connection.execute("SELECT value FROM code_memory WHERE name = ?", (name,)).fetchone()
    return int(row[0]) if row else None


def is_begun(connection: Connection, first: int) -> bool:
    """Whether codes of a block were issued here, by the number of its first."""
    row = connection.execute(
        "SELECT 1 FROM code_run WHERE first >= ? AND first < ? LIMIT 1", (first, first + serial.BLOCK)
    ).fetchone()
    return row is not None


def is_host(connection: Connection, host: str) -> bool:
    """Whether codes of this shop have ever led to a host."""
    return connection.execute("SELECT 1 FROM code_host WHERE host = ?", (host,)).fetchone() is not None
