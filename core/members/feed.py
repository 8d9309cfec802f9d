"""Members of the store as head office tells of them: what was said at every till, in one row each."""

from __future__ import annotations

from collections.abc import Mapping

from core.database import Connection
from core.rows import MemberRow


def take(connection: Connection, rows: Mapping[str, MemberRow | None], terminal: str) -> None:
    """Keep what is told; none where nothing is any more. Inside the caller's transaction.

    Args:
        terminal: this one.
    """
    connection.executemany("DELETE FROM feed_member WHERE member = ?", [(member,) for member in rows])
    connection.executemany(
        "INSERT INTO feed_member (member, at, date, guide, touchpoint, purposes, withdrawn, commitment, state, known)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                member, row.at, row.date, row.guide, row.touchpoint, " ".join(row.purposes), " ".join(row.withdrawn),
                row.commitment, row.state, row.facts.get(terminal, 0),
            )
            for member, row in rows.items()
            if row
        ],
    )  # fmt: skip
