"""Painting a receipt, on any paint device: the same slip on paper, in a PDF, on the screen."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPageSize, QPainter, QPdfWriter, QRawFont

from core.errors import BrokenWorldError
from core.sales.receipt import Slip
from ui import theme

_DPI = 203
_MM = _DPI / 25.4
_MARGIN = 3.0
_MODULE_DOTS = 4
_QUIET = 4


def write_pdf(slip: Slip, path: Path) -> None:
    """Write a receipt as a one-page PDF of the paper's width, whole or not at all.

    Raises:
        OSError: when the file cannot be written, or is a device and no file.
        BrokenWorldError: `glyph_missing`.
    """
    page = _Page(slip)
    path = path.resolve()
    if path.exists() and not path.is_file():
        # Putting a whole file in its place would take a device away from the system.
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    draft = path.with_name(path.name + ".new")
    # Qt says nothing when it cannot open the file: ask the system first.
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644))
    try:
        _write(page, slip, draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _write(page: _Page, slip: Slip, draft: Path) -> None:
    writer = QPdfWriter(str(draft))
    writer.setResolution(_DPI)
    writer.setTitle(slip.code)
    size = QSizeF(slip.width, page.paint(None) / _MM)
    writer.setPageSize(QPageSize(size, QPageSize.Unit.Millimeter, "", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    painter = QPainter()
    if not painter.begin(writer):
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    page.paint(painter)
    if not painter.end():
        raise OSError(errno.EIO, os.strerror(errno.EIO))


class _Page:
    """Lays a slip out from top to bottom; measures when there is no painter. Positions in dots of 203 dpi."""

    def __init__(self, slip: Slip) -> None:
        self._slip = slip
        self._fonts = {name: _font(mm, bold) for name, (mm, bold) in _TYPE.items()}
        self._width = slip.width * _MM
        self._check_glyphs()

    def paint(self, painter: QPainter | None) -> float:
        """Paint the slip. Returns its height."""
        slip, y = self._slip, _MARGIN * _MM
        y = self._text(painter, y, slip.shop, "title", Qt.AlignmentFlag.AlignHCenter)
        if slip.mark:
            y = self._text(painter, y, slip.mark, "bold", Qt.AlignmentFlag.AlignHCenter)
        for fact in slip.facts:
            y = self._pair(painter, y, fact, "small")
        y = self._rule(painter, y)
        for item in slip.lines:
            y = self._text(painter, y, item.name, "plain", Qt.AlignmentFlag.AlignLeft)
            y = self._pair(painter, y, (item.detail, item.amount), "small")
        y = self._rule(painter, y)
        for figure in slip.sums:
            y = self._pair(painter, y, figure, "small")
        y = self._pair(painter, y, slip.total, "bold")
        for way in slip.paid:
            y = self._pair(painter, y, way, "small")
        y = self._symbol(painter, y + 2 * _MM)
        for line in slip.foot:
            y = self._text(painter, y, line, "small", Qt.AlignmentFlag.AlignHCenter)
        return y + _MARGIN * _MM

    def _check_glyphs(self) -> None:
        raw = QRawFont.fromFont(self._fonts["plain"])
        slip = self._slip
        pairs = (*slip.facts, *slip.sums, slip.total, *slip.paid)
        texts = [slip.shop, *slip.foot, *(text for pair in pairs for text in pair)]
        texts += [text for item in slip.lines for text in (item.name, item.detail)]
        for text in texts:
            for char in text:
                if not char.isspace() and not raw.supportsCharacter(ord(char)):
                    raise BrokenWorldError("glyph_missing", text=char)

    def _text(self, painter: QPainter | None, y: float, text: str, font: str, align: Qt.AlignmentFlag) -> float:
        area = QRectF(_MARGIN * _MM, y, self._width - 2 * _MARGIN * _MM, 10_000)
        flags = align | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWrapAnywhere
        box = QFontMetricsF(self._fonts[font]).boundingRect(area, flags, text)
        if painter:
            painter.setFont(self._fonts[font])
            painter.drawText(area, flags, text)
        return y + box.height()

    def _pair(self, painter: QPainter | None, y: float, pair: tuple[str, str], font: str) -> float:
        metrics = QFontMetricsF(self._fonts[font])
        inner = self._width - 2 * _MARGIN * _MM
        if metrics.horizontalAdvance(pair[0]) + metrics.horizontalAdvance(pair[1]) + 2 * _MM > inner:
            y = self._text(painter, y, pair[0], font, Qt.AlignmentFlag.AlignLeft)
            return self._text(painter, y, pair[1], font, Qt.AlignmentFlag.AlignRight)
        self._text(painter, y, pair[0], font, Qt.AlignmentFlag.AlignLeft)
        return self._text(painter, y, pair[1], font, Qt.AlignmentFlag.AlignRight)

    def _rule(self, painter: QPainter | None, y: float) -> float:
        if painter:
            painter.fillRect(QRectF(_MARGIN * _MM, y + _MM, self._width - 2 * _MARGIN * _MM, 1), Qt.GlobalColor.black)
        return y + 2 * _MM

    def _symbol(self, painter: QPainter | None, y: float) -> float:
        # Imported late: only a receipt that is drawn needs it.
        import qrcode

        symbol = qrcode.QRCode(border=0, error_correction=qrcode.ERROR_CORRECT_M)
        symbol.add_data(self._slip.code)
        rows = symbol.get_matrix()
        side = len(rows) * _MODULE_DOTS
        left = round((self._width - side) / 2)
        top = round(y) + _QUIET * _MODULE_DOTS
        if painter:
            for row, cells in enumerate(rows):
                for column, dark in enumerate(cells):
                    if dark:
                        painter.fillRect(
                            left + column * _MODULE_DOTS,
                            top + row * _MODULE_DOTS,
                            _MODULE_DOTS,
                            _MODULE_DOTS,
                            Qt.GlobalColor.black,
                        )
        return top + side + _QUIET * _MODULE_DOTS


_TYPE = {"title": (4.6, True), "bold": (4.0, True), "plain": (3.4, False), "small": (3.0, False)}
"""Height of type, mm, and weight."""


def _font(mm: float, bold: bool) -> QFont:
    made = QFont(theme.font_family())
    made.setPixelSize(round(mm * _MM))
    made.setBold(bold)
    # Digits replaced for a locale's sake have no text behind them in a PDF and cannot be searched.
    made.setFeature(QFont.Tag("locl"), 0)
    return made
