"""The spine: one command, one fact, one transaction.

`Journal.record` appends a fact and lets every projection take it in; the journal knows projections only as the list
it is handed. No code path rewrites or deletes a row of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from core import events
from core.chain import chain, genesis
from core.database import Connection, transaction
from core.errors import BrokenWorldError, RefusedError
from core.events import Event, FactRehomed, UnknownEvent

E = TypeVar("E", bound=Event)


class Projection(Protocol):
    """What a feature derives from facts. A module with these names is one."""

    @property
    def TABLES(self) -> tuple[str, ...]:  # noqa: N802
        """The tables that `apply` writes, and nobody else."""

    def check(self, connection: Connection, event: Event) -> None:
        """Refuse a fact that is about to be recorded, by raising `RefusedError`."""

    def apply(self, connection: Connection, position: int, event: Event) -> None:
        """Take a fact in. Total and deterministic: it never refuses, and looks at nothing but its own tables."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the journal."""

    position: int
    stream: int
    seq: int
    op: str
    raw: bytes
    hash: bytes


class Journal:
    """The facts of a terminal.

    Args:
        connection: the writer's; used on its thread only.
        projections: what takes facts in, in this order.
    """

    def __init__(self, connection: Connection, projections: Sequence[Projection]) -> None:
        self._connection = connection
        self._projections = projections

    def record(self, op: str, digest: str, kind: type[E], build: Callable[[Connection], E]) -> E:
        """Make a command a fact, once.

        Args:
            op: the command's id.
            digest: of what it asks for.
            kind: the event that it makes.
            build: makes the event inside the transaction, where it may read what it depends on.

        Returns:
            The fact; when the command was recorded before, the fact of that time.

        Raises:
            RefusedError: by a check; `form_changed` when this op was recorded with another digest;
                `too_much_at_once` above `events.MAX_EVENT_BYTES`. Nothing is written.
            BrokenWorldError: `file_damaged` where no stream is open to write in.
        """
        with transaction(self._connection):
            if (before := self.find(op)) is not None:
                if not isinstance(before, kind) or before.head.digest != digest:
                    raise RefusedError("form_changed", op=op)
                return before
            event = build(self._connection)
            for projection in self._projections:
                projection.check(self._connection, event)
            raw = events.encode(event)
            if len(raw) > events.MAX_EVENT_BYTES and not isinstance(event, FactRehomed):
                raise RefusedError("too_much_at_once")
            position = self._append(op, raw)
            for projection in self._projections:
                projection.apply(self._connection, position, event)
        return event

    def find(self, op: str) -> Event | UnknownEvent | None:
        """The fact that a command became, if it did."""
        row = self._connection.execute("SELECT event FROM journal WHERE op = ?", (op,)).fetchone()
        return events.decode(row[0]) if row else None

    def _append(self, op: str, raw: bytes) -> int:
        stream = self._connection.execute(
            "SELECT number, seq, hash FROM stream ORDER BY number DESC LIMIT 1"
        ).fetchone()
        if stream is None:
            raise BrokenWorldError("file_damaged", file="stream")
        number, seq, previous = stream
        digest = chain(previous, seq + 1, raw)
        position = self._connection.execute(
            "INSERT INTO journal (stream, seq, op, event, hash) VALUES (?, ?, ?, ?, ?)",
            (number, seq + 1, op, raw, digest),
        ).lastrowid
        self._connection.execute("UPDATE stream SET seq = ?, hash = ? WHERE number = ?", (seq + 1, digest, number))
        assert position is not None
        return position


def open_stream(connection: Connection, stream_id: str, store: str, terminal: str, public_key: bytes) -> None:
    """Begin a new stream; every fact from now on is numbered in it. Inside the caller's transaction."""
    connection.execute(
        "INSERT INTO stream (id, store, terminal, public_key, seq, hash) VALUES (?, ?, ?, ?, 0, ?)",
        (stream_id, store, terminal, public_key, genesis(stream_id, public_key)),
    )


def last_position(connection: Connection) -> int:
    """The position of the last fact; 0 where there is none."""
    return int(connection.execute("SELECT coalesce(max(position), 0) FROM journal").fetchone()[0])


def entries(connection: Connection, after: int = 0) -> Iterator[Entry]:
    """The journal in order, from behind a position."""
    rows = connection.execute(
        "SELECT position, stream, seq, op, event, hash FROM journal WHERE position > ? ORDER BY position", (after,)
    )
    return (Entry(*row) for row in rows)


def rebuild(
    connection: Connection, source: Iterator[Entry], projections: Sequence[Projection], tick: Callable[[], None]
) -> None:
    """Apply facts to `connection`, whose projections are empty or stand at the entry before. Calls `tick` for each."""
    with transaction(connection):
        for entry in source:
            event = events.decode(entry.raw)
            if isinstance(event, Event):
                for projection in projections:
                    projection.apply(connection, entry.position, event)
            tick()
