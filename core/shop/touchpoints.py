"""Where people meet the shop: named, and asked for when a member is bound."""

from __future__ import annotations

from core.errors import RefusedError
from core.events import TouchpointChanged, TouchpointKind
from core.ids import command_digest
from core.shop.terminal import Actor, Session, View
from core.staff.permissions import Permission
from core.texts import mark, tr
from core.touchpoints.commands import COUNTER, change_touchpoint
from core.touchpoints.queries import Touchpoint, touchpoints

_COUNTER = mark("Counter")

KINDS = {
    TouchpointKind.OFFLINE: mark("Offline"),
    TouchpointKind.ONLINE: mark("Online"),
    TouchpointKind.SOCIAL: mark("Social"),
    TouchpointKind.BUSINESS: mark("Business"),
}


def all_touchpoints(view: View) -> list[Touchpoint]:
    """Every touchpoint, the counter first."""
    named = touchpoints(view.connection)
    counter = named.pop(COUNTER, Touchpoint(COUNTER, tr(_COUNTER), TouchpointKind.OFFLINE, active=True))
    return [counter, *named.values()]


def at_touchpoint(view: View, by: Actor, id_: str) -> Actor:
    """Somebody, acting at a touchpoint.

    Raises:
        RefusedError: `no_such_touchpoint` where the shop has none of that id, or nothing can happen there any more.
    """
    if id_ not in {one.id for one in all_touchpoints(view) if one.active}:
        raise RefusedError("no_such_touchpoint", text=id_[:40])
    return Actor(by.staff, id_)


def change(session: Session, by: Actor, id_: str, name: str, category: str, *, active: bool = True) -> Touchpoint:
    """Add a touchpoint, or change the one of that id. What is so already is left alone.

    Raises:
        RefusedError: `not_allowed`, `bad_touchpoint`, `bad_touchpoint_kind`, `counter_stays`.
    """
    before = touchpoints(session.connection).get(id_)
    if before and (before.name, before.category.value, before.active) == (" ".join(name.split()), category, active):
        return before
    session.require(by, Permission.CHANGE_SETTINGS)
    op = session.ids.new()
    digest = command_digest(f"{id_} {name} {category} {active}".encode())
    event = change_touchpoint(session.head(op, digest, by), id_, name, category, active=active)
    session.journal.record(op, digest, TouchpointChanged, lambda _: event)
    return touchpoints(session.connection)[id_]
