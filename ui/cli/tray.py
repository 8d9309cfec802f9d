"""tray."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING, Any

from core.clock import iso_time
from core.shop import tray as matters
from core.texts import sentence, tr
from core.tray.matters import CONFLICTS, DISPUTES, HISTORIES, NEXT, OVERSPENTS, REASONS, TWINS, Matter, MatterKind
from ui.cli.output import Answer
from ui.cli.session import actor, reader, writer

if TYPE_CHECKING:
    from core.clock import Calendar


def tray(args: argparse.Namespace) -> Answer:
    """Show what somebody should look at, or settle some of it."""
    if args.matter is not None:
        with writer(args) as terminal:
            by = actor(args, terminal)
            settled = terminal.write(
                partial(matters.settle, by=by, key=args.matter, outcome=args.outcome or "", note=args.note)
            ).result()
        document = {"matter": f"{settled.matter}:{settled.subject}", "outcome": settled.outcome}
        return Answer(document, [tr("It is settled.")])
    with reader(args) as (terminal, _):
        found, calendar = terminal.read(lambda view: (matters.open_matters(view), view.calendar)).result()
    lines = [line for matter in found for line in _lines(matter, calendar)]
    return Answer([_document(matter, calendar) for matter in found], lines or [tr("The tray is empty.")])


def _document(matter: Matter, calendar: Calendar) -> dict[str, Any]:
    return {
        "matter": matter.key,
        "kind": matter.kind,
        "at": _time(matter.at, calendar),
        "code": matter.code,
        "terminal": matter.terminal,
        "parties": [
            {"store": one.store, "terminal": one.terminal, "receipt": one.receipt, "at": _time(one.at, calendar)}
            for one in matter.parties
        ],
        "detail": str(matter.error) if matter.error else matter.detail,
        "outcomes": list(matter.outcomes),
    }


def _lines(matter: Matter, calendar: Calendar) -> list[str]:
    if matter.error:
        said, then = sentence(matter.error), "refused"
    elif matter.kind is MatterKind.NOTICE:
        said, then = matter.detail, "notice"
    elif matter.kind is MatterKind.HISTORY:
        said, then = " ".join(filter(None, (tr(HISTORIES[matter.what]), matter.detail))), matter.what
    elif matter.kind is MatterKind.TWINS:
        said, then = " · ".join((tr(TWINS[matter.what]), matter.detail)), matter.what
    elif matter.kind is MatterKind.OVERSPENT:
        said, then = " · ".join((tr(OVERSPENTS[matter.what]), matter.detail)), matter.what
    elif matter.kind is MatterKind.DISPUTE:
        said = " · ".join((matter.fact, tr(DISPUTES[matter.what]), matter.subject, matter.detail))
        then = matter.what
    elif matter.kind is MatterKind.CONFLICT:
        said = tr(CONFLICTS[matter.what])
        said = " · ".join((said, *(f"{one.store} {one.terminal} {one.receipt}".rstrip() for one in matter.parties)))
        then = matter.what
    else:
        said = " · ".join(filter(None, (matter.terminal, matter.fact, tr(REASONS[matter.what]), matter.detail)))
        then = matter.what
    at = _time(matter.at, calendar)[:16].replace("T", " ")
    outcomes = f"({' | '.join(matter.outcomes)})" if matter.outcomes else ""
    todo = " ".join(filter(None, (tr(NEXT[then]), outcomes)))
    return [" · ".join(filter(None, (at, matter.key))), f"    {said}", f"    {todo}"]


def _time(at_ms: int, calendar: Calendar) -> str:
    return iso_time(at_ms, calendar.day_and_offset(at_ms)[1]) if at_ms else ""
