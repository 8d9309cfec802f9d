"""How a command answers: a document for scripts, lines for people, a bar while it takes long."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from core.errors import RefusedError, StoreError
from core.texts import sentence, tr

_MOST_ROWS_SHOWN = 20

_encoder = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command did. `code` is the exit code: 0 done, 1 refused by the shop's rules."""

    document: Any
    lines: Sequence[str] = field(default_factory=list)
    code: int = 0


def show(answer: Answer, as_json: bool) -> int:
    """Print an answer; returns its exit code."""
    if as_json:
        print(_encoder.encode(answer.document).decode())
    else:
        for line in answer.lines:
            print(line)
    # None: it was closed before the program began.
    if sys.stdout:
        sys.stdout.flush()
    return answer.code


def show_error(error: StoreError, as_json: bool, code: int) -> int:
    """Print a refusal or a broken world; returns the exit code."""
    if as_json:
        print(_encoder.encode({"error": error.code, "message": sentence(error)}).decode())
    else:
        print(sentence(error), file=sys.stderr)
    return code


class Check(Protocol):
    """One thing that a doctor looked at."""

    @property
    def name(self) -> str: ...

    @property
    def ok(self) -> bool: ...

    @property
    def detail(self) -> str: ...


def diagnosis(events: int, checks: Sequence[Check]) -> Answer:
    """What a doctor found, among so many facts."""
    ok = all(check.ok for check in checks)
    document = {
        "ok": ok,
        "events": events,
        "checks": [{"name": c.name, "ok": c.ok, "detail": c.detail} for c in checks],
    }
    verdict = tr("Everything is whole.") if ok else tr("Something is wrong. Keep this folder as it is.")
    lines = table([("✓" if c.ok else "×", c.name, c.detail) for c in checks])
    return Answer(document, [*lines, verdict], 0 if ok else 1)


def table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Rows as lines with aligned columns; those in `right` are flushed right. Wide characters count twice."""
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    lines = []
    for row in rows:
        cells = []
        for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - _width(cell))
            cells.append(space + cell if column in right else cell + space)
        lines.append("  ".join(cells).rstrip())
    return lines


def _width(text: str) -> int:
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class Progress:
    """A bar on stderr, where that is a terminal.

    Args:
        total: steps in all.
        label: what is done.
    """

    def __init__(self, total: int, label: str) -> None:
        self._total = max(total, 1)
        self._label = label
        self._done = 0
        self._shown = -1
        self._on = sys.stderr.isatty()

    def tick(self, steps: int) -> None:
        """Some steps were done."""
        self._done += steps
        percent = min(100, self._done * 100 // self._total)
        if self._on and percent != self._shown:
            self._shown = percent
            bar = "█" * (percent // 4) + "░" * (25 - percent // 4)
            print(f"\r{self._label} {bar} {percent:3}%", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Clear the line."""
        if self._on and self._shown >= 0:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def __enter__(self) -> Callable[[int], None]:
        return self.tick

    def __exit__(self, *_: object) -> None:
        self.close()


def optional(text: str) -> str | None:
    """None for an absent part, as JSON has it."""
    return text or None


def number(value: Decimal | int | None) -> str:
    """A ratio or a count for people; — where there is none."""
    return "—" if value is None else str(value)


def refused_rows(refused: Iterable[tuple[int, RefusedError]]) -> list[dict[str, Any]]:
    """The rows of a file that cannot be taken in, each with the reason."""
    return [{"row": row, "reason": reason.code, "message": sentence(reason)} for row, reason in refused]


def refused_lines(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The first of such rows, for people."""
    lines = [tr("Row {row}: {message}", **row) for row in rows[:_MOST_ROWS_SHOWN]]
    if len(rows) > _MOST_ROWS_SHOWN:
        lines.append(tr("… and {count} more", count=len(rows) - _MOST_ROWS_SHOWN))
    return lines
