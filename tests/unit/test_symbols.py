"""Symbols out of a table are those of `qrcode`, mask and all."""

from __future__ import annotations

import os
import random
import string

import pytest
import qrcode
from qrcode import util

from core.codes import serial
from core.codes.symbols import ALPHANUMERIC, SymbolTable, table_for
from core.errors import BrokenWorldError

SIZE = 10_000 if os.environ.get("STORE_ASSISTANT_THOROUGH") else 400
SIGNS = "".join(sorted(ALPHANUMERIC))
ASCII = "".join(map(chr, range(128)))
UPPER, LOWER = "HTTPS://ID.EXAMPLE.COM/01/09521000008144/21/", "https://id.example.com/01/09521000008144/21/"
HOST, CAPITALS = "https://a.long.example.com/", "HTTPS://A.LONG.EXAMPLE.COM/"


def payloads(alphabet: str, length: int, count: int, seed: object) -> list[str]:
    chance = random.Random(f"symbols {seed}")
    return ["".join(chance.choices(alphabet, k=length)) for _ in range(count)]


def of_qrcode(payload: str, mode: int) -> tuple[int, list[int]]:
    """Version and rows as `qrcode` makes them: the smallest version, the best mask."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M)
    code.add_data(util.QRData(payload.encode("ascii"), mode=mode, check_data=False), optimize=0)
    code.make(fit=True)
    return code.version, [sum(1 << column for column, dark in enumerate(row) if dark) for row in code.modules]


def mask_of(rows: list[int]) -> int:
    """The number of the mask, as it stands in the format bits beside the upper left finder."""
    return (sum((rows[8] >> column & 1) << 4 - column for column in range(5)) ^ 0b10101) & 7


def assert_alike(prefix: str, tails: list[str], version: int) -> set[int]:
    """Every symbol is the one of `qrcode`. Returns the masks that were chosen."""
    table, masks = SymbolTable(prefix, len(tails[0])), set()
    mode = util.MODE_ALPHA_NUM if table.is_alphanumeric else util.MODE_8BIT_BYTE
    assert table.side == 4 * version + 17
    for tail, symbol in zip(tails, table.symbols(tails), strict=True):
        assert (version, table.rows(symbol)) == of_qrcode(prefix + tail, mode), prefix + tail
        masks.add(mask_of(table.rows(symbol)))
    return masks


def test_symbols_of_serials_are_those_of_qrcode():
    tails = payloads(serial.ALPHABET, serial.LENGTH, SIZE, "upper")
    assert assert_alike(UPPER, tails, 3) == set(range(8))
    assert table_for(UPPER, serial.LENGTH).is_alphanumeric


def test_so_are_those_in_byte_mode():
    tails = payloads(serial.ALPHABET, serial.LENGTH, SIZE, "lower")
    assert assert_alike(LOWER, tails, 4) == set(range(8))
    assert not table_for(LOWER, serial.LENGTH).is_alphanumeric


# Ends of versions; several blocks; a prefix that shares a pair with the tail; a last character alone; only a tail.
@pytest.mark.parametrize(
    ("prefix", "length", "version"),
    [
        ("", 1, 1), ("", 20, 1), ("A", 1, 1), ("A", 19, 1), ("A", 20, 2), ("AB", 7, 1), ("ABC", 8, 1), ("ABC", 9, 1),
        ("A.B", 35, 2), ("A.B", 36, 3), (UPPER, 17, 3), (UPPER + "X", 16, 3), (UPPER + "X", 17, 4),
        (UPPER, 40, 4), (CAPITALS + "A" * 50, 16, 5), (CAPITALS + "B" * 90, 24, 6), (CAPITALS + "C" * 120, 16, 7),
        (CAPITALS + "D" * 200, 16, 9), (CAPITALS + "E" * 240, 16, 10),
    ],
)  # fmt: skip
def test_any_alphanumeric_payload(prefix, length, version):
    assert_alike(prefix, payloads(SIGNS, length, SIZE // 25, (prefix, length)), version)


@pytest.mark.parametrize(
    ("prefix", "length", "version"),
    [
        ("a", 1, 1), ("a", 13, 1), ("a", 14, 2), ("ab", 24, 2), ("ab", 25, 3), (LOWER, 17, 4), (LOWER, 18, 4),
        (LOWER, 19, 5), (HOST + "a" * 51, 16, 6), (HOST + "b" * 70, 16, 7), (HOST + "c" * 140, 16, 10),
    ],
)  # fmt: skip
def test_any_payload_of_bytes(prefix, length, version):
    assert_alike(prefix, payloads(ASCII, length, SIZE // 25, (prefix, length)), version)


def test_the_order_is_kept_and_one_alone_is_the_same():
    table = table_for(UPPER, serial.LENGTH)
    tails = payloads(serial.ALPHABET, serial.LENGTH, 50, "order")
    assert table.symbols(tails) == [table.symbol(tail) for tail in tails]
    assert table.symbols(tails[::-1]) == table.symbols(tails)[::-1]
    assert len(set(table.symbols(tails))) == 50 and table.symbols([]) == []


def test_a_symbol_has_its_three_finders_and_one_dark_module():
    table = table_for(UPPER, serial.LENGTH)
    rows = table.rows(table.symbol("2345678923456789"))
    finder = [0b1111111, 0b1000001, 0b1011101, 0b1011101, 0b1011101, 0b1000001, 0b1111111]
    side = table.side
    assert len(rows) == side and all(row < 1 << side for row in rows)
    assert [row & 0x7F for row in rows[:7]] == finder
    assert [row >> side - 7 for row in rows[:7]] == finder
    assert [row & 0x7F for row in rows[-7:]] == finder
    assert rows[side - 8] >> 8 & 1


def test_small_letters_are_no_payload_of_an_alphanumeric_table():
    with pytest.raises(KeyError):
        table_for(UPPER, serial.LENGTH).symbol("abcdefgh23456789")


class TestCheck:
    """Nothing of a batch may be printed whose symbols are not those of `qrcode`."""

    TAILS = tuple(payloads(serial.ALPHABET, serial.LENGTH, 9, "check"))

    def refused(self, table: SymbolTable, tails: tuple[str, ...] = TAILS) -> str:
        with pytest.raises(BrokenWorldError) as found:
            table.check(tails)
        assert found.value.code == "symbol_differs"
        return str(found.value.params["code"])

    def spoil(self, table: SymbolTable, tail: str, slot: int) -> None:
        """Change one module in what the table holds of a few characters."""
        start, end, effects = table._slots[slot]
        effects[tail[start:end]] ^= 1 << 9 * (table.side + 1) + 11  # type: ignore[index]

    def test_a_sound_table_passes(self):
        for tails in (self.TAILS, self.TAILS[:1], self.TAILS[:2]):
            table_for(UPPER, serial.LENGTH).check(tails)
            table_for(LOWER, serial.LENGTH).check(tails)

    @pytest.mark.parametrize("place", [0, 4, 8])
    @pytest.mark.parametrize("slot", [0, 3, -1])
    def test_a_table_that_was_tampered_with_is_refused(self, place, slot):
        table = SymbolTable(UPPER, serial.LENGTH)
        self.spoil(table, self.TAILS[place], slot)
        named = self.refused(table)
        assert named in {UPPER + self.TAILS[n] for n in (0, 4, 8)}

    def test_so_is_one_whose_masks_are_wrong(self):
        table = SymbolTable(LOWER, serial.LENGTH)
        table._finished = table._finished[1:] + table._finished[:1]
        assert self.refused(table) == LOWER + self.TAILS[0]

    def test_and_one_that_chooses_another_mask(self):
        table = SymbolTable(UPPER, serial.LENGTH)
        table._scored = table._scored[::-1]
        assert self.refused(table).startswith(UPPER)

    def test_a_batch_of_one_is_looked_at(self):
        table = SymbolTable(UPPER, serial.LENGTH)
        self.spoil(table, self.TAILS[2], 1)
        assert self.refused(table, self.TAILS[2:3]) == UPPER + self.TAILS[2]


def test_the_signs_of_alphanumeric_mode_are_the_standards():
    assert frozenset(string.digits + string.ascii_uppercase + " $%*+-./:") == ALPHANUMERIC
    assert ALPHANUMERIC.issuperset(serial.ALPHABET)
