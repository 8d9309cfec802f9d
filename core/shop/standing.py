"""How it stands with head office: what a badge tells, and what is in the way in words."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import BrokenWorldError, RefusedError, StoreError
from core.shop.terminal import View
from core.shop.tray import open_matters
from core.sync import streams
from core.sync.hq import known_hq


@dataclass(frozen=True, slots=True)
class Status:
    """What a badge tells of head office.

    Attributes:
        waiting: facts that it does not have yet; `since` is when the oldest was recorded, ms since the epoch.
        contact: when it last answered, ms since the epoch; 0 = never.
        trouble: code of what is in the way; empty where nothing is.
        next_try: not before, ms since the epoch.
        matters: in the tray.
    """

    url: str
    waiting: int
    since: int | None
    contact: int
    trouble: str
    next_try: int
    matters: int


def status(view: View) -> Status | None:
    """How it stands with head office; none where this terminal has none."""
    hq = known_hq(view.connection)
    if hq is None:
        return None
    waiting = streams.waiting(view.connection)
    since = streams.oldest_waiting(view.connection) if waiting else None
    return Status(hq.url, waiting, since, hq.contact, hq.trouble, hq.next_try, len(open_matters(view)))


def heard_at(view: View) -> int:
    """When head office answered last, ms since the epoch; 0 = never."""
    hq = known_hq(view.connection)
    return hq.contact if hq else 0


def unsent(view: View) -> int:
    """Facts that head office does not have."""
    return streams.waiting(view.connection)


def trouble_of(code: str, waiting: int) -> StoreError:
    """What is in the way, for whoever is to read a sentence."""
    if code == "hq_unreachable":
        return BrokenWorldError("hq_away", count=waiting)
    if code == "hq_unbelievable":
        return BrokenWorldError("hq_unbelievable")
    if code == "lost_key":
        return RefusedError("lost_key")
    if code == "revoked":
        return RefusedError("revoked")
    return RefusedError("hq_refuses", reason=code)
