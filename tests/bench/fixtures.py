"""Shops of the size that a benchmark needs, made without the detour over an import."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from core.catalogue.product import Product
from core.codes import serial
from core.codes.gs1 import check_digit
from core.codes.queries import RUN
from core.database import connect, transaction
from core.shop.terminal import Home, Terminal
from tests.builders import set_up_shop

_INSERT = (
    "INSERT INTO feed_product (code, name, price, tax_rate, category, spec, since)"
    " VALUES (:code, :name, :price, :tax_rate, :category, :spec, 1)"
)
_INSERT_BATCH = (
    "INSERT INTO code_batch (number, name, gtin, made, asked, issued, printed, frozen, at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_RUN = "INSERT INTO code_run (first, batch, ordinal, position, tails) VALUES (?, ?, ?, ?, ?)"
BATCH = serial.BLOCK
"""Codes of a batch in a register that was made for a benchmark."""

PRODUCTS, UNITS = 1_000_000, 2_442 * BATCH
"""Of a large shop: ten million units and a few."""

_PREFIX = "0690"
_CATEGORIES = ("饮料", "粮油", "日用", "服饰")


def gtin(n: int) -> str:
    """The GTIN-14 of product `n`; rising with it."""
    body = f"{_PREFIX}{n:09}"
    return f"{body}{check_digit(body)}"


def product(n: int) -> Product:
    """Product `n`: every figure follows from its number."""
    return Product(gtin(n), f"云岭商品 {n:07}", 100 + n * 37 % 20_000, 130_000, _CATEGORIES[n % 4], "500ml")


def open_shop(folder: Path, products: int, codes: int = 0) -> Home:
    """A shop with products 0 … `products`-1 as a catalogue file would have brought them, without search words.

    Args:
        codes: of units in the register, a block a batch, of products 0, 1, …; whole blocks.
    """
    with Terminal(folder) as terminal:
        set_up_shop(terminal, products=())
    home = Home(folder)
    connection = connect(home.file)
    try:
        with transaction(connection):
            connection.executemany(_INSERT, _rows(products))
            connection.executemany(_INSERT_BATCH, _batches(codes))
            connection.executemany(_INSERT_RUN, _runs(codes))
            connection.execute("INSERT INTO code_memory (name, value) VALUES ('batches', ?)", (codes // BATCH,))
    finally:
        connection.close()
    return home


def unit(n: int) -> tuple[str, str]:
    """The GTIN and the serial of unit `n`, as they stand in the register."""
    start = n % BATCH * serial.TAIL
    return gtin(n // BATCH), serial.head_of(n) + _block()[start : start + serial.TAIL]


def drawn_units(seed: int, count: int, of: int) -> list[str]:
    """Scanned links of `count` different units; the same for the same seed."""
    chosen = (unit(n) for n in random.Random(seed).sample(range(of), count))
    return [f"HTTPS://ID.EXAMPLE.COM/01/{code}/21/{key}" for code, key in chosen]


def drawn(seed: int, count: int, of: int) -> list[str]:
    """Scanned texts of `count` different products, EAN-13 as it stands under the bars; the same for the same seed."""
    return [gtin(n)[1:] for n in random.Random(seed).sample(range(of), count)]


def _batches(codes: int) -> Iterator[tuple[object, ...]]:
    for number in range(codes // BATCH):
        yield number + 1, f"T1-B{number + 1:04}", gtin(number), "here", BATCH, BATCH, 0, 0, 0


def _runs(codes: int) -> Iterator[tuple[object, ...]]:
    for first in range(0, codes, RUN):
        start = first % BATCH
        yield first, first // BATCH + 1, start, 1, _block()[start * serial.TAIL : (start + RUN) * serial.TAIL]


@cache
def _block() -> str:
    """What stands behind the six first characters of the codes of a block; of each block the same."""
    return serial.mint(0, serial.BLOCK, random.Random(7).randbytes(3 * serial.BLOCK), b"key").tails


def _rows(products: int) -> Iterator[dict[str, object]]:
    for n in range(products):
        made = product(n)
        yield {
            "code": made.code,
            "name": made.name,
            "price": made.price,
            "tax_rate": made.tax_rate,
            "category": made.category,
            "spec": made.spec,
        }
