"""Who works here, and who is at the terminal."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from functools import partial

from core.database import transaction
from core.errors import BrokenWorldError, RefusedError
from core.events import Role, StaffChanged
from core.files import OWNER, write_whole
from core.ids import command_digest
from core.shop.terminal import SYSTEM, Actor, Session, Terminal, View
from core.staff import pins
from core.staff.commands import change_person, check_id, set_pin
from core.staff.permissions import ALLOWED, ROLE_NAMES, Permission
from core.staff.pin import check_pin, hash_pin, pin_fits
from core.staff.queries import Person

_PEPPER = 32
"""Bytes of the key of a terminal's PINs."""


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody at the terminal, and what they may do there.

    `name` and `role` (a text to be translated) are empty for the system user.
    """

    actor: Actor
    may: frozenset[Permission]
    name: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who a window finds when it opens: somebody, or people of whom one must sign in first."""

    present: Present | None
    offered: tuple[Person, ...] = ()


def presence(view: View, by: Actor) -> Present:
    """Somebody, as a window shows them.

    Raises:
        RefusedError: `no_such_person`.
    """
    if by.staff == SYSTEM.staff:
        return Present(by, frozenset(Permission))
    person = view.people.get(by.staff)
    if person is None or not person.active:
        raise RefusedError("no_such_person", staff=by.staff[:40])
    return Present(by, ALLOWED[person.role], person.name, ROLE_NAMES[person.role])


def arrive(view: View, by: Actor | None = None) -> Arrival:
    """Who is at a terminal whose window opens.

    Args:
        by: who is known to be there already.
    """
    if by:
        return Arrival(presence(view, by))
    offered = tuple(who_can_sign_in(view))
    return Arrival(None, offered) if offered else Arrival(presence(view, SYSTEM))


def all_people(view: View) -> list[Person]:
    """Everybody who ever worked here, in order of id."""
    return list(view.people.values())


def who_can_sign_in(view: View) -> list[Person]:
    """The people a terminal offers. Where there is nobody, whoever is at the terminal may do everything."""
    return [person for person in view.people.values() if person.active and person.has_pin]


def add(session: Session, by: Actor, id_: str, name: str, role: str, *, active: bool = True) -> Person:
    """Somebody begins to work here.

    Raises:
        RefusedError: `person_exists`; as `change`.
    """
    if id_ in session.people:
        raise RefusedError("person_exists", staff=id_[:40])
    return change(session, by, id_, name, role, active=active)


def change(session: Session, by: Actor, id_: str, name: str, role: str, *, active: bool = True) -> Person:
    """Add a person, or change the one of that id to be as given. Whoever is so already is left alone.

    Raises:
        RefusedError: `not_allowed`, `bad_person`, `bad_person_name`, `bad_role`, `last_manager`.
    """
    name, before = " ".join(name.split()), session.people.get(id_)
    if before and (before.name, before.role.value, before.active) == (name, role, active):
        return before
    session.require(by, Permission.CHANGE_STAFF)
    _check_somebody_manages(session, id_, stays=active and role == Role.MANAGER.value)
    op = session.ids.new()
    digest = command_digest(f"{id_} {name} {role} {active}".encode())
    event = change_person(session.head(op, digest, by), id_, name, role, active=active)
    session.journal.record(op, digest, StaffChanged, lambda _: event)
    session.forget_people()
    return session.people[id_]


def _check_somebody_manages(session: Session, id_: str, *, stays: bool) -> None:
    """A terminal at which a manager can sign in keeps one: nobody else could let another in."""
    able = [p for p in session.people.values() if p.role is Role.MANAGER and p.active and p.has_pin]
    if [person.id for person in able] == [id_] and not stays:
        raise RefusedError("last_manager", name=able[0].name)


def save(
    terminal: Terminal, by: Actor, id_: str, name: str, role: str, *, active: bool, pin: str = "", new: bool = False
) -> Person:
    """Add a person, or change the one of that id, with a PIN where one is given; all of it or nothing.

    Takes a tenth of a second with a PIN; not for the writer's thread.

    Raises:
        RefusedError: as `add`, `change` and `give_pin`.
        BrokenWorldError: `home_unusable` where the key of the PINs cannot be kept.
    """
    hashed = ""
    if pin:
        check_pin(pin)
        terminal.write(lambda session: session.require(by, Permission.CHANGE_STAFF)).result()
        hashed = hash_pin(pin, _pepper(terminal, make=True))

    def write(session: Session) -> Person:
        try:
            with transaction(session.connection):
                (add if new else change)(session, by, id_, name, role, active=active)
                if hashed:
                    _keep_pin(session, by, id_, hashed)
        finally:
            session.forget_people()
        return session.people[id_]

    return terminal.write(write).result()


def give_pin(terminal: Terminal, by: Actor, id_: str, pin: str) -> None:
    """Give a person a PIN for this terminal. Takes a tenth of a second; not for the writer's thread.

    Raises:
        RefusedError: `not_allowed` unless it is one's own, `no_such_person`, `bad_pin`, `simple_pin`.
        BrokenWorldError: `home_unusable` where the key of the PINs cannot be kept.
    """
    check_pin(pin)
    terminal.write(partial(_check_may_give_pin, by=by, id_=id_)).result()
    hashed = hash_pin(pin, _pepper(terminal, make=True))
    terminal.write(partial(_keep_pin, by=by, id_=id_, hashed=hashed)).result()


def sign_in(terminal: Terminal, id_: str, pin: str) -> Actor:
    """Somebody shows who they are. Takes a tenth of a second; not for the writer's thread.

    Raises:
        RefusedError: `no_such_person`, `no_pin`, `wrong_pin`; `pin_blocked` and `pin_spent` after too many of them.
    """
    # Read before an attempt is counted: a key that is not there is nobody's wrong PIN.
    pepper = _pepper(terminal) if terminal.write(partial(_has_pin, id_=id_)).result() else b""
    hashed = terminal.write(partial(_begin, id_=id_)).result()
    if not pin_fits(pin, hashed, pepper):
        raise RefusedError("wrong_pin")
    terminal.write(lambda session: pins.succeed(session.connection, id_)).result()
    return Actor(id_)


def _has_pin(session: Session, id_: str) -> bool:
    return id_ in session.people and session.people[id_].has_pin


def _begin(session: Session, id_: str) -> str:
    person = session.people.get(id_)
    if person is None or not person.active:
        raise RefusedError("no_such_person", staff=id_[:40])
    return pins.begin_attempt(session.connection, id_, session.clock.now_ms())


def _check_may_give_pin(session: Session, by: Actor, id_: str) -> None:
    if by.staff != id_:
        session.require(by, Permission.CHANGE_STAFF)
    if id_ not in session.people:
        raise RefusedError("no_such_person", staff=id_[:40])


def _keep_pin(session: Session, by: Actor, id_: str, hashed: str) -> None:
    op = session.ids.new()
    digest = command_digest(hashed.encode())
    event = set_pin(session.head(op, digest, by), id_)
    with transaction(session.connection):
        session.journal.record(op, digest, type(event), lambda _: event)
        pins.keep(session.connection, id_, hashed)
    session.forget_people()


def _pepper(terminal: Terminal, *, make: bool = False) -> bytes:
    """The key of this terminal's PINs: not in the file that backups copy."""
    path = terminal.home.pepper
    try:
        if make and not path.exists():
            write_whole(path, os.urandom(_PEPPER), OWNER)
        if len(pepper := path.read_bytes()) != _PEPPER:
            raise OSError(errno.EINVAL, f"{path.name}: {os.strerror(errno.EINVAL)}")
        return pepper
    except OSError as error:
        raise BrokenWorldError("home_unusable", home=terminal.home.folder, detail=error.strerror) from error


def check_seller(view: View, id_: str) -> None:
    """Refuse somebody as a guide who is none.

    Raises:
        RefusedError: `bad_person`, `payment_code`; `no_such_person` where the shop has a list of people without them.
    """
    check_id(id_)
    person = view.people.get(id_)
    if view.people and not (person and person.active):
        raise RefusedError("no_such_person", staff=id_)
