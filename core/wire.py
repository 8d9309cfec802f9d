"""What a terminal and head office say to each other: the messages, how each is signed, and how large it may be.

A push travels as MessagePack, because facts are bytes that must arrive as they are; everything else is JSON. Each
request carries the stream's certificate and a signature by the stream's key over method, target, digest of the body,
time and nonce.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

BATCH_EVENTS, BATCH_BYTES = 500, 1024 * 1024
"""The most that one push carries: facts, and bytes of them."""

PAGE_ROWS, PAGE_BYTES = 250, 1024 * 1024
"""The most that one page of a feed carries: rows, and bytes of them."""

MAX_BODY, MAX_INFLATED = 2 * 1024 * 1024, 8 * 1024 * 1024
"""The most that head office reads of a request, and unpacks from it."""

MOST_KEYS = 100
"""Keys of unit codes that one request brings."""

BLOCKS = 1 << 28
"""Blocks of unit codes that there are to be leased (`core.codes.serial`)."""

CLOCK_WINDOW_MS = 300_000
"""How far the time of a signed request may be from head office's."""

CERTIFICATE, TIME, NONCE, SIGNATURE = "store-certificate", "store-time", "store-nonce", "store-signature"
"""Headers of a signed request."""

PUSH, PULL, ENROL, CONTINUE = "/v1/push", "/v1/pull", "/v1/enrol", "/v1/streams"
"""Where what is said is sent."""

JSON, PACKED = "application/json", "application/vnd.store-assistant.push"
CONTENT = {PUSH: PACKED, PULL: JSON, ENROL: JSON, CONTINUE: JSON}
"""Kinds of bodies."""


Count = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
"""What a table of either side can hold."""

Secret = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]=$")]
"""A key of 32 bytes (`text_of`)."""

Moment = Annotated[int, msgspec.Meta(ge=0, le=2**52)]
"""Milliseconds since the epoch."""


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """Head office's word that a stream is that terminal's. `issued` in milliseconds since the epoch."""

    store: str
    terminal: str
    stream: str
    public_key: bytes
    issued: int


class SealedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A member's record on its way, sealed for its reader (`core.members.sealing`); `commitment` is what facts say of
    it.
    """

    member: str
    commitment: str
    box: bytes


class Push(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Facts of one stream that follow each other; none: only a word of where the stream stands.

    Attributes:
        first: sequence number of the first fact, or of the next one to come.
        previous: hash of the fact before it.
        events: the stored bytes.
        head: signature by the stream's key of where the stream stands after these (`head_bytes`).
        records: of the members of whom these facts tell, as far as they are kept.
        ahead: facts that come later in the stream and are not to wait for that: withdrawals.
    """

    stream: str
    first: int
    previous: bytes
    events: list[bytes]
    head: bytes
    records: list[SealedRecord] = []
    ahead: list[bytes] = []


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """What head office has of a stream, durably.

    Attributes:
        sent: hash after the last fact of the push that is answered, hexadecimal.
        acked: sequence number of the last fact that head office has; `hash` is its hash.
        time: head office's, milliseconds since the epoch.
    """

    stream: str
    sent: str
    acked: Count
    hash: str
    time: Moment


class Pull(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A terminal asks what is new.

    Attributes:
        cursors: those of the last pages that it took in, by channel.
        keys_known: of the keys under which it checks unit codes (`keys_digest`).
        code_keys: those of them that head office did not name.
        blocks: of codes, that were leased to its stream and not begun; none where it does not want any.
        reader: for whom members' records are to be sealed (`core.members.sealing.public_half`); empty for nobody.
    """

    cursors: dict[str, str]
    keys_known: str = ""
    code_keys: Annotated[list[Secret], msgspec.Meta(max_length=MOST_KEYS)] = []
    blocks: Count | None = None
    reader: Secret | Literal[""] = ""


class Row(msgspec.Struct, frozen=True, array_like=True):
    """A row of a feed: JSON under a key. Empty: there is none any more."""

    key: str
    body: str


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The next rows of a channel that has something new; an empty channel: nothing is new.

    Attributes:
        channel: whom it is for and what it is about (`channel_name`).
        whole: these are the first rows of all that there are; others are none any more.
        cursor: to be shown when more is asked; opaque to the terminal.
        last: there are no more for now; `count` and `digest` are those of all rows of the channel (`Tally`).
        set_aside: where nothing is new: facts of this terminal that do not count as they say.
        code_keys: where nothing else is new, and the terminal has other ones: those of the chain, of which the last is
            for new codes.
        records: of members among the rows, for the terminal that asks.
        reader_key: where nothing is new: what records are sealed with for head office (`signed_reader`).
    """

    channel: str = ""
    whole: bool = False
    rows: Annotated[list[Row], msgspec.Meta(max_length=1_000)] = []
    cursor: str = ""
    last: bool = True
    count: Count = 0
    digest: str = ""
    set_aside: Count = 0
    code_keys: list[Secret] = []
    records: list[SealedRecord] = []
    reader_key: str = ""
    time: Moment


class Refusal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why head office did not do what was asked.

    Attributes:
        error: gap, fork, clock, revoked, forbidden, malformed, too_large, bad_chain, busy, bad_token, replayed,
            unavailable.
        acked, hash: of a gap or a fork: what head office has of the stream.
        time: head office's, milliseconds since the epoch.
    """

    error: Annotated[str, msgspec.Meta(min_length=1)]
    acked: Count = 0
    hash: str = ""
    time: Moment = 0


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """A terminal asks for a certificate with a one-time token. `proof` is by the stream's key (`proof_bytes`)."""

    token: str
    store: str
    terminal: str
    stream: str
    public_key: str
    proof: str


class Continuation(msgspec.Struct, frozen=True, kw_only=True):
    """A terminal goes on in a new stream; signed as a request by the old one, `proof` is by the new one's key.

    Attributes:
        reason: restored, cloned or lost_key.
    """

    stream: str
    public_key: str
    proof: str
    reason: str


class Welcome(msgspec.Struct, frozen=True, kw_only=True):
    """Head office's answer to both: the certificate as the terminal shows it, head office's public key, and what
    records are sealed with for it (`signed_reader`).
    """

    certificate: str
    hq_key: str
    reader_key: str = ""
    time: Moment


LEVELS = ("chain", "store", "terminal")
"""Whom a channel is for; what is said to fewer comes before what is said to more."""


def channel_name(scope: str, level: str) -> str:
    """The name of a channel: what it is about, and whom it is for."""
    return f"{scope}:{level}"


@dataclass(slots=True)
class Tally:
    """Count and digest of a set of rows of a feed. The digest is the sum of SHA-256 of each, without carry."""

    count: int = 0
    total: int = 0

    @classmethod
    def of(cls, count: int, digest: bytes) -> Tally:
        """The one that was kept."""
        return cls(count, int.from_bytes(digest, "big"))

    @property
    def digest(self) -> bytes:
        """As it is kept."""
        return self.total.to_bytes(32, "big")

    def change(self, key: str, before: str, after: str) -> None:
        """Another body under a key; an empty one is no row."""
        for body, step in ((before, -1), (after, 1)):
            if body:
                self.count += step
                self.total ^= int.from_bytes(hashlib.sha256(f"{key}\0{body}".encode()).digest(), "big")


def keys_digest(keys: Iterable[bytes]) -> str:
    """The digest of keys of unit codes in their order, the one for new codes last; hexadecimal."""
    return hashlib.sha256(b"".join(keys)).hexdigest()


def text_of(data: bytes) -> str:
    """Bytes as they stand in a header or in JSON: base64 for URLs (RFC 4648 §5)."""
    return base64.urlsafe_b64encode(data).decode()


def bytes_of(text: str) -> bytes:
    """The bytes of such a text.

    Raises:
        ValueError: it is none.
    """
    try:
        return base64.b64decode(text, altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def issue_certificate(certificate: Certificate, hq_key: Ed25519PrivateKey) -> str:
    """A certificate as the terminal shows it: its bytes and head office's signature."""
    body = msgspec.msgpack.encode(certificate)
    return text_of(body + hq_key.sign(b"sa1 certificate\n" + body))


def read_certificate(text: str, hq_public_key: bytes) -> Certificate:
    """A certificate that head office signed.

    Raises:
        ValueError: it is none, or another signed it.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    sealed = bytes_of(text)
    body, signature = sealed[:-64], sealed[-64:]
    try:
        Ed25519PublicKey.from_public_bytes(hq_public_key).verify(signature, b"sa1 certificate\n" + body)
        return msgspec.msgpack.decode(body, type=Certificate)
    except (InvalidSignature, msgspec.MsgspecError) as error:
        raise ValueError(str(error)) from None


def signed_reader(public: bytes, hq_key: Ed25519PrivateKey) -> str:
    """What records are sealed with for head office, with its word that it is its own."""
    return text_of(public + hq_key.sign(b"sa1 reader\n" + public))


def read_reader(text: str, hq_public_key: bytes) -> bytes:
    """What head office said that records are sealed with for it.

    Raises:
        ValueError: it did not.
    """
    said = bytes_of(text)
    if not is_signed(hq_public_key, said[32:], b"sa1 reader\n" + said[:32]):
        raise ValueError("not signed by head office")
    return said[:32]


def is_signed(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the owner of an Ed25519 key signed a message (RFC 8032)."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def request_bytes(method: str, target: str, body: bytes, time: str, nonce: str) -> bytes:
    """What the signature of a request is over."""
    digest = hashlib.sha256(body).hexdigest()
    return "\n".join(("sa1 request", method, target, digest, time, nonce)).encode()


def head_bytes(stream: str, seq: int, digest: bytes) -> bytes:
    """What a terminal signs when it says where its stream stands."""
    return b"sa1 head\n" + stream.encode() + seq.to_bytes(8, "big") + digest


def proof_bytes(token: str, stream: str) -> bytes:
    """What a new stream's key signs to show that it is there. The token is that of an enrolment, or the old stream."""
    return f"sa1 proof\n{token}\n{stream}".encode()


def signed_headers(
    key: Ed25519PrivateKey, certificate: str, request: tuple[str, str, bytes], time: int, nonce: str
) -> Mapping[str, str]:
    """The headers of a signed request: of method, target and body, at a time (ms since the epoch)."""
    method, target, body = request
    signature = key.sign(request_bytes(method, target, body, str(time), nonce))
    return {CERTIFICATE: certificate, TIME: str(time), NONCE: nonce, SIGNATURE: text_of(signature)}


def packed(push: Push) -> bytes:
    """A push as the body of a request: MessagePack, deflated (RFC 1950)."""
    return zlib.compress(msgspec.msgpack.encode(push), 1)


def unpacked(body: bytes) -> Push:
    """A push from the body of a request. Never unpacks more than `MAX_INFLATED`.

    Raises:
        ValueError: it is none.
        OverflowError: it is larger.
    """
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(body, MAX_INFLATED)
        if inflater.unconsumed_tail:
            raise OverflowError
        if not inflater.eof or inflater.unused_data:
            raise ValueError("cut off")
        return msgspec.msgpack.decode(plain, type=Push)
    except (zlib.error, msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(str(error)) from None
