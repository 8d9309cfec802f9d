"""Batches of unit codes: issued, printed, put on sale, frozen."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from core.catalogue import queries as goods
from core.catalogue.product import Product, product_code
from core.codes import commands, queries, uri
from core.codes.life import UnitState
from core.codes.queries import Balance, Batch, BatchFilter
from core.codes.serial import BLOCK, TAIL
from core.database import Connection
from core.errors import BrokenWorldError, RefusedError
from core.events import (
    BatchChanged,
    CodesIssued,
    CodesPrinted,
    LabelReprinted,
    UnitStep,
)
from core.ids import command_digest, replay_id
from core.shop import blocks
from core.shop.keys import issuing_key
from core.shop.terminal import Actor, Session, Terminal, View
from core.shop.units import NEEDED, unit_of
from core.staff.permissions import Permission

_PART_OF = re.compile(
    r"(?P<batch>[^:]+)(?::(?:(?P<first>\d{1,8})|(?P<serial>[0-9A-Za-z]{16}))(?P<on>-(?P<last>\d{1,8})?)?)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch, what it is put on, and what it adds up to."""

    batch: Batch
    product: Product
    balance: Balance


def product_for_codes(view: View, code: str) -> Product:
    """The product that unit codes are wanted for.

    Raises:
        RefusedError: `unknown_product`; `no_gtin` for one with a code of the shop's own.
    """
    product = goods.find(view.connection, product_code(code))
    if product is None:
        raise RefusedError("unknown_product", code=code.strip()[:40])
    if not product.gtin:
        raise RefusedError("no_gtin", name=product.label)
    return product


def issue(
    terminal: Terminal,
    by: Actor,
    gtin: str,
    count: int,
    *,
    op: str = "",
    tick: Callable[[int], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Batch:
    """Issue a batch of codes, a block a step; the counter goes on.

    Args:
        op: of the form: sent again, what is issued already is not issued once more, and the rest follows.
        tick: told how many codes each step issued.
        stopped: asked before each step whether to go on; the batch then has what was issued.

    Returns:
        The batch; where it was stopped, with fewer codes than were asked for.

    Raises:
        RefusedError: `not_allowed`, `bad_count`, `unknown_product`, `no_gtin`, `issue_stopped` before the first code.
        BrokenWorldError: `issue_unfinished` where the world broke after the first codes.
    """
    commands.check_count(count)
    step = partial(_issue_part, by=by, op=op or terminal.ids.new(), gtin=gtin, asked=count)
    return _issue_parts(terminal, step, "", 0, count, tick=tick, stopped=stopped)


def issue_rest(
    terminal: Terminal,
    by: Actor,
    batch: str,
    *,
    tick: Callable[[int], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Batch:
    """Issue what a batch lacks that was broken off.

    Raises:
        RefusedError: `not_allowed`, `no_such_batch`, `made_elsewhere`.
        BrokenWorldError: as `issue`.
    """
    found = terminal.write(lambda session: queries.batch(session.connection, batch)).result()
    if found.made != "here":
        raise RefusedError("made_elsewhere", batch=found.name)
    step = partial(_issue_part, by=by, op=terminal.ids.new(), gtin=found.gtin, asked=found.asked)
    return _issue_parts(terminal, step, found.name, found.issued, found.asked, tick=tick, stopped=stopped)


def _issue_parts(
    terminal: Terminal,
    step: Callable[..., CodesIssued],
    batch: str,
    done: int,
    count: int,
    *,
    tick: Callable[[int], None],
    stopped: Callable[[], bool],
) -> Batch:
    while done < count and not stopped():
        try:
            event = terminal.write(partial(step, ordinal=done, batch=batch)).result()
        except BrokenWorldError as broken:
            if not done:
                raise
            raise BrokenWorldError("issue_unfinished", batch=batch, issued=done, asked=count) from broken
        except RefusedError as refused:
            if refused.code != "batch_already":
                raise
            # Somebody issued the rest of it meanwhile.
            done = terminal.write(partial(batch_row, name=batch)).result().batch.issued
            continue
        issued = len(event.tails) // TAIL
        batch, done = event.batch, done + issued
        tick(issued)
    if not done:
        raise RefusedError("issue_stopped")
    return terminal.write(partial(batch_row, name=batch)).result().batch


def _issue_part(
    session: Session, by: Actor, *, op: str, gtin: str, asked: int, ordinal: int, batch: str
) -> CodesIssued:
    session.require(by, Permission.ISSUE_CODES)
    product = product_for_codes(session, gtin)
    part = replay_id(op, str(ordinal))
    digest = command_digest(f"{product.gtin} {asked} {ordinal}".encode())
    key = issuing_key(session.home)

    def build(connection: Connection) -> CodesIssued:
        head = session.head(part, digest, by)
        wanted = min(asked - ordinal, BLOCK)
        span = commands.draw_span(blocks.next_number(connection, os.urandom), wanted, os.urandom, key)
        name = batch or next_batch(session, connection)
        return commands.issue_codes(head, name, product.gtin, asked=asked, ordinal=ordinal, span=span)

    return session.journal.record(part, digest, CodesIssued, build)


def next_batch(session: Session, connection: Connection) -> str:
    """The name of the next batch of this till."""
    return f"{session.receipt_prefix}-B{(queries.memory(connection, 'batches') or 0) + 1:04}"


def mark_printed(session: Session, by: Actor, batch: str, *, start: int, count: int, medium: str) -> CodesPrinted:
    """Labels of a batch came out.

    Raises:
        RefusedError: `not_allowed`, `no_such_batch`, `bad_part`.
    """
    session.require(by, Permission.ISSUE_CODES)
    found = queries.batch(session.connection, batch)
    _check_part(found, start, count)
    op = session.ids.new()
    digest = command_digest(f"{batch} {start} {count} {medium}".encode())
    event = commands.print_codes(session.head(op, digest, by), found.name, start, count, medium)
    return session.journal.record(op, digest, CodesPrinted, lambda _: event)


def say_of_batch(session: Session, by: Actor, text: str, step: UnitStep, reason: str = "") -> BatchChanged:
    """Put a batch or a part of it on sale, freeze a batch, or release it.

    Args:
        text: `BATCH`, or for a part `BATCH:FIRST-LAST`, counted from 1.

    Raises:
        RefusedError: `not_allowed`, `no_such_batch`, `bad_part`, `batch_already`; `said_of_units`, `said_of_whole` for
            what is not said of a batch, or not of a part.
    """
    session.require(by, NEEDED[step])
    found, start, count = part_of_batch(session, text)
    whole = (start, count) == (0, found.issued)
    if step not in (UnitStep.ON_SALE, UnitStep.FROZEN, UnitStep.RELEASED):
        raise RefusedError("said_of_units", batch=found.name)
    if step is not UnitStep.ON_SALE and not whole:
        raise RefusedError("said_of_whole", batch=found.name)
    if step is not UnitStep.ON_SALE and found.frozen is (step is UnitStep.FROZEN):
        raise RefusedError("batch_already", batch=found.name)
    op = session.ids.new()
    digest = command_digest(f"{found.name} {step} {start} {count} {reason}".encode())
    event = commands.change_batch(
        session.head(op, digest, by), found.name, step, start=start, count=count, reason=reason
    )
    return session.journal.record(op, digest, BatchChanged, lambda _: event)


def part_of_batch(view: View, text: str) -> tuple[Batch, int, int]:
    """A batch, and the place and the number of the codes that are meant.

    Args:
        text: `BATCH`, `BATCH:PLACE`, `BATCH:FIRST-LAST`, or `BATCH:FIRST-` to its end; places count from 1. The first
            may be told by its serial.

    Raises:
        RefusedError: `no_such_batch`, `bad_part`.
    """
    match = _PART_OF.fullmatch(text.strip())
    if match is None:
        raise RefusedError("no_such_batch", batch=text.strip()[:40])
    found = queries.batch(view.connection, match["batch"])
    first = int(match["first"] or 1)
    if serial := match["serial"]:
        place = queries.place_of(view.connection, serial.upper())
        if place is None or place.batch != found.number:
            raise RefusedError("bad_part", batch=found.name, issued=found.issued)
        first = place.ordinal + 1
    alone = (match["first"] or serial) and not match["on"]
    last = int(match["last"] or (first if alone else found.issued))
    _check_part(found, first - 1, last - first + 1)
    return found, first - 1, last - first + 1


def _check_part(found: Batch, start: int, count: int) -> None:
    if start < 0 or count < 1 or start + count > found.issued:
        raise RefusedError("bad_part", batch=found.name, issued=found.issued)


def reprint_label(session: Session, by: Actor, text: str, reason: str = "") -> LabelReprinted:
    """A spoiled label is printed again, with the same code.

    Raises:
        RefusedError: `not_allowed`, `unit_unknown`, `unit_void`, `made_elsewhere`, `bad_reason`, or why the code cannot
            be trusted.
    """
    session.require(by, Permission.ISSUE_CODES)
    unit = unit_of(session, text)
    if not unit.batch:
        raise RefusedError("unit_unknown", unit=unit.key)
    if unit.state is UnitState.VOID:
        raise RefusedError("unit_void", unit=unit.serial)
    if queries.batch(session.connection, unit.batch).made != "here":
        raise RefusedError("made_elsewhere", batch=unit.batch)
    op = session.ids.new()
    digest = command_digest(f"{unit.key} {reason}".encode())

    def build(connection: Connection) -> LabelReprinted:
        before = queries.find(connection, unit.key)
        return commands.reprint_label(session.head(op, digest, by), unit.key, before.labels if before else 0, reason)

    return session.journal.record(op, digest, LabelReprinted, build)


def batch_row(view: View, name: str) -> BatchRow:
    """A batch with what it adds up to.

    Raises:
        RefusedError: `no_such_batch`.
    """
    return _row(view, queries.batch(view.connection, name))


def batch_rows(
    view: View, text: str = "", only: BatchFilter = BatchFilter.ALL, before: int = 0, limit: int = 50
) -> list[BatchRow]:
    """Batches, newest first: all, or those of a name or of goods that are called so.

    Args:
        before: number of the last one that is known already.
    """
    gtins = tuple(product.code for product in goods.search(view.connection, text)) if text.strip() else ()
    found = queries.batches(view.connection, text=text.strip(), gtins=gtins, only=only, before=before, limit=limit)
    return [_row(view, batch) for batch in found]


def _row(view: View, batch: Batch) -> BatchRow:
    product = goods.find(view.connection, batch.gtin) or Product(batch.gtin, "")
    return BatchRow(batch, product, queries.balance(view.connection, batch))


def serials_of(view: View, name: str, start: int = 0, count: int | None = None) -> list[str]:
    """The codes of a batch, or of a part of it, in order.

    Raises:
        RefusedError: `no_such_batch`.
    """
    return list(queries.keys_of(view.connection, queries.batch(view.connection, name), start, count))


def uri_stem(view: View, gtin: str) -> str:
    """What the links of a product's codes begin with."""
    settings = view.settings
    return uri.stem(settings["resolver"], gtin, upper=settings["code_letters"] == "upper")
