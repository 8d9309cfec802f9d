"""What was answered for."""

from __future__ import annotations

from core.database import Connection
from core.tray.matters import Matter


def is_settled(connection: Connection, matter: Matter) -> bool:
    """Whether somebody here answered for all that a matter is about."""
    rows = connection.execute(
        "SELECT ops FROM settled_matter WHERE matter = ? AND subject = ?", (matter.what, matter.subject)
    )
    return any(set(matter.ops) <= set(ops.split()) for (ops,) in rows)
