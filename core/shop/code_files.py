"""Lists of codes that were made elsewhere, out of the files that factories and platforms hand over."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.catalogue.tables import Row, read_bytes, read_rows
from core.errors import RefusedError

_HEADERS = ("uri", "url", "link", "code", "serial", "链接", "网址", "二维码", "码", "一物一码", "序列号", "防伪码")
"""Names of the column that holds the codes; the first that is there is taken."""


@dataclass(frozen=True, slots=True)
class CodeFile:
    """A file, read.

    Attributes:
        header: names of the columns; empty where each row is a code.
        column: number of the one that holds the codes; -1 where nothing tells which.
        rows: the number of each row, and its cells.
    """

    name: str
    header: tuple[str, ...]
    column: int
    rows: tuple[Row, ...]

    def codes(self, column: str | None = None) -> list[tuple[int, str]]:
        """The codes, each with the number of its row.

        Args:
            column: name of the column, where it is none of the usual.

        Raises:
            RefusedError: `no_such_column`, `no_code_column`.
        """
        place = self.column
        if column is not None:
            named = [name.casefold() for name in self.header]
            if column.casefold() not in named:
                raise RefusedError("no_such_column", file=self.name, column=column[:40])
            place = named.index(column.casefold())
        if place < 0:
            raise RefusedError("no_code_column", file=self.name)
        found = [(row.number, row.cells[place]) for row in self.rows if len(row.cells) > place]
        return [(number, text) for number, text in found if text]


def read_code_file(path: Path) -> CodeFile:
    """A CSV, text or XLSX file with a code a row. A file of one column needs no header.

    Raises:
        RefusedError: what a file as such can be refused for.
        BrokenWorldError: `file_unreadable`.
    """
    rows = tuple(read_rows(read_bytes(path), path.name))
    header = rows[0].cells
    named = [name.casefold() for name in header]
    known = [named.index(name) for name in _HEADERS if name in named]
    if not known and len(header) == 1:
        return CodeFile(path.name, (), 0, rows)
    return CodeFile(path.name, tuple(header), known[0] if known else -1, rows[1:])
