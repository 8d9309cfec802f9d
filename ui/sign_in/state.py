"""What the sign-in page shows. Frozen; the page draws it and keeps nothing."""

from __future__ import annotations

from dataclasses import dataclass

from core.staff.queries import Person


@dataclass(frozen=True, slots=True)
class SignInState:
    """Who can sign in, who is about to, and how far.

    Attributes:
        chosen: id of the person whose PIN is typed.
        digits: how many were typed; the PIN itself is not part of what is shown.
        busy: the PIN is being looked at.
        complaint: why the last one was not let in.
    """

    people: tuple[Person, ...]
    chosen: str
    digits: int = 0
    busy: bool = False
    complaint: str = ""
