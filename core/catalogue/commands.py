"""What a person can do to the catalogue by hand."""

from __future__ import annotations

from dataclasses import asdict

from core.catalogue.product import Product, tidy
from core.errors import RefusedError
from core.events import Head, ProductChanged


def change_product(head: Head, product: Product) -> ProductChanged:
    """The fact that a product is from now on as given.

    Raises:
        RefusedError: `bad_price` below zero.
    """
    if product.price is not None and product.price < 0:
        raise RefusedError("bad_price")
    return ProductChanged(head=head, **asdict(tidy(product)))
