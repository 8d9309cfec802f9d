"""The only way in which tests make terminals that say whatever they like: a key, a certificate, and no program."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Table, select

from core import events, wire
from core.chain import chain as chained
from core.chain import genesis
from core.events import Event, FactRehomed, Head, SaleCompleted, SaleLine, Tender, TenderKind
from core.hq.database import Database
from core.hq.guard import RATE
from core.hq.schema import EVENT, METADATA, STREAM
from core.hq.schema import tables as tables_of
from core.hq.telling import SCOPES, told
from core.money import tax_inside
from core.sync.transport import Answer
from core.wire import Acknowledgement, Continuation, Enrolment, Push, Refusal, Welcome
from tests.chain import Chain, Request

AT = 1_795_399_200_000
"""2026-11-23 10:00 in Shanghai, where the chain's clock stands at first."""


@dataclass
class Voice:
    """A stream of a terminal, in whose name anything can be said.

    Attributes:
        seq, digest: where the stream stands at head office.
    """

    chain: Chain
    store: str
    terminal: str
    key: Ed25519PrivateKey
    stream: str
    certificate: str = ""
    seq: int = 0
    digest: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        self.digest = self.digest or genesis(self.stream, self.public_key)

    @property
    def public_key(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    def enrolment(self, token: str, **changes: str) -> Enrolment:
        """What a terminal says to join; with a proof that fits."""
        asked = Enrolment(
            token=token,
            store=self.store,
            terminal=self.terminal,
            stream=self.stream,
            public_key=wire.text_of(self.public_key),
            proof="",
        )
        asked = msgspec.structs.replace(asked, **changes)
        if asked.proof:
            return asked
        return msgspec.structs.replace(asked, proof=self.proof(asked.token, asked.stream))

    def proof(self, token: str, stream: str) -> str:
        return wire.text_of(self.key.sign(wire.proof_bytes(token, stream)))

    def enrol(self, token: str = "") -> Answer:
        """Join with a token, a new one if none is given."""
        asked = self.enrolment(token or self.chain.token(self.store, self.terminal))
        answer = self.chain.network.deliver(
            Request("POST", wire.ENROL, msgspec.json.encode(asked), {"content-type": wire.JSON})
        )
        self._welcomed(answer)
        return answer

    def continuation(self, other: Voice) -> Continuation:
        """What this stream says so that another may go on in its place."""
        return Continuation(
            stream=other.stream,
            public_key=wire.text_of(other.public_key),
            proof=other.proof(self.stream, other.stream),
            reason="restored",
        )

    def go_on(self, other: Voice) -> Answer:
        """Have another stream taken in that continues this one."""
        answer = self.ask(wire.CONTINUE, msgspec.json.encode(self.continuation(other)))
        other._welcomed(answer)
        return answer

    def _welcomed(self, answer: Answer) -> None:
        if answer.status == 200:
            self.certificate = msgspec.json.decode(answer.body, type=Welcome).certificate

    def request(
        self, target: str, body: bytes, *, at: int | None = None, in_time: bool = True, **headers: str
    ) -> Request:
        """A signed request. Head office's time goes on, so that it is not too busy to answer; or does not."""
        self.chain.clock.ms += 1000 // RATE if in_time else 0
        now = self.chain.clock.ms if at is None else at
        nonce = self.chain.chance.randbytes(16).hex()
        signed = wire.signed_headers(self.key, self.certificate, ("POST", target, body), now, nonce)
        return Request("POST", target, body, {**signed, "content-type": wire.CONTENT[target], **headers})

    def ask(self, target: str, body: bytes, **headers: str) -> Answer:
        """Sign a body and send it."""
        return self.chain.network.deliver(self.request(target, body, **headers))

    def push(self, *facts: bytes, **changes: Any) -> Push:
        """The next facts of this stream, under a head that fits them; or anything else, if it is named."""
        push = Push(stream=self.stream, first=self.seq + 1, previous=self.digest, events=list(facts), head=b"")
        push = msgspec.structs.replace(push, **changes)
        if push.head:
            return push
        digest = push.previous
        try:
            for place, raw in enumerate(push.events):
                digest = chained(digest, push.first + place, raw)
            head = wire.head_bytes(push.stream, push.first + len(push.events) - 1, digest)
        except OverflowError:
            head = b""
        return msgspec.structs.replace(push, head=self.key.sign(head))

    def send(self, *facts: bytes) -> Answer:
        """Send the next facts of this stream."""
        push = self.push(*facts)
        answer = self.ask(wire.PUSH, wire.packed(push))
        if answer.status == 200:
            told = msgspec.json.decode(answer.body, type=Acknowledgement)
            for place, raw in enumerate(facts):
                self.digest = chained(self.digest, self.seq + 1 + place, raw)
            self.seq += len(facts)
            assert (told.stream, told.acked, told.hash) == (self.stream, self.seq, self.digest.hex())
        return answer

    def tell(self, *facts: bytes) -> None:
        """Send facts that must be taken."""
        answer = self.send(*facts)
        assert answer.status == 200, answer

    def catch_up(self) -> None:
        """Stand where head office has this stream."""
        where = (STREAM.c.store_id == self.store) & (STREAM.c.stream_id == self.stream)
        query = select(STREAM.c.acked, STREAM.c.hash).where(where)
        self.seq, self.digest = self.chain.db.read(lambda c: tuple(c.execute(query).one()))


def voice(chain: Chain, store: str = "S1", terminal: str = "T1", *, enrolled: bool = True) -> Voice:
    """A terminal of which nothing is known yet."""
    key = Ed25519PrivateKey.from_private_bytes(chain.chance.randbytes(32))
    made = Voice(chain, store, terminal, key, str(uuid.UUID(bytes=chain.chance.randbytes(16), version=4)))
    if enrolled:
        assert made.enrol().status == 200
    return made


def refusal(answer: Answer) -> tuple[int, str]:
    """Status and code of an answer."""
    return answer.status, msgspec.json.decode(answer.body, type=Refusal).error


Rows = dict[str, list[tuple[Any, ...]]]


def rows(db: Database, tables: Sequence[Table] | None = None, *, without: Sequence[str] = ("evidence",)) -> Rows:
    """Every row of every table."""
    chosen = [table for table in (tables or METADATA.sorted_tables) if table.name not in without]
    return db.read(lambda connection: {table.name: _rows(connection, table) for table in chosen})


def _rows(connection: Connection, table: Table) -> list[tuple[Any, ...]]:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    return sorted(tuple(row) for row in connection.exec_driver_sql(f"SELECT {columns} FROM {table.name}"))


def projections(db: Database) -> Rows:
    """What head office derived from its log, and what of it it tells."""
    derived = rows(db, tables_of("projection"))
    return derived | {scope: sorted(db.read(partial(told, scope=scope))) for scope in SCOPES}


def of_store(found: Rows, store: str) -> Rows:
    """Rows of one store only; what is said of units belongs to none."""
    chosen = {}
    for table in METADATA.sorted_tables:
        if table.name in found and "store_id" in table.columns:
            place = list(table.columns.keys()).index("store_id")
            chosen[table.name] = [row for row in found[table.name] if row[place] == store]
    return chosen


def log_holds(chain: Chain) -> bool:
    """Whether each stream's facts follow each other to where it stands, under a signature of its own key."""

    def check(connection: Connection) -> bool:
        for stream in connection.execute(select(STREAM)).all():
            digest, seq = genesis(stream.stream_id, bytes(stream.public_key)), 0
            where = (EVENT.c.store_id == stream.store_id) & (EVENT.c.stream_id == stream.stream_id)
            for raw, kept in connection.execute(select(EVENT.c.raw, EVENT.c.hash).where(where).order_by(EVENT.c.seq)):
                seq += 1
                digest = chained(digest, seq, bytes(raw))
                if digest != bytes(kept):
                    return False
            stands = wire.head_bytes(stream.stream_id, seq, digest)
            signed = not seq or wire.is_signed(bytes(stream.public_key), bytes(stream.head), stands)
            if (seq, digest) != (stream.acked, bytes(stream.hash)) or not signed:
                return False
        return True

    return chain.db.read(check)


def head(op: str, at: int = AT, **more: Any) -> Head:
    """Who and when, of a fact."""
    return Head(op=op, digest="0" * 32, at=at, offset=480, date="2026-11-23", **more)


def line(code: str = "W", amount: int = 200, quantity: int = 1, rate: int = 130_000, **more: Any) -> SaleLine:
    """A line whose tax fits."""
    return SaleLine(
        code=code,
        name=more.pop("name", f"Goods {code}"),
        quantity=quantity,
        list_price=amount // quantity if quantity else 0,
        amount=amount,
        tax_rate=rate,
        tax=tax_inside(amount, rate),
        **more,
    )


def sale(op: str, *lines: SaleLine, at: int = AT, date: str = "2026-11-23", **more: Any) -> SaleCompleted:
    """A sale that is paid in cash."""
    lines = lines or (line(),)
    given = {"receipt": f"R-{op}", "tenders": [Tender(kind=TenderKind.CASH, amount=sum(x.amount for x in lines))]}
    made = msgspec.structs.replace(head(op, at), date=date)
    return SaleCompleted(head=made, lines=list(lines), **{**given, **more})


def told_again(raw: bytes, op: str, stream: str = "before", seq: int = 1) -> bytes:
    """A fact as a stream tells it that continues the one where it was recorded."""
    return events.encode(FactRehomed(head=head(op), stream=stream, seq=seq, fact=msgspec.Raw(raw)))


def fact(event: Event, **changes: Any) -> bytes:
    """The bytes of a fact, with other fields if they are named."""
    return events.encode(msgspec.structs.replace(event, **changes))
