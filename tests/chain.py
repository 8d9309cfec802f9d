"""The only way in which tests make a chain inside one process: a head office, tills that know it, a network between.

Everything is the real code but the socket: a request goes into head office's ASGI program as it would arrive.
"""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from core.errors import BrokenWorldError
from core.hq.app import build_app
from core.hq.database import Database
from core.hq.home import HqHome
from core.hq.projector import Projector
from core.hq.reports import ChainReport, chain_report, first_and_last
from core.hq.streams import make_token
from core.ids import IdSource
from core.shop import goods, setup
from core.shop import sync as syncing
from core.shop.enrolment import enrol
from core.shop.terminal import SYSTEM, Session, Terminal
from core.sync.transport import Answer
from tests.builders import GOODS, Shop
from tests.clock import StandingClock

URL = "http://127.0.0.1:1"
"""Nobody listens there; requests go in by the back door."""


class Network:
    """Brings requests to head office, unless a test lets something happen on the way.

    Attributes:
        app: head office; none while it is away.
        on_the_way: does what happens between: it gets the request and how to deliver it.
    """

    def __init__(self) -> None:
        self.app: Any = None
        self.requests = 0
        self.on_the_way: Callable[[Request, Callable[[Request], Answer]], Answer] | None = None
        self._loop = asyncio.new_event_loop()

    def send(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        request = Request(method, target, body, dict(headers))
        self.requests += 1
        return self.on_the_way(request, self.deliver) if self.on_the_way else self.deliver(request)

    def deliver(self, request: Request) -> Answer:
        """Bring a request to head office as it is."""
        if self.app is None:
            raise BrokenWorldError("hq_unreachable", url=URL, detail="away")
        return self._loop.run_until_complete(_ask(self.app, request))

    def close(self) -> None:
        """A till hangs up; the network stays."""

    def end(self) -> None:
        self._loop.close()


@dataclass(frozen=True)
class Request:
    """What a till sends."""

    method: str
    target: str
    body: bytes
    headers: dict[str, str]


async def _ask(app: Any, request: Request) -> Answer:
    path, _, query = request.target.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": request.method, "path": path,
        "raw_path": path.encode(), "query_string": query.encode(), "scheme": "http", "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in request.headers.items()],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 1),
    }  # fmt: skip
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *parts = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], headers, b"".join(part.get("body", b"") for part in parts))


@dataclass(frozen=True)
class Till(Shop):
    """A till of a chain."""

    chain: Chain

    def enrol(self) -> None:
        """Join the chain with a new token."""
        settings = self.terminal.read(lambda view: view.settings).result()
        token = self.chain.token(settings["store"], settings["terminal"])
        enrol(self.terminal, URL, token, lambda _: self.chain.network)

    def sync(self) -> syncing.Outcome:
        """Send what waits."""
        chain = self.chain
        return syncing.Sync(self.terminal, lambda _: chain.network, chain.chance.randbytes, chain.chance.random).run()

    def copy(self, to: Path) -> None:
        """Copy the home's files while nobody writes to it."""
        self.terminal.write(
            lambda session: session.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        ).result()
        shutil.copytree(self.terminal.home.folder, to, dirs_exist_ok=True)

    def twin(self, name: str = "copy") -> Till:
        """A till on a copy of the home as it is now."""
        self.copy(self.chain.folder / name)
        return self.chain.opened(self.chain.folder / name)


class Chain:
    """A head office and its tills.

    Args:
        url: of the database; empty for SQLite in the folder.
        seed: of all that is random.
    """

    def __init__(self, folder: Path, url: str = "", seed: int = 1) -> None:
        self.folder, self.clock, self.chance = folder, StandingClock(), random.Random(seed)
        self.network = Network()
        self.home = HqHome(folder / "hq", url)
        self.home.prepare()
        self._opened = ExitStack()
        self._opened.callback(self.network.end)
        self.open()

    def open(self) -> None:
        """Head office begins to answer."""
        self.db = Database(self.home.url)
        self.network.app = build_app(self.db, self.home, self.clock)

    def shut(self) -> None:
        """Head office is away."""
        self.network.app = None
        self.db.close()

    def token(self, store: str, terminal: str) -> str:
        return make_token(self.db, store, terminal, now_ms=self.clock.now_ms())

    def till(self, store: str = "S1", terminal: str = "T1", *, enrolled: bool = True) -> Till:
        """A new till with a few goods."""
        made = self.opened(self.folder / f"{store}-{terminal}")

        def prepare(session: Session) -> None:
            setup.set_up(
                session, SYSTEM, store=store, terminal=terminal, currency="CNY", timezone="Asia/Shanghai", name=store
            )

        made.terminal.write(prepare).result()
        for product in GOODS:
            made.terminal.write(partial(goods.set_product, by=SYSTEM, product=product)).result()
        if enrolled:
            made.enrol()
        return made

    def opened(self, folder: Path) -> Till:
        """A till on a home that is there, or becomes one."""
        terminal = self._opened.enter_context(Terminal(folder, clock=self.clock))
        terminal.ids = IdSource(self.clock.now_ms, self.chance.randbytes)
        return Till(terminal, self)

    def project(self) -> int:
        """Head office counts what is in its log."""
        return Projector(self.db).run()

    def report(self, store: str = "") -> ChainReport:
        """Head office's figures over all days."""
        self.project()
        period = self.db.read(first_and_last)
        return self.db.read(lambda connection: chain_report(connection, *period, store))

    def close(self) -> None:
        self._opened.close()
        self.db.close()
