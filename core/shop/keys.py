"""The keys under which the chain's codes are checked: every one that it ever had, each on its line, the newest last."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.errors import BrokenWorldError
from core.files import OWNER, write_whole

if TYPE_CHECKING:
    from core.shop.terminal import Home

_BYTES = 32


def chain_keys(home: Home) -> list[bytes]:
    """The keys, the newest first; none where no code was issued here.

    Raises:
        BrokenWorldError: `home_unusable` for a file that cannot be read or holds no keys.
    """
    try:
        keys = [bytes.fromhex(line) for line in home.code_keys.read_text("ascii").split()]
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise BrokenWorldError("home_unusable", home=home.folder, detail=f"{home.code_keys.name}: {error}") from error
    if any(len(key) != _BYTES for key in keys):
        raise BrokenWorldError("home_unusable", home=home.folder, detail=home.code_keys.name)
    return keys[::-1]


def adopt(home: Home, keys: Sequence[bytes]) -> None:
    """From now on, these are the chain's, too; the last of them is for new codes.

    Raises:
        BrokenWorldError: `home_unusable`.
    """
    known = [key for key in chain_keys(home)[::-1] if key not in keys]
    _keep(home, [*known, *keys])


def issuing_key(home: Home) -> bytes:
    """The key for new codes, made when it is first needed.

    Raises:
        BrokenWorldError: `home_unusable`.
    """
    if keys := chain_keys(home):
        return keys[0]
    key = os.urandom(_BYTES)
    _keep(home, [key])
    return key


def _keep(home: Home, keys: Sequence[bytes]) -> None:
    try:
        write_whole(home.code_keys, "".join(f"{key.hex()}\n" for key in keys).encode(), OWNER)
    except OSError as error:
        raise BrokenWorldError("home_unusable", home=home.folder, detail=error.strerror) from error
