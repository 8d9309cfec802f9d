"""Head office's doors for people with their own phones, and for WeChat."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, Request, Response

from core import wire
from core.hq.http import answer_of, answers, decoded, takes, whole_body
from core.hq.reception import Reception, Reply
from core.hq.refusal import NotAcceptedError

CALLBACK, INVITATION, ANSWER = "/wechat", "/v1/invitation", "/v1/answer"
_THREADS, _WAITING = 8, 64
T = TypeVar("T")
PATHS = frozenset({CALLBACK, INVITATION, ANSWER})


def add_reception(app: FastAPI, reception: Reception) -> None:
    """Open these doors. What is done behind them takes few threads: WeChat is slow, and terminals must not wait."""
    limit = CapacityLimiter(_THREADS)

    async def aside(step: Callable[..., T], *asked: object) -> T:
        if limit.statistics().tasks_waiting >= _WAITING:
            raise NotAcceptedError(503, "busy")
        return await to_thread.run_sync(partial(step, *asked), limiter=limit)

    async def called_back(request: Request) -> Response:
        if request.method == "GET":
            return _plain(await aside(reception.greet, request.query_params))
        await aside(reception.called_back, request.query_params, await whole_body(request))
        return _plain("success")

    # WeChat's own words, not ours: no part of what is documented.
    app.add_route(CALLBACK, called_back, methods=["GET", "POST"], include_in_schema=False)

    @app.get(INVITATION, responses=answers(200, 400))
    async def ask(token: str = "", language: str = "") -> Response:
        return answer_of(await aside(reception.ask, token, language))

    @app.post(ANSWER, openapi_extra=takes(wire.JSON), responses=answers(200, 400, 404, 413, 422))
    async def answer(request: Request) -> Response:
        return answer_of(await aside(reception.answer, decoded(await whole_body(request), Reply)))


def _plain(text: str) -> Response:
    return Response(text, media_type="text/plain")
