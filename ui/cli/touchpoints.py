"""touchpoint."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

from core.shop import invitations, labels, touchpoints
from core.shop.terminal import Actor, Terminal, View
from core.texts import tr
from core.touchpoints.commands import COUNTER
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
        if args.action == "code":
            return _code(args, terminal, by)
        before = {one.id: one for one in terminal.read(touchpoints.all_touchpoints).result()}.get(args.id)
        name = args.name or (before.name if before else args.id)
        kind = args.kind or (before.category if before else "offline")
        change = partial(touchpoints.change, by=by, id_=args.id, name=name, category=kind, active=not args.inactive)
        changed = terminal.write(change).result()
    return Answer(_document(changed), table([_row(changed)]))


def _code(args: argparse.Namespace, terminal: Terminal, by: Actor) -> Answer:
    """The code that stays at a touchpoint, on a label where one is asked for."""
    where = args.id or COUNTER
    make = partial(invitations.standing_code, by=by, touchpoint=where, guide=args.guide)
    code = terminal.write(make).result()
    media = [name for name in ("csv", "png", "zpl", "tspl", "pdf") if getattr(args, name) is not None]
    if media:
        from ui.printing.outlet import let_out

        job = terminal.read(partial(_label, code=code, where=where, args=args)).result()
        for medium in media:
            let_out(terminal, by, job, medium=medium, where=getattr(args, medium))
    document = {"token": code.token, "link": code.link, "touchpoint": where, "guide": code.guide}
    return Answer(document, [code.link])


def _label(view: View, code: invitations.Invitation, where: str, args: argparse.Namespace) -> labels.Job:
    named = {one.id: one.name for one in touchpoints.all_touchpoints(view)}
    guide = view.people.get(code.guide)
    name = " · ".join(filter(None, (named.get(where, where), guide.name if guide else "")))
    options = labels.options_of(view.settings, preset=args.label, dpi=args.dpi)
    return labels.code_label(view, code, name, options)


def _document(one: Touchpoint) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "kind": one.category, "active": one.active}


def _row(one: Touchpoint) -> tuple[str, ...]:
    return one.id, one.name, tr(touchpoints.KINDS[one.category]), "" if one.active else "×"
