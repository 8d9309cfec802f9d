"""Codes that stay: on a shelf, a poster, a parcel or a badge, made as the labels of items are."""

from __future__ import annotations

import pytest
import zxingcpp
from PIL import Image

from core.shop.terminal import Terminal
from core.sync.hq import Hq, keep_hq


@pytest.fixture
def chained(shop):
    """A shop that knows a head office."""
    with Terminal(shop.home) as terminal:
        terminal.write(lambda session: keep_hq(session.connection, Hq("http://127.0.0.1:1", ""))).result()
    return shop


def test_a_code_comes_out_in_every_form_and_can_be_scanned(chained, tmp_path):
    chained.ok("staff", "add", "--id", "G1", "--name", "陈静", "--role", "guide")
    chained.ok("touchpoint", "set", "shelf", "--name", "货架一")
    folder = tmp_path / "png"
    where = {"--pdf": "code.pdf", "--zpl": "code.zpl", "--tspl": "code.tspl", "--csv": "code.csv"}
    files = [part for option, name in where.items() for part in (option, str(tmp_path / name))]
    code = chained.ok("touchpoint", "code", "shelf", "--guide", "G1", "--png", str(folder), *files)
    assert (code["touchpoint"], code["guide"]) == ("shelf", "G1")
    (picture,) = folder.iterdir()
    assert [one.text for one in zxingcpp.read_barcodes(Image.open(picture))] == [code["link"]]
    assert all((tmp_path / name).stat().st_size > 40 for name in where.values())
    assert code["link"] in (tmp_path / "code.csv").read_text()
    assert chained.ok("touchpoint", "code", "shelf", "--guide", "G1")["token"] == code["token"]
    assert chained.ok("touchpoint", "code", "shelf")["token"] != code["token"]
    assert chained.ok("scan", code["link"])["known"] is False
    assert chained.ok("doctor")["ok"]


def test_without_a_head_office_nobody_could_answer_it(shop):
    done = shop("touchpoint", "code", "--json")
    assert (done.code, done.json["error"]) == (1, "no_hq")
