"""Invitations: a code with a random token, by which a person becomes a member with their own phone. Pure.

The token fits what WeChat and WeCom carry: a scene of a mini-program has at most 32 visible characters, a scene of an
official account 64, a state of WeCom's contact way 30. It holds nothing of a person.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from enum import StrEnum

VALID_MS = 10 * 60_000
"""For so long a code that is shown can be scanned."""

_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 16
"""As many as a unit's serial has: labels are made for either."""
_OWNER = 4
"""Signs of a token that tell whose it is."""

_TOKEN = re.compile(rf"[{_SIGNS}]{{{_LENGTH}}}", re.ASCII)


class InvitationState(StrEnum):
    """How an invitation stands, as far as it is known here."""

    SHOWN = "shown"
    WAITING = "waiting"
    """It was scanned, and is not answered yet."""
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    EXPIRED = "expired"
    OTHER_GUIDE = "other_guide"
    """They are another guide's, and stay so."""
    UNHEARD = "unheard"
    """Its time is over, and head office has not been heard since."""


DECIDED = frozenset({"confirmed", "refused", "expired", "other_guide"})
"""What head office says once and for all."""


def new_token(store: str, entropy: Callable[[int], bytes]) -> str:
    """A token of 60 random bits, behind which a store's sign stands: no other store can say that it is theirs."""
    number = int.from_bytes(entropy(8), "big")
    return "".join(_SIGNS[number >> 5 * place & 31] for place in range(_LENGTH - _OWNER)) + _owner(store)


def is_of(token: str, store: str) -> bool:
    """Whether a token is a store's."""
    return is_token(token) and token.endswith(_owner(store))


def _owner(store: str) -> str:
    number = int.from_bytes(hashlib.sha256(b"store\0" + store.encode()).digest()[:4], "big")
    return "".join(_SIGNS[number >> 5 * place & 31] for place in range(_OWNER))


def is_token(text: str) -> bool:
    """Whether a text can be a token."""
    return _TOKEN.fullmatch(text) is not None


def stem_of(resolver: str) -> str:
    """What links begin with that open the mini-program with a token; in capitals, for a small symbol.

    Args:
        resolver: host.
    """
    return f"https://{resolver}/B/".upper()


def link_of(resolver: str, token: str) -> str:
    """What stands in the code."""
    return stem_of(resolver) + token


def token_in(link: str) -> str:
    """The token of such a link, or of a scene of an official account's code; empty where there is none."""
    text = link.rpartition("/")[2].removeprefix("qrscene_").upper()
    return text if is_token(text) else ""
