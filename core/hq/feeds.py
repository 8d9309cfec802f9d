"""What terminals are to know: rows of feeds, changed here, fetched by them page by page.

Each change of a feed has a number that follows the one before, given in the transaction that makes the change: so a
terminal that has seen one has seen all before it. Rows that are gone stay as empty ones, that terminals hear of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, select, text, update

from core.hq.findings import count_findings
from core.hq.schema import FEED, FEED_HEAD
from core.hq.streams import put_if_new
from core.wire import LEVELS, PAGE_BYTES, PAGE_ROWS, Certificate, Page, Row, Tally, channel_name

_AT_ONCE = 500
_PUT = text(
    "INSERT INTO feed (store_id, terminal_id, scope, key, change, body)"
    " VALUES (:store_id, :terminal_id, :scope, :key, :change, :body)"
    " ON CONFLICT (store_id, terminal_id, scope, key) DO UPDATE SET change = excluded.change, body = excluded.body"
)


@dataclass(frozen=True, slots=True)
class Feed:
    """What is fed to whom: to a terminal, to a store, or, where neither is named, to the chain."""

    scope: str
    store: str = ""
    terminal: str = ""

    @property
    def key(self) -> dict[str, str]:
        """Its place in the tables."""
        return {"store_id": self.store, "terminal_id": self.terminal, "scope": self.scope}

    @property
    def channel(self) -> str:
        """Its name among terminals."""
        return channel_name(self.scope, LEVELS[bool(self.store) + bool(self.terminal)])


@dataclass(frozen=True, slots=True)
class Fed:
    """What a change of a feed came to."""

    added: int
    updated: int
    removed: int
    unchanged: int


def rows_of(connection: Connection, feed: Feed, keys: Iterable[str]) -> dict[str, str]:
    """The bodies under these keys, where there are any."""
    found: dict[str, str] = {}
    for part in _parts(keys):
        query = select(FEED.c.key, FEED.c.body).where(*_is(FEED, feed), FEED.c.key.in_(part))
        found |= {key: body for key, body in connection.execute(query) if body}
    return found


def keys_of(connection: Connection, feed: Feed) -> list[str]:
    """Every key under which there is something."""
    query = select(FEED.c.key).where(*_is(FEED, feed), FEED.c.body != "").order_by(FEED.c.key)
    return list(connection.execute(query).scalars())


def change(connection: Connection, feed: Feed, bodies: Mapping[str, str]) -> Fed:
    """Let a feed say this under these keys; an empty body takes a key away. What is said already stays as it is."""
    head = hold(connection, feed)
    number, tally = head.change, Tally.of(head.count, bytes(head.digest))
    added = updated = removed = unchanged = 0
    for part in _parts(bodies):
        before = rows_of(connection, feed, part)
        changed = []
        for key in part:
            old, new = before.get(key, ""), bodies[key]
            if old == new:
                unchanged += 1
                continue
            added += not old
            updated += bool(old and new)
            removed += not new
            number += 1
            tally.change(key, old, new)
            changed.append({**feed.key, "key": key, "change": number, "body": new})
        if changed:
            connection.execute(_PUT, changed)
    connection.execute(
        update(FEED_HEAD).where(*_is(FEED_HEAD, feed)).values(change=number, count=tally.count, digest=tally.digest)
    )
    return Fed(added, updated, removed, unchanged)


def count_rows(connection: Connection) -> int:
    """Rows of all feeds."""
    return int(connection.execute(select(func.count()).select_from(FEED).where(FEED.c.body != "")).scalar_one())


def damaged(connection: Connection) -> list[str]:
    """Feeds whose rows are not what their heads say."""
    found: dict[Feed, Tally] = {}
    columns = [FEED.c[name] for name in ("scope", "store_id", "terminal_id", "key", "body")]
    for *where, key, body in connection.execute(select(*columns).execution_options(yield_per=_AT_ONCE)):
        found.setdefault(Feed(*where), Tally()).change(key, "", body)
    heads = connection.execute(select(FEED_HEAD)).all()
    told = {
        Feed(head.scope, head.store_id, head.terminal_id): Tally.of(head._mapping["count"], bytes(head.digest))
        for head in heads
    }
    return sorted(
        f"{feed.scope} {feed.store} {feed.terminal}".rstrip()
        for feed in found.keys() | told.keys()
        if found.get(feed, Tally()) != told.get(feed, Tally())
    )


def next_page(connection: Connection, by: Certificate, cursors: Mapping[str, str], now_ms: int) -> Page:
    """The next rows of a channel of which a terminal does not know everything; an empty page where it does."""
    unknown = set(cursors)
    for store, terminal in (("", ""), (by.store, ""), (by.store, by.terminal)):
        heads = connection.execute(
            select(FEED_HEAD)
            .where(FEED_HEAD.c.store_id == store, FEED_HEAD.c.terminal_id == terminal)
            .order_by(FEED_HEAD.c.scope)
        ).all()
        for head in heads:
            feed = Feed(head.scope, store, terminal)
            unknown.discard(feed.channel)
            cursor = cursors.get(feed.channel, "")
            if cursor != _cursor(head.change, head.digest):
                return _page(connection, feed, head, cursor, now_ms)
    # A terminal knows them of a head office that was brought back from an older copy since: nothing of it holds.
    nothing, none = bytes(32), _cursor(0, bytes(32))
    for channel in sorted(unknown):
        if cursors[channel] != none:
            return Page(channel=channel, whole=True, cursor=none, digest=nothing.hex(), time=now_ms)
    return Page(set_aside=count_findings(connection, by.store, by.terminal), time=now_ms)


def _page(connection: Connection, feed: Feed, head: Any, cursor: str, now_ms: int) -> Page:
    number = cursor.partition(".")[0]
    seen = int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else -1
    # What this head office never said was said by one that is not any more: it was brought back from an older copy.
    whole = not 0 <= seen <= head.change
    rows: list[Row] = []
    size, last = 0, True
    query = (
        select(FEED.c.key, FEED.c.body, FEED.c.change)
        .where(*_is(FEED, feed), FEED.c.change > (0 if whole else seen))
        .order_by(FEED.c.change)
        .limit(PAGE_ROWS + 1)
    )
    at = 0 if whole else seen
    for key, body, changed in connection.execute(query):
        size += len(key.encode()) + len(body.encode())
        if len(rows) == PAGE_ROWS or (rows and size > PAGE_BYTES):
            last = False
            break
        rows.append(Row(key, body))
        at = changed
    return Page(
        channel=feed.channel,
        whole=whole,
        rows=rows,
        cursor=_cursor(head.change, head.digest) if last else str(at),
        last=last,
        count=head.count,
        digest=bytes(head.digest).hex(),
        time=now_ms,
    )


def _cursor(change: int, digest: bytes) -> str:
    """Where a terminal is that knows everything up to a change."""
    return f"{change}.{bytes(digest).hex()[:16]}"


def hold(connection: Connection, feed: Feed) -> Any:
    """The head of a feed; nobody else changes the feed until the transaction ends."""
    put_if_new(connection, FEED_HEAD, **feed.key, change=0, count=0, digest=bytes(32))
    return connection.execute(select(FEED_HEAD).where(*_is(FEED_HEAD, feed)).with_for_update()).one()


def _is(table: Any, feed: Feed) -> tuple[Any, ...]:
    return tuple(table.c[name] == value for name, value in feed.key.items())


def _parts(keys: Iterable[str]) -> Iterator[list[str]]:
    left = iter(keys)
    while part := list(islice(left, _AT_ONCE)):
        yield part
