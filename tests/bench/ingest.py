"""Facts into head office's log on a real PostgreSQL: checked, in their place, durable, a batch a transaction.

The peer is the same admission but for its last step: the rows go in by `INSERT … ON CONFLICT DO NOTHING` through
`executemany`. Both get the same batches, signed before the clock starts, and an empty database of their own. How many
facts a bare COPY of the same rows takes, without a question asked, is said on the standard error.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from unittest import mock
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from core import wire
from core.chain import chain, genesis
from core.hq import admission
from core.hq.database import Database
from core.hq.streams import open_stream
from core.wire import Certificate, Push
from tests.bench.harness import Measurement, UnfitError, alternate
from tests.bench.push import recorded
from tests.clock import StandingClock
from tests.head_office import new_database, postgres

STREAMS, FACTS = 10, 1_000
"""Streams, and facts of a real journal that each of them sends; whole batches."""

RUNS = 4
_NOW = StandingClock().now_ms()
_COLUMNS = "store_id, stream_id, seq, received, raw, hash"
_INSERT = f"INSERT INTO event ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
_COPY = f"COPY event ({_COLUMNS}) FROM STDIN WITH (FORMAT BINARY)"
_TYPES = ("text", "text", "int8", "int8", "bytea", "bytea")
_LOG = "SELECT count(*), md5(string_agg(md5(event::text), '' ORDER BY stream_id, seq)) FROM event"
_DESK = "SELECT count(*), md5(string_agg(md5(stream::text), '' ORDER BY stream_id)) FROM stream"

Row = tuple[str, str, int, int, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Sent:
    """A push as it comes out of a request, by whom it is, and the rows that it becomes."""

    by: Certificate
    push: Push
    rows: Sequence[Row]


def measure(folder: Path) -> Measurement:
    """Facts a second."""
    facts = [raw for _, raw in recorded(folder / "shop", FACTS)]
    sent = [one for n in range(STREAMS) for one in _signed(f"S{n}", facts)]
    bare: list[float] = []
    left: dict[str, list[Any]] = {}
    with postgres() as server:

        def ours(_: int) -> float:
            figure, left["ours"] = _run(server, sent, _admit)
            return figure

        def peer(_: int) -> float:
            with mock.patch.object(admission, "_append", _insert):
                figure, left["peer"] = _run(server, sent, _admit)
            copied, left["copy"] = _run(server, sent, _copy)
            bare.append(copied)
            if left["ours"] != left["peer"] or left["ours"][0] != left["copy"][0] or left["ours"][0][0] != _count(sent):
                raise UnfitError(f"not the same rows in the end: {left}")
            return figure

        measurement = Measurement("facts/s", *alternate(ours, peer, RUNS))
    print(f"ingest: bare COPY {median(bare):,.0f} facts/s, {min(bare):,.0f}…{max(bare):,.0f}", file=sys.stderr)
    return measurement


def _signed(store: str, facts: Sequence[bytes]) -> list[Sent]:
    """The pushes of a stream of a store's own: these facts, chained and signed anew."""
    key, stream = Ed25519PrivateKey.generate(), str(uuid4())
    public = key.public_key().public_bytes_raw()
    by = Certificate(store=store, terminal="T1", stream=stream, public_key=public, issued=_NOW)
    made, digest = [], genesis(stream, public)
    for start in range(0, len(facts), wire.BATCH_EVENTS):
        events, previous = list(facts[start : start + wire.BATCH_EVENTS]), digest
        rows: list[Row] = []
        for seq, raw in enumerate(events, start + 1):
            digest = chain(digest, seq, raw)
            rows.append((store, stream, seq, _NOW, raw, digest))
        head = key.sign(wire.head_bytes(stream, start + len(events), digest))
        push = Push(stream=stream, first=start + 1, previous=previous, events=events, head=head)
        made.append(Sent(by, push, rows))
    return made


def _run(server: str, sent: Sequence[Sent], work: Callable[[Database, Sent], None]) -> tuple[float, list[Any]]:
    """Do work for every push, in a new database. Returns facts a second, and what lies in log and desk in the end."""
    with closing(Database(new_database(server))) as db:
        # Not counted: the streams are there, and nobody pays for what the run before left to be written.
        for by in {one.by for one in sent}:
            db.write(partial(open_stream, owner=by, now_ms=_NOW))
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("CHECKPOINT")
        gc.collect()
        began = perf_counter()
        for one in sent:
            work(db, one)
        seconds = perf_counter() - began
        return _count(sent) / seconds, db.read(_left)


def _left(connection: Connection) -> list[Any]:
    return [tuple(connection.exec_driver_sql(sql).one()) for sql in (_LOG, _DESK)]


def _count(sent: Sequence[Sent]) -> int:
    return sum(len(one.rows) for one in sent)


def _admit(db: Database, one: Sent) -> None:
    admission.admit(db, one.by, one.push, _NOW)


def _insert(connection: Connection, rows: Sequence[Row]) -> None:
    """Instead of `admission._append`."""
    connection.connection.cursor().executemany(_INSERT, rows)


def _copy(db: Database, one: Sent) -> None:
    with db.engine.begin() as connection, connection.connection.cursor().copy(_COPY) as copy:
        copy.set_types(_TYPES)
        for row in one.rows:
            copy.write_row(row)
