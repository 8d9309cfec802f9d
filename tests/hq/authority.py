"""Requests of whoever may not, and how they are made."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core import wire
from core.hq.guard import RATE
from core.hq.streams import make_token
from core.wire import Certificate
from tests.chain import Chain, Request
from tests.hq.api_tools import (
    Voice,
    fact,
    sale,
    voice,
)
from tests.hq.world import World, replace

# Who may do what.


def replaced(who: Voice, **changes: Any) -> Voice:
    """Somebody who is not quite who they were."""
    kept = {name: getattr(who, name) for name in ("chain", "store", "terminal", "key", "stream", "certificate")}
    return Voice(**{**kept, **changes})


def new_stream(chain: Chain) -> str:
    return str(uuid.UUID(bytes=chain.chance.randbytes(16), version=4))


def new_key(chain: Chain) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(chain.chance.randbytes(32))


def told(
    who: Voice, *facts: bytes, by: Voice | None = None, at: int | None = None, in_time: bool = True, **changes: Any
) -> Request:
    """A push of one stream that another may sign."""
    return (by or who).request(wire.PUSH, wire.packed(who.push(*facts, **changes)), at=at, in_time=in_time)


def with_headers(request: Request, **changes: str | None) -> Request:
    headers = {**request.headers, **{f"store-{name}": value for name, value in changes.items()}}
    kept = {name: value for name, value in headers.items() if value is not None}
    return Request(request.method, request.target, request.body, kept)


def aimed(request: Request, target: str) -> Request:
    return Request(request.method, target, request.body, request.headers)


def certificate_of(who: Voice, key: Ed25519PrivateKey, **changes: Any) -> str:
    told = Certificate(
        store=who.store, terminal=who.terminal, stream=who.stream, public_key=who.public_key, issued=who.chain.clock.ms
    )
    return wire.issue_certificate(replace(told, **changes), key)


def continued(by: Voice, **changes: str) -> Request:
    new = replaced(by, key=new_key(by.chain), stream=new_stream(by.chain))
    return by.request(wire.CONTINUE, msgspec.json.encode(replace(by.continuation(new), **changes)))


def joined(who: Voice, token: str, **changes: str) -> Request:
    return Request("POST", wire.ENROL, msgspec.json.encode(who.enrolment(token, **changes)), {})


def stranger(world: World, store: str = "S1", terminal: str = "T9") -> Voice:
    return voice(world.chain, store, terminal, enrolled=False)


def used_token(world: World) -> str:
    who = voice(world.chain, "S1", "T8", enrolled=False)
    token = world.chain.token("S1", "T8")
    assert who.enrol(token).status == 200
    return token


SALE = fact(sale("attempt"))
FORBIDDEN, MALFORMED, CLOCK, BAD_TOKEN = (401, "forbidden"), (400, "malformed"), (401, "clock"), (403, "bad_token")
FORGED: dict[str, tuple[Callable[[World], Request], tuple[int, str]]] = {
    "nobody signed": (lambda w: Request("POST", wire.PUSH, wire.packed(w.first.push(SALE)), {}), FORBIDDEN),
    "nobody signed a continuation": (
        lambda w: Request("POST", wire.CONTINUE, continued(w.first).body, {}), FORBIDDEN,
    ),
    "without a certificate": (lambda w: with_headers(told(w.first, SALE), certificate=None), FORBIDDEN),
    "without a time": (lambda w: with_headers(told(w.first, SALE), time=None), FORBIDDEN),
    "without a nonce": (lambda w: with_headers(told(w.first, SALE), nonce=None), FORBIDDEN),
    "without a signature": (lambda w: with_headers(told(w.first, SALE), signature=None), FORBIDDEN),
    "an empty signature": (lambda w: with_headers(told(w.first, SALE), signature=""), FORBIDDEN),
    "a signature that is no base64": (lambda w: with_headers(told(w.first, SALE), signature="\xff=!"), FORBIDDEN),
    "a stolen certificate, another key": (
        lambda w: told(replaced(w.other, key=new_key(w.chain)), SALE), FORBIDDEN,
    ),
    "a stolen certificate, the thief's own key": (lambda w: told(replaced(w.other, key=w.first.key), SALE), FORBIDDEN),
    "another head office's certificate": (
        lambda w: told(replaced(w.other, key=(key := new_key(w.chain)), certificate=certificate_of(
            replaced(w.other, key=key), new_key(w.chain))), SALE), FORBIDDEN,
    ),
    "a certificate that a terminal made": (
        lambda w: told(replaced(w.other, key=w.first.key, certificate=certificate_of(
            replaced(w.other, key=w.first.key), w.first.key)), SALE), FORBIDDEN,
    ),
    "a certificate with another store in it": (
        lambda w: with_headers(told(w.first, SALE), certificate=wire.text_of(
            wire.bytes_of(w.first.certificate).replace(b"\xa2S1", b"\xa2S2"))), FORBIDDEN,
    ),
    "a certificate without a body": (
        lambda w: with_headers(told(w.first, SALE), certificate=wire.text_of(b"1" * 64)), FORBIDDEN,
    ),
    "no certificate at all": (lambda w: with_headers(told(w.first, SALE), certificate="\xe9"), FORBIDDEN),
    "signed for another door": (lambda w: aimed(told(w.first, SALE), wire.CONTINUE), FORBIDDEN),
    "a continuation as a push": (lambda w: aimed(continued(w.first), wire.PUSH), FORBIDDEN),
    "a query that nobody signed": (lambda w: aimed(told(w.first, SALE), wire.PUSH + "?more"), FORBIDDEN),
    "another body": (
        lambda w: Request("POST", wire.PUSH, wire.packed(w.first.push(b"x")), told(w.first, SALE).headers), FORBIDDEN,
    ),
    "another time": (lambda w: with_headers(told(w.first, SALE), time=str(w.chain.clock.ms + 1)), FORBIDDEN),
    "another nonce": (lambda w: with_headers(told(w.first, SALE), nonce="0" * 32), FORBIDDEN),
    "another's certificate": (lambda w: with_headers(told(w.first, SALE), certificate=w.other.certificate), FORBIDDEN),
    "too early": (lambda w: told(w.first, SALE, at=w.chain.clock.ms + 1000 // RATE - wire.CLOCK_WINDOW_MS - 1), CLOCK),
    "too late": (lambda w: told(w.first, SALE, at=w.chain.clock.ms + 1000 // RATE + wire.CLOCK_WINDOW_MS + 1), CLOCK),
    "before all time": (lambda w: told(w.first, SALE, at=-1), CLOCK),
    "after all time": (lambda w: told(w.first, SALE, at=10**40), CLOCK),
    "facts of another store's stream": (lambda w: told(w.other, SALE, by=w.first), (403, "forbidden")),
    "facts of another terminal's stream": (lambda w: told(w.second, SALE, by=w.first), (403, "forbidden")),
    "facts of another store's stream, under the own head": (
        lambda w: told(w.first, SALE, stream=w.other.stream, first=w.other.seq + 1, previous=w.other.digest),
        (403, "forbidden"),
    ),
    "a head that another signed": (
        lambda w: told(w.first, SALE, head=w.other.push(SALE).head), (422, "bad_chain"),
    ),
    "other facts in the place of known ones": (lambda w: told(w.first, SALE, first=1), (409, "fork")),
    "facts with a hole before them": (lambda w: told(w.first, SALE, first=w.first.seq + 2), (409, "gap")),
    "a continuation that is another terminal's stream": (
        lambda w: continued_as(w.first, w.second.stream), (403, "forbidden"),
    ),
    "a continuation that is its own stream, with another key": (
        lambda w: continued_as(w.first, w.first.stream), (403, "forbidden"),
    ),
    "a continuation with another's key": (
        lambda w: continued(w.first, public_key=wire.text_of(w.second.public_key)), MALFORMED,
    ),
    "a continuation with a proof for another stream": (
        lambda w: continued(w.first, proof=w.first.proof(w.other.stream, w.first.stream)), MALFORMED,
    ),
    "a continuation that another began": (
        lambda w: w.first.request(wire.CONTINUE, continued(w.other).body), MALFORMED,
    ),
    "an unknown token": (lambda w: joined(stranger(w), "guess"), BAD_TOKEN),
    "a token for another terminal": (lambda w: joined(stranger(w, "S1", "T7"), w.chain.token("S1", "T9")), BAD_TOKEN),
    "a token for another store": (lambda w: joined(stranger(w, "S3"), w.chain.token("S1", "T9")), BAD_TOKEN),
    "a token for S1, for S2": (lambda w: joined(stranger(w, "S2"), w.chain.token("S1", "T9")), BAD_TOKEN),
    "a token that is too old": (
        lambda w: joined(stranger(w), make_token(w.chain.db, "S1", "T9", now_ms=w.chain.clock.ms - 3_600_001)),
        BAD_TOKEN,
    ),
    "a token that was used": (lambda w: joined(stranger(w, "S1", "T8"), used_token(w)), BAD_TOKEN),
    "a token for a stream that is another terminal's": (
        lambda w: joined(replaced(stranger(w), stream=w.second.stream), w.chain.token("S1", "T9")), (403, "forbidden"),
    ),
    "a token with a proof for another": (
        lambda w: joined(who := stranger(w), w.chain.token("S1", "T9"), proof=who.proof("other", who.stream)),
        MALFORMED,
    ),
    "a token with another's key": (
        lambda w: joined(
            who := stranger(w), token := w.chain.token("S1", "T9"), public_key=wire.text_of(w.other.public_key),
            proof=who.proof(token, who.stream),
        ), MALFORMED,
    ),
    "a key that is none": (lambda w: joined(stranger(w), w.chain.token("S1", "T9"), public_key="AAAA"), MALFORMED),
}  # fmt: skip


def continued_as(by: Voice, stream: str) -> Request:
    new = replaced(by, key=new_key(by.chain), stream=stream)
    return by.request(wire.CONTINUE, msgspec.json.encode(by.continuation(new)))
