"""Labels in the languages of label printers: ZPL II (Zebra) and TSPL (TSC, Gprinter). Pure, but for drawing text.

The printer makes symbol and bars itself; texts that are not ASCII go as pictures, since few printers have the signs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from core.codes.bitmap import text_picture, text_width
from core.codes.labels import Layout, Text, first_line, serial_lines

_LINE = 1.25
"""Height of a line, in sizes of its type."""


def zpl(layout: Layout, stem: str, keys: Sequence[str]) -> Iterator[bytes]:
    """One label of ZPL II after the other.

    Args:
        stem: what the links begin with.
        keys: the serials.

    Raises:
        BrokenWorldError: `glyph_missing`.
    """
    dots = _Dots(layout)
    width, height = dots(layout.preset.width), dots(layout.preset.height)
    fixed = "".join(_zpl_text(text, dots) for text in layout.texts)
    if layout.bars:
        bars = layout.bars
        fixed += (
            f"^FO{dots(bars.x)},{dots(bars.y)}^BY{dots(bars.module)}"
            f"^BEN,{dots(bars.height)},Y,N^FD{bars.digits[:12]}^FS\n"
        )
    x, y = (dots(length) for length in layout.symbol)
    module = dots(layout.module)
    for key in keys:
        # The firmware puts a QR symbol ten dots lower than it is told.
        symbol = f"^FO{x},{max(0, y - 10)}^BQN,2,{module}^FDMA,{_zpl_safe(stem + key)}^FS\n"
        serial = "".join(_zpl_text(text, dots) for text in _serial(layout, key))
        yield f"^XA^CI28^PW{width}^LL{height}^LH0,0\n{fixed}{symbol}{serial}^XZ\n".encode()


def tspl(layout: Layout, stem: str, keys: Sequence[str]) -> Iterator[bytes]:
    """One label of TSPL after the other; the first brings the size of the paper.

    Raises:
        BrokenWorldError: `glyph_missing`.
    """
    dots, preset = _Dots(layout), layout.preset
    fixed = b"".join(_tspl_text(text, dots) for text in layout.texts)
    if layout.bars:
        bars = layout.bars
        narrow = dots(bars.module)
        fixed += (
            f'BARCODE {dots(bars.x)},{dots(bars.y)},"EAN13",{dots(bars.height)},1,0,{narrow},{narrow},'
            f'"{bars.digits[:12]}"\r\n'
        ).encode()
    x, y = (dots(length) for length in layout.symbol)
    paper = f"SIZE {preset.width:g} mm,{preset.height:g} mm\r\nGAP 2 mm,0\r\nDIRECTION 1,0\r\n".encode()
    for place, key in enumerate(keys):
        symbol = f'QRCODE {x},{y},M,{dots(layout.module)},A,0,"{stem}{key}"\r\n'.encode()
        serial = b"".join(_tspl_text(text, dots) for text in _serial(layout, key))
        yield (paper if not place else b"") + b"CLS\r\n" + fixed + symbol + serial + b"PRINT 1,1\r\n"


LANGUAGES: Mapping[str, Callable[[Layout, str, Sequence[str]], Iterator[bytes]]] = {"zpl": zpl, "tspl": tspl}


class _Dots:
    """Lengths of a layout in whole dots of its printer."""

    def __init__(self, layout: Layout) -> None:
        self._dot = layout.dot

    def __call__(self, length: float) -> int:
        return round(length / self._dot)


def _serial(layout: Layout, key: str) -> list[Text]:
    x, y, size = layout.serial
    width = layout.preset.width - x
    return [Text(line, x, y + place * size * _LINE, width, size) for place, line in enumerate(serial_lines(key))]


def _zpl_text(text: Text, dots: _Dots) -> str:
    x, y, height = dots(text.x), dots(text.y), dots(text.size)
    if text.text.isascii() and text.lines == 1:
        # A negative number of hundredths would shrink it; what is too wide is cut by the block.
        return f"^FO{x},{y}^A0N,{height},{height}^FB{dots(text.width)},1,0,L^FH^FD{_zpl_safe(text.text)}^FS\n"
    parts = []
    for place, line in enumerate(_lines(text, dots)):
        stride, picture = _picture(line, height, dots(text.width), text.bold)
        size = len(picture)
        # In ZPL a dark dot is 1.
        turned = bytes(255 ^ byte for byte in picture)
        down = y + round(place * height * _LINE)
        parts.append(f"^FO{x},{down}^GFA,{size},{size},{stride},{turned.hex().upper()}^FS\n")
    return "".join(parts)


def _zpl_safe(text: str) -> str:
    """A text in which nothing commands the printer: its own signs as hexadecimal numbers (with ^FH)."""
    return "".join(f"_{ord(char):02X}" if char in "^~_" else char for char in text)


def _tspl_text(text: Text, dots: _Dots) -> bytes:
    x, y, height = dots(text.x), dots(text.y), dots(text.size)
    parts = []
    for place, line in enumerate(_lines(text, dots)):
        stride, picture = _picture(line, height, dots(text.width), text.bold)
        rows = len(picture) // stride
        down = y + round(place * height * _LINE)
        parts.append(f"BITMAP {x},{down},{stride},{rows},0,".encode() + picture + b"\r\n")
    return b"".join(parts)


def _lines(text: Text, dots: _Dots) -> list[str]:
    """A text on as many lines as it needs and has."""
    if text.lines == 1:
        return [text.text]
    first = first_line(text.text, lambda part: text_width(part, dots(text.size)) <= dots(text.width))
    rest = text.text[len(first) :].strip()
    return [first.rstrip(), rest] if rest else [first]


@cache
def _picture(text: str, height: int, width: int, bold: bool) -> tuple[int, bytes]:
    """Bytes a row, and the rows of a text's picture; dark = 0."""
    picture = text_picture(text, height=height, width=width, bold=bold)
    return (picture.width + 7) // 8, picture.tobytes()
