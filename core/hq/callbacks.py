"""What WeChat calls head office back with: signed, as XML, more than once, late, in any order. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from core.members.invitation import token_in

_FRESH_MS = 600_000
"""An older signature is one that somebody kept."""

LARGEST = 16 * 1024
"""Bytes of a callback."""


@dataclass(frozen=True, slots=True)
class Scan:
    """Somebody scanned a code.

    Attributes:
        event: `subscribe` for who did not follow before, `SCAN` for who did.
        at: ms since the epoch, as WeChat says.
    """

    openid: str
    token: str
    event: str
    at: int

    @property
    def digest(self) -> bytes:
        """The same for a callback that comes again: WeChat has no better name for events."""
        return hashlib.sha256(f"{self.openid}\0{self.at}\0{self.event}\0{self.token}".encode()).digest()


def is_signed(token: str, query: Mapping[str, str], now_ms: int) -> bool:
    """Whether WeChat signed a callback just now: SHA-1 of token, time and nonce in the order of their texts."""
    at = query.get("timestamp", "")
    if not at.isascii() or not at.isdecimal() or len(at) > 11 or abs(int(at) * 1000 - now_ms) > _FRESH_MS:
        return False
    parts = sorted((token, query.get("timestamp", ""), query.get("nonce", "")))
    made = hashlib.sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()
    return hmac.compare_digest(made.encode(), query.get("signature", "").encode("utf-8", "replace"))


def read_scan(body: bytes) -> Scan | None:
    """The scan that a callback tells of; none where it tells of something else.

    Raises:
        ValueError: it is no callback.
    """
    # In UTF-8, as WeChat's are: in another encoding a declaration would not be seen.
    if len(body) > LARGEST or b"<!DOCTYPE" in body or b"<!ENTITY" in body or b"\0" in body:
        raise ValueError("no callback")
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, LookupError) as error:
        raise ValueError(str(error)) from None
    said = {child.tag: (child.text or "").strip() for child in root}
    at, openid = said.get("CreateTime", ""), said.get("FromUserName", "")
    if root.tag != "xml" or not openid or len(openid) > 64 or not at.isascii() or not at.isdecimal() or len(at) > 11:
        raise ValueError("no callback")
    event, token = said.get("Event", ""), token_in(said.get("EventKey", ""))
    if said.get("MsgType") != "event" or event not in ("subscribe", "SCAN") or not token:
        return None
    return Scan(openid, token, event, int(at) * 1000)
