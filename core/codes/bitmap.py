"""Black and white pictures: texts for printers that have no font for them, and symbols as PNG files."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

import resources
from core.codes.labels import BASELINE, LINE
from core.errors import BrokenWorldError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import ImageFont

_BOLD = 36
"""Height from which a type is made bold, dots: a smaller one would blot."""

_FACES = 10
"""In the file of the font; the program takes the one for simplified Chinese."""


def text_ink(text: str, height: int, width: int, bold: bool = False) -> tuple[int, int, int, bytes]:
    """The ink of a line of text; the end of the text is left out where it is too wide.

    Args:
        height: of the type, dots.
        width: that there is room for, dots.

    Returns:
        Where the ink begins, from the upper left corner of the line; bytes a row; and the rows, dark = 1.

    Raises:
        BrokenWorldError: `glyph_missing`.
    """
    from PIL import Image, ImageDraw

    face = _face(height)
    _check_glyphs(text)
    stroke = int(bold and height >= _BOLD)
    shown = text
    while shown and face.getlength(shown + ("…" if shown != text else "")) > width - 2 * stroke:
        shown = shown[:-1]
    if shown != text:
        shown += "…"
    made = Image.new("1", (width, int(height * LINE)), 0)
    place = (stroke, int(height * BASELINE))
    ImageDraw.Draw(made).text(place, shown, font=face, fill=1, stroke_width=stroke, anchor="ls")
    left, top, right, bottom = made.getbbox() or (0, 0, 1, 1)
    stride = (right - left + 7) // 8
    return left, top, stride, made.crop((left, top, left + 8 * stride, bottom)).tobytes()


def text_width(text: str, height: int) -> float:
    """Dots that a line of text is wide."""
    return _face(height).getlength(text)


def symbol_png(rows: Sequence[int], side: int, *, quiet: int, scale: int) -> bytes:
    """A symbol as a PNG file of one bit a pixel.

    Args:
        rows: from the top, the lowest bit the leftmost module; dark = 1.
        quiet: light modules around it.
        scale: pixels a module.
    """
    from PIL import Image

    whole = side + 2 * quiet
    light = (1 << whole) - 1
    lines = [light] * quiet + [light ^ row << quiet for row in rows] + [light] * quiet
    stride = -(-whole // 8)
    # Pillow takes the highest bit of a byte for the leftmost pixel.
    packed = b"".join(
        int(f"{line:0{whole}b}"[::-1].ljust(8 * stride, "1"), 2).to_bytes(stride, "big") for line in lines
    )
    made = Image.frombytes("1", (whole, whole), packed).resize((whole * scale, whole * scale), Image.Resampling.NEAREST)
    file = io.BytesIO()
    made.save(file, "PNG", optimize=True)
    return file.getvalue()


@lru_cache(maxsize=16)
def _face(height: int) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    file = str(resources.font_file())
    faces = (ImageFont.truetype(file, height, index=index) for index in range(_FACES))
    return next(face for face in faces if str(face.getname()[0]).endswith(" SC"))


def _check_glyphs(text: str) -> None:
    face = _face(32)
    missing = bytes(face.getmask("\U0010fffe"))
    for char in dict.fromkeys(text):
        if not char.isspace() and (not char.isprintable() or bytes(face.getmask(char)) == missing):
            raise BrokenWorldError("glyph_missing", text=char)
