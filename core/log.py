"""The log file: rotating, and blind to long numbers.

Numbers of eleven and more digits (phones, payment codes, card numbers) are masked before they reach the disk.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from core.privacy import masked


class MaskingFormatter(logging.Formatter):
    """Formats a record and hides all but the first and last two digits of long numbers."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record), 11)


class _QuietHandler(RotatingFileHandler):
    """A disk that takes no log must not keep the shop from selling, nor fill the screen with complaints."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        pass


@contextmanager
def log_to(folder: Path) -> Iterator[None]:
    """Write the program's log to `folder`/store.log, five files of 1 MB at most, as long as the context lasts.

    Where the folder cannot be written to there is no log, and everything else goes on.
    """
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    handler = _QuietHandler(folder / "store.log", maxBytes=1_000_000, backupCount=4, encoding="utf-8", delay=True)
    handler.setFormatter(MaskingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()
