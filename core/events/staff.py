"""Facts about the people who work in the shop."""

from __future__ import annotations

from enum import StrEnum

from core.events.base import Event, fact, version


class Role(StrEnum):
    """What somebody is in the shop; `core.staff.permissions` says what that allows."""

    CASHIER = "cashier"
    GUIDE = "guide"
    MANAGER = "manager"
    IT = "it"


@fact
class StaffChanged(Event, frozen=True, kw_only=True, omit_defaults=True, tag="staff.changed"):
    """A person was added or changed; the whole person as they are from now on.

    Attributes:
        id: as it stands on receipts and in every fact that the person makes.
        active: whether they may sign in.
    """

    v: int = version(1)
    id: str
    name: str
    role: Role
    active: bool = True


@fact
class PinSet(Event, frozen=True, kw_only=True, omit_defaults=True, tag="staff.pin_set"):
    """A person was given a PIN. Nothing of the PIN is part of the fact."""

    v: int = version(1)
    id: str
