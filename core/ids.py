"""Identifiers: time-ordered random ones for facts, name-based ones where a file is replayed."""

from __future__ import annotations

import hashlib
import os
import threading
import uuid
from collections.abc import Callable

_REPLAY = uuid.UUID("5d2c8f0e-6a57-5b0e-9b39-9f5a3c1d7e42")


class IdSource:
    """UUIDv7 (RFC 9562 §5.7), strictly rising within one source even when the clock steps back.

    Args:
        now_ms: milliseconds since the epoch.
        entropy: `n` random bytes.
    """

    def __init__(self, now_ms: Callable[[], int], entropy: Callable[[int], bytes] = os.urandom) -> None:
        self._now_ms = now_ms
        self.entropy = entropy
        self._last = 0
        self._lock = threading.Lock()

    def new(self) -> str:
        """The next id, as 36 lower-case characters."""
        with self._lock:
            random = int.from_bytes(self.entropy(10), "big")
            # 48 bits of time, then 74 random bits; rising by one where time stands still or runs back.
            value = max((self._now_ms() << 74) | (random >> 6), self._last + 1)
            self._last = value
        time, tail = value >> 74, value & ((1 << 74) - 1)
        number = (time << 80) | (0x7 << 76) | ((tail >> 62) << 64) | (0b10 << 62) | (tail & ((1 << 62) - 1))
        return str(uuid.UUID(int=number))


def replay_id(store: str, key: str) -> str:
    """UUIDv5 of a store and the key of a line in a file: a second replay repeats nothing."""
    return str(uuid.uuid5(uuid.uuid5(_REPLAY, store), key))


def command_digest(command: bytes) -> str:
    """32 hexadecimal digits of what a command asks for: tell a repeat from a form that was changed under its id."""
    return hashlib.sha256(command).hexdigest()[:32]
