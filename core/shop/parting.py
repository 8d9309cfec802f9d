"""Leaving head office: never with facts that it does not have, unless they are in a file that it can take in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

import msgspec

from core import wire
from core.database import transaction
from core.errors import BrokenWorldError, RefusedError
from core.files import OWNER, whole_file
from core.parcel import MAGIC, Frame, write_frame
from core.shop import beside, continuing
from core.shop.stream_keys import key_of
from core.shop.terminal import Actor, Session, Terminal, View
from core.staff.permissions import Permission
from core.sync import streams
from core.sync.hq import forget_hq, known_hq
from core.sync.link import Signer
from core.sync.streams import Batch, LocalStream
from core.wire import Continuation, Push, SealedRecord


def export(terminal: Terminal, by: Actor, path: Path) -> int:
    """Write what head office does not have into a file, whole or not at all. Returns how many facts that are.

    Raises:
        RefusedError: `no_hq`, `not_allowed`.
        BrokenWorldError: `file_unwritable`, `home_unusable`.
    """
    terminal.read(lambda view: _may_leave(view, by)).result()
    while terminal.write(continuing.tell_again).result():
        pass
    try:
        with whole_file(path, OWNER) as file:
            file.write(MAGIC)
            count = _write(terminal, file)
    except OSError as error:
        raise BrokenWorldError("file_unwritable", file=path, detail=error.strerror) from error
    return count


def leave(terminal: Terminal, by: Actor, path: Path | None = None) -> int:
    """Forget head office. Returns how many facts went into the file.

    Args:
        path: of the file for what head office does not have.

    Raises:
        RefusedError: `no_hq`, `not_allowed`, `unsent` where something waits and no file is named.
        BrokenWorldError: as `export`.
    """
    terminal.read(lambda view: _may_leave(view, by)).result()
    exported = 0 if path is None else export(terminal, by, path)
    terminal.write(partial(_forget, exported=exported)).result()
    return exported


def _may_leave(view: View, by: Actor) -> None:
    view.require(by, Permission.CHANGE_SETTINGS)
    if known_hq(view.connection) is None:
        raise RefusedError("no_hq")


def _forget(session: Session, exported: int) -> None:
    waiting = streams.waiting(session.connection)
    if waiting > exported:
        raise RefusedError("unsent", count=waiting - exported)
    with transaction(session.connection):
        forget_hq(session.connection)


def _write(terminal: Terminal, file: BinaryIO) -> int:
    count, before = 0, None
    for stream in terminal.read(lambda view: streams.streams(view.connection)).result():
        key = key_of(terminal.home, stream.public_key)
        if key is None:
            raise BrokenWorldError("home_unusable", home=terminal.home.folder, detail=terminal.home.key.name)
        signer = Signer(key, stream.certificate, stream.id)
        if not stream.certificate and before is not None:
            proof = wire.text_of(key.sign(wire.proof_bytes(before.stream, stream.id)))
            asked = Continuation(
                stream=stream.id, public_key=wire.text_of(stream.public_key), proof=proof, reason=stream.reason
            )
            write_frame(file, _frame(terminal, before, wire.CONTINUE, msgspec.json.encode(asked)))
        for push in _pushes(terminal, signer, stream):
            write_frame(file, _frame(terminal, signer, wire.PUSH, wire.packed(push)))
            count += len(push.events)
        before = signer
    return count


def _pushes(terminal: Terminal, signer: Signer, stream: LocalStream) -> Iterator[Push]:
    while stream.waiting:
        batch, records = terminal.read(partial(_load, stream=stream)).result()
        yield batch.push(stream.id, signer.key, records)
        stream = stream.sent_up_to(batch.last)


def _load(view: View, stream: LocalStream) -> tuple[Batch, list[SealedRecord]]:
    batch = streams.batch(view.connection, stream)
    return batch, beside.records_of(view, batch)


def _frame(terminal: Terminal, signer: Signer, target: str, body: bytes) -> Frame:
    headers = wire.signed_headers(
        signer.key, signer.certificate, ("POST", target, body), terminal.clock.now_ms(), os.urandom(16).hex()
    )
    return Frame(
        stream=signer.stream,
        certificate=signer.certificate,
        target=target,
        body=body,
        time=headers[wire.TIME],
        nonce=headers[wire.NONCE],
        signature=headers[wire.SIGNATURE],
    )
