"""The touchpoints of the shop."""

from __future__ import annotations

from dataclasses import dataclass

from core.database import Connection
from core.events import TouchpointKind


@dataclass(frozen=True, slots=True)
class Touchpoint:
    """Where people meet the shop; `active`: something can still happen there."""

    id: str
    name: str
    category: TouchpointKind
    active: bool


def touchpoints(connection: Connection) -> dict[str, Touchpoint]:
    """Those that somebody named, by id."""
    rows = connection.execute("SELECT id, name, category, active FROM touchpoint ORDER BY id")
    return {id_: Touchpoint(id_, name, TouchpointKind(category), bool(on)) for id_, name, category, on in rows}
