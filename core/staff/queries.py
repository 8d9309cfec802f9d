"""The people of the shop, and their PINs on this terminal."""

from __future__ import annotations

from dataclasses import dataclass

from core.database import Connection
from core.events import Role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works in the shop. `has_pin`: can sign in on this terminal."""

    id: str
    name: str
    role: Role
    active: bool
    has_pin: bool


def people(connection: Connection) -> dict[str, Person]:
    """Everybody by id, also those who left."""
    rows = connection.execute(
        "SELECT id, name, role, active, EXISTS (SELECT 1 FROM local_pin WHERE staff = staff.id) FROM staff ORDER BY id"
    )
    return {id_: Person(id_, name, Role(role), bool(active), bool(pin)) for id_, name, role, active, pin in rows}
