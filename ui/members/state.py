"""What the Members page shows. Frozen; the page draws it and keeps nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.events import Purpose
from core.shop.invitations import Invitation
from core.shop.member_cards import Card
from core.shop.members import Member
from core.touchpoints.queries import Touchpoint


@dataclass(frozen=True, slots=True)
class Draft:
    """Somebody who is not a member yet.

    Attributes:
        op: of the binding that this may become.
        phone: masked.
        purposes: what they agree to so far; nothing to begin with.
        touchpoint: where they were won; empty for the counter.
    """

    op: str
    phone: str
    name: str = ""
    purposes: frozenset[Purpose] = frozenset()
    touchpoint: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """What is right of a record; what is empty stays as it is. No part of what a crash report could tell."""

    phone: str = field(default="", repr=False)
    name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class MembersState:
    """Who is looked for, and who is looked at.

    Attributes:
        entry: what was typed: a phone, a card, or four digits and a name.
        rows: whom that may mean; who was bound last, where nothing was typed.
        row: of the one who is looked at; -1 = none.
        draft: where the entry is a phone that nobody has.
        card: of the member who is looked at.
        correction: of their record, while it is set right.
        clear: their record in clear, once it was asked for.
        invitation: a code that somebody may scan with their own phone.
        thanks: somebody became a member just now.
        touchpoints: where somebody may be won.
        language: in which the customer reads what they agree to.
        asked: a step that is done when it is pressed once more: `leave` or `erase`.
        busy: something is on its way to the disk.
        said: what became of the last step.
        refused: whether that was a refusal.
    """

    language: str
    touchpoints: tuple[Touchpoint, ...] = ()
    entry: str = ""
    rows: tuple[Member, ...] = ()
    row: int = -1
    draft: Draft | None = None
    invitation: Invitation | None = None
    thanks: bool = False
    card: Card | None = None
    correction: Correction | None = None
    clear: str = field(default="", repr=False)
    asked: str = ""
    busy: bool = False
    said: str = ""
    refused: bool = False

    @property
    def purposes(self) -> frozenset[Purpose]:
        """What whoever is looked at agrees to."""
        if self.draft:
            return self.draft.purposes
        return frozenset(self.card.member.standing.purposes) if self.card else frozenset()
