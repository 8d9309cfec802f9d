"""What a product is, how it is named, and under which words it is found. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from core.codes import gs1
from core.errors import RefusedError
from core.privacy import check_words, is_payment_code

_OWN_CODE = re.compile(r"[!-~]{1,40}")
_RUN = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Product:
    """One product of the catalogue.

    Attributes:
        code: GTIN-14, or the shop's own code.
        price: minor units for one, tax included; none = unknown, asked at the till.
        tax_rate: parts per million; none = the shop's default.
    """

    code: str
    name: str
    price: int | None = None
    tax_rate: int | None = None
    category: str = ""
    spec: str = ""

    @property
    def label(self) -> str:
        """Name and specification, as on screens and receipts."""
        return f"{self.name} {self.spec}" if self.spec and self.spec not in self.name else self.name

    @property
    def shown_code(self) -> str:
        """The code as people know it: the digits under the bars, or the shop's own."""
        return gs1.short_gtin(self.code) if self.gtin else self.code

    @property
    def gtin(self) -> str:
        """GTIN-14, or empty for a code of the shop's own."""
        return self.code if len(self.code) == 14 and gs1.gtin14(self.code) else ""


def product_code(text: str) -> str:
    """The key of a product: any GTIN as 14 digits, anything else as it is.

    Raises:
        RefusedError: `bad_code`; `payment_code` for what must never be kept.
    """
    stripped = text.strip()
    if gtin := gs1.gtin14(stripped):
        return gtin
    if is_payment_code(stripped):
        raise RefusedError("payment_code")
    if not _OWN_CODE.fullmatch(stripped):
        raise RefusedError("bad_code", text=stripped[:40])
    return stripped


def tidy(product: Product) -> Product:
    """The product as it is kept: clean words, a name in any case, no price rather than none to pay.

    Raises:
        RefusedError: as `clean_name`.
    """
    return replace(
        product,
        name=clean_name(product.name) or product.shown_code,
        price=product.price or None,
        category=clean_name(product.category),
        spec=clean_name(product.spec),
    )


def clean_name(text: str) -> str:
    """A name without control characters and stray space.

    Raises:
        RefusedError: `bad_name` above 120 characters; `payment_code`, `card_number` for what must never be kept.
    """
    name = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(name) > LONGEST_NAME:
        raise RefusedError("bad_name", text=name[:40])
    check_words(name)
    return name


def search_words(product: Product) -> str:
    """The words under which a product is indexed: neighbouring pairs of its characters and of its pinyin initials.

    A text is found wherever it stands in the name, because its pairs then follow each other.
    """
    # Imported late: only what writes the catalogue needs pinyin.
    from pypinyin import Style, pinyin

    text = product.label.lower()
    initials = "".join(found[0] for found in pinyin(text, style=Style.FIRST_LETTER, errors=lambda rest: rest))
    runs = [run for run in _RUN.findall(text) if not run.isascii()]
    runs.append("".join(_RUN.findall(initials)))
    return " ".join(pair for run in runs for pair in _pairs(run))


def search_query(text: str) -> str:
    """What is typed to find a product, as an FTS5 query over `search_words`; empty when nothing can be searched."""
    phrases = []
    for run in _RUN.findall(text.lower()):
        if len(run) == 1:
            phrases.append(f'"{run}"*')
        else:
            phrases.append('"' + " ".join(_pairs(run)[:-1]) + '"')
    return " AND ".join(phrases)


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run))]
