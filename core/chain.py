"""How facts are chained: each hash holds the one before it, so that nothing can be changed, left out or put in."""

from __future__ import annotations

import hashlib


def genesis(stream_id: str, public_key: bytes) -> bytes:
    """The hash before the first fact of a stream."""
    return hashlib.sha256(b"sa1" + stream_id.encode() + public_key).digest()


def chain(previous: bytes, seq: int, raw: bytes) -> bytes:
    """The hash of fact `seq`: SHA-256(previous ‖ seq as u64 ‖ SHA-256(bytes))."""
    return hashlib.sha256(previous + seq.to_bytes(8, "big") + hashlib.sha256(raw).digest()).digest()
