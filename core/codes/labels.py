"""What stands where on a label, and whether a scanner could read it. Pure; lengths in mm, from the upper left corner.

Sizes of the symbols are those of the GS1 General Specifications for retail points of sale (QR with a Digital Link:
table 5-46; EAN-13: §5.2.3): a module of the QR symbol from 0.396 to 0.990 mm, of the bars from 0.264 to 0.660 mm, both
a whole number of the printer's dots.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from core.codes.serial import grouped
from core.codes.symbols import QUIET
from core.errors import RefusedError
from core.label_paper import INCH, Preset

_MODULE_LEAST, _MODULE_WANTED, _MODULE_MOST = 0.396, 0.495, 0.990
_BAR_LEAST, _BAR_WANTED, _BAR_MOST = 0.264, 0.330, 0.660
_BARS, _BARS_QUIET_LEFT, _BARS_QUIET_RIGHT = 95, 11, 7
_BAR_HEIGHT, _BAR_DIGITS = 7.0, 2.6
_EDGE, _GAP = 1.0, 0.8
_APART = 0.2
"""Between the symbol's light zone and the serial: letters reach a little over their lines."""

LINE, BASELINE = 1.25, 0.92
"""Height of a line, and from its top to where letters stand, in sizes of its type."""

_LEAST_TYPE = 1.6
"""Smaller letters nobody reads."""

SERIAL_SIZE = 2.3
SERIAL_WIDTH = 13.7
"""Of the two lines of a serial, nine letters each, in the type of any printer."""


@dataclass(frozen=True, slots=True)
class Content:
    """The texts of a batch's labels; empty where there is none. `bars` are the 13 digits of an EAN-13."""

    shop: str = ""
    name: str = ""
    spec: str = ""
    price: str = ""
    date: str = ""
    gtin: str = ""
    bars: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A text in its box.

    Attributes:
        size: of the type.
        lines: that the box has room for.
    """

    text: str
    x: float
    y: float
    width: float
    size: float
    lines: int = 1
    bold: bool = False

    @property
    def shrinks(self) -> bool:
        """Whether it gets smaller where it does not fit, and loses nothing: a number that is cut is another number."""
        return self.lines == 1 and any(char.isdigit() for char in self.text)


@dataclass(frozen=True, slots=True)
class Bars:
    """An EAN-13: its bars and the digits below. `module` is the width of the thinnest bar."""

    digits: str
    x: float
    y: float
    module: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """A label, composed.

    Attributes:
        dot: of the printer.
        module: of the QR symbol.
        symbol: upper left corner of the symbol, its quiet zone not counted.
        side: modules of the symbol's side.
        serial: upper left corner of the serial, two lines of `SERIAL_SIZE` in the middle of `SERIAL_WIDTH`.
    """

    preset: Preset
    dot: float
    module: float
    symbol: tuple[float, float]
    side: int
    serial: tuple[float, float]
    texts: tuple[Text, ...]
    bars: Bars | None


def compose(preset: Preset, content: Content, *, side: int, dpi: int) -> Layout:
    """Lay a label out.

    Args:
        side: modules of the symbol's side.
        dpi: dots an inch of the printer.

    Raises:
        RefusedError: `label_too_small`, `bars_too_wide`, `bars_not_ean13`, with the mm that are needed;
            `label_too_full`.
    """
    dot = INCH / dpi
    bars_height = _BAR_HEIGHT + _BAR_DIGITS + _GAP if content.bars else 0.0
    room = preset.height - bars_height
    module = _module(preset, side, dot, room)
    quiet = (QUIET + _on_grid(preset)) * module
    whole = side * module + 2 * quiet
    portrait = preset.height > preset.width
    left = _on_dot((preset.width - whole) / 2 + quiet if portrait else quiet, dot)
    symbol = (left, _on_dot(quiet, dot))
    under = symbol[1] + side * module + quiet + _APART
    lines = 2 * SERIAL_SIZE * LINE
    if portrait:
        serial = ((preset.width - SERIAL_WIDTH) / 2, under)
        box = (_EDGE + _GAP, under + lines + _GAP, preset.width - 2 * (_EDGE + _GAP), room)
    else:
        beside = left + side * module + quiet
        box = (beside, _EDGE, preset.width - beside - _EDGE, room)
        if under + lines <= room:
            serial = (left, under)
        else:
            serial = (beside, room - lines)
            box = (beside, _EDGE, box[2], serial[1])
    texts = _texts(content, *box)
    return Layout(preset, dot, module, symbol, side, serial, texts, _bars(preset, content.bars, room, dot))


def serial_lines(key: str) -> tuple[str, str]:
    """A serial as it is printed: two lines, in groups of four."""
    shown = grouped(key)
    return shown[:9], shown[10:]


def first_line(text: str, fits: Callable[[str], bool]) -> str:
    """As much of a text as fits on a line: whole words of Latin letters, if one fits, and any sign of Chinese."""
    end = len(text)
    while end and not fits(text[:end]):
        end -= 1
    if end < len(text) and _is_latin(text[end - 1 : end]) and _is_latin(text[end]):
        word = next((place for place in range(end, 0, -1) if not _is_latin(text[place - 1])), 0)
        end = word or end
    return text[:end]


def _is_latin(sign: str) -> bool:
    return bool(sign) and unicodedata.east_asian_width(sign) not in "WF" and not sign.isspace()


def _module(preset: Preset, side: int, dot: float, room: float) -> float:
    """The module nearest to what is wanted, of those that fit: the wanted or the next above it, else the largest."""
    modules = side + 2 * (QUIET + _on_grid(preset))
    legal = [dots * dot for dots in range(1, 100) if _MODULE_LEAST <= dots * dot <= _MODULE_MOST]
    fitting = [module for module in legal if modules * module <= min(preset.width, room)]
    if not fitting:
        needed = f"{modules * legal[0]:.1f}"
        raise RefusedError("label_too_small", needed=needed, width=preset.width, height=f"{room:.1f}")
    return next((module for module in fitting if module >= _MODULE_WANTED), fitting[-1])


def _on_grid(preset: Preset) -> float:
    """Modules that a symbol may move by: those of a sheet are one picture, and stand on the grid of their modules."""
    return 0.5 if preset.sheet else 0.0


def _bars(preset: Preset, digits: str, y: float, dot: float) -> Bars | None:
    if not digits:
        return None
    if len(digits) != 13:
        raise RefusedError("bars_not_ean13", code=digits)
    modules = _BARS + _BARS_QUIET_LEFT + _BARS_QUIET_RIGHT
    legal = [dots * dot for dots in range(1, 50) if _BAR_LEAST <= dots * dot <= _BAR_MOST]
    fitting = [module for module in legal if modules * module <= preset.width]
    if not fitting:
        raise RefusedError("bars_too_wide", needed=f"{modules * legal[0]:.1f}", width=preset.width)
    module = next((module for module in fitting if module >= _BAR_WANTED), fitting[-1])
    spare = preset.width - modules * module
    return Bars(digits, _on_dot(spare / 2 + _BARS_QUIET_LEFT * module, dot), y, module, _BAR_HEIGHT)


def _texts(content: Content, x: float, y: float, width: float, bottom: float) -> tuple[Text, ...]:
    """The texts from top to bottom; a long name has two lines, where there is room."""
    wanted = [
        (content.shop, 2.2, False, 1),
        (content.name, 3.0, True, 1 if _width(content.name, 3.0) <= width else 2),
        (content.spec, 2.3, False, 1),
        (content.price, 4.4, True, 1),
        (content.date, 2.2, False, 1),
        (content.gtin, 2.2, False, 1),
    ]
    shown = [(text, size, bold, lines) for text, size, bold, lines in wanted if text]
    needed = sum(size * LINE * lines for _, size, _, lines in shown)
    scale = min(1.0, (bottom - y) / needed) if needed else 1.0
    if shown and scale * min(size for _, size, _, _ in shown) < _LEAST_TYPE:
        raise RefusedError("label_too_full")
    texts = []
    for text, size, bold, lines in shown:
        scaled = size * scale
        texts.append(Text(text, x, y, width, scaled, lines, bold))
        y += scaled * LINE * lines
    return tuple(texts)


def _width(text: str, size: float) -> float:
    """About how wide a text is: a sign of Chinese as wide as it is high."""
    return sum(size if unicodedata.east_asian_width(char) in "WF" else 0.65 * size for char in text)


def _on_dot(length: float, dot: float) -> float:
    return round(length / dot) * dot
