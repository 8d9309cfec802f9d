"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

EVERYBODY, OWNER = 0o644, 0o600
"""Who may read a file: everybody, or its owner only."""


def write_whole(path: Path, content: bytes, mode: int = EVERYBODY) -> None:
    """Put a file in its place, whole or not at all, and on the disk when this returns.

    Raises:
        OSError: when it cannot be written, or is a device and no file.
    """
    with whole_file(path, mode) as file:
        file.write(content)


@contextmanager
def whole_file(path: Path, mode: int = EVERYBODY) -> Iterator[BinaryIO]:
    """A file to write into; it is in its place, and on the disk, once the context has ended well.

    Raises:
        OSError: when it cannot be written, or is a device and no file.
    """
    try:
        path = path.resolve()
    except RuntimeError:
        # What Python says of links that go round in a circle, before 3.13.
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from None
    if path.exists() and not path.is_file():
        # Putting a whole file in its place would take a device away from the system.
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    if os.name == "posix":
        # The name is on the disk only when its folder is.
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
