"""setup, settings, doctor."""

from __future__ import annotations

import argparse
from functools import partial

from core.shop import doctor, setup
from core.shop.terminal import SYSTEM
from core.texts import readable, tr
from ui.cli.output import Answer, Progress, diagnosis, table
from ui.cli.session import actor, home_of, reader, writer


def set_up(args: argparse.Namespace) -> Answer:
    """Make a folder a terminal of a shop."""
    with writer(args, new=True) as terminal:
        event = terminal.write(
            partial(
                setup.set_up,
                by=SYSTEM,
                store=args.store,
                terminal=args.terminal,
                name=args.name or "",
                currency=args.currency,
                timezone=args.timezone,
            )
        ).result()
        if args.hq or args.token:
            from core.shop.enrolment import enrol

            enrol(terminal, args.hq or "", args.token or "")
    document = {
        "store": event.store,
        "terminal": event.terminal,
        "name": event.name,
        "currency": event.currency,
        "timezone": event.timezone,
        "stream": event.stream,
        "home": readable(home_of(args)),
    }
    line = tr("{name} is ready: terminal {terminal}, {currency}, {timezone}, in {home}", **document)
    return Answer(document, [line])


def settings(args: argparse.Namespace) -> Answer:
    """Show all settings or one, or change one."""
    if args.value is not None:
        with writer(args) as terminal:
            changed = partial(setup.change_setting, by=actor(args, terminal), name=args.name, value=args.value)
            value = terminal.write(changed).result().text(args.name)
            return Answer({args.name: value}, [f"{args.name} = {value}"])
    with reader(args) as (terminal, _):
        values = terminal.read(lambda view: view.settings).result()
    texts = values.texts() if args.name is None else {args.name: values.text(args.name)}
    return Answer(texts, table([(name, value) for name, value in texts.items()]))


def examine(args: argparse.Namespace) -> Answer:
    """Prove that everything is whole."""
    with reader(args) as (terminal, _):
        count = terminal.read(doctor.count_facts).result()
        with Progress(count * 2, tr("Checking")) as tick:
            found = terminal.read(partial(doctor.examine, full=args.full, tick=tick)).result()
    return diagnosis(found.events, found.checks)
