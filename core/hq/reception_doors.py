"""Head office's doors for people with their own phones, and for WeChat."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from core import wire
from core.hq.http import answer_of, answers, decoded, takes, whole_body
from core.hq.reception import Reception, Reply

CALLBACK, INVITATION, ANSWER = "/wechat", "/v1/invitation", "/v1/answer"
PATHS = frozenset({CALLBACK, INVITATION, ANSWER})


def add_reception(app: FastAPI, reception: Reception) -> None:
    """Open these doors."""

    async def called_back(request: Request) -> Response:
        if request.method == "GET":
            return _plain(await run_in_threadpool(reception.greet, request.query_params))
        await run_in_threadpool(reception.called_back, request.query_params, await whole_body(request))
        return _plain("success")

    # WeChat's own words, not ours: no part of what is documented.
    app.add_route(CALLBACK, called_back, methods=["GET", "POST"], include_in_schema=False)

    @app.get(INVITATION, responses=answers(200, 400))
    async def ask(token: str = "", language: str = "") -> Response:
        return answer_of(await run_in_threadpool(reception.ask, token, language))

    @app.post(ANSWER, openapi_extra=takes(wire.JSON), responses=answers(200, 400, 404, 413, 422))
    async def answer(request: Request) -> Response:
        return answer_of(await run_in_threadpool(reception.answer, decoded(await whole_body(request), Reply)))


def _plain(text: str) -> Response:
    return Response(text, media_type="text/plain")
