"""Facts about what head office found, and what somebody in the shop says of it."""

from __future__ import annotations

from enum import StrEnum

from core.events.base import Event, fact, version


class Outcome(StrEnum):
    """What somebody says of a matter."""

    OTHER_ITEM = "other_item"
    """Of a unit that was sold twice: the label of another item was scanned."""
    CORRECTED = "corrected"
    """It was put right with the customer."""
    UNEXPLAINED = "unexplained"
    SAME_PERSON = "same_person"
    TWO_PEOPLE = "two_people"
    """Of two members with one phone."""
    SEEN = "seen"
    """Somebody looked at it, and there is nothing to be done."""


@fact
class MatterSettled(Event, frozen=True, kw_only=True, omit_defaults=True, tag="matter.settled"):
    """Somebody answered for a matter: a conflict, or a fact that does not count as it says.

    Attributes:
        subject: key of the unit; of a fact, its SHA-256, hexadecimal.
        matter: what is the matter with it: `sold_twice`, `tenders_differ` …
        ops: of a conflict: ids of the facts that cannot all be true. Others that join them later are another matter.
    """

    v: int = version(1)
    subject: str
    matter: str
    ops: tuple[str, ...] = ()
    outcome: Outcome
    note: str = ""
