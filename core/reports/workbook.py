"""A report as a spreadsheet with real numbers and dates, for those who go on reckoning with it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from core.files import write_whole
from core.money import exponent
from core.reports.kpi import Group, Report
from core.texts import mark, tr

_FIGURES = {
    "net": (mark("Net sales"), "money"),
    "orders": (mark("Orders"), "count"),
    "pieces": (mark("Pieces"), "count"),
    "per_order": (mark("Per order"), "money"),
    "per_piece": (mark("Per piece"), "money"),
    "pieces_per_order": (mark("Pieces per order"), "ratio"),
    "returns": (mark("Returns"), "money"),
    "returned_pieces": (mark("Pieces returned"), "count"),
    "return_rate": (mark("Return rate"), "percent"),
    "sold_value": (mark("Sold before returns"), "money"),
    "list_value": (mark("The same at list prices"), "money"),
    "price_level": (mark("Price level"), "percent"),
    "member_net": (mark("Net sales to members"), "money"),
    "member_share": (mark("Members' share of sales"), "percent"),
    "member_orders": (mark("Orders of members"), "count"),
    "member_order_share": (mark("Members' share of orders"), "percent"),
    "new_members": (mark("New members"), "count"),
    "tax": (mark("Tax included"), "money"),
    "rounding": (mark("Rounded down"), "money"),
}
"""Every figure: its name and what kind of cell it is."""

_OF_A_DAY = ("net", "orders", "pieces", "per_order", "pieces_per_order", "returns", "tax", "rounding")

_FORMATS = {
    "text": "@",
    "date": "yyyy-mm-dd",
    "hour": '00":00"',
    "count": "#,##0",
    "ratio": "0.00",
    "percent": "0.0%",
}
_ACCENT, _GROUND, _LINE = "#0E7C5A", "#E7F4EF", "#E4E7EC"
_A4 = 9
_NARROWEST, _WIDEST = 10, 60

_Cell = str | int | Decimal | None
_Columns = Sequence[tuple[str, str]]
"""Headings and what kind of cells stand below them."""


def write_workbook(
    found: Report, path: Path, *, currency: str, shop_name: str, tender_names: Mapping[str, str]
) -> None:
    """Write a report as XLSX, in the current language, whole or not at all.

    Args:
        currency: ISO 4217; money stands in its main unit.
        tender_names: of the ways of paying, in the current language; a way that it lacks keeps its code.

    Raises:
        OSError: when the file cannot be written, or is a device and no file.
    """
    write_whole(path, _workbook(found, currency, shop_name, tender_names))


def _workbook(found: Report, currency: str, shop_name: str, tender_names: Mapping[str, str]) -> bytes:
    # Imported late: only who asks for a workbook needs it.
    from xlsxwriter import Workbook

    out = BytesIO()
    book = Workbook(out, {"in_memory": True})
    book.set_properties({"title": shop_name})
    pages = _Sheets(book, currency)
    _summarise(pages, found, currency, shop_name)
    days = pages.add(
        tr("Days"),
        [(tr("Date"), "date"), *((tr(_FIGURES[name][0]), _FIGURES[name][1]) for name in _OF_A_DAY)],
        [(day, *(getattr(figures, name) for name in _OF_A_DAY)) for day, figures in found.days],
    )
    hours = pages.add(
        tr("Hours"),
        [(tr("Hour"), "hour"), (tr("Net sales"), "money"), (tr("Orders"), "count"), (tr("Pieces"), "count")],
        [(int(group.key), group.net, group.orders, group.pieces) for group in found.by_hour],
    )
    pages.add(
        tr("Ways of paying"),
        [(tr("Way of paying"), "text"), (tr("Amount"), "money"), (tr("Payments"), "count")],
        [(tender_names.get(group.tender, group.tender), group.amount, group.count) for group in found.by_tender],
    )
    pages.add(
        tr("Products"),
        [(tr("Code"), "text"), (tr("Item"), "text"), (tr("Net sales"), "money"), (tr("Pieces"), "count")],
        [(group.key, group.name, group.net, group.pieces) for group in found.by_product],
    )
    _people(pages, tr("Cashiers"), tr("Cashier"), found.by_cashier)
    _people(pages, tr("Guides"), tr("Guide"), found.by_guide)
    if found.days:
        if found.start == found.end:
            chart = pages.chart(tr("Net sales by hour"), hours, len(found.by_hour), "hour")
        else:
            chart = pages.chart(tr("Net sales by day"), days, len(found.days), "date")
        days.insert_chart(1, len(_OF_A_DAY) + 2, chart)
        days.set_landscape()
    book.close()
    return out.getvalue()


def _summarise(pages: _Sheets, found: Report, currency: str, shop_name: str) -> None:
    """Figures below each other, each a cell of its own kind."""
    rows: list[tuple[str, _Cell, str]] = [
        (tr("Shop"), shop_name, "text"),
        (tr("From"), found.start, "date"),
        (tr("To"), found.end, "date"),
        (tr("Currency"), currency, "text"),
        *((tr(title), getattr(found.total, name), kind) for name, (title, kind) in _FIGURES.items()),
    ]
    sheet = pages.add(tr("Summary"), [(tr("Figure"), "text"), (tr("Value"), "count")], [])
    for place, (title, value, kind) in enumerate(rows, 1):
        pages.cell(sheet, place, 0, title, "text")
        pages.cell(sheet, place, 1, value, kind)
    sheet.set_column(0, 0, _width(title for title, _, _ in rows))
    sheet.set_column(1, 1, _width(pages.shown(value, kind) for _, value, kind in rows))


def _people(pages: _Sheets, title: str, heading: str, groups: Iterable[Group]) -> None:
    pages.add(
        title,
        [
            (heading, "text"),
            (tr("Name"), "text"),
            (tr("Net sales"), "money"),
            (tr("Orders"), "count"),
            (tr("Pieces"), "count"),
        ],
        [(group.key, group.name, group.net, group.orders, group.pieces) for group in groups],
    )


class _Sheets:
    """Adds sheets to a workbook: a bold heading that stays in sight, cells of their own kind, columns that fit."""

    def __init__(self, book: Any, currency: str) -> None:
        self._book = book
        self._digits = exponent(currency)
        self._forms = {**_FORMATS, "money": f"#,##0.{'0' * self._digits}".rstrip(".")}
        self._formats = {kind: book.add_format({"num_format": form}) for kind, form in self._forms.items()}
        look = {"bold": True, "bg_color": _GROUND, "bottom": 1}
        self._headings = {
            left: book.add_format({**look, "align": "left" if left else "right"}) for left in (True, False)
        }

    def add(self, name: str, columns: _Columns, rows: Sequence[Sequence[_Cell]]) -> Any:
        """A sheet with a row of headings and these rows."""
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        # A code is a text of digits; that is no error.
        sheet.ignore_errors({"number_stored_as_text": "A1:A1048576"})
        for column, (title, kind) in enumerate(columns):
            sheet.write_string(0, column, title, self._headings[kind in ("text", "date", "hour")])
            for row, values in enumerate(rows, 1):
                self.cell(sheet, row, column, values[column], kind)
            sheet.set_column(column, column, _width([title, *(self.shown(row[column], kind) for row in rows)]))
        return sheet

    def cell(self, sheet: Any, row: int, column: int, value: _Cell, kind: str) -> None:
        """Write a value; a ratio that there is not stays empty."""
        form = self._formats[kind]
        if value is None:
            sheet.write_blank(row, column, None, form)
        elif kind == "text":
            # A text stays one, whatever it begins with.
            sheet.write_string(row, column, str(value), form)
        elif kind == "date":
            sheet.write_datetime(row, column, date.fromisoformat(str(value)), form)
        elif kind == "money":
            sheet.write_number(row, column, int(value) / 10**self._digits, form)
        else:
            sheet.write_number(row, column, value, form)

    def shown(self, value: _Cell, kind: str) -> str:
        """About what the cell shows; for its width."""
        if value is None:
            return ""
        if kind == "money":
            return f"{int(value) / 10**self._digits:,.{self._digits}f}"
        return f"{value:,}" if kind == "count" else str(value)

    def chart(self, title: str, sheet: Any, rows: int, kind: str) -> Any:
        """Columns of a sheet's second column over its first."""
        made = self._book.add_chart({"type": "column"})
        name = sheet.get_name()
        made.add_series(
            {
                "name": tr("Net sales"),
                "categories": [name, 1, 0, rows, 0],
                "values": [name, 1, 1, rows, 1],
                "fill": {"color": _ACCENT},
                "gap": 40,
            }
        )
        made.set_title({"name": title, "name_font": {"size": 12}})
        made.set_legend({"none": True})
        made.set_x_axis({"num_format": self._forms[kind], "date_axis": kind == "date", "label_position": "low"})
        made.set_y_axis(
            {"num_format": self._forms["money"], "major_gridlines": {"visible": True, "line": {"color": _LINE}}}
        )
        made.set_size({"width": 720, "height": 360})
        return made


def _width(texts: Iterable[str]) -> int:
    """A column's width that holds the texts, in characters; wide ones count twice."""
    widest = max((sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text) for text in texts), default=0)
    return min(max(widest + 2, _NARROWEST), _WIDEST)
