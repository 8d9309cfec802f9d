"""What stands where on a label: everything in its place, and the symbol such that a scanner can read it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import combinations, product

import pytest

from core.codes import labels
from core.codes.labels import LINE, SERIAL_SIZE, SERIAL_WIDTH, Content, Layout
from core.codes.serial import LENGTH
from core.codes.symbols import table_for
from core.codes.uri import stem
from core.errors import RefusedError
from core.label_paper import PRESETS, RESOLUTIONS
from core.settings import SETTINGS, Settings
from core.shop import codes
from core.shop import labels as jobs
from core.shop.labels import Options
from core.shop.terminal import SYSTEM
from core.texts import sentence
from tests.builders import SCARF, WATER

GTIN = "09521000000377"
FULL = {
    "shop": "杨柳巷",
    "name": "云岭矿泉水 天然弱碱性 家庭分享装 很长的名字",
    "spec": "550ml",
    "price": "CNY 12,345.67",
    "date": "2026-11-23",
    "gtin": "9521000000377",
    "bars": "9521000000377",
}
FIELDS = ((), ("bars",), ("name", "spec", "price"), tuple(FULL)[:-1], tuple(FULL))
LONGEST_HOST = "a" * 40 + ".com"
LINKS = tuple(product(("id.example.com", LONGEST_HOST), (True, False)))
"""Hosts, and whether links are in capital letters."""

LEAST, MOST = 0.396, 0.990
LEAST_BAR, MOST_BAR = 0.264, 0.660
A_HAIR = 1e-6

Box = tuple[float, float, float, float]


def content(*fields: str) -> Content:
    return Content(**{field: FULL[field] for field in fields})


def side_of(host: str, *, upper: bool) -> int:
    return table_for(stem(host, GTIN, upper=upper), LENGTH).side


def boxes(layout: Layout) -> dict[str, Box]:
    """The room of each thing on a label, what must stay light around it counted."""
    (x, y), quiet, side = layout.symbol, 4 * layout.module, layout.side * layout.module
    left, top = layout.serial
    found = {
        "symbol": (x - quiet, y - quiet, x + side + quiet, y + side + quiet),
        "serial": (left, top, left + SERIAL_WIDTH, top + 2 * LINE * SERIAL_SIZE),
    }
    for text in layout.texts:
        found[text.text] = (text.x, text.y, text.x + text.width, text.y + text.lines * 1.25 * text.size)
    if bars := layout.bars:
        end = bars.x + (95 + 7) * bars.module
        found["bars"] = (bars.x - 11 * bars.module, bars.y, end, bars.y + bars.height + 2.5)
    return found


def whole_dots(length: float, layout: Layout) -> bool:
    return abs(length / layout.dot - round(length / layout.dot)) < A_HAIR


def overlap(one: Box, other: Box) -> bool:
    return (
        one[0] < other[2] - A_HAIR
        and other[0] < one[2] - A_HAIR
        and one[1] < other[3] - A_HAIR
        and other[1] < one[3] - A_HAIR
    )


@pytest.mark.parametrize("dpi", RESOLUTIONS)
@pytest.mark.parametrize("paper", PRESETS)
def test_what_is_composed_has_its_room_on_the_label_and_what_is_refused_has_none(paper, dpi):
    preset, composed = PRESETS[paper], 0
    for fields, (host, upper) in product(FIELDS, LINKS):
        case, side = f"{fields} {host} {upper}", side_of(host, upper=upper)
        try:
            layout = labels.compose(preset, content(*fields), side=side, dpi=dpi)
        except RefusedError as refused:
            full = refused.code == "label_too_full" and len(fields) > 3
            assert full or no_room(refused.code, preset, side, dpi, bars="bars" in fields), case
            continue
        composed += 1
        assert LEAST <= layout.module <= MOST and whole_dots(layout.module, layout), case
        assert all(whole_dots(length, layout) for length in layout.symbol), case
        if layout.bars:
            assert LEAST_BAR <= layout.bars.module <= MOST_BAR and whole_dots(layout.bars.module, layout), case
        assert {text.text for text in layout.texts} == {FULL[field] for field in fields if field != "bars"}, case
        found = boxes(layout)
        for name, (left, top, right, bottom) in found.items():
            assert left > -A_HAIR and top > -A_HAIR, (case, name)
            assert right < preset.width + A_HAIR and bottom < preset.height + A_HAIR, (case, name)
        for (name, one), (other_name, other) in combinations(found.items(), 2):
            assert not overlap(one, other), (case, name, other_name)
    assert composed


def no_room(code: str, preset, side: int, dpi: int, *, bars: bool) -> bool:
    """Whether the smallest symbol or the smallest bars that may be printed are too large indeed."""
    dot = 25.4 / dpi
    if code == "bars_too_wide":
        thinnest = next(n * dot for n in range(1, 99) if n * dot >= LEAST_BAR)
        return bars and (11 + 95 + 7) * thinnest > preset.width
    smallest = next(n * dot for n in range(1, 99) if n * dot >= LEAST)
    # Bars need 7 mm, their digits 2.6 mm, and 0.8 mm keep them apart from the rest.
    height = preset.height - (10.4 if bars else 0)
    return code == "label_too_small" and (side + 8) * smallest > min(preset.width, height)


@pytest.mark.parametrize(
    ("dpi", "module"),
    [(203, 4 * 25.4 / 203), (300, 6 * 25.4 / 300), (600, 12 * 25.4 / 600)],
)
def test_a_module_is_as_large_as_the_standard_wants_it_where_there_is_room(dpi, module):
    layout = labels.compose(PRESETS["40x30"], content(), side=29, dpi=dpi)
    assert layout.module == pytest.approx(module) and layout.module >= 0.495


def test_a_module_shrinks_before_a_label_is_refused():
    assert labels.compose(PRESETS["a4-65"], content(), side=29, dpi=300).module == pytest.approx(6 * 25.4 / 300)
    assert labels.compose(PRESETS["a4-65"], content(), side=37, dpi=300).module == pytest.approx(5 * 25.4 / 300)
    with pytest.raises(RefusedError, match="label_too_small"):
        labels.compose(PRESETS["a4-65"], content(), side=45, dpi=300)


def test_a_name_that_is_too_long_for_one_line_has_two():
    preset = PRESETS["40x30"]
    short = labels.compose(preset, Content(name="矿泉水", price="1"), side=29, dpi=203).texts
    long = labels.compose(preset, content("name", "price"), side=29, dpi=203).texts
    assert [text.lines for text in short] == [1, 1] and [text.lines for text in long] == [2, 1]
    assert long[1].y - long[0].y == pytest.approx(2 * (short[1].y - short[0].y))


@pytest.mark.parametrize(
    ("paper", "dpi", "side", "bars", "said"),
    [
        ("a4-65", 203, 41, "", "The symbol needs 25.0 mm each way so that scanners can read it;"
            " this label has 38.1 × 21.2 mm for it."),
        ("40x30", 203, 33, FULL["bars"], "The symbol needs 20.5 mm each way so that scanners can read it;"
            " this label has 40 × 19.6 mm for it."),
        ("40x30", 203, 29, FULL["bars"], "Bars that scanners can read need 42.4 mm; this label has 40 mm."
            " Leave the bars out."),
        ("60x40", 203, 29, "96385074", "96385074 is no EAN-13; there are no bars for it. Leave the bars out."),
        ("60x40", 203, 29, "19521000000374", "19521000000374 is no EAN-13; there are no bars for it."
            " Leave the bars out."),
    ],
)  # fmt: skip
def test_a_label_that_no_scanner_could_read_is_refused_with_what_it_needs(paper, dpi, side, bars, said):
    with pytest.raises(RefusedError) as refused:
        labels.compose(PRESETS[paper], Content(bars=bars), side=side, dpi=dpi)
    assert sentence(refused.value) == said


def test_a_serial_is_printed_in_groups_of_four_on_two_lines():
    assert labels.serial_lines("2345678923456789") == ("2345 6789", "2345 6789")
    assert labels.serial_lines("ABCDEFGHJKLMNPQR") == ("ABCD EFGH", "JKLM NPQR")


@pytest.mark.parametrize("paper", [paper for paper, preset in PRESETS.items() if preset.sheet])
def test_the_labels_of_a_sheet_stand_on_it_beside_each_other(paper):
    preset = PRESETS[paper]
    corners = [preset.corner(place) for place in range(preset.labels)]
    found = [(x, y, x + preset.width, y + preset.height) for x, y in corners]
    assert len(set(corners)) == preset.labels == int(paper.removeprefix("a4-"))
    assert all(min(left, top) >= 0 and right <= 210 and bottom <= 297 for left, top, right, bottom in found)
    assert not any(overlap(one, other) for one, other in combinations(found, 2))
    # Along the rows.
    assert corners == sorted(corners, key=lambda corner: (corner[1], corner[0]))


def test_a_job_of_a_batch_has_its_links_its_place_and_its_layout(shop):
    batch = codes.issue(shop.terminal, SYSTEM, WATER.code, 5)
    serials = shop.terminal.read(partial(codes.serials_of, name=batch.name)).result()
    options = Options("a4-45", frozenset({"shop", "name", "spec", "price", "date", "gtin"}), 203, 4)
    job = shop.terminal.read(partial(jobs.prepare, text=f"{batch.name}:2-4", options=options)).result()
    assert (job.batch, job.first, list(job.keys), job.skip) == (batch.name, 1, serials[1:4], 3)
    assert job.uris() == [f"HTTPS://ID.EXAMPLE.COM/01/{WATER.code}/21/{serial}" for serial in serials[1:4]]
    assert job.name == f"{batch.name}-2-4"
    assert job.part(2).keys == serials[1:3]
    assert [text.text for text in job.layout.texts] == [
        "杨柳巷", "云岭矿泉水", "550ml", "CNY 2.00", "2026-11-23", "9521000000377",
    ]  # fmt: skip


def test_links_in_small_letters_make_a_larger_symbol(shop):
    batch = codes.issue(shop.terminal, SYSTEM, SCARF.code, 1)
    prepare = partial(jobs.prepare, text=batch.name, options=Options())
    small = shop.terminal.read(prepare).result()
    shop.set("code_letters", "lower")
    large = shop.terminal.read(prepare).result()
    assert large.uris()[0].startswith("https://id.example.com/01/") and small.layout.side < large.layout.side
    assert small.keys == large.keys


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"preset": "a3"}, "There is no such label. Papers: 40x30, 50x30, "),
        ({"fields": frozenset({"colour"})}, "There is no such label. Papers: "),
        ({"dpi": 204}, "There is no such label. Papers: "),
        ({"preset": "a4-45", "start": 0}, "This sheet has 45 labels; begin with one from 1 to 45."),
        ({"preset": "a4-45", "start": 46}, "This sheet has 45 labels; begin with one from 1 to 45."),
        ({"preset": "40x30", "start": 2}, "This sheet has 1 labels; begin with one from 1 to 1."),
    ],
)
def test_a_label_that_there_is_not_is_refused(changes, said):
    with pytest.raises(RefusedError) as refused:
        jobs.options_of(Settings({}), **changes)
    assert sentence(refused.value).startswith(said)


def test_the_shops_own_way_holds_until_something_else_is_said():
    own = Settings({"label": "a4-24", "label_fields": "price", "label_dpi": "300"})
    assert jobs.options_of(own) == Options("a4-24", frozenset({"price"}), 300, 1)
    assert jobs.options_of(own, dpi=203, start=24) == replace(jobs.options_of(own), dpi=203, start=24)
    assert jobs.options_of(own, fields=frozenset()).fields == frozenset()


def test_the_longest_host_that_a_shop_may_have_still_fits_every_paper():
    assert SETTINGS["resolver"].parse(LONGEST_HOST) == LONGEST_HOST
    with pytest.raises(ValueError, match=r"id\.example\.com"):
        SETTINGS["resolver"].parse("a" + LONGEST_HOST)
    for preset in PRESETS.values():
        assert labels.compose(preset, content("name"), side=side_of(LONGEST_HOST, upper=True), dpi=203)
