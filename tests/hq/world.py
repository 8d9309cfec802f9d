"""A chain with two stores and three terminals, and whoever would like to speak in their names."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core import wire
from core.sync.transport import Answer
from tests.chain import Chain, Request
from tests.hq.api_tools import (
    Voice,
    fact,
    of_store,
    rows,
    sale,
    voice,
)

THOROUGH = bool(os.environ.get("STORE_ASSISTANT_THOROUGH"))
EXAMPLES, FEWER = (1_000, 200) if THOROUGH else (10, 8)
"""Of whatever is made up, on SQLite and on PostgreSQL."""
HISTORIES, ORDERS = (200, 20) if THOROUGH else (4, 10)

replace = msgspec.structs.replace


@dataclass(frozen=True)
class World:
    """Two stores: `first` and `second` are terminals of S1, `other` is one of S2. Each told a few facts."""

    chain: Chain
    first: Voice
    second: Voice
    other: Voice

    @property
    def secrets(self) -> list[bytes]:
        """What nobody of S1 may learn."""
        other = self.other
        return [other.stream.encode(), other.digest.hex().encode(), b"R-other", wire.text_of(other.public_key).encode()]


def made_world(chain: Chain) -> World:
    first, second, other = voice(chain, "S1", "T1"), voice(chain, "S1", "T2"), voice(chain, "S2", "T1")
    for who, name in ((first, "first"), (second, "second"), (other, "other")):
        who.tell(*(fact(sale(f"{name}-{n}")) for n in range(3)))
    chain.project()
    return World(chain, first, second, other)


def asked(world: World, request: Request) -> Answer:
    """Send a request of somebody who is not of S2, and see that it did no harm."""
    before = rows(world.chain.db)
    answer = world.chain.network.deliver(request)
    after = rows(world.chain.db)
    assert answer.status < 500
    if answer.status != 200:
        assert after == before
    assert of_store(after, "S2") == of_store(before, "S2")
    assert not any(secret in answer.body for secret in world.secrets)
    return answer


def generated(chain: Chain, made: st.SearchStrategy[Any], check: Callable[[Any], None]) -> None:
    """Check whatever can be made up."""

    @settings(
        max_examples=FEWER if chain.db.is_postgresql else EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(made)
    def run(one: Any) -> None:
        check(one)

    run()
