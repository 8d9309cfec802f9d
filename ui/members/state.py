"""What the Members page shows. Frozen; the page draws it and keeps nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from core.errors import RefusedError
from core.events import Purpose
from core.money import parse_amount
from core.shop.invitations import Invitation
from core.shop.member_cards import Card
from core.shop.members import Member
from core.shop.rewards import Gift
from core.touchpoints.queries import Touchpoint

_POINTS = re.compile(r"\s*([+-]?\d{1,9})?\s*", re.ASCII)


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
    name: str = field(default="", repr=False)
    purposes: frozenset[Purpose] = frozenset()
    touchpoint: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """What is right of a record; what is empty stays as it is. No part of what a crash report could tell."""

    phone: str = field(default="", repr=False)
    name: str = field(default="", repr=False)

    @property
    def is_ready(self) -> bool:
        """Whether something is right now."""
        return bool(self.phone or self.name)


@dataclass(frozen=True, slots=True)
class GiftForm:
    """Points and a coupon for a member, as they were typed; what is empty is not given."""

    points: str = ""
    reason: str = ""
    off: str = ""
    least: str = ""
    until: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether there is something to give."""
        return bool(self.points or self.off)

    def read(self, currency: str) -> Gift:
        """What was typed.

        Raises:
            RefusedError: `bad_points`, `bad_amount`.
        """
        match = _POINTS.fullmatch(self.points)
        if not match:
            raise RefusedError("bad_points")
        off, least = (parse_amount(text, currency) if text else 0 for text in (self.off, self.least))
        return Gift(int(match[1] or 0), self.reason, off, least, self.until.strip())


@dataclass(frozen=True, slots=True)
class MembersState:
    """Who is looked for, and who is looked at.

    Attributes:
        entry: what was typed: a phone, a card, or four digits and a name.
        rows: whom that may mean; who was bound last, where nothing was typed.
        row: of the one who is looked at; -1 = none.
        draft: where the entry is a phone that nobody has.
        card: of the member who is looked at.
        form: what is filled in about them: how their record is set right, or what they are given.
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
    entry: str = field(default="", repr=False)
    rows: tuple[Member, ...] = ()
    row: int = -1
    draft: Draft | None = None
    invitation: Invitation | None = None
    thanks: bool = False
    card: Card | None = None
    form: Correction | GiftForm | None = None
    clear: str = field(default="", repr=False)
    asked: str = ""
    busy: bool = False
    said: str = ""
    refused: bool = False

    @property
    def correction(self) -> Correction | None:
        """How their record is set right, while that is filled in."""
        return self.form if isinstance(self.form, Correction) else None

    @property
    def gift(self) -> GiftForm | None:
        """What they are given, while that is filled in."""
        return self.form if isinstance(self.form, GiftForm) else None

    @property
    def purposes(self) -> frozenset[Purpose]:
        """What whoever is looked at agrees to."""
        if self.draft:
            return self.draft.purposes
        return frozenset(self.card.member.standing.purposes) if self.card else frozenset()
