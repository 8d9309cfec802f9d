"""What head office says to this terminal: channels of rows, taken in page by page.

A page and the cursor behind it are kept in one transaction. A channel that is told anew from its beginning is not
emptied first: its rows go on to hold until the last page shows which of them were told no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from core.database import Connection
from core.errors import RefusedError
from core.wire import LEVELS, Page, Row, Tally, channel_name

_STRAYS = 250
"""Rows that are swept away at once."""


def cursors(connection: Connection) -> dict[str, str]:
    """How far each channel is known."""
    return dict(connection.execute("SELECT channel, cursor FROM feed_channel").fetchall())


def take(connection: Connection, page: Page) -> list[str]:
    """Keep a page. Returns the keys under which something else is said now. Inside the caller's transaction."""
    connection.execute(
        "INSERT OR IGNORE INTO feed_channel (channel, cursor, round, count, digest) VALUES (?, '', 0, 0, ?)",
        (page.channel, bytes(32)),
    )
    if page.whole:
        connection.execute("UPDATE feed_channel SET round = round + 1 WHERE channel = ?", (page.channel,))
    changed = _put(connection, page.channel, page.rows)
    # The last page is settled first: rows that were told no more are still there. Until then nothing is known for sure:
    # head office may come back from an older copy and say that the cursor before these rows is all that there is.
    cursor = "" if page.last else page.cursor
    connection.execute("UPDATE feed_channel SET cursor = ? WHERE channel = ?", (cursor, page.channel))
    return changed


def sweep(connection: Connection, channel: str) -> list[str]:
    """Take away some of the rows that were told no more, and return their keys; none are left when there are none.
    Inside the caller's transaction.
    """
    rows = connection.execute(
        "SELECT key FROM feed_row WHERE channel = ?1"
        " AND round < (SELECT round FROM feed_channel WHERE channel = ?1) LIMIT ?2",
        (channel, _STRAYS),
    ).fetchall()
    return _put(connection, channel, [Row(key, "") for (key,) in rows])


def settle(connection: Connection, page: Page) -> bool:
    """Keep that a channel is known as far as its last page says. False, and it will be told anew, where what is here
    is not what head office has. Inside the caller's transaction.
    """
    (count, digest) = connection.execute(
        "SELECT count, digest FROM feed_channel WHERE channel = ?", (page.channel,)
    ).fetchone()
    whole = (count, bytes(digest).hex()) == (page.count, page.digest)
    cursor = page.cursor if whole else ""
    connection.execute("UPDATE feed_channel SET cursor = ? WHERE channel = ?", (cursor, page.channel))
    return whole


def start_anew(connection: Connection) -> None:
    """Everything will be told anew. Inside the caller's transaction."""
    connection.execute("UPDATE feed_channel SET cursor = ''")


def said(connection: Connection, scope: str, key: str) -> str:
    """What head office says of something: to this terminal rather than to its store, to its store rather than to the
    chain. Empty where it says nothing.
    """
    for level in reversed(LEVELS):
        row = connection.execute(
            "SELECT body FROM feed_row WHERE channel = ? AND key = ?", (channel_name(scope, level), key)
        ).fetchone()
        if row:
            return str(row[0])
    return ""


def rows(connection: Connection, scope: str) -> dict[str, str]:
    """All that head office says in a scope, by key."""
    found: dict[str, str] = {}
    for level in LEVELS:
        query = "SELECT key, body FROM feed_row WHERE channel = ?"
        found |= connection.execute(query, (channel_name(scope, level),)).fetchall()
    return found


def between(connection: Connection, scope: str, start: str, end: str) -> dict[str, str]:
    """What head office says in a scope under keys that begin with a date of a period (ISO 8601)."""
    found: dict[str, str] = {}
    for level in LEVELS:
        query = "SELECT key, body FROM feed_row WHERE channel = ? AND key >= ? AND key < ?"
        found |= connection.execute(query, (channel_name(scope, level), start, end + "\U0010ffff")).fetchall()
    return found


def under(connection: Connection, scope: str, prefix: str) -> Iterator[dict[str, str]]:
    """What head office says under keys that begin so, by the rest of the key: to this terminal, to its store, to the
    chain, where there is any.
    """
    channels = [channel_name(scope, level) for level in reversed(LEVELS)]
    rows = connection.execute(
        "SELECT channel, substr(key, ?), body FROM feed_row WHERE channel IN (?, ?, ?) AND key >= ? AND key < ?",
        (len(prefix) + 1, *channels, prefix, prefix + "\U0010ffff"),
    ).fetchall()
    for channel in channels if rows else ():
        if found := {rest: body for where, rest, body in rows if where == channel}:
            yield found


def has_any(connection: Connection, scope: str) -> bool:
    """Whether head office says anything in a scope."""
    channels = [channel_name(scope, level) for level in LEVELS]
    return (
        connection.execute("SELECT 1 FROM feed_row WHERE channel IN (?, ?, ?) LIMIT 1", channels).fetchone() is not None
    )


def dated_keys(connection: Connection, scope: str, after: str, last: str, *, behind: str, limit: int) -> list[str]:
    """Keys whose last characters are a date behind one date, up to another (ISO 8601), in their order.

    Args:
        behind: the last one that is known already.
    """
    channels = [channel_name(scope, level) for level in LEVELS]
    rows = connection.execute(
        "SELECT DISTINCT key FROM feed_row WHERE channel IN (?, ?, ?) AND key > ?"
        " AND substr(key, -10) > ? AND substr(key, -10) <= ? ORDER BY key LIMIT ?",
        (*channels, behind, after, last, limit),
    )
    return [key for (key,) in rows]


def keep_refusals(connection: Connection, scope: str, keys: Iterable[str], refused: Mapping[str, RefusedError]) -> None:
    """Keep which of these rows cannot hold here, and why. Inside the caller's transaction."""
    connection.executemany("DELETE FROM feed_refused WHERE scope = ? AND key = ?", [(scope, key) for key in keys])
    connection.executemany(
        "INSERT INTO feed_refused (scope, key, code, params) VALUES (?, ?, ?, ?)",
        [
            (scope, key, error.code, msgspec.json.encode(error.params, enc_hook=str).decode())
            for key, error in refused.items()
        ],
    )


def refused(connection: Connection) -> list[tuple[str, str, RefusedError]]:
    """What cannot hold here: scope, key, and why."""
    query = "SELECT scope, key, code, params FROM feed_refused ORDER BY scope, key"
    return [
        (scope, key, RefusedError(code, **msgspec.json.decode(params)))
        for scope, key, code, params in connection.execute(query)
    ]


def damaged(connection: Connection) -> list[str]:
    """Channels whose rows are not what they were when they were taken in."""
    found: dict[str, Tally] = {}
    for channel, key, body in connection.execute("SELECT channel, key, body FROM feed_row"):
        found.setdefault(channel, Tally()).change(key, "", body)
    return [
        channel
        for channel, count, digest in connection.execute("SELECT channel, count, digest FROM feed_channel")
        if found.pop(channel, Tally()) != Tally.of(count, bytes(digest))
    ] + list(found)


def _put(connection: Connection, channel: str, rows: list[Row]) -> list[str]:
    (told, count, digest) = connection.execute(
        "SELECT round, count, digest FROM feed_channel WHERE channel = ?", (channel,)
    ).fetchone()
    tally, changed = Tally.of(count, bytes(digest)), list[str]()
    for row in rows:
        found = connection.execute(
            "SELECT body FROM feed_row WHERE channel = ? AND key = ?", (channel, row.key)
        ).fetchone()
        before = found[0] if found else ""
        tally.change(row.key, before, row.body)
        if row.body:
            connection.execute(
                "INSERT INTO feed_row (channel, key, body, round) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (channel, key) DO UPDATE SET body = excluded.body, round = excluded.round",
                (channel, row.key, row.body, told),
            )
        else:
            connection.execute("DELETE FROM feed_row WHERE channel = ? AND key = ?", (channel, row.key))
        if before != row.body:
            changed.append(row.key)
    connection.execute(
        "UPDATE feed_channel SET count = ?, digest = ? WHERE channel = ?", (tally.count, tally.digest, channel)
    )
    return changed
