"""A full journal into head office: the real sync, the real transport, the real process on SQLite.

The peer is the plain build: one POST a fact, on one connection that is kept, to the same process. It is given its
facts before the clock starts, and keeps no books. It is slow, and head office lets a stream ask two hundred times at
once, so it posts no more than the first facts of its journal; the rest follows outside of the clock, and both sides
leave the same facts behind.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter

import urllib3
from sqlalchemy import func, select

from core import wire
from core.chain import chain
from core.clock import SystemClock
from core.database import connect, transaction
from core.hq.database import Database
from core.hq.home import HqHome
from core.hq.projector import Projector
from core.hq.schema import EVENT
from core.hq.streams import make_token
from core.shop import selling, setup, sync
from core.shop.enrolment import enrol
from core.shop.stream_keys import key_of
from core.shop.terminal import SYSTEM, Session, Terminal
from core.sync import streams
from core.sync.link import Signer
from core.wire import Push
from tests.bench.fixtures import open_shop
from tests.bench.harness import Measurement, UnfitError, alternate
from tests.bench.sale import prepare
from tests.clock import StandingClock
from tests.head_office import HeadOffice

SALES = 3_000
SINGLE = 120
"""Facts that the peer posts."""

RUNS = 3
_TILL = "T1"
Facts = Sequence[tuple[str, bytes]]
"""Ids of commands, and the facts that they became."""


@dataclass(frozen=True, slots=True)
class Office:
    """A head office that runs, and its database, which the benchmark looks into."""

    address: str
    db: Database

    def take_in(self, terminal: Terminal, store: str) -> None:
        """Enrol the till of a store."""
        token = make_token(self.db, store, _TILL, now_ms=terminal.clock.now_ms())
        enrol(terminal, self.address, token)

    def holds(self, store: str) -> tuple[int, int]:
        """Facts of a store, and bytes of them."""
        found = select(func.count(), func.coalesce(func.sum(func.length(EVENT.c.raw)), 0))
        count, size = self.db.read(lambda connection: connection.execute(found.where(EVENT.c.store_id == store)).one())
        return count, size

    def rest(self) -> None:
        """Count what is not counted yet, and let it reach the disk: no side pays for the one before it."""
        Projector(self.db).run()
        os.sync()


def measure(folder: Path) -> Measurement:
    """Facts a second."""
    facts = recorded(folder / "shop", SALES)
    with _office(folder / "hq") as office:

        def ours(run: int) -> float:
            with _till(folder, f"A{run}", facts) as terminal:
                office.take_in(terminal, f"A{run}")
                office.rest()
                began = perf_counter()
                sent = _drain(terminal)
                return sent / (perf_counter() - began)

        def peer(run: int) -> float:
            with _till(folder, f"B{run}", facts) as terminal:
                office.take_in(terminal, f"B{run}")
                signer, raws, genesis = _first(terminal, SINGLE)
                office.rest()
                began = perf_counter()
                _post(office.address, signer, raws, genesis)
                seconds = perf_counter() - began
                if (arrived := office.holds(f"B{run}")[0]) != len(raws):
                    raise UnfitError(f"{arrived} of {len(raws)} facts arrived one by one")
                _drain(terminal)
            left = office.holds(f"A{run}"), office.holds(f"B{run}")
            if left[0] != left[1] or left[0][0] <= len(facts):
                raise UnfitError(f"facts and bytes that one side left behind: {left[0]}, the other: {left[1]}")
            return len(raws) / seconds

        # Not counted: head office's first pushes.
        with _till(folder, "W", facts[:20]) as terminal:
            office.take_in(terminal, "W")
            _drain(terminal)
        return Measurement("facts/s", *alternate(ours, peer, RUNS))


def recorded(folder: Path, count: int) -> Facts:
    """What a shop recorded of its sales. It did not wait for its disk."""
    home = open_shop(folder, 0)
    sales = prepare(home, count)
    with Terminal(folder, clock=StandingClock()) as terminal:
        terminal.write(lambda session: session.connection.execute("PRAGMA synchronous=OFF")).result()
        for sale in sales:
            pay = partial(selling.checkout, by=SYSTEM, cart=sale.cart, payments=sale.payments)
            terminal.write(pay).result()
    with closing(connect(home.file, read_only=True)) as connection:
        rows = connection.execute("SELECT op, event FROM journal ORDER BY seq DESC LIMIT ?", (count,)).fetchall()
    return [(op, bytes(raw)) for op, raw in reversed(rows)]


@contextmanager
def _till(folder: Path, store: str, facts: Facts) -> Iterator[Terminal]:
    """The till of a new store, with these facts in its journal as if they had happened there."""

    def fill(session: Session) -> None:
        setup.set_up(session, SYSTEM, store=store, terminal=_TILL, name=store, currency="CNY", timezone="Asia/Shanghai")
        with transaction(session.connection):
            for op, raw in facts:
                session.journal._append(op, raw)

    with Terminal(folder / store) as terminal:
        terminal.write(fill).result()
        yield terminal


@contextmanager
def _office(folder: Path) -> Iterator[Office]:
    """Head office as a process on SQLite, in an empty folder."""
    head_office = HeadOffice(folder)
    address = head_office.start()
    try:
        with closing(Database(HqHome(folder).url)) as db:
            yield Office(address, db)
    finally:
        head_office.stop()


def _drain(terminal: Terminal) -> int:
    """Send until nothing waits. Returns how many facts that were."""
    outcome = sync.Sync(terminal).run()
    if outcome.trouble or outcome.waiting:
        raise UnfitError(f"{outcome.waiting} facts wait: {outcome.trouble}")
    return outcome.sent


def _first(terminal: Terminal, count: int) -> tuple[Signer, Sequence[bytes], bytes]:
    """Who signs for a till, the first facts of its journal, and the hash before them."""
    (stream,) = terminal.read(lambda view: streams.streams(view.connection)).result()
    batch = terminal.read(lambda view: streams.batch(view.connection, stream, count)).result()
    key = key_of(terminal.home, stream.public_key)
    if key is None or len(batch.events) != count:
        raise UnfitError(f"a journal of {len(batch.events)} facts")
    return Signer(key, stream.certificate, stream.id), batch.events, batch.previous


def _post(address: str, signer: Signer, raws: Sequence[bytes], digest: bytes) -> None:
    """One POST a fact."""
    with urllib3.PoolManager(maxsize=1, retries=False) as pool:
        for seq, raw in enumerate(raws, 1):
            previous, digest = digest, chain(digest, seq, raw)
            head = signer.key.sign(wire.head_bytes(signer.stream, seq, digest))
            body = wire.packed(Push(stream=signer.stream, first=seq, previous=previous, events=[raw], head=head))
            request, now = ("POST", wire.PUSH, body), SystemClock().now_ms()
            signed = wire.signed_headers(signer.key, signer.certificate, request, now, os.urandom(16).hex())
            headers = {**signed, "Content-Type": wire.PACKED}
            answer = pool.request("POST", address + wire.PUSH, body=body, headers=headers)
            if answer.status != 200:
                raise UnfitError(f"HTTP {answer.status}: {answer.data[:200]!r}")
