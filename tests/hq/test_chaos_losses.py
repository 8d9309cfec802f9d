"""Requests and answers get lost, come late or twice, or end in the middle: nothing is lost, nothing doubled."""

from __future__ import annotations

import pytest

from core import wire
from core.errors import BrokenWorldError, RefusedError
from core.shop import sync as syncing
from tests.builders import BAG, RICE, WATER
from tests.hq import chaos_faults as chaos
from tests.hq import chaos_proxy
from tests.hq.chaos_proxy import Fault
from tests.hq.chaos_street import BURST, HTML, THOROUGH, open_office

# Requests and answers get lost, doubled, late.

LOSSES: dict[str, tuple[tuple[Fault, ...], ...]] = {
    "a request is lost": ((chaos.lost,), (chaos.reset_by_peer,)),
    "an answer is lost": ((chaos.unanswered,), (chaos.unanswered,)),
    "a request comes twice": ((chaos.doubled,), (chaos.doubled,)),
    "a repeat is refused": ((chaos.doubled_and_refused,), (chaos.doubled_and_refused,)),
    "an answer comes twice": ((chaos.answered_twice,) * 9, (chaos.answered_twice,) * 9),
    "old requests come again": ((chaos_proxy.passed,), (chaos.unanswered,), (chaos.with_all_again,)),
    "a request comes after later ones": ((chaos.held_back,), (chaos.then_the_held,)),
    "many come after later ones": ((chaos.held_back,), (chaos.held_back,), (chaos.then_the_held,)),
    "a request comes before later ones": ((chaos.held_back,), (chaos.after_the_held,)),
    "a request comes after it was lost": (
        (chaos.held_back,),
        (chaos.lost,),
        (chaos.unanswered,),
        (chaos.then_the_held,),
    ),
    "a few bytes at a time": ((chaos.trickled(1),), (chaos.trickled(7),)),
    "a bit is not as it was": ((chaos.flipped(0),), (chaos.flipped(40),), (chaos.flipped(-1),)),
    "the second of several is lost": ((chaos_proxy.passed, chaos.lost), (chaos_proxy.passed, chaos.unanswered)),
    "several come late": (
        (chaos_proxy.passed, chaos.held_back),
        (chaos_proxy.passed, chaos.held_back),
        (chaos.then_the_held,),
    ),
}


@pytest.mark.parametrize("plans", LOSSES.values(), ids=LOSSES.keys())
def test_what_is_lost_or_late_or_comes_twice(till, monkeypatch, plans):
    for batch in (500, 2):
        monkeypatch.setattr(wire, "BATCH_EVENTS", batch)
        for plan in plans:
            till.sell((WATER, 1), (RICE, 2))
            till.set("name", f"after {till.recorded}")
            till.sync(*plan)
        till.settle()


def test_head_office_is_told_again_what_it_was_told_before_it_began_anew(tmp_path):
    if not THOROUGH:
        pytest.skip("a program's start takes long")
    with open_office(tmp_path / "hq") as office, office.till(tmp_path) as till:
        for end in (office.head.stop, office.head.kill):
            till.sync()
            till.sell((WATER, 1))
            till.sync(chaos.unanswered)
            till.sell((WATER, 1))
            till.sync(chaos.held_back)
            end()
            till.sync(chaos_proxy.passed)
            assert till.waiting == 2
            office.head.start()
            # It has forgotten which requests it knows.
            till.sync(chaos.with_all_again)
        till.settle()


# Connections end in the middle.


def _places(size: int, edge: int) -> list[int]:
    """Where something that is so long is cut: everywhere near its ends, and here and there between."""
    return [at for at in range(size + 1) if THOROUGH or at < edge or at > size - edge or at % 29 == 0]


def test_a_request_is_cut_off_at_every_byte(till):
    till.sell((WATER, 1), (BAG, 2))
    till.sync(chaos.lost)
    size, there = len(till.proxy.requests[-1]), till.arrived()
    for at in _places(size - 1, 40):
        done = till.sync(chaos.request_cut(at, rudely=at % 2 == 1))
        assert (done.reached, done.waiting) == (False, till.recorded - there)
        assert till.arrived() == there and len(till.proxy.requests[-1]) >= at
    till.sync(chaos.request_cut(size))
    till.settle()


@pytest.mark.logs
def test_an_answer_is_cut_off_at_every_byte(office, tmp_path):
    with office.till(tmp_path) as till:
        till.sync()
        places = _places(len(till.proxy.answer) + 2, 24)
        till.settle()
    for start in range(0, len(places), BURST):
        with office.till(tmp_path) as till:
            till.sync()
            for at in places[start : start + BURST]:
                till.sell((WATER, 1), (BAG, 2))
                till.set("name", f"cut {at}")
                done = till.sync(chaos.answer_cut(at, rudely=at % 2 == 1))
                whole = at >= len(till.proxy.answer)
                assert (done.reached, done.waiting == 0, till.arrived()) == (whole, whole, till.recorded)
            till.settle()


def test_enrolling_is_tried_again_until_an_answer_arrives(office, tmp_path):
    with office.till(tmp_path, enrolled=False) as till:
        till.sell((WATER, 1))
        token = office.token(till.store)
        faults = (
            chaos.lost, chaos.reset_by_peer, chaos.unanswered, chaos.request_cut(90), chaos.answer_cut(0),
            chaos.answer_cut(100), chaos.answer_cut(300, rudely=True), chaos.answered(200, HTML, reaches=True),
            chaos.answered(200, b"{}"), chaos.answered(503, b"", "Retry-After: 3"), chaos.answered(407, HTML),
        )  # fmt: skip
        for fault in faults:
            till.proxy.plan(fault)
            with pytest.raises(BrokenWorldError, match="hq_unreachable"):
                till.enrol(token)
            with pytest.raises(RefusedError, match="no_hq"):
                syncing.Sync(till.terminal).run()
        till.proxy.plan(chaos.trickled(3))
        till.enrol(token)
        till.settle()
