"""What the Staff page shows. Frozen; the page draws it and keeps nothing."""

from __future__ import annotations

from dataclasses import dataclass

from core.events import Role
from core.staff.queries import Person


@dataclass(frozen=True, slots=True)
class PersonDraft:
    """A person as they are filled in.

    Attributes:
        pin: a new one, or empty to leave it as it is.
    """

    id: str = ""
    name: str = ""
    role: str = Role.CASHIER.value
    active: bool = True
    pin: str = ""


@dataclass(frozen=True, slots=True)
class StaffState:
    """Everybody, and the one who is being changed.

    Attributes:
        known: id of the person who is being changed; empty for a new one.
        busy: the person is on their way to the disk.
        said: what became of the last step.
        refused: whether that was a refusal.
    """

    people: tuple[Person, ...] = ()
    draft: PersonDraft = PersonDraft()
    known: str = ""
    busy: bool = False
    said: str = ""
    refused: bool = False
