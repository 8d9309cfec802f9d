"""What the Goods page shows. Frozen; the page draws it and keeps nothing."""

from __future__ import annotations

from dataclasses import dataclass

from core.catalogue.product import Product


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A product as it is filled in: texts, read when it is saved."""

    code: str = ""
    name: str = ""
    price: str = ""
    tax_rate: str = ""
    category: str = ""
    spec: str = ""


@dataclass(frozen=True, slots=True)
class GoodsState:
    """A part of the catalogue, and the product that is looked at.

    Attributes:
        typed: what is looked for; empty for the whole catalogue.
        products: in order of code, or best found first.
        goes_on: there are more than these.
        count: of the whole catalogue; -1 until it was counted.
        row: of the product that is looked at, -1 for a new one.
        draft: the product as it is filled in.
        begun: as it was before anything was.
        importing: a file is being taken in instead.
        busy: the product is on its way to the disk.
        said: what became of the last step.
        refused: whether that was a refusal.
    """

    typed: str = ""
    products: tuple[Product, ...] = ()
    goes_on: bool = False
    count: int = -1
    row: int = -1
    draft: ProductDraft = ProductDraft()
    begun: ProductDraft = ProductDraft()
    importing: bool = False
    busy: bool = False
    said: str = ""
    refused: bool = False

    @property
    def chosen(self) -> Product | None:
        """The product that is looked at; none for a new one."""
        return self.products[self.row] if 0 <= self.row < len(self.products) else None
