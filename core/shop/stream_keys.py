"""The private keys of this terminal's streams: in the system's keyring, or in a file that only its owner can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import keychain
from core.errors import BrokenWorldError
from core.files import OWNER, write_whole

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from core.shop.terminal import Home

_BYTES = 32


def new_key(home: Home) -> bytes:
    """Make a key and keep it. Returns its public half.

    Raises:
        BrokenWorldError: `home_unusable`.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    if not keychain.keep(public.hex(), key.private_bytes_raw()):
        try:
            # Those of earlier streams are still needed: head office may ask for their facts again.
            write_whole(home.key, b"".join([*_in_file(home), key.private_bytes_raw()]), OWNER)
        except OSError as error:
            raise BrokenWorldError("home_unusable", home=home.folder, detail=error.strerror) from error
    return public


def key_of(home: Home, public_key: bytes) -> Ed25519PrivateKey | None:
    """The key with this public half; none where it was lost.

    Raises:
        BrokenWorldError: `home_unusable` for a file that cannot be read.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    for private in (*_in_file(home), keychain.fetch(public_key.hex())):
        if private and len(private) == _BYTES:
            key = Ed25519PrivateKey.from_private_bytes(private)
            if key.public_key().public_bytes_raw() == public_key:
                return key
    return None


def _in_file(home: Home) -> list[bytes]:
    try:
        content = home.key.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise BrokenWorldError("home_unusable", home=home.folder, detail=error.strerror) from error
    return [content[place : place + _BYTES] for place in range(0, len(content), _BYTES)]
