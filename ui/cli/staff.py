"""staff."""

from __future__ import annotations

import argparse
from typing import Any

from core.errors import RefusedError
from core.shop import people
from core.shop.terminal import Actor, Session
from core.staff.pin import check_pin
from core.staff.queries import Person
from ui.cli.output import Answer, table
from ui.cli.session import actor, ask_pin, reader, writer


def staff(args: argparse.Namespace) -> Answer:
    """Add, change or list the people who work here."""
    if args.action == "list":
        with reader(args) as (terminal, _):
            found = terminal.read(people.all_people).result()
        return Answer([_document(person) for person in found], _lines(found))
    with writer(args) as terminal:
        by = actor(args, terminal)
        pin = ask_pin(args.id) if args.pin else None
        if pin is not None:
            check_pin(pin)
        terminal.write(lambda session: _change(session, by, args)).result()
        if pin is not None:
            people.give_pin(terminal, by, args.id, pin)
        changed = terminal.write(lambda session: session.people[args.id]).result()
    return Answer(_document(changed), _lines([changed]))


def _change(session: Session, by: Actor, args: argparse.Namespace) -> None:
    before = session.people.get(args.id or "")
    if args.action == "set" and before is None:
        raise RefusedError("no_such_person", staff=(args.id or "")[:40])
    name = args.name if args.name is not None else before.name if before else args.id or ""
    role = args.role or (before.role if before else "cashier")
    active = args.active or not (args.inactive or (before and not before.active))
    step = people.add if args.action == "add" else people.change
    step(session, by, args.id or "", name, role, active=active)


def _document(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role,
        "active": person.active,
        "pin": person.has_pin,
    }


def _lines(found: list[Person]) -> list[str]:
    return table([(p.id, p.name, p.role, "" if p.active else "×", "PIN" if p.has_pin else "") for p in found])
