"""A label printer in the network: it takes what it is sent on its raw port, or breaks off as printers do."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum

_RESET = struct.pack("ii", 1, 0)
_SMALL = 4_096
"""Bytes that a printer holds before it has read them."""

_PATIENCE = 20.0


class Ends(Enum):
    """What a printer does when it has read enough."""

    CLOSES = "closes"
    RESETS = "resets"


class LabelPrinter:
    """A printer on this machine, from its switching on; it serves one connection after the other.

    Args:
        enough: bytes of the first connection after which it breaks off; none to take all of it.
        ends: how it breaks off.

    Attributes:
        jobs: the bytes of each connection that it read.
    """

    def __init__(self, enough: int | None = None, ends: Ends = Ends.CLOSES) -> None:
        self._enough, self._ends = enough, ends
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen()
        self.port: int = self._listener.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.name = f"127.0.0.1:{self.port}"
        self.jobs: list[bytes] = []
        self._thread = threading.Thread(target=self._serve)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Serve nobody any more, and wait until the last job is kept."""
        # A connection without a byte is how the thread hears of it.
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE):
            pass
        self._thread.join(_PATIENCE)
        self._listener.close()
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            connection.settimeout(_PATIENCE)
            job = self._take(connection)
            if not job and self._enough != 0:
                return
            self._enough = None
            self.jobs.append(job)

    def _take(self, connection: socket.socket) -> bytes:
        """Read a job to its end, or break off."""
        job = bytearray()
        with connection, suppress(ConnectionError):
            while self._enough is None or len(job) < self._enough:
                wanted = _SMALL if self._enough is None else min(_SMALL, self._enough - len(job))
                part = connection.recv(wanted)
                if not part:
                    return bytes(job)
                job += part
            if self._ends is Ends.RESETS:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        return bytes(job)


@contextmanager
def label_printer(enough: int | None = None, ends: Ends = Ends.CLOSES) -> Iterator[LabelPrinter]:
    """A printer that is switched on."""
    printer = LabelPrinter(enough, ends)
    printer.start()
    try:
        yield printer
    finally:
        printer.stop()


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
