"""How much may be asked, and what is told to whom."""

from __future__ import annotations

import asyncio
import logging
import tracemalloc
import zlib
from collections import Counter
from typing import Any

import pytest

from core import wire
from core.hq.guard import BURST, RATE
from core.hq.serve import JsonFormatter
from tests.chain import Chain, Request
from tests.hq.api_tools import (
    Voice,
    fact,
    refusal,
    rows,
    sale,
    voice,
)
from tests.hq.authority import MALFORMED, SALE, joined, new_key, new_stream, replaced, stranger, told
from tests.hq.world import World

# How much may be asked.


def ask_without_end(app: Any, target: str, headers: dict[str, str]) -> tuple[int, int]:
    """Send a body that never ends. Returns the status, and how much of it was read."""
    part, read, status = bytes(64 * 1024), 0, 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += len(part)
        return {"type": "http.request", "body": part, "more_body": True}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": target,
        "raw_path": target.encode(), "query_string": b"", "scheme": "http", "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 1),
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    return status, read


@pytest.mark.parametrize("target", [wire.PUSH, wire.ENROL, wire.CONTINUE])
def test_a_body_without_end_is_not_read_to_its_end(small, target):
    headers = voice(small).request(target, b"").headers
    status, read = ask_without_end(small.network.app, target, headers)
    assert status == 413
    assert read <= wire.MAX_BODY + 64 * 1024


def test_a_body_as_large_as_may_be_is_read(small):
    who = voice(small)
    body = bytes(wire.MAX_BODY)
    assert refusal(who.ask(wire.PUSH, body)) == MALFORMED
    assert refusal(who.ask(wire.PUSH, body + b"\0")) == (413, "too_large")


def test_a_bomb_does_not_go_off(small):
    who = voice(small)
    request = who.request(wire.PUSH, zlib.compress(bytes(8 * wire.MAX_INFLATED), 1))
    small.network.deliver(who.request(wire.PUSH, b""))
    tracemalloc.start()
    try:
        answer = small.network.deliver(request)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert refusal(answer) == (413, "too_large")
    assert peak < 3 * wire.MAX_INFLATED


def test_who_asks_too_much_waits(small):
    who, other = voice(small), voice(small, "S1", "T2")
    before = rows(small.db)
    answers = [small.network.deliver(told(who, SALE, first=9, in_time=False)) for _ in range(BURST + 5)]
    assert Counter(refusal(answer) for answer in answers) == {(409, "gap"): BURST, (429, "busy"): 5}
    assert {answer.headers.get("retry-after") for answer in answers if answer.status == 429} == {"2"}
    assert rows(small.db) == before
    # It is nobody else's burden, and does not last.
    assert small.network.deliver(told(other, SALE, in_time=False)).status == 200
    small.clock.ms += 1000
    answers = [small.network.deliver(told(who, in_time=False)) for _ in range(RATE + 1)]
    assert Counter(answer.status for answer in answers) == {200: RATE, 429: 1}


def test_metrics_and_log_name_nobody(small, caplog):
    with caplog.at_level(logging.INFO, logger="core.hq"):
        token = small.token("A_STORE", "A_TILL")
        who = voice(small, "A_STORE", "A_TILL", enrolled=False)
        who.enrol(token)
        who.tell(fact(sale("op-of-a-sale")))
        new = replaced(who, key=new_key(small), stream=new_stream(small))
        who.go_on(new)
        secrets = [
            "A_STORE", "A_TILL", who.stream, new.stream, token, who.certificate, wire.text_of(who.public_key),
            "op-of-a-sale", "R-op-of-a-sale", who.public_key.hex(), who.digest.hex(),
        ]  # fmt: skip
        small.network.deliver(told(who, SALE, first=7))
        small.network.deliver(joined(stranger(made_of(small, who)), token))
        for method, target in (
            ("GET", f"/v1/push/{who.stream}"), ("POST", f"{wire.PUSH}?{token}"), ("A_STORE", wire.PUSH),
            ("GET", "/A_STORE/A_TILL"), ("PUT", wire.PUSH),
        ):  # fmt: skip
            small.network.deliver(Request(method, target, token.encode(), {"user-agent": token, "cookie": token}))
        metrics = small.network.deliver(Request("GET", "/metrics", b"", {}))
    assert metrics.status == 200 and metrics.headers["content-type"].startswith("text/plain")
    assert b'{method="POST",path="/v1/push",status="200"} 1' in metrics.body
    assert b"store_hq_events_total 1" in metrics.body
    records = [record for record in caplog.records if record.name == "core.hq"]
    assert len(records) >= 10
    assert {name for record in records for name in record.fields} == {"path", "status", "ms"}
    told_all = metrics.body.decode() + "\n".join(JsonFormatter().format(record) for record in records)
    assert [secret for secret in secrets if secret in told_all] == []


def made_of(chain: Chain, who: Voice) -> World:
    return World(chain, who, who, who)


@pytest.mark.logs
def test_head_office_without_its_database_says_so_and_no_more(small):
    who = voice(small)
    push = told(who, SALE)
    asked_to_join = joined(stranger(made_of(small, who)), small.token("S1", "T9"))
    file = small.home.folder / "hq.db"
    small.db.close()
    for beside in small.home.folder.glob("hq.db-*"):
        beside.unlink()
    file.write_bytes(b"S1 is no database. " * 1000)
    for request in (Request("GET", "/ready", b"", {}), push, asked_to_join):
        answer = small.network.deliver(request)
        assert refusal(answer) == (503, "unavailable") and answer.headers["retry-after"] == "2"
        assert b"S1" not in answer.body and b"database" not in answer.body
    assert small.network.deliver(Request("GET", "/health", b"", {})).body == b'{"ok":true}'
    assert small.network.deliver(Request("GET", "/metrics", b"", {})).status == 200
