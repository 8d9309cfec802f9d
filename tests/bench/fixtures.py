"""Shops of the size that a benchmark needs, made without the detour over an import."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from core.catalogue.product import Product
from core.codes.gs1 import check_digit
from core.database import connect, transaction
from core.shop.terminal import Home, Terminal
from tests.builders import set_up_shop

_INSERT = (
    "INSERT INTO feed_product (code, name, price, tax_rate, category, spec, since)"
    " VALUES (:code, :name, :price, :tax_rate, :category, :spec, 1)"
)
_PREFIX = "0690"
_CATEGORIES = ("饮料", "粮油", "日用", "服饰")


def gtin(n: int) -> str:
    """The GTIN-14 of product `n`; rising with it."""
    body = f"{_PREFIX}{n:09}"
    return f"{body}{check_digit(body)}"


def product(n: int) -> Product:
    """Product `n`: every figure follows from its number."""
    return Product(gtin(n), f"云岭商品 {n:07}", 100 + n * 37 % 20_000, 130_000, _CATEGORIES[n % 4], "500ml")


def open_shop(folder: Path, products: int) -> Home:
    """A shop with products 0 … `products`-1 as a catalogue file would have brought them, without search words."""
    with Terminal(folder) as terminal:
        set_up_shop(terminal, products=())
    home = Home(folder)
    connection = connect(home.file)
    try:
        with transaction(connection):
            connection.executemany(_INSERT, _rows(products))
    finally:
        connection.close()
    return home


def drawn(seed: int, count: int, of: int) -> list[str]:
    """Scanned texts of `count` different products, EAN-13 as it stands under the bars; the same for the same seed."""
    return [gtin(n)[1:] for n in random.Random(seed).sample(range(of), count)]


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
