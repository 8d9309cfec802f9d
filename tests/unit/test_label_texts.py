"""Texts that go to a label printer as pictures: the same dots in each language, dark on light, no sign cut."""

from __future__ import annotations

import pytest

from core.codes.bitmap import text_ink, text_width
from core.codes.labels import Content, compose
from core.codes.printers import LANGUAGES
from core.label_paper import PRESETS
from tests import tspl, zpl

LONG = "云岭矿泉水天然弱碱性家庭分享装" * 3
DARK = 128


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("paper", ["40x30", "60x40", "tag"])
def test_a_label_has_the_same_dots_in_each_language_and_is_dark_on_light(paper, dpi):
    content = Content(shop="杨柳巷", name="云岭矿泉水 天然弱碱性", spec="550毫升")
    of, begin, keys = compose(PRESETS[paper], content, side=29, dpi=dpi), "HTTPS://ID.EXAMPLE.COM/01/1/21/", ["2" * 16]
    sent = {language: b"".join(make(of, begin, keys)) for language, make in LANGUAGES.items()}
    (one,), (other,) = zpl.Reader().read(sent["zpl"]), tspl.Reader(dpi).read(sent["tspl"])
    assert one.image.tobytes() == other.image.tobytes() and one.pictures and len(one.pictures) == len(other.pictures)
    # The shop's name is first, and not bold.
    dots = one.image.crop(one.pictures[0]).tobytes()
    assert 0.1 < sum(dot < DARK for dot in dots) / len(dots) < 0.5


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("height", [12, 24, 36])
def test_a_text_without_room_ends_in_dots_behind_a_whole_sign(height, bold):
    for width in range(4 * height, 6 * height, 5):
        shown = [LONG[:count] + "…" for count in range(len(LONG)) if text_width(LONG[:count] + "…", height) <= width]
        assert text_ink(LONG, height, width, bold) in [text_ink(text, height, 10 * width, bold) for text in shown[-2:]]


def test_a_text_with_room_is_whole():
    assert text_ink("云岭", 24, 48) == text_ink("云岭", 24, 480)
