"""A label as a printer burns it: dots, and what stands where; a command that harms another is an error."""

from __future__ import annotations

from dataclasses import dataclass, field

import qrcode
import zxingcpp
from barcode.ean import EuropeanArticleNumber13
from PIL import Image, ImageChops

QUIET = 4
"""Modules around a QR symbol that must stay light."""

PRINTED = [zxingcpp.BarcodeFormat.QRCodeModel2, zxingcpp.BarcodeFormat.EAN13]
"""What stands on labels. Among the modules of one QR symbol in a thousand, a reader of all kinds finds a micro one."""

_DARK, _LIGHT = 0, 255
_QUIET_LEFT, _QUIET_RIGHT = 11, 7
_LEVELS = {
    "L": qrcode.ERROR_CORRECT_L,
    "M": qrcode.ERROR_CORRECT_M,
    "Q": qrcode.ERROR_CORRECT_Q,
    "H": qrcode.ERROR_CORRECT_H,
}

Box = tuple[int, int, int, int]
"""Left, top, right, bottom, in dots; right and bottom are outside."""


class SpoiledError(Exception):
    """A label that no printer should be sent."""


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@dataclass
class Label:
    """What came out.

    Attributes:
        symbols: texts of the QR symbols, each with the box of its dark and light modules and the dots of one.
        bars: digits of the EAN-13s, each with the box of its bars and the dots of the thinnest.
        written: texts in the printer's own type, which is not drawn: each with the box that it may fill.
        pictures: boxes of the bitmaps.
    """

    width: int
    height: int
    image: Image.Image = field(init=False)
    symbols: list[tuple[str, Box, int]] = field(default_factory=list)
    bars: list[tuple[str, Box, int]] = field(default_factory=list)
    written: list[tuple[str, Box]] = field(default_factory=list)
    pictures: list[Box] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = Image.new("L", (self.width, self.height), _LIGHT)

    def picture(self, x: int, y: int, stride: int, rows: bytes, *, dark: int, overwrites: bool) -> None:
        """A bitmap; `dark` is the bit of a dark dot."""
        if not stride or not rows or len(rows) % stride:
            raise SpoiledError(f"{len(rows)} bytes in rows of {stride}")
        size = (8 * stride, len(rows) // stride)
        drawn = Image.frombytes("1", size, rows if not dark else bytes(255 ^ byte for byte in rows)).convert("L")
        box = self._inside(x, y, x + size[0], y + size[1])
        under = self.image.crop(box)
        if overwrites and ImageChops.subtract(drawn, under).getbbox():
            raise SpoiledError(f"the bitmap at {x},{y} wipes out what stands there")
        self.image.paste(ImageChops.darker(under, drawn), box)
        self.pictures.append(box)

    def symbol(self, x: int, y: int, text: str, *, level: str, module: int) -> None:
        """A QR symbol, as the printer makes it of a text; its quiet zone is nobody's but its own."""
        made = qrcode.QRCode(error_correction=_LEVELS[level], box_size=1, border=0)
        made.add_data(text, optimize=0)
        made.make()
        matrix = made.get_matrix()
        side = len(matrix) * module
        box = self._inside(x, y, x + side, y + side)
        small = Image.new("L", (len(matrix), len(matrix)), _LIGHT)
        small.putdata([_DARK if dark else _LIGHT for row in matrix for dark in row])
        self._draw(small.resize((side, side), Image.Resampling.NEAREST), box)
        self.symbols.append((text, box, module))

    def ean13(self, x: int, y: int, digits: str, *, height: int, module: int) -> None:
        """Bars of an EAN-13 of twelve digits; the printer knows the thirteenth."""
        made = EuropeanArticleNumber13(digits)
        (pattern,) = made.build()
        box = self._inside(x, y, x + len(pattern) * module, y + height)
        line = Image.new("L", (len(pattern), 1), _LIGHT)
        line.putdata([_DARK if bar == "1" else _LIGHT for bar in pattern])
        self._draw(line.resize((box[2] - box[0], height), Image.Resampling.NEAREST), box)
        self.bars.append((made.get_fullcode(), box, module))

    def write(self, x: int, y: int, text: str, *, width: int, height: int) -> None:
        """A line in the printer's own type."""
        self.written.append((text, self._inside(x, y, x + width, y + height)))

    def check(self) -> Label:
        """Whether a scanner finds each symbol and each bar code alone in its place. Returns the label itself."""
        zones = [(f"around {text}", self._around_symbol(box, module), box) for text, box, module in self.symbols]
        zones += [(f"beside {text}", self._beside_bars(box, module), box) for text, box, module in self.bars]
        for name, zone, box in zones:
            if not (zone[0] >= 0 and zone[1] >= 0 and zone[2] <= self.width and zone[3] <= self.height):
                raise SpoiledError(f"no room {name}")
            paper = self.image.crop(zone)
            paper.paste(_LIGHT, (box[0] - zone[0], box[1] - zone[1], box[2] - zone[0], box[3] - zone[1]))
            if paper.getextrema() != (_LIGHT, _LIGHT):
                raise SpoiledError(f"something stands {name}")
            for text, written in self.written:
                if overlap(zone, written):
                    raise SpoiledError(f"“{text}” may stand {name}")
        return self

    def scan(self) -> dict[str, str]:
        """The texts of all symbols that a scanner finds, each with the kind of the symbol."""
        return {found.text: found.format.name for found in zxingcpp.read_barcodes(self.image, PRINTED)}

    @staticmethod
    def _around_symbol(box: Box, module: int) -> Box:
        quiet = QUIET * module
        return (box[0] - quiet, box[1] - quiet, box[2] + quiet, box[3] + quiet)

    @staticmethod
    def _beside_bars(box: Box, module: int) -> Box:
        return (box[0] - _QUIET_LEFT * module, box[1], box[2] + _QUIET_RIGHT * module, box[3])

    def _inside(self, *box: int) -> Box:
        left, top, right, bottom = box
        if left < 0 or top < 0 or right > self.width or bottom > self.height:
            raise SpoiledError(f"{box} is not on the label of {self.width} × {self.height} dots")
        return left, top, right, bottom

    def _draw(self, drawn: Image.Image, box: Box) -> None:
        if self.image.crop(box).getextrema() != (_LIGHT, _LIGHT):
            raise SpoiledError(f"something stands at {box} already")
        self.image.paste(drawn, box)
