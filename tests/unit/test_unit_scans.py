"""Which unit a scan means: by its symbol, by its bare serial, through a wrong keyboard; and what is not believed."""

from __future__ import annotations

import random

import pytest

from core.codes import serial
from core.errors import RefusedError
from core.events import UnitStep
from core.shop.keys import chain_keys
from tests.builders import RICE, WATER, Shop

STRANGER = "HTTPS://BRAND.EXAMPLE.CN/01/09521000008144/21/"
FORGED = "2345678923456789"

# What a keyboard types for the keys that an English one has there.
GERMAN = str.maketrans("yzYZ-;:/?", "zyZYßöÖ-_")
FRENCH = str.maketrans("1234567890aqwzmAQWZM;:./-", "&é\"'(-è_çàqazw,QAZW?mM:!)")
SWAPS = (str.maketrans("YZ", "ZY"), str.maketrans("AQWZ", "QAZW"))
DVORAK = str.maketrans("htpsHTPS:/.", "dyloDYLOSzv")


def seen(shop: Shop, text: str) -> tuple[str, str, str]:
    """Kind and reason of a scan, and the unit that it means."""
    scan = shop.scanned(text)
    return scan.kind, scan.reason, scan.unit.key if scan.unit else ""


def refused(shop: Shop, text: str) -> str:
    with pytest.raises(RefusedError) as found:
        shop.sell_codes(text)
    return found.value.code


@pytest.fixture
def issued(shop) -> list[str]:
    """Units of rice."""
    return shop.issue(RICE, 60)[1]


class TestKnown:
    @pytest.mark.parametrize(
        "form",
        [
            "{link}",
            "  {link}\r\n",
            "]Q1{link}",
            "{link}?utm_source=x#there",
            "https://id.example.com/01/{gtin}/21/{small}",
            "hTTPS://ID.EXAMPLE.COM/01/{gtin}/21/{code}",
            "HTTPS://ID.EXAMPLE.COM:443/01/{gtin}/21/{code}",
            "HTTPS://ID.EXAMPLE.COM/A/STEM/01/{gtin}/21/{code}",
            "http://old.example.org/01/{gtin}/21/{code}",
            "(01){gtin}(21){code}",
            "]d201{gtin}21{code}",
            "01{gtin}10LOT\x1d21{code}",
            "{code}",
            "{small}",
            "{groups}",
            " {groups}\r",
            "{dashes}",
        ],
    )
    def test_in_every_form(self, shop, issued, form):
        for code in issued[:5]:
            groups, link = serial.grouped(code), shop.link(RICE, code)
            parts = {"link": link, "gtin": RICE.code, "code": code, "small": code.lower(), "groups": groups}
            text = form.format(**parts, dashes=groups.replace(" ", "-").lower())
            assert seen(shop, text) == ("unit", "", code)

    @pytest.mark.parametrize("letters", ["upper", "lower"])
    def test_in_either_letters_of_the_link(self, shop, issued, letters):
        shop.set("code_letters", letters)
        link = shop.link(RICE, issued[0])
        assert link.startswith("HTTPS" if letters == "upper" else "https")
        assert seen(shop, link) == ("unit", "", issued[0])

    def test_with_its_product_and_whether_it_is_known(self, shop, issued):
        scan = shop.scanned(shop.link(RICE, issued[3]))
        assert (scan.known, scan.product, scan.unit.ordinal, scan.unit.gtin) == (True, RICE, 3, RICE.code)

    @pytest.mark.parametrize(
        "spoil", [lambda code: code[:-1], lambda code: code + "2", lambda code: code[:8], lambda code: code[:-1] + "0"]
    )
    def test_not_in_part(self, shop, issued, spoil):
        assert seen(shop, spoil(issued[0])) == ("unknown", "unknown_code", "")


class TestNotBelieved:
    def test_a_serial_that_is_none_of_ours_on_our_host(self, shop, issued):
        for text in (shop.link(RICE, FORGED), shop.link(RICE, FORGED).lower(), shop.link(RICE, FORGED) + "?x=y"):
            assert seen(shop, text) == ("unit", "unit_forged", "")
        assert refused(shop, shop.link(RICE, FORGED)) == "unit_forged"

    def test_a_serial_of_ours_on_another_item(self, shop, issued):
        for text in (shop.link(WATER, issued[0]), f"(01){WATER.code}(21){issued[0]}"):
            assert seen(shop, text) == ("unit", "unit_altered", "")
        assert refused(shop, shop.link(WATER, issued[0])) == "unit_altered"

    def test_another_till_s_code_that_was_sold_here_on_another_item(self, shop, issued):
        (key,) = chain_keys(shop.terminal.home)
        (code,) = serial.mint(serial.own_block(1), 1, b"abc", key).serials()
        shop.sell_codes(shop.link(RICE, code))
        assert seen(shop, shop.link(WATER, code)) == ("unit", "unit_altered", "")

    def test_before_there_was_a_key_nothing_on_our_host_is(self, shop):
        assert seen(shop, shop.link(RICE, FORGED)) == ("unit", "unit_forged", "")

    def test_a_link_to_somebody_else_is_the_product_and_its_serial_is_kept(self, shop, issued):
        for code in (FORGED, "ABC-1"):
            assert seen(shop, STRANGER + code) == ("product", "", "")
            sale = shop.sell_codes(STRANGER + code)
            assert (sale.lines[0].code, sale.lines[0].serial, sale.lines[0].unit) == (RICE.code, code, "")

    def test_a_bare_serial_that_is_none_is_an_unknown_code(self, shop, issued):
        assert seen(shop, FORGED) == ("unknown", "unknown_code", "")

    def test_a_link_to_a_host_that_was_ours_once(self, shop):
        shop.set("resolver", "old.example.cn")
        old = shop.link(RICE, "")
        _, (code,) = shop.issue(RICE, 1)
        shop.set("resolver", "new.example.cn")
        new = shop.link(RICE, "")
        assert old != new
        for begin in (old, new):
            assert seen(shop, begin + code) == ("unit", "", code)
            assert seen(shop, begin + FORGED) == ("unit", "unit_forged", "")

    def test_a_unit_of_goods_that_the_shop_knows_no_more(self, shop, issued):
        """Nobody takes goods away by hand; a register that was copied could still know such a unit."""
        unknown = "09501101531000"
        (key,) = chain_keys(shop.terminal.home)
        (code,) = serial.mint(serial.own_block(2), 1, b"abc", key).serials()
        link = shop.link(RICE, code).replace(RICE.code, unknown)
        assert seen(shop, link) == ("unit", "unknown_product", code)
        assert refused(shop, link) == "unknown_product"


class TestDamaged:
    """Through a wrong keyboard a link is repaired where the register makes it certain, and nowhere else."""

    @pytest.mark.parametrize("layout", [GERMAN, FRENCH])
    @pytest.mark.parametrize("letters", [str, str.swapcase])
    def test_a_link_through_a_keyboard_that_is_known(self, shop, issued, layout, letters):
        swapped = [code for code in issued if set(code) & set("YZAQWM")]
        assert len(swapped) > 20
        for code in issued:
            typed = letters(shop.link(RICE, code)).translate(layout)
            assert not typed.lower().startswith("https://") and seen(shop, typed) == ("unit", "", code)

    def test_it_is_sold_and_known_as_sold(self, shop, issued):
        typed = shop.link(RICE, issued[0]).translate(GERMAN)
        assert shop.sell_codes(typed).lines[0].unit == issued[0]
        assert refused(shop, shop.link(RICE, issued[0])) == "unit_sold"

    @pytest.mark.parametrize("layout", [GERMAN, FRENCH])
    def test_what_the_register_does_not_know_is_not_repaired(self, shop, issued, layout):
        chance = random.Random(20_261_123)
        for code in issued:
            place = chance.randrange(serial.LENGTH)
            other = chance.choice(serial.ALPHABET.replace(code[place], ""))
            changed = code[:place] + other + code[place + 1 :]
            if code in (changed.translate(swap) for swap in SWAPS):
                continue
            typed = shop.link(RICE, changed).translate(layout)
            assert seen(shop, typed) == ("unknown", "damaged_link", "")
        assert refused(shop, typed) == "damaged_link"

    def test_a_genuine_code_of_another_till_is_not_guessed(self, shop, issued):
        (key,) = chain_keys(shop.terminal.home)
        (code,) = serial.mint(serial.own_block(1), 1, b"abc", key).serials()
        assert seen(shop, shop.link(RICE, code).translate(GERMAN)) == ("unknown", "damaged_link", "")

    @pytest.mark.parametrize("layout", [GERMAN, FRENCH])
    def test_on_another_item_it_is_altered(self, shop, issued, layout):
        typed = shop.link(WATER, issued[0]).translate(layout)
        assert seen(shop, typed) == ("unit", "unit_altered", "")

    @pytest.mark.parametrize("layout", SWAPS)
    def test_a_link_that_came_whole_is_not_repaired(self, shop, issued, layout):
        changed = [code.translate(layout) for code in issued if code.translate(layout) not in issued]
        scans = [shop.scanned(shop.link(RICE, code)) for code in changed]
        assert len(scans) > 5 and not any(scan.known for scan in scans)
        # One in 2^20 has a check that fits, as a code of another till's.
        assert sum(scan.reason == "unit_forged" for scan in scans) >= len(scans) - 1

    def test_through_any_other_keyboard_it_is_nothing(self, shop, issued):
        for code in issued[:10]:
            typed = shop.link(RICE, code).translate(DVORAK)
            assert seen(shop, typed)[0] == "unknown" and refused(shop, typed)

    def test_no_spoiling_of_a_link_makes_another_unit_of_it(self, shop, issued):
        """One character lost, doubled, or exchanged anywhere: the unit itself, the item, or nothing; no other unit."""
        chance = random.Random(20_261_123)
        for turn in range(600):
            code = chance.choice(issued)
            text = shop.link(RICE, code)
            place = chance.randrange(len(text))
            middle = ("", text[place] * 2, chance.choice("AZ09/:-. "))[turn % 3]
            scan = shop.scanned(text[:place] + middle + text[place + 1 :])
            assert not scan.unit or scan.unit.key == code
            assert not scan.known or scan.product == RICE


def test_a_frozen_unit_is_frozen_in_every_form(shop, issued):
    shop.say(UnitStep.FROZEN, issued[0])
    link = shop.link(RICE, issued[0])
    for text in (link, link.lower(), link.translate(GERMAN), link.translate(FRENCH), serial.grouped(issued[0])):
        assert refused(shop, text) == "unit_frozen"
