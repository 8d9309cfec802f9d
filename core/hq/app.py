"""Head office's doors: what can be asked of it over HTTP, and in which words it answers."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import msgspec
from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import wire
from core.clock import Clock
from core.errors import BrokenWorldError
from core.hq import codes, feeds, intake, revocations, vault
from core.hq.database import Database
from core.hq.guard import Guard
from core.hq.home import HqHome
from core.hq.http import answer_of, answers, decoded, takes, whole_body
from core.hq.projector import Projector
from core.hq.reception import Reception
from core.hq.reception_doors import PATHS, add_reception
from core.hq.refusal import NotAcceptedError
from core.hq.streams import Registrar
from core.rows import MemberRow, OutcomeRow, read
from core.wire import Acknowledgement, Certificate, Continuation, Enrolment, Page, Pull, Push, Welcome

_log = logging.getLogger("core.hq")
_RETRY_SECONDS, _LOOK_SECONDS = 2, 30
"""What a terminal is asked to wait; how often the log is looked at where nothing comes in."""


def build_app(db: Database, home: HqHome, clock: Clock) -> FastAPI:
    """Head office as an ASGI program."""
    desk = Desk(db, home, clock)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        desk.start()
        yield
        await run_in_threadpool(desk.stop)

    app = FastAPI(title="Store Assistant HQ", version="1", lifespan=life, docs_url=None, redoc_url=None)
    app.state.desk = desk

    app.add_middleware(_Counting, counted=desk.counted)

    @app.exception_handler(NotAcceptedError)
    async def refused(_request: Request, error: NotAcceptedError) -> Response:
        return desk.refused(error)

    @app.exception_handler(BrokenWorldError)
    async def broken(_request: Request, _error: BrokenWorldError) -> Response:
        return desk.refused(NotAcceptedError(503, "unavailable"))

    @app.post(wire.ENROL, openapi_extra=takes(wire.JSON), responses=answers(200, 400, 403, 413))
    async def enrol(request: Request) -> Response:
        asked = decoded(await whole_body(request), Enrolment)
        return answer_of(await run_in_threadpool(desk.enrol, asked))

    @app.post(wire.CONTINUE, openapi_extra=takes(wire.JSON), responses=answers(200, 400, 401, 403, 409, 413, 429))
    async def go_on(request: Request) -> Response:
        body = await whole_body(request)
        by = desk.signed(request, body)
        return answer_of(await run_in_threadpool(desk.registrar.go_on, by, decoded(body, Continuation)))

    @app.post(wire.PUSH, openapi_extra=takes(wire.PACKED), responses=answers(200, 400, 401, 403, 409, 413, 422, 429))
    async def push(request: Request) -> Response:
        body = await whole_body(request)
        by = desk.signed(request, body)
        return answer_of(await run_in_threadpool(desk.push, by, body))

    @app.post(wire.PULL, openapi_extra=takes(wire.JSON), responses=answers(200, 400, 401, 403, 409, 413, 429))
    async def pull(request: Request) -> Response:
        body = await whole_body(request)
        by = desk.signed(request, body)
        return answer_of(await run_in_threadpool(desk.pull, by, decoded(body, Pull)))

    add_reception(app, desk.reception)

    @app.get("/health", responses=answers(200))
    async def health() -> Response:
        return answer_of({"ok": True})

    @app.get("/ready", responses=answers(200, 503))
    async def ready() -> Response:
        await run_in_threadpool(desk.check)
        return answer_of({"ok": True})

    @app.get("/metrics", responses={200: {"content": {"text/plain": {}}}})
    async def metrics() -> Response:
        return Response(desk.metrics(), media_type="text/plain; version=0.0.4")

    return app


class Desk:
    """What the doors lead to, and the threads that keep up with the log: one counts, one asks WeChat for codes."""

    def __init__(self, db: Database, home: HqHome, clock: Clock) -> None:
        self._db, self._home, self._clock = db, home, clock
        self.registrar = Registrar(db, home, clock.now_ms)
        self.reception = Reception(db, home, clock.now_ms)
        self._guard = Guard(self.registrar, clock.now_ms)
        self._projector = Projector(db)
        self._news, self._open = threading.Event(), False
        self._invited = threading.Event()
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for name, work in (("projector", self._project), ("links", self._make_links))
        ]
        self._counts: Counter[tuple[str, str, int]] = Counter()
        self._seconds = 0.0
        self._events = 0

    def start(self) -> None:
        """Begin to project."""
        self._open = True
        self._news.set()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish the step in hand."""
        self._open = False
        self._news.set()
        self._invited.set()
        for thread in self._threads:
            thread.join()

    def signed(self, request: Request, body: bytes) -> Certificate:
        """Who signed a request.

        Raises:
            NotAcceptedError: as `Guard.admit`.
        """
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return self._guard.admit(request.method, target, request.headers, body)

    def enrol(self, asked: Enrolment) -> Welcome:
        """Take a terminal's stream in, also of one that was revoked.

        Raises:
            NotAcceptedError: as `Registrar.enrol`.
            BrokenWorldError: `hq_database`.
        """
        welcome = self.registrar.enrol(asked)
        revocations.take_back(self._db, asked.store, asked.terminal)
        return msgspec.structs.replace(welcome, reader_key=self._home.reader_key())

    def push(self, by: Certificate, body: bytes) -> Acknowledgement:
        """Take facts in.

        Raises:
            NotAcceptedError: as `intake.take_in`; `too_large`, `malformed`.
            BrokenWorldError: `hq_database`.
        """
        push = _unpacked(body)
        head = intake.take_in(self._db, self._home, by, push, self._clock.now_ms())
        if push.records or push.ahead:
            self._news.set()
        if head.new:
            self._events += head.new
            self._news.set()
        return Acknowledgement(
            stream=by.stream,
            sent=head.sent.hex(),
            acked=head.acked,
            hash=head.hash.hex(),
            time=self._clock.now_ms(),
        )

    def pull(self, by: Certificate, asked: Pull) -> Page:
        """What a terminal does not know yet.

        Raises:
            BrokenWorldError: `hq_database`.
        """
        now = self._clock.now_ms()
        page, keys = self._db.read(
            lambda connection: (feeds.next_page(connection, by, asked.cursors, now), codes.chain_keys(connection))
        )
        if page.channel in _WITH_RECORDS and asked.reader:
            return self._with_records(by, page, asked)
        if page.channel:
            return page
        theirs = _keys(asked.code_keys)
        if not keys or set(theirs) - set(keys):
            keys = self._db.write(lambda connection: codes.learn_keys(connection, by, theirs, now))
        if codes.lacks_blocks(asked.blocks):
            lacks = asked.blocks or 0
            self._db.write(lambda connection: codes.lease(connection, self._home, by, lacks, now))
            return self._db.read(lambda connection: feeds.next_page(connection, by, asked.cursors, now))
        told = [] if asked.keys_known == wire.keys_digest(keys) else [wire.text_of(key) for key in keys]
        return msgspec.structs.replace(page, code_keys=told, reader_key=self._home.reader_key())

    def _with_records(self, by: Certificate, page: Page, asked: Pull) -> Page:
        """A page that tells of members, with their records for the terminal that asks."""
        wanted: dict[str, str] = {}
        for row in page.rows:
            if known := read(row.body, MemberRow):
                wanted[row.key] = known.commitment
            elif outcome := read(row.body, OutcomeRow):
                wanted[outcome.member] = outcome.commitment
        wanted = {member: commitment for member, commitment in wanted.items() if commitment}
        keys, reader = self._home.vault_keys(), wire.bytes_of(asked.reader)
        found = self._db.read(lambda connection: vault.sealed_for(connection, keys, by.store, reader, wanted))
        return msgspec.structs.replace(page, records=found)

    def check(self) -> None:
        """Whether the database answers.

        Raises:
            BrokenWorldError: `hq_database`.
        """
        self._db.read(lambda connection: connection.exec_driver_sql("SELECT 1").all())

    def refused(self, error: NotAcceptedError) -> Response:
        """The answer to what was not accepted; it tells head office's time, by which a clock can be set right."""
        refusal = msgspec.structs.replace(error.refusal, time=self._clock.now_ms())
        headers = {"Retry-After": str(_RETRY_SECONDS)} if error.status in (429, 503) else None
        return answer_of(refusal, error.status, headers)

    def counted(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count an answer, and log it: nothing of what was asked but its address."""
        known = path if path in _PATHS else "other"
        self._counts[method if method in ("GET", "POST") else "OTHER", known, status] += 1
        self._seconds += seconds
        _log.info("answered", extra={"fields": {"path": known, "status": status, "ms": round(seconds * 1000, 1)}})

    def metrics(self) -> str:
        """Counts since the start, in Prometheus' text format."""
        lines = ["# TYPE store_hq_requests_total counter"]
        lines += [
            f'store_hq_requests_total{{method="{method}",path="{path}",status="{status}"}} {count}'
            for (method, path, status), count in sorted(self._counts.items())
        ]
        lines += [
            "# TYPE store_hq_request_seconds_total counter",
            f"store_hq_request_seconds_total {self._seconds:.6f}",
        ]
        lines += ["# TYPE store_hq_events_total counter", f"store_hq_events_total {self._events}"]
        return "\n".join(lines) + "\n"

    def _project(self) -> None:
        unread = True
        while self._open:
            self._news.wait(_LOOK_SECONDS)
            self._news.clear()
            try:
                if unread:
                    # What an older version could not read, this one may.
                    self._projector.try_again()
                    unread = False
                self._projector.run()
                vault.leave_no_trace(self._db)
                self._invited.set()
            except BrokenWorldError:
                # The log has it all; the next look takes it up.
                continue
            except Exception:  # noqa: BLE001 - head office goes on taking facts in whatever is wrong with counting them
                _log.exception("projector")

    def _make_links(self) -> None:
        """Beside the counting: WeChat may take its time."""
        while self._open:
            self._invited.wait(_LOOK_SECONDS)
            self._invited.clear()
            try:
                self.reception.make_links()
            except BrokenWorldError as error:
                # People scan our own link meanwhile.
                _log.warning("no links from WeChat: %s", error)
            except Exception:  # noqa: BLE001 - the next invitation takes it up
                _log.exception("links")


_WITH_RECORDS = (wire.channel_name("members", "store"), wire.channel_name("outcomes", "terminal"))


class _Counting:
    """Counts answers and the time that they took."""

    def __init__(self, app: ASGIApp, counted: Callable[[str, str, int, float], None]) -> None:
        self._app, self._counted = app, counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            self._counted(scope["method"], scope["path"], status, time.perf_counter() - began)


_PATHS = PATHS | frozenset(
    {wire.PUSH, wire.PULL, wire.ENROL, wire.CONTINUE, "/health", "/ready", "/metrics", "/openapi.json"}
)


def _unpacked(body: bytes) -> Push:
    try:
        return wire.unpacked(body)
    except OverflowError:
        raise NotAcceptedError(413, "too_large") from None
    except ValueError:
        raise NotAcceptedError(400, "malformed") from None


def _keys(texts: Sequence[str]) -> list[bytes]:
    try:
        return [wire.bytes_of(text) for text in texts]
    except ValueError:
        raise NotAcceptedError(400, "malformed") from None
