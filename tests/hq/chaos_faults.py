"""What can happen to a request and its answer on the way."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from tests.hq.chaos_proxy import FLOOD, Call, Fault, passed, reset


def lost(call: Call) -> bool:
    """It does not reach head office."""
    return call.hang_up()


def reset_by_peer(call: Call) -> bool:
    """It does not reach head office, and the till hears of it by a reset."""
    return call.hang_up(rudely=True)


def unanswered(call: Call) -> bool:
    """Head office does it; its answer is lost."""
    call.ask()
    return call.hang_up()


def doubled(call: Call) -> bool:
    """It is sent twice; the first answer arrives."""
    answer = call.ask()
    call.ask()
    call.say(answer)
    return True


def doubled_and_refused(call: Call) -> bool:
    """It is sent twice; the second answer arrives."""
    call.ask()
    call.say(call.ask())
    return True


def answered_twice(call: Call) -> bool:
    """The answer comes twice."""
    call.say(call.ask() * 2)
    return True


def held_back(call: Call) -> bool:
    """It stays on the way until a fault below lets it go on."""
    call.proxy.held.append(call.request)
    return call.hang_up()


def then_the_held(call: Call) -> bool:
    """It passes; after it comes what was held back."""
    answer = call.ask()
    _let_go(call)
    call.say(answer)
    return True


def after_the_held(call: Call) -> bool:
    """What was held back comes first."""
    _let_go(call)
    return passed(call)


def _let_go(call: Call) -> None:
    for request in call.proxy.held:
        call.ask(request)
    call.proxy.held.clear()


def with_all_again(call: Call) -> bool:
    """It passes after every request that there was before."""
    for request in call.proxy.requests[:-1]:
        call.ask(request)
    return passed(call)


def silent(call: Call) -> bool:
    """Nobody says anything any more."""
    call.till.recv(1)
    return False


def request_cut(size: int, *, rudely: bool = False) -> Fault:
    """Head office gets so many bytes of it, and the end of the connection."""

    def fault(call: Call) -> bool:
        with call.proxy.dial() as line:
            line.sendall(call.request[:size])
            if rudely:
                reset(line)
        return call.hang_up(rudely=rudely)

    return fault


def answer_cut(size: int, *, rudely: bool = False) -> Fault:
    """The till gets so many bytes of the answer, and the end of the connection."""

    def fault(call: Call) -> bool:
        call.say(call.ask()[:size])
        return call.hang_up(rudely=rudely)

    return fault


def trickled(piece: int) -> Fault:
    """Request and answer go so many bytes at a time."""

    def fault(call: Call) -> bool:
        call.say(call.ask(piece=piece), piece)
        return True

    return fault


def flipped(place: int) -> Fault:
    """A bit of the request's body is not as it was."""

    def fault(call: Call) -> bool:
        head, _, body = call.request.partition(b"\r\n\r\n")
        at = place % len(body)
        call.say(call.ask(head + b"\r\n\r\n" + body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]))
        return True

    return fault


def head_flipped(place: int) -> Fault:
    """A bit of the answer's head is not as it was, and it is the last of the connection."""

    def fault(call: Call) -> bool:
        answer = call.ask()
        at = place % answer.index(b"\r\n\r\n")
        call.say(answer[:at] + bytes([answer[at] ^ 1 << place % 8]) + answer[at + 1 :])
        return call.hang_up()

    return fault


def answered(status: int, body: bytes = b"", *headers: str, reaches: bool = False) -> Fault:
    """Somebody on the way answers; `reaches`: head office did it all the same."""
    answer = answer_of(status, body, *headers)

    def fault(call: Call) -> bool:
        if reaches:
            call.ask()
        call.say(answer)
        return True

    return fault


def answered_with(said: bytes, *, reaches: bool = False) -> Fault:
    """Somebody on the way says this, and hangs up."""

    def fault(call: Call) -> bool:
        if reaches:
            call.ask()
        call.say(said)
        return call.hang_up()

    return fault


def changed(change: Callable[[bytes], bytes], status: int = 0) -> Fault:
    """The body of head office's answer is changed, and its status if one is given."""

    def fault(call: Call) -> bool:
        head, _, body = call.ask().partition(b"\r\n\r\n")
        call.say(answer_of(status or int(head.split(b" ", 2)[1]), change(body)))
        return True

    return fault


def endless(start: bytes, part: bytes) -> Fault:
    """The answer has no end."""

    def fault(call: Call) -> bool:
        call.proxy.flood = 0
        call.say(start)
        while call.proxy.flood < FLOOD:
            call.say(part)
            call.proxy.flood += len(part)
        return call.hang_up()

    return fault


def answer_of(status: int, body: bytes, *headers: str) -> bytes:
    """The bytes of an answer."""
    lines = [f"HTTP/1.1 {status} Chaos", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def gzip_bomb(mebibytes: int) -> bytes:
    """Zeros, packed; small as it is."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    # Each part stands for itself, so that one is enough.
    part = packer.compress(bytes(1024 * 1024)) + packer.flush(zlib.Z_FULL_FLUSH)
    return bytes.fromhex("1f8b08000000000000ff") + part * mebibytes + b"\x03\x00" + bytes(8)
