"""Symbols of unit codes, the best mask chosen, against `qrcode` and against libqrencode.

What is measured is all that a batch of a new item pays: the table is built in each run, and a few codes are encoded
by `qrcode` besides. The larger the batch, the less of that falls on a code. Every peer encodes payloads of the same
form in the same mode; `qrcode`, which chooses a mask by the same rule, must make the very same symbols.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import random
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import qrcode
from qrcode import util

from core.codes import serial
from core.codes.symbols import SymbolTable
from tests.bench.harness import AbsentError, Measurement, UnfitError, alternate

STEM = "HTTPS://ID.EXAMPLE.COM/01/09521000008144/21/"
CODES, PEER_CODES = 5_000, 300
"""Of ours and of `qrcode`, which takes as long for each."""

CODES_C = 20_000
"""Of ours and of libqrencode."""

RUNS = 5

_ALPHANUMERIC, _LEVEL_M = 1, 1
"""Of libqrencode: QR_MODE_AN, QR_ECLEVEL_M."""


class _Symbol(ctypes.Structure):
    """Of libqrencode: QRcode."""

    _fields_ = (("version", ctypes.c_int), ("width", ctypes.c_int), ("data", ctypes.c_void_p))


def keys(count: int) -> list[str]:
    """Serials, other ones in each run."""
    chance = random.Random(os.urandom(8))
    return ["".join(chance.choices(serial.ALPHABET, k=serial.LENGTH)) for _ in range(count)]


def measure(_: Path) -> Measurement:
    """Symbols a second, against `qrcode` with its best mask."""

    def peer(_run: int) -> float:
        some = keys(PEER_CODES)
        began = perf_counter()
        made = [matrix(STEM + key) for key in some]
        seconds = perf_counter() - began
        table = SymbolTable(STEM, serial.LENGTH)
        for modules, symbol in zip(made, table.symbols(some), strict=True):
            if rows_of(modules) != table.rows(symbol):
                raise UnfitError("a symbol is not the one of qrcode")
        return len(some) / seconds

    return Measurement("codes/s", *alternate(ours(CODES), peer, RUNS))


def measure_c(_: Path) -> Measurement:
    """Symbols a second, against libqrencode.

    Raises:
        AbsentError: it is not installed.
    """
    encode = libqrencode()
    side = SymbolTable(STEM, serial.LENGTH).side

    def peer(_run: int) -> float:
        payloads = [(STEM + key).encode() for key in keys(CODES_C)]
        began = perf_counter()
        sides = {encode(payload) for payload in payloads}
        seconds = perf_counter() - began
        if sides != {side}:
            raise UnfitError(f"symbols of libqrencode have {sides} modules a side, ours {side}")
        return len(payloads) / seconds

    return Measurement("codes/s", *alternate(ours(CODES_C), peer, RUNS))


def ours(count: int) -> Callable[[int], float]:
    """Our symbols a second in a batch of that size: table, check and symbols."""

    def run(_: int) -> float:
        some = keys(count)
        began = perf_counter()
        table = SymbolTable(STEM, serial.LENGTH)
        table.check(some)
        table.symbols(some)
        return len(some) / (perf_counter() - began)

    return run


def matrix(payload: str) -> list[list[bool]]:
    """The modules of a payload as `qrcode` makes them, one segment and the best mask."""
    made = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M)
    made.add_data(util.QRData(payload.encode(), mode=util.MODE_ALPHA_NUM), optimize=0)
    made.make(fit=True)
    modules: list[list[bool]] = made.modules
    return modules


def rows_of(modules: list[list[bool]]) -> list[int]:
    """The rows of a symbol as numbers; in each the lowest bit is the leftmost module."""
    return [sum(1 << column for column, dark in enumerate(row) if dark) for row in modules]


def libqrencode() -> Callable[[bytes], int]:
    """A function that lets libqrencode encode a payload, and returns the modules of its side.

    Raises:
        AbsentError: it is not installed.
    """
    found = ctypes.util.find_library("qrencode")
    if found is None:
        raise AbsentError("libqrencode is not installed; Debian calls it libqrencode4")
    library = ctypes.CDLL(found)
    library.QRinput_new2.restype = ctypes.c_void_p
    library.QRcode_encodeInput.restype = ctypes.POINTER(_Symbol)
    library.QRinput_append.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_char_p)
    library.QRcode_encodeInput.argtypes = library.QRinput_free.argtypes = (ctypes.c_void_p,)
    library.QRcode_free.argtypes = (ctypes.POINTER(_Symbol),)

    def encode(payload: bytes) -> int:
        holder = library.QRinput_new2(0, _LEVEL_M)
        library.QRinput_append(holder, _ALPHANUMERIC, len(payload), payload)
        symbol = library.QRcode_encodeInput(holder)
        if not symbol:
            raise UnfitError("libqrencode made no symbol")
        side: int = symbol.contents.width
        library.QRcode_free(symbol)
        library.QRinput_free(holder)
        return side

    return encode
