"""All of it in any order."""

from __future__ import annotations

import random
import shutil
from contextlib import ExitStack
from dataclasses import replace

import pytest

from core import wire
from core.shop.terminal import Terminal
from tests.builders import BAG, RICE, WATER
from tests.hq import chaos_faults as chaos
from tests.hq import chaos_proxy
from tests.hq.chaos_proxy import ChaosProxy, Fault
from tests.hq.chaos_street import HTML, MIXES, PER_TILL, RESTORED, acknowledgement
from tests.hq.test_chaos_answers import BUSY, NO_ANSWERS, REFUSALS

# All of it in any order.


def any_fault(chance: random.Random) -> Fault:
    """Something that can happen to a request."""
    size = chance.choice((chance.randrange(40), chance.randrange(400), chance.randrange(4000)))
    rudely, reaches = chance.random() < 0.5, chance.random() < 0.5
    status = chance.choice((400, 403, 404, 407, 429, 500, 502, 503))
    return chance.choice(
        (
            chaos_proxy.passed, chaos_proxy.passed, chaos_proxy.passed, chaos.lost, chaos.reset_by_peer,
            chaos.unanswered, chaos.unanswered, chaos.doubled, chaos.doubled_and_refused,
            chaos.held_back, chaos.held_back,
            chaos.then_the_held, chaos.answered_twice, chaos.head_flipped(size), chaos.after_the_held,
            chaos.with_all_again, chaos.request_cut(size, rudely=rudely),
            chaos.answer_cut(size, rudely=rudely), chaos.trickled(1 + size), chaos.flipped(size),
            chaos.answered(status, chance.choice((b"", HTML, BUSY))), chaos.answered(200, HTML, reaches=reaches),
            chaos.answered(200, b"{}", reaches=reaches), acknowledgement(hash="00" * 32), acknowledgement(stream="x"),
            acknowledgement(acked=0), acknowledgement(acked=-size), chance.choice(REFUSALS),
            chance.choice(tuple(NO_ANSWERS.values())),
        )
    )  # fmt: skip


@pytest.mark.logs
@pytest.mark.parametrize("first", range(0, MIXES, PER_TILL))
def test_whatever_happens_in_any_order(office, tmp_path, monkeypatch, first):
    with office.till(tmp_path) as till:
        for seed in range(first, first + PER_TILL):
            chance = random.Random(seed)
            monkeypatch.setattr(wire, "BATCH_EVENTS", chance.choice((1, 2, 3, 500)))
            till.proxy.forget()
            for _ in range(chance.randint(2, 6)):
                for _ in range(chance.randrange(4)):
                    till.sell((chance.choice((WATER, RICE, BAG)), chance.randint(1, 5)))
                till.sync(*(any_fault(chance) for _ in range(chance.randint(1, 4))))
            till.settle()


@pytest.mark.logs
@pytest.mark.parametrize("seed", range(RESTORED))
def test_a_restored_home_goes_on_whatever_happens(office, tmp_path, seed):
    chance = random.Random(seed)
    with ExitStack() as opened:
        with office.till(tmp_path) as till:
            till.sell((WATER, 1))
            till.sync()
            till.terminal.write(lambda s: s.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")).result()
            shutil.copytree(till.terminal.home.folder, tmp_path / "backup")
            sold = 0
            for _ in range(chance.randint(1, 3)):
                till.sell((RICE, 1))
                sold += 1
            till.sync(*(any_fault(chance) for _ in range(chance.randrange(2))))
            till.settle()
            address = till.proxy.port
        proxy = opened.enter_context(ChaosProxy(office.head.address, port=address))
        terminal = opened.enter_context(Terminal(tmp_path / "backup"))
        restored = replace(till, terminal=terminal, proxy=proxy, restored=True)
        for _ in range(chance.randint(2, 5)):
            for _ in range(chance.randrange(3)):
                restored.sell((BAG, 1))
            restored.sync(*(any_fault(chance) for _ in range(chance.randint(1, 6))))
        proxy.otherwise = chaos_proxy.passed
        done = restored.sync()
        assert (done.waiting, done.reached, done.trouble) == (0, True, "")
        net, orders = restored.sums()
        restored.count((net + sold * RICE.price, orders + sold))
        assert restored.diagnosis().ok
