"""A stream that cannot go on is continued by another: the home was restored or copied.

Facts that never became part of the old stream at head office are told again in the new one, under their own ids, so
that each is counted once.
"""

from __future__ import annotations

import time
from enum import StrEnum

import msgspec

from core.database import transaction
from core.events import FactRehomed, StreamContinued
from core.ids import command_digest, replay_id
from core.journal import open_stream
from core.shop.stream_keys import new_key
from core.shop.terminal import SYSTEM, Session
from core.sync import streams
from core.sync.streams import LocalStream


class Cause(StrEnum):
    """Why a stream cannot go on."""

    RESTORED = "restored"
    CLONED = "cloned"
    LOST_KEY = "lost_key"


_TURN_SECONDS = 0.03
"""How long one job on the writer's thread may take."""


def end_stream(
    session: Session,
    stream: LocalStream,
    last: LocalStream,
    *,
    common: int,
    cause: Cause,
) -> None:
    """End a stream, and open one that continues it where it is the one that is written now.

    Args:
        last: the stream that is written now.
        common: last fact that head office has as this terminal has it.

    Raises:
        BrokenWorldError: `home_unusable`.
    """
    connection = session.connection
    if stream.number != last.number:
        # It was continued before; only less of it is shared than was believed.
        with transaction(connection):
            streams.end(connection, stream.number, common)
        return
    settings = session.settings
    public_key = new_key(session.home)
    op, new = session.ids.new(), session.ids.new()
    digest = command_digest(f"{stream.id} {common} {cause}".encode())
    event = StreamContinued(
        head=session.head(op, digest, SYSTEM), stream=new, before=stream.id, seq=common, reason=cause
    )
    with transaction(connection):
        open_stream(connection, new, settings["store"], settings["terminal"], public_key)
        (number,) = connection.execute("SELECT number FROM stream WHERE id = ?", (new,)).fetchone()
        streams.continue_in(connection, stream.number, number, common=common, reason=cause)
        session.journal.record(op, digest, StreamContinued, lambda _: event)
    session.forget_stream()


def tell_again(session: Session) -> bool:
    """Tell the next facts again that an ended stream could not bring to head office. True while there may be more."""
    connection, until = session.connection, time.monotonic() + _TURN_SECONDS
    for stream in streams.streams(connection):
        if stream.ends is None:
            continue
        at = max(stream.told_again, stream.ends)
        while at < stream.seq:
            if time.monotonic() > until:
                return True
            at += 1
            _tell(session, stream, at)
    return False


def _tell(session: Session, stream: LocalStream, seq: int) -> None:
    connection = session.connection
    (raw,) = connection.execute(
        "SELECT event FROM journal WHERE stream = ? AND seq = ?", (stream.number, seq)
    ).fetchone()
    op = replay_id(stream.id, f"again {seq}")
    digest = command_digest(raw)
    event = FactRehomed(head=session.head(op, digest, SYSTEM), stream=stream.id, seq=seq, fact=msgspec.Raw(bytes(raw)))
    with transaction(connection):
        session.journal.record(op, digest, FactRehomed, lambda _: event)
        streams.told_again(connection, stream.number, seq)
