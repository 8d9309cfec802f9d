"""Serials of unit codes: how they are made, what they hold, and that nothing else passes for one."""

from __future__ import annotations

import hashlib
import os
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.codes import commands, serial
from core.errors import BrokenWorldError
from core.files import OWNER, write_whole
from core.shop.keys import chain_keys, issuing_key
from core.shop.terminal import Home, Terminal
from tests.builders import RICE, Shop, set_up_shop

THOROUGH = bool(os.environ.get("STORE_ASSISTANT_THOROUGH"))
FORGERIES, PASSING = (1_000_000, 20) if THOROUGH else (100_000, 4)
"""Random serials, and how many of them may pass: one in 2^20 does, so that more would be no accident."""

CHANGES = 10_000
KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
numbers = st.builds(
    lambda block, index: block << 12 | index, st.integers(0, (1 << 30) - 1), st.integers(0, serial.BLOCK - 1)
)


def bits(code: str) -> int:
    """The eighty bits of a serial."""
    value = 0
    for sign in code:
        value = value * 32 + serial.ALPHABET.index(sign)
    return value


def mint(number: int, count: int = 1, entropy: bytes = b"", key: bytes = KEY) -> list[str]:
    return serial.mint(number, count, entropy or bytes(3 * count), key).serials()


def other_sign(chance: random.Random, sign: str) -> str:
    return chance.choice(serial.ALPHABET.replace(sign, ""))


# What is in it


@given(numbers, st.binary(min_size=3, max_size=3))
def test_a_serial_holds_its_number_some_chance_and_a_check(number, entropy):
    (code,) = mint(number, entropy=entropy)
    value = bits(code)
    assert len(code) == 16 and value >> 38 == number
    assert value >> 20 & ((1 << 18) - 1) == int.from_bytes(entropy, "big") >> 6
    check = hashlib.blake2b((value >> 20).to_bytes(8, "big"), digest_size=3, key=KEY).digest()
    assert value & ((1 << 20) - 1) == int.from_bytes(check, "big") >> 4


@given(numbers, st.data())
def test_the_codes_of_a_span_follow_each_other(number, data):
    count = data.draw(st.integers(1, min(40, serial.BLOCK - number % serial.BLOCK)))
    span = serial.mint(number, count, os.urandom(3 * count), KEY)
    codes = span.serials()
    assert (span.count, len(codes), len(set(codes))) == (count, count, count)
    assert [serial.number_of(code) for code in codes] == [number + place for place in range(count)]
    assert {code[: serial.HEAD] for code in codes} == {serial.head_of(number)}
    assert span.tails == "".join(code[serial.HEAD :] for code in codes)


def test_a_whole_block_has_one_head_and_the_next_another():
    first = serial.own_block(7)
    codes = mint(first, serial.BLOCK)
    assert {code[: serial.HEAD] for code in codes} == {serial.head_of(first)}
    assert serial.head_of(first + serial.BLOCK) != serial.head_of(first)


@pytest.mark.parametrize("count", [0, 2])
def test_no_span_leaves_its_block(count):
    last = serial.own_block(7) + serial.BLOCK - 1
    assert len(mint(last)) == 1
    with pytest.raises(AssertionError):
        mint(last, count)


@given(st.integers(0, (1 << 32) - 1))
def test_an_own_block_is_of_the_own_format_and_begins_at_its_first_code(chance):
    number = serial.own_block(chance)
    assert number >> 40 == serial.OWN_FORMAT
    assert number % serial.BLOCK == 0 and number >> 12 & ((1 << 28) - 1) == chance % (1 << 28)


class TestDraw:
    def test_codes_begin_where_they_are_to_begin(self):
        begun = serial.own_block(5) + 4
        span = commands.draw_span(begun, 10, os.urandom, KEY)
        assert (span.first, span.count) == (begun, 10)

    def test_where_the_block_ends_there_are_fewer(self):
        span = commands.draw_span(serial.own_block(5) + 4_090, 10, os.urandom, KEY)
        assert span.count == 6

    def test_the_chance_in_a_code_is_the_sources(self):
        def tail(entropy: bytes) -> str:
            return commands.draw_span(serial.own_block(5) + 1, 1, lambda _: entropy, KEY).tails

        assert tail(b"\0\0\0") == tail(b"\0\0\x3f") != tail(b"\0\0\x40")


# What passes for one


def test_random_forgeries_do_not_pass():
    chance = random.Random(20_261_123)
    passed = tried = 0
    while tried < FORGERIES:
        code = "".join(chance.choices(serial.ALPHABET, k=serial.LENGTH))
        if bits(code) >> 78 == serial.OWN_FORMAT:
            tried += 1
            passed += serial.is_genuine(code, [KEY])
    assert passed <= PASSING


@given(numbers, st.binary(min_size=3, max_size=3))
def test_what_was_made_under_a_key_passes_where_that_is_among_the_keys(number, entropy):
    (code,) = mint(number, entropy=entropy)
    assert serial.is_genuine(code, [KEY]) and serial.is_genuine(code, [OTHER, KEY])
    assert not serial.is_genuine(code, [])


def test_codes_of_another_chain_do_not_pass():
    codes = mint(serial.own_block(3), serial.BLOCK, os.urandom(3 * serial.BLOCK), OTHER)
    assert all(serial.is_genuine(code, [OTHER]) for code in codes)
    assert sum(serial.is_genuine(code, [KEY]) for code in codes) <= 2


def test_a_code_with_any_one_character_changed_is_never_known(shop):
    chance = random.Random(20_261_123)
    _, issued = shop.issue(RICE, 200)
    begin = shop.link(RICE, "")

    def look(session) -> tuple[int, int]:
        from core.shop.selling import read_scan

        known = forged = 0
        for turn in range(CHANGES):
            code, place = chance.choice(issued), turn % serial.LENGTH
            changed = code[:place] + other_sign(chance, code[place]) + code[place + 1 :]
            scan = read_scan(session, begin + changed if turn // serial.LENGTH % 2 else changed)
            known += scan.known
            forged += scan.reason == "unit_forged"
        return known, forged

    known, forged = shop.terminal.write(look).result()
    assert known == 0
    # The check of one in 2^20 happens to fit: it is then a code of another till's, and still not one of this register.
    assert CHANGES // 2 - 16 <= forged <= CHANGES // 2
    assert all(shop.scanned(begin + code).known for code in issued)


@pytest.mark.parametrize(
    ("typed", "is_one"),
    [
        ("2345 6789 ABCD EFGH", True),
        ("2345-6789-abcd-efgh", True),
        ("23456789ABCDEFGH", True),
        ("23456789ABCDEFG", False),
        ("23456789ABCDEFGHJ", False),
        ("23456789ABCDEFG0", False),
        ("23456789ABCDEFGI", False),
        ("2345_6789_ABCD_EFGH", False),
        ("２３４５６７８９ABCDEFGH", False),
        ("", False),
    ],
)
def test_a_serial_as_it_is_typed(typed, is_one):
    assert serial.as_serial(typed) == ("23456789ABCDEFGH" if is_one else "")


def test_a_serial_is_shown_in_fours_and_others_as_they_are():
    assert serial.grouped("23456789ABCDEFGH") == "2345 6789 ABCD EFGH"
    assert serial.grouped("https://wx.example.cn/AbC1") == "https://wx.example.cn/AbC1"
    assert serial.as_serial(serial.grouped("23456789ABCDEFGH")) == "23456789ABCDEFGH"


# The chain's keys


def of_another_till(home: Home, key: bytes, place: int = 0) -> str:
    """A code that was issued under a key of the chain, and is in no register here."""
    keys = chain_keys(home)
    assert key in keys
    return mint(serial.own_block(place + 1), key=key)[0]


class TestKeys:
    def test_there_is_none_before_the_first_code(self, shop):
        assert chain_keys(shop.terminal.home) == []
        assert not shop.terminal.home.code_keys.exists()

    def test_one_is_made_with_the_first_code_and_kept(self, shop, clock):
        _, first = shop.issue(RICE, 1)
        home = shop.terminal.home
        (key,) = chain_keys(home)
        assert home.code_keys.stat().st_mode & 0o077 == 0
        shop.terminal.close()
        with Terminal(home.folder, clock=clock) as again:
            _, second = Shop(again).issue(RICE, 1)
            assert chain_keys(home) == [key]
            assert all(serial.is_genuine(code, [key]) for code in (*first, *second))

    def test_nothing_of_it_is_in_a_fact(self, shop):
        shop.issue(RICE, 3)
        (key,) = chain_keys(shop.terminal.home)
        facts = shop.terminal.write(lambda s: s.connection.execute("SELECT event FROM journal").fetchall()).result()
        assert not any(key in raw or key.hex().encode() in raw for (raw,) in facts)

    def test_two_shops_have_two(self, shop, tmp_path, clock):
        shop.issue(RICE, 1)
        with Terminal(tmp_path / "other", clock=clock) as terminal:
            other = set_up_shop(terminal)
            _, codes = other.issue(RICE, 20)
            theirs = [shop.scanned(shop.link(RICE, code)) for code in codes]
            assert all(scan.unit is None or not scan.known for scan in theirs)
            assert sum(scan.reason == "unit_forged" for scan in theirs) >= 19

    def test_a_new_one_issues_and_the_old_ones_still_vouch(self, shop):
        home = shop.terminal.home
        shop.issue(RICE, 1)
        (old,) = chain_keys(home)
        label = shop.link(RICE, of_another_till(home, old))
        assert shop.scanned(label).unit
        write_whole(home.code_keys, f"{old.hex()}\n{OTHER.hex()}\n".encode(), OWNER)
        assert chain_keys(home) == [OTHER, old] and issuing_key(home) == OTHER
        assert shop.scanned(label).unit
        _, (code,) = shop.issue(RICE, 1)
        assert serial.is_genuine(code, [OTHER])
        write_whole(home.code_keys, f"{OTHER.hex()}\n".encode(), OWNER)
        assert shop.scanned(label).reason == "unit_forged"

    @pytest.mark.parametrize("content", [b"zz\n", b"0011\n", b"\xff\xfe\n"])
    def test_a_damaged_file_is_said_and_no_code_is_issued_or_believed(self, shop, content):
        _, (known,) = shop.issue(RICE, 1)
        keys: Path = shop.terminal.home.code_keys
        unknown = shop.link(RICE, of_another_till(shop.terminal.home, chain_keys(shop.terminal.home)[0]))
        keys.write_bytes(content)
        for step in (lambda: shop.issue(RICE, 1), lambda: shop.scanned(unknown)):
            with pytest.raises(BrokenWorldError, match="home_unusable"):
                step()
        # What is in the register needs no key.
        assert shop.scanned(known).known
