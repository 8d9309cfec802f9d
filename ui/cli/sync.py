"""enrol, sync, leave."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from core.shop import enrolment, parting, retention
from core.shop import sync as syncing
from core.shop.standing import trouble_of
from core.staff.permissions import Permission
from core.texts import sentence, tr
from ui.cli.output import Answer
from ui.cli.session import actor, writer


def enrol(args: argparse.Namespace) -> Answer:
    """Join a chain."""
    with writer(args) as terminal:
        by = actor(args, terminal)
        terminal.read(lambda view: view.require(by, Permission.CHANGE_SETTINGS)).result()
        enrolment.enrol(terminal, args.hq, args.token)
    return Answer({"hq": args.hq}, [tr("Head office knows this terminal now.")])


def leave(args: argparse.Namespace) -> Answer:
    """Leave the chain."""
    with writer(args) as terminal:
        exported = parting.leave(terminal, actor(args, terminal), Path(args.export) if args.export else None)
    said = tr("This terminal belongs to no chain any more.")
    lines = [said, tr("{count} facts are in {file}.", count=exported, file=args.export)] if args.export else [said]
    return Answer({"exported": exported}, lines)


def sync(args: argparse.Namespace) -> Answer:
    """Send what waits, fetch what is new."""
    with writer(args) as terminal:
        actor(args, terminal)
        found = syncing.Sync(terminal).run()
        retention.expire(terminal)
    document = {name: value for name, value in asdict(found).items() if name != "trouble"} | {"acked": found.sent}
    if found.trouble:
        document["trouble"] = found.trouble
    lines = [tr("{sent} facts sent, {waiting} waiting.", sent=found.sent, waiting=found.waiting)]
    if found.pulled:
        lines.append(tr("{count} rows fetched.", count=found.pulled))
    if found.quarantined:
        lines.append(
            tr("{count} facts do not count at head office as they say; it lists them.", count=found.quarantined)
        )
    if not found.trouble:
        return Answer(document, lines)
    lines.append(sentence(trouble_of(found.trouble, found.waiting)))
    return Answer(document, lines, 1 if found.reached else 3)
