"""The walk through the whole program, in a real window: from an empty home to a day that was looked at."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli import ROOT

pytestmark = [pytest.mark.screen, pytest.mark.xdist_group("screen")]

LANGUAGES = ("zh_CN", "en") if os.environ.get("STORE_ASSISTANT_THOROUGH") else ("zh_CN",)
PICTURES = 20
MOST_KEYS, MOST_TOUCHES = 25, 12
"""From the first start to the first sale, besides names."""


def walked(display: str, *arguments: str) -> dict[str, Any]:
    """Let a walk run on a display. Returns what it told."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**os.environ, "DISPLAY": display},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.mark.parametrize(("by", "language"), [("keyboard", "zh_CN"), ("touch", "en")])
def test_a_shop_is_opened_and_sells(display: str, tmp_path: Path, by: str, language: str) -> None:
    counted = walked(display, "tests.e2e.walk", str(tmp_path / "walk"), "--by", by, "--language", language)
    assert counted["keys"] <= MOST_KEYS * (by == "keyboard") and counted["touches"] <= MOST_TOUCHES * (by == "touch")
    assert len(list((tmp_path / "walk").glob("*.png"))) >= PICTURES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hundred_labels_are_printed_two_sold_and_one_void(display: str, tmp_path: Path, language: str) -> None:
    told = walked(display, "tests.e2e.codes_walk", str(tmp_path / "walk"), "--language", language)
    assert told["balance"] == {"issued": 100, "on_hand": 97, "sold": 2, "void": 1, "missing": 0}
    assert len(set(told["links"])) == 100
    (sheet,) = (tmp_path / "walk" / "home" / "labels").glob("*.pdf")
    assert sheet.name in told["said"] and sheet.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_badge_tells_what_head_office_lacks(display: str, tmp_path: Path, language: str) -> None:
    told = walked(display, "tests.e2e.hq_walk", str(tmp_path / "walk"), "--language", language)
    assert len({told[when] for when in ("alone", "joined", "waits")}) == 3
    assert told["all there"] == told["joined"]
    # A unit that two tills sold is settled in the tray; head office lists it no more.
    assert told["tray"] == [1, 0] and told["conflicts"] == 0
    # This morning's in the demo shop, those of the walk, and the other till's.
    assert told["orders"] == 42 + 5 + 1


@pytest.mark.parametrize("language", ("zh_CN", "en"))
def test_a_member_is_bound_by_few_keys_and_nobody_has_to_be(display: str, tmp_path: Path, language: str) -> None:
    told = walked(display, "tests.e2e.members_walk", str(tmp_path / "walk"), "--language", language)
    assert told["keys"] <= 15 and told["touches"] <= 5
    assert told["with_member"] == told["price"] and told["refused"] == [told["price"], "", ""]
    # A point for each whole of the price, each worth a twentieth of that.
    points = told["price"] // 100
    assert told["with_points"] == [told["price"] - 5 * points, points]
    assert len(list((tmp_path / "walk").glob("*.png"))) >= 9
