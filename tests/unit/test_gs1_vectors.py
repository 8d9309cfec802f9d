"""Published examples of GTINs and of GS1 Digital Links, and what this shop makes of each.

Where the shop is stricter than the examples, or does not judge what they judge, a test names the rule.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from core.codes import gs1
from core.sales.reading import Reading, ReadingKind, read
from core.shop import goods, selling
from core.shop.terminal import SYSTEM
from tests.builders import WATER

pytestmark = pytest.mark.data

FIXED = {"00": 18, "01": 14, "02": 14, "17": 6, "414": 13, "3103": 6}
"""Identifiers whose values are all of one length, and need no mark at their end."""

OTHERS = ("10", "21", "22", "235", "253", "254", "37", "3922", "401", "8004", "8018", "8019", "89", "98", "99")
SERIAL = re.compile(r"[!-\"%-/0-9:-?A-Z_a-z]{1,20}")
"""GS1 General Specifications, character set 82, and at most twenty of them."""

IN_PATH_ONLY = {"10", "21", "22", "235"}


@pytest.fixture
def links(data: Path) -> dict:
    return json.loads((data / "gs1_dl_vectors.json").read_text("utf-8"))


@pytest.fixture
def gtins(data: Path) -> dict:
    return json.loads((data / "gtin_vectors.json").read_text("utf-8"))


def elements(text: str) -> dict[str, str]:
    """An element string whose marks are carets, by identifier."""
    found = {}
    for part in filter(None, text.split("^")):
        rest = part
        while rest:
            ai = next(ai for ai in sorted((*FIXED, *OTHERS), key=len, reverse=True) if rest.startswith(ai))
            size = FIXED.get(ai, len(rest))
            found[ai], rest = rest[len(ai) : len(ai) + size], rest[len(ai) + size :]
    return found


def is_gtin(text: str) -> bool:
    """By the book: threes and ones from the right."""
    if not re.fullmatch(r"\d{8}|\d{12,14}", text, re.ASCII) or not int(text):
        return False
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(text[::-1])) % 10 == 0


def query_keys(uri: str) -> set[str]:
    return {key for key, _ in parse_qsl(urlsplit(uri).query, keep_blank_values=True)}


def meaning(reading: Reading) -> tuple[object, ...]:
    """All that a reading says, but for the text that it was."""
    return reading.kind, reading.code, reading.keys, reading.reason


def is_what(reading: Reading, said: dict[str, str]) -> None:
    """A reading says what an element string says of what a till asks for."""
    keys = reading.keys
    assert (keys.gtin, keys.serial, keys.lot, keys.sscc) == tuple(said.get(ai, "") for ai in ("01", "21", "10", "00"))
    assert keys.expiry.replace("-", "")[2:] == said.get("17", "")
    kind = ReadingKind.PRODUCT if keys.gtin else ReadingKind.BOX if keys.sscc else ReadingKind.UNKNOWN
    assert (reading.kind, reading.code) == (kind, keys.gtin)
    assert reading.reason == ("no_item_in_code" if kind is ReadingKind.UNKNOWN else "")


def lot_of_a_box(vector: dict) -> bool:
    return "/00/" in vector["uri"] and "10" in query_keys(vector["uri"])


class TestLinks:
    def plain(self, links: dict, *, ok: bool) -> Iterator[dict]:
        return (v for v in links["parse"] if v["ok"] is ok and not v["options"])

    def test_a_link_says_what_its_element_string_says(self, links):
        count = 0
        for vector in self.plain(links, ok=True):
            if not lot_of_a_box(vector):
                is_what(read(vector["uri"]), elements(vector["element_string"]))
                count += 1
        assert count > 25

    def test_a_box_is_never_goods_whatever_it_says_of_its_contents(self, links):
        found = [v for v in self.plain(links, ok=True) if lot_of_a_box(v)]
        assert found and all(read(v["uri"]).kind is not ReadingKind.PRODUCT for v in found)

    def test_a_gtin_in_a_link_has_exactly_fourteen_digits(self, links):
        short = [v["uri"] for v in links["parse"] if "permitZeroSuppressedGTINinDLuris" in v["options"]]
        assert len(short) > 5
        for uri in short:
            in_path = "/01/" in uri
            assert read(uri).reason == ("gtin_length" if in_path else "bad_gs1")

    def test_names_of_keys_in_letters_are_no_keys_any_more(self, links):
        named = [v["uri"] for v in links["parse"] if "permitConvenienceAlphas" in v["options"]]
        assert named and all(read(uri).reason == "bad_gs1" for uri in named)

    def test_what_is_no_link_is_nothing_to_sell(self, links):
        count = 0
        for vector in self.plain(links, ok=False):
            uri = vector["uri"]
            if not urlsplit(uri).query and uri[:4] in ("http", ""):
                assert (read(uri).kind, read(uri).code) == (ReadingKind.UNKNOWN, "")
                count += 1
        assert count > 10

    def test_what_belongs_in_the_path_is_not_taken_from_the_query(self, links):
        found = [v["uri"] for v in self.plain(links, ok=False) if query_keys(v["uri"]) & IN_PATH_ONLY]
        assert found and all(read(uri).reason == "bad_gs1" for uri in found)

    def test_attributes_that_no_till_reads_are_not_judged(self, links):
        """A shop sells what has a good GTIN, whatever else a maker appends to it."""
        found = [v["uri"] for v in links["parse"] if v["ok"] is False and query_keys(v["uri"])]
        found += [v["uri"] for v in links["parse"] if "permitUnknownAIs" in v["options"]]
        judged = 0
        for uri in found:
            reading, path = read(uri), read(uri.partition("?")[0])
            assert reading.kind is ReadingKind.UNKNOWN or meaning(reading) == meaning(path)
            judged += reading.kind is ReadingKind.PRODUCT
        assert judged > 0

    def test_a_scheme_may_be_in_any_letters(self, links):
        """RFC 3986, §3.1; Caps Lock on a keyboard scanner is enough for it."""
        for vector in (*self.plain(links, ok=True), *self.plain(links, ok=False)):
            uri = vector["uri"]
            assert meaning(read(uri.replace("http", "HtTp", 1))) == meaning(read(uri.replace("HtTp", "http", 1)))

    def test_an_element_string_of_each_link_says_the_same(self, links):
        for vector in self.plain(links, ok=True):
            said = vector["element_string"]
            reading = read("]d2" + said[1:].replace("^", "\x1d"))
            is_what(reading, elements(said))

    def test_a_link_made_of_element_strings_is_read_as_they_are(self, links):
        count = 0
        for vector in links["generate"]:
            uri, text = vector["uri"], vector["ai_data"]
            if vector["ok"] and "/01/" in uri:
                link, human = read(uri), read(text)
                assert (link.kind, link.code, link.keys) == (human.kind, human.code, human.keys)
                assert link.code in text and link.kind is ReadingKind.PRODUCT
                count += 1
        assert count >= 5

    def test_escapes_in_a_serial(self, links):
        kept = 0
        for vector in links["unescape"]:
            reading = read(f"https://a/01/{WATER.code}/21/{vector['input']}")
            fits = SERIAL.fullmatch(vector["path"]) is not None
            assert reading.keys.serial == (vector["path"] if fits else "")
            assert reading.kind is (ReadingKind.PRODUCT if fits else ReadingKind.UNKNOWN)
            kept += fits
        assert 5 < kept < len(links["unescape"])

    def test_what_is_escaped_is_read_back(self, links):
        signs = [sign for v in links["escape"] for sign in zip(v["input"], escapes(v["path"]), strict=True)]
        assert len(signs) > 80
        for sign, escaped in signs:
            reading = read(f"https://a/01/{WATER.code}/21/A{escaped}Z")
            assert reading.keys.serial == (f"A{sign}Z" if SERIAL.fullmatch(sign) else "")

    def test_each_link_is_the_shops_own_item_with_its_serial_kept(self, shop, links):
        uris = [v["uri"] for v in self.plain(links, ok=True) if elements(v["element_string"]).get("01")]
        for gtin in {read(uri).code for uri in uris}:
            shop.terminal.write(
                partial(goods.set_product, by=SYSTEM, product=dataclasses.replace(WATER, code=gtin))
            ).result()
        for uri in uris:
            scan = shop.scanned(uri)
            assert (scan.kind, scan.product.code) == ("product", read(uri).code)
            line = shop.terminal.write(partial(selling.line_of, by=SYSTEM, scan=scan)).result()
            assert (line.serial, line.unit) == (read(uri).keys.serial, "")


def escapes(text: str) -> list[str]:
    return re.findall("%..|.", text)


class TestOtherLinks:
    def uris(self, gtins: dict, *tests: str) -> list[list[str]]:
        return [v["values"] for v in gtins["gs1_uris"] if v["test"] in tests]

    def test_a_link_and_its_message_in_human_form_say_the_same(self, gtins):
        pairs = self.uris(gtins, "test_as_gs1_message")
        told = 0
        for uri, message in pairs:
            reading, human = read(uri), read(message)
            if re.search(r"/01/\d{14}(?!\d)", uri):
                assert (reading.kind, reading.code, reading.keys) == (human.kind, human.code, human.keys)
                told += 1
            elif "/01/" in uri:
                assert reading.reason == "gtin_length" and human.code
        assert told >= 4

    def test_what_a_parser_refuses_is_nothing_to_sell(self, gtins):
        refused = self.uris(gtins, "test_parse_error", "test_parse_fails_if_data_does_not_match_full_pattern")
        links = [values[0] for values in refused if values[0].startswith("http")]
        assert len(links) > 8
        for uri in links:
            reading = read(uri)
            assert reading.kind is ReadingKind.UNKNOWN and reading.reason in ("bad_gs1", "gtin_length")


class TestGtins:
    def test_every_length_becomes_fourteen_digits(self, gtins):
        values = [v["value"] for v in gtins["gtin_valid"]]
        assert len(values) > 20
        for value in values:
            assert gs1.gtin14(value) == value.zfill(14)
            assert (read(value).kind, read(value).code) == (ReadingKind.PRODUCT, value.zfill(14))

    def test_what_is_no_gtin_is_not_taken_for_one(self, gtins):
        values = [v["value"] for v in gtins["gtin_invalid"]]
        assert len(values) > 5
        for value in values:
            assert gs1.gtin14(value) is None and read(value).kind is not ReadingKind.PRODUCT

    def test_the_check_digit_alone_decides(self, gtins):
        numbers = [text for text, _ in gtins["country"] if " " not in text]
        assert {is_gtin(number) for number in numbers} == {True, False}
        for number in numbers:
            assert (read(number).kind is ReadingKind.PRODUCT) is is_gtin(number)

    def test_a_number_with_an_add_on_is_not_taken_for_another_item(self, gtins):
        numbers = [text for text, _ in gtins["country"] if " " in text]
        assert len(numbers) > 10
        for number in numbers:
            assert read(number).code in ("", number.partition(" ")[0].zfill(14))
