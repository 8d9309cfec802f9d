"""A strict reader of ZPL II (Zebra ZPL II Programming Guide): it knows the commands that a label needs and no other."""

from __future__ import annotations

import re

from tests.label_canvas import Label, SpoiledError

_LABEL = re.compile(r"\^XA\^CI28\^PW(\d{1,5})\^LL(\d{1,5})\^LH0,0\n((?:\^FO[^\n]*\n)*)\^XZ\n")
_FIELD = re.compile(r"\^FO(\d{1,5}),(\d{1,5})((?:\^[A-Z][A-Z0-9][^^~]*)*?)(\^FH)?(?:\^FD([^^~]*))?\^FS\n")
_COMMAND = re.compile(r"\^([A-Z][A-Z0-9])([^^~]*)")
_FORMS = {
    "A0": re.compile(r"N,(\d{1,4}),(\d{1,4})"),
    "FB": re.compile(r"(\d{1,5}),1,0,L"),
    "BY": re.compile(r"(\d{1,2})(?:,(\d(?:\.\d)?)(?:,(\d{1,5}))?)?"),
    "BE": re.compile(r"N,(\d{1,5}),Y,N"),
    "BQ": re.compile(r"N,2,(\d{1,3})"),
    "GF": re.compile(r"A,(\d{1,6}),(\d{1,6}),(\d{1,4}),([0-9A-F]+)"),
}
_FIELDS = {("A0", "FB"), ("BY", "BE"), ("BQ",), ("BY", "BQ"), ("GF",)}
"""The commands that make up a field, in their order."""

_ESCAPED = re.compile("_([0-9A-F]{2})")
MOST_MAGNIFICATION = 10
"""Dots that a module of a ^BQ may have."""


class Reader:
    """A printer, from its switching on.

    Args:
        bar_height: that somebody's ^BY left behind; the firmware puts a ^BQ as much lower than it is told.
    """

    def __init__(self, bar_height: int = 10) -> None:
        self._bar_height, self._bar_width = bar_height, 2

    def read(self, stream: bytes) -> list[Label]:
        """The labels that a stream prints.

        Raises:
            SpoiledError: what is wrong, and where.
        """
        text, place, labels = stream.decode("utf-8"), 0, []
        while place < len(text):
            found = _LABEL.match(text, place)
            if not found:
                raise SpoiledError(f"no label at {place}: {text[place : place + 80]!r}")
            label = Label(int(found[1]), int(found[2]))
            self._fields(label, found[3])
            labels.append(label)
            place = found.end()
        return labels

    def _fields(self, label: Label, text: str) -> None:
        place = 0
        while place < len(text):
            found = _FIELD.match(text, place)
            if not found:
                raise SpoiledError(f"no field: {text[place : place + 80]!r}")
            commands = _COMMAND.findall(found[3])
            if tuple(name for name, _ in commands) not in _FIELDS:
                raise SpoiledError(f"unknown commands: {found[3][:80]!r}")
            values: dict[str, tuple[str, ...]] = {}
            for name, arguments in commands:
                form = _FORMS[name].fullmatch(arguments)
                if not form:
                    raise SpoiledError(f"not the form of ^{name}: {arguments[:80]!r}")
                values[name] = form.groups()
            self._draw(label, int(found[1]), int(found[2]), values, _data(found[5], escaped=bool(found[4])))
            place = found.end()

    def _draw(self, label: Label, x: int, y: int, values: dict[str, tuple[str, ...]], data: str | None) -> None:
        if (data is None) is not ("GF" in values):
            raise SpoiledError(f"data with a picture, or none with {list(values)}")
        if "BY" in values:
            width, _, height = values["BY"]
            self._bar_width, self._bar_height = int(width), int(height or self._bar_height)
        if "GF" in values:
            sent, whole, stride, digits = values["GF"]
            if not int(sent) == int(whole) == len(digits) / 2:
                raise SpoiledError(f"{len(digits)} digits are not {whole} bytes")
            label.picture(x, y, int(stride), bytes.fromhex(digits), dark=1, overwrites=False)
        elif "BE" in values:
            if not re.fullmatch(r"\d{12}", str(data)):
                raise SpoiledError(f"“{data}” are not twelve digits")
            label.ean13(x, y, str(data), height=int(values["BE"][0]), module=self._bar_width)
        elif "BQ" in values:
            asked = re.fullmatch(r"([HQML])A,([ -~]+)", str(data))
            module = int(values["BQ"][0])
            if not asked or not 1 <= module <= MOST_MAGNIFICATION:
                raise SpoiledError(f"modules of {module} dots with “{data}”")
            label.symbol(x, y + self._bar_height, asked[2], level=asked[1], module=module)
        else:
            label.write(x, y, str(data), width=int(values["FB"][0]), height=int(values["A0"][0]))


def _data(text: str | None, *, escaped: bool) -> str | None:
    """Data of a field as the printer takes them."""
    if text is None or not escaped:
        return text
    if "_" in _ESCAPED.sub("", text):
        raise SpoiledError(f"half an escape: {text!r}")
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
