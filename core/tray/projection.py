"""Matters that somebody answered for here, so that they leave the tray before head office hears of it."""

from __future__ import annotations

from core.database import Connection
from core.events import Event, MatterSettled

TABLES = ("settled_matter",)


def check(connection: Connection, event: Event) -> None:
    """Anybody may say more of a matter at any time."""


def apply(connection: Connection, position: int, event: Event) -> None:
    if isinstance(event, MatterSettled):
        connection.execute(
            "INSERT INTO settled_matter (matter, subject, position, ops) VALUES (?, ?, ?, ?)",
            (event.matter, event.subject, position, " ".join(event.ops)),
        )
