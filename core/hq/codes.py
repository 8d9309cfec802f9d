"""What tills need to issue unit codes that all of the chain knows: its keys, and blocks of numbers of their own."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, func, insert, select

from core import wire
from core.errors import BrokenWorldError
from core.hq import feeds
from core.hq.feeds import Feed
from core.hq.home import HqHome
from core.hq.schema import BLOCK, CODE_KEY
from core.hq.streams import hold_everywhere, put_if_new
from core.rows import BlockRow
from core.wire import Certificate

STOCK = 8
"""Blocks that a till has in stock once it heard of them: 32,768 codes, whatever happens to the network."""

_LEAST = STOCK // 2
_KEY_BYTES, _MOST_KEYS = 32, 50
"""Of a key; that a store may bring with it."""

_log = logging.getLogger(__name__)


def chain_keys(connection: Connection) -> list[bytes]:
    """The keys, those that stores brought first; the last is head office's, and for new codes. None before the first
    till asked.
    """
    query = select(CODE_KEY.c.secret).order_by(CODE_KEY.c.store_id == "", CODE_KEY.c.added, CODE_KEY.c.secret)
    return list(dict.fromkeys(bytes(secret) for secret in connection.execute(query).scalars()))


def learn_keys(connection: Connection, by: Certificate, theirs: Sequence[bytes], now_ms: int) -> list[bytes]:
    """Learn the keys that a till has, and make head office's where there is none. Returns all of them."""
    known = chain_keys(connection)
    own = connection.execute(select(CODE_KEY.c.secret).where(CODE_KEY.c.store_id == "")).first()
    if own is None:
        put_if_new(connection, CODE_KEY, store_id="", secret=os.urandom(_KEY_BYTES), added=now_ms)
    count = select(func.count()).select_from(CODE_KEY).where(CODE_KEY.c.store_id == by.store)
    room = _MOST_KEYS - int(connection.execute(count).scalar_one())
    new = [key for key in theirs if key not in known]
    if len(new) > room:
        _log.warning("a store brings more keys than it may have", extra={"fields": {"store": by.store}})
    for key in new[: max(room, 0)]:
        put_if_new(connection, CODE_KEY, store_id=by.store, secret=key, added=now_ms)
    return chain_keys(connection)


def lacks_blocks(blocks: int | None) -> bool:
    """Whether a till that has so many blocks should get more."""
    return blocks is not None and blocks < _LEAST


def lease(connection: Connection, home: HqHome, by: Certificate, blocks: int, now_ms: int) -> None:
    """Lease blocks to a stream, until it has a stock of them. What was leased once is not leased again, whatever copy
    of its database head office was brought back from.

    Raises:
        BrokenWorldError: `home_unusable`.
    """
    hold_everywhere(connection)
    last = connection.execute(select(func.max(BLOCK.c.number))).scalar_one()
    first = max(0 if last is None else int(last) + 1, home.next_block())
    numbers = range(first, first + STOCK - blocks)
    if numbers.stop > wire.BLOCKS:
        raise BrokenWorldError("home_unusable", home=home.folder, detail="no blocks of codes are left")
    # Before it is committed: what was told to nobody is lost, and that is all.
    home.keep_next_block(numbers.stop)
    owner = {"store_id": by.store, "terminal_id": by.terminal, "stream_id": by.stream, "leased": now_ms}
    connection.execute(insert(BLOCK), [{**owner, "number": number} for number in numbers])
    body = msgspec.json.encode(BlockRow(by.stream)).decode()
    feeds.change(connection, Feed("blocks", by.store, by.terminal), {f"{number:09}": body for number in numbers})
