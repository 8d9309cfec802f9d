"""Somebody else answers, or answers without an end: it is not believed, and not waited for."""

from __future__ import annotations

import socket
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import msgspec
import pytest

from core import wire
from core.shop import sync as syncing
from core.sync import transport
from core.sync.transport import MAX_ANSWER, HttpTransport
from core.wire import Acknowledgement
from tests.builders import RICE, WATER
from tests.clock import StandingClock
from tests.hq import chaos_faults as chaos
from tests.hq import chaos_proxy
from tests.hq.chaos_proxy import Fault
from tests.hq.chaos_street import HTML, acknowledgement, refused

# Somebody else answers.


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """An answer whose body comes in these chunks."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + end


JSON = "Content-Type: application/json"
BUSY = b'{"error":"busy"}'
NO_ANSWERS: dict[str, Fault] = {
    **{f"{status}": chaos.answered(status, HTML) for status in (204, 304, 400, 403, 404, 407, 429, 500, 502, 503, 504)},
    **{f"{status} in JSON": chaos.answered(status, BUSY, JSON) for status in (429, 500, 502, 503, 599)},
    "HTML": chaos.answered(200, HTML, "Content-Type: text/html"),
    "HTML though it was done": chaos.answered(200, HTML, reaches=True),
    "500 though it was done": chaos.answered(500, b"oops", reaches=True),
    "nothing": chaos.answered(200),
    **{
        f"JSON {number}": chaos.answered(200, body, JSON)
        for number, body in enumerate(
            (
                b"{}", b"[]", b"null", b"0", b'"ok"', b"true", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000,
                b'{"stream":1,"acked":1,"hash":"","time":1}', b'{"stream":"","acked":"1","hash":"","time":1}',
                b'{"stream":"","acked":1e400,"hash":"","time":1}', b'{"stream":"","acked":null,"hash":"","time":1}',
                b'{"stream":"","acked":%s,"hash":"","time":1}' % (b"9" * 5000),
            )
        )
    },
    "another protocol": chaos.answered_with(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "zeros": chaos.answered_with(bytes(5000)),
    "a version from the future": chaos.answered_with(b"HTTP/3.0 200 OK\r\n\r\n"),
    "no status": chaos.answered_with(b"HTTP/1.1 \r\n\r\n"),
    "an odd status": chaos.answered_with(b"HTTP/1.1 -20 OK\r\nContent-Length: 0\r\n\r\n"),
    "a long status": chaos.answered_with(b"HTTP/1.1 200 " + b"x" * 100_000 + b"\r\n\r\n"),
    "a huge header": chaos.answered(200, b"{}", "X: " + "x" * 1_000_000),
    "many headers": chaos.answered(200, b"{}", *(f"X-{number}: x" for number in range(1000))),
    "a bad length": chaos.answered_with(b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}"),
    "two lengths": chaos.answered_with(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}"),
    "a length below nothing": chaos.answered_with(b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}"),
    "a chunk without a length": chaos.answered_with(chunked(end=b"zz\r\n")),
    "a chunk below nothing": chaos.answered_with(chunked(end=b"-5\r\nhello\r\n0\r\n\r\n")),
    "a chunk that ends early": chaos.answered_with(chunked(end=b"ff\r\n{}")),
    "no last chunk": chaos.answered_with(chunked(b"{}", end=b"")),
    **{
        f"a bomb in {kind}": chaos.answered(200, chaos.gzip_bomb(1024), JSON, f"Content-Encoding: {kind}")
        for kind in ("gzip", "deflate", "br", "gzip, gzip")
    },
    "a bomb in chunks": chaos.answered_with(
        chunked(chaos.gzip_bomb(1024)).replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n", 1)
    ),
}  # fmt: skip


@contextmanager
def little_memory() -> Iterator[None]:
    """What happens inside takes less than 32 MiB."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 32 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_what_is_no_answer_of_head_office_says_nothing(till):
    till.sell((WATER, 1))
    till.sell((RICE, 1))
    count = till.waiting
    with little_memory():
        for name, fault in NO_ANSWERS.items():
            done = till.sync(fault)
            assert (done.reached, done.waiting, done.trouble) == (False, count, "hq_unreachable"), name
    assert till.known.failures == len(NO_ANSWERS)
    till.settle()
    assert till.known.failures == till.known.next_try == 0


@pytest.mark.logs
def test_headers_that_are_none_do_no_harm(till):
    till.sell((WATER, 1))
    for header in ("no colon", "\x00: \x00", "Ünï: ö", ": empty", " folded", "X\r\n \tfolded: y"):
        done = till.sync(chaos.answered_with(chaos.answer_of(200, HTML, header)))
        assert not done.reached
    till.settle()


RETRY_AFTER = {
    "7": 7_000, "0": 0, "3600": 3_600_000, "3601": 3_600_000, "999999999": 3_600_000, "9999999999": 0, "-7": 0,
    "7.5": 0, "soon": 0, "": 0, "7 s": 0, "Wed, 21 Oct 2026 07:28:00 GMT": 0,
}  # fmt: skip


def test_head_office_says_when_to_try_again(office, tmp_path):
    clock = StandingClock()
    with office.till(tmp_path, clock=clock) as till:
        for status in (429, 500, 502, 503):
            for text, wait in RETRY_AFTER.items():
                till.sync(chaos.answered(status, BUSY if status % 2 else b"", f"Retry-After: {text}"))
                assert till.known.next_try == clock.ms + wait, text
            till.sync(chaos.answered(status))
            assert till.known.next_try == clock.ms
        till.settle()


def plain(body: bytes) -> bytes:
    """Without a length: its end is the end of the connection."""
    return b"HTTP/1.0 200 OK\r\n\r\n" + body


OTHER_CLOTHES: dict[str, Callable[[bytes], bytes]] = {
    "until the end": plain,
    "in chunks": lambda body: chunked(body[:1], body[1:20], body[20:]),
    "in chunks of a byte": lambda body: chunked(*(body[at : at + 1] for at in range(len(body)))),
    "with a trailer": lambda body: chunked(body, end=b"0\r\nX-Trailer: x\r\n\r\n"),
    "after a word to go on": lambda body: b"HTTP/1.1 100 Continue\r\n\r\n" + chaos.answer_of(200, body),
    "with spaces around": lambda body: chaos.answer_of(200, b" \n" + body + b"\n "),
    "with more fields": lambda body: chaos.answer_of(200, body[:-1] + b',"more":{"a":[1,2,{}]}}'),
    "and somebody else's after it": lambda body: chaos.answer_of(200, body) + chaos.answer_of(500, HTML),
}


def test_an_honest_answer_is_believed_in_any_clothes(till):
    for name, clothe in OTHER_CLOTHES.items():
        till.sell((WATER, 1))

        def fault(call: chaos_proxy.Call, clothe: Callable[[bytes], bytes] = clothe) -> bool:
            call.say(clothe(call.ask().partition(b"\r\n\r\n")[2]))
            return False

        done = till.sync(fault)
        assert (done.reached, done.waiting) == (True, 0), name
    till.settle()


def test_nobody_is_followed_elsewhere(till):
    till.sell((WATER, 1))
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.setblocking(False)
        place = "{}:{}".format(*elsewhere.getsockname())
        for location in (f"http://{place}/v1/push", f"//{place}/", f"http://x@{place}", "/v1/pull", "http://[", ""):
            for status in (301, 302, 303, 307, 308):
                asked = len(till.proxy.requests)
                done = till.sync(chaos.answered(status, HTML, f"Location: {location}"))
                assert (done.reached, len(till.proxy.requests)) == (False, asked + 1)
        with pytest.raises(BlockingIOError):
            elsewhere.accept()
    till.settle()


def test_no_proxy_of_the_environment_is_asked(till, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.setblocking(False)
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://{}:{}".format(*elsewhere.getsockname()))
        with closing(HttpTransport(till.proxy.address)) as way:
            assert syncing.Sync(till.terminal, lambda _: way).run().waiting == 0
        with pytest.raises(BlockingIOError):
            elsewhere.accept()
    till.settle()


# Answers without an end.

OK = b"HTTP/1.1 200 OK\r\n"
LENGTH = OK + b"Content-Length: 1000000000000000\r\n\r\n"
CHUNKS = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LINE = b"x" * 60_000
ENDLESS: dict[str, tuple[bytes, bytes]] = {
    "zeros with a length": (LENGTH, bytes(65_536)),
    "JSON with a length": (LENGTH + b"[", b"[]," * 20_000),
    "zeros until the end": (OK + b"\r\n", bytes(65_536)),
    "zeros in chunks": (CHUNKS, b"10000\r\n" + bytes(65_536) + b"\r\n"),
    "zeros in small chunks": (CHUNKS, (b"400\r\n" + bytes(1024) + b"\r\n") * 64),
    "a chunk's length": (CHUNKS, b"0" * 65_536),
    "what stands behind a chunk's length": (CHUNKS + b"5;", LINE),
    "a status": (b"HTTP/1.1 200 ", LINE),
    "a header": (OK + b"X: ", LINE),
    "headers": (OK, b"X: " + LINE + b"\r\n"),
    "zipped": (OK + b"Content-Encoding: gzip\r\n\r\n" + chaos.gzip_bomb(0)[:10], chaos.gzip_bomb(60)[10:-10]),
}


def test_an_answer_without_an_end_is_given_up(till):
    till.sell((WATER, 1))
    count = till.waiting
    for name, parts in ENDLESS.items():
        with little_memory():
            done = till.sync(chaos.endless(*parts))
        assert (done.reached, done.waiting, done.trouble) == (False, count, "hq_unreachable"), name
        # The next connection is taken when that one is at its end.
        till.sync(chaos.lost)
        assert MAX_ANSWER < chaos_proxy.FLOOD and till.proxy.flood < chaos_proxy.FLOOD, name
    till.settle()


def test_one_who_says_nothing_is_given_up(till, monkeypatch):
    till.sell((WATER, 1))
    monkeypatch.setattr(transport, "READ_SECONDS", 0.1)
    starts = (b"", b"HTTP/1.1 2", OK, OK + b"Content-Length: 9\r\n\r\n{", CHUNKS, CHUNKS + b"5\r\n{")
    with closing(HttpTransport(till.proxy.address)) as way:
        for start in starts:

            def fault(call: chaos_proxy.Call, start: bytes = start) -> bool:
                call.say(start)
                return chaos.silent(call)

            till.proxy.plan(fault)
            assert not syncing.Sync(till.terminal, lambda _: way).run().reached
    till.settle()


def test_an_answer_in_drops_is_given_up(till, monkeypatch):
    till.sell((WATER, 1))
    with monkeypatch.context() as patched:
        patched.setattr(transport, "WHOLE_SECONDS", -1)
        assert not till.sync(chaos.endless(LENGTH, b"x")).reached
    till.settle()
    assert till.proxy.flood < chaos_proxy.FLOOD


# Somebody lies in head office's name.


def test_a_false_acknowledgement_is_not_believed(office, till, tmp_path):
    till.sell((WATER, 1))
    till.sync()
    old = till.proxy.answer
    till.sell((RICE, 1))
    with office.till(tmp_path) as other:
        other.sell((WATER, 1))
        other.sync()
        others = other.proxy.answer
        other.settle()
    lies: dict[str, Fault] = {
        "a false hash": acknowledgement(hash="00" * 32),
        "no hash": acknowledgement(hash=""),
        "a hash in capitals": chaos.changed(_upper),
        "another stream": acknowledgement(stream="0" * 36),
        "another till's": chaos.answered_with(others, reaches=False),
        "another till's though it was done": chaos.answered_with(others, reaches=True),
        "an old one": chaos.answered_with(old),
        "an old one though it was done": chaos.answered_with(old, reaches=True),
        "fewer": acknowledgement(acked=1),
        "none": acknowledgement(acked=0),
        "less than none": acknowledgement(acked=-1),
        "far less than none": acknowledgement(acked=-(2**62)),
    }
    for name, lie in lies.items():
        done = till.sync(lie)
        # What is no number of facts is no answer at all.
        trouble = "hq_unreachable" if "less" in name else "hq_unbelievable"
        assert (done.reached, done.trouble, done.waiting) == (False, trouble, 1), name
    till.settle()


def _upper(body: bytes) -> bytes:
    told = msgspec.json.decode(body, type=Acknowledgement)
    return msgspec.json.encode(msgspec.structs.replace(told, hash=told.hash.upper()))


def test_old_answers_of_the_same_connection_are_not_believed(till, monkeypatch):
    monkeypatch.setattr(wire, "BATCH_EVENTS", 1)
    answers: list[bytes] = []

    def one_behind(call: chaos_proxy.Call) -> bool:
        answers.append(call.ask())
        call.say(answers[-2:][0])
        return True

    till.sync(*[one_behind] * 20)
    for _ in range(3):
        till.sell((WATER, 1))
        till.sync(*[one_behind] * 20)
    till.settle()


REFUSALS = (
    refused(400, "malformed"), refused(401, "forbidden"), refused(403, "revoked"), refused(403, "forbidden"),
    refused(404, "what"), refused(407, "who"), refused(409, "replayed"), refused(413, "too_large"),
    refused(422, "bad_chain"), refused(401, "clock"), refused(401, "clock", time=1),
    refused(401, "clock", time=-(2**40)), refused(401, "clock", time=2**52),
)  # fmt: skip


def test_a_false_refusal_is_forgotten(till):
    for times in (1, 2, 3):
        for refusal in REFUSALS:
            till.sell((WATER, 1))
            till.sync(*[refusal] * times)
        till.settle()


@pytest.mark.parametrize("error", ["fork", "gap"])
def test_a_false_word_of_a_fork_costs_a_stream_and_no_fact(till, error):
    for streams_most, acked in enumerate((-1, 0, 1, 3, 100), 2):
        till.sell((WATER, 1))
        till.sync()
        till.sell((RICE, 1))
        till.sync(refused(409, error, acked=acked, hash="00" * 32))
        till.sell((RICE, 1))
        till.settle(streams_most)
