"""Members: people agree, are found again, and leave. What is known of them stays in the vault; facts name an id."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from core.database import Connection, transaction
from core.errors import RefusedError
from core.events import (
    ConsentGiven,
    ConsentWithdrawn,
    Disclosure,
    Event,
    MemberBound,
    MemberCorrected,
    MemberErased,
    Purpose,
    RecordDisclosed,
)
from core.ids import command_digest
from core.members import commands, queries
from core.members.consent import check_binding
from core.members.phone import masked_name, masked_phone, read_phone
from core.members.queries import Standing
from core.members.record import Record, commitment_of, new_record, packed, same_person
from core.shop import vault
from core.shop.people import check_seller
from core.shop.terminal import SYSTEM, Actor, Session, Terminal, View
from core.shop.touchpoints import at_touchpoint
from core.staff.permissions import Permission
from core.sync.hq import known_hq

_TAIL = re.compile(r"(?P<digits>\d{4})\s+(?P<name>\S.*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Form:
    """What is filled in to bind somebody. `op` is minted when the form opens.

    Attributes:
        language: in which the person read what they agree to.
        touchpoint: where they were won; where whoever binds them is, if it is empty.
    """

    op: str
    phone: str = field(repr=False)
    purposes: tuple[Purpose, ...]
    name: str = field(default="", repr=False)
    card: str = field(default="", repr=False)
    guide: str = ""
    language: str = "zh_CN"
    touchpoint: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A member as the shop shows them: masked. Phone and name are empty where the record is not here.

    Attributes:
        confirmed: head office knows them as this terminal does; where there is none, the shop itself does.
    """

    standing: Standing
    confirmed: bool
    phone: str = ""
    name: str = ""

    @property
    def id(self) -> str:
        return self.standing.member


def bind(session: Session, by: Actor, form: Form, at: int | None = None) -> Member:
    """A person becomes a member. Saved when this returns; the same form again gives the same member.

    Args:
        at: when it happened, ms since the epoch; now, if not given.

    Raises:
        RefusedError: `not_allowed`, `no_consent`, `bad_phone`, `bad_member_name`, `bad_card`, `no_such_person` for a
            guide; `no_such_touchpoint`; `already_member` with the id of who has this phone or card; `form_changed`.
        BrokenWorldError: `vault_locked`, `home_unusable`.
    """
    session.require(by, Permission.BIND)
    check_binding(form.purposes)
    if form.guide:
        check_seller(session, form.guide)
    if form.touchpoint:
        by = at_touchpoint(session, by, form.touchpoint)
    phone = read_phone(form.phone, session.settings["country"])
    record = new_record(phone, form.name, form.card, session.ids.entropy)
    if (before := session.journal.find(form.op)) is not None:
        return _bound_before(session, before, form, record)
    for kind, text in (("phone", phone), ("card", record.card)):
        if known := _active(session, vault.find(session, kind, text)):
            raise RefusedError("already_member", member=known.member, kind=kind)
    content, member = packed(record), session.ids.new()
    commitment = commitment_of(content)
    digest = command_digest(commitment.encode())

    def build(_: Connection) -> MemberBound:
        return commands.bind_member(
            session.head(form.op, digest, by, at),
            member,
            guide=form.guide,
            purposes=form.purposes,
            language=form.language,
            commitment=commitment,
        )

    with transaction(session.connection):
        session.journal.record(form.op, digest, MemberBound, build)
        vault.keep(session, member, record)
    return member_of(session, member)


def _bound_before(session: Session, before: object, form: Form, record: Record) -> Member:
    if isinstance(before, MemberBound) and (before.guide, tuple(before.purposes)) == (form.guide, form.purposes):
        kept = vault.record_of(session, before.member)
        if kept and same_person(kept, record):
            return member_of(session, before.member)
    raise RefusedError("form_changed", op=form.op)


def member_of(view: View, member: str) -> Member:
    """A member by their id.

    Raises:
        RefusedError: `no_such_member`.
    """
    standing = queries.person(view.connection, member)
    if standing is None:
        raise RefusedError("no_such_member")
    return _shown(view, standing)


def find(view: View, by: Actor, text: str) -> list[Member]:
    """The active members whom a text may mean: a phone, a card's number, an id, or the last four digits of a phone
    and, behind a space, the name or its beginning.

    Raises:
        RefusedError: `not_allowed`, `no_such_member`.
    """
    view.require(by, Permission.SEE_MEMBERS)
    text = text.strip()
    if not text.isprintable():
        raise RefusedError("no_such_member")
    ids = [text] if queries.standing(view.connection, text) else vault.find(view, "card", text)
    if tail := _TAIL.fullmatch(text):
        ids = ids or vault.find_by_tail(view, tail["digits"], tail["name"])
    if not ids:
        try:
            ids = vault.find(view, "phone", read_phone(text, view.settings["country"]))
        except RefusedError:
            ids = []
    people = dict.fromkeys(queries.root(view.connection, id_) for id_ in ids)
    found = [_shown(view, one) for id_ in people if (one := queries.person(view.connection, id_)) and one.is_active]
    if not found:
        raise RefusedError("no_such_member")
    return found


def buyer(view: View, member: str) -> tuple[str, str, str]:
    """A member as the buyer of a sale: their id, whose they are, and from which business date.

    Raises:
        RefusedError: `no_such_member`, `member_left`.
    """
    standing = present(view, member)
    return standing.member, standing.guide, standing.since


def shown_name(view: View, member: str) -> str:
    """A member in a few words, masked; their id where no record is here."""
    try:
        shown = member_of(view, member)
    except RefusedError:
        return member[:8]
    return " ".join(filter(None, (shown.name, shown.phone))) or member[:8]


def with_card(view: View, card: str) -> tuple[str, str, str] | None:
    """The member with this card as the buyer of a sale; none where there is none."""
    found = _active(view, vault.find(view, "card", card))
    return (found.member, found.guide, found.since) if found else None


def newest(view: View, by: Actor, guide: str = "", limit: int = 50) -> list[Member]:
    """Who was bound here last. Args: guide: only theirs, where one is named.

    Raises:
        RefusedError: `not_allowed`.
    """
    view.require(by, Permission.SEE_MEMBERS)
    found = queries.newest(view.connection, guide, limit)
    return [_shown(view, standing) for standing in found if not standing.same_as]


def history(view: View, by: Actor, member: str) -> list[Event]:
    """The facts about a member, the newest first.

    Raises:
        RefusedError: `not_allowed`.
    """
    view.require(by, Permission.SEE_MEMBERS)
    return queries.moments(view.connection, (member, *queries.others(view.connection, member)))


def give(session: Session, by: Actor, member: str, purposes: Sequence[Purpose], language: str) -> Member:
    """A member agrees to more.

    Raises:
        RefusedError: `not_allowed`, `no_such_member`, `nothing_chosen`, `member_left`.
    """
    session.require(by, Permission.BIND)
    before = present(session, member)
    if set(purposes) - set(before.purposes):
        with transaction(session.connection):
            for one in _all_of(session, before.member):
                given = partial(commands.give_consent, member=one, purposes=purposes, language=language)
                seen = queries.marks_of(session.connection, one)
                session.record(by, ConsentGiven, partial(given, seen=seen))
    return member_of(session, member)


def withdraw(terminal: Terminal, by: Actor, member: str, purposes: Sequence[Purpose]) -> Member:
    """A member agrees no more. From membership they leave, and their record is deleted.

    Raises:
        RefusedError: `not_allowed`, `no_such_member`, `nothing_chosen`, `member_left`.
    """

    def write(session: Session) -> Member:
        session.require(by, Permission.BIND)
        known = _all_of(session, present(session, member).member)
        with transaction(session.connection):
            for one in known:
                session.record(by, ConsentWithdrawn, partial(commands.withdraw_consent, member=one, purposes=purposes))
                if Purpose.MEMBERSHIP in purposes:
                    vault.shred(session, one)
        return member_of(session, member)

    done = terminal.write(write).result()
    vault.fold(terminal)
    return done


def erase(terminal: Terminal, by: Actor, member: str) -> Member:
    """Delete a member's record for good.

    Raises:
        RefusedError: `not_allowed`, `no_such_member`, `member_left` for one who was erased before.
    """

    def write(session: Session) -> Member:
        session.require(by, Permission.ERASE_MEMBER)
        before = member_of(session, member).standing
        if before.state == "erased":
            raise RefusedError("member_left")
        with transaction(session.connection):
            forget(session, by, before.member)
        return member_of(session, member)

    done = terminal.write(write).result()
    vault.fold(terminal)
    return done


def forget(session: Session, by: Actor, member: str) -> None:
    """Delete the records of a member and of those who are the same person. Inside the caller's transaction;
    `vault.fold` is to follow.
    """
    for one in _all_of(session, member):
        session.record(by, MemberErased, partial(commands.erase_member, member=one))
        vault.shred(session, one)


def say_gone(session: Session, member: str, *, erased: bool) -> None:
    """Say again that a member left or was erased, where it is known here and no fact of this terminal says it."""
    if queries.is_gone_here(session.connection, member):
        return
    if erased:
        session.record(SYSTEM, MemberErased, lambda head: commands.erase_member(head, member))
    else:
        purposes = (Purpose.MEMBERSHIP,)
        session.record(SYSTEM, ConsentWithdrawn, lambda head: commands.withdraw_consent(head, member, purposes))


def correct(terminal: Terminal, by: Actor, member: str, *, phone: str = "", name: str = "", card: str = "") -> Member:
    """Set a member's record right; what is empty stays as it is.

    Raises:
        RefusedError: `not_allowed`, `no_such_member`, `member_left`, `no_record`, `already_member`; as `bind`.
    """

    def write(session: Session) -> Member:
        session.require(by, Permission.BIND)
        before = _open(session, known_as := queries.root(session.connection, member))
        number = read_phone(phone, session.settings["country"]) if phone else before.phone
        after = new_record(number, name or before.name, card or before.card, session.ids.entropy)
        for kind, text in (("phone", after.phone), ("card", after.card)):
            if (known := _active(session, vault.find(session, kind, text))) and known.member != known_as:
                raise RefusedError("already_member", member=known.member, kind=kind)
        commitment, seen = commitment_of(packed(after)), queries.marks_of(session.connection, known_as)
        with transaction(session.connection):
            session.record(by, MemberCorrected, lambda head: commands.correct_member(head, known_as, commitment, seen))
            vault.keep(session, known_as, after)
        return member_of(session, member)

    done = terminal.write(write).result()
    vault.fold(terminal)
    return done


def disclose(session: Session, by: Actor, member: str, how: Disclosure, reason: str = "") -> Record:
    """A member's record in clear; that it was seen is a fact.

    Raises:
        RefusedError: `not_allowed`, `no_such_member`, `member_left`, `no_record`, `bad_reason`.
    """
    session.require(by, Permission.DISCLOSE)
    record = _open(session, member)
    session.record(by, RecordDisclosed, lambda head: commands.disclose_record(head, member, how, reason))
    return record


def _all_of(view: View, member: str) -> list[str]:
    """A member, and those who are the same person and have not left."""
    same = (queries.standing(view.connection, one) for one in queries.others(view.connection, member))
    return [member, *(one.member for one in same if one and one.is_active)]


def present(view: View, member: str) -> Standing:
    """A member who has not left, by all that is known of them.

    Raises:
        RefusedError: `no_such_member`, `member_left`.
    """
    standing = member_of(view, member).standing
    if not standing.is_active:
        raise RefusedError("member_left")
    return standing


def _open(session: Session, member: str) -> Record:
    present(session, member)
    record = vault.record_of(session, member)
    if record is None:
        raise RefusedError("no_record")
    return record


def _active(view: View, members: Iterable[str]) -> Standing | None:
    found = (queries.person(view.connection, member) for member in members)
    return next((standing for standing in found if standing and standing.is_active), None)


def _shown(view: View, standing: Standing) -> Member:
    confirmed = standing.told or known_hq(view.connection) is None
    record = vault.record_of(view, standing.member) if standing.is_active else None
    if record is None:
        return Member(standing, confirmed)
    return Member(standing, confirmed, masked_phone(record.phone), masked_name(record.name))
