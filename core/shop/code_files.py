"""Lists of codes that were made elsewhere, out of the files that factories and platforms hand over."""

from __future__ import annotations

from pathlib import Path

from core.catalogue.tables import read_bytes, read_rows
from core.errors import RefusedError

_HEADERS = ("uri", "url", "link", "code", "serial", "链接", "网址", "二维码", "码", "一物一码", "序列号", "防伪码")
"""Names of the column that holds the codes; the first that is there is taken."""


def read_codes(path: Path, column: str | None = None) -> list[tuple[int, str]]:
    """The codes of a CSV, text or XLSX file, each with the number of its row. A file of one column needs no header.

    Args:
        column: name of the column, where it is none of the usual.

    Raises:
        RefusedError: `no_such_column`, `no_code_column`, and what a file as such can be refused for.
        BrokenWorldError: `file_unreadable`.
    """
    rows = read_rows(read_bytes(path), path.name)
    header = [cell.casefold() for cell in rows[0].cells]
    place = _place(header, column, path.name)
    body = rows if place < 0 else rows[1:]
    found = [(row.number, row.cells[max(place, 0)]) for row in body if len(row.cells) > place]
    return [(number, text) for number, text in found if text]


def _place(header: list[str], column: str | None, name: str) -> int:
    """Number of the column with the codes; -1 where the first row is a code itself."""
    if column is not None:
        if column.casefold() not in header:
            raise RefusedError("no_such_column", file=name, column=column[:40])
        return header.index(column.casefold())
    for known in _HEADERS:
        if known in header:
            return header.index(known)
    if len(header) == 1:
        return -1
    raise RefusedError("no_code_column", file=name)
