"""Tasks, theme, single instance, receipts on paper."""

from __future__ import annotations

import os
import sys
import threading
import unicodedata
from collections.abc import Callable
from itertools import product

import pypdf
import pytest
import zxingcpp
from PIL import Image
from PySide6.QtCore import QSize, QTimer
from PySide6.QtPdf import QPdfDocument

from core.errors import BrokenWorldError, RefusedError
from core.sales.receipt import compose
from core.shop.people import arrive
from core.shop.terminal import SYSTEM
from tests.builders import RICE, WATER
from ui import theme
from ui.app import application, picture, run
from ui.printing.receipt import write_pdf
from ui.tasks import Tasks
from ui.window import Window


def test_void_calls_of_qt_do_not_eat_none(qapp):
    # PySide6 6.12.0 on Python 3.11 loses a reference to None in every such call, and aborts in the end.
    before = sys.getrefcount(None)
    for _ in range(500):
        qapp.processEvents()
    assert before - sys.getrefcount(None) < 100


def test_a_result_comes_back_on_the_thread_that_asked(qtbot, shop, no_error):
    tasks, found = Tasks(shop.terminal), []
    tasks.db(lambda s: (s.settings["store"], threading.current_thread().name), found.append, no_error)
    tasks.read(lambda v: v.settings["store"], lambda _store: found.append(threading.current_thread()), no_error)
    qtbot.waitUntil(lambda: len(found) == 2)
    assert ("S1", "store-writer") in found and threading.main_thread() in found


def test_a_refusal_comes_back_as_one(qtbot, shop):
    def refuse(_: object) -> None:
        raise RefusedError("cart_empty")

    tasks, failed = Tasks(shop.terminal), []
    tasks.db(refuse, pytest.fail, failed.append)
    qtbot.waitUntil(lambda: bool(failed))
    assert failed[0].code == "cart_empty"


def test_a_bug_is_raised_where_the_crash_hook_takes_it(qtbot, shop, no_error):
    with qtbot.captureExceptions() as exceptions:
        tasks = Tasks(shop.terminal)
        tasks.db(lambda _: 1 / 0, pytest.fail, no_error)
        qtbot.waitUntil(lambda: bool(exceptions))
    assert exceptions[0][0] is ZeroDivisionError


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PAIRS = [
    ("text", "background"), ("text", "surface"), ("muted", "background"), ("muted", "surface"),
    ("on_accent", "accent"), ("good", "accent_soft"), ("text", "accent_soft"), ("muted", "accent_soft"),
    ("good", "good_ground"), ("warn", "warn_ground"), ("bad", "bad_ground"), ("warn", "surface"),
    ("rail_text", "rail"),
]  # fmt: skip


@pytest.mark.parametrize(("tokens", "pair"), list(product((theme.LIGHT, theme.DARK), PAIRS)))
def test_text_stands_out_from_its_ground(tokens, pair):
    assert contrast(*(getattr(tokens, name) for name in pair)) >= 4.5


def test_the_window_can_be_drawn_without_a_screen(qapp, shop, tmp_path):
    shop.terminal.close()
    assert picture(shop.terminal.home.folder, tmp_path / "window.png", SYSTEM)
    with Image.open(tmp_path / "window.png") as image:
        assert image.size == (1366, 768)


def slip(shop, **settings: str):
    for name, value in settings.items():
        shop.set(name, value)
    sale = shop.sell((WATER, 3), (RICE, 1))
    return sale, compose(sale, shop.terminal.read(lambda view: view.settings).result())


@pytest.mark.parametrize("width", ["58", "80"])
def test_a_receipt_on_paper_is_text_and_its_symbol_can_be_read(qapp, shop, tmp_path, width):
    sale, composed = slip(shop, receipt_width=width, receipt_footer="谢谢光临")
    write_pdf(composed, tmp_path / "slip.pdf")
    (page,) = pypdf.PdfReader(tmp_path / "slip.pdf").pages
    assert round(float(page.mediabox.width) / 72 * 25.4) == int(width)
    # A PDF names some characters by their radical; they are the same letters.
    text = unicodedata.normalize("NFKC", page.extract_text())
    for part in ("云岭矿泉水", sale.receipt, "55.90", "谢谢光临"):
        assert part in text
    document = QPdfDocument()
    document.load(str(tmp_path / "slip.pdf"))
    size = document.pagePointSize(0)
    dots = QSize(round(size.width() / 72 * 203), round(size.height() / 72 * 203))
    document.render(0, dots).save(str(tmp_path / "slip.png"))
    document.close()
    document.deleteLater()
    with Image.open(tmp_path / "slip.png") as ink:
        paper = Image.new("RGBA", ink.size, "white")
        paper.alpha_composite(ink.convert("RGBA"))
        (symbol,) = zxingcpp.read_barcodes(paper.convert("L"))
    assert symbol.text == sale.receipt


def test_a_sign_that_the_font_lacks_refuses_to_print(qapp, shop, tmp_path):
    _, composed = slip(shop, name="\U0001f600")
    with pytest.raises(BrokenWorldError, match="glyph_missing"):
        write_pdf(composed, tmp_path / "slip.pdf")
    assert not list(tmp_path.glob("slip*"))


def test_a_folder_that_is_not_there(qapp, shop, tmp_path):
    _, composed = slip(shop)
    with pytest.raises(FileNotFoundError):
        write_pdf(composed, tmp_path / "nowhere" / "slip.pdf")


def test_a_receipt_never_takes_the_place_of_a_device(qapp, shop, tmp_path):
    _, composed = slip(shop)
    pipe, link = tmp_path / "pipe", tmp_path / "link.pdf"
    os.mkfifo(pipe)
    link.symlink_to(tmp_path / "slip.pdf")
    with pytest.raises(OSError, match="Invalid argument"):
        write_pdf(composed, pipe)
    write_pdf(composed, link)
    assert pipe.is_fifo() and link.is_symlink() and (tmp_path / "slip.pdf").read_bytes().startswith(b"%PDF")


def test_the_font_has_every_sign_of_the_texts(qapp):
    from PySide6.QtGui import QRawFont

    from tests.texts import TRANSLATED, read_catalogue

    raw = QRawFont.fromFont(theme.font("normal"))
    for language in TRANSLATED:
        for message in read_catalogue(language):
            if message.id:
                assert all(raw.supportsCharacter(ord(c)) for c in message.string if not c.isspace()), message.string


def test_where_there_is_no_shop_the_first_start_asks_for_one_and_leaves_nothing_behind(qapp, tmp_path):
    looking = close_when(lambda window: window.setup is not None)
    assert run(tmp_path / "home") == 0
    looking.stop()
    sys.excepthook = sys.__excepthook__
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["writer.lock"]


def close_when(reached: Callable[[Window], bool]) -> QTimer:
    """Close the program's window as soon as it is so far."""
    looking = QTimer()

    def look() -> None:
        for widget in application().topLevelWidgets():
            if isinstance(widget, Window) and widget.isVisible() and reached(widget):
                looking.stop()
                widget.close()

    looking.timeout.connect(look)
    looking.start(50)
    return looking


def test_the_window_stands_before_the_shop_is_open_and_opens_it(qapp, shop):
    shop.terminal.close()
    looking = close_when(lambda window: window.sell is not None and bool(window.sell.state.date))
    assert run(shop.terminal.home.folder) == 0
    looking.stop()
    assert (shop.terminal.home.logs / "crash.log").exists()
    sys.excepthook = sys.__excepthook__


def test_what_is_scanned_before_the_rooms_are_open_is_not_lost(qtbot, shop):
    window = Window("S1", "T1", theme.LIGHT)
    qtbot.addWidget(window)
    window.scanner.scanned.emit(WATER.shown_code)
    settings = shop.terminal.write(lambda s: s.settings).result()
    window.open_rooms(Tasks(shop.terminal, window), settings, shop.terminal.read(arrive).result())
    window.start()
    qtbot.waitUntil(lambda: window.sell.state.cart.pieces == 1)
    window.close()


@pytest.mark.logs
def test_a_shop_that_cannot_be_opened_is_a_sentence_and_no_window(qapp, shop):
    shop.terminal.close()
    file = shop.terminal.home.file
    file.write_bytes(b"nonsense" * 1000)
    with pytest.raises(BrokenWorldError, match="file_damaged"):
        run(shop.terminal.home.folder)


def test_a_second_window_on_one_home_calls_the_first(qtbot, shop):
    from ui.instance import answer, call

    calls = []

    class Front(Window):
        def raise_(self) -> None:
            calls.append("front")

    window = Front("S1", "T1", theme.LIGHT)
    qtbot.addWidget(window)
    server = answer(shop.terminal.home.folder, window)
    assert call(shop.terminal.home.folder)
    qtbot.waitUntil(lambda: bool(calls))
    server.close()
    assert not call(shop.terminal.home.folder)
    window.close()
