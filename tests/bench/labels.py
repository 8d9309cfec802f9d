"""Label sheets, and a whole batch of codes: from the register to the last label of the PDF.

The peers are what a programmer writes first, with the same packages: a rectangle where modules are dark, a row a code.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter
from unittest import mock

from PySide6.QtCore import QCoreApplication, QMarginsF, QPointF, QRectF, Qt
from PySide6.QtGui import QPageSize, QPainter, QPdfWriter
from sqlite_utils import Database

from core.codes import serial
from core.codes.labels import BASELINE, LINE, SERIAL_SIZE, serial_lines
from core.codes.symbols import SymbolTable, table_for
from core.database import connect
from core.label_paper import INCH
from core.shop import codes, labels
from core.shop.labels import Job, Options
from core.shop.terminal import SYSTEM, Terminal, View
from tests.bench.fixtures import gtin, open_shop
from tests.bench.harness import Measurement, UnfitError, alternate
from tests.bench.symbols import keys, matrix
from ui.platform import ready_to_draw
from ui.printing import paper
from ui.printing.labels import write_pdf
from ui.printing.outlet import let_out

SHEET = 5_000
"""Labels of ours and of the peer."""

BATCH, PLAIN = 5_000, 300
"""Codes of ours and of the peer, which takes as long for each."""

RUNS = 5
MOST_BYTES = 300
"""A label, in the PDF."""

OPTIONS = Options(preset="a4-45")
Rectangles = list[QRectF]
_RUN = re.compile("1+")


def measure_sheet(folder: Path) -> Measurement:
    """Labels a second, from symbols to the PDF.

    Encoding has a benchmark of its own: both sides know their symbols before the clock starts. From there on ours
    checks three of them, packs those of a page into one picture and writes a whole file; the peer merges the modules of
    each into rectangles, which is most of its time, and draws those of a symbol in one call, the fastest there is.
    """
    _ = _application()
    form = sample(folder)
    violations: list[str] = []

    def ours(run: int) -> float:
        job, path = replace(form, keys=keys(SHEET)), folder / f"ours{run}.pdf"
        known = dict(zip(job.keys, job.table.symbols(job.keys), strict=True))
        with mock.patch.object(SymbolTable, "symbols", lambda _, tails: [known[tail] for tail in tails]):
            began = perf_counter()
            write_pdf(job, path)
            seconds = perf_counter() - began
        content = path.read_bytes()
        if b"DCTDecode" in content:
            violations.append("the PDF has a lossy image")
        if len(content) > MOST_BYTES * SHEET:
            violations.append(f"{len(content) / SHEET:.0f} bytes a label")
        return SHEET / seconds

    def peer(run: int) -> float:
        job = replace(form, keys=keys(SHEET))
        module = job.layout.module / job.layout.dot
        symbols = [job.table.rows(symbol) for symbol in job.table.symbols(job.keys)]
        began = perf_counter()
        draw(job, (merged(rows, module) for rows in symbols), folder / f"peer{run}.pdf")
        return SHEET / (perf_counter() - began)

    return Measurement("labels/s", *alternate(ours, peer, RUNS), violations=tuple(dict.fromkeys(violations)))


def measure_batch(folder: Path) -> Measurement:
    """Codes a second: issued, durable, encoded, printed into a PDF, and marked so.

    The peer stores a row a code, lets `qrcode` encode each and draws a rectangle a dark module, beside the same texts.
    """
    _ = _application()
    form = sample(folder)

    def ours(run: int) -> float:
        table_for.cache_clear()
        with Terminal(folder / "home") as terminal:
            began = perf_counter()
            batch = codes.issue(terminal, SYSTEM, gtin(3), BATCH)
            made = terminal.read(partial(labels.prepare, text=batch.name, options=OPTIONS)).result()
            let_out(terminal, SYSTEM, made, medium="pdf", where=str(folder / f"ours{run}.pdf"))
            return BATCH / (perf_counter() - began)

    def peer(run: int) -> float:
        began = perf_counter()
        made = ["".join(secrets.choice(serial.ALPHABET) for _ in range(serial.LENGTH)) for _ in range(PLAIN)]
        with closing(connect(folder / f"peer{run}.db")) as connection:
            rows = ({"serial": key, "gtin": gtin(3), "state": "issued", "batch": 1} for key in made)
            Database(connection)["unit"].insert_all(rows, pk="serial")
        drawn = (dark(matrix(form.stem + key), form.layout.module / form.layout.dot) for key in made)
        draw(replace(form, keys=made), drawn, folder / f"peer{run}.pdf")
        return PLAIN / (perf_counter() - began)

    return Measurement("codes/s", *alternate(ours, peer, RUNS))


def _application() -> QCoreApplication:
    """What Qt needs to draw. Nothing is shown, so a screen is not asked for."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return ready_to_draw()


def sample(folder: Path) -> Job:
    """A label as the shop in that folder wants it, without a code of its own yet."""
    home = open_shop(folder / "home", 10)
    with Terminal(home.folder) as terminal:

        def look(view: View) -> Job:
            return labels.sample(view, codes.product_for_codes(view, gtin(3)), OPTIONS, 0)

        return terminal.read(look).result()


def merged(rows: Sequence[int], module: float) -> Rectangles:
    """The dark modules as few rectangles in dots, greedily: runs across, and alike runs below each other."""
    going_on: dict[tuple[int, int], int] = {}
    found = []
    for y, row in enumerate((*rows, 0)):
        runs = {run.span(): going_on.pop(run.span(), y) for run in _RUN.finditer(f"{row:b}"[::-1])}
        found += [_rectangle(x, top, end - x, y - top, module) for (x, end), top in going_on.items()]
        going_on = runs
    return found


def dark(modules: Sequence[Sequence[bool]], module: float) -> Rectangles:
    """A rectangle a dark module."""
    return [_rectangle(x, y, 1, 1, module) for y, row in enumerate(modules) for x, is_dark in enumerate(row) if is_dark]


def _rectangle(x: int, y: int, width: int, height: int, module: float) -> QRectF:
    return QRectF(x * module, y * module, width * module, height * module)


def draw(job: Job, drawn: Iterable[Rectangles], path: Path) -> None:
    """The peer's sheet: the same texts, symbols as rectangles, none of which is kept."""
    layout, dot = job.layout, job.layout.dot
    writer = QPdfWriter(str(path))
    writer.setResolution(round(INCH / dot))
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    painter = QPainter()
    if not painter.begin(writer):
        raise UnfitError(os.strerror(5))
    fonts = {text: paper.font(text.size / dot, bold=text.bold) for text in layout.texts}
    small = paper.font(SERIAL_SIZE / dot, fixed=True)
    step, base = (SERIAL_SIZE / dot * share for share in (LINE, BASELINE))
    painter.setBrush(Qt.GlobalColor.black)
    for number, (key, rectangles) in enumerate(zip(job.keys, drawn, strict=True)):
        place = number % layout.preset.labels
        if number and not place:
            writer.newPage()
        x, y = (length / dot for length in layout.preset.corner(place))
        left, top = x + layout.symbol[0] / dot, y + layout.symbol[1] / dot
        painter.setPen(Qt.PenStyle.NoPen)
        painter.translate(left, top)
        painter.drawRects(rectangles)
        painter.translate(-left, -top)
        painter.setPen(Qt.GlobalColor.black)
        for text, font in fonts.items():
            painter.setFont(font)
            painter.drawText(QPointF(x + text.x / dot, y + (text.y + text.size) / dot), text.text)
        painter.setFont(small)
        for n, line in enumerate(serial_lines(key)):
            painter.drawText(QPointF(x + layout.serial[0] / dot, y + layout.serial[1] / dot + base + n * step), line)
    painter.end()
