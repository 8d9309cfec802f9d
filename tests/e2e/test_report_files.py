"""The report as files: a workbook with real types, pages to print, and neither of them by halves."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pypdf
import pytest

from core.reports.kpi import Figures, Group, Repeat, Report, TenderGroup, total
from core.settings import Settings
from tests.e2e.test_cli import RICE, WATER

ODD = ("=1+1", "+SUM(A1)", "-2", "@cmd")
"""Names that a spreadsheet would reckon with if it took them for formulas."""


@pytest.fixture
def busy(shop):
    """A shop with sales in two ways, one of them given back in part, of goods with odd names."""
    for place, name in enumerate(ODD):
        shop.ok("product", "add", f"ODD{place}", "--name", name, "--price", "3.33")
    sale = shop.ok("sell", f"{WATER}*3", RICE, "BAG-L", "--cash", "100", "--guide", "G1")
    shop.ok("return", sale["receipt"], WATER)
    shop.ok("sell", *(f"ODD{place}" for place in range(len(ODD))), "--wechat", "W1")
    return shop


@pytest.fixture
def several(shop, tmp_path):
    """A shop with two days of sales, three months apart."""
    sales = tmp_path / "sales.csv"
    sales.write_text(f"date,product_id,quantity,amount\n2000-11-01,{WATER},1,2\n2001-02-03,{WATER},2,4.01\n", "utf-8")
    shop.ok("replay", sales)
    return shop


def sheets(path: Path) -> dict[str, list[dict[str, object]]]:
    """A workbook's rows under their headings."""
    found = {}
    for sheet in openpyxl.load_workbook(path):
        headings, *rows = sheet.iter_rows(values_only=True)
        found[sheet.title] = [dict(zip(headings, row, strict=True)) for row in rows]
    return found


def minor(value: object) -> int:
    """The fen of an amount; a workbook holds it as the number that is nearest."""
    assert isinstance(value, int | float)
    assert abs(value * 100 - round(value * 100)) < 1e-6
    return round(value * 100)


def pdf_text(path: Path) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in pypdf.PdfReader(path).pages]


def test_a_workbook_adds_up_to_the_report(busy, tmp_path):
    path = tmp_path / "day.xlsx"
    report = busy.ok("report", "--xlsx", path)
    assert report == busy.ok("report")
    found = sheets(path)
    assert list(found) == ["Summary", "Days", "Hours", "Ways of paying", "Products", "Cashiers", "Guides"]
    summary = {row["Figure"]: row["Value"] for row in found["Summary"]}
    assert (summary["Shop"], summary["Currency"]) == ("杨柳巷", "CNY")
    assert [summary[name].date().isoformat() for name in ("From", "To")] == [report["from"], report["to"]]
    figures = report["total"]
    assert figures["net"] == 5640 - 200 + 4 * 333
    assert minor(summary["Net sales"]) == figures["net"] and minor(summary["Returns"]) == figures["returns"] == 200
    assert minor(summary["Per order"]) == figures["per_order"] and minor(summary["Tax included"]) == figures["tax"]
    assert (summary["Orders"], summary["Pieces"]) == (2, figures["pieces"])
    assert summary["Return rate"] == pytest.approx(figures["return_rate"])
    for name, parts in (
        ("Days", report["days"]),
        ("Hours", report["by_hour"]),
        ("Products", report["by_product"]),
        ("Cashiers", report["by_cashier"]),
        ("Guides", report["by_guide"]),
    ):
        assert [minor(row["Net sales"]) for row in found[name]] == [part["net"] for part in parts], name
        assert [row["Pieces"] for row in found[name]] == [part["pieces"] for part in parts]
    assert sum(minor(row["Net sales"]) for row in found["Products"]) == figures["net"]
    ways = {row["Way of paying"]: (minor(row["Amount"]), row["Payments"]) for row in found["Ways of paying"]}
    assert ways == {"Cash": (5440, 2), "WeChat Pay": (1332, 1)}


def test_a_workbooks_cells_are_of_their_own_kind(busy, tmp_path):
    path = tmp_path / "day.xlsx"
    busy.ok("report", "--xlsx", path)
    book = openpyxl.load_workbook(path)
    day = {heading.value: cell for heading, cell in zip(*book["Days"].iter_rows(), strict=True)}
    assert day["Date"].is_date and day["Date"].number_format == "yyyy-mm-dd"
    assert (day["Net sales"].data_type, day["Net sales"].number_format) == ("n", "#,##0.00")
    assert isinstance(day["Orders"].value, int) and day["Orders"].number_format == "#,##0"
    assert day["Pieces per order"].number_format == "0.00"
    assert {cell.number_format for cell in book["Summary"]["B"]} >= {"0.0%", "yyyy-mm-dd", "#,##0", "#,##0.00"}
    hours = book["Hours"]["A"]
    assert isinstance(hours[1].value, int) and hours[1].number_format == '00":00"'
    for sheet in book:
        assert sheet.freeze_panes == "A2" and all(cell.font.bold for cell in sheet[1])
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    products = {row[1].value: row[0] for row in book["Products"].iter_rows(min_row=2)}
    assert set(ODD) <= set(products) and {code.data_type for code in products.values()} == {"s"}
    assert products["水"].value == f"0{WATER}"


@pytest.mark.parametrize(
    ("period", "charted"), [((), "Hours"), (("--from", "2000-01-01", "--to", "2001-12-31"), "Days")]
)
def test_a_chart_shows_the_hours_of_a_day_or_the_days_of_a_period(several, tmp_path, period, charted):
    several.ok("sell", WATER)
    report = several.ok("report", *period, "--xlsx", tmp_path / "days.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "days.xlsx")["Days"]
    (chart,) = sheet._charts
    last = ":$B$3" if len(report["days"]) == 2 else ""
    assert chart.series[0].val.numRef.f == f"{charted}!$B$2{last}"
    assert [cell.value.date().isoformat() for cell in sheet["A"][1:]] == [day["date"] for day in report["days"]]


@pytest.mark.parametrize(("currency", "form", "value"), [("JPY", "#,##0", 1234), ("KWD", "#,##0.000", 1.234)])
def test_money_has_the_digits_of_its_currency(cli, tmp_path, currency, form, value):
    cli.ok("setup", "--store", "S1", "--terminal", "T1", "--currency", currency)
    cli.ok("product", "add", "A1", "--name", "n", "--price", str(value))
    cli.ok("sell", "A1")
    cli.ok("report", "--xlsx", tmp_path / "day.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "day.xlsx")["Days"]["B2"]
    assert (cell.value, cell.number_format) == (value, form)


def test_pages_to_print_can_be_read_and_searched(busy, tmp_path):
    path = tmp_path / "day.pdf"
    report = busy.ok("report", "--pdf", path)
    assert report == busy.ok("report")
    text = "\n".join(pdf_text(path))
    for part in ("杨柳巷", report["from"], "67.72", "33.86", "2 · 4.00", "2.00", "Net sales by hour", "By hour"):
        assert part in text, part
    for part in ("大米", "水", "购物袋", *ODD, "Cash", "54.40", "WeChat Pay", "13.32", "system", "G1"):
        assert part in text, part
    (page, *_) = pypdf.PdfReader(path).pages
    assert [round(float(side) / 72 * 25.4) for side in (page.mediabox.width, page.mediabox.height)] == [210, 297]


def test_pages_of_a_period_show_its_days(several, tmp_path):
    several.ok("report", "--from", "2000-11-01", "--to", "2001-02-03", "--pdf", tmp_path / "days.pdf")
    text = "\n".join(pdf_text(tmp_path / "days.pdf"))
    for part in ("2000-11-01 … 2001-02-03", "Net sales by day", "By day", "6.01", "4.01"):
        assert part in text, part


def test_a_long_report_goes_on_on_numbered_pages(qapp, tmp_path):
    from ui.printing.report import write_report_pdf

    days = tuple(
        ((date(2026, 1, 1) + timedelta(n)).isoformat(), Figures(net=100 * n - 50, orders=1, pieces=2))
        for n in range(120)
    )
    goods = tuple(Group(f"A{n}", 5000 - n, 0, 1, f"商品{n}号" + "很长的名字" * 20) for n in range(40))
    people = (Group("C1", 5000, 1, 1, "王芳"),)
    found = Report(
        days[0][0], days[-1][0], total(figures for _, figures in days), days, (),
        (TenderGroup("cash", 5000, 3),), goods, (), people, (),
        Repeat(30),
    )  # fmt: skip
    write_report_pdf(found, Settings({"name": "杨柳巷"}), tmp_path / "long.pdf")
    pages = pdf_text(tmp_path / "long.pdf")
    assert len(pages) > 3
    for n, page in enumerate(pages, 1):
        assert f"Page {n} of {len(pages)}" in page and "杨柳巷 · 2026-01-01 … 2026-04-30" in page
        assert n == 1 or "Net sales" in page
    text = "\n".join(pages)
    # Signs as they are written, not the radicals that look like them.
    assert "商品29号很长的名字" in text and "商品30号" not in text and "The first 30 of 40 items" in text
    assert all(day in text for day, _ in days)


@pytest.mark.parametrize("kind", ["pdf", "xlsx"])
def test_a_day_without_sales_is_a_file_too(shop, tmp_path, kind):
    assert shop.ok("report", f"--{kind}", tmp_path / "day")["total"]["orders"] == 0
    assert (tmp_path / "day").stat().st_size > 1000


@pytest.mark.parametrize("kind", ["pdf", "xlsx"])
def test_a_report_that_cannot_be_written_says_so_and_leaves_nothing(busy, tmp_path, kind):
    folder = tmp_path / "files"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    (folder / "circle").symlink_to(folder / "circle")
    (folder / "kept").write_text("the old one", "utf-8")
    for path, why in (
        (folder / "nowhere" / "day", "No such file"),
        (folder, "Invalid argument"),
        (folder / "pipe", "Invalid argument"),
        (folder / "circle", "symbolic links"),
        ("/dev/full", "Invalid argument"),
        ("", "Invalid argument"),
    ):
        done = busy("report", f"--{kind}", path)
        assert (done.code, done.out) == (3, ""), path
        assert "cannot be written" in done.err and why in done.err
        assert busy.refused("report", f"--{kind}", path, code=3) == "file_unwritable"
    assert (folder / "kept").read_text("utf-8") == "the old one"
    assert {path.name for path in folder.iterdir()} == {"pipe", "circle", "kept"}
    assert Path("/dev/full").is_char_device() and (folder / "pipe").is_fifo()


def test_a_sign_that_the_font_lacks_refuses_to_print_a_report(busy, tmp_path):
    busy.ok("settings", "name", "\U0001f600")
    assert busy.refused("report", "--pdf", tmp_path / "day.pdf", code=3) == "glyph_missing"
    assert not list(tmp_path.glob("day*"))


def test_one_file_at_a_time(shop, tmp_path):
    assert shop("report", "--pdf", tmp_path / "a", "--xlsx", tmp_path / "b").code == 2
