"""Facts come in: every authentic one is kept as it is, in its place, and acknowledged; what it means comes later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from core import wire
from core.chain import chain, genesis
from core.hq.database import Database
from core.hq.refusal import NotAcceptedError
from core.hq.schema import EVENT, EVIDENCE, STREAM
from core.hq.streams import open_stream, put_if_new
from core.wire import Certificate, Push


@dataclass(frozen=True, slots=True)
class Head:
    """How far head office has a stream, and how many facts were new.

    Attributes:
        sent: hash after the last fact of the push.
    """

    acked: int
    hash: bytes
    new: int
    sent: bytes


def admit(
    db: Database, by: Certificate, push: Push, now_ms: int, beside: Callable[[Connection], None] = lambda _: None
) -> Head:
    """Keep what is new of a push, and say how far the stream is there.

    Args:
        by: the certificate of the stream that signed the request.
        beside: keeps what came beside the facts, where these are taken; in the same transaction.

    Raises:
        NotAcceptedError: `forbidden` for another stream's facts; `malformed`; `bad_chain` where the stream's key did
            not sign where it stands; `gap` where facts before these are missing; `fork` where head office has others
            in their place: these are kept as evidence.
        BrokenWorldError: `hq_database`.
    """
    if push.stream != by.stream:
        raise NotAcceptedError(403, "forbidden")
    if not 1 <= push.first < 2**62 or len(push.previous) != 32 or len(push.events) > wire.BATCH_EVENTS:
        raise NotAcceptedError(400, "malformed")
    hashes = [push.previous]
    for place, raw in enumerate(push.events):
        hashes.append(chain(hashes[-1], push.first + place, raw))
    last = push.first + len(push.events) - 1
    if not wire.is_signed(by.public_key, push.head, wire.head_bytes(push.stream, last, hashes[-1])):
        raise NotAcceptedError(422, "bad_chain")

    def work(connection: Connection) -> Head | NotAcceptedError:
        found = _admit(connection, by, push, hashes, now_ms)
        if isinstance(found, Head):
            beside(connection)
        return found

    admitted = db.write(work)
    if isinstance(admitted, NotAcceptedError):
        # What it brought is kept all the same.
        raise admitted
    return admitted


def _admit(
    connection: Connection, by: Certificate, push: Push, hashes: Sequence[bytes], now_ms: int
) -> Head | NotAcceptedError:
    stream = open_stream(connection, by, now_ms)
    acked, head = int(stream.acked), bytes(stream.hash)
    before, last = push.first - 1, push.first + len(push.events) - 1
    if before > acked:
        return NotAcceptedError(409, "gap", acked=acked, digest=head)
    known = {0: genesis(by.stream, by.public_key), acked: head}
    known |= _hashes(connection, by, {before, min(last, acked)} - known.keys())
    if any(known[seq] != hashes[seq - before] for seq in {before, min(last, acked)}):
        _keep_evidence(connection, by, push, hashes, now_ms)
        return NotAcceptedError(409, "fork", acked=acked, digest=head)
    if last <= acked:
        return Head(acked, head, 0, hashes[-1])
    rows = [
        (by.store, by.stream, seq, now_ms, push.events[seq - push.first], hashes[seq - before])
        for seq in range(acked + 1, last + 1)
    ]
    _append(connection, rows)
    connection.execute(
        update(STREAM)
        .where(STREAM.c.store_id == by.store, STREAM.c.stream_id == by.stream)
        .values(acked=last, hash=hashes[-1], head=push.head)
    )
    return Head(last, hashes[-1], len(rows), hashes[-1])


def _hashes(connection: Connection, by: Certificate, seqs: set[int]) -> dict[int, bytes]:
    if not seqs:
        return {}
    rows = connection.execute(
        select(EVENT.c.seq, EVENT.c.hash).where(
            EVENT.c.store_id == by.store, EVENT.c.stream_id == by.stream, EVENT.c.seq.in_(seqs)
        )
    )
    return {seq: bytes(digest) for seq, digest in rows}


def _keep_evidence(connection: Connection, by: Certificate, push: Push, hashes: Sequence[bytes], now_ms: int) -> None:
    seqs = range(push.first, push.first + len(push.events))
    known = _hashes(connection, by, set(seqs))
    for seq, raw, digest in zip(seqs, push.events, hashes[1:], strict=True):
        if known.get(seq) != digest:
            put_if_new(
                connection,
                EVIDENCE,
                store_id=by.store,
                stream_id=by.stream,
                seq=seq,
                hash=digest,
                received=now_ms,
                raw=raw,
            )


def _append(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Rows of one stream, whose row is held: none of them can be there."""
    columns = ("store_id", "stream_id", "seq", "received", "raw", "hash")
    if connection.dialect.name == "postgresql":
        cursor = connection.connection.cursor()
        with cursor.copy(f"COPY event ({', '.join(columns)}) FROM STDIN WITH (FORMAT BINARY)") as copy:
            copy.set_types(["text", "text", "int8", "int8", "bytea", "bytea"])
            for row in rows:
                copy.write_row(row)
    else:
        connection.execute(insert(EVENT), [dict(zip(columns, row, strict=True)) for row in rows])
