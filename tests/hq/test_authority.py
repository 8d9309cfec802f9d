"""Who may do what: nobody speaks for another, and a revoked terminal speaks no more."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, delete

from core import wire
from core.errors import RefusedError
from core.hq import doctor, parcels
from core.hq.guard import BURST, RATE
from core.hq.schema import STREAM
from core.hq.streams import TOKEN_MINUTES, Registrar
from core.parcel import MAGIC, Frame, write_frame
from core.wire import Certificate, Continuation
from tests.chain import Chain, Request
from tests.hq.api_tools import (
    Voice,
    fact,
    log_holds,
    of_store,
    refusal,
    rows,
    sale,
    voice,
)
from tests.hq.authority import (
    BAD_TOKEN,
    CLOCK,
    FORGED,
    SALE,
    continued_as,
    joined,
    new_key,
    new_stream,
    replaced,
    stranger,
    told,
)
from tests.hq.world import World, asked, made_world, replace


@pytest.mark.parametrize("name", FORGED)
def test_who_may_not_is_refused(world, name):
    forged, expected = FORGED[name]
    assert refusal(asked(world, forged(world))) == expected


def test_a_time_is_good_to_the_end_of_the_window(world):
    for off in (-wire.CLOCK_WINDOW_MS, wire.CLOCK_WINDOW_MS):
        request = told(world.first, at=world.chain.clock.ms + 1000 // RATE + off)
        assert asked(world, request).status == 200


def test_a_token_that_did_not_help_a_thief_is_still_good(world):
    token = world.chain.token("S1", "T7")
    thief, owner = replaced(stranger(world, "S1", "T7"), stream=world.second.stream), stranger(world, "S1", "T7")
    assert refusal(asked(world, joined(thief, token))) == (403, "forbidden")
    assert owner.enrol(token).status == 200
    # Its answer may have been lost; whoever asks again in time is told again, and nothing else happens.
    before = rows(world.chain.db)
    world.chain.clock.go(minutes=TOKEN_MINUTES)
    assert owner.enrol(token).status == 200
    world.chain.clock.ms += 1
    assert refusal(owner.enrol(token)) == BAD_TOKEN
    assert rows(world.chain.db) == before


def test_what_is_sent_again_byte_for_byte_changes_nothing(chain):
    world = made_world(chain)
    who = world.first
    new = replaced(who, key=new_key(chain), stream=new_stream(chain))
    requests = [
        joined(replaced(stranger(world), stream=new_stream(chain)), chain.token("S1", "T9")),
        told(who, fact(sale("once"))),
        who.request(wire.CONTINUE, msgspec.json.encode(who.continuation(new))),
    ]
    answers = [chain.network.deliver(request) for request in requests]
    assert [answer.status for answer in answers] == [200, 200, 200]
    before = rows(chain.db)
    assert chain.network.deliver(requests[0]).status == 200
    assert [refusal(chain.network.deliver(request)) for request in requests[1:]] == [(409, "replayed")] * 2
    assert rows(chain.db) == before
    # Head office forgets nonces when it stops; what it took in then is not new to it.
    chain.shut()
    chain.open()
    again = [chain.network.deliver(request) for request in requests]
    assert [answer.status for answer in again] == [200, 200, 200]
    assert rows(chain.db) == before
    chain.clock.go(minutes=6)
    assert [refusal(chain.network.deliver(request)) for request in requests[1:]] == [CLOCK, CLOCK]


def revoke(chain: Chain, store: str, terminal: str) -> None:
    Registrar(chain.db, chain.home, chain.clock.now_ms).revoke(store, terminal)


def test_a_revoked_terminal_is_silent(small):
    world = made_world(small)
    who, used, unused = world.first, small.token("S1", "T1"), small.token("S1", "T1")
    assert who.enrol(used).status == 200
    new = replaced(who, key=new_key(small), stream=new_stream(small))
    assert who.go_on(new).status == 200
    new.tell(fact(sale("new")))
    revoke(small, "S1", "T1")
    # Neither the stream that was continued nor the one that continues it says anything, or brings in another.
    late = replaced(who, key=new_key(small), stream=new_stream(small))
    for speaker in (who, new):
        goes_on = speaker.request(wire.CONTINUE, msgspec.json.encode(speaker.continuation(late)))
        for request in (told(speaker, SALE), goes_on):
            assert refusal(asked(world, request)) == (403, "revoked")
    # Tokens that it has got by then are void, the one that it joined with and any other.
    assert refusal(asked(world, joined(who, used))) == BAD_TOKEN
    assert refusal(asked(world, joined(late, unused))) == BAD_TOKEN
    world.second.tell(fact(sale("second goes on")))
    # It is let back in by a new token, and by nothing else.
    fresh = voice(small, "S1", "T1")
    fresh.tell(fact(sale("fresh")))
    assert refusal(asked(world, told(who, SALE))) == (403, "revoked")


def test_a_terminal_that_is_revoked_while_it_asks_to_go_on_is_silent(small, monkeypatch):
    world = made_world(small)
    registrar = small.network.app.state.desk.registrar
    go_on = registrar.go_on

    def late(by: Certificate, asked_for: Continuation) -> wire.Welcome:
        revoke(small, "S1", "T1")
        small.clock.ms += 1
        return go_on(by, asked_for)

    monkeypatch.setattr(registrar, "go_on", late)
    new = replaced(world.first, key=new_key(small), stream=new_stream(small))
    if world.first.go_on(new).status == 200:
        assert refusal(new.send(SALE)) == (403, "revoked")


def test_a_terminal_that_joins_while_it_is_revoked_is_silent(small, monkeypatch):
    world = made_world(small)
    late, token = replaced(world.first, key=new_key(small), stream=new_stream(small)), small.token("S1", "T1")
    write = small.db.write

    def interrupted(work: Callable[[Connection], Any]) -> Any:
        monkeypatch.undo()
        small.clock.ms += 1
        late.enrol(token)
        return write(work)

    monkeypatch.setattr(small.db, "write", interrupted)
    revoke(small, "S1", "T1")
    if late.certificate != world.first.certificate:
        assert refusal(late.send(SALE)) == (403, "revoked")


def test_a_revoked_terminal_is_silent_in_streams_that_the_database_forgot(small):
    world = made_world(small)
    new = replaced(world.first, key=new_key(small), stream=new_stream(small))
    assert world.first.go_on(new).status == 200
    small.db.write(lambda c: c.execute(delete(STREAM).where(STREAM.c.stream_id == new.stream)))
    revoke(small, "S1", "T1")
    assert refusal(new.send(SALE)) == (403, "revoked")


def test_a_terminal_that_the_database_forgot_can_be_revoked(small):
    who = voice(small)
    small.db.write(lambda c: c.execute(delete(STREAM)))
    revoke(small, "S1", "T1")
    assert refusal(who.send(SALE)) == (403, "revoked")


@pytest.mark.parametrize("line", ["S1 T", "S1 T1 ", "\n", "S1 T1 17S2 T1 1795399200000\n", "\xff\n"])
def test_a_line_of_the_list_that_was_cut_off_stops_nobody(small, line):
    who = voice(small, "S1", "T2")
    small.home.revoked.write_bytes(line.encode("latin-1"))
    who.tell(SALE)
    revoke(small, "S1", "T2")
    assert refusal(who.send(SALE)) == (403, "revoked")


def namesake(world: World) -> Voice:
    """A terminal of S1 that goes on in a stream with the name of S2's. Each store has its own streams, so it may."""
    new = replaced(world.first, key=new_key(world.chain), stream=world.other.stream)
    assert world.first.go_on(new).status == 200
    return new


def test_a_stream_of_another_store_with_the_same_name_is_another(small):
    world = made_world(small)
    before = of_store(rows(small.db), "S2")
    new = namesake(world)
    new.tell(fact(sale("namesake")))
    small.project()
    assert of_store(rows(small.db), "S2") == before
    world.other.tell(fact(sale("other goes on")))
    assert log_holds(small)


def test_who_is_revoked_takes_nobody_of_another_store_along(small):
    world = made_world(small)
    namesake(world)
    revoke(small, "S1", "T1")
    world.other.tell(fact(sale("other goes on")))


def test_the_doctor_tells_streams_of_one_name_apart(small):
    world = made_world(small)
    namesake(world).tell(fact(sale("namesake")))
    assert [check.name for check in doctor.examine(small.db) if not check.ok] == []


@pytest.mark.parametrize("frame", [b"\0", b"\x81\xa6stream\xa2\xff\xfe", b"\x81\xa1a" * 100_000 + b"\xc0"])
def test_a_file_that_is_no_parcel_is_refused(small, frame):
    before = rows(small.db, without=())
    for content in (MAGIC + len(frame).to_bytes(4, "big") + frame, MAGIC + frame, frame):
        with io.BytesIO(content) as file, pytest.raises(RefusedError, match="bad_parcel"):
            parcels.take_in(small.db, small.home, file, small.clock.now_ms())
    assert rows(small.db, without=()) == before


def parcel(*requests: Request, stream: str, **changes: Any) -> io.BytesIO:
    """Requests as they go to head office in a file."""
    file = io.BytesIO()
    file.write(MAGIC)
    for request in requests:
        told = {name.removeprefix("store-"): value for name, value in request.headers.items() if name != "content-type"}
        write_frame(file, replace(Frame(stream=stream, target=request.target, body=request.body, **told), **changes))
    file.seek(0)
    return file


def test_a_parcel_is_believed_no_more_than_a_request(small):
    world = made_world(small)
    before = rows(small.db)
    first, other = world.first, world.other

    def take(file: io.BytesIO) -> parcels.Taken:
        return parcels.take_in(small.db, small.home, file, small.clock.now_ms())

    thief = replaced(other, key=new_key(small))
    for forged in (
        parcel(told(thief, SALE), stream=other.stream),
        parcel(told(first, SALE), stream=first.stream, body=wire.packed(first.push(b"x"))),
        parcel(told(first, SALE), stream=first.stream, target=wire.CONTINUE),
        parcel(told(first, SALE), stream=first.stream, certificate=other.certificate),
        parcel(told(first, SALE), stream=first.stream, certificate=""),
        parcel(told(first, SALE), stream=first.stream, nonce="0"),
        parcel(told(first, SALE), stream=first.stream, time="1"),
        parcel(first.request(wire.PUSH, zlib.compress(bytes(wire.MAX_INFLATED + 1))), stream=first.stream),
        parcel(first.request(wire.PUSH, b"\xff"), stream=first.stream),
        parcel(first.request(wire.CONTINUE, b"[]"), stream=first.stream),
    ):
        with pytest.raises(RefusedError, match="bad_parcel"):
            take(forged)
    assert take(parcel(told(other, SALE, by=first), stream=first.stream)).refused == ((first.stream, "forbidden"),)
    assert take(parcel(continued_as(first, world.second.stream), stream=first.stream)).refused == (
        (first.stream, "forbidden"),
    )
    assert rows(small.db) == before
    good = parcel(told(first, SALE), stream=first.stream)
    assert (take(good).new, good.seek(0), take(good).new) == (1, 0, 0)
    revoke(small, "S1", "T1")
    before = rows(small.db)
    first.catch_up()
    assert take(parcel(told(first, b"late"), stream=first.stream)).refused == ((first.stream, "revoked"),)
    assert rows(small.db) == before


def test_who_asks_too_much_is_no_burden_to_another_store(small):
    world = made_world(small)
    loud = namesake(world)
    for _ in range(BURST + 1):
        last = small.network.deliver(loud.request(wire.PUSH, b"", in_time=False))
    assert last.status == 429
    assert small.network.deliver(told(world.other, in_time=False)).status == 200
