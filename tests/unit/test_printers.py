"""What label printers are sent, read back as strictly as a printer may, drawn dot for dot, and scanned."""

from __future__ import annotations

import os
import re
from functools import cache

import pytest

from core.codes import labels, serial
from core.codes.labels import Content, Layout
from core.codes.printers import LANGUAGES
from core.codes.symbols import table_for
from core.codes.uri import stem
from core.errors import BrokenWorldError, RefusedError
from core.label_paper import PRESETS
from tests import tspl, zpl
from tests.label_canvas import Label, SpoiledError, overlap

COUNT = 1_000 if os.environ.get("STORE_ASSISTANT_THOROUGH") else 100
GTIN = "09521000000377"
FULL = {
    "shop": "杨柳巷 Willow Lane",
    "name": "云岭矿泉水 天然弱碱性 家庭分享装",
    "spec": "550ml",
    "price": "CNY 2.00",
    "date": "2026-11-23",
    "gtin": "9521000000377",
    "bars": "9521000000377",
}
ALL_BUT_BARS = tuple(FULL)[:-1]
USUAL = ("name", "spec", "price")
HOST, LONGEST_HOST = "id.example.com", "a" * 40 + ".com"
UPPER = stem(HOST, GTIN, upper=True)


@cache
def keys(count: int) -> tuple[str, ...]:
    """Serials as a shop has them."""
    entropy = b"".join(place.to_bytes(3, "big") for place in range(count))
    return tuple(serial.mint(serial.own_block(20_261_123), count, entropy, b"a chain's key").serials())


def layout(paper: str, dpi: int, *fields: str, begin: str = UPPER, **texts: str) -> Layout:
    content = Content(**{field: texts.get(field, FULL[field]) for field in (*fields, *texts)})
    return labels.compose(PRESETS[paper], content, side=table_for(begin, serial.LENGTH).side, dpi=dpi)


def stream(language: str, of: Layout, begin: str = UPPER, serials: tuple[str, ...] = keys(1)) -> bytes:
    return b"".join(LANGUAGES[language](of, begin, serials))


def printed(language: str, dpi: int, sent: bytes) -> list[Label]:
    return tspl.Reader(dpi).read(sent) if language == "tspl" else zpl.Reader().read(sent)


each_language = pytest.mark.parametrize("language", LANGUAGES)
each_resolution = pytest.mark.parametrize("dpi", [203, 300])


@each_language
@each_resolution
@pytest.mark.parametrize("paper", ["40x30", "tag"])
def test_every_label_of_a_batch_can_be_scanned_and_no_two_are_alike(language, dpi, paper):
    of, serials = layout(paper, dpi, *USUAL), keys(COUNT)
    found = printed(language, dpi, stream(language, of, serials=serials))
    assert [label.scan() for label in found] == [{UPPER + key: "QRCode"} for key in serials]
    assert len({label.image.tobytes() for label in found}) == COUNT
    for label in found:
        label.check()


@each_language
@each_resolution
@pytest.mark.parametrize("paper", PRESETS)
def test_whatever_is_composed_comes_out_whole(language, dpi, paper):
    came_out = 0
    for host, upper in ((HOST, True), (HOST, False), (LONGEST_HOST, True), (LONGEST_HOST, False)):
        begin = stem(host, GTIN, upper=upper)
        for fields in ((), USUAL, ALL_BUT_BARS, ("bars",), tuple(FULL)):
            try:
                of = layout(paper, dpi, *fields, begin=begin)
            except RefusedError:
                continue
            came_out += 1
            (label,) = printed(language, dpi, stream(language, of, begin))
            label.check()
            expected = {begin + keys(1)[0]: "QRCode"} | ({FULL["bars"]: "EAN13"} if "bars" in fields else {})
            assert label.scan() == expected, (fields, begin)
            ((_, box, module),) = label.symbols
            # Where and as large as it was composed, to the dot.
            assert box[:2] == tuple(round(length / of.dot) for length in of.symbol)
            assert box[2] - box[0] == of.side * module and module == round(of.module / of.dot)
    assert came_out


@each_language
def test_a_printer_of_600_dots_is_told_no_module_larger_than_it_makes(language):
    (label,) = printed(language, 600, stream(language, layout("60x40", 600)))
    assert label.check().scan() == {UPPER + keys(1)[0]: "QRCode"}


@each_language
@pytest.mark.parametrize("name", ["矿泉水", "水" * 40, "Mineral water", "W" * 40, "水W" * 20])
def test_a_texts_picture_is_dark_only_where_the_text_is(language, name):
    of = layout("40x30", 203, name=name)
    (label,) = printed(language, 203, stream(language, of))
    text = of.texts[0]
    right, left = round((text.x + text.width) / of.dot), round(text.x / of.dot)
    top, bottom = round(text.y / of.dot), round((text.y + text.lines * 1.25 * text.size) / of.dot)
    for picture in (box for box in label.pictures if box[0] == left):
        ink = label.image.crop(picture).point(lambda value: 255 - value).getbbox()
        assert ink and ink[2] + left <= right
        # No column is dark from top to bottom, as no sign of these is.
        shown = label.image.crop(picture)
        columns = [shown.crop((x, 0, x + 1, shown.height)) for x in range(shown.width)]
        assert not any(column.getextrema() == (0, 0) for column in columns)
    assert label.image.crop((left, top, right, bottom)).getextrema() == (0, 255) or language == "zpl"


@each_language
@each_resolution
@pytest.mark.parametrize(
    ("field", "text"), [("shop", "杨柳巷 gjpqy|"), ("name", FULL["name"]), ("spec", "净含量：550毫升")]
)
def test_a_picture_of_a_text_keeps_to_the_height_of_its_lines(language, dpi, field, text):
    of = layout("60x40", dpi, **{field: text})
    (label,) = printed(language, dpi, stream(language, of))
    (box,) = of.texts
    beside = label.image.crop((round(box.x / of.dot), 0, label.width, label.height))
    _, top, _, bottom = beside.point(lambda value: 255 - value).getbbox() or (0, 0, 0, 0)
    assert round(box.y / of.dot) <= top < bottom <= round((box.y + box.lines * 1.25 * box.size) / of.dot)


def test_another_jobs_bars_move_no_symbol_of_zpl():
    of, sent = layout("40x30", 203, *USUAL), stream("zpl", layout("40x30", 203, *USUAL))
    places = {zpl.Reader(bar_height).read(sent)[0].check().symbols[0][1][:2] for bar_height in (1, 10, 100)}
    assert places == {tuple(round(length / of.dot) for length in of.symbol)}


def test_texts_that_would_command_a_zebra_are_only_text():
    nasty = "~JA^XZ_5E_"
    (label,) = zpl.Reader().read(stream("zpl", layout("60x40", 203, spec=nasty)))
    assert nasty in [text for text, _ in label.written]


@each_language
def test_a_quote_or_a_line_end_in_a_text_ends_no_command(language):
    (label,) = printed(language, 203, stream(language, layout("60x40", 203, spec='1" PRINT 9\\["]', shop="“水”")))
    assert label.check().scan()


def test_serial_and_ascii_are_the_zebras_own_type_and_the_rest_are_pictures():
    (label,) = zpl.Reader().read(stream("zpl", layout("40x30", 203, *USUAL)))
    key = keys(1)[0]
    assert [text for text, _ in label.written] == [
        "550ml", "CNY 2.00", f"{key[:4]} {key[4:8]}", f"{key[8:12]} {key[12:]}",
    ]  # fmt: skip
    assert len(label.pictures) == 2


@each_resolution
def test_what_a_zebra_writes_itself_stands_on_nothing_else(dpi):
    (label,) = zpl.Reader().read(stream("zpl", layout("60x40", dpi, *ALL_BUT_BARS)))
    boxes = [box for _, box in label.written]
    assert not [(one, other) for one in boxes for other in boxes if one < other and overlap(one, other)]
    assert all(label.image.crop(box).getextrema() == (255, 255) for box in boxes)


@pytest.mark.parametrize("field", ["shop", "spec", "price"])
def test_a_zebra_gets_no_line_that_its_block_has_no_room_for(field):
    """What does not fit on a block's one line, the firmware prints over its beginning."""
    (label,) = zpl.Reader().read(stream("zpl", layout("40x30", 203, **{field: "Willow Lane Supermarket 1234567890"})))
    # Font 0 has no letter narrower than a quarter of its height, and few below the half.
    assert all(0.4 * (bottom - top) * len(text) <= right - left for text, (left, top, right, bottom) in label.written)


def test_a_roll_of_tspl_is_described_once_and_before_the_first_label():
    sent = stream("tspl", layout("60x40", 203), serials=keys(3))
    assert sent.startswith(b"SIZE 60 mm,40 mm\r\nGAP 2 mm,0\r\nDIRECTION 1,0\r\nCLS\r\n")
    assert (sent.count(b"SIZE"), sent.count(b"CLS\r\n"), sent.count(b"PRINT 1,1\r\n")) == (1, 3, 3)


@each_language
def test_a_sign_that_the_font_lacks_is_refused_before_the_first_label(language):
    made = LANGUAGES[language](layout("60x40", 203, name="水\U0001f600"), UPPER, keys(2))
    with pytest.raises(BrokenWorldError, match="glyph_missing"):
        next(made)


SPOILED = [
    (b'QRCODE 16,16,M,4,A,0,"', b'QRCODE 16,16,M,4,B,0,"'),
    (b'QRCODE 16,16,M,4,A,0,"', b'QRCODE 16,16,M,11,A,0,"'),
    (b'QRCODE 16,16,M,4,A,0,"', b'QRCODE 8,16,M,4,A,0,"'),
    (b'QRCODE 16,16,M,4,A,0,"', b'QRCODE 216,16,M,4,A,0,"'),
    (b'QRCODE 16,16,M,4,A,0,"', b'QRCODE 16,16,M,4,A,0,""'),
    (b"CLS\r\n", b"CLS\n"),
    (b"CLS\r\n", b"CLS\r\nEOP\r\n"),
    (b"CLS\r\n", b""),
    (b"PRINT 1,1\r\n", b""),
    (b"GAP 2 mm,0\r\n", b"GAP 2mm,0\r\n"),
    (b"SIZE 40 mm,30 mm\r\n", b""),
]


@pytest.mark.parametrize(("part", "other"), SPOILED)
def test_the_reader_of_tspl_takes_nothing_but_whole_labels(part, other):
    sent = stream("tspl", layout("40x30", 203))
    assert tspl.Reader(203).read(sent)[0].check() and sent.count(part)
    with pytest.raises(SpoiledError):
        tspl.Reader(203).read(sent.replace(part, other, 1))[0].check()


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("^CI28", "^CI27"),
        ("^PW320", "^PW200"),
        ("^LL240", "^LL100"),
        ("^XZ", ""),
        ("^FDMA,", "^FDM,"),
        ("^FDMA,", "^FDMA,~JA"),
        (r"\^BQN,2,4", "^BQN,2,11"),
        (r"\^FO16,6", "^FO10,6"),
        (r"\^FO16,6", "^FO16,0"),
        (r"\^FB\d+,1,0,L", "^FB400,1,0,L"),
        (r"\^FH\^FD", "^FH^FD_G"),
        (r"\^GFA,(\d+),", "^GFA,1,"),
        (r"(\^GFA,.*)[0-9A-F]\^FS", r"\1^FS"),
        (r"\^A0N,", "^ADN,"),
        ("^XA", "^XA^JUS"),
    ],
)
def test_the_reader_of_zpl_takes_nothing_but_whole_labels(part, other):
    sent = stream("zpl", layout("40x30", 203, *USUAL)).decode()
    assert zpl.Reader().read(sent.encode())[0].check()
    spoiled = re.sub(part if part.startswith((r"\^", "(")) else re.escape(part), other, sent, count=1)
    assert spoiled != sent
    with pytest.raises(SpoiledError):
        zpl.Reader().read(spoiled.encode())[0].check()
