"""Labels in the languages of label printers: ZPL II (Zebra) and TSPL (TSC, Gprinter). Pure, but for drawing text.

The printer makes symbol, bars and serial itself; other texts go as pictures where it may lack the signs or the room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from core.codes.bitmap import text_ink, text_width
from core.codes.labels import LINE, SERIAL_SIZE, SERIAL_WIDTH, Layout, Text, first_line, serial_lines

_ZPL_LETTER = 0.62
"""Width of a letter of a Zebra's own type, in sizes of it: few are as wide."""

_ZPL_BARS = 10
"""Height of bars, dots. The firmware puts a QR symbol as much lower than it is told."""

_TSPL_TYPES = {"1": (8, 12), "2": (12, 20), "3": (16, 24), "4": (24, 32), "5": (32, 48)}
"""A TSPL printer's own types, from the smallest: dots of a letter (TSPL programming manual, TEXT)."""

_MOST_MODULE = 10
"""Dots of a module of a QR symbol, in both languages."""

_LEAST = 6
"""Height of the smallest type, dots."""

_SERIAL_LETTERS = 9
"""Of a line of a serial."""


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
    x, y, module = _symbol(layout, dots)
    for key in keys:
        symbol = f"^FO{x},{y - _ZPL_BARS}^BY2,3,{_ZPL_BARS}^BQN,2,{module}^FDMA,{stem}{key}^FS\n"
        serial = "".join(_zpl_line(line, dots) for line in _serial(layout, key))
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
    x, y, module = _symbol(layout, dots)
    type_ = _tspl_type(dots)
    paper = f"SIZE {preset.width:g} mm,{preset.height:g} mm\r\nGAP 2 mm,0\r\nDIRECTION 1,0\r\n".encode()
    for place, key in enumerate(keys):
        symbol = f'QRCODE {x},{y},M,{module},A,0,"{stem}{key}"\r\n'.encode()
        serial = "".join(
            f'TEXT {dots(line.x)},{dots(line.y)},"{type_}",0,1,1,"{line.text}"\r\n' for line in _serial(layout, key)
        ).encode()
        yield (paper if not place else b"") + b"CLS\r\n" + fixed + symbol + serial + b"PRINT 1,1\r\n"


LANGUAGES: Mapping[str, Callable[[Layout, str, Sequence[str]], Iterator[bytes]]] = {"zpl": zpl, "tspl": tspl}


class _Dots:
    """Lengths of a layout in whole dots of its printer."""

    def __init__(self, layout: Layout) -> None:
        self._dot = layout.dot

    def __call__(self, length: float) -> int:
        return round(length / self._dot)


def _symbol(layout: Layout, dots: _Dots) -> tuple[int, int, int]:
    """Where the symbol begins, and its module; in the middle of its place where no printer makes so large a module."""
    module = min(dots(layout.module), _MOST_MODULE)
    aside = layout.side * (dots(layout.module) - module) // 2
    return dots(layout.symbol[0]) + aside, dots(layout.symbol[1]) + aside, module


def _serial(layout: Layout, key: str) -> list[Text]:
    """The lines of a serial."""
    x, y = layout.serial
    return [
        Text(line, x, y + place * SERIAL_SIZE * LINE, SERIAL_WIDTH, SERIAL_SIZE)
        for place, line in enumerate(serial_lines(key))
    ]


def _zpl_text(text: Text, dots: _Dots) -> str:
    fitting = text.width / _ZPL_LETTER / max(1, len(text.text))
    if text.text.isascii() and text.lines == 1 and (text.shrinks or text.size <= fitting):
        return _zpl_line(replace(text, size=min(text.size, fitting)), dots)
    parts = []
    for x, y, stride, picture in _pictures(text, dots):
        size = len(picture)
        parts.append(f"^FO{x},{y}^GFA,{size},{size},{stride},{picture.hex().upper()}^FS\n")
    return "".join(parts)


def _zpl_line(text: Text, dots: _Dots) -> str:
    """A line in the printer's own type."""
    height, safe = dots(text.size), _zpl_safe(text.text)
    return f"^FO{dots(text.x)},{dots(text.y)}^A0N,{height},{height}^FB{dots(text.width)},1,0,L^FH^FD{safe}^FS\n"


def _zpl_safe(text: str) -> str:
    """A text in which nothing commands the printer: its own signs as hexadecimal numbers (with ^FH)."""
    return "".join(f"_{ord(char):02X}" if char in "^~_" else char for char in text)


def _tspl_text(text: Text, dots: _Dots) -> bytes:
    parts = []
    for x, y, stride, picture in _pictures(text, dots):
        # In TSPL a dark dot is 0.
        turned = bytes(255 ^ byte for byte in picture)
        parts.append(f"BITMAP {x},{y},{stride},{len(picture) // stride},0,".encode() + turned + b"\r\n")
    return b"".join(parts)


def _tspl_type(dots: _Dots) -> str:
    """The printer's own type in which a serial has room: the largest."""
    width, height = dots(SERIAL_WIDTH), dots(SERIAL_SIZE * LINE)
    types = [name for name, (wide, high) in _TSPL_TYPES.items() if high <= height and _SERIAL_LETTERS * wide <= width]
    return types[-1]


def _pictures(text: Text, dots: _Dots) -> Iterator[tuple[int, int, int, bytes]]:
    """The ink of each line of a text: its upper left corner, bytes a row, and the rows; dark = 1."""
    height, width = dots(text.size), dots(text.width)
    while text.shrinks and height > _LEAST and text_width(text.text, height) > width:
        height -= 1
    for place, line in enumerate(_lines(text, dots)):
        left, top, stride, picture = _ink(line, height, width, text.bold)
        yield dots(text.x) + left, dots(text.y + place * text.size * LINE) + top, stride, picture


def _lines(text: Text, dots: _Dots) -> list[str]:
    """A text on as many lines as it needs and has."""
    if text.lines == 1:
        return [text.text]
    first = first_line(text.text, lambda part: text_width(part, dots(text.size)) <= dots(text.width))
    rest = text.text[len(first) :].strip()
    return [first.rstrip(), rest] if rest else [first]


_ink = lru_cache(maxsize=64)(text_ink)
"""A batch has few texts, and each of its labels all of them."""
