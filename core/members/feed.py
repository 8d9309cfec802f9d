"""Members of the store as head office tells of them: what was said at every till, in one row each."""

from __future__ import annotations

from collections.abc import Mapping

from core.database import Connection
from core.rows import MemberRow


def take(connection: Connection, rows: Mapping[str, MemberRow | None]) -> dict[str, str]:
    """Keep what is told; none where nothing is any more. Whoever left stays gone, also where head office was brought
    back from before it knew. Inside the caller's transaction.

    Returns:
        What those are, left or erased, of whom head office tells that they are members.
    """
    gone = {
        member: state
        for member in rows
        for (state,) in connection.execute(
            "SELECT state FROM feed_member WHERE member = ? AND state <> 'active'", (member,)
        )
    }
    forgotten = {member: state for member, state in gone.items() if (row := rows[member]) and row.state == "active"}
    rows = {member: row for member, row in rows.items() if member not in gone or (row and row.state != "active")}
    connection.executemany("DELETE FROM feed_member WHERE member = ?", [(member,) for member in rows])
    connection.executemany(
        "INSERT INTO feed_member (member, at, date, guide, touchpoint, purposes, withdrawn, commitment, state, said,"
        " since, same_as, last) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                member, row.at, row.date, row.guide, row.touchpoint, " ".join(row.purposes), " ".join(row.withdrawn),
                row.commitment, row.state, " ".join(row.said), row.since, row.same_as, row.last,
            )
            for member, row in rows.items()
            if row
        ],
    )  # fmt: skip
    return forgotten
