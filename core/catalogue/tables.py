"""Rows out of a CSV or XLSX file, whatever a shop's Excel wrote. Knows files, not goods."""

from __future__ import annotations

import csv
import errno
import io
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from core.errors import BrokenWorldError, RefusedError

_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
LARGEST_FILE = 512 * 1024 * 1024
_FIRST_LINE = re.compile(r"[^\r\n]*")
_LARGEST_UNPACKED = 4 * LARGEST_FILE
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 256
"""Of a spreadsheet; a sheet has no more rows, a catalogue no more columns."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `number` as a spreadsheet shows it. A numeric cell of a spreadsheet is marked, it lost leading zeros."""

    number: int
    cells: tuple[str, ...]
    numeric: tuple[bool, ...] = ()

    def is_numeric(self, column: int) -> bool:
        return column < len(self.numeric) and self.numeric[column]


def read_bytes(path: Path) -> bytes:
    """The file's content.

    Raises:
        BrokenWorldError: `file_unreadable`.
        RefusedError: `file_too_large`, `file_empty`.
    """
    try:
        if path.exists() and not path.is_file():
            # A device or a pipe may never end.
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        if path.stat().st_size > LARGEST_FILE:
            raise RefusedError("file_too_large", file=path.name)
        content = path.read_bytes()
    except OSError as error:
        raise BrokenWorldError("file_unreadable", file=path.name, detail=error.strerror) from error
    if not content.strip():
        raise RefusedError("file_empty", file=path.name)
    return content


def read_rows(content: bytes, name: str) -> list[Row]:
    """All rows that are not blank, the header first.

    Raises:
        RefusedError: `bad_xlsx`, `old_xls`, `bad_encoding`, `bad_csv`, `file_cut`, `file_empty`.
    """
    if content.startswith(_OLD_OFFICE):
        raise RefusedError("old_xls", file=name)
    if content.startswith(_ZIP) or name.lower().endswith((".xlsx", ".xlsm")):
        rows = list(_xlsx_rows(content, name))
    else:
        rows = list(_csv_rows(decode(content, name), name))
    if not rows:
        raise RefusedError("file_empty", file=name)
    return rows


def decode(content: bytes, name: str) -> str:
    """Text in any encoding that a shop's Excel writes: UTF-8 and UTF-16 with or without BOM, GB18030.

    Raises:
        RefusedError: `bad_encoding`; `file_cut` when the last character is not whole.
    """
    try:
        for bom, encoding in _BOMS:
            if content.startswith(bom):
                return content.decode(encoding)
        text = _decode_without_bom(content)
    except UnicodeDecodeError as error:
        cut = error.end >= len(content) - 3 and error.start > 0
        raise RefusedError("file_cut" if cut else "bad_encoding", file=name) from None
    if "\0" in text:
        raise RefusedError("bad_encoding", file=name)
    return text


def _decode_without_bom(content: bytes) -> str:
    # ASCII in UTF-16 has its zeros in every second place: the second of a pair in little-endian order.
    if content.count(0) * 8 > len(content):
        return content.decode("utf-16-le" if content[1::2].count(0) > content[::2].count(0) else "utf-16-be")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if "unexpected end" in error.reason:
            raise
        return content.decode("gb18030")


def _csv_rows(text: str, name: str) -> Iterator[Row]:
    first = _FIRST_LINE.match(text)
    delimiter = max(",;\t", key=first[0].count if first else text.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    width = last = 0
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            width, last = width or len(cells), len(cells)
            yield Row(reader.line_num, tuple(cell.strip() for cell in cells))
        if last < width and not text.endswith(("\n", "\r")):
            raise RefusedError("file_cut", file=name)
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise RefusedError("file_cut", file=name) from None
        raise RefusedError("bad_csv", file=name, row=reader.line_num) from None


def _xlsx_rows(content: bytes, name: str) -> Iterator[Row]:
    # Imported late: spreadsheets are rare, the library is large.
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > _LARGEST_UNPACKED:
                raise RefusedError("file_too_large", file=name)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for number, values in enumerate(
            sheet.iter_rows(max_row=_MOST_ROWS, max_col=_MOST_COLUMNS, values_only=True), 1
        ):
            if any(value is not None and str(value).strip() for value in values):
                yield Row(number, tuple(_cell(v) for v in values), tuple(_is_number(v) for v in values))
    except RefusedError:
        raise
    # The library reports a damaged file as whatever it stumbled over.
    except Exception as error:
        raise RefusedError("bad_xlsx", file=name) from error


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        # A float's shortest form is what the person typed; written out, never in powers of ten.
        text = f"{Decimal(repr(value)):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value).strip()
