"""Head office's tables, one schema on SQLite and on PostgreSQL.

Every primary key begins with what the rows would be spread by over a cluster: the store; for what is said of a unit,
the unit; for what is answered, what it is about. There are no sequences, no triggers, and no foreign keys.

* log: what the terminals sent; appended to, never rewritten
* desk: what head office itself decides: tokens, streams, feeds
* projection: derived from the log, dropped and rebuilt from it at will
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table, Text

from core.reports.sums import FIGURES

METADATA = MetaData()


def _text(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=False)


def _number(name: str, *, key: bool = False) -> Column[int]:
    return Column(name, BigInteger, primary_key=key, nullable=False, autoincrement=False)


def _bytes(name: str, *, key: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, primary_key=key, nullable=False)


def _table(kind: str, name: str, *columns: Column[Any]) -> Table:
    return Table(name, METADATA, *columns, info={"kind": kind})


STORE = _table("desk", "store", _text("store_id", key=True))
"""Stores with terminals; whoever projects a store's facts holds its row."""

TOKEN = _table(
    "desk", "enrolment_token",
    _text("store_id", key=True), _bytes("digest", key=True), _text("terminal_id"), _number("expires"),
    _text("stream_id"),
)  # fmt: skip
"""One-time tokens by their SHA-256; `stream_id` is the stream that used it."""

STREAM = _table(
    "desk", "stream",
    _text("store_id", key=True), _text("stream_id", key=True), _text("terminal_id"), _bytes("public_key"),
    _number("acked"), _bytes("hash"), _bytes("head"), _number("projected"), _number("opened"),
)  # fmt: skip
"""Streams of terminals; `head` is the terminal's signature of where it stood when `acked` was reached."""

FEED = _table(
    "desk", "feed",
    _text("store_id", key=True), _text("terminal_id", key=True), _text("scope", key=True), _text("key", key=True),
    _number("change"), _text("body"),
)  # fmt: skip
"""What terminals are to know: of a terminal, a store (`terminal_id` is empty), or the chain (`store_id`, too). An
empty body says that there is nothing under that key any more."""

Index("feed_by_change", FEED.c.store_id, FEED.c.terminal_id, FEED.c.scope, FEED.c.change)

FEED_HEAD = _table(
    "desk", "feed_head",
    _text("store_id", key=True), _text("terminal_id", key=True), _text("scope", key=True),
    _number("change"), _number("count"), _bytes("digest"),
)  # fmt: skip
"""The number of a feed's last change, how many rows it has, and the digest of all of them."""

CODE_KEY = _table(
    "desk", "code_key",
    _text("store_id", key=True), _bytes("secret", key=True), _number("added"),
)  # fmt: skip
"""Keys under which unit codes are checked: head office's (`store_id` is empty), which new codes are made under, and
those that stores brought with them."""

BLOCK = _table(
    "desk", "block",
    _text("store_id", key=True), _number("number", key=True), _text("terminal_id"), _text("stream_id"),
    _number("leased"),
)  # fmt: skip
"""Blocks of unit codes, each leased to one stream, and to no other ever."""

EVENT = _table(
    "log", "event",
    _text("store_id", key=True), _text("stream_id", key=True), _number("seq", key=True),
    _number("received"), _bytes("raw"), _bytes("hash"),
)  # fmt: skip
"""The facts, as the bytes that the terminals hashed."""

EVIDENCE = _table(
    "log", "evidence",
    _text("store_id", key=True), _text("stream_id", key=True), _number("seq", key=True), _bytes("hash", key=True),
    _number("received"), _bytes("raw"),
)  # fmt: skip
"""What was sent and does not belong to its stream: the other branch of a fork, facts of a revoked terminal."""

FACT = _table(
    "projection", "fact",
    _text("store_id", key=True), _text("op", key=True), _bytes("digest"), _text("stream_id"), _number("seq"),
)  # fmt: skip
"""Commands that were counted: each once, however often and by whichever stream its fact arrives."""

FINDING = _table(
    "projection", "finding",
    _text("store_id", key=True), _bytes("digest", key=True), _text("reason", key=True),
    _text("stream_id"), _number("seq"), _text("op"), _text("kind"), _number("at"), _text("detail"),
)  # fmt: skip
"""Facts that could not be counted, or not as they say; `digest` is the SHA-256 of the fact."""

DAY = _table(
    "projection", "day",
    _text("store_id", key=True), _text("date", key=True), _text("terminal_id", key=True),
    *(_number(name) for name in (*FIGURES, "facts")),
)  # fmt: skip
"""Here and below: `facts` is how many said something of the row; without any there is none."""


def _grouped(name: str, key: Column[Any], *figures: str) -> Table:
    return _table(
        "projection",
        name,
        _text("store_id", key=True),
        _text("date", key=True),
        key,
        *(_number(figure) for figure in (*figures, "facts")),
    )


DAY_HOUR = _grouped("day_hour", _number("hour", key=True), "net", "orders", "pieces")
DAY_TENDER = _grouped("day_tender", _text("tender", key=True), "amount", "count")
DAY_PRODUCT = _grouped("day_product", _text("code", key=True), "net", "pieces")
DAY_TOUCHPOINT = _grouped("day_touchpoint", _text("touchpoint", key=True), "net", "orders", "pieces")
DAY_PERSON = _table(
    "projection", "day_person",
    _text("store_id", key=True), _text("date", key=True), _text("person", key=True), _text("role", key=True),
    _number("net"), _number("orders"), _number("pieces"), _number("facts"),
)  # fmt: skip

DAY_MEMBER = _table(
    "projection", "day_member",
    _text("store_id", key=True), _text("date", key=True), _text("member_id", key=True),
    _number("net"), _number("orders"), _number("facts"),
)  # fmt: skip
"""Who bought on a day."""

Index("day_member_by_member", DAY_MEMBER.c.store_id, DAY_MEMBER.c.member_id, DAY_MEMBER.c.date)

NAME = _table(
    "projection", "name",
    _text("store_id", key=True), _text("kind", key=True), _text("key", key=True),
    _text("name"), _number("at"), _text("op"),
)  # fmt: skip
"""What a store calls its goods, its people and itself; the newest holds. Its currency is kept here, too."""

CLAIM = _table(
    "projection", "claim",
    _text("unit", key=True), _text("store_id", key=True), _text("op", key=True), _number("line", key=True),
    _text("terminal_id"), _text("kind"), _number("at"), _text("code"), _text("receipt"), _text("origin"),
)  # fmt: skip
"""What facts say of units that can be said once only: sold, brought back, void."""

CONFLICT = _table(
    "projection", "conflict",
    _text("unit", key=True), _text("kind", key=True), _text("holder"), _text("others"), _number("at"),
)  # fmt: skip
"""What cannot all be true of a unit; the ops that do not hold are separated by spaces."""


ANSWER = _table(
    "projection", "answer",
    _text("subject", key=True), _text("store_id", key=True), _text("op", key=True), _text("matter"), _text("ops"),
)  # fmt: skip
"""What somebody in a store answered for: of a unit or, by its digest, of a fact."""


MEMBER_SAID = _table(
    "projection", "member_said",
    _text("store_id", key=True), _text("member_id", key=True), _text("op", key=True),
    _text("kind"), _number("at"), _text("date"), _text("guide"), _text("touchpoint"),
    _text("purposes"), _text("commitment"), _text("seen"),
)  # fmt: skip
"""What facts say of members: that they were bound, agreed, agreed no more, or are otherwise known from now on."""

CREDIT = _table(
    "projection", "credit",
    _text("store_id", key=True), _text("receipt", key=True), _text("op", key=True),
    _text("terminal_id"), _text("date"), _number("amount"), _text("parts"),
)  # fmt: skip
"""Goods of a sale that changed hands, and who was credited with them then."""

CREDIT_DECIDED = _table(
    "projection", "credit_decided",
    _text("store_id", key=True), _text("receipt", key=True), _text("op", key=True),
    _number("at"), _text("seen"), _text("parts"),
)  # fmt: skip
"""What somebody decided about the credit for a sale."""

DAY_CREDIT = _table(
    "projection", "day_credit",
    _text("store_id", key=True), _text("date", key=True), _text("terminal_id", key=True), _text("person", key=True),
    _number("amount"), _number("facts"),
)  # fmt: skip
"""What somebody is credited with on a day, by the till that sold."""

MEMBER_POINTS = _table(
    "projection", "member_points",
    _text("store_id", key=True), _text("member_id", key=True), _text("terminal_id", key=True),
    _number("points"), _number("used"), _number("facts"),
)  # fmt: skip
"""Members' points by the facts of each till."""

COUPON_SAID = _table(
    "projection", "coupon_said",
    _text("store_id", key=True), _text("coupon", key=True), _text("op", key=True), _text("kind", key=True),
    _text("terminal_id"), _text("receipt"), _number("at"), _number("off"), _number("least"), _text("until"),
    _text("member_id"),
)  # fmt: skip
"""What facts say of coupons: given, used, or back, with the sale on `receipt`."""

AHEAD = _table(
    "log", "ahead",
    _text("store_id", key=True), _bytes("digest", key=True),
    _text("terminal_id"), _text("stream_id"), _number("received"), _bytes("raw"),
)  # fmt: skip
"""Withdrawals that were sent before the facts that stand before them in their streams."""

INVITATION = _table(
    "projection", "invitation",
    _text("token", key=True), _text("store_id", key=True), _text("op", key=True),
    _text("terminal_id"), _text("guide"), _text("staff"), _text("touchpoint"), _text("language"),
    _number("at"), _number("offset"), _number("expires"), _number("protected"),
)  # fmt: skip
"""Codes that were shown, by which people become members."""

SCAN = _table(
    "log", "scan",
    _bytes("digest", key=True), _text("token"), _text("person"), _text("event"), _number("at"), _number("received"),
)  # fmt: skip
"""Scans of such codes that WeChat told of, each once; `person` is a keyed hash."""

Index("scan_by_token", SCAN.c.token)

REPLY = _table(
    "log", "reply",
    _text("token", key=True), _text("person", key=True),
    _number("at"), _text("purposes"), _text("notice"), _text("language"), _text("commitment"),
)  # fmt: skip
"""What people answered on their own phones: to nothing, where they refused. `person` is a keyed hash."""

Index("reply_by_person", REPLY.c.person)

BINDING = _table(
    "desk", "binding",
    _text("token", key=True), _text("store_id"), _text("terminal_id"), _text("state"), _number("at"),
    _text("member_id"), _text("guide"), _text("since"),
)  # fmt: skip
"""What became of invitations, decided once; `state` is empty until then."""

Index("binding_by_member", BINDING.c.store_id, BINDING.c.member_id)

PERSON = _table(
    "desk", "person",
    _text("mark", key=True), _text("store_id", key=True), _text("member_id"),
)  # fmt: skip
"""Which member of a store somebody is, by a keyed hash of who they are at WeChat."""

Index("person_by_member", PERSON.c.store_id, PERSON.c.member_id)

RECORD = _table(
    "desk", "record",
    _text("store_id", key=True), _text("member_id", key=True), _text("commitment", key=True),
    _number("state"), _bytes("secret"), _bytes("body"),
)  # fmt: skip
"""Members' records, each sealed under a key of its own, `secret`, which is sealed under the vault's. `state`: 0 kept,
1 overwritten with zeros, 2 gone from the disk as well. Rows are never deleted: SQLite then never moves one."""


def tables(kind: str) -> list[Table]:
    """The tables of a kind, in the order in which they are declared."""
    return [table for table in METADATA.sorted_tables if table.info["kind"] == kind]
