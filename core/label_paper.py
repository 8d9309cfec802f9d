"""The papers that labels are printed on, and what may stand on one. Lengths in mm, from the upper left corner."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import RefusedError
from core.texts import mark

INCH = 25.4


@dataclass(frozen=True, slots=True)
class Preset:
    """A kind of paper. Without a sheet each label is a page of its own, as on a roll.

    Attributes:
        word: what people call it, a text to be translated.
        sheet: width and height of the sheet; none for a roll.
        left, top: of the first label on the sheet.
        pitch: from one label to the next, across and down.
    """

    word: str
    width: float
    height: float
    sheet: tuple[float, float] | None = None
    columns: int = 1
    rows: int = 1
    left: float = 0.0
    top: float = 0.0
    pitch: tuple[float, float] = (0.0, 0.0)

    @property
    def labels(self) -> int:
        """Labels on a page."""
        return self.columns * self.rows

    @property
    def page(self) -> tuple[float, float]:
        """Width and height of a page."""
        return self.sheet or (self.width, self.height)

    def corner(self, place: int) -> tuple[float, float]:
        """The upper left corner of a label on its page; places count along the rows."""
        return (
            self.left + place % self.columns * self.pitch[0],
            self.top + place // self.columns * self.pitch[1],
        )


_A4 = (210.0, 297.0)

PRESETS: Mapping[str, Preset] = {
    "40x30": Preset(mark("Roll 40 × 30 mm"), 40, 30),
    "50x30": Preset(mark("Roll 50 × 30 mm"), 50, 30),
    "60x40": Preset(mark("Roll 60 × 40 mm"), 60, 40),
    "tag": Preset(mark("Hang tag 40 × 70 mm"), 40, 70),
    "a4-45": Preset(mark("A4, 45 labels 40 × 30 mm"), 40, 30, _A4, 5, 9, 5.0, 13.5, (40.0, 30.0)),
    "a4-24": Preset(mark("A4, 24 labels 70 × 37 mm"), 70, 37, _A4, 3, 8, 0.0, 0.5, (70.0, 37.0)),
    "a4-65": Preset(mark("A4, 65 labels 38 × 21 mm"), 38.1, 21.2, _A4, 5, 13, 4.7, 10.7, (40.6, 21.2)),
}

RAW_PORT = 9100
"""Where label printers listen for what they are to print."""

_ADDRESS = re.compile(r"(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::(?P<port>\d{1,5}))?", re.ASCII)

RESOLUTIONS = (203, 300, 600)
"""Dots an inch of the printers that labels come out of."""

FIELDS: Mapping[str, str] = {
    "shop": mark("Shop"),
    "name": mark("Item name"),
    "spec": mark("Specification"),
    "price": mark("Price"),
    "date": mark("Date"),
    "gtin": mark("Barcode number"),
    "bars": mark("Bars (EAN-13)"),
}
"""What may stand on a label besides symbol and serial, in the order in which it stands there, and their names."""


def printer_address(text: str) -> tuple[str, int]:
    """Host and port of a printer in the network, from `HOST` or `HOST:PORT`.

    Raises:
        RefusedError: `bad_address`.
    """
    found = _ADDRESS.fullmatch(text)
    port = int(found["port"] or RAW_PORT) if found else 0
    if found is None or not 0 < port < 65_536:
        raise RefusedError("bad_address", text=text[:40], port=RAW_PORT)
    return found["host"].strip("[]"), port
