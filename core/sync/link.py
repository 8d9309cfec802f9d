"""Talks to head office in a stream's name: signs what is asked, and believes no answer that it cannot read."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec

from core import wire
from core.errors import BrokenWorldError
from core.sync.transport import Answer, Transport
from core.wire import Acknowledgement, Continuation, Enrolment, Page, Pull, Push, Refusal, Welcome

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

M = TypeVar("M", bound=msgspec.Struct)


class HqRefusedError(Exception):
    """Head office said no.

    Args:
        status: HTTP.
    """

    def __init__(self, status: int, refusal: Refusal) -> None:
        super().__init__(status, refusal.error)
        self.status, self.refusal = status, refusal


@dataclass(frozen=True, slots=True)
class Signer:
    """In whose name is spoken: a stream's key and its certificate."""

    key: Ed25519PrivateKey
    certificate: str
    stream: str


class Link:
    """A line to head office.

    Args:
        now_ms: this terminal's time; `clock_offset` is head office's less that, and is set right where head office
            says that it is wrong.
        entropy: `n` random bytes.
    """

    def __init__(
        self,
        transport: Transport,
        now_ms: Callable[[], int],
        clock_offset: int = 0,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._transport, self._now_ms, self._entropy = transport, now_ms, entropy
        self.clock_offset = clock_offset

    def enrol(self, asked: Enrolment) -> Welcome:
        """Ask for a certificate with a token.

        Raises:
            HqRefusedError: `bad_token`, `forbidden` where the stream is another terminal's.
            BrokenWorldError: `hq_unreachable`.
        """
        answer = self._transport.send("POST", wire.ENROL, msgspec.json.encode(asked), {"Content-Type": wire.JSON})
        return _meant_for(asked, _read(answer, Welcome))

    def go_on(self, signer: Signer, asked: Continuation) -> Welcome:
        """Ask for a certificate of a stream that continues the signer's."""
        return _meant_for(asked, self._ask(signer, wire.CONTINUE, msgspec.json.encode(asked), Welcome))

    def push(self, signer: Signer, push: Push) -> Acknowledgement:
        """Send facts.

        Raises:
            HqRefusedError: `gap`, `fork` and whatever else head office says.
            BrokenWorldError: `hq_unreachable`.
        """
        return self._ask(signer, wire.PUSH, wire.packed(push), Acknowledgement)

    def pull(self, signer: Signer, asked: Pull) -> Page:
        """Ask what is new.

        Raises:
            HqRefusedError: whatever head office says.
            BrokenWorldError: `hq_unreachable`.
        """
        return self._ask(signer, wire.PULL, msgspec.json.encode(asked), Page)

    def _ask(self, signer: Signer, target: str, body: bytes, kind: type[M]) -> M:
        try:
            return self._ask_once(signer, target, body, kind)
        except HqRefusedError as refused:
            if refused.refusal.error != "clock" or not refused.refusal.time:
                raise
            # A till with a dead battery must not be locked out by its clock.
            self.clock_offset = refused.refusal.time - self._now_ms()
            return self._ask_once(signer, target, body, kind)

    def _ask_once(self, signer: Signer, target: str, body: bytes, kind: type[M]) -> M:
        headers = wire.signed_headers(
            signer.key,
            signer.certificate,
            ("POST", target, body),
            self._now_ms() + self.clock_offset,
            self._entropy(16).hex(),
        )
        answer = self._transport.send("POST", target, body, {**headers, "Content-Type": wire.CONTENT[target]})
        return _read(answer, kind)


def _meant_for(asked: Enrolment | Continuation, welcome: Welcome) -> Welcome:
    """A welcome that is for whoever asked.

    Raises:
        BrokenWorldError: `hq_unbelievable`.
    """
    try:
        given = wire.read_certificate(welcome.certificate, wire.bytes_of(welcome.hq_key))
        if (given.stream, wire.text_of(given.public_key)) == (asked.stream, asked.public_key):
            return welcome
    except ValueError:
        pass
    raise BrokenWorldError("hq_unbelievable", detail=wire.CONTINUE)


def _read(answer: Answer, kind: type[M]) -> M:
    """What an answer says.

    Raises:
        HqRefusedError: it is a refusal of head office's.
        BrokenWorldError: `hq_unreachable` where it is no answer of head office's at all.
    """
    away = BrokenWorldError(
        "hq_unreachable", url="", detail=f"HTTP {answer.status}", retry_after_ms=_retry_after(answer)
    )
    try:
        if answer.status == 200:
            return msgspec.json.decode(answer.body, type=kind)
        refusal = msgspec.json.decode(answer.body, type=Refusal)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise away from error
    if answer.status >= 500 or answer.status == 429:
        raise away
    raise HqRefusedError(answer.status, refusal)


def _retry_after(answer: Answer) -> int:
    """What head office asks to be waited (RFC 9110 §10.2.3), ms; at most an hour is believed."""
    text = answer.headers.get("retry-after", "")
    return min(int(text), 3600) * 1000 if text.isascii() and text.isdecimal() and len(text) < 10 else 0
