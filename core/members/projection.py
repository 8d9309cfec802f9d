"""Members as the facts left them: who won them, what they agree to, and which facts are about them."""

from __future__ import annotations

from core.database import Connection
from core.errors import RefusedError
from core.events import (
    ConsentGiven,
    ConsentWithdrawn,
    CouponGiven,
    Event,
    MemberAssigned,
    MemberBound,
    MemberCorrected,
    MemberErased,
    MemberInvited,
    MemberLinked,
    PointsAdjusted,
    Purpose,
    RecordDisclosed,
    SaleCompleted,
)
from core.members.consent import in_order, names_of

TABLES = ("member", "member_moment", "member_withdrawal", "invitation")

_About = (
    ConsentGiven | ConsentWithdrawn | MemberAssigned | MemberCorrected | MemberErased | MemberLinked | RecordDisclosed
)


def check(connection: Connection, event: Event) -> None:
    """Of one who left or was erased nothing more is said."""
    if isinstance(event, MemberBound):
        if connection.execute("SELECT 1 FROM member WHERE member = ?", (event.member,)).fetchone():
            raise RefusedError("member_exists")
    elif isinstance(event, _About):
        row = connection.execute("SELECT state FROM member WHERE member = ?", (event.member,)).fetchone()
        if row and row[0] != "active" and not (row[0] == "left" and isinstance(event, MemberErased)):
            raise RefusedError("member_left")


def apply(connection: Connection, position: int, event: Event) -> None:
    if isinstance(event, SaleCompleted | PointsAdjusted | CouponGiven):
        if event.member:
            _moment(connection, event.member, position, said=False)
    elif isinstance(event, MemberInvited):
        head = event.head
        connection.execute(
            "INSERT INTO invitation (token, position, date, at, expires, guide, staff, touchpoint, member)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, '') ON CONFLICT (token) DO NOTHING",
            (
                event.token, position, head.date, head.at, event.expires, event.guide, head.staff, head.touchpoint
            ),
        )  # fmt: skip
    elif isinstance(event, MemberBound):
        head = event.head
        connection.execute(
            "INSERT INTO member"
            " (member, position, at, date, guide, touchpoint, purposes, withdrawn, commitment, state, since)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, '', ?, 'active', ?) ON CONFLICT (member) DO NOTHING",
            (
                event.member, position, head.at, head.date, event.guide, head.touchpoint,
                " ".join(event.purposes), event.commitment, head.date,
            ),
        )  # fmt: skip
        if event.invitation:
            connection.execute("UPDATE invitation SET member = ? WHERE token = ?", (event.member, event.invitation))
        _moment(connection, event.member, position, said=True)
    elif isinstance(event, _About):
        _change(connection, event)
        _moment(connection, event.member, position, said=not isinstance(event, RecordDisclosed))
        if isinstance(event, ConsentWithdrawn | MemberErased):
            connection.execute("INSERT INTO member_withdrawal (position) VALUES (?)", (position,))


def _change(connection: Connection, event: _About) -> None:
    if isinstance(event, RecordDisclosed):
        return
    # One who was bound at another till has no row before: position 0.
    connection.execute(
        "INSERT INTO member (member, position, at, date, guide, touchpoint, purposes, withdrawn, commitment, state)"
        " VALUES (?, 0, 0, '', '', '', '', '', '', 'active') ON CONFLICT (member) DO NOTHING",
        (event.member,),
    )
    if isinstance(event, MemberLinked):
        connection.execute("UPDATE member SET same_as = ? WHERE member = ?", (event.into, event.member))
        return
    if isinstance(event, MemberAssigned):
        connection.execute(
            "UPDATE member SET guide = ?, since = ? WHERE member = ?", (event.guide, event.since, event.member)
        )
        return
    row = connection.execute(
        "SELECT purposes, withdrawn, commitment, state FROM member WHERE member = ?", (event.member,)
    ).fetchone()
    held, withdrawn = set(names_of(row[0])), set(names_of(row[1]))
    commitment, state = row[2:]
    if isinstance(event, ConsentGiven):
        held, withdrawn = held | set(event.purposes), withdrawn - set(event.purposes)
    elif isinstance(event, ConsentWithdrawn):
        held, withdrawn = held - set(event.purposes), withdrawn | set(event.purposes)
        if Purpose.MEMBERSHIP in event.purposes and state == "active":
            state = "left"
    elif isinstance(event, MemberErased):
        state = "erased"
    else:
        commitment = event.commitment
    if state != "active":
        held, withdrawn, commitment = set(), set(Purpose), ""
    connection.execute(
        "UPDATE member SET purposes = ?, withdrawn = ?, commitment = ?, state = ? WHERE member = ?",
        (" ".join(in_order(held)), " ".join(in_order(withdrawn)), commitment, state, event.member),
    )


def _moment(connection: Connection, member: str, position: int, *, said: bool) -> None:
    connection.execute(
        "INSERT INTO member_moment (member, position, said) VALUES (?, ?, ?)", (member, position, int(said))
    )
