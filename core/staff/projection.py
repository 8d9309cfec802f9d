"""The people of the shop, as the facts left them."""

from __future__ import annotations

from core.database import Connection
from core.errors import RefusedError
from core.events import Event, Role, StaffChanged

TABLES = ("staff",)


def check(connection: Connection, event: Event) -> None:
    """A shop that has a manager keeps one."""
    if not isinstance(event, StaffChanged) or (event.role is Role.MANAGER and event.active):
        return
    managers = connection.execute("SELECT id FROM staff WHERE role = 'manager' AND active").fetchall()
    if managers == [(event.id,)]:
        raise RefusedError("last_manager", name=event.name)


def apply(connection: Connection, position: int, event: Event) -> None:
    if isinstance(event, StaffChanged):
        connection.execute(
            "INSERT INTO staff (id, name, role, active) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " name = excluded.name, role = excluded.role, active = excluded.active",
            (event.id, event.name, event.role.value, event.active),
        )
