"""What is shown while a member is looked for, and of the one who was found."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from core.clock import iso_time
from core.errors import RefusedError
from core.events import Disclosure, Event, SaleCompleted
from core.files import OWNER, write_whole
from core.members import queries
from core.members.marks import Mark, marks_of
from core.members.phone import masked_phone, read_phone
from core.members.record import Record
from core.shop import members, rewards
from core.shop.members import Member
from core.shop.rewards import NOTHING, Rewards
from core.shop.terminal import Actor, Terminal, View


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
        has: their points, and the coupons that they can use.
    """

    member: Member
    marks: tuple[Mark, ...]
    history: tuple[Event, ...]
    others: int = 0
    has: Rewards = NOTHING


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
    return Card(shown, marks, tuple(moments), len(others), rewards.rewards_of(view, shown.id))


def export(terminal: Terminal, by: Actor, member: str, path: Path) -> None:
    """Write what the shop knows of a member into a file for them (个人信息保护法 §45); that it was is a fact.

    Raises:
        RefusedError: as `members.disclose`.
        OSError: when the file cannot be written.
    """
    see = partial(members.disclose, by=by, member=member, how=Disclosure.EXPORTED)
    record = terminal.write(see).result()
    known = terminal.read(partial(copy_of, by=by, member=member, record=record)).result()
    write_whole(path, json.dumps(known, ensure_ascii=False, indent=2).encode(), OWNER)


def copy_of(view: View, by: Actor, member: str, record: Record) -> dict[str, Any]:
    """All that the shop knows of a member, as JSON has it; the record in clear.

    Raises:
        RefusedError: `not_allowed`, `no_such_member`.
    """
    moments = [moment_of(view, event) for event in members.history(view, by, member)]
    has = rewards.rewards_of(view, member)
    rewarded = {"points": has.points, "coupons": [one.code for one in has.coupons]}
    return {**document_of(members.member_of(view, member)), **clear_of(record), **rewarded, "history": moments}


def document_of(one: Member) -> dict[str, Any]:
    """A member as JSON has them: masked."""
    standing = one.standing
    return {
        "member": one.id,
        "state": standing.state,
        "confirmed": one.confirmed,
        "phone": one.phone,
        "name": one.name,
        "guide": standing.guide,
        "consent": list(standing.purposes),
        "date": standing.date,
        "touchpoint": standing.touchpoint,
    }


def clear_of(record: Record) -> dict[str, str]:
    """A record in clear."""
    return {"phone": record.phone, "name": record.name, "card": record.card}


def moment_of(view: View, event: Event) -> dict[str, Any]:
    """A fact about a member, as JSON has it."""
    head = event.head
    at = iso_time(head.at, view.calendar.day_and_offset(head.at)[1])
    kind = str(event.__struct_config__.tag)
    said: dict[str, Any] = {"at": at, "kind": kind, "staff": head.staff, "touchpoint": head.touchpoint}
    for name in ("purposes", "notice", "receipt", "how", "reason", "points", "coupon"):
        if value := getattr(event, name, None):
            said[name] = value
    if isinstance(event, SaleCompleted):
        said["items"] = [
            {"code": line.code, "name": line.name, "quantity": line.quantity, "serial": line.serial}
            for line in event.lines
        ]
        said["points"] = sum(line.earned - line.used for line in event.lines)
    return said
