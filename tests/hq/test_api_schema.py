"""What head office says of its doors is so, for strangers and for terminals."""

from __future__ import annotations

import json
import zlib
from collections import Counter

import schemathesis
from hypothesis import strategies as st
from requests import PreparedRequest
from requests.auth import AuthBase
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events as happenings
from schemathesis.engine import from_schema
from schemathesis.python import asgi

from core import wire
from tests.chain import Chain, Request
from tests.hq.api_tools import (
    Voice,
    log_holds,
    of_store,
    rows,
)
from tests.hq.world import EXAMPLES, FEWER, made_world

# What the schema says.


class Signing(AuthBase):
    """Signs requests as a terminal does, whatever stands in them."""

    def __init__(self, who: Voice) -> None:
        self._who = who

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if request.method == "POST" and request.path_url in (wire.PUSH, wire.CONTINUE):
            body = request.body or b""
            body = body.encode() if isinstance(body, str) else body
            assert isinstance(body, bytes)
            signed = self._who.request(request.path_url, body).headers
            request.headers.update({name: value for name, value in signed.items() if name.startswith("store-")})
        return request


# The schema tells the shape of a body, not whose signature it bears: one of the right shape may well be refused.
LEFT_OUT = {"positive_data_acceptance": {"enabled": False}}
# Whatever headers were left out or spoiled, those of a signed request are put back by `Signing`.
LEFT_OUT_OF_SIGNED = {
    **LEFT_OUT,
    "negative_data_rejection": {"enabled": False},
    "missing_required_header": {"enabled": False},
}


def pushes(who: Voice) -> st.SearchStrategy[bytes]:
    """Bodies for the door of facts: noise, and pushes under a head that fits."""
    noise = st.binary(max_size=200)
    made = st.builds(
        lambda facts, changes: wire.packed(who.push(*facts, **changes)),
        st.lists(noise, max_size=3),
        st.fixed_dictionaries({}, optional={"first": st.integers(0, 2**63 - 1), "stream": st.text(max_size=40)}),
    )
    # The simplest comes first, whatever else is drawn: that one is accepted.
    return made | noise | noise.map(zlib.compress)


def test_answers_to_strangers_are_what_the_schema_says(small):
    answers_fit_the_schema(small, signed=False)


def test_answers_to_terminals_are_what_the_schema_says(chain):
    answers_fit_the_schema(chain, signed=True)


def answers_fit_the_schema(chain: Chain, *, signed: bool) -> None:
    world = made_world(chain)
    before = rows(chain.db)
    count = FEWER if chain.db.is_postgresql else EXAMPLES
    config = SchemathesisConfig.from_dict(
        {
            "generation": {"max-examples": count, "deterministic": True},
            "phases": {"stateful": {"enabled": False}},
            "checks": LEFT_OUT_OF_SIGNED if signed else LEFT_OUT,
        }
    )
    schemathesis.openapi.media_type(wire.PACKED, pushes(world.first))
    statuses: Counter[tuple[str, int]] = Counter()
    trouble: list[str] = []
    try:
        schema = schemathesis.openapi.from_asgi("/openapi.json", chain.network.app, config=config)
        if signed:
            schema.auth.set_from_requests(Signing(world.first))
        for happened in from_schema(schema).execute():
            if isinstance(happened, happenings.NonFatalError | happenings.FatalError):
                trouble.append(repr(getattr(happened, "value", happened)))
            if not isinstance(happened, happenings.ScenarioFinished):
                continue
            recorder = happened.recorder
            for interaction in recorder.interactions.values():
                statuses[recorder.label, interaction.response.status_code if interaction.response else 0] += 1
            trouble += [
                f"{recorder.label}: {check.name}: {check.failure_info.failure}"
                for checks in recorder.checks.values()
                for check in checks
                if check.failure_info
            ]
    finally:
        # Ends the threads on which head office ran.
        asgi._shutdown()
    assert not trouble, "\n".join(sorted(set(trouble)))
    assert not any(status >= 500 or status == 0 for _, status in statuses)
    # What a stranger asks changes nothing at all; a terminal may tell whatever it likes in its own stream.
    after = rows(chain.db)
    assert of_store(after, "S2") == of_store(before, "S2")
    assert signed or after == before
    assert log_holds(chain)
    if signed:
        # The few that are tried on PostgreSQL need not have every answer.
        told = {status for label, status in statuses if label == f"POST {wire.PUSH}"}
        assert chain.db.is_postgresql or told >= {200, 400, 403}
        assert (f"POST {wire.CONTINUE}", 401) not in statuses


def test_what_is_said_without_a_database_is_named_in_the_schema(small):
    schema = json.loads(small.network.deliver(Request("GET", "/openapi.json", b"", {})).body)
    for door in (wire.PUSH, wire.ENROL, wire.CONTINUE):
        assert "503" in schema["paths"][door]["post"]["responses"], door
