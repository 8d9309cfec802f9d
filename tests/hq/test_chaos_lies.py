"""Lies that head office's own program would not tell: a till stays whole, and is not kept busy."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import count

import msgspec
import pytest

from core import wire
from core.errors import BrokenWorldError, RefusedError
from core.sync import streams
from core.wire import Acknowledgement
from tests.builders import RICE, WATER
from tests.hq import chaos_faults as chaos
from tests.hq import chaos_proxy
from tests.hq.chaos_proxy import Fault
from tests.hq.chaos_street import acknowledgement, refused

# Lies that head office's own program would not tell; a till must stay whole, and must not go on for ever.


def test_what_is_told_again_twice_is_counted(till):
    till.sell((WATER, 1))
    fork = refused(409, "fork", acked=0, hash="00" * 32)
    # The first push, then the new stream's welcome and the old one's word, then the new one's first push.
    till.sync(fork, chaos_proxy.passed, chaos_proxy.passed, fork)
    assert len(till.journal()) == 3
    till.settle(streams_most=3)


def only(target: str, fault: Fault) -> Fault:
    """To requests for that target only."""
    return lambda call: (fault if call.request.startswith(f"POST {target} ".encode()) else chaos_proxy.passed)(call)


def always(fault: Fault, most: int = 60) -> Fault:
    """The same to every push; a till that does not give up meets a dead network in the end."""
    asked = count()

    def again(call: chaos_proxy.Call) -> bool:
        return (fault if next(asked) < most else chaos.lost)(call)

    return only(wire.PUSH, again)


def _stand(body: bytes) -> dict[str, object]:
    told = json.loads(body)
    return {name: told[name] for name in ("acked", "hash") if name in told}


STUBBORN: dict[str, Fault] = {
    "gap": refused(409, "gap", acked=0, hash="00" * 32),
    "gap where it stands": chaos.changed(lambda body: msgspec.json.encode({"error": "gap", **_stand(body)}), 409),
    "fork where it stands": chaos.changed(lambda body: msgspec.json.encode({"error": "fork", **_stand(body)}), 409),
    "fork at the start": refused(409, "fork", acked=0, hash="00" * 32),
    "fork far away": refused(409, "fork", acked=10**6, hash="00" * 32),
    "too large": refused(413, "too_large"),
    "malformed": refused(400, "malformed"),
    "clock": refused(401, "clock", time=10**12),
    "the same again": acknowledgement(acked=0),
}


@pytest.mark.parametrize("fault", STUBBORN.values(), ids=STUBBORN.keys())
def test_one_who_always_says_the_same_is_not_asked_for_ever(till, fault):
    till.sync()
    till.sell((WATER, 1))
    till.sell((RICE, 1))
    asked = len(till.proxy.requests)
    till.proxy.otherwise = always(fault)
    till.sync()
    assert len(till.proxy.requests) - asked < 60
    till.settle(streams_most=99)


NUMBERS = (2**53, 2**63, 2**70, -(2**70), 10**300)


@pytest.mark.parametrize(
    "lie",
    [
        lambda number: refused(409, "fork", acked=number, hash="00" * 32),
        lambda number: refused(400, "malformed", acked=number, time=number),
        lambda number: acknowledgement(time=number),
        lambda number: acknowledgement(news={"goods": number}),
    ],
    ids=["fork", "malformed", "time", "news"],
)
def test_a_number_that_is_too_large_does_no_harm(till, lie):
    for number in NUMBERS:
        till.sell((WATER, 1))
        till.sync(lie(number), lie(number))
        till.settle(streams_most=99)


def test_a_refusal_without_sense_is_no_success(till):
    till.sell((WATER, 1))
    for failures, error in enumerate((" ", "x" * 1_000_000, "\0", "🦆"), 1):
        done = till.sync(refused(400, error))
        assert done.waiting and done.trouble and till.known.failures == failures
    till.settle()


@pytest.mark.parametrize(
    "lie",
    [
        lambda number: refused(409, "gap", acked=number, hash="00" * 32),
        lambda number: refused(401, "clock", time=number),
        lambda number: acknowledgement(acked=number),
    ],
    ids=["gap", "clock", "acked"],
)
def test_a_number_of_head_office_that_is_too_large_is_not_believed(till, lie):
    for number in NUMBERS:
        till.sell((WATER, 1))
        till.sync(lie(number), lie(number))
        till.settle(streams_most=99)


def test_a_time_that_is_too_large_does_no_harm_to_an_enrolment(office, tmp_path):
    for number in NUMBERS:
        with office.till(tmp_path, enrolled=False) as till:
            till.proxy.plan(welcome(time=number))
            with suppress(BrokenWorldError):
                till.enrol()
            till.proxy.plan()
            with suppress(RefusedError):
                till.enrol()
            till.settle()


def welcome(**changes: object) -> Fault:
    """Head office's welcome is changed on the way."""
    return chaos.changed(lambda body: json.dumps({**json.loads(body), **changes}).encode())


WELCOMES = pytest.mark.parametrize(
    "change",
    [{"certificate": ""}, {"certificate": "AAAA"}, {"hq_key": "?"}, {}],
    ids=["none", "no certificate", "no key", "another till's"],
)


@WELCOMES
def test_a_welcome_that_is_not_for_this_till_is_not_taken(office, tmp_path, change):
    with office.till(tmp_path) as other, office.till(tmp_path, enrolled=False) as till:
        token = office.token(till.store)
        till.proxy.plan(welcome(**(change or {"certificate": other.certificate})))
        with suppress(BrokenWorldError):
            till.enrol(token)
        till.proxy.plan()
        with suppress(RefusedError):
            till.enrol(token)
        till.settle()


@WELCOMES
def test_a_welcome_that_is_not_for_this_stream_is_not_taken(office, till, tmp_path, change):
    with office.till(tmp_path) as other:
        till.sell((WATER, 1))
        till.proxy.otherwise = only(wire.CONTINUE, welcome(**(change or {"certificate": other.certificate})))
        till.sync(refused(409, "fork", acked=3, hash="00" * 32))
        assert len(till.journal()) == 2
        till.sell((WATER, 1))
        till.settle(streams_most=2)


def test_nothing_counts_as_sent_that_head_office_lacks(till):
    till.sell((WATER, 1))
    before = till.arrived()
    stream = till.terminal.read(lambda view: streams.streams(view.connection)).result()[0].id
    told = Acknowledgement(stream=stream, sent="", acked=10**6, hash="", time=0)
    till.proxy.otherwise = always(chaos.answered(200, msgspec.json.encode(told)))
    till.sync()
    assert till.waiting and till.arrived() == before
    till.settle(streams_most=99)


def test_one_stream_is_enough_for_one_who_always_has_more(till):
    till.sync()
    till.sell((WATER, 1))
    till.proxy.otherwise = always(acknowledgement(acked=10**6))
    till.sync()
    assert len(till.journal()) <= 3


def test_a_refusal_without_a_word_is_no_success(till):
    till.sell((WATER, 1))
    done = till.sync(refused(400, ""))
    assert done.waiting and done.trouble and till.known.failures == 1


def test_one_who_hangs_up_is_no_error_of_head_office(till):
    till.sell((WATER, 1))
    errors = till.office.errors()
    till.sync(chaos.lost)
    till.sync(chaos.request_cut(len(till.proxy.requests[-1]) - 1))
    till.settle()
    assert till.office.errors() == errors
