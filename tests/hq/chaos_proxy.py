"""A proxy between tills and head office that does to each connection what a plan says."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from select import select
from typing import Self
from urllib.parse import urlsplit

from core import wire

Fault = Callable[["Call"], bool]

PATIENCE = 30
"""Seconds after which a peer that says nothing is given up; no test comes near it."""

FLOOD = 32 * 1024 * 1024
"""An answer without end has one here, so that a test of it has."""


class Call:
    """One request, as it came.

    Args:
        till: the socket by which it came.
    """

    def __init__(self, proxy: ChaosProxy, till: socket.socket, request: bytes) -> None:
        self.proxy, self.till, self.request = proxy, till, request

    def ask(self, request: bytes | None = None, piece: int = 0) -> bytes:
        """Bring a request to head office, and its whole answer back. `piece`: as many bytes at a time."""
        with self.proxy.dial() as line:
            _send(line, self.request if request is None else request, piece)
            answer = read_message(line)
        if request is None and self.request.startswith(f"POST {wire.PUSH} ".encode()):
            self.proxy.answer = answer
        return answer

    def say(self, answer: bytes, piece: int = 0) -> None:
        """Give the till an answer, or a part of one."""
        _send(self.till, answer, piece)

    def hang_up(self, *, rudely: bool = False) -> bool:
        """End the connection; rudely: with a reset."""
        if rudely:
            reset(self.till)
        return False


def passed(call: Call) -> bool:
    """Nothing happens to it."""
    call.say(call.ask())
    return True


class Listener(ABC):
    """Takes connections on a port of its own, one at a time, until it is closed.

    Args:
        name: of its thread.
        port: where it shall answer; 0: anywhere.
    """

    def __init__(self, name: str, port: int = 0) -> None:
        self._socket = socket.create_server(("127.0.0.1", port))
        self.port = self._socket.getsockname()[1]
        self._open = True
        self._thread = threading.Thread(target=self._serve, name=name)
        self._thread.start()

    def close(self) -> None:
        self._open = False
        # Wakes the thread.
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _serve(self) -> None:
        while self._open:
            till = _prompt(self._socket.accept()[0])
            # Somebody may hang up.
            with suppress(OSError, EOFError):
                if self._open:
                    till = self._dressed(till)
                    self._meet(till)
            till.close()

    def _dressed(self, till: socket.socket) -> socket.socket:
        """A connection as it is spoken on."""
        return till

    @abstractmethod
    def _meet(self, till: socket.socket) -> None:
        """Do all that is done with a connection."""


class ChaosProxy(Listener):
    """Stands between tills and one head office.

    Args:
        to: head office's address, http.
        tls: where it shall speak TLS with the tills.
        port: where it shall answer; 0: anywhere.

    Attributes:
        address: where it answers.
        requests: all that came whole, as they came.
        answer: head office's last one to a push as it came.
        held: requests that were held back.
        otherwise: what is done when the plan is at its end.
        flood: bytes that the last answer without end had when the till hung up.
        forgotten: connections that the till left open when it began another.
    """

    def __init__(self, to: str, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        where = urlsplit(to)
        assert where.hostname and where.port
        self._to, self._tls = (where.hostname, where.port), tls
        self._plan: deque[Fault] = deque()
        self.otherwise: Fault = passed
        self.requests: list[bytes] = []
        self.answer = b""
        self.held: list[bytes] = []
        self.flood = self.forgotten = 0
        super().__init__("chaos", port)
        self.address = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def plan(self, *faults: Fault) -> None:
        """What is done to the next requests."""
        self._plan = deque(faults)

    def forget(self) -> None:
        """What came before does not come again."""
        self.requests.clear()
        self.held.clear()

    def dial(self) -> socket.socket:
        """A new connection to head office."""
        return _prompt(socket.create_connection(self._to, PATIENCE))

    def _dressed(self, till: socket.socket) -> socket.socket:
        return self._tls.wrap_socket(till, server_side=True) if self._tls else till

    def _meet(self, till: socket.socket) -> None:
        while self._handle(till):
            pass

    def _handle(self, till: socket.socket) -> bool:
        if till not in select([till, self._socket], [], [], PATIENCE)[0]:
            # The till began a new connection and did not close this one.
            self.forgotten += 1
            return False
        request = read_message(till)
        self.requests.append(request)
        fault = self._plan.popleft() if self._plan else self.otherwise
        return fault(Call(self, till, request))


class Tunnel(Listener):
    """Carries bytes both ways without a look at them, and hangs up after so many.

    Attributes:
        most: bytes of each connection, both ways together; none: all of them.
        carried: bytes of the last connection.
    """

    def __init__(self, port: int) -> None:
        self._to = port
        self.most: int | None = None
        self.carried = 0
        super().__init__("tunnel")

    def _meet(self, till: socket.socket) -> None:
        with _prompt(socket.create_connection(("127.0.0.1", self._to), PATIENCE)) as office:
            self._carry(till, office)

    def _carry(self, till: socket.socket, office: socket.socket) -> None:
        self.carried = 0
        while True:
            for source in select([till, office], [], [], PATIENCE)[0]:
                part = source.recv(65_536)
                if self.most is not None:
                    part = part[: max(self.most - self.carried, 0)]
                self.carried += len(part)
                (office if source is till else till).sendall(part)
                if not part or self.carried == self.most:
                    return


def read_message(line: socket.socket) -> bytes:
    """A whole request or answer with a length.

    Raises:
        EOFError: it was cut off, or there is none.
    """
    message = bytearray()
    while (end := message.find(b"\r\n\r\n")) < 0:
        message += _more(line)
    end += 4
    for header in bytes(message[:end]).split(b"\r\n"):
        name, _, value = header.partition(b":")
        if name.lower() == b"content-length":
            end += int(value)
    while len(message) < end:
        message += _more(line)
    assert len(message) == end, "more than was asked for"
    return bytes(message)


def _more(line: socket.socket) -> bytes:
    part = line.recv(65_536)
    if not part:
        raise EOFError
    return part


def _send(line: socket.socket, data: bytes, piece: int) -> None:
    for part in _pieces(data, piece or len(data) or 1):
        line.sendall(part)


def _pieces(data: bytes, size: int) -> Iterable[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def _prompt(line: socket.socket) -> socket.socket:
    """Small parts go out as they are."""
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.settimeout(PATIENCE)
    return line


def reset(line: socket.socket) -> None:
    """End a connection with a reset when it is closed."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
