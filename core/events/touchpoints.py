"""Facts about where people meet the shop."""

from __future__ import annotations

from enum import StrEnum

from core.events.base import Event, fact, version


class TouchpointKind(StrEnum):
    """The four fields in which people meet a shop."""

    OFFLINE = "offline"
    """Counter, shelf, poster, parcel."""
    ONLINE = "online"
    """Mini-program, web shop."""
    SOCIAL = "social"
    """Community group, a guide's circle."""
    BUSINESS = "business"
    """Partners, companies, events."""


@fact
class TouchpointChanged(Event, frozen=True, kw_only=True, omit_defaults=True, tag="touchpoint.changed"):
    """A touchpoint was added or changed; the whole of it as it is from now on.

    Attributes:
        id: as it stands in the head of every fact that happened there.
        active: whether anything can still happen there.
    """

    v: int = version(1)
    id: str
    name: str
    category: TouchpointKind
    active: bool = True
