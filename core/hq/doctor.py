"""Is head office whole? The chain of every stream, what was derived from the log, and what terminals are fed with."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from core.chain import chain, genesis
from core.hq import feeds
from core.hq.database import Database, sqlite_url
from core.hq.projector import Projector
from core.hq.schema import AHEAD, EVENT, STORE, STREAM, tables
from core.hq.telling import SCOPES, told
from core.wire import head_bytes, is_signed

_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; `detail` names what was found."""

    name: str
    ok: bool
    detail: str


def examine(db: Database) -> list[Check]:
    """Look at everything; changes nothing.

    Raises:
        BrokenWorldError: `hq_database`.
    """
    Projector(db).run()
    return [_check_streams(db), _check_projections(db), _check_feeds(db)]


def count_facts(db: Database) -> int:
    """Facts in the log."""
    return int(db.read(lambda connection: connection.execute(select(func.count()).select_from(EVENT)).scalar_one()))


def _check_streams(db: Database) -> Check:
    def look(connection: Connection) -> str:
        for stream in connection.execute(select(STREAM)).all():
            key = bytes(stream.public_key)
            seq, digest = 0, genesis(stream.stream_id, key)
            for row in _log(connection, stream):
                if row.seq != seq + 1:
                    return f"{stream.store_id} {stream.stream_id}: facts behind {seq} are missing"
                seq, digest = row.seq, chain(digest, row.seq, bytes(row.raw))
                if digest != bytes(row.hash):
                    return f"{stream.store_id} {stream.stream_id}: fact {seq} is not what was sent"
            if (seq, digest) != (stream.acked, bytes(stream.hash)):
                return f"{stream.store_id} {stream.stream_id}: ends at {seq}, acknowledged was {stream.acked}"
            if seq and not is_signed(key, bytes(stream.head), head_bytes(stream.stream_id, seq, digest)):
                return f"{stream.store_id} {stream.stream_id}: its end was not signed by the terminal"
        return ""

    fault = db.read(look)
    return Check("streams", not fault, fault or f"{count_facts(db)} facts")


def _log(connection: Connection, stream: Any) -> Iterator[Any]:
    after = 0
    while rows := connection.execute(
        select(EVENT)
        .where(EVENT.c.store_id == stream.store_id, EVENT.c.stream_id == stream.stream_id, EVENT.c.seq > after)
        .order_by(EVENT.c.seq)
        .limit(_ROWS)
    ).all():
        yield from rows
        after = rows[-1].seq


def _check_projections(db: Database) -> Check:
    """Derive everything anew in a file of its own, and compare."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Database(sqlite_url(Path(folder) / "derived.db"))
        try:
            differ = db.read(lambda connection: _derived_otherwise(connection, scratch))
        finally:
            scratch.close()
    return Check("projections", not differ, ", ".join(differ) or f"{len(tables('projection'))} tables derived anew")


def _check_feeds(db: Database) -> Check:
    def look(connection: Connection) -> tuple[list[str], int]:
        return feeds.damaged(connection), feeds.count_rows(connection)

    faults, rows = db.read(look)
    return Check("feeds", not faults, ", ".join(faults) or f"{rows} rows")


def _derived_otherwise(connection: Connection, scratch: Database) -> list[str]:
    """Names of the tables that do not say what follows from the log, as both are in one snapshot."""
    streams = connection.execute(select(STREAM)).all()
    stores = connection.execute(select(STORE)).all()
    ends = {(stream.store_id, stream.stream_id): stream.projected for stream in streams}

    def begin(there: Connection) -> None:
        if stores:
            there.execute(insert(STORE), [dict(row._mapping) for row in stores])
            there.execute(insert(STREAM), [
                {**row._mapping, "acked": row.projected, "projected": 0} for row in streams
            ])  # fmt: skip

    scratch.write(begin)
    for stream in streams:
        part: list[dict[str, Any]] = []
        for row in _log(connection, stream):
            if row.seq > ends[stream.store_id, stream.stream_id]:
                break
            part.append(dict(row._mapping))
            if len(part) == _ROWS:
                _put(scratch, part)
                part = []
        _put(scratch, part)
    ahead = [dict(row._mapping) for row in connection.execute(select(AHEAD)).all()]
    if ahead:
        scratch.write(lambda there: there.execute(insert(AHEAD), ahead))
    Projector(scratch).take_ahead()
    Projector(scratch).run()
    differ = [
        table.name
        for table in tables("projection")
        if _rows(connection, table) != scratch.read(partial(_rows, table=table))
    ]
    return differ + [scope for scope in SCOPES if told(connection, scope) != scratch.read(partial(told, scope=scope))]


def _put(scratch: Database, rows: list[dict[str, Any]]) -> None:
    if rows:
        scratch.write(lambda there: there.execute(insert(EVENT), rows))


def _rows(connection: Connection, table: Table) -> set[tuple[Any, ...]]:
    rows = connection.execute(select(table))
    return {tuple(bytes(value) if isinstance(value, memoryview) else value for value in row) for row in rows}
