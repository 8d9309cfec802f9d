"""What may stand in a body, signed or not: nothing of it does harm."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st

from core import wire
from core.wire import Push
from tests.chain import Request
from tests.hq.api_tools import (
    Voice,
    fact,
    log_holds,
    sale,
    voice,
)
from tests.hq.authority import new_stream, replaced
from tests.hq.world import asked, generated, made_world

# What may stand in a signed body.

DEEP = 100_000


def nested(depth: int) -> bytes:
    """A push with a field of which nobody knows, that is an array in an array in an array…"""
    fields = msgspec.msgpack.encode(Push(stream="s", first=1, previous=b"", events=[], head=b""))
    assert fields[0] == 0x85
    return b"\x86" + fields[1:] + msgspec.msgpack.encode("more") + b"\x91" * depth + b"\x90"


BODIES: dict[str, tuple[Callable[[Voice], bytes], set[int]]] = {
    "nothing": (lambda _: b"", {400}),
    "nothing, deflated": (lambda _: zlib.compress(b""), {400}),
    "no deflated data": (lambda _: b"\xff" * 1000, {400}),
    "cut off": (lambda who: wire.packed(who.push(b"a" * 1000))[:-5], {400}),
    "more behind it": (lambda who: wire.packed(who.push(b"a")) + b"!", {400}),
    "two": (lambda who: wire.packed(who.push(b"a")) * 2, {400}),
    "JSON": (lambda who: zlib.compress(msgspec.json.encode(who.push(b"a"))), {400}),
    "an array": (lambda _: zlib.compress(msgspec.msgpack.encode([1, 2, 3])), {400}),
    "text that is none": (lambda _: zlib.compress(b"\x81\xa6stream\xa2\xff\xfe"), {400}),
    "a bomb": (lambda _: zlib.compress(bytes(4 * wire.MAX_INFLATED), 1), {413}),
    "a byte too many": (lambda _: zlib.compress(bytes(wire.MAX_INFLATED + 1)), {413}),
    "as much as may be": (lambda _: zlib.compress(bytes(wire.MAX_INFLATED)), {400}),
    "too many facts": (lambda who: wire.packed(who.push(*[b""] * (wire.BATCH_EVENTS + 1))), {400}),
    "millions of facts": (
        lambda _: zlib.compress(b"\x81\xa6events\xdd\x00\x30\x00\x00" + b"\xc4\x00" * 0x300000, 1),
        {400},
    ),
    "first is 0": (lambda who: wire.packed(who.push(b"a", first=0)), {400}),
    "first is no number": (lambda who: packed_with(who, first="1"), {400}),
    "first is less than nothing": (lambda who: packed_with(who, first=-(2**63)), {400}),
    "first is far away": (lambda who: wire.packed(who.push(b"a", first=2**63 - 1)), {400, 409}),
    "first is the largest, without facts": (lambda who: wire.packed(who.push(first=2**64 - 1)), {400, 409}),
    "a short hash": (lambda who: wire.packed(who.push(b"a", previous=b"1")), {400}),
    "another stream": (lambda who: wire.packed(who.push(b"a", stream="\0")), {403}),
    "an empty signature": (lambda who: packed_with(who, head=b""), {422}),
    "a long signature": (lambda who: packed_with(who, head=b"1" * 100_000), {422}),
    # Fail, as a 500: OverflowError, because a number of a fact behind the first has no 8 bytes any more
    # (`admission.admit` → `chain`), and RecursionError, which `wire.unpacked` lets through.
    "first is the largest, with two facts": (lambda who: wire.packed(who.push(b"", b"", first=2**64 - 1)), {400, 409}),
    "arrays in arrays": (lambda _: zlib.compress(nested(DEEP)), {400}),
    "maps in maps": (lambda _: zlib.compress(b"\x81\xa1a" * DEEP + b"\xc0"), {400}),
}


def packed_with(who: Voice, **fields: object) -> bytes:
    plain = msgspec.to_builtins(who.push(b"a"), builtin_types=(bytes,))
    return zlib.compress(msgspec.msgpack.encode({**plain, **fields}))


@pytest.mark.parametrize("name", BODIES)
def test_a_signed_body_that_is_no_push_is_refused(worlds, name):
    world = worlds("")
    body, status = BODIES[name]
    assert asked(world, world.first.request(wire.PUSH, body(world.first))).status in status


def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    """Bytes of which some were flipped, put in or left out. What is drawn does not depend on them: they are others each
    time, as the stream that they are of goes on.
    """
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        at, how = draw(st.integers(0, 0xFFFF)) % max(len(changed), 1), draw(st.sampled_from("fid"))
        bit, more, fewer = draw(st.integers(0, 7)), draw(st.binary(max_size=8)), draw(st.integers(1, 16))
        if how == "f" and changed:
            changed[at] ^= 1 << bit
        elif how == "i":
            changed[at:at] = more
        else:
            del changed[at : at + fewer]
    return bytes(changed)


def test_no_mutated_push_does_harm(chain):
    world = made_world(chain)
    who = world.first

    @st.composite
    def body(draw: st.DrawFn) -> bytes:
        facts = draw(st.lists(st.just(fact(sale("more"))) | st.binary(max_size=50), max_size=3))
        changes: dict[str, Any] = draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "stream": st.sampled_from([world.second.stream, world.other.stream, "\0"]) | st.text(max_size=50),
                    "first": st.integers(-3, 10) | st.integers(-(2**63), 2**64 - 1),
                    "previous": st.binary(max_size=40) | st.binary(min_size=32, max_size=32),
                    "head": st.binary(min_size=1, max_size=70),
                },
            )
        )
        fields = msgspec.to_builtins(who.push(*facts, **changes), builtin_types=(bytes,))
        odd = draw(st.fixed_dictionaries({}, optional=dict.fromkeys((*wire.Push.__struct_fields__, "more"), anything)))
        how = draw(st.sampled_from(["as it is", "as it is", "odd", "plain", "packed"]))
        plain = msgspec.msgpack.encode({**fields, **odd} if how == "odd" else fields)
        plain = mutated(draw, plain) if how == "plain" else plain
        packed = zlib.compress(plain, 1)
        return mutated(draw, packed) if how == "packed" else packed

    def check(body: bytes) -> None:
        answer = asked(world, who.request(wire.PUSH, body))
        assert answer.status != 401
        seen[answer.status] += 1
        if answer.status == 200:
            who.catch_up()
            assert log_holds(chain)

    anything = st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text() | st.binary(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=10,
    )
    seen: Counter[int] = Counter()
    generated(chain, body(), check)
    # The few that are tried on PostgreSQL need not have every answer.
    assert chain.db.is_postgresql or {200, 400} <= seen.keys()


ODD = ("", "\0", "S1\0", "\ud800", "x" * 50_000)
TEXT = st.sampled_from(ODD) | st.text(st.characters(exclude_categories=()), max_size=20)
"""Texts, among them such as no database takes and such as are none at all."""


def join(asked: dict[str, Any]) -> Request:
    # As JSON writes them: half a surrogate pair has an escape, if no bytes.
    return Request("POST", wire.ENROL, json.dumps(asked).encode(), {"content-type": wire.JSON})


@pytest.mark.parametrize("changes", [{"store": "S\0"}, {"store": "S" * 100_000}, {"terminal": "\0"}, {"token": "\0"}])
def test_a_terminal_with_an_odd_name_is_not_let_in(world, changes):
    who = replaced(world.first, stream=new_stream(world.chain))
    token = world.chain.token("S1", "T1")
    answer = asked(world, join(msgspec.to_builtins(who.enrolment(**{"token": token, **changes}))))
    assert answer.status in (400, 403)


def test_no_enrolment_does_harm(chain):
    world = made_world(chain)
    who = voice(chain, "S1", "T1", enrolled=False)
    tokens = [chain.token("S1", "T1"), chain.token("S1", "T2"), chain.token("S2", "T9"), "", "\0"]

    @st.composite
    def body(draw: st.DrawFn) -> dict[str, Any]:
        token = draw(st.sampled_from(tokens))
        stream = draw(st.just(who.stream) | st.text("0123456789abcdef-", min_size=36, max_size=36))
        asked = msgspec.to_builtins(who.enrolment(token, stream=stream))
        odd = st.fixed_dictionaries({}, optional=dict.fromkeys(asked, TEXT | st.none() | st.integers()))
        return {**asked, **draw(odd)}

    def check(asked_for: dict[str, Any]) -> None:
        assert asked(world, join(asked_for)).status in (200, 400, 403)

    generated(chain, body(), check)


def test_no_continuation_does_harm(chain):
    world = made_world(chain)
    new = voice(chain, "S1", "T1", enrolled=False)

    @st.composite
    def body(draw: st.DrawFn) -> bytes:
        by = draw(st.sampled_from([world.first, world.first, world.second]))
        made = replaced(new, stream=draw(st.sampled_from([new.stream, world.second.stream]) | st.just("-" * 36)))
        asked = msgspec.to_builtins(by.continuation(made))
        odd = st.fixed_dictionaries({}, optional=dict.fromkeys(asked, TEXT | st.none() | st.integers()))
        asked |= draw(st.just({}) | st.fixed_dictionaries({"reason": TEXT}) | odd)
        plain = json.dumps(asked).encode()
        return mutated(draw, plain) if draw(st.integers(0, 3)) == 0 else plain

    def check(body: bytes) -> None:
        answer = asked(world, world.first.request(wire.CONTINUE, body))
        seen[answer.status] += 1
        assert answer.status in (200, 400, 403)

    seen: Counter[int] = Counter()
    generated(chain, body(), check)
    # The few that are tried on PostgreSQL need not have every answer.
    assert chain.db.is_postgresql or {200, 400} <= seen.keys()


@pytest.mark.parametrize("kind", ["", "text/html", wire.JSON, "multipart/form-data; boundary=x", "\xff", "a" * 10_000])
def test_the_name_of_a_body_does_not_matter(worlds, kind):
    world = worlds("")
    push = world.first.push()
    assert asked(world, world.first.request(wire.PUSH, wire.packed(push), **{"content-type": kind})).status == 200
