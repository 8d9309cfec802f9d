"""Facts that come in a file: the same signed requests, taken in by the same rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

import msgspec

from core import wire
from core.errors import RefusedError
from core.hq import intake
from core.hq.database import Database
from core.hq.home import HqHome
from core.hq.refusal import NotAcceptedError
from core.hq.streams import Registrar
from core.parcel import Frame, read_frames
from core.wire import Certificate, Continuation


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file brought.

    Attributes:
        facts: in it; `new` are those that head office did not have.
        refused: streams, each with the reason, whose facts do not follow what head office has.
    """

    facts: int
    new: int
    refused: tuple[tuple[str, str], ...]


def take_in(db: Database, home: HqHome, file: BinaryIO, now_ms: int) -> Taken:
    """Admit the facts of a file. A second time it brings nothing new.

    Raises:
        RefusedError: `bad_parcel`; what came before the damage is taken in.
        BrokenWorldError: `hq_database`.
    """
    registrar = Registrar(db, home, lambda: now_ms)
    given: dict[str, str] = {}
    facts = new = 0
    refused: dict[str, str] = {}
    for frame in read_frames(file):
        certificate = _signer(registrar, frame, given)
        try:
            if registrar.is_revoked(certificate):
                raise NotAcceptedError(403, "revoked")
            if frame.target == wire.CONTINUE:
                asked = msgspec.json.decode(frame.body, type=Continuation)
                given[asked.stream] = registrar.go_on(certificate, asked).certificate
                continue
            push = wire.unpacked(frame.body)
            facts += len(push.events)
            new += intake.take_in(db, home, certificate, push, now_ms).new
        except NotAcceptedError as error:
            refused[frame.stream] = error.refusal.error
        except (ValueError, OverflowError, RecursionError, msgspec.MsgspecError):
            raise RefusedError("bad_parcel") from None
    return Taken(facts, new, tuple(refused.items()))


def _signer(registrar: Registrar, frame: Frame, given: dict[str, str]) -> Certificate:
    """Whose request it is. Its time is that of its writing, so it is not held against the clock."""
    try:
        certificate = wire.read_certificate(frame.certificate or given.get(frame.stream, ""), registrar.public_key)
        message = wire.request_bytes("POST", frame.target, frame.body, frame.time, frame.nonce)
        if wire.is_signed(certificate.public_key, wire.bytes_of(frame.signature), message):
            return certificate
    except ValueError:
        pass
    raise RefusedError("bad_parcel")
