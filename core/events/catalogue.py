"""Facts about goods."""

from __future__ import annotations

from core.events.base import Event, fact, version


@fact
class ProductChanged(Event, frozen=True, kw_only=True, omit_defaults=True, tag="product.changed"):
    """A product was added or changed by hand; the whole product as it is from now on.

    Attributes:
        code: GTIN-14, or the shop's own code.
        price: minor units for one; none = asked at the till.
        tax_rate: parts per million; none = the shop's default rate.
    """

    v: int = version(1)
    code: str
    name: str
    price: int | None = None
    tax_rate: int | None = None
    category: str = ""
    spec: str = ""


@fact
class CatalogueImported(Event, frozen=True, kw_only=True, omit_defaults=True, tag="catalogue.imported"):
    """A catalogue file was taken in. Its rows are a feed and not part of the fact; the digest proves which file it was.

    Attributes:
        sha256: digest of the file, hexadecimal.
    """

    v: int = version(1)
    file: str
    sha256: str
    added: int
    updated: int
    unchanged: int
    skipped: int = 0
