"""People who are known twice: bound at two tills at once, or with their own phone besides. Nobody is merged unasked."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import RefusedError
from core.events import MemberLinked
from core.members import commands, queries, vault
from core.members.phone import masked_phone
from core.members.queries import Standing
from core.shop import vault as keys
from core.shop.terminal import Actor, Session, View
from core.staff.permissions import Permission


@dataclass(frozen=True, slots=True)
class Twins:
    """Two members with one phone, the one first who was bound first. `phone` is masked."""

    first: Standing
    second: Standing
    phone: str

    @property
    def subject(self) -> str:
        """By which they are spoken of."""
        return " ".join(sorted((self.first.member, self.second.member)))


def open_twins(view: View) -> list[Twins]:
    """Who may be the same person and is not known as such."""
    found = []
    for pair in vault.twins(view.connection):
        roots = {queries.root(view.connection, member) for member in pair}
        known = [one for member in sorted(roots) if (one := queries.standing(view.connection, member))]
        if len(known) == 2 and all(one.is_active for one in known):
            first, second = sorted(known, key=lambda one: (one.at, one.member))
            record = keys.record_of(view, pair[0])
            found.append(Twins(first, second, masked_phone(record.phone) if record else ""))
    # Of more than two with one phone, each pair is looked at once.
    return list({one.subject: one for one in found}.values())


def link(session: Session, by: Actor, member: str, into: str) -> None:
    """Two members are one person from now on. Inside the caller's transaction.

    Raises:
        RefusedError: `not_allowed`, `no_such_member`, `member_left`, `same_member`.
    """
    session.require(by, Permission.SETTLE)
    for one in (member, into):
        known = queries.standing(session.connection, one)
        if known is None:
            raise RefusedError("no_such_member")
        if not known.is_active:
            raise RefusedError("member_left")
    if queries.root(session.connection, member) == queries.root(session.connection, into):
        raise RefusedError("same_member")
    _say(session, by, queries.root(session.connection, member), queries.root(session.connection, into))


def part(session: Session, by: Actor, member: str) -> int:
    """Whoever was known by a member is somebody else after all; each agrees to what they agreed to before. Returns how
    many they were.

    Raises:
        RefusedError: `not_allowed`.
    """
    session.require(by, Permission.SETTLE)
    root = queries.root(session.connection, member)
    known = queries.others(session.connection, root)
    # Of links that lead round, the least has one, too.
    own = queries.standing(session.connection, root)
    for one in [*known, *([root] if own and own.same_as else [])]:
        _say(session, by, one, "")
    return len(known)


def _say(session: Session, by: Actor, member: str, into: str) -> None:
    seen = queries.marks_of(session.connection, member)
    session.record(by, MemberLinked, lambda head: commands.link_member(head, member, into, seen))
