"""The tray: what head office found in this store's facts, and what it says and cannot hold here, until that is over."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from core import events
from core.catalogue import queries as goods
from core.codes.life import Unit
from core.credit import queries as credit
from core.database import Connection, transaction
from core.errors import RefusedError
from core.events import CreditDisputed, MatterSettled, Outcome
from core.ids import command_digest
from core.rows import ConflictRow, FindingRow, NoticeRow, OverspentRow, RevocationRow, read
from core.shop import rewards, twins
from core.shop.terminal import Actor, Session, View
from core.staff.permissions import Permission
from core.sync import feeds, streams
from core.sync.hq import known_hq
from core.tray import commands, queries
from core.tray.matters import CONFLICTS, HISTORIES, REASONS, Matter, MatterKind, Party


@dataclass(frozen=True, slots=True)
class Shown:
    """A matter as people see it.

    Attributes:
        item: what the product is called here, its code where it is not known; who asks.
        serial: of the unit, as it stands in its symbol.
    """

    matter: Matter
    item: str = ""
    serial: str = ""


def look(view: View) -> list[Shown]:
    """The open matters, with what they are about."""
    return [_shown(view, matter) for matter in open_matters(view)]


def _shown(view: View, matter: Matter) -> Shown:
    if matter.kind is MatterKind.DISPUTE:
        asks = view.people.get(matter.fact)
        return Shown(matter, asks.name if asks else matter.fact)
    if matter.kind is not MatterKind.CONFLICT:
        return Shown(matter)
    product = goods.find(view.connection, matter.code)
    return Shown(matter, product.label if product else matter.code, Unit(matter.subject, matter.code).serial)


def open_matters(view: View) -> list[Matter]:
    """What nobody settled yet, the newest first."""
    found = [matter for matter in _matters(view) if not queries.is_settled(view.connection, matter)]
    return sorted(found, key=lambda matter: (-matter.at, matter.key))


def settle(session: Session, by: Actor, key: str, outcome: str, *, note: str = "", op: str = "") -> MatterSettled:
    """Somebody answers for a matter.

    Args:
        key: the matter's name, or so much of its beginning that it can be no other.
        outcome: how it ended (`core.events.Outcome`).
        op: of the form, where it may be sent twice.

    Raises:
        RefusedError: `not_allowed`, `no_such_matter`, `bad_outcome`, `bad_reason`.
    """
    session.require(by, Permission.SETTLE)
    op = op or session.ids.new()
    digest = command_digest(f"{key} {outcome} {note}".encode())

    def build(_: Connection) -> MatterSettled:
        return commands.settle(session.head(op, digest, by), _named(session, key), outcome, note)

    with transaction(session.connection):
        settled = session.journal.record(op, digest, MatterSettled, build)
        if settled.outcome is Outcome.SAME_PERSON:
            _link(session, by, settled.subject)
    return settled


def _link(session: Session, by: Actor, subject: str) -> None:
    """Whoever was bound later is known by the other."""
    for two in twins.open_twins(session):
        if two.subject == subject:
            twins.link(session, by, two.second.member, two.first.member)


def _named(view: View, key: str) -> Matter:
    found = [matter for matter in open_matters(view) if key and matter.key.startswith(key)]
    exact = [matter for matter in found if matter.key == key]
    if len(exact or found) != 1:
        raise RefusedError("no_such_matter", text=key[:80])
    return (exact or found)[0]


def _matters(view: View) -> Iterator[Matter]:
    yield from _told(view.connection)
    yield from map(partial(_dispute, view), credit.disputed(view.connection))
    for two in twins.open_twins(view):
        what = " · ".join(filter(None, (two.phone, two.first.guide, two.second.guide)))
        yield Matter(MatterKind.TWINS, "one_phone", two.subject, two.second.at, detail=what)
    yield from _overspent(view)
    yield from _happened(view)


def _told(connection: Connection) -> Iterator[Matter]:
    """What head office says."""
    for key, body in feeds.rows(connection, "conflicts").items():
        what, _, unit = key.partition(":")
        if what in CONFLICTS and (conflict := read(body, ConflictRow)):
            parties = tuple(Party(one.op, one.store, one.terminal, one.receipt, one.at) for one in conflict.parties)
            yield Matter(MatterKind.CONFLICT, what, unit, conflict.at, parties, conflict.code)
    for key, body in feeds.rows(connection, "findings").items():
        what, _, digest = key.partition(":")
        if what in REASONS and (row := read(body, FindingRow)):
            who = row.terminal
            yield Matter(MatterKind.FINDING, what, digest, row.at, terminal=who, fact=row.fact, detail=row.detail)
    for key, body in feeds.rows(connection, "notices").items():
        if notice := read(body, NoticeRow):
            # Another text under the same name is another notice.
            said = hashlib.sha256(notice.text.encode()).hexdigest()[:8]
            yield Matter(MatterKind.NOTICE, "notice", f"{key} {said}", detail=notice.text)
    for scope, key, error in feeds.refused(connection):
        yield Matter(MatterKind.REFUSED, scope, key, error=error)


def _overspent(view: View) -> Iterator[Matter]:
    """What head office says was used more often than it was there; of somebody with another record, all count."""
    for key, body in feeds.rows(view.connection, "overspent").items():
        what, _, subject = key.partition(":")
        row = read(body, OverspentRow)
        if row and what == "points" and (points := rewards.points_of(view, subject)) < 0:
            # More than was seen is another matter.
            yield Matter(MatterKind.OVERSPENT, "points_overspent", f"{subject} {-points}", detail=str(-points))
        elif row and what == "coupon":
            # Used once more, it is another matter.
            name = f"{subject} {row.count}"
            yield Matter(MatterKind.OVERSPENT, "coupon_twice", name, detail=" · ".join((subject, *row.receipts)))


def _happened(view: View) -> Iterator[Matter]:
    """What happened to this till, to others, or to head office."""
    connection = view.connection
    for stream in streams.streams(connection):
        if stream.reason in HISTORIES:
            yield Matter(MatterKind.HISTORY, stream.reason, stream.id, _began(connection, stream.number))
    if (hq := known_hq(connection)) and hq.lost:
        yield Matter(MatterKind.HISTORY, "hq_restored", str(hq.lost_at), hq.lost_at, detail=str(hq.lost))
    for key, body in feeds.rows(connection, "revocations").items():
        store, _, terminal = key.partition(":")
        if store == view.settings["store"] and (gone := read(body, RevocationRow)):
            yield Matter(MatterKind.HISTORY, "revoked", f"{key} {gone.at}", gone.at, detail=terminal)


def _dispute(view: View, asked: CreditDisputed) -> Matter:
    head, receipt = asked.head, asked.receipt
    sale = Party(head.op, view.settings["store"], view.settings["terminal"], receipt, head.at)
    return Matter(
        MatterKind.DISPUTE, "credit_disputed", receipt, head.at, (sale,), fact=head.staff, detail=asked.reason
    )


def _began(connection: Connection, stream: int) -> int:
    """When the first fact of a stream was recorded, ms since the epoch."""
    row = connection.execute("SELECT event FROM journal WHERE stream = ? AND seq = 1", (stream,)).fetchone()
    return events.decode(row[0]).head.at if row else 0
