"""What everything that is painted on paper shares: its type, its signs, and a file that is whole or not there."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import chain
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF
from PySide6.QtGui import QFont, QPageSize, QPainter, QPdfWriter, QRawFont

from core.errors import BrokenWorldError
from core.files import write_whole
from ui import theme

_SIGNS, _SIGN = re.compile(rb"> \[(<[0-9A-F]{4}> )+\]\n"), re.compile(rb"<[0-9A-F]{4}>")
"""In a PDF: the signs of glyphs that follow each other, and one of them."""

_COMMON = (range(0x20, 0x7F), range(0x4E00, 0xA000), range(0x3400, 0x4DC0))
"""Of signs that look the same, ASCII and ideographs are what people write and look for."""


def font(pixels: float, *, bold: bool = False, fixed: bool = False) -> QFont:
    """The one font at a height in pixels of the paint device.

    Args:
        fixed: all letters are of one width.
    """
    made = QFont(theme.font_family(fixed=fixed))
    made.setPixelSize(round(pixels))
    made.setBold(bold)
    # Digits replaced for a locale's sake have no text behind them in a PDF and cannot be searched.
    made.setFeature(QFont.Tag("locl"), 0)
    # Nor have letters that flow together.
    made.setFeature(QFont.Tag("liga"), 0)
    return made


def check_glyphs(texts: Iterable[str]) -> None:
    """Refuse to print what the font has no sign for.

    Raises:
        BrokenWorldError: `glyph_missing`.
    """
    raw = QRawFont.fromFont(font(16))
    for char in dict.fromkeys("".join(texts)):
        if not char.isspace() and not raw.supportsCharacter(ord(char)):
            raise BrokenWorldError("glyph_missing", text=char)


def write_pdf(
    path: Path, pages: Sequence[Callable[[QPainter], object]], *, title: str, size: QPageSize, dpi: int
) -> None:
    """Write a PDF, whole or not at all.

    Args:
        pages: each paints one page, from its upper left corner on, in dots.
        dpi: dots per inch.

    Raises:
        OSError: when the file cannot be written, or is a device and no file.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(dpi)
    writer.setTitle(title)
    writer.setPageSize(size)
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    painter = QPainter()
    if not painter.begin(writer):
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    try:
        for number, paint in enumerate(pages):
            if number:
                writer.newPage()
            paint(painter)
    finally:
        whole = painter.end()
    if not whole:
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    write_whole(path, _searchable(bytes(buffer.data().data())))


def _searchable(pdf: bytes) -> bytes:
    """The PDF with common signs behind its glyphs.

    Qt names a glyph by the first sign that looks so: a space becomes a tab, 长 the radical ⻓; nobody would find them.
    """
    names = _common_names()
    return _SIGNS.sub(lambda signs: _SIGN.sub(lambda sign: names.get(sign[0], sign[0]), signs[0]), pdf)


@cache
def _common_names() -> dict[bytes, bytes]:
    """What is written in a PDF for the signs that share a glyph, and what is to stand there."""
    codes = [code for code in range(1, 0x10000) if not 0xD800 <= code < 0xE000]
    glyphs = QRawFont.fromFont(font(16)).glyphIndexesForString("".join(map(chr, codes)))
    glyph_of = dict(zip(codes, glyphs, strict=True))
    first: dict[int, int] = {}
    common: dict[int, int] = {}
    for code, glyph in glyph_of.items():
        first.setdefault(glyph, code)
    for code in chain(*_COMMON):
        common.setdefault(glyph_of[code], code)
    return {b"<%04X>" % first[glyph]: b"<%04X>" % code for glyph, code in common.items() if glyph}
