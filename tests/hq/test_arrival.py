"""The order in which facts arrive changes nothing of what head office derives from them."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, bindparam, event, insert, update

from core import wire
from core.chain import chain as chained
from core.chain import genesis
from core.events import (
    ConsentGiven,
    ConsentWithdrawn,
    CouponBack,
    CouponGiven,
    CreditDecided,
    CreditPart,
    CreditReason,
    Decided,
    Event,
    Head,
    LineKind,
    MatterSettled,
    MemberAssigned,
    MemberBound,
    MemberCorrected,
    MemberErased,
    MemberInvited,
    MemberLinked,
    Outcome,
    PointsAdjusted,
    ProductChanged,
    Purpose,
    Role,
    SaleCompleted,
    StaffChanged,
    Tender,
    TenderKind,
    TerminalSetUp,
    UnitsChanged,
    UnitStep,
)
from core.hq import admission
from core.hq.database import Database, sqlite_url
from core.hq.projector import Projector
from core.hq.reading import Reason, read
from core.hq.schema import EVENT, STORE, STREAM, tables
from core.hq.telling import SCOPES
from core.hq.units import KINDS
from core.members.invitation import new_token
from core.rows import op_mark
from core.wire import Certificate, Push
from tests.hq.api_tools import (
    AT,
    Rows,
    fact,
    head,
    line,
    projections,
    sale,
    told_again,
)
from tests.hq.test_lies import empty, newer, unknown
from tests.hq.world import HISTORIES, ORDERS, replace

_PARTS: tuple[tuple[tuple[str, int], ...], ...] = (
    (),
    (("p1", 1_000_000),),
    (("p2", 1_000_000),),
    (("p2", 250_000), ("p1", 750_000)),
    (("p1", 333_333), ("p2", 666_667)),
    (("p1", 5), ("p2", -5)),
)
"""Who may be credited with a sale; the last is no whole."""

_COUPONS = ("CPCCCCCCCCCCCC", "CPDDDDDDDDDDDD")


@dataclass(frozen=True)
class Stream:
    """A stream of a history, and what it told."""

    owner: Certificate
    key: Ed25519PrivateKey
    facts: list[bytes]

    @property
    def place(self) -> tuple[str, str]:
        return self.owner.store, self.owner.stream


class Historian:
    """Makes histories up.

    Args:
        seed: of all that is random.
    """

    def __init__(self, seed: int) -> None:
        self._chance, self.ops = random.Random(seed), list[str]()
        self.told: list[tuple[str, bytes]] = []
        self._tokens = {store: [new_token(store, self._chance.randbytes) for _ in "tu"] for store in ("S1", "S2")}

    def history(self) -> list[Stream]:
        """Streams of a few terminals of two stores: sales, names, units, answers, copies, facts told again by the same
        terminal or by another, under one id what is not the same, and what cannot be read.
        """
        chance = self._chance
        found = []
        for store, terminals in (("S1", ("T1", "T2")), ("S2", ("T1",))):
            self.ops, self.told = [f"{store}-{n}" for n in range(5)], []
            for terminal in terminals:
                for _ in range(chance.choice((1, 1, 2))):
                    stream = self._stream(store, terminal)
                    for number in range(chance.randint(3, 6)):
                        stream.facts.append(self._fact(stream, number))
                        self.told.append((terminal, stream.facts[-1]))
                    found.append(stream)
        return found

    def _stream(self, store: str, terminal: str) -> Stream:
        key = Ed25519PrivateKey.from_private_bytes(self._chance.randbytes(32))
        name = str(uuid.UUID(bytes=self._chance.randbytes(16), version=4))
        public = key.public_key().public_bytes_raw()
        return Stream(Certificate(store=store, terminal=terminal, stream=name, public_key=public, issued=0), key, [])

    def _fact(self, stream: Stream, number: int) -> bytes:
        chance = self._chance
        own = f"{stream.owner.stream[:8]}-{number}"
        what = chance.random()
        if what < 0.3 and self.told:
            mine = [raw for terminal, raw in self.told if terminal == stream.owner.terminal]
            raw = chance.choice(mine) if mine and chance.random() < 0.8 else chance.choice(self.told)[1]
            return told_again(raw, f"again {own}") if chance.random() < 0.7 else raw
        op = chance.choice(self.ops) if what < 0.6 else own
        if what > 0.85:
            return chance.choice(
                (b"", b"\0", fact(sale(op), v=9), unknown(op), unknown(op, "test.later"), fact(self._sale(op), v=2))
            )
        return fact(self._event(op, stream.owner.store))

    def _event(self, op: str, store: str) -> Event:
        chance = self._chance
        made, name = head(op, AT + chance.randrange(3) * 3_600_000), chance.choice("aAbBä云")
        makers: dict[Callable[[], Event], int] = {
            lambda: ProductChanged(head=made, code=chance.choice("WR"), name=name): 1,
            lambda: StaffChanged(head=made, id="p1", name=name, role=Role.CASHIER): 1,
            lambda: TerminalSetUp(
                head=made, stream="s", store=store, terminal="T1", name=name, currency="CNY", timezone="UTC"
            ): 1,
            lambda: UnitsChanged(
                head=made,
                units=chance.choices("uvw", k=chance.randint(1, 2)),
                step=chance.choice((UnitStep.VOID, UnitStep.MISSING)),
            ): 1,
            lambda: self._answer(made): 2,
            lambda: self._member_said(made): 3,
            lambda: self._credit_said(made): 2,
            lambda: PointsAdjusted(head=made, member=chance.choice("mn"), points=chance.choice((-9, 3)), reason="x"): 1,
            lambda: CouponGiven(
                head=made, coupon=chance.choice(_COUPONS), off=chance.choice((5, 9)), until="2026-12-31", member="m"
            ): 1,
            lambda: MemberInvited(
                head=made, token=chance.choice(self._tokens[store]), guide="p1", language="en", expires=made.at
            ): 2,
            lambda: self._sale(op): 4,
        }
        return chance.choices(list(makers), list(makers.values()))[0]()

    def _credit_said(self, made: Head) -> Event:
        parts = [Decided(person=person, part=part) for person, part in self._chance.choice(_PARTS)]
        receipt = f"R-{self._chance.choice(self.ops)}"
        return CreditDecided(head=made, receipt=receipt, parts=parts, reason="x", seen=self._seen())

    def _member_said(self, made: Head) -> Event:
        chance = self._chance
        member, some = chance.choice("mn"), chance.sample(tuple(Purpose), chance.randint(1, 3))
        makers: tuple[Callable[[], Event], ...] = (
            lambda: MemberErased(head=made, member=member),
            lambda: MemberCorrected(head=made, member=member, commitment=chance.choice("cd"), seen=self._seen()),
            lambda: ConsentWithdrawn(head=made, member=member, purposes=some),
            lambda: ConsentGiven(
                head=made, member=member, purposes=some, notice="1", language="en", seen=self._seen()
            ),
            lambda: MemberAssigned(
                head=made, member=member, guide="p2", since=chance.choice(("", "2026-11-20")), seen=self._seen()
            ),
            lambda: MemberLinked(head=made, member=member, into=chance.choice(("", "m", "n")), seen=self._seen()),
            lambda: MemberBound(
                head=made, member=member, guide=chance.choice(("", "p1")), purposes=[Purpose.MEMBERSHIP, *some],
                notice="1", language="en", commitment=chance.choice("cd"),
            ),
        )  # fmt: skip
        return chance.choice(makers)()

    def _seen(self) -> tuple[str, ...]:
        """Marks of some of the facts that were told before."""
        known = sorted({op_mark(op) for _, raw in self.told if (op := read("", "", 0, raw).op)})
        return tuple(self._chance.sample(known, self._chance.randint(0, len(known))))

    def _answer(self, made: Head) -> MatterSettled:
        """Of a unit of which all may be known, or of a fact that was told."""
        chance = self._chance
        if chance.random() < 0.6 or not self.told:
            known = {f"{store}-{n}" for store in ("S1", "S2") for n in range(5)}
            known |= {read("", "", 0, raw).op for _, raw in self.told} - {""}
            ops = tuple(sorted(known)) if chance.random() < 0.7 else tuple(chance.sample(sorted(known), 2))
            subject, matter = chance.choice("uvw"), chance.choice(KINDS)
        else:
            subject, ops = read("", "", 0, chance.choice(self.told)[1]).digest.hex(), ()
            matter = chance.choice((Reason.TAX_DIFFERS, Reason.TENDERS_DIFFER, Reason.OP_TAKEN))
        return MatterSettled(head=made, subject=subject, matter=matter, ops=ops, outcome=Outcome.SEEN)

    def _sale(self, op: str) -> SaleCompleted:
        chance = self._chance
        lines = [
            line(
                chance.choice("WRS"), chance.choice((0, 100, 500)), chance.choice((1, 2)), chance.choice((0, 130_000)),
                name=chance.choice("ab"), unit=chance.choice(("", "u", "v")),
            )
            for _ in range(chance.randint(1, 3))
        ]  # fmt: skip
        if chance.random() < 0.4:
            back = chance.choice(("", f"R-{chance.choice(self.ops)}"))
            kind = LineKind.RETURN if back else LineKind.BLIND
            lines.append(line("W", -100, -1, kind=kind, origin=back, unit=chance.choice(("", "u", "v"))))
        lines = [replace(one, **self._points(one.kind)) for one in lines]
        if chance.random() < 0.3:
            lines[0] = replace(lines[0], tax=lines[0].tax + 1)
        more: dict[str, Any] = {"seller": chance.choice(("", "p1")), "member": chance.choice(("", "m"))}
        if chance.random() < 0.9:
            origins = {one.origin for one in lines}
            more["credit_rule"] = "r"
            more["credits"] = tuple(
                CreditPart(person=person, part=part, reason=CreditReason.SELLER, origin=origin)
                for origin in sorted(origins)
                for person, part in chance.choice(_PARTS)
            )
        if chance.random() < 0.4:
            more["coupon"] = chance.choice(_COUPONS)
            backs = {chance.choice(_COUPONS): f"R-{chance.choice(self.ops)}" for _ in range(chance.choice((0, 1, 2)))}
            more["coupons_back"] = tuple(CouponBack(coupon=one, receipt=on) for one, on in backs.items())
        if chance.random() < 0.4:
            more["tenders"] = [Tender(kind=chance.choice(list(TenderKind)), amount=chance.choice((1, 50)))]
        at, date = AT + chance.randrange(3) * 3_600_000, chance.choice(("2026-11-22", "2026-11-23"))
        return sale(op, *lines, at=at, date=date, **more)

    def _points(self, kind: LineKind) -> dict[str, Any]:
        """Points of some lines."""
        if kind is LineKind.BLIND or self._chance.random() < 0.5:
            return {}
        sign = 1 if kind is LineKind.SALE else -1
        owner = self._chance.choice("mn") if sign < 0 else ""
        return {"earned": sign * self._chance.randint(0, 3), "used": sign * self._chance.randint(0, 9), "owner": owner}


def admit_all(db: Database, history: list[Stream]) -> None:
    """Take a history in as it comes over the wire."""
    for stream in history:
        digest = genesis(stream.owner.stream, stream.owner.public_key)
        push = Push(stream=stream.owner.stream, first=1, previous=digest, events=stream.facts, head=b"")
        for seq, raw in enumerate(stream.facts, 1):
            digest = chained(digest, seq, raw)
        stands = wire.head_bytes(stream.owner.stream, len(stream.facts), digest)
        admission.admit(db, stream.owner, replace(push, head=stream.key.sign(stands)), 0)


def arrive(db: Database, history: list[Stream], chance: random.Random) -> Rows:
    """Put a history into the log in some order, in batches of some size; head office counts now and then, and is
    brought up to date at some time. Returns what it made of it, which must be the same if it is made anew.
    """
    empty(db)
    db.write(partial(open_all, history=history))
    # Facts of each stream in their order, else any; or whole streams, one after the other.
    order = [stream for stream in chance.sample(history, len(history)) for _ in stream.facts]
    if chance.random() < 0.7:
        chance.shuffle(order)
    cuts = sorted({len(order), *chance.choices(range(1, len(order) + 1), k=chance.choice((0, 1, 1, 2)))})
    updated, projector, begin = chance.choice((0, 0, *cuts)), Projector(db), 0
    acked = dict.fromkeys((stream.place for stream in history), 0)
    with ExitStack() as opened:
        if not updated:
            opened.enter_context(newer())
        for end in cuts:
            db.write(partial(append, order=order[begin:end], acked=acked))
            projector.run()
            if end == updated:
                opened.enter_context(newer())
                projector.try_again()
            begin = end
        found = projections(db)
        if chance.random() < 0.1:
            projector.rebuild()
            assert projections(db) == found
        return found


def open_all(connection: Connection, history: list[Stream]) -> None:
    connection.execute(insert(STORE), [{"store_id": store} for store in sorted({s.owner.store for s in history})])
    rest = {"public_key": b"", "acked": 0, "hash": b"", "head": b"", "projected": 0, "opened": 0}
    rows = [{"store_id": s.owner.store, "stream_id": s.owner.stream, "terminal_id": s.owner.terminal} for s in history]
    connection.execute(insert(STREAM), [{**row, **rest} for row in rows])


def append(connection: Connection, order: list[Stream], acked: dict[tuple[str, str], int]) -> None:
    """The next fact of each of these streams."""
    added = []
    for stream in order:
        acked[stream.place] += 1
        (store, name), seq = stream.place, acked[stream.place]
        raw = stream.facts[seq - 1]
        added.append({"store_id": store, "stream_id": name, "seq": seq, "received": 0, "raw": raw, "hash": b""})
    connection.execute(insert(EVENT), added)
    where = (STREAM.c.store_id == bindparam("store")) & (STREAM.c.stream_id == bindparam("name"))
    now = [{"store": place[0], "name": place[1], "now": acked[place]} for place in {stream.place for stream in order}]
    connection.execute(update(STREAM).where(where).values(acked=bindparam("now")), now)


@pytest.fixture
def quick_db(tmp_path: Path, engine_url: str) -> Iterator[Database]:
    """A database that does not wait for the disk."""
    db = Database(engine_url or sqlite_url(tmp_path / "hq.db"))
    if not db.is_postgresql:
        event.listen(db.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        db.engine.dispose()
    yield db
    db.close()


def test_the_order_of_arrival_does_not_matter(quick_db):
    histories, orders = (HISTORIES // 10 or 1, 5) if quick_db.is_postgresql else (HISTORIES, ORDERS)
    different: Counter[str] = Counter()
    filled: set[str] = set()
    for number in range(histories):
        history = Historian(number).history()
        empty(quick_db)
        admit_all(quick_db, history)
        Projector(quick_db).run()
        with newer():
            Projector(quick_db).try_again()
            first = projections(quick_db)
        filled |= {name for name, some in first.items() if some}
        for order in range(orders):
            found = arrive(quick_db, history, random.Random(f"{number} {order}"))
            different.update(f"history {number}: {name}" for name in found if found[name] != first[name])
    assert not different, different
    assert quick_db.is_postgresql or filled == {*SCOPES, *(table.name for table in tables("projection"))}
