"""What a till recorded reaches head office, once, whatever happens to either."""

from __future__ import annotations

import shutil
from functools import partial

import msgspec
import pytest
from sqlalchemy import select

from core import wire
from core.errors import BrokenWorldError, RefusedError
from core.hq.schema import EVENT, EVIDENCE, STREAM
from core.shop import counter
from core.shop.enrolment import enrol
from core.shop.terminal import SYSTEM
from core.sync import streams
from core.sync.transport import Answer
from tests.builders import RICE, SCARF, WATER
from tests.chain import Chain, Request, Till


def raw_facts(till: Till) -> list[bytes]:
    rows = till.terminal.read(lambda v: v.connection.execute("SELECT event FROM journal ORDER BY position").fetchall())
    return [bytes(raw) for (raw,) in rows.result()]


def log_of(chain: Chain) -> list[bytes]:
    query = select(EVENT.c.raw).order_by(EVENT.c.stream_id, EVENT.c.seq)
    return [bytes(raw) for raw in chain.db.read(lambda connection: list(connection.execute(query).scalars()))]


def net(chain: Chain) -> tuple[int, int]:
    total = chain.report().report.total
    return total.net, total.orders


def waiting(till: Till) -> int:
    return till.terminal.read(lambda view: streams.waiting(view.connection)).result()


def test_facts_arrive_as_they_were_recorded(chain):
    till = chain.till()
    till.sell((WATER, 2))
    assert waiting(till) == len(raw_facts(till))
    done = till.sync()
    assert (done.sent, done.waiting, done.reached, done.trouble) == (len(raw_facts(till)), 0, True, "")
    assert log_of(chain) == raw_facts(till)
    assert till.sync().sent == 0
    assert net(chain) == (400, 1)


def test_without_a_network_everything_waits(small):
    till = small.till()
    till.sync()
    small.shut()
    till.sell((WATER, 1))
    done = till.sync()
    assert (done.sent, done.waiting, done.reached, done.trouble) == (0, 1, False, "hq_unreachable")
    small.open()
    assert till.sync().waiting == 0
    assert net(small) == (200, 1)


def test_an_answer_that_was_lost_doubles_nothing(chain):
    till = chain.till()
    till.sell((WATER, 1))

    def lose_answers(request: Request, deliver) -> Answer:
        deliver(request)
        raise BrokenWorldError("hq_unreachable", url="", detail="reset")

    chain.network.on_the_way = lose_answers
    assert till.sync().waiting > 0
    chain.network.on_the_way = None
    assert till.sync().waiting == 0
    assert log_of(chain) == raw_facts(till) and net(chain) == (200, 1)


def test_many_facts_go_in_batches(chain):
    till = chain.till()
    till.sync()
    for _ in range(40):
        till.sell((WATER, 1))
    before = chain.network.requests
    assert till.sync().sent == 40
    # One for all of them, and one that asks what is new.
    assert chain.network.requests == before + 2


def test_a_way_that_takes_no_large_requests_gets_small_ones(small):
    till = small.till()
    for _ in range(30):
        till.sell((WATER, 1))
    refusal = msgspec.json.encode(wire.Refusal(error="too_large"))

    def narrow(request: Request, deliver) -> Answer:
        pushed = len(wire.unpacked(request.body).events) if request.target == wire.PUSH else 0
        return Answer(413, {}, refusal) if pushed > 3 else deliver(request)

    small.network.on_the_way = narrow
    assert till.sync().waiting == 0
    assert log_of(small) == raw_facts(till)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, {}, b"<html>Welcome to the hotel</html>"),
        Answer(200, {}, b"{}"),
        Answer(200, {}, b""),
        Answer(500, {}, b"oops"),
        Answer(502, {"retry-after": "7"}, b""),
        Answer(200, {}, b"[" * 100_000),
        Answer(200, {}, b"\xff\xfe"),
    ],
)
def test_what_is_no_answer_of_head_office_is_not_believed(small, answer):
    till = small.till()
    small.network.on_the_way = lambda *_: answer
    done = till.sync()
    assert not done.reached and done.waiting == len(raw_facts(till))


def test_a_false_acknowledgement_is_not_believed(small):
    till = small.till()
    count = len(raw_facts(till))

    def lie(request: Request, deliver) -> Answer:
        told = msgspec.json.decode(deliver(request).body, type=wire.Acknowledgement)
        return Answer(200, {}, msgspec.json.encode(msgspec.structs.replace(told, hash="00" * 32)))

    small.network.on_the_way = lie
    assert (till.sync().trouble, waiting(till)) == ("hq_unbelievable", count)
    small.network.on_the_way = lambda *_: Answer(
        200, {}, msgspec.json.encode(wire.Acknowledgement(stream="other", sent="", acked=count, hash="", time=0))
    )
    assert (till.sync().trouble, waiting(till)) == ("hq_unbelievable", count)


def test_a_wrong_clock_locks_nobody_out(small):
    till = small.till()
    behind = small.clock.ms
    till.terminal.clock = type("Behind", (), {"now_ms": lambda _: behind - 40 * 365 * 86_400_000})()
    assert till.sync().waiting == 0


def test_head_office_from_an_older_copy_gets_everything_again(small):
    till = small.till()
    till.sell((WATER, 1))
    till.sync()
    small.shut()
    shutil.copytree(small.home.folder, small.folder / "older")
    small.open()
    till.sell((RICE, 1))
    till.sync()
    small.shut()
    shutil.rmtree(small.home.folder)
    shutil.copytree(small.folder / "older", small.home.folder)
    small.open()
    till.sell((WATER, 1))
    assert till.sync().waiting == 0
    assert log_of(small) == raw_facts(till)
    assert net(small) == (2 * WATER.price + RICE.price, 3)


def test_an_empty_head_office_with_the_same_key_gets_everything_again(small):
    till = small.till()
    till.sell((WATER, 1))
    till.sync()
    small.shut()
    for file in small.home.folder.glob("hq.db*"):
        file.unlink()
    small.open()
    assert till.sync().waiting == 0
    assert log_of(small) == raw_facts(till)


def test_a_copied_home_goes_on_in_a_stream_of_its_own(chain):
    till = chain.till()
    till.sell((WATER, 1))
    till.sync()
    twin = till.twin()
    till.sell((WATER, 10))
    for _ in range(3):
        twin.sell((RICE, 1))
    till.sync()
    done = twin.sync()
    assert (done.waiting, done.trouble) == (0, "")
    till.sell((WATER, 1))
    twin.sell((RICE, 1))
    till.sync()
    twin.sync()
    assert net(chain) == (12 * WATER.price + 4 * RICE.price, 7)
    for home in (till, twin):
        assert home.diagnosis().ok
    streams_there = chain.db.read(lambda c: c.execute(select(STREAM.c.stream_id, STREAM.c.terminal_id)).all())
    assert len(streams_there) == 2 and {terminal for _, terminal in streams_there} == {"T1"}
    # The branch that did not become part of the stream is kept as evidence.
    assert chain.db.read(lambda c: len(c.execute(select(EVIDENCE)).all())) > 0


@pytest.mark.parametrize("emptied", ["before the copy", "after it"])
def test_a_copy_does_not_sell_what_was_taken_off_the_counter_as_the_same_sale(small, emptied):
    till = small.till()
    till.terminal.write(partial(counter.scan, by=SYSTEM, text=WATER.shown_code)).result()
    if emptied == "before the copy":
        till.empty_counter()
    twin = till.twin()
    till.empty_counter()
    till.sell_codes(RICE.shown_code)
    twin.empty_counter()
    twin.sell_codes(SCARF.shown_code)
    till.sync()
    twin.sync()
    assert net(small) == (RICE.price + SCARF.price, 2)


def test_a_copy_that_speaks_first_keeps_the_stream(small):
    till = small.till()
    till.sync()
    twin = till.twin()
    till.sell((WATER, 1))
    twin.sell((RICE, 1))
    twin.sync()
    till.sync()
    assert (waiting(till), waiting(twin)) == (0, 0)
    assert net(small) == (WATER.price + RICE.price, 2)


def test_a_home_from_yesterday_goes_on_in_a_new_stream(chain):
    till = chain.till()
    till.sell((WATER, 1))
    till.sync()
    till.copy(chain.folder / "backup")
    till.sell((RICE, 1))
    till.sync()
    restored = chain.opened(chain.folder / "backup")
    first = restored.sell((WATER, 1))
    assert restored.sync().waiting == 0
    second = restored.sell((WATER, 1))
    restored.sync()
    assert net(chain) == (3 * WATER.price + RICE.price, 4)
    # Receipts after that are numbered under another name.
    assert first.receipt[:4] != second.receipt[:4]


def test_a_home_from_yesterday_that_sold_nothing_notices_it_too(small):
    till = small.till()
    till.sync()
    till.copy(small.folder / "backup")
    till.sell((RICE, 1))
    till.sync()
    restored = small.opened(small.folder / "backup")
    assert restored.sync().waiting == 0
    restored.sell((WATER, 1))
    assert restored.sync().trouble == ""
    assert net(small) == (WATER.price + RICE.price, 2)


def test_a_copy_of_a_copy(small):
    till = small.till()
    till.sync()
    one = till.twin("one")
    one.sell((WATER, 1))
    till.sell((WATER, 1))
    till.sync()
    one.sync()
    two = one.twin("two")
    one.sell((RICE, 1))
    two.sell((RICE, 1))
    one.sync()
    two.sync()
    assert (waiting(one), waiting(two)) == (0, 0)
    assert net(small) == (2 * (WATER.price + RICE.price), 4)


def test_a_token_is_good_once_and_for_one_terminal(small):
    till = small.till(enrolled=False)
    token = small.token("S1", "T1")
    other = small.till("S1", "T2", enrolled=False)

    with pytest.raises(RefusedError, match="bad_token"):
        enrol(other.terminal, "http://127.0.0.1:1", token, lambda _: small.network)
    enrol(till.terminal, "http://127.0.0.1:1", token, lambda _: small.network)
    with pytest.raises(RefusedError, match="already_enrolled"):
        till.enrol()
    small.clock.go(hours=2)
    late = small.token("S1", "T2")
    small.clock.go(hours=2)
    with pytest.raises(RefusedError, match="bad_token"):
        enrol(other.terminal, "http://127.0.0.1:1", late, lambda _: small.network)
