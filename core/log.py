"""The log file: rotating, and blind to long numbers.

Runs of eleven and more digits (phones, payment codes, card numbers) are masked before they reach the disk.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

_LONG_NUMBER = re.compile(r"\d{11,}")


class MaskingFormatter(logging.Formatter):
    """Formats a record and hides all but the first and last two digits of long numbers."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return _LONG_NUMBER.sub(lambda found: found[0][:2] + "*" * (len(found[0]) - 4) + found[0][-2:], text)


@contextmanager
def log_to(folder: Path) -> Iterator[None]:
    """Write the program's log to `folder`/store.log, five files of 1 MB at most, as long as the context lasts."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(folder / "store.log", maxBytes=1_000_000, backupCount=4, encoding="utf-8", delay=True)
    handler.setFormatter(MaskingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()
