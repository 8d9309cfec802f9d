"""The simulator of WeChat as a process: WeChat's doors, and beside them those by which people scan and answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

import msgspec
import urllib3
import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from core.clock import SystemClock
from core.hq.http import answer_of, decoded, whole_body
from core.hq.serve import listen_at
from core.hq.wechat import Account
from core.hq.wechat_simulator import Simulator, Weather


class Newcomer(msgspec.Struct, frozen=True):
    """Somebody begins to use WeChat."""

    name: str
    phone: str


class Scanned(msgspec.Struct, frozen=True):
    """Somebody scans a code, or answers it; `purposes`: none where they refuse."""

    name: str
    link: str
    purposes: tuple[str, ...] = ()


class Sky(msgspec.Struct, frozen=True):
    """What happens to callbacks from now on."""

    lost: float = 0.0
    doubled: float = 0.0
    delayed: float = 0.0


def serve_simulator(account: Account, listen: str, hq: str, told: Callable[[str], None]) -> None:
    """Be WeChat until told to stop.

    Args:
        hq: head office's address.
        told: is told the address.

    Raises:
        RefusedError: `bad_listen_address`.
        BrokenWorldError: `cannot_listen`.
    """
    sock = listen_at(listen)
    pool = urllib3.PoolManager(retries=False, timeout=20)

    def send(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        try:
            answer = pool.request(method, hq + path, body=body or None)
        except urllib3.exceptions.HTTPError:
            return 0, b""
        return answer.status, answer.data

    app = street(Simulator(account, SystemClock().now_ms, send))
    host, port = sock.getsockname()[:2]
    told(f"http://{host}:{port}")
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[sock])
    sock.close()


def street(simulator: Simulator) -> FastAPI:
    """The simulator as an ASGI program."""
    app, one_at_a_time = FastAPI(docs_url=None, redoc_url=None, openapi_url=None), threading.Lock()

    async def done(step: Callable[[], Any]) -> Response:
        def locked() -> Any:
            with one_at_a_time:
                return step()

        return answer_of(await run_in_threadpool(locked))

    @app.post("/simulator/people")
    async def add(request: Request) -> Response:
        made = decoded(await whole_body(request), Newcomer)
        return await done(lambda: asdict(simulator.add(made.name, made.phone)))

    @app.get("/simulator/people")
    async def people() -> Response:
        return await done(lambda: {name: asdict(person) for name, person in simulator.people.items()})

    @app.post("/simulator/scan")
    async def scan(request: Request) -> Response:
        asked = decoded(await whole_body(request), Scanned)
        return await done(lambda: {"state": simulator.scan(asked.name, asked.link)})

    @app.post("/simulator/answer")
    async def answer(request: Request) -> Response:
        asked = decoded(await whole_body(request), Scanned)
        return await done(lambda: {"state": simulator.answer(asked.name, asked.link, asked.purposes)})

    @app.post("/simulator/weather")
    async def weather(request: Request) -> Response:
        sky = decoded(await whole_body(request), Sky)
        simulator.weather = Weather(sky.lost, sky.doubled, sky.delayed)
        return answer_of({})

    @app.post("/simulator/late")
    async def late() -> Response:
        return await done(lambda: {"delivered": simulator.deliver_late()})

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    async def doors(request: Request) -> Response:
        # Not one at a time: head office asks while somebody answers.
        serve = partial(simulator.serve, request.method, str(request.url), await whole_body(request))
        return Response(await run_in_threadpool(serve), media_type="application/json")

    return app
