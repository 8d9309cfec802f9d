"""The streams of this terminal: how far each is at head office, and what is still to be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core import events
from core.chain import genesis
from core.database import Connection
from core.wire import BATCH_BYTES, BATCH_EVENTS, Push, SealedRecord, head_bytes

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_STREAMS = (
    "SELECT s.number, s.id, s.public_key, s.seq, coalesce(l.certificate, ''), coalesce(l.acked, 0), l.ends,"
    " coalesce(l.told_again, 0), coalesce(l.reason, '')"
    " FROM stream AS s LEFT JOIN local_stream AS l ON l.number = s.number ORDER BY s.number"
)


@dataclass(frozen=True, slots=True)
class LocalStream:
    """A stream of this terminal.

    Attributes:
        seq: of its last fact.
        certificate: head office's; empty before it was taken in.
        acked: as far as head office has it.
        ends: last fact that belongs to it, where another continues it; what follows is told again in that one.
        told_again: last fact of which that was done.
        reason: why it continues another; empty for the first.
    """

    number: int
    id: str
    public_key: bytes
    seq: int
    certificate: str
    acked: int
    ends: int | None
    told_again: int
    reason: str

    @property
    def end(self) -> int:
        """The last fact that is to be sent in it."""
        return self.seq if self.ends is None else self.ends

    @property
    def waiting(self) -> int:
        """Facts that head office has not acknowledged."""
        return max(self.end - self.acked, 0)

    def sent_up_to(self, seq: int) -> LocalStream:
        """The stream as it is when head office has it so far."""
        return replace(self, acked=seq)


@dataclass(frozen=True, slots=True)
class Batch:
    """Facts of a stream that follow each other, with the hash before the first and that of the last."""

    first: int
    previous: bytes
    events: tuple[bytes, ...]
    hash: bytes

    @property
    def last(self) -> int:
        return self.first + len(self.events) - 1

    def push(
        self,
        stream: str,
        key: Ed25519PrivateKey,
        records: Sequence[SealedRecord] = (),
        ahead: Sequence[bytes] = (),
    ) -> Push:
        """These facts as they are sent, with the word of the stream's key where it stands after them, and what goes
        beside them.
        """
        return Push(
            stream=stream,
            first=self.first,
            previous=self.previous,
            events=list(self.events),
            head=key.sign(head_bytes(stream, self.last, self.hash)),
            records=list(records),
            ahead=list(ahead),
        )


def streams(connection: Connection) -> list[LocalStream]:
    """Every stream of this terminal, the oldest first."""
    return [LocalStream(number, id_, bytes(key), *rest) for number, id_, key, *rest in connection.execute(_STREAMS)]


def hash_at(connection: Connection, number: int, seq: int) -> bytes | None:
    """The hash of a stream after its fact `seq`; none where there is no such fact."""
    if seq == 0:
        row = connection.execute("SELECT id, public_key FROM stream WHERE number = ?", (number,)).fetchone()
        return genesis(*row) if row else None
    row = connection.execute("SELECT hash FROM journal WHERE stream = ? AND seq = ?", (number, seq)).fetchone()
    return bytes(row[0]) if row else None


def batch(connection: Connection, stream: LocalStream, most: int = BATCH_EVENTS) -> Batch:
    """The next facts to be sent, as many as fit into one push; empty where there are none."""
    previous = hash_at(connection, stream.number, stream.acked)
    assert previous is not None, "acknowledged beyond the end"
    rows = connection.execute(
        "SELECT event, hash FROM journal WHERE stream = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
        (stream.number, stream.acked, stream.end, most),
    )
    events: list[bytes] = []
    size, digest = 0, previous
    for raw, row_digest in rows:
        size += len(raw)
        if events and size > BATCH_BYTES:
            break
        events.append(bytes(raw))
        digest = bytes(row_digest)
    return Batch(stream.acked + 1, previous, tuple(events), digest)


def waiting(connection: Connection) -> int:
    """Facts that head office does not have yet: unsent ones, and those that are to be told again."""
    return sum(
        stream.waiting + (0 if stream.ends is None else max(stream.seq - max(stream.told_again, stream.ends), 0))
        for stream in streams(connection)
    )


def waiting_about(connection: Connection, member: str) -> list[bytes]:
    """The facts about a member that head office does not have yet."""
    found: list[bytes] = []
    for stream in streams(connection):
        there = stream.acked if stream.ends is None else max(stream.acked, stream.told_again)
        rows = connection.execute(
            "SELECT j.event FROM member_moment AS m JOIN journal AS j ON j.position = m.position"
            " WHERE m.member = ? AND j.stream = ? AND j.seq > ? ORDER BY j.seq",
            (member, stream.number, there),
        )
        found += [bytes(raw) for (raw,) in rows]
    return found


def oldest_waiting(connection: Connection) -> int | None:
    """When the oldest fact that waits was recorded, ms since the epoch; none where nothing waits."""
    for stream in streams(connection):
        if stream.waiting:
            row = connection.execute(
                "SELECT event FROM journal WHERE stream = ? AND seq = ?", (stream.number, stream.acked + 1)
            ).fetchone()
            return events.decode(row[0]).head.at
    return None


def acknowledge(connection: Connection, number: int, acked: int) -> None:
    """Keep how far head office has a stream. Inside the caller's transaction."""
    connection.execute("UPDATE local_stream SET acked = ? WHERE number = ?", (acked, number))


def take_in(connection: Connection, number: int, certificate: str) -> None:
    """Keep the certificate of a stream. Inside the caller's transaction."""
    connection.execute(
        "INSERT INTO local_stream (number, certificate, acked, ends, told_again, reason) VALUES (?, ?, 0, NULL, 0, '')"
        " ON CONFLICT (number) DO UPDATE SET certificate = excluded.certificate",
        (number, certificate),
    )


def continue_in(connection: Connection, number: int, by: int, *, common: int, reason: str) -> None:
    """End a stream after the last fact that it has in common with head office's; `by` continues it. Inside the
    caller's transaction.
    """
    end(connection, number, common)
    connection.execute(
        "INSERT INTO local_stream (number, certificate, acked, ends, told_again, reason) VALUES (?, '', 0, NULL, 0, ?)",
        (by, reason),
    )


def end(connection: Connection, number: int, common: int) -> None:
    """A stream goes no further than the last fact that head office has, too. Inside the caller's transaction."""
    connection.execute(
        "INSERT INTO local_stream (number, certificate, acked, ends, told_again, reason)"
        " VALUES (?1, '', ?2, ?2, ?2, '') ON CONFLICT (number) DO UPDATE SET acked = ?2, ends = ?2, told_again = ?2",
        (number, common),
    )


def told_again(connection: Connection, number: int, seq: int) -> None:
    """Keep how far an ended stream's facts were told again. Inside the caller's transaction."""
    connection.execute("UPDATE local_stream SET told_again = ? WHERE number = ?", (seq, number))
