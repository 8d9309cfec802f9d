"""Lists of codes that were made elsewhere, out of the files that factories and platforms hand over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from core.catalogue.tables import Row, read_bytes, read_rows
from core.errors import RefusedError

_HEADERS = (
    "uri", "url", "link", "code", "serial", "uris", "urls", "links", "codes", "serials", "qr", "qrcode", "barcode",
    "链接", "网址", "二维码", "码", "一物一码", "单品码", "序列号", "防伪码", "条码",
)  # fmt: skip
"""Names of the column that holds the codes; the first that is there is taken."""

_EXACT = re.compile(r"\d{1,15}", re.ASCII)
_ERROR = re.compile(r"#[A-Z/0!?]+|\d\.\d+E\+\d+", re.ASCII)


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
            RefusedError: `no_such_column`, `no_code_column`; `number_rounded` where a spreadsheet holds no text.
        """
        place = self.column
        if column is not None:
            named = [name.casefold() for name in self.header]
            if column.casefold() not in named:
                raise RefusedError("no_such_column", file=self.name, column=column[:40])
            place = named.index(column.casefold())
        if place < 0:
            raise RefusedError("no_code_column", file=self.name)
        found = [row for row in self.rows if len(row.cells) > place and row.cells[place]]
        for row in found:
            text = row.cells[place]
            # A spreadsheet keeps fifteen digits of a number, and errors where it could not count.
            if _ERROR.fullmatch(text) or (row.is_numeric(place) and not _EXACT.fullmatch(text)):
                raise RefusedError("number_rounded", file=self.name, row=row.number, text=text[:40])
        return [(row.number, row.cells[place]) for row in found]


def read_code_file(path: Path) -> CodeFile:
    """A CSV, text or XLSX file with a code a row. A file of one column needs no header.

    Raises:
        RefusedError: what a file as such can be refused for.
        BrokenWorldError: `file_unreadable`.
    """
    rows = tuple(read_rows(read_bytes(path), path.name))
    width = 0
    for row in rows:
        # A spreadsheet has columns to the end of the world.
        if any(row.cells[width:]):
            width = 1 + max(place for place, cell in enumerate(row.cells) if cell)
    header = rows[0].cells[:width]
    named = [name.casefold() for name in header]
    known = [named.index(name) for name in _HEADERS if name in named]
    if not known and len(header) == 1:
        return CodeFile(path.name, (), 0, rows)
    return CodeFile(path.name, header, known[0] if known else -1, rows[1:])
