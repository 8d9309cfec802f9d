"""Symbols of unit codes, the best mask chosen, against `qrcode` and against libqrencode.

What is measured is what a batch pays: the table of the item is built in each run. Every peer encodes payloads of the
same batch in the same mode; `qrcode`, which chooses a mask by the same rule, must make the very same symbols.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import random
from pathlib import Path
from time import perf_counter

import qrcode
from qrcode import util

from core.codes import serial
from core.codes.symbols import SymbolTable
from tests.bench.harness import Measurement, UnfitError, alternate

STEM = "HTTPS://ID.EXAMPLE.COM/01/09521000008144/21/"
CODES = 20_000
PEER_CODES = 300
RUNS = 5

_ALPHANUMERIC, _EIGHT_BIT, _LEVEL_M = 1, 2, 1
"""Of libqrencode: QR_MODE_AN, QR_MODE_8, QR_ECLEVEL_M."""


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

    return Measurement("codes/s", *alternate(ours, peer, RUNS))


def measure_c(_: Path) -> Measurement:
    """Symbols a second, against libqrencode.

    Raises:
        UnfitError: it is not installed.
    """
    encode = libqrencode()

    def peer(_run: int) -> float:
        payloads = [(STEM + key).encode() for key in keys(CODES)]
        began = perf_counter()
        for payload in payloads:
            encode(payload)
        return len(payloads) / (perf_counter() - began)

    return Measurement("codes/s", *alternate(ours, peer, RUNS))


def ours(_run: int) -> float:
    """Our symbols a second, the table included."""
    some = keys(CODES)
    began = perf_counter()
    SymbolTable(STEM, serial.LENGTH).symbols(some)
    return len(some) / (perf_counter() - began)


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


def libqrencode():  # type: ignore[no-untyped-def]
    """A function that lets libqrencode encode a payload."""
    found = ctypes.util.find_library("qrencode")
    if found is None:
        raise UnfitError("libqrencode is not installed; Debian calls it libqrencode4")
    library = ctypes.CDLL(found)
    library.QRinput_new2.restype = library.QRcode_encodeInput.restype = ctypes.c_void_p
    library.QRinput_append.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_char_p)
    library.QRcode_encodeInput.argtypes = library.QRinput_free.argtypes = (ctypes.c_void_p,)
    library.QRcode_free.argtypes = (ctypes.c_void_p,)

    def encode(payload: bytes) -> None:
        holder = library.QRinput_new2(0, _LEVEL_M)
        library.QRinput_append(holder, _ALPHANUMERIC, len(payload), payload)
        symbol = library.QRcode_encodeInput(holder)
        if not symbol:
            raise UnfitError("libqrencode made no symbol")
        library.QRcode_free(symbol)
        library.QRinput_free(holder)

    return encode
