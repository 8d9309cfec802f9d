"""touchpoint."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

from core.shop import touchpoints
from core.texts import tr
from core.touchpoints.queries import Touchpoint
from ui.cli.output import Answer, table
from ui.cli.session import actor, reader, writer


def touchpoint(args: argparse.Namespace) -> Answer:
    """Add, change or list where people meet the shop."""
    if args.action == "list":
        with reader(args) as (terminal, _):
            found = terminal.read(touchpoints.all_touchpoints).result()
        return Answer([_document(one) for one in found], table([_row(one) for one in found]))
    with writer(args) as terminal:
        by = actor(args, terminal)
        before = {one.id: one for one in terminal.read(touchpoints.all_touchpoints).result()}.get(args.id)
        name = args.name or (before.name if before else args.id)
        kind = args.kind or (before.category if before else "offline")
        change = partial(touchpoints.change, by=by, id_=args.id, name=name, category=kind, active=not args.inactive)
        changed = terminal.write(change).result()
    return Answer(_document(changed), table([_row(changed)]))


def _document(one: Touchpoint) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "kind": one.category, "active": one.active}


def _row(one: Touchpoint) -> tuple[str, ...]:
    return one.id, one.name, tr(touchpoints.KINDS[one.category]), "" if one.active else "×"
