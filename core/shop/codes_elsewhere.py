"""Codes that were made elsewhere, by factories and platforms: lists and ranges of them are taken in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from core.catalogue import queries as goods
from core.catalogue.product import Product
from core.codes import commands, queries
from core.codes.elsewhere import Counting, checked_range, counting, unit_key
from core.codes.gs1 import gtin14
from core.codes.queries import Batch, BatchFilter
from core.codes.serial import as_serial
from core.database import Connection
from core.errors import BrokenWorldError, RefusedError
from core.events import CodeRangeRegistered, CodesRegistered
from core.ids import command_digest, replay_id
from core.sales.reading import read
from core.shop.codes import next_batch, product_for_codes
from core.shop.terminal import Actor, Session, Terminal, View
from core.shop.units import is_own_host
from core.staff.permissions import Permission

_LISTED = 1_000
"""Codes of a list in one fact: with the longest of them it stays below its limit."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a list of codes made elsewhere: the batch, where one was made, and what was refused."""

    batch: Batch | None
    refused: tuple[tuple[int, RefusedError], ...]


def take_in_list(
    terminal: Terminal,
    by: Actor,
    gtin: str,
    texts: Sequence[str],
    source: str,
    *,
    skip_bad: bool = False,
    op: str = "",
    tick: Callable[[int], None] = lambda _: None,
) -> Taken:
    """Take codes that were made elsewhere in, each a text as a scanner sends it.

    Args:
        gtin: of what they are on; those that say so themselves must say the same.
        skip_bad: leave refused codes out; without it one refused code refuses the list.

    Raises:
        RefusedError: `not_allowed`, `unknown_product`, `no_gtin`, `no_codes`.
        BrokenWorldError: `take_in_unfinished` where the world broke after the first codes; the same list goes on there.
    """
    product = terminal.write(partial(_may_take_in, by=by, gtin=gtin)).result()
    op = op or terminal.ids.new()
    begun = terminal.read(partial(_begun, gtin=product.gtin)).result()
    good: dict[str, None] = {}
    known = 0
    refused: list[tuple[int, RefusedError]] = []
    for start in range(0, len(texts), _LISTED):
        some = texts[start : start + _LISTED]
        for row, key in enumerate(
            terminal.read(partial(_keys, texts=some, gtin=product.gtin, begun=begun)).result(), start + 1
        ):
            if key is None:
                known += 1
            elif isinstance(key, RefusedError):
                refused.append((row, key))
            elif key in good:
                refused.append((row, RefusedError("code_taken", unit=key)))
            else:
                good[key] = None
    if refused and not skip_bad:
        return Taken(None, tuple(refused))
    codes, batch = list(good), ""
    if not codes:
        raise RefusedError("no_codes", file=source)
    done = known
    if begun and known:
        batch = begun.name
    for start in range(0, len(codes), _LISTED):
        asked = done + len(codes)
        part = partial(_take_in_part, by=by, op=op, gtin=product.gtin, asked=asked, ordinal=done + start, batch=batch)
        try:
            batch = terminal.write(partial(part, codes=codes[start : start + _LISTED], source=source)).result().batch
        except BrokenWorldError as broken:
            if not done + start:
                raise
            raise BrokenWorldError("take_in_unfinished", batch=batch, issued=done + start, asked=asked) from broken
        tick(len(codes[start : start + _LISTED]))
    return Taken(terminal.write(lambda session: queries.batch(session.connection, batch)).result(), tuple(refused))


def _may_take_in(session: Session, by: Actor, gtin: str) -> Product:
    session.require(by, Permission.ISSUE_CODES)
    return product_for_codes(session, gtin)


def _begun(view: View, gtin: str) -> Batch | None:
    """The list of that item that was broken off last: taken in again, it goes on where it ended."""
    for batch in queries.batches(view.connection, gtins=(gtin,), only=BatchFilter.UNFINISHED):
        if batch.made == "list":
            return batch
    return None


def _keys(view: View, texts: Sequence[str], gtin: str, begun: Batch | None) -> list[str | RefusedError | None]:
    """The name of each code in the register, or why it cannot have one; none for one that is in the list begun."""
    found: list[str | RefusedError | None] = []
    for text in texts:
        try:
            key = _key(view, text, gtin)
            if gtin14(key) or goods.find(view.connection, key):
                raise RefusedError("code_of_other_item", unit=key)
            place = queries.place_of(view.connection, key)
            if place and begun and place.batch == begun.number:
                found.append(None)
                continue
            if place:
                raise RefusedError("code_taken", unit=key)
            found.append(key)
        except RefusedError as reason:
            found.append(reason)
    return found


def _key(view: View, text: str, gtin: str) -> str:
    """How the register names a code that is on that item."""
    reading = read(text)
    key = unit_key(reading.keys, reading.text or text)
    keys = reading.keys
    if keys.gtin not in ("", gtin) or (keys.gtin and not keys.serial) or keys.sscc:
        # Without a serial it is on every piece alike.
        raise RefusedError("code_of_other_item", unit=key)
    if is_own_host(view, reading.text):
        raise RefusedError("code_of_own_host", unit=key)
    return key


def _take_in_part(
    session: Session,
    by: Actor,
    *,
    op: str,
    gtin: str,
    asked: int,
    ordinal: int,
    batch: str,
    codes: Sequence[str],
    source: str,
) -> CodesRegistered:
    part = replay_id(op, str(ordinal))
    digest = command_digest(f"{gtin} {asked} {' '.join(codes)}".encode())

    def build(connection: Connection) -> CodesRegistered:
        head = session.head(part, digest, by)
        name = batch or next_batch(session, connection)
        return commands.register_codes(head, name, gtin, asked=asked, ordinal=ordinal, codes=codes, source=source)

    return session.journal.record(part, digest, CodesRegistered, build)


def _items_between(view: View, start: Counting, end: Counting) -> Iterator[str]:
    """Codes of a range that are those of goods, or could be."""
    if not start.prefix:
        # Of ten numbers that follow each other one has the right check digit.
        numbers = range(start.number, min(end.number, start.number + 9) + 1)
        yield from filter(gtin14, (f"{number:0{start.digits}}" for number in numbers))
    for code in goods.codes_between(view.connection, start.key(start.number), start.key(end.number)):
        found = counting(code)
        if found and (found.prefix, found.digits) == (start.prefix, start.digits):
            yield code


def take_in_range(session: Session, by: Actor, gtin: str, *, first: str, last: str, op: str = "") -> Batch:
    """Take codes in that were made elsewhere and count from one to the other.

    Raises:
        RefusedError: `not_allowed`, `unknown_product`, `no_gtin`, `bad_range`, `bad_unit_code`, `code_taken`.
    """
    session.require(by, Permission.ISSUE_CODES)
    product = product_for_codes(session, gtin)
    first, last = (_key(session, end, product.gtin) for end in (first, last))
    start, end = checked_range(first, last)
    if as_serial(first) or as_serial(last):
        # What looks like our own codes is unguessable, and counts nothing.
        raise RefusedError("bad_range", first=first[:40], last=last[:40])
    if other := next(_items_between(session, start, end), ""):
        raise RefusedError("code_of_other_item", unit=other)
    op = op or session.ids.new()
    digest = command_digest(f"{product.gtin} {first} {last}".encode())

    def build(connection: Connection) -> CodeRangeRegistered:
        head = session.head(op, digest, by)
        name = next_batch(session, connection)
        return CodeRangeRegistered(head=head, batch=name, gtin=product.gtin, first=first, last=last)

    event = session.journal.record(op, digest, CodeRangeRegistered, build)
    return queries.batch(session.connection, event.batch)
