"""What other tills said of units, and what nobody may sell, as head office tells it."""

from __future__ import annotations

from collections.abc import Mapping

from core import events
from core.codes.life import Elsewhere, UnitState
from core.database import Connection


def take(connection: Connection, changes: Mapping[str, Elsewhere | None]) -> None:
    """Let the feed say this of these units, none: nothing. Inside the caller's transaction."""
    for unit, said in changes.items():
        if said is None:
            connection.execute("DELETE FROM feed_unit WHERE unit = ?", (unit,))
        else:
            connection.execute(
                "INSERT OR REPLACE INTO feed_unit (unit, gtin, state, store, terminal, receipt, at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (unit, said.gtin, said.state, said.store, said.terminal, said.receipt, said.at),
            )


def find(connection: Connection, unit: str) -> Elsewhere | None:
    """What was said of a unit elsewhere; none where this till said something later, or nobody said anything."""
    row = connection.execute(
        "SELECT gtin, state, store, terminal, receipt, at FROM feed_unit WHERE unit = ?", (unit,)
    ).fetchone()
    if row is None:
        return None
    gtin, state, store, terminal, receipt, at = row
    last = connection.execute(
        "SELECT event FROM unit_fact JOIN journal USING (position) WHERE unit = ? ORDER BY position DESC LIMIT 1",
        (unit,),
    ).fetchone()
    if last and events.decode(last[0]).head.at >= at:
        return None
    return Elsewhere(gtin, UnitState(state), store, terminal, receipt, at)


def take_freezes(connection: Connection, changes: Mapping[str, str | None]) -> None:
    """Let nobody sell these subjects from now on, for these reasons; none: they may be sold again. Inside the caller's
    transaction.
    """
    for subject, reason in changes.items():
        connection.execute("DELETE FROM feed_freeze WHERE subject = ?", (subject,))
        if reason is not None:
            connection.execute("INSERT INTO feed_freeze (subject, reason) VALUES (?, ?)", (subject, reason))


def recall(connection: Connection, *subjects: str) -> str | None:
    """Why head office lets nobody sell any of these: products, units, batches; none where it does."""
    places = ", ".join("?" * len(subjects))
    row = connection.execute(f"SELECT reason FROM feed_freeze WHERE subject IN ({places})", subjects).fetchone()
    return str(row[0]) if row else None
