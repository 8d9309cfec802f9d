"""The four marks of a relation that the shop owns: connected, identified, reachable, active; each with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.events import Purpose
from core.members.queries import Standing
from core.texts import mark


class Tie(StrEnum):
    """What ties a member to the shop."""

    CONNECTED = "connected"
    IDENTIFIED = "identified"
    REACHABLE = "reachable"
    ACTIVE = "active"


NAMES: Mapping[Tie, str] = {
    Tie.CONNECTED: mark("Connected"),
    Tie.IDENTIFIED: mark("Identified"),
    Tie.REACHABLE: mark("Reachable"),
    Tie.ACTIVE: mark("Active"),
}

WHY: Mapping[tuple[Tie, bool], str] = {
    (Tie.CONNECTED, True): mark("agreed to be a member"),
    (Tie.CONNECTED, False): mark("has left"),
    (Tie.IDENTIFIED, True): mark("the phone is known"),
    (Tie.IDENTIFIED, False): mark("the record is not on this terminal"),
    (Tie.REACHABLE, True): mark("may be contacted"),
    (Tie.REACHABLE, False): mark("wants no contact and no offers"),
    (Tie.ACTIVE, True): mark("bought within {days} days"),
    (Tie.ACTIVE, False): mark("bought nothing for {days} days"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One of them: whether it holds; `days` is over how many it is asked who bought."""

    tie: Tie
    holds: bool
    days: int


def marks_of(standing: Standing, *, has_record: bool, last_bought: str, today: str, days: int) -> tuple[Mark, ...]:
    """The marks of a member.

    Args:
        last_bought, today: business dates; the first is empty where nothing was bought.
        days: within which whoever bought is active.
    """
    since = (date.fromisoformat(today) - timedelta(days=days - 1)).isoformat()
    reachable = has_record and bool({Purpose.CONTACT, Purpose.MARKETING} & set(standing.purposes))
    holds = {
        Tie.CONNECTED: standing.is_active,
        Tie.IDENTIFIED: has_record,
        Tie.REACHABLE: reachable,
        Tie.ACTIVE: bool(last_bought) and last_bought >= since,
    }
    return tuple(Mark(tie, holds[tie], days) for tie in Tie)
