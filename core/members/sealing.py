"""How records are sealed: each under a key of its own, which is sealed under the vault's; on the way, for a reader.

ChaCha20-Poly1305 (RFC 8439) throughout; for a reader, the key is agreed on by X25519 (RFC 7748) with a key pair that
is made for the one message, and derived by HKDF (RFC 5869). What a seal belongs to is authenticated with it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

KEY = 32
NONCE = 12
"""Bytes of keys, and of what makes each sealing different."""

WRAPPED = NONCE + KEY + 16
"""Bytes of a key that is sealed under another."""

_HINT_BITS = 20


class UnsealError(Exception):
    """It was sealed under another key, belongs to something else, or was changed."""


@dataclass(frozen=True, slots=True)
class Keys:
    """A vault's keys: one seals the members' keys, one makes hints, one opens what others seal for its owner."""

    wrapping: bytes
    hinting: bytes
    reading: bytes

    @classmethod
    def of(cls, kept: bytes) -> Keys:
        """The keys that follow from the one that is kept."""
        return cls(*(derived(kept, use) for use in ("vault", "hint", "reader")))


def derived(key: bytes, what_for: str) -> bytes:
    """A key for one use, of the one that is kept."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), KEY, None, b"sa1 " + what_for.encode()).derive(key)


def seal(key: bytes, plain: bytes, of: str, entropy: Callable[[int], bytes]) -> bytes:
    """Seal something under a key. Args: of: what it belongs to."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    nonce = entropy(NONCE)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, plain, of.encode())


def unseal(key: bytes, sealed: bytes, of: str) -> bytes:
    """What was sealed under a key.

    Raises:
        UnsealError: as it says.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    try:
        return ChaCha20Poly1305(key).decrypt(sealed[:NONCE], sealed[NONCE:], of.encode())
    except (InvalidTag, ValueError) as error:
        raise UnsealError from error


def public_half(key: bytes) -> bytes:
    """What others seal with for the owner of a key."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()


def seal_for(reader: bytes, plain: bytes, of: str, entropy: Callable[[int], bytes]) -> bytes:
    """Seal something so that one reader can open it. Args: reader: its `public_half`."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    once = X25519PrivateKey.from_private_bytes(entropy(KEY))
    public = once.public_key().public_bytes_raw()
    shared = once.exchange(X25519PublicKey.from_public_bytes(reader))
    return public + seal(derived(shared + public + reader, "box"), plain, of, entropy)


def open_sealed(key: bytes, box: bytes, of: str) -> bytes:
    """What was sealed for the owner of a key.

    Raises:
        UnsealError: as it says.
    """
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    own, public = X25519PrivateKey.from_private_bytes(key), box[:KEY]
    try:
        shared = own.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError as error:
        raise UnsealError from error
    return unseal(derived(shared + public + own.public_key().public_bytes_raw(), "box"), box[KEY:], of)


def hint_of(key: bytes, kind: str, text: str) -> int:
    """By what a record is looked for: 20 bits of a keyed hash. So few that many texts have the same one, and nobody
    who finds a hint, even with its key, can tell the text; the record itself decides.
    """
    digest = hmac.digest(key, f"{kind}\0{text}".encode("utf-8", "surrogatepass"), hashlib.sha256)
    return int.from_bytes(digest[:4], "big") >> (32 - _HINT_BITS)
