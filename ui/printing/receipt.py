"""Painting a receipt, on any paint device: the same slip on paper, in a PDF, on the screen."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPageSize, QPainter

from core.errors import BrokenWorldError
from core.sales.receipt import Slip
from ui.printing import paper

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
    page = SlipPainter(slip)
    page.check_glyphs()
    paper.write_pdf(path, [page.paint], title=slip.code, size=_size(page), dpi=_DPI)


def print_slip(slip: Slip, folder: Path) -> str:
    """Print a receipt on the system's own printer; where there is none, into a PDF in a folder.

    Returns:
        Where it came out: the printer's name, or the file.

    Raises:
        BrokenWorldError: `file_unwritable`, `glyph_missing`, `printer_failed`.
    """
    from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

    page = SlipPainter(slip)
    page.check_glyphs()
    device = QPrinterInfo.defaultPrinter()
    if device.isNull():
        place = folder / f"{slip.code}.pdf"
        try:
            folder.mkdir(exist_ok=True)
            write_pdf(slip, place)
        except OSError as error:
            raise BrokenWorldError("file_unwritable", file=place, detail=error.strerror) from error
        return str(place)
    printer = QPrinter(device)
    printer.setResolution(_DPI)
    printer.setPageSize(_size(page))
    printer.setPageMargins(QMarginsF(0, 0, 0, 0))
    painter = QPainter()
    if not painter.begin(printer):
        raise BrokenWorldError("printer_failed", printer=device.printerName())
    page.paint(painter)
    painter.end()
    return device.printerName()


def _size(page: SlipPainter) -> QPageSize:
    size = QSizeF(page.width / _MM, page.height / _MM)
    return QPageSize(size, QPageSize.Unit.Millimeter, "", QPageSize.SizeMatchPolicy.ExactMatch)


class SlipPainter:
    """Lays a slip out from top to bottom; measures when there is no painter. Positions in dots of 203 dpi."""

    def __init__(self, slip: Slip) -> None:
        self._slip = slip
        self._fonts = {name: paper.font(mm * _MM, bold=bold) for name, (mm, bold) in _TYPE.items()}
        self.width = slip.width * _MM
        self.height = self.paint(None)

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

    def check_glyphs(self) -> None:
        """Refuse to print what the font has no sign for.

        Raises:
            BrokenWorldError: `glyph_missing`.
        """
        slip = self._slip
        pairs = (*slip.facts, *slip.sums, slip.total, *slip.paid)
        texts = [slip.shop, *slip.foot, *(text for pair in pairs for text in pair)]
        texts += [text for item in slip.lines for text in (item.name, item.detail)]
        paper.check_glyphs(texts)

    def _text(self, painter: QPainter | None, y: float, text: str, font: str, align: Qt.AlignmentFlag) -> float:
        area = QRectF(_MARGIN * _MM, y, self.width - 2 * _MARGIN * _MM, 10_000)
        flags = align | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWrapAnywhere
        box = QFontMetricsF(self._fonts[font]).boundingRect(area, flags, text)
        if painter:
            painter.setFont(self._fonts[font])
            painter.drawText(area, flags, text)
        return y + box.height()

    def _pair(self, painter: QPainter | None, y: float, pair: tuple[str, str], font: str) -> float:
        metrics = QFontMetricsF(self._fonts[font])
        inner = self.width - 2 * _MARGIN * _MM
        if metrics.horizontalAdvance(pair[0]) + metrics.horizontalAdvance(pair[1]) + 2 * _MM > inner:
            y = self._text(painter, y, pair[0], font, Qt.AlignmentFlag.AlignLeft)
            return self._text(painter, y, pair[1], font, Qt.AlignmentFlag.AlignRight)
        self._text(painter, y, pair[0], font, Qt.AlignmentFlag.AlignLeft)
        return self._text(painter, y, pair[1], font, Qt.AlignmentFlag.AlignRight)

    def _rule(self, painter: QPainter | None, y: float) -> float:
        if painter:
            painter.fillRect(QRectF(_MARGIN * _MM, y + _MM, self.width - 2 * _MARGIN * _MM, 1), Qt.GlobalColor.black)
        return y + 2 * _MM

    def _symbol(self, painter: QPainter | None, y: float) -> float:
        # Imported late: only a receipt that is drawn needs it.
        import qrcode

        symbol = qrcode.QRCode(border=0, error_correction=qrcode.ERROR_CORRECT_M)
        symbol.add_data(self._slip.code)
        rows = symbol.get_matrix()
        side = len(rows) * _MODULE_DOTS
        left = round((self.width - side) / 2)
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
