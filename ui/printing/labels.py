"""Painting labels, on any paint device: one image of one bit a pixel for all symbols of a page, and real text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMarginsF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QGlyphRun, QImage, QPageSize, QPainter, QRawFont, QTextLayout

from core.codes.labels import BASELINE, LINE, SERIAL_SIZE, SERIAL_WIDTH, Bars, Layout, Text, first_line, serial_lines
from core.codes.serial import ALPHABET, LENGTH
from core.errors import BrokenWorldError
from core.label_paper import INCH
from core.shop.labels import Job
from ui.printing import paper

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinterInfo

_BLACK_AND_WHITE = [0xFF000000, 0xFFFFFFFF]
"""The one colour table of which Qt makes an image of one bit a pixel in a PDF, and no photograph."""


_ORIGIN = QPointF(0, 0)

Page = partial[None]
"""What paints a page, when it is called with a painter."""


class LabelPainter:
    """Paints the pages of a job, in dots of its printer.

    Raises:
        BrokenWorldError: `glyph_missing`, `symbol_differs`.
    """

    def __init__(self, job: Job) -> None:
        job.table.check(job.keys)
        self._job, self._layout = job, job.layout
        self.dpi = round(INCH / job.layout.dot)
        paper.check_glyphs([text.text for text in job.layout.texts])
        self._texts = [run for text in job.layout.texts for run in _fitted(text, job.layout)]
        self._serial = _Serial(job.layout)
        self._bars_font = paper.font(2.3 / job.layout.dot)

    @property
    def size(self) -> QPageSize:
        """Of a page."""
        size = QSizeF(*self._layout.preset.page)
        return QPageSize(size, QPageSize.Unit.Millimeter, "", QPageSize.SizeMatchPolicy.ExactMatch)

    def pages(self) -> Sequence[Page]:
        """What paints each page."""
        each, skip = self._layout.preset.labels, self._job.skip
        keys = self._job.keys
        first = [partial(self.paint, keys=keys[: each - skip], skip=skip)]
        return first + [partial(self.paint, keys=keys[n : n + each]) for n in range(each - skip, len(keys), each)]

    def paint(self, painter: QPainter, keys: Sequence[str], skip: int = 0) -> None:
        """Paint a page.

        Args:
            skip: labels that are left out at its beginning.
        """
        dot, preset = self._layout.dot, self._layout.preset
        corners = [preset.corner(place) for place in range(skip, skip + len(keys))]
        self._paint_symbols(painter, self._job.table.symbols(keys), corners)
        spots = [QPointF(x / dot, y / dot) for x, y in corners]
        for text in self._texts:
            painter.drawGlyphRun(_ORIGIN, text.on(spots))
        painter.drawGlyphRun(_ORIGIN, self._serial.on(spots, keys))
        if self._layout.bars:
            for spot in spots:
                self._paint_bars(painter, spot, self._layout.bars)

    def _paint_symbols(self, painter: QPainter, symbols: Sequence[int], corners: Sequence[tuple[float, float]]) -> None:
        layout, table = self._layout, self._job.table
        module = layout.module
        # Symbols stand on the grid of their modules: half a module aside at most, which nobody sees.
        width, height = (int(length / module) + 1 for length in layout.preset.page)
        lines = [(1 << width) - 1] * height
        for symbol, (x, y) in zip(symbols, corners, strict=True):
            left, top = round((x + layout.symbol[0]) / module), round((y + layout.symbol[1]) / module)
            for row, modules in enumerate(table.rows(symbol), top):
                lines[row] ^= modules << left
        stride = -(-width // 32) * 4
        pixels = b"".join(line.to_bytes(stride, "little") for line in lines)
        image = QImage(pixels, width, height, stride, QImage.Format.Format_MonoLSB)
        image.setColorTable(_BLACK_AND_WHITE)
        dots = round(module / layout.dot)
        painter.drawImage(QRectF(0, 0, width * dots, height * dots), image)

    def _paint_bars(self, painter: QPainter, spot: QPointF, bars: Bars) -> None:
        from barcode.ean import EuropeanArticleNumber13

        dot = self._layout.dot
        module = round(bars.module / dot)
        (pattern,) = EuropeanArticleNumber13(bars.digits[:12]).build()
        place = spot + QPointF(bars.x / dot, bars.y / dot)
        start, height = 0, bars.height / dot
        while (start := pattern.find("1", start)) >= 0:
            end = pattern.find("0", start)
            end = len(pattern) if end < 0 else end
            painter.fillRect(
                QRectF(place.x() + start * module, place.y(), (end - start) * module, height), Qt.GlobalColor.black
            )
            start = end
        metrics = QFontMetricsF(self._bars_font)
        aside = (len(pattern) * module - metrics.horizontalAdvance(bars.digits)) / 2
        painter.setFont(self._bars_font)
        painter.drawText(place + QPointF(aside, height + metrics.ascent()), bars.digits)


class _Repeated:
    """Glyphs that stand at the same place of every label, as one run a page: a run for each label takes its time.

    Args:
        font: of all of them.
        glyphs: of a label.
        places: of each, from the label's upper left corner.
    """

    def __init__(self, font: QRawFont, glyphs: Sequence[int], places: Sequence[QPointF]) -> None:
        self._font, self._glyphs, self._places = font, list(glyphs), places
        self._runs: dict[tuple[float, float, int], QGlyphRun] = {}

    def on(self, spots: Sequence[QPointF]) -> QGlyphRun:
        """Those of a page whose labels have these corners."""
        page = (spots[0].x(), spots[0].y(), len(spots))
        if page not in self._runs:
            # Almost all pages of a job are alike.
            run = self._runs[page] = QGlyphRun()
            run.setRawFont(self._font)
            run.setGlyphIndexes(self._glyphs * len(spots))
            run.setPositions([spot + place for spot in spots for place in self._places])
        return self._runs[page]


class _Serial(_Repeated):
    """The serials of a batch, two lines of letters of one width."""

    def __init__(self, layout: Layout) -> None:
        dot = layout.dot
        x, y = (length / dot for length in layout.serial)
        size = SERIAL_SIZE / dot
        font = paper.font(size, fixed=True)
        raw, step = QRawFont.fromFont(font), QFontMetricsF(font).horizontalAdvance("W")
        signs = ALPHABET + " "
        self._glyph_of = dict(zip(signs, raw.glyphIndexesForString(signs), strict=True))
        lines = serial_lines(ALPHABET[:LENGTH])
        x += (SERIAL_WIDTH / dot - len(lines[0]) * step) / 2
        base = y + size * BASELINE
        places = [
            QPointF(x + step * n, base + row * size * LINE) for row, line in enumerate(lines) for n in range(len(line))
        ]
        super().__init__(raw, [], places)

    def on(self, spots: Sequence[QPointF], keys: Sequence[str] = ()) -> QGlyphRun:
        run = super().on(spots)
        shown = "".join(sign for key in keys for sign in serial_lines(key))
        run.setGlyphIndexes([self._glyph_of[sign] for sign in shown])
        return run


def _fitted(text: Text, layout: Layout) -> Iterator[_Repeated]:
    """A text as lines that fit. What does not fit ends in dots; a number gets smaller instead."""
    dot = layout.dot
    width, height = text.width / dot, text.size / dot
    font = paper.font(height, bold=text.bold)
    metrics = QFontMetricsF(font)
    if text.shrinks:
        while metrics.horizontalAdvance(text.text) > width and font.pixelSize() > 6:
            font = paper.font(font.pixelSize() - 1, bold=text.bold)
            metrics = QFontMetricsF(font)
    rest = text.text
    for line in range(text.lines):
        if line < text.lines - 1:
            shown = first_line(rest, lambda part: metrics.horizontalAdvance(part) <= width)
        else:
            shown = metrics.elidedText(rest, Qt.TextElideMode.ElideRight, width)
        shaped = QTextLayout(shown.strip(), font)
        shaped.beginLayout()
        shaped.createLine()
        shaped.endLayout()
        corner = QPointF(text.x / dot, text.y / dot + (line * LINE + BASELINE) * height - metrics.ascent())
        for run in shaped.glyphRuns():
            yield _Repeated(run.rawFont(), run.glyphIndexes(), [corner + place for place in run.positions()])
        rest = rest[len(shown) :].lstrip()


def write_pdf(job: Job, path: Path, tick: Callable[[int], object] = lambda _: None) -> None:
    """Write the labels as a PDF, whole or not at all.

    Args:
        tick: told how many labels each page had, before it is painted; what it raises ends the work.

    Raises:
        OSError: when the file cannot be written, or is a device and no file.
        BrokenWorldError: `glyph_missing`, `symbol_differs`.
    """
    painter = LabelPainter(job)
    pages = [partial(_ticked, page, tick) for page in painter.pages()]
    paper.write_pdf(path, pages, title=job.batch or job.keys[0], size=painter.size, dpi=painter.dpi)


def _ticked(page: Page, tick: Callable[[int], object], painter: QPainter) -> None:
    tick(len(page.keywords["keys"]))
    page(painter)


def system_printer() -> QPrinterInfo | None:
    """The system's own printer, where there is one."""
    from PySide6.QtPrintSupport import QPrinterInfo

    found = QPrinterInfo.defaultPrinter()
    return None if found.isNull() else found


def print_labels(job: Job, device: QPrinterInfo, tick: Callable[[int], object] = lambda _: None) -> None:
    """Print labels on a printer of the system.

    Args:
        tick: as in `write_pdf`; the pages before stay printed.

    Raises:
        BrokenWorldError: `glyph_missing`, `symbol_differs`, `printer_failed`.
    """
    from PySide6.QtPrintSupport import QPrinter

    labels = LabelPainter(job)
    printer = QPrinter(device)
    printer.setResolution(labels.dpi)
    printer.setPageSize(labels.size)
    printer.setPageMargins(QMarginsF(0, 0, 0, 0))
    painter = QPainter()
    if not painter.begin(printer):
        raise BrokenWorldError("printer_failed", printer=device.printerName())
    try:
        for number, page in enumerate(labels.pages()):
            if number:
                printer.newPage()
            _ticked(page, tick, painter)
    finally:
        painter.end()


def picture(job: Job, scale: int) -> QImage:
    """The first label as it comes out.

    Args:
        scale: pixels a dot.
    """
    labels = LabelPainter(job)
    preset, dot = job.layout.preset, job.layout.dot
    made = QImage(round(preset.width / dot) * scale, round(preset.height / dot) * scale, QImage.Format.Format_RGB32)
    made.fill(Qt.GlobalColor.white)
    painter = QPainter(made)
    try:
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.scale(scale, scale)
        x, y = preset.corner(0)
        painter.translate(-x / dot, -y / dot)
        labels.paint(painter, job.keys[:1])
    finally:
        painter.end()
    return made
