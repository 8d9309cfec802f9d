"""What the rows of feeds say: a body for each scope, as JSON under the row's key."""

from __future__ import annotations

import hashlib
from typing import Annotated, TypeVar

import msgspec

from core.wire import Count, Moment

R = TypeVar("R", bound=msgspec.Struct)


def read(body: str, kind: type[R]) -> R | None:
    """A body as what it should be; none where it is not: whoever it came from, nobody stumbles over it."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError:
        return None


def op_mark(op: str) -> str:
    """A fact's id in 16 hexadecimal digits: enough to tell the facts about one member apart."""
    return hashlib.sha256(op.encode()).hexdigest()[:16]


class ProductRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of the scope `catalogue`, under a GTIN-14 or a chain's own code. `price` in minor units, `tax_rate` in parts per
    million.
    """

    name: str
    price: Count | None = None
    tax_rate: Count | None = None
    category: str = ""
    spec: str = ""


class PriceRow(msgspec.Struct, frozen=True):
    """Of the scope `prices`, under a product's code, a colon, and the business date from which it holds (ISO 8601).

    Attributes:
        price: minor units; none = asked at the till.
    """

    price: Count | None


class PromotionRow(msgspec.Struct, frozen=True):
    """Of the scope `promotions`, under a product's code, a colon, and the first business date.

    Attributes:
        price: minor units; it is charged where the product costs more.
        until: last business date.
    """

    price: Count
    until: str


class FreezeRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of the scope `freezes`, under a product's code, the key of a unit or the name of a batch: not to be sold."""

    reason: str = ""


class TargetRow(msgspec.Struct, frozen=True):
    """Of the scope `targets`, under a business date: what the store is to sell, minor units; under the date, a colon,
    and a person: what they are to be credited with.
    """

    net: Count


class CreditDayRow(msgspec.Struct, frozen=True):
    """Of the scope `credits`, under a business date, a colon, a terminal, a colon, and a person: what they are credited
    with of what was sold there, minor units.
    """

    amount: int


class CreditRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of the scope `credit`, under a business date: how sales to members are credited from that day on; the fields are
    those of `core.events.CreditRuleSet`.
    """

    binder: Count
    window: Count = 0
    protected: Count = 0


class PointsRuleRow(msgspec.Struct, frozen=True, kw_only=True):
    """Of the scope `points`, under a business date: what members earn and what it is worth from that day on; the fields
    are those of `core.events.PointsRuleSet`.
    """

    spend: Count
    worth: Count
    most: Count = 1_000_000
    unheard: Count = 0


class PointsRow(msgspec.Struct, frozen=True):
    """Of the scope `balances`, under a member's id, a colon, and a terminal: their points by its facts.

    Attributes:
        points: left of what they earned and were given there.
        used: of which they used so many.
        facts: how many say so.
    """

    points: int
    used: int
    facts: Count


class CouponUse(msgspec.Struct, frozen=True):
    """A sale that a coupon took something off, of which not everything came back; at which till."""

    terminal: str
    receipt: str


class CouponRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of the scope `coupons`, under a coupon's code: what it is by all that was said of it in its store; the fields are
    those of `core.events.CouponGiven`. More than one use cannot be right.

    Attributes:
        said: the facts from which this follows (`op_mark`).
    """

    off: Count
    least: Count = 0
    until: str = ""
    member: str = ""
    uses: tuple[CouponUse, ...] = ()
    said: tuple[str, ...] = ()


class OverspentRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of the scope `overspent`, under `points:` and a member's id, or `coupon:` and its code: more was used than there
    was.

    Attributes:
        count: points too many, or uses.
        receipts: of the sales that used the coupon.
    """

    count: Count
    receipts: tuple[str, ...] = ()


class DayRow(msgspec.Struct, frozen=True):
    """Of the scope `days`, under a business date, a colon, and a terminal: what head office counted of it. Money in
    minor units.
    """

    net: int
    orders: int
    pieces: int


class RevocationRow(msgspec.Struct, frozen=True):
    """Of the scope `revocations`, under a store, a colon, and a terminal that may not speak any more.

    Attributes:
        at: since when.
        blocks: numbers of the blocks that were leased to it, and of which it issued no code that is known.
    """

    at: Moment
    blocks: tuple[int, ...]


class CommandRow(msgspec.Struct, frozen=True):
    """Of the scope `commands`, under a name that is new each time: which of `COMMANDS` a terminal is to do."""

    do: str


COMMANDS = ("check",)
"""`check`: prove that everything is whole, as the command `doctor` does."""


class NoticeRow(msgspec.Struct, frozen=True):
    """Of the scope `notices`, under a name: something that somebody in the shop should read."""

    text: str


class PersonRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of the scope `staff`, under a person's id."""

    name: str
    role: str
    active: bool = True


class SettingRow(msgspec.Struct, frozen=True):
    """Of the scope `settings`, under a setting's name; the value in its text form."""

    value: str


class UnitRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of the scope `units`, under a unit's key: what it is by all that was said of it, and by whom.

    Attributes:
        state: sold, returned or void.
        code: GTIN-14; empty where it was not said.
        at: of the last that was said.
    """

    state: str
    code: str = ""
    store: str
    terminal: str
    receipt: str = ""
    at: Moment


class MemberRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of the scope `members`, under a member's id: what they are by all that was said of them in their store.

    Attributes:
        at, date, guide, touchpoint: of the binding; empty while it is not known at head office.
        purposes, withdrawn: what they agree to, and what they took back since.
        commitment: of their record.
        state: active, left or erased.
        said: the facts from which this follows (`op_mark`).
        since: business date from which they are the guide's.
        same_as: the member by whom they are known, where they are one person.
        last: business date on which they agreed to something or bought something last.
    """

    at: Moment = 0
    date: str = ""
    guide: str = ""
    touchpoint: str = ""
    purposes: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    commitment: str = ""
    state: str
    said: tuple[str, ...]
    since: str = ""
    same_as: str = ""
    last: str = ""


class OutcomeRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of the scope `outcomes`, under an invitation's token: what became of it at head office.

    Attributes:
        state: `waiting`, `confirmed`, `refused`, `expired` or `other_guide`.
        at: since when.
        link: what stands in the code instead of our own link, where WeChat gave one; the state is empty then.
        member: who it was; `new`: they were none of the store's before.
        purposes, notice, language: what they agreed to, under which text.
        commitment: of the record of a new member.
        seen: the facts about them that head office had when they agreed (`op_mark`).
        guide: whose they are; `since` which business date.
        staff, touchpoint: who showed the code, and where.
    """

    state: str = ""
    at: Moment = 0
    link: str = ""
    member: str = ""
    new: bool = False
    purposes: tuple[str, ...] = ()
    notice: str = ""
    language: str = ""
    commitment: str = ""
    seen: tuple[str, ...] = ()
    guide: str = ""
    since: str = ""
    staff: str = "system"
    touchpoint: str = "counter"


class PartyRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of those who say something of a unit; `receipt` is empty for one who voided it."""

    op: str
    store: str
    terminal: str
    receipt: str = ""
    at: Moment


class ConflictRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of the scope `conflicts`, under what is the matter, a colon, and the unit's key. The first party's word holds."""

    code: str = ""
    at: Moment
    parties: Annotated[list[PartyRow], msgspec.Meta(min_length=2)]


class FindingRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of the scope `findings`, under why a fact does not count as it says, a colon, and its SHA-256.

    Attributes:
        seq: its number in its stream.
        fact: its kind; empty where it cannot be read.
    """

    terminal: str
    seq: Count
    fact: str = ""
    at: Moment = 0
    detail: str = ""


class BlockRow(msgspec.Struct, frozen=True):
    """Of the scope `blocks`, under a block's number: the stream that alone may issue its codes."""

    stream: str
