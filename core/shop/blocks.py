"""Blocks of unit codes: those that head office leased to this terminal's stream, else blocks of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.codes import queries, serial
from core.database import Connection
from core.rows import BlockRow, RevocationRow, read
from core.sync import feeds
from core.wire import BLOCKS


def next_number(connection: Connection, entropy: Callable[[int], bytes]) -> int:
    """The number of the next code: in the block that is begun, else the first of a new one.

    A block that another stream began, before this home was restored or copied, is left: its other copy may go on
    with it.
    """
    number = queries.memory(connection, "next")
    if number and number % serial.BLOCK and _is_ours(connection, number - 1):
        return number
    leased = next(_open_blocks(connection), None)
    return leased if leased is not None else serial.own_block(int.from_bytes(entropy(4), "big"))


def count_open(connection: Connection) -> int:
    """Blocks that were leased to the stream that is written now, and not begun."""
    return sum(1 for _ in _open_blocks(connection))


def is_void(connection: Connection, block: int) -> bool:
    """Whether a leased block is one of a terminal that was revoked before it used it."""
    rows = (read(body, RevocationRow) for body in feeds.rows(connection, "revocations").values())
    return any(row and block in row.blocks for row in rows)


def _open_blocks(connection: Connection) -> Iterator[int]:
    """Numbers of their first codes."""
    (stream,) = connection.execute("SELECT id FROM stream ORDER BY number DESC LIMIT 1").fetchone()
    for number, body in sorted(feeds.rows(connection, "blocks").items()):
        row = read(body, BlockRow)
        if row and row.stream == stream and number.isdecimal() and int(number) < BLOCKS:
            first = serial.leased_block(int(number))
            if not queries.is_begun(connection, first):
                yield first


def _is_ours(connection: Connection, number: int) -> bool:
    row = connection.execute(
        "SELECT journal.stream = (SELECT max(number) FROM stream) FROM code_run JOIN journal USING (position)"
        " WHERE first <= ? ORDER BY first DESC LIMIT 1",
        (number,),
    ).fetchone()
    return bool(row and row[0])
