"""PINs: what is one, how it is kept, and how long one must wait after wrong ones. Pure but for the hash's own salt."""

from __future__ import annotations

import hashlib
import hmac
import re

from core.errors import RefusedError

_PIN = re.compile(r"\d{4,8}", re.ASCII)
_SERIES = "01234567890123456789"

FREE_FAILURES, FINAL_FAILURES = 5, 15
"""Wrong PINs before the first wait; wrong PINs after which only a new PIN helps."""

SHORTEST_WAIT, LONGEST_WAIT = 30_000, 900_000
"""Ms until another PIN is tried."""

FOREVER = 2**62


def check_pin(pin: str) -> None:
    """Refuse what is no PIN, or one that everybody tries first.

    Raises:
        RefusedError: `bad_pin`, `simple_pin`.
    """
    if not _PIN.fullmatch(pin):
        raise RefusedError("bad_pin")
    if len(set(pin)) == 1 or pin in _SERIES or pin in _SERIES[::-1]:
        raise RefusedError("simple_pin")


def blocked_until(failures: int, now_ms: int) -> int:
    """The instant (ms since the epoch) before which no further PIN is tried, after so many wrong ones in a row."""
    if failures >= FINAL_FAILURES:
        return FOREVER
    if failures < FREE_FAILURES:
        return 0
    return now_ms + (SHORTEST_WAIT if failures < 2 * FREE_FAILURES else LONGEST_WAIT)


def hash_pin(pin: str, pepper: bytes) -> str:
    """The form in which a PIN is kept: argon2id (RFC 9106) over its HMAC under a key that does not lie in the file.

    Takes a tenth of a second and 64 MB; not for the writer's thread.
    """
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1).hash(_peppered(pin, pepper))


def pin_fits(pin: str, kept: str, pepper: bytes) -> bool:
    """Whether a PIN is the one that was kept. As slow as `hash_pin`."""
    from argon2 import PasswordHasher
    from argon2.exceptions import VerificationError

    try:
        return PasswordHasher().verify(kept, _peppered(pin, pepper))
    except VerificationError:
        return False


def _peppered(pin: str, pepper: bytes) -> bytes:
    return hmac.digest(pepper, pin.encode(), hashlib.sha256)
