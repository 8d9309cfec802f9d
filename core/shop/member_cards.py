"""What is shown while a member is looked for, and of the one who was found."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import RefusedError
from core.events import Event, SaleCompleted
from core.members import queries
from core.members.marks import Mark, marks_of
from core.members.phone import masked_phone, read_phone
from core.shop import members
from core.shop.members import Member
from core.shop.terminal import Actor, View


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a text may mean.

    Attributes:
        phone: masked, where the text is a phone; without members it is nobody's here.
    """

    members: tuple[Member, ...] = ()
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """All that is shown of a member.

    Attributes:
        history: the facts about them, the newest first.
        others: how many other members are the same person.
    """

    member: Member
    marks: tuple[Mark, ...]
    history: tuple[Event, ...]
    others: int = 0


def look_for(view: View, by: Actor, text: str) -> Found:
    """Whom a text may mean, while it is typed; whoever was bound last, where there is none.

    Raises:
        RefusedError: `not_allowed`.
    """
    if not text.strip():
        return Found(tuple(members.newest(view, by)))
    try:
        phone = masked_phone(read_phone(text, view.settings["country"]))
    except RefusedError:
        phone = ""
    try:
        return Found(tuple(members.find(view, by, text)), phone)
    except RefusedError as refused:
        if refused.code != "no_such_member":
            raise
        return Found(phone=phone)


def card_of(view: View, by: Actor, member: str) -> Card:
    """All that is shown of a member.

    Raises:
        RefusedError: `not_allowed`, `no_such_member`.
    """
    moments = members.history(view, by, member)
    shown = members.member_of(view, member)
    marks = marks_of(
        shown.standing,
        has_record=bool(shown.phone),
        last_bought=next((one.head.date for one in moments if isinstance(one, SaleCompleted) and one.net > 0), ""),
        today=view.today(),
        days=view.settings["repeat_days"],
    )
    others = queries.others(view.connection, shown.id)
    return Card(shown, marks, tuple(moments), len(others))
