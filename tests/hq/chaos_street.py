"""A till and a head office that are real, and a way between them that is not to be trusted."""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pysqlite3 import dbapi2 as sqlite3

from core.clock import Clock, SystemClock
from core.hq.database import Database, sqlite_url
from core.hq.projector import Projector
from core.hq.reports import chain_report
from core.hq.streams import make_token
from core.shop import days, goods, setup
from core.shop import sync as syncing
from core.shop.enrolment import enrol
from core.shop.terminal import SYSTEM, Session, Terminal
from core.sync import streams
from core.sync.hq import Hq, known_hq
from core.sync.transport import HttpTransport
from tests.builders import BAG, RICE, WATER, Shop
from tests.head_office import HeadOffice
from tests.hq import chaos_faults as chaos
from tests.hq import chaos_proxy
from tests.hq.chaos_proxy import ChaosProxy, Fault

THOROUGH = bool(os.environ.get("STORE_ASSISTANT_THOROUGH"))
MIXES, RESTORED = (2_000, 300) if THOROUGH else (6, 1)
EVER = ("2000-01-01", "2099-12-31")
HTML = b"<!doctype html><title>Welcome to the hotel</title>"
BURST, PER_TILL = 60, 5
"""Cuts, and mixes, for which one till is used: head office limits how many requests it takes of one."""

pytestmark = pytest.mark.xdist_group("chaos")


@dataclass
class Office:
    """A head office, what it must count in the end, and a look into its file.

    Attributes:
        books: net and orders of each store whose till has nothing left to send.
    """

    head: HeadOffice
    db: Database
    books: dict[str, tuple[int, int]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    @contextmanager
    def till(
        self, folder: Path, *, clock: Clock | None = None, enrolled: bool = True, tls: ssl.SSLContext | None = None
    ) -> Iterator[Till]:
        """A till of a store of its own, behind a network of its own."""
        store = f"C{next(self._numbers)}"
        with (
            ChaosProxy(self.head.address, tls) as proxy,
            Terminal(folder / store, clock=clock) as terminal,
            closing(self._way(proxy.address)) as way,
        ):
            made = Till(terminal, self, store, proxy, way)
            terminal.write(made.prepare).result()
            if enrolled:
                made.enrol()
                proxy.forget()
            yield made
            assert made.diagnosis().ok

    def _way(self, address: str) -> HttpTransport:
        """A way; those over plain HTTP share this machine's certificates, since it takes long to read them."""
        with pytest.MonkeyPatch.context() as patched:
            if address.startswith("http:"):
                patched.setattr(ssl, "create_default_context", lambda: self._context)
            return HttpTransport(address)

    def token(self, store: str) -> str:
        return make_token(self.db, store, "T1", now_ms=SystemClock().now_ms())

    def log(self, store: str) -> dict[str, list[bytes]]:
        """The facts of a store's streams."""
        found: dict[str, list[bytes]] = {}
        for stream, seq, raw in self._rows(
            "SELECT stream_id, seq, raw FROM event WHERE store_id = ? ORDER BY 1, 2", store
        ):
            facts = found.setdefault(stream, [])
            facts.append(bytes(raw))
            assert seq == len(facts), "a fact is missing"
        return found

    def oddities(self, store: str) -> list[Any]:
        """What head office could not make anything of."""
        evidence, finding = "SELECT 'evidence', seq FROM evidence", "SELECT reason, seq FROM finding"
        return self._rows(f"{evidence} WHERE store_id = ?1 UNION ALL {finding} WHERE store_id = ?1", store)

    def counted(self, store: str) -> tuple[int, int]:
        """Net and orders, as the command reports them."""
        Projector(self.db).run()
        total = self.db.read(lambda connection: chain_report(connection, *EVER, store)).report.total
        return total.net, total.orders

    def _rows(self, query: str, store: str) -> list[Any]:
        with closing(sqlite3.connect(f"{(self.head.folder / 'hq.db').as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(query, (store,)).fetchall()

    def errors(self) -> list[str]:
        """What its log calls errors."""
        log = [json.loads(line) for line in (self.head.folder / "serve.log").read_text().splitlines()]
        return [line["message"] for line in log if line["level"] not in ("info", "debug")]

    def check_books(self) -> None:
        """The report of the program itself agrees with every till."""
        found = self.head.ok("report", "--from", EVER[0], "--to", EVER[1])
        figures = {row["store"]: (row["net"], row["orders"]) for row in found["stores"]}
        assert {store: figures.get(store, (0, 0)) for store in self.books} == self.books


@dataclass(frozen=True)
class Till(Shop):
    """A real till behind a bad network.

    Attributes:
        restored: its home is an older copy: head office has other facts in the stream.
    """

    office: Office
    store: str
    proxy: ChaosProxy
    way: HttpTransport
    restored: bool = False

    def prepare(self, session: Session) -> None:
        setup.set_up(session, SYSTEM, store=self.store, terminal="T1", currency="CNY", timezone="Asia/Shanghai")
        for product in (WATER, RICE, BAG):
            goods.set_product(session, SYSTEM, product)

    def enrol(self, token: str = "", url: str = "") -> None:
        """Join the chain; by the way to the proxy unless another is named."""
        token = token or self.office.token(self.store)
        if url:
            enrol(self.terminal, url, token)
        else:
            enrol(self.terminal, self.proxy.address, token, lambda _: self.way)

    def sync(self, *plan: Fault) -> syncing.Outcome:
        """Send what waits while the plan happens. What must hold always holds afterwards."""
        self.proxy.plan(*plan)
        # One way for all, since a new one reads all certificates of the machine.
        done = syncing.Sync(self.terminal, lambda _: self.way, chance=lambda: 0.0).run()
        assert done.waiting == self.waiting
        self.check()
        return done

    def check(self) -> None:
        """Head office has the beginning of each stream as it is here, and what counts as sent is there."""
        own, known = self.journal(), self.terminal.read(lambda view: streams.streams(view.connection)).result()
        there = self.office.log(self.store)
        for stream in known:
            facts = there.get(stream.id, [])
            same = min(stream.acked, len(facts)) if self.restored else len(facts)
            assert facts[:same] == own[stream.id][:same]
            assert stream.acked <= len(facts), "counts as sent, and is not there"

    def settle(self, streams_most: int = 1) -> None:
        """The network is well again: everything is there, once."""
        self.proxy.otherwise = chaos_proxy.passed
        done = self.sync()
        assert (done.waiting, done.reached, done.trouble) == (0, True, "")
        own = self.journal()
        assert len(own) <= streams_most
        if len(own) == 1:
            assert self.office.log(self.store) == own
        assert not self.office.oddities(self.store)
        self.count(self.sums())

    def count(self, sums: tuple[int, int]) -> None:
        """Head office counts these."""
        assert self.office.counted(self.store) == sums
        self.office.books[self.store] = sums

    def sums(self) -> tuple[int, int]:
        """Net and orders by the till's own figures."""
        total = self.terminal.read(lambda view: days.day_report(view, SYSTEM, *EVER)).result().total
        return total.net, total.orders

    def journal(self) -> dict[str, list[bytes]]:
        """The facts of each stream."""
        query = "SELECT s.id, j.event FROM stream AS s JOIN journal AS j ON j.stream = s.number ORDER BY j.position"
        found: dict[str, list[bytes]] = {}
        for stream, raw in self.terminal.read(lambda view: view.connection.execute(query).fetchall()).result():
            found.setdefault(stream, []).append(bytes(raw))
        return found

    def arrived(self) -> int:
        """Facts that head office has."""
        return sum(map(len, self.office.log(self.store).values()))

    @property
    def certificate(self) -> str:
        return self.terminal.read(lambda view: streams.streams(view.connection)).result()[0].certificate

    @property
    def recorded(self) -> int:
        return sum(map(len, self.journal().values()))

    @property
    def waiting(self) -> int:
        return self.terminal.read(lambda view: streams.waiting(view.connection)).result()

    @property
    def known(self) -> Hq:
        hq = self.terminal.read(lambda view: known_hq(view.connection)).result()
        assert hq
        return hq


@contextmanager
def open_office(folder: Path) -> Iterator[Office]:
    head = HeadOffice(folder)
    head.start()
    try:
        with closing(Database(sqlite_url(folder / "hq.db"))) as db:
            yield Office(head, db)
    finally:
        if head.runs:
            head.stop()


def acknowledgement(**changes: object) -> Fault:
    """Head office's acknowledgement is changed on the way; another answer passes."""

    def change(body: bytes) -> bytes:
        told = msgspec.json.decode(body)
        return msgspec.json.encode({**told, **changes} if "acked" in told and "error" not in told else told)

    return chaos.changed(change)


def refused(status: int, error: str, **rest: object) -> Fault:
    """Somebody refuses in head office's name."""
    return chaos.answered(status, json.dumps({"error": error, **rest}).encode())
