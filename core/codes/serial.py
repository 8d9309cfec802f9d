"""The serial of a unit code: how it is made, and how it is told from what merely looks like one. Pure.

Sixteen characters of thirty-two, five bits each, the first the most significant: where it was issued (format 2,
block 28), index 12, random 18, check 20. The first 42 bits are the code's *number*; all codes of a block follow each
other in it. The check is 20 bits of the keyed BLAKE2b (RFC 7693 §2.9) of the first 60 bits, under the chain's key.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 16
BLOCK = 4_096
"""Codes in a block."""

HEAD, TAIL = 6, 10
"""Characters that all codes of a block share, and those of its own."""

LEASED_FORMAT, OWN_FORMAT = 0, 1
"""Blocks that head office leases, each to one stream; and those that a terminal without head office draws at random."""

_SERIAL = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
_VALUES = {sign: value for value, sign in enumerate(ALPHABET)}
_PAIRS = [high + low for high in ALPHABET for low in ALPHABET]
_BLOCK_BITS, _INDEX_BITS, _RANDOM_BITS = 28, 12, 18
_CHECKED_BYTES = 8
_GAPS = re.compile(r"[ \-]")


@dataclass(frozen=True, slots=True)
class Span:
    """Codes of one block that follow each other.

    Attributes:
        first: number of the first code (42 bits).
        tails: what stands behind the block's six characters, ten characters a code.
    """

    first: int
    tails: str

    @property
    def count(self) -> int:
        return len(self.tails) // TAIL

    def serials(self) -> list[str]:
        """The whole serials, in order."""
        head = head_of(self.first)
        return [head + self.tails[place : place + TAIL] for place in range(0, len(self.tails), TAIL)]


def own_block(random: int) -> int:
    """Number of the first code of a block of one's own. Takes 28 random bits."""
    return ((OWN_FORMAT << _BLOCK_BITS) | random & ((1 << _BLOCK_BITS) - 1)) << _INDEX_BITS


def leased_block(number: int) -> int:
    """Number of the first code of a block that head office leased."""
    assert 0 <= number < 1 << _BLOCK_BITS
    return ((LEASED_FORMAT << _BLOCK_BITS) | number) << _INDEX_BITS


def block_of(number: int) -> int:
    """The number of the leased block that a code's number lies in; -1 where it lies in none."""
    form, block = divmod(number >> _INDEX_BITS, 1 << _BLOCK_BITS)
    return block if form == LEASED_FORMAT else -1


def mint(first: int, count: int, entropy: bytes, key: bytes) -> Span:
    """Make codes of one block.

    Args:
        first: number of the first; the last is still in its block.
        entropy: three random bytes a code.
        key: the chain's.
    """
    assert 0 < count <= BLOCK - first % BLOCK and len(entropy) == 3 * count
    keyed = _keyed(key)
    pairs, tails = _PAIRS, []
    for place in range(count):
        random = int.from_bytes(entropy[3 * place : 3 * place + 3], "big") >> 6
        body = (first + place) << _RANDOM_BITS | random
        digest = keyed.copy()
        digest.update(body.to_bytes(_CHECKED_BYTES, "big"))
        check = int.from_bytes(digest.digest(), "big") >> 4
        tails.append(
            pairs[body >> 20 & 1023]
            + pairs[body >> 10 & 1023]
            + pairs[body & 1023]
            + pairs[check >> 10]
            + pairs[check & 1023]
        )
    return Span(first, "".join(tails))


def head_of(number: int) -> str:
    """The six characters that all codes of a number's block begin with."""
    block = number >> _INDEX_BITS
    return _PAIRS[block >> 20] + _PAIRS[block >> 10 & 1023] + _PAIRS[block & 1023]


def number_of(serial: str) -> int:
    """Where a serial was issued, and as which of its block: its first 42 bits."""
    return _value(serial[:9]) >> 3


def is_genuine(serial: str, keys: Sequence[bytes]) -> bool:
    """Whether the check of a serial was made under one of these keys."""
    body, check = _value(serial[:12]).to_bytes(_CHECKED_BYTES, "big"), _value(serial[12:])
    for key in keys:
        digest = _keyed(key)
        digest.update(body)
        if int.from_bytes(digest.digest(), "big") >> 4 == check:
            return True
    return False


def as_serial(text: str) -> str:
    """A text as a serial: typed in groups or in small letters, too. Empty where it has not the form of one."""
    if len(text) < LENGTH:
        return ""
    bare = _GAPS.sub("", text).upper()
    return bare if _SERIAL.fullmatch(bare) else ""


def grouped(serial: str) -> str:
    """A serial as people read it: in groups of four. Others' serials stay as they are."""
    if not _SERIAL.fullmatch(serial):
        return serial
    return " ".join(serial[place : place + 4] for place in range(0, LENGTH, 4))


def _keyed(key: bytes) -> hashlib.blake2b:
    return hashlib.blake2b(digest_size=3, key=key)


def _value(signs: str) -> int:
    value = 0
    for sign in signs:
        value = value << 5 | _VALUES[sign]
    return value
