"""Members of the store as head office tells of them: what was said at every till, in one row each."""

from __future__ import annotations

from collections.abc import Mapping

from core.database import Connection
from core.rows import MemberRow


def take(connection: Connection, rows: Mapping[str, MemberRow | None]) -> None:
    """Keep what is told; none where nothing is any more. Whoever left stays gone, also where head office was brought
    back from before it knew. Inside the caller's transaction.
    """
    gone = {
        member
        for member in rows
        if connection.execute("SELECT 1 FROM feed_member WHERE member = ? AND state <> 'active'", (member,)).fetchone()
    }
    rows = {member: row for member, row in rows.items() if member not in gone or (row and row.state != "active")}
    connection.executemany("DELETE FROM feed_member WHERE member = ?", [(member,) for member in rows])
    connection.executemany(
        "INSERT INTO feed_member (member, at, date, guide, touchpoint, purposes, withdrawn, commitment, state, said)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                member, row.at, row.date, row.guide, row.touchpoint, " ".join(row.purposes), " ".join(row.withdrawn),
                row.commitment, row.state, " ".join(row.said),
            )
            for member, row in rows.items()
            if row
        ],
    )  # fmt: skip
