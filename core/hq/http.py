"""What all of head office's doors share: how bodies are read and answers written, and how both are documented."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from fastapi import Request, Response
from starlette.requests import ClientDisconnect

from core import wire
from core.hq.refusal import NotAcceptedError
from core.wire import Refusal

M = TypeVar("M", bound=msgspec.Struct)


def answer_of(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer in JSON."""
    return Response(msgspec.json.encode(content), status, headers, wire.JSON)


async def whole_body(request: Request) -> bytes:
    """The body of a request, which is not read beyond what may be sent.

    Raises:
        NotAcceptedError: `too_large`.
    """
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > wire.MAX_BODY:
                raise NotAcceptedError(413, "too_large")
            parts.append(part)
    except ClientDisconnect:
        # Nobody hears the answer.
        raise NotAcceptedError(400, "malformed") from None
    return b"".join(parts)


def decoded(body: bytes, kind: type[M]) -> M:
    """What a body says.

    Raises:
        NotAcceptedError: `malformed`.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise NotAcceptedError(400, "malformed") from None


def takes(kind: str) -> dict[str, Any]:
    """How a door documents the body that it takes."""
    schema = {"type": "string", "format": "binary"} if kind == wire.PACKED else {"type": "object"}
    headers = () if kind == wire.JSON else (wire.CERTIFICATE, wire.TIME, wire.NONCE, wire.SIGNATURE)
    return {
        "requestBody": {"required": True, "content": {kind: {"schema": schema}}},
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}} for name in headers
        ],
    }


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How a door documents its answers."""
    refusal = {"application/json": {"schema": msgspec.json.schema(Refusal)["$defs"]["Refusal"]}}
    return {
        status: {"description": "done" if status == 200 else "not accepted", "content": refusal if status > 200 else {}}
        for status in (*statuses, 503)
    }
