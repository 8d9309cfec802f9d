"""bind, member."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from typing import TYPE_CHECKING

from core.errors import RefusedError
from core.events import Disclosure, Purpose
from core.members.consent import read_purposes
from core.shop import members, owners, twins
from core.shop.member_cards import clear_of, copy_of, document_of, moment_of
from core.shop.members import Form, Member
from core.texts import DEFAULT_LANGUAGE, tr
from ui.cli.output import Answer, table
from ui.cli.session import actor, reader, writer

if TYPE_CHECKING:
    from core.shop.terminal import Actor, Session, Terminal, View


def bind(args: argparse.Namespace) -> Answer:
    """Somebody becomes a member."""
    with writer(args) as terminal:
        by = actor(args, terminal)
        form = Form(
            terminal.ids.new(),
            _phone(args.phone),
            _purposes(args.consent),
            args.name,
            args.card,
            args.guide or "",
            args.lang or DEFAULT_LANGUAGE,
            args.touchpoint,
        )
        bound = terminal.write(partial(members.bind, by=by, form=form)).result()
    return _answer(bound)


def member(args: argparse.Namespace) -> Answer:
    """Look at members, or do what they ask for."""
    if args.action == "list":
        with reader(args) as (terminal, by):
            found = terminal.read(partial(members.newest, by=by, limit=args.limit)).result()
        return Answer([document_of(one) for one in found], table([_row(one) for one in found]))
    if args.action == "show":
        with reader(args) as (terminal, by):
            return terminal.read(partial(_show, by=by, text=args.member or "")).result()
    with writer(args) as terminal:
        by = actor(args, terminal)
        if args.action == "hand-over":
            return _hand_over(terminal, by, args)
        known = terminal.write(partial(one_member, by=by, text=args.member or "")).result().id
        if args.action in ("reveal", "export"):
            how = Disclosure.SHOWN if args.action == "reveal" else Disclosure.EXPORTED
            return terminal.write(partial(_disclose, by=by, known=known, how=how, reason=args.reason)).result()
        return _answer(_do(terminal, by, known, args))


def one_member(view: View, by: Actor, text: str) -> Member:
    """The one member whom a text means.

    Raises:
        RefusedError: `no_such_member`, `several_members`, `not_allowed`.
    """
    found = members.find(view, by, text)
    if len(found) > 1:
        raise RefusedError("several_members", count=len(found))
    return found[0]


def _hand_over(terminal: Terminal, by: Actor, args: argparse.Namespace) -> Answer:
    give = partial(owners.hand_over, by=by, guide=args.member or "", to=args.guide, reason=args.reason)
    count = 0
    while given := terminal.write(give).result():
        count += given
    return Answer({"members": count}, [tr("{count} members were handed over.", count=count)])


def _do(terminal: Terminal, by: Actor, known: str, args: argparse.Namespace) -> Member:
    if args.action == "erase":
        return members.erase(terminal, by, known)
    if args.action == "withdraw":
        return members.withdraw(terminal, by, known, _purposes(args.consent))
    if args.action == "correct":
        phone = _phone(args.phone) if args.phone else ""
        return members.correct(terminal, by, known, phone=phone, name=args.name, card=args.card)
    if args.action == "part":
        terminal.write(partial(twins.part, by=by, member=known)).result()
        return terminal.read(partial(members.member_of, member=known)).result()
    if args.action == "assign":
        assign = partial(owners.assign, by=by, member=known, guide=args.guide, reason=args.reason)
        return terminal.write(assign).result()
    give = partial(
        members.give, by=by, member=known, purposes=_purposes(args.consent), language=args.lang or DEFAULT_LANGUAGE
    )
    return terminal.write(give).result()


def _show(view: View, by: Actor, text: str) -> Answer:
    found = one_member(view, by, text)
    moments = [moment_of(view, event) for event in members.history(view, by, found.id)]
    lines = [*table([_row(found)]), *(f"    {one['at'][:16].replace('T', ' ')}  {one['kind']}" for one in moments)]
    return Answer({**document_of(found), "history": moments}, lines)


def _disclose(session: Session, by: Actor, known: str, how: Disclosure, reason: str) -> Answer:
    record = members.disclose(session, by, known, how, reason)
    clear = clear_of(record)
    if how is Disclosure.EXPORTED:
        shown = copy_of(session, by, known, record)
        return Answer(shown, [f"{name}: {value}" for name, value in shown.items()])
    return Answer({"member": known, **clear}, [" ".join(filter(None, clear.values()))])


def _answer(one: Member) -> Answer:
    return Answer(document_of(one), table([_row(one)]))


def _row(one: Member) -> tuple[str, ...]:
    standing = one.standing
    return (one.id, standing.state, one.phone, one.name, standing.guide, ",".join(standing.purposes))


def _purposes(text: str) -> tuple[Purpose, ...]:
    return read_purposes(part.strip() for part in text.split(",") if part.strip())


def _phone(text: str) -> str:
    if text == "-":
        return sys.stdin.readline().strip() if sys.stdin else ""
    return text
