"""The touchpoints of the shop, as the facts left them."""

from __future__ import annotations

from core.database import Connection
from core.errors import RefusedError
from core.events import Event, TouchpointChanged
from core.touchpoints.commands import COUNTER

TABLES = ("touchpoint",)


def check(connection: Connection, event: Event) -> None:
    """The counter stays."""
    if isinstance(event, TouchpointChanged) and event.id == COUNTER and not event.active:
        raise RefusedError("counter_stays")


def apply(connection: Connection, position: int, event: Event) -> None:
    if isinstance(event, TouchpointChanged):
        connection.execute(
            "INSERT INTO touchpoint (id, name, category, active) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " name = excluded.name, category = excluded.category, active = excluded.active",
            (event.id, event.name, event.category.value, event.active),
        )
