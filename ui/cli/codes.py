"""issue, codes, unit, and what is said of units: on-sale, missing, void, freeze."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from core.clock import iso_time
from core.codes.life import Unit, UnitState
from core.codes.queries import Batch
from core.codes.serial import grouped
from core.errors import RefusedError
from core.events import UnitStep
from core.shop import codes, codes_elsewhere, labels, units
from core.shop.codes import BatchRow
from core.shop.labels import Job, Options
from core.shop.terminal import Actor, Session, Terminal, View
from core.staff.permissions import Permission
from core.texts import readable, sentence, tr
from ui.cli.output import Answer, Progress, refused_lines, refused_rows, table
from ui.cli.session import actor, reader, writer
from ui.codes.words import STATES, STEPS
from ui.printing.outlet import let_out, rehearse


def issue(args: argparse.Namespace) -> Answer:
    """Issue unit codes, or go on with a batch, and let its labels come out."""
    with writer(args) as terminal:
        by = actor(args, terminal)
        terminal.write(lambda session: session.require(by, Permission.ISSUE_CODES)).result()
        options = terminal.write(partial(_options, args=args)).result()
        media = [name for name in ("csv", "png", "zpl", "tspl", "pdf") if getattr(args, name) is not None]
        if len({getattr(args, medium) for medium in media}) < len(media):
            raise RefusedError("one_file_twice")
        if bool(args.batch) is bool(args.gtin and args.count) or (args.rest and not args.batch):
            raise RefusedError("issue_what")
        if args.batch:
            part = args.batch
            batch, _, _ = terminal.write(partial(codes.part_of_batch, text=part)).result()
            if args.rest:
                with Progress(batch.asked - batch.issued, tr("Issuing")) as tick:
                    codes.issue_rest(terminal, by, batch.name, tick=tick)
        else:
            # What could not be read is refused before a code is issued for it.
            sample = terminal.read(partial(_sample, gtin=args.gtin, options=options)).result()
            for medium in media:
                rehearse(sample, medium, getattr(args, medium))
            with Progress(args.count, tr("Issuing")) as tick:
                part = codes.issue(terminal, by, args.gtin, args.count, tick=tick).name
        job = terminal.read(partial(labels.prepare, text=part, options=options)).result()
        with Progress(len(job.keys) * len(media), tr("Printing")) as tick:
            for medium in media:
                let_out(terminal, by, job, medium=medium, where=getattr(args, medium), tick=tick)
        batch = terminal.write(partial(codes.batch_row, name=job.batch)).result().batch
    document = {
        "batch": batch.name,
        "gtin": batch.gtin,
        "count": len(job.keys),
        "first": job.keys[0],
        "last": job.keys[-1],
        **{medium: readable(getattr(args, medium)) for medium in media},
    }
    lines = [tr("Batch {batch}: {count} codes, {first} to {last}", **document)]
    return Answer(document, lines)


def _options(session: Session, args: argparse.Namespace) -> Options:
    fields = frozenset(args.fields.split(",")) - {""} if args.fields is not None else None
    return labels.options_of(session.settings, preset=args.label, dpi=args.dpi, start=args.start, fields=fields)


def _sample(view: View, gtin: str, options: Options) -> Job:
    return labels.sample(view, codes.product_for_codes(view, gtin), options, view.clock.now_ms())


def manage(args: argparse.Namespace) -> Answer:
    """List batches with their balance, or take codes in that were made elsewhere."""
    if args.action == "list":
        with reader(args) as (terminal, _):
            find = partial(codes.batch_rows, text=args.what[0] if args.what else "", limit=args.limit)
            rows = terminal.read(find).result()
        return Answer([batch_document(row) for row in rows], _batch_lines(rows))
    if not args.gtin or len(args.what) not in (1, 2):
        raise RefusedError("take_in_what")
    with writer(args) as terminal:
        by = actor(args, terminal)
        terminal.write(lambda session: session.require(by, Permission.ISSUE_CODES)).result()
        if len(args.what) == 2:
            first, last = args.what
            take = partial(codes_elsewhere.take_in_range, by=by, gtin=args.gtin, first=first, last=last)
            batch: Batch | None = terminal.write(take).result()
            refused: list[dict[str, object]] = []
        else:
            batch, refused = _take_in_file(terminal, by, args)
        if batch is None:
            message = sentence(RefusedError("codes_refused", count=len(refused)))
            return Answer({"batch": None, "count": 0, "refused": refused}, [*refused_lines(refused), message], 1)
        row = terminal.write(partial(codes.batch_row, name=batch.name)).result()
    return Answer({**batch_document(row), "refused": refused}, [*refused_lines(refused), *_batch_lines([row])])


def _take_in_file(
    terminal: Terminal, by: Actor, args: argparse.Namespace
) -> tuple[Batch | None, list[dict[str, object]]]:
    from core.shop.code_files import read_code_file

    path = Path(args.what[0])
    rows = read_code_file(path).codes(args.column)
    texts = [text for _, text in rows]
    with Progress(len(texts), tr("Taking in")) as tick:
        taken = codes_elsewhere.take_in_list(
            terminal, by, args.gtin, texts, path.name, skip_bad=args.skip_bad, tick=tick
        )
    return taken.batch, refused_rows((rows[n - 1][0], reason) for n, reason in taken.refused)


def batch_document(row: BatchRow) -> dict[str, Any]:
    """A batch for scripts."""
    batch, balance = row.batch, row.balance
    return {
        "batch": batch.name,
        "gtin": batch.gtin,
        "name": row.product.label,
        "made": batch.made,
        "asked": batch.asked,
        "issued": balance.issued,
        "printed": batch.printed,
        "on_hand": balance.on_hand,
        "sold": balance.sold,
        "void": balance.void,
        "missing": balance.missing,
        "returned": balance.returned,
        "frozen": balance.frozen,
    }


def _batch_lines(rows: list[BatchRow]) -> list[str]:
    if not rows:
        return []
    head = (
        tr("Batch"),
        tr("Item"),
        tr("Issued"),
        tr("Printed"),
        tr("On hand"),
        tr("Sold"),
        tr("Void"),
        tr("Missing"),
    )
    body = [
        (
            row.batch.name,
            row.product.label,
            str(row.balance.issued),
            str(row.batch.printed),
            *(str(getattr(row.balance, name)) for name in _FIGURES),
        )
        for row in rows
    ]
    return table([head, *body], right=tuple(range(2, 8)))


_FIGURES = ("on_hand", "sold", "void", "missing")


def unit(args: argparse.Namespace) -> Answer:
    """The life of one unit."""
    with reader(args) as (terminal, _):
        found, moments = terminal.read(partial(_life, text=args.code)).result()
    history = [
        {
            "at": iso_time(moment.at, moment.offset),
            "kind": moment.kind,
            "staff": moment.staff,
            "terminal": moment.terminal,
            "detail": moment.detail or None,
        }
        for moment in moments
    ]
    document = {
        "gtin": found.gtin,
        "serial": found.serial,
        "batch": found.batch or None,
        "state": shown_state(found),
        "frozen": found.frozen,
        "receipt": found.receipt or None,
        "history": history,
    }
    words = [tr(STATES[found.state]), *([tr("frozen")] if found.frozen else [])]
    lines = [" · ".join((grouped(found.serial), *words, found.batch))]
    rows = [
        (iso_time(moment.at, moment.offset)[:19].replace("T", " "), tr(STEPS[moment.kind]), moment.staff, moment.detail)
        for moment in moments
    ]
    return Answer(document, [*lines, *table(rows)])


def _life(view: View, text: str) -> tuple[Unit, list[units.Moment]]:
    found = units.unit_of(view, text)
    return found, units.history(view, found)


def shown_state(found: Unit) -> str:
    """The state of a unit in one word; a frozen one is frozen before anything else, but not a void one."""
    return "frozen" if found.frozen and found.state is not UnitState.VOID else found.state.value


def say(args: argparse.Namespace) -> Answer:
    """Say something of units, or of a batch."""
    step = UnitStep.RELEASED if getattr(args, "release", False) else UnitStep(args.step)
    with writer(args) as terminal:
        by = actor(args, terminal)
        return terminal.write(partial(_say, by=by, step=step, args=args)).result()


def _say(session: Session, by: Actor, step: UnitStep, args: argparse.Namespace) -> Answer:
    try:
        batch, start, count = codes.part_of_batch(session, args.what[0])
    except RefusedError as refused:
        if refused.code != "no_such_batch":
            raise
        event = units.say(session, by, args.what, step, reason=args.reason)
        document: dict[str, Any] = {"units": event.units, "step": step.value}
        return Answer(document, [tr("Units: {count} · {step}", count=len(event.units), step=tr(STEPS[step.value]))])
    if len(args.what) > 1:
        raise RefusedError("bad_part", batch=batch.name, issued=batch.issued)
    codes.say_of_batch(session, by, args.what[0], step, args.reason)
    document = {"batch": batch.name, "first": start + 1, "count": count, "step": step.value}
    return Answer(document, [tr("Units: {count} · {step}", count=count, step=tr(STEPS[step.value]))])


def reprint(args: argparse.Namespace, terminal: Terminal) -> Answer:
    """Print the label of a unit again."""
    by = actor(args, terminal)
    if not args.pdf:
        raise RefusedError("no_file")
    options = terminal.write(lambda session: labels.options_of(session.settings)).result()
    event = terminal.write(partial(codes.reprint_label, by=by, text=args.receipt, reason=args.reason)).result()
    job = terminal.read(partial(labels.prepare_single, key=event.unit, options=options)).result()
    let_out(terminal, by, job, medium="pdf", where=args.pdf)
    document = {"unit": event.unit, "copy": event.copy, "pdf": readable(args.pdf)}
    return Answer(document, [tr("Label of {unit}, copy {copy}: {pdf}", **document)])
