"""What the chain is told of a terminal that may not speak any more: the blocks of codes that it never used are void."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, select

from core import events
from core.codes import serial
from core.events import CodesIssued, FactRehomed
from core.hq import feeds
from core.hq.database import Database
from core.hq.feeds import Feed
from core.hq.schema import BLOCK, EVENT, STREAM
from core.rows import RevocationRow

_FEED = Feed("revocations")
_AT_ONCE = 1_000


def tell(db: Database, store: str, terminal: str, now_ms: int) -> None:
    """Tell every terminal that this one was revoked.

    Raises:
        BrokenWorldError: `hq_database`.
    """

    def work(connection: Connection) -> None:
        owner = (BLOCK.c.store_id == store) & (BLOCK.c.terminal_id == terminal)
        leased = set(connection.execute(select(BLOCK.c.number).where(owner)).scalars())
        row = RevocationRow(now_ms, tuple(sorted(leased - _begun(connection, store, terminal))))
        feeds.change(connection, _FEED, {f"{store}:{terminal}": msgspec.json.encode(row).decode()})

    db.write(work)


def take_back(db: Database, store: str, terminal: str) -> None:
    """The terminal may speak again.

    Raises:
        BrokenWorldError: `hq_database`.
    """
    key = f"{store}:{terminal}"
    if db.read(lambda connection: feeds.rows_of(connection, _FEED, [key])):
        db.write(lambda connection: feeds.change(connection, _FEED, {key: ""}))


def _begun(connection: Connection, store: str, terminal: str) -> set[int]:
    """The leased blocks of which a terminal issued codes, by its facts."""
    facts = (
        select(EVENT.c.raw)
        .join(STREAM, (STREAM.c.store_id == EVENT.c.store_id) & (STREAM.c.stream_id == EVENT.c.stream_id))
        .where(STREAM.c.store_id == store, STREAM.c.terminal_id == terminal)
    )
    begun = set()
    for raw in connection.execute(facts.execution_options(yield_per=_AT_ONCE)).scalars():
        if b'"codes.issued"' not in bytes(raw):
            continue
        try:
            event = events.decode(bytes(raw))
            while isinstance(event, FactRehomed):
                event = events.decode(bytes(event.fact))
        except msgspec.MsgspecError:
            continue
        if isinstance(event, CodesIssued):
            begun.add(serial.block_of(event.first))
    return begun
