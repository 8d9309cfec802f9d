"""Goods changed by hand, kept beside the feed; the newer of the two holds (`queries.find`)."""

from __future__ import annotations

from core.catalogue.feed import put
from core.catalogue.product import Product
from core.database import Connection
from core.events import Event, ProductChanged

TABLES = ("product", "product_words")


def check(connection: Connection, event: Event) -> None:
    """Every well-formed product may be recorded."""


def apply(connection: Connection, position: int, event: Event) -> None:
    if isinstance(event, ProductChanged):
        put(
            connection,
            "product",
            Product(event.code, event.name, event.price, event.tax_rate, event.category, event.spec),
            position,
        )
