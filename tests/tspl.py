"""A strict reader of TSPL (TSC TSPL/TSPL2 Programming Manual): it knows what a label needs and no more."""

from __future__ import annotations

import re

from tests.label_canvas import Label, SpoiledError

_LENGTH = rb"(\d{1,3}(?:\.\d{1,2})?)"
_COMMANDS = {
    "SIZE": re.compile(rb"SIZE " + _LENGTH + rb" mm," + _LENGTH + rb" mm\r\n"),
    "GAP": re.compile(rb"GAP " + _LENGTH + rb" mm,0(?: mm)?\r\n"),
    "DIRECTION": re.compile(rb"DIRECTION [01],[01]\r\n"),
    "CLS": re.compile(rb"CLS\r\n"),
    "QRCODE": re.compile(rb'QRCODE (\d{1,4}),(\d{1,4}),([LMQH]),(\d{1,3}),A,0,"([!#-~]+)"\r\n'),
    "BARCODE": re.compile(rb'BARCODE (\d{1,4}),(\d{1,4}),"EAN13",(\d{1,4}),1,0,(\d{1,2}),(\d{1,2}),"(\d{12})"\r\n'),
    "BITMAP": re.compile(rb"BITMAP (\d{1,4}),(\d{1,4}),(\d{1,4}),(\d{1,4}),0,"),
    "TEXT": re.compile(rb'TEXT (\d{1,4}),(\d{1,4}),"([1-5])",0,1,1,"([ !#-~]+)"\r\n'),
    "PRINT": re.compile(rb"PRINT 1,1\r\n"),
}
_TYPES = {"1": (8, 12), "2": (12, 20), "3": (16, 24), "4": (24, 32), "5": (32, 48)}
"""Dots of a letter of each of the printer's own types."""

MOST_CELL = 10
"""Dots that the side of a cell of a QRCODE may have."""


class Reader:
    """A printer of a resolution, from its switching on."""

    def __init__(self, dpi: int) -> None:
        self._dots_per_mm = dpi / 25.4
        self._size: tuple[int, int] | None = None
        self._label: Label | None = None
        self._printed: list[Label] = []

    def read(self, stream: bytes) -> list[Label]:
        """The labels that a stream prints.

        Raises:
            SpoiledError: what is wrong, and where.
        """
        place = 0
        while place < len(stream):
            word = stream[place : place + 20].split(b" ")[0].split(b"\r")[0].decode("latin-1")
            if word not in _COMMANDS:
                raise SpoiledError(f"unknown command at {place}: {stream[place : place + 40]!r}")
            found = _COMMANDS[word].match(stream, place)
            if not found:
                raise SpoiledError(f"not the form of {word} at {place}: {stream[place : place + 80]!r}")
            place = found.end()
            values = [group.decode() for group in found.groups()]
            if word in ("SIZE", "GAP", "DIRECTION"):
                self._set_up(word, values)
            elif word == "CLS":
                self._begin()
            elif word == "BITMAP":
                place = self._bitmap(stream, place, values)
            else:
                self._draw(word, values)
        if self._label:
            raise SpoiledError("the last label is not printed")
        return self._printed

    def _set_up(self, word: str, values: list[str]) -> None:
        if self._label:
            raise SpoiledError(f"{word} within a label")
        if word == "SIZE":
            width, height = (round(float(value) * self._dots_per_mm) for value in values)
            self._size = width, height

    def _begin(self) -> None:
        if self._label or not self._size:
            raise SpoiledError("CLS within a label, or before SIZE")
        self._label = Label(*self._size)

    def _open(self, word: str) -> Label:
        if not self._label:
            raise SpoiledError(f"{word} before CLS")
        return self._label

    def _bitmap(self, stream: bytes, place: int, values: list[str]) -> int:
        x, y, stride, rows = map(int, values)
        end = place + stride * rows
        if stream[end : end + 2] != b"\r\n":
            raise SpoiledError(f"no end of line behind the {stride * rows} bytes of the bitmap at {x},{y}")
        self._open("BITMAP").picture(x, y, stride, stream[place:end], dark=0, overwrites=True)
        return end + 2

    def _draw(self, word: str, values: list[str]) -> None:
        label = self._open(word)
        if word == "QRCODE":
            x, y, level, cell, text = values
            if not 1 <= int(cell) <= MOST_CELL:
                raise SpoiledError(f"a cell of {cell} dots")
            label.symbol(int(x), int(y), text, level=level, module=int(cell))
        elif word == "BARCODE":
            x, y, height, narrow, _, digits = values
            label.ean13(int(x), int(y), digits, height=int(height), module=int(narrow))
        elif word == "TEXT":
            x, y, type_, text = values
            wide, high = _TYPES[type_]
            label.write(int(x), int(y), text, width=wide * len(text), height=high)
        else:
            self._printed.append(label)
            self._label = None
