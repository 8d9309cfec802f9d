"""A file that goes to head office in place of the network: the signed requests, one after the other.

It begins with `MAGIC`; then comes for each request its length (u32, big-endian) and a `Frame` in MessagePack.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from core.errors import RefusedError

MAGIC = b"store-assistant parcel 1\n"
_MOST = 4 * 1024 * 1024


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it would have been sent.

    Attributes:
        stream: in whose name.
        certificate: its certificate; empty where head office is asked for it by a frame before.
    """

    stream: str
    certificate: str
    target: str
    body: bytes
    time: str
    nonce: str
    signature: str


def write_frame(file: BinaryIO, frame: Frame) -> None:
    """Append a request.

    Raises:
        OSError: the disk's fault.
    """
    content = msgspec.msgpack.encode(frame)
    file.write(len(content).to_bytes(4, "big") + content)


def read_frames(file: BinaryIO) -> Iterator[Frame]:
    """The requests in a file.

    Raises:
        RefusedError: `bad_parcel` where it is none, or is cut off; what came before it was whole.
    """
    if file.read(len(MAGIC)) != MAGIC:
        raise RefusedError("bad_parcel")
    while size := file.read(4):
        length = int.from_bytes(size, "big")
        content = file.read(length) if len(size) == 4 and length <= _MOST else b""
        if len(content) != length or not length:
            raise RefusedError("bad_parcel")
        try:
            yield msgspec.msgpack.decode(content, type=Frame)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            raise RefusedError("bad_parcel") from None
