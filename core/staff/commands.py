"""What a person can do to the list of people."""

from __future__ import annotations

import re

from core.errors import RefusedError
from core.events import Head, PinSet, Role, StaffChanged
from core.privacy import check_words

SYSTEM_ID = "system"
LONGEST_NAME = 40

_ID = re.compile(r"[\w-]{1,20}")


def check_id(id_: str) -> None:
    """Refuse what cannot be a person's id.

    Raises:
        RefusedError: `bad_person`, `payment_code` for what must never be kept.
    """
    check_words(id_)
    if not _ID.fullmatch(id_) or id_ == SYSTEM_ID:
        raise RefusedError("bad_person", text=id_[:40])


def change_person(head: Head, id_: str, name: str, role: str, *, active: bool) -> StaffChanged:
    """The fact that a person is from now on as given.

    Raises:
        RefusedError: as `check_person`.
    """
    name, checked = check_person(id_, name, role)
    return StaffChanged(head=head, id=id_, name=name, role=checked, active=active)


def check_person(id_: str, name: str, role: str) -> tuple[str, Role]:
    """Name and role of somebody, as they are kept.

    Raises:
        RefusedError: `bad_person`, `bad_person_name`, `bad_role`, `payment_code` for what must never be kept.
    """
    check_id(id_)
    check_words(name)
    name = " ".join(name.split())
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        raise RefusedError("bad_person_name", text=name[:40])
    if role not in set(Role):
        raise RefusedError("bad_role", text=role[:40], roles=", ".join(Role))
    return name, Role(role)


def set_pin(head: Head, id_: str) -> PinSet:
    """The fact that a person was given a PIN."""
    return PinSet(head=head, id=id_)
