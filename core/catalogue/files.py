"""A catalogue file, read and checked as a whole before anything is changed. Pure apart from reading the file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core import money
from core.catalogue.product import Product, clean_name, product_code
from core.catalogue.tables import Row, read_bytes, read_rows
from core.codes import gs1
from core.errors import RefusedError
from core.privacy import is_payment_code
from core.texts import readable

_IN_BRACKETS = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
"""A unit or a remark, as in 零售价(元)."""

HEADERS: Mapping[str, tuple[str, ...]] = {
    "gtin": ("gtin", "barcode", "ean", "ean13", "upc", "条码", "条形码", "商品条码", "商品条形码", "國際條碼", "條碼"),
    "code": ("product_id", "code", "sku", "item_code", "货号", "商品编码", "商品编号", "编码", "貨號"),
    "name": (
        "name",
        "product_name",
        "product",
        "title",
        "名称",
        "品名",
        "商品名称",
        "商品名",
        "品名规格",
        "名稱",
        "商品名稱",
    ),
    "price": ("price", "sale_price", "unit_price", "retail_price", "售价", "零售价", "单价", "价格", "售價", "單價"),
    "category": ("category", "subclass", "class", "分类", "类别", "品类", "分類", "類別"),
    "tax_rate": ("tax_rate", "vat", "tax", "税率", "税点", "稅率"),
    "spec": ("spec", "specification", "size", "规格", "規格"),
}
"""Column names by field, the better ones first."""


ALL_FIELDS = frozenset({"name", "price", "category", "tax_rate", "spec"})
"""What a file can say of a product."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's rows, the header first."""

    name: str
    sha256: str
    rows: tuple[Row, ...]

    @property
    def header(self) -> tuple[str, ...]:
        """The names of its columns."""
        return self.rows[0].cells


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be taken in, and why; `row` as a spreadsheet numbers it."""

    row: int
    reason: RefusedError


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """A file's goods, each code once, and the rows that were refused.

    Attributes:
        fields: of a product, for which the file has a column.
    """

    name: str
    sha256: str
    products: tuple[Product, ...]
    refused: tuple[RefusedRow, ...]
    fields: frozenset[str] = ALL_FIELDS

    def over(self, known: Product | None, product: Product) -> Product:
        """What a product of the file makes of the one that is known: what the file has no column for stays."""
        if known is None:
            return product
        return replace(product, **{name: getattr(known, name) for name in ALL_FIELDS - self.fields})


def read_catalogue(path: Path, currency: str, mapping: Mapping[str, str] | None = None) -> CatalogueFile:
    """Read a CSV or XLSX file.

    Args:
        path: the file.
        currency, mapping: as `catalogue_of`.

    Raises:
        RefusedError: for a file that is no catalogue (`no_header`, `no_such_column`, `bad_xlsx` …).
        BrokenWorldError: `file_unreadable`.
    """
    return catalogue_of(read_sheet(path), currency, mapping)


def read_sheet(path: Path) -> Sheet:
    """Read the rows of a CSV or XLSX file, whatever they mean.

    Raises:
        RefusedError: for a file that is none (`bad_xlsx`, `bad_csv`, `file_cut` …).
        BrokenWorldError: `file_unreadable`.
    """
    content = read_bytes(path)
    rows = read_rows(content, path.name)
    return Sheet(readable(path.name), hashlib.sha256(content).hexdigest(), tuple(rows))


def catalogue_of(sheet: Sheet, currency: str, mapping: Mapping[str, str] | None = None) -> CatalogueFile:
    """The goods in a file's rows.

    Args:
        currency: of its prices (ISO 4217); they are decimals in the main unit.
        mapping: field → column name, for headers that are not known by themselves; an empty name leaves a field out.

    Raises:
        RefusedError: `no_header`, `no_such_column`.
    """
    columns = columns_of(sheet, mapping or {})
    if not columns.keys() & {"gtin", "code"}:
        raise RefusedError("no_header", file=sheet.name)
    seen: dict[str, int] = {}
    products, refused = [], []
    for row in sheet.rows[1:]:
        try:
            product = _product(row, columns, currency)
            if product.code in seen:
                raise RefusedError("code_twice", code=product.shown_code, row=seen[product.code])
        except RefusedError as reason:
            refused.append(RefusedRow(row.number, reason))
            continue
        seen[product.code] = row.number
        products.append(product)
    return CatalogueFile(sheet.name, sheet.sha256, tuple(products), tuple(refused), ALL_FIELDS & columns.keys())


def columns_of(
    sheet: Sheet, mapping: Mapping[str, str], headers: Mapping[str, tuple[str, ...]] = HEADERS
) -> dict[str, int]:
    """Which column of a file holds which field.

    Args:
        mapping: as `catalogue_of`.
        headers: names by field, the better ones first.

    Raises:
        RefusedError: `no_such_column`.
    """
    names = [_plain(cell) for cell in sheet.header]
    columns: dict[str, int] = {}
    for field, known in headers.items():
        if mapping.get(field) == "":
            continue
        wanted = (_plain(mapping[field]),) if field in mapping else known
        found = next((name for name in wanted if name in names), None)
        if found:
            columns[field] = names.index(found)
        elif field in mapping:
            raise RefusedError("no_such_column", column=mapping[field], file=sheet.name)
    return columns


def _plain(name: str) -> str:
    return _IN_BRACKETS.sub("", name).strip().casefold().replace(" ", "_").replace("-", "_")


def _product(row: Row, columns: Mapping[str, int], currency: str) -> Product:
    def cell(field: str) -> str:
        column = columns.get(field, -1)
        return row.cells[column] if 0 <= column < len(row.cells) else ""

    if len(row.cells) <= max(columns.get("gtin", 0), columns.get("code", 0)):
        raise RefusedError("row_too_short")
    code = _code(row, columns, cell("gtin"), cell("code"))
    price = money.parse_amount(cell("price"), currency) if cell("price") else 0
    if price < 0:
        raise RefusedError("bad_price")
    name = clean_name(cell("name"))
    return Product(
        code,
        name or (gs1.short_gtin(code) if gs1.gtin14(code) else code),
        price or None,
        money.parse_rate(cell("tax_rate")) if cell("tax_rate") else None,
        clean_name(cell("category")),
        clean_name(cell("spec")),
    )


def _code(row: Row, columns: Mapping[str, int], barcode: str, own: str) -> str:
    if barcode:
        gtin = gs1.gtin14(barcode)
        if gtin is None and row.is_numeric(columns["gtin"]):
            gtin = gs1.gtin14(barcode.zfill(14))
        if gtin is None:
            if is_payment_code(barcode):
                raise RefusedError("payment_code")
            raise RefusedError("bad_gtin", text=barcode[:40])
        return gtin
    if not own:
        raise RefusedError("no_code")
    return product_code(own)
