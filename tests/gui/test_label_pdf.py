"""Labels as a PDF: rasterised as printers do it, every symbol scanned, every text found, and no file by halves."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pypdf
import pytest
import zxingcpp
from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtPdf import QPdfDocument

from core.catalogue.product import Product
from core.codes.serial import grouped
from core.label_paper import INCH, PRESETS, Preset
from core.shop import codes, goods, labels
from core.shop.labels import Job, Options
from core.shop.selling import read_scan
from core.shop.terminal import SYSTEM
from tests.builders import Shop
from tests.label_canvas import PRINTED
from ui.printing.labels import write_pdf

THOROUGH = bool(os.environ.get("STORE_ASSISTANT_THOROUGH"))
COUNT = 1_000 if THOROUGH else 100
MOST_BYTES = 300
"""A label of a full sheet, in the PDF."""

DARK = 128
"""Below it, a dot is burnt."""

TEA = Product("09521000022942", "武夷山正山小种 红茶", 12_800, 130_000, "饮料", "250g")


@pytest.fixture
def stocked(shop: Shop) -> Shop:
    """A shop with goods that have a long Chinese name."""
    shop.terminal.write(partial(goods.set_product, by=SYSTEM, product=TEA)).result()
    return shop


def job(shop: Shop, count: int, *fields: str, gtin: str = TEA.code, **options: object) -> Job:
    """Labels of a new batch."""
    batch = codes.issue(shop.terminal, SYSTEM, gtin, count)
    chosen = Options(fields=frozenset(fields or ("name", "spec", "price")), **options)
    return shop.terminal.read(partial(labels.prepare, text=batch.name, options=chosen)).result()


def fields_of(paper: str) -> tuple[str, ...]:
    """What there is room for."""
    usual = ("name", "spec", "price")
    return usual if paper == "a4-65" else ("shop", *usual, "date", "gtin")


@contextmanager
def opened(path: Path) -> Iterator[QPdfDocument]:
    document = QPdfDocument()
    document.load(str(path))
    try:
        yield document
    finally:
        document.close()
        document.deleteLater()


def rasters(path: Path, dpi: int) -> Iterator[Image.Image]:
    """The pages as a printer of a resolution burns them: white paper, black ink."""
    with opened(path) as document:
        for number in range(document.pageCount()):
            size = document.pagePointSize(number)
            image = document.render(number, QSize(round(size.width() / 72 * dpi), round(size.height() / 72 * dpi)))
            image = image.convertToFormat(image.Format.Format_RGBA8888)
            ink = Image.frombytes("RGBA", (image.width(), image.height()), bytes(image.constBits()))
            paper = Image.new("RGBA", ink.size, "white")
            paper.alpha_composite(ink)
            yield paper.convert("L")


def cut(page: Image.Image, preset: Preset, dpi: int) -> Iterator[Image.Image]:
    """The labels of a page, each for itself, as they are peeled off."""
    for place in range(preset.labels):
        x, y = preset.corner(place)
        box = (x, y, x + preset.width, y + preset.height)
        yield page.crop(tuple(round(length / INCH * dpi) for length in box))


def scanned(path: Path, paper: str, dpi: int) -> list[str]:
    """What a scanner reads on each label, in order; empty for one without a symbol, and no label has two."""
    found = []
    for page in rasters(path, dpi):
        for label in cut(page, PRESETS[paper], dpi):
            texts = [symbol.text for symbol in zxingcpp.read_barcodes(label, PRINTED)]
            assert len(texts) <= 1
            found += texts or [""]
    return found


def written(path: Path) -> list[str]:
    """The text of each page, without the spaces; a PDF may name a sign by its radical."""
    return [
        re.sub(r"\s", "", unicodedata.normalize("NFKC", page.extract_text())) for page in pypdf.PdfReader(path).pages
    ]


def kinds(shop: Shop, uris: Sequence[str]) -> set[tuple[str, bool]]:
    """What the counter takes scans for."""

    def look(view) -> set[tuple[str, bool]]:
        return {(scan.kind, scan.known) for scan in (read_scan(view, uri) for uri in uris)}

    return shop.terminal.read(look).result()


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("paper", ["a4-45", "40x30", "tag"])
def test_every_symbol_of_a_pdf_is_another_unit_that_the_counter_knows(qapp, stocked, tmp_path, paper, dpi):
    made = job(stocked, COUNT, preset=paper, dpi=dpi)
    write_pdf(made, tmp_path / "labels.pdf")
    seen = scanned(tmp_path / "labels.pdf", paper, dpi)
    assert [text for text in seen if text] == made.uris() and len(set(made.uris())) == COUNT
    assert seen[:COUNT] == made.uris()
    assert kinds(stocked, seen[:COUNT]) == {("unit", True)}


@pytest.mark.parametrize("paper", list(PRESETS))
def test_every_paper_comes_out_with_the_symbol_in_its_place(qapp, stocked, tmp_path, paper):
    for letters in ("upper", "lower"):
        stocked.set("code_letters", letters)
        made = job(stocked, 3, *fields_of(paper), preset=paper, dpi=203)
        write_pdf(made, tmp_path / "labels.pdf")
        assert scanned(tmp_path / "labels.pdf", paper, 203)[:3] == made.uris()
        page = next(iter(rasters(tmp_path / "labels.pdf", 203)))
        width, height = PRESETS[paper].page
        # A PDF has whole points.
        assert page.size == pytest.approx((width / INCH * 203, height / INCH * 203), abs=2)


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("paper", list(PRESETS))
def test_a_symbol_keeps_its_quiet_zone_on_every_label_of_a_page(qapp, stocked, tmp_path, paper, dpi):
    """Four modules, but for a dot that is lost in rounding."""
    preset = PRESETS[paper]
    made = job(stocked, preset.labels, *fields_of(paper), preset=paper, dpi=dpi)
    write_pdf(made, tmp_path / "labels.pdf")
    (page,) = rasters(tmp_path / "labels.pdf", dpi)
    module = made.layout.module / made.layout.dot
    light = round(4 * module) - 1
    side = round(made.layout.side * module)
    for label in cut(page, preset, dpi):
        (symbol,) = zxingcpp.read_barcodes(label, PRINTED)
        corner = symbol.position.top_left
        wanted = [length / made.layout.dot for length in made.layout.symbol]
        assert abs(corner.x - wanted[0]) <= module and abs(corner.y - wanted[1]) <= module
        x, y = first_ink(label, round(corner.x), round(corner.y), round(module))
        ring = label.crop((x - light, y - light, x + side + light, y + side + light))
        ring.paste(255, (light - 1, light - 1, light + side + 1, light + side + 1))
        assert min(x, y) >= light and ring.getextrema()[0] >= DARK


def first_ink(label: Image.Image, x: int, y: int, around: int) -> tuple[int, int]:
    """The upper left dot of the symbol whose corner is about there."""
    corner = label.crop((x - around, y - around, x + 3 * around, y + 3 * around))
    ink = corner.point(lambda value: 255 if value < DARK else 0).getbbox()
    assert ink
    return x - around + ink[0], y - around + ink[1]


@pytest.mark.parametrize("paper", ["a4-45", "60x40"])
def test_a_pdf_is_small_sharp_and_can_be_searched(qapp, stocked, tmp_path, paper):
    made = job(stocked, 90, preset=paper)
    write_pdf(made, tmp_path / "labels.pdf")
    content = (tmp_path / "labels.pdf").read_bytes()
    assert b"DCTDecode" not in content and b"/BitsPerComponent 8" not in content
    assert content.count(b"/BitsPerComponent 1") == len(pypdf.PdfReader(tmp_path / "labels.pdf").pages)
    text = "".join(written(tmp_path / "labels.pdf"))
    for key in made.keys:
        assert grouped(key).replace(" ", "") in text
    assert text.count("250g") == 90 and text.count("CNY128.00") >= 90
    # Some of its signs share their glyph with a radical; and a long name is on two lines.
    assert text.count("武夷山正山小") >= 90


def test_a_sheet_needs_few_bytes_a_label(qapp, stocked, tmp_path):
    # What a font costs is shared by all labels: the more of them, the less each.
    few, many = (job(stocked, count, preset="a4-45") for count in (90, 450))
    sizes = []
    for made in (few, many):
        write_pdf(made, tmp_path / "labels.pdf")
        sizes.append((tmp_path / "labels.pdf").stat().st_size)
    assert (sizes[1] - sizes[0]) / 360 <= MOST_BYTES
    if THOROUGH:
        write_pdf(job(stocked, 1_000, preset="a4-45"), tmp_path / "labels.pdf")
        assert (tmp_path / "labels.pdf").stat().st_size <= 1_000 * MOST_BYTES


def test_a_used_sheet_is_printed_from_its_first_free_label_on(qapp, stocked, tmp_path):
    made = job(stocked, 50, preset="a4-45", start=43)
    write_pdf(made, tmp_path / "labels.pdf")
    seen = scanned(tmp_path / "labels.pdf", "a4-45", 203)
    assert seen[:42] == [""] * 42 and seen[42:92] == made.uris() and set(seen[92:]) == {""}
    assert [len(re.findall("250g", page)) for page in written(tmp_path / "labels.pdf")] == [3, 45, 2]


@pytest.mark.parametrize("start", [1, 45])
def test_sheets_that_are_just_full_bring_no_empty_one(qapp, stocked, tmp_path, start):
    made = job(stocked, 46 - start, preset="a4-45", start=start)
    write_pdf(made, tmp_path / "labels.pdf")
    assert len(pypdf.PdfReader(tmp_path / "labels.pdf").pages) == 1


def test_bars_of_a_pdf_can_be_scanned_beside_the_symbol(qapp, stocked, tmp_path):
    made = job(stocked, 24, "name", "price", "bars", preset="a4-24")
    write_pdf(made, tmp_path / "labels.pdf")
    (page,) = rasters(tmp_path / "labels.pdf", 203)
    for label, uri in zip(cut(page, PRESETS["a4-24"], 203), made.uris(), strict=True):
        found = {symbol.text: symbol.format for symbol in zxingcpp.read_barcodes(label, PRINTED)}
        assert found == {uri: zxingcpp.BarcodeFormat.QRCode, "9521000022942": zxingcpp.BarcodeFormat.EAN13}


def test_a_symbol_that_is_not_qrcodes_own_is_not_printed(qapp, stocked, tmp_path, monkeypatch):
    from core.codes.symbols import SymbolTable
    from core.errors import BrokenWorldError

    made = job(stocked, 5)
    right = SymbolTable.symbol
    monkeypatch.setattr(SymbolTable, "symbol", lambda table, tail: right(table, tail) ^ 1 << 500)
    with pytest.raises(BrokenWorldError, match="symbol_differs"):
        write_pdf(made, tmp_path / "labels.pdf")
    assert not list(tmp_path.glob("labels*"))
