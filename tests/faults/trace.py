"""A recorded trace of writes and syncs, and the states in which a power cut may leave a folder.

What a file system promises is taken at its word and no further. A write is on the disk once its file was synced after
it, a name once its folder was; until then each may be there or not, on its own, and a write may be there in some of
its sectors only, with anything in the others. A sector that is cut keeps the bytes beside the write (SQLite's
"powersafe overwrite").
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

SECTOR = 512
_HEAD = struct.Struct("=B3xIQQ")

# Chances that an unsynced write is whole, or torn; else it is missing.
_MOODS = ((1.0, 0.0), (0.0, 0.0), (0.9, 0.05), (0.5, 0.25), (0.2, 0.2), (0.0, 1.0))


class Operation(NamedTuple):
    """One note of the shim (`trace_shim.c`)."""

    kind: str
    path: str
    offset: int
    data: bytes


def read_trace(raw: bytes) -> Iterator[Operation]:
    """The notes in order."""
    place = 0
    while place < len(raw):
        kind, path_bytes, offset, data_bytes = _HEAD.unpack_from(raw, place)
        place += _HEAD.size
        path = raw[place : place + path_bytes].decode()
        place += path_bytes
        yield Operation(chr(kind), path, offset, raw[place : place + data_bytes])
        place += data_bytes
    assert place == len(raw), "the trace ends within a note"


@dataclass(slots=True, eq=False)
class _File:
    """A file without its name: what was synced, and what came since."""

    synced: bytearray = field(default_factory=bytearray)
    pending: list[Operation] = field(default_factory=list)

    def sync(self) -> None:
        for operation in self.pending:
            _put(self.synced, operation)
        self.pending.clear()

    def after_a_cut(self, chance: random.Random) -> bytes:
        """One of the contents that may be left."""
        image = bytearray(self.synced)
        whole, torn = chance.choice(_MOODS)
        for operation in self.pending:
            fate = chance.random()
            if operation.kind == "t" or not operation.data:
                if fate < 0.5:
                    _put(image, operation)
            elif fate < whole:
                _put(image, operation)
            elif fate < whole + torn:
                _put_torn(image, operation, chance)
        return bytes(image)


class Disk:
    """A folder of files, as a disk holds it that may lose power.

    Args:
        files: by name, all of it synced.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self._now = {name: _File(bytearray(content)) for name, content in files.items()}
        self._synced = dict(self._now)
        self._pending: list[tuple[Operation, _File]] = []

    def do(self, operation: Operation) -> None:
        """Take in what happened next. The path is a name in the folder, or empty for the folder itself."""
        kind, name = operation.kind, operation.path
        if not name:
            assert kind == "s", f"{kind} of a folder"
            self._synced = dict(self._now)
            self._pending.clear()
        elif kind == "c":
            self._now[name] = _File()
            self._pending.append((operation, self._now[name]))
        elif kind in "ur":
            file = self._now.pop(name)
            if kind == "r":
                self._now[operation.data.decode()] = file
            self._pending.append((operation, file))
        elif name not in self._now:
            # Still open, but unlinked: no name will ever lead there.
            assert name.endswith(" (deleted)"), f"{kind} of {name}, which nobody made"
        elif kind == "s":
            self._now[name].sync()
        else:
            self._now[name].pending.append(operation)

    def after_a_cut(self, chance: random.Random) -> dict[str, bytes]:
        """One of the states that may be left, by name."""
        names = dict(self._synced)
        all_kept = chance.random() < 0.5
        for operation, file in self._pending:
            if not all_kept and chance.random() < 0.5:
                continue
            names = {name: there for name, there in names.items() if there is not file or operation.kind == "c"}
            if operation.kind != "u":
                names[operation.data.decode() if operation.kind == "r" else operation.path] = file
        return {name: file.after_a_cut(chance) for name, file in names.items()}


def _put(image: bytearray, operation: Operation) -> None:
    _, _, offset, data = operation
    if operation.kind == "t":
        del image[offset:]
        image.extend(bytes(offset - len(image)))
        return
    if len(image) < offset:
        image.extend(bytes(offset - len(image)))
    image[offset : offset + len(data)] = data


def _put_torn(image: bytearray, operation: Operation, chance: random.Random) -> None:
    _, path, offset, data = operation
    place = 0
    while place < len(data):
        end = min(len(data), (offset + place) // SECTOR * SECTOR + SECTOR - offset)
        fate = chance.random()
        if fate < 0.45:
            _put(image, Operation("w", path, offset + place, data[place:end]))
        elif fate < 0.65:
            _put(image, Operation("w", path, offset + place, chance.randbytes(end - place)))
        place = end
