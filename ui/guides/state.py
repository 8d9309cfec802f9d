"""What the Guides page shows. Frozen; the page draws it and keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.credit.queries import Credited
from core.shop.credits import GuideDay, Why
from core.staff.queries import Person

DISPUTE, DECIDE, HAND_OVER = "dispute", "decide", "hand_over"
"""What is filled in."""


@dataclass(frozen=True, slots=True)
class GuidesState:
    """A guide's day, and why a sale is theirs.

    Attributes:
        currency: ISO 4217 code.
        people: whose day may be looked at.
        names: what everybody is called, by id.
        day: none until it was read.
        row: of the sale that is looked at; -1 = none.
        why: of the sale that is looked at.
        form: `DISPUTE`, `DECIDE` or `HAND_OVER`; empty for none.
        code: link of the guide's own code, while it is shown.
        chosen: who is credited, alike; to whom members are handed over.
        reason: in words.
        busy: something is on its way to the disk.
        said: what became of the last step.
        refused: whether that was a refusal.
    """

    currency: str
    people: tuple[Person, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    day: GuideDay | None = None
    row: int = -1
    why: Why | None = None
    form: str = ""
    code: str = ""
    chosen: frozenset[str] = frozenset()
    reason: str = ""
    busy: bool = False
    said: str = ""
    refused: bool = False

    @property
    def rows(self) -> tuple[Credited, ...]:
        """What they are credited with here."""
        return self.day.credited if self.day else ()

    @property
    def others(self) -> tuple[Person, ...]:
        """Who can be chosen in a form."""
        own = self.day.person if self.day and self.form == HAND_OVER else ""
        return tuple(one for one in self.people if one.id != own)
