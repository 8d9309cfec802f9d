"""Goods from files, by hand, and found again."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from functools import partial

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import feed, tables
from core.catalogue.files import read_catalogue
from core.catalogue.product import Product, product_code, search_query, search_words
from core.errors import BrokenWorldError, RefusedError
from core.shop import goods
from core.shop.terminal import SYSTEM, Terminal
from tests.builders import RICE, WATER

HEADER = "条码,名称,规格,售价,税率,分类\n"
ROWS = "9521000000377,云岭矿泉水,550ml,2.00,13%,饮料\n9521000008144,稻香大米,5kg,49.90,9%,粮油\n"


@pytest.fixture
def write(tmp_path):
    def write(content: str | bytes, name: str = "goods.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    return write


def refusal(path, **kwargs) -> str:
    with pytest.raises(RefusedError) as refused:
        read_catalogue(path, "CNY", **kwargs)
    return refused.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_whatever_a_shops_spreadsheet_writes_is_read(write, encoding, line_end, delimiter):
    text = (HEADER + ROWS).replace("\n", line_end).replace(",", delimiter)
    file = read_catalogue(write(text.encode(encoding)), "CNY")
    assert file.products == (WATER, RICE) and not file.refused


def test_a_spreadsheet_is_read_with_its_numbers(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["barcode", "name", "spec", "price", "tax_rate", "category"])
    sheet.append([9521000000377, "云岭矿泉水", "550ml", 2.0, "13%", "饮料"])
    sheet.append(["9521000008144", "稻香大米", "5kg", 49.9, 0.09, "粮油"])
    sheet.append([614141000036, "short", None, 19.99, None, None])
    book.save(tmp_path / "goods.xlsx")
    file = read_catalogue(tmp_path / "goods.xlsx", "CNY")
    assert file.products[:2] == (WATER, RICE)
    assert (file.products[2].code, file.products[2].price) == ("00614141000036", 1999)


def test_only_an_identity_is_required(write):
    (product,) = read_catalogue(write("product_id,price\nBAG-L,0\n"), "CNY").products
    assert product == Product("BAG-L", "BAG-L")


def test_a_product_id_that_is_no_gtin_is_the_shops_own_code(write):
    first, second = read_catalogue(write("product_id\n6901234567892\n6901234567893\n"), "CNY").products
    assert (first.code, second.code) == ("06901234567892", "6901234567893")


def test_a_column_can_be_told(write):
    path = write("编号X,价\nA1,2\n")
    (product,) = read_catalogue(path, "CNY", {"code": "编号X", "price": "价"}).products
    assert product == Product("A1", "A1", 200)
    assert refusal(path, mapping={"code": "nowhere"}) == "no_such_column"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("9521000000378,x,,2,,", "bad_gtin"),
        (",x,,2,,", "no_code"),
        ("9521000000377,x,,1e12,,", "bad_amount"),
        ("9521000000377,x,,-1,,", "bad_price"),
        ("9521000000377,x,,2,99x,", "bad_rate"),
        ("9521000000377," + "长" * 121 + ",,2,,", "bad_name"),
        ("9521000000377,a,,2,,\n09521000000377,b,,3,,", "code_twice"),
    ],
)
def test_a_bad_row_is_named(write, row, code):
    refused = read_catalogue(write(HEADER + row + "\n"), "CNY").refused
    assert [bad.reason.code for bad in refused] == [code]
    assert refused[0].row == row.count("\n") + 2


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (ROWS, "goods.csv", "no_header"),
        ("", "goods.csv", "file_empty"),
        ("  \n ", "goods.csv", "file_empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(300), "goods.csv", "bad_encoding"),
        (b"\xd0\xcf\x11\xe0" + bytes(300), "goods.xls", "old_xls"),
        (HEADER + ROWS, "goods.xlsx", "bad_xlsx"),
        (b"PK\x03\x04" + bytes(300), "goods.xlsx", "bad_xlsx"),
        (HEADER + '9521000000377,"open', "goods.csv", "file_cut"),
        (HEADER + ROWS[: len(ROWS) - 8], "goods.csv", "file_cut"),
        ((HEADER + "9521000000377,云岭").encode()[:-1], "goods.csv", "file_cut"),
        (HEADER + '9521000000377,"a"b,,2,,\n', "goods.csv", "bad_csv"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused(write, content, name, code):
    assert refusal(write(content, name)) == code


def test_a_spreadsheet_cut_in_half_is_refused(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["barcode"])
    book.save(tmp_path / "whole.xlsx")
    content = (tmp_path / "whole.xlsx").read_bytes()
    (tmp_path / "half.xlsx").write_bytes(content[: len(content) // 2])
    assert refusal(tmp_path / "half.xlsx") == "bad_xlsx"


def test_a_file_that_is_not_there_is_a_broken_world(tmp_path):
    with pytest.raises(BrokenWorldError):
        read_catalogue(tmp_path / "nothing.csv", "CNY")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "goods.csv"
    path.write_bytes(content)
    try:
        read_catalogue(path, "CNY")
    except RefusedError as refused:
        assert refused.code


def take_in(terminal: Terminal, path, **kwargs) -> goods.ImportResult:
    file = read_catalogue(path, "CNY")
    return goods.import_catalogue(terminal, SYSTEM, file, tick=lambda _: None, **kwargs)


def find(shop, code: str) -> Product | None:
    return shop.terminal.read(partial(goods.known_product, text=code)).result()


def search(shop, text: str) -> list[str]:
    return [p.name for p in shop.terminal.read(partial(goods.search_products, text=text)).result()]


def test_an_import_counts_what_it_changed(shop, write):
    more = HEADER + ROWS + "9521000022942,布袋,,0.50,13%,\n"
    result = take_in(shop.terminal, write(more))
    assert (result.added, result.updated, result.unchanged) == (1, 0, 2)
    result = take_in(shop.terminal, write(more.replace("0.50", "0.60")))
    assert (result.added, result.updated, result.unchanged) == (0, 1, 2)
    assert find(shop, "9521000022942").price == 60


def test_the_newer_of_file_and_hand_holds(shop, write):
    take_in(shop.terminal, write(HEADER + "9521000000377,新名,,3.00,13%,\n"))
    assert find(shop, WATER.code).name == "新名"
    shop.terminal.write(partial(goods.set_product, by=SYSTEM, product=WATER)).result()
    assert find(shop, WATER.code) == WATER


def test_a_refused_row_refuses_the_file(shop, write):
    path = write(HEADER + "9521000022942,布袋,,0.50,13%,\n9521000000378,x,,2,,\n")
    result = take_in(shop.terminal, path)
    assert not result.done and find(shop, "9521000022942") is None
    result = take_in(shop.terminal, path, skip_bad=True)
    assert result.done and result.added == 1 and find(shop, "9521000022942")


def test_a_crash_before_the_fact_leaves_nothing_and_after_it_everything(shop, write, clock):
    terminal = shop.terminal
    products = read_catalogue(write(HEADER + "9521000022942,布袋,,0.50,13%,\n"), "CNY")
    new = [(None, product) for product in products.products]
    terminal.write(lambda s: feed.stage(s.connection, "lost", new)).result()
    terminal.write(lambda s: feed.stage(s.connection, "kept", new)).result()
    record = partial(goods._record_import, by=SYSTEM, import_id="kept", file=products, counts=(1, 0, 0))
    terminal.write(record).result()
    assert find(shop, "9521000022942") is None
    folder = terminal.home.folder
    terminal.close()
    with Terminal(folder, clock=clock) as again:
        assert again.write(partial(goods.known_product, text="9521000022942")).result()
        assert again.write(lambda s: feed.unfinished(s.connection)).result() == []
        left = again.write(lambda s: s.connection.execute("SELECT count(*) FROM local_import_row").fetchone()).result()
        assert left == (0,)
    terminal._lock = None


@pytest.mark.parametrize(
    "text",
    ["矿泉", "云岭矿泉水", "ylkqs", "kqs", "550", "矿泉 550", "水", "9521000000377", "95210000003", "09521000000377"],
)
def test_goods_are_found_by_code_name_and_initials(shop, text):
    assert "云岭矿泉水" in search(shop, text)


@pytest.mark.parametrize("text", ["泉矿", "sqk", "可乐", '"', "* OR a", "", "   ", "NEAR(", "矿泉 5kg"])
def test_what_is_not_there_is_not_found(shop, text):
    assert search(shop, text) == []


def test_own_codes_are_found_by_their_beginning(shop):
    assert search(shop, "BAG") == ["购物袋"]


@given(st.text(alphabet="可口乐水果汁茶ab19 ", min_size=2, max_size=12), st.data())
def test_any_part_of_a_name_is_indexed(name, data):
    words = search_words(Product("X", name)).split()
    runs = [part for part in name.split() if len(part) > 1 and (part.isascii() or not any(c.isascii() for c in part))]
    for run in runs:
        start = data.draw(st.integers(0, len(run) - 2))
        part = run[start : start + data.draw(st.integers(2, len(run) - start))]
        phrase = search_query(part).strip('"').split()
        assert any(words[at : at + len(phrase)] == phrase for at in range(len(words)))


@pytest.mark.parametrize("text", ["a b", "", "码", "x" * 41, "a\tb"])
def test_what_cannot_be_a_code_is_refused(text):
    with pytest.raises(RefusedError):
        product_code(text)


def test_what_a_price_list_does_not_say_stays(shop, write):
    file = read_catalogue(write(f"条码,零售价(元)\n{WATER.shown_code},2.50\n"), "CNY")
    preview = goods.preview_import(shop.terminal, file)
    assert [(change.before, change.after) for change in preview.changes] == [(WATER, replace(WATER, price=250))]
    goods.import_catalogue(shop.terminal, SYSTEM, file, tick=lambda _: None)
    assert find(shop, WATER.code) == replace(WATER, price=250)


def test_a_column_that_is_there_and_empty_says_that_there_is_nothing(shop, write):
    file = read_catalogue(write(f"barcode,price,category\n{WATER.shown_code},,\n"), "CNY")
    goods.import_catalogue(shop.terminal, SYSTEM, file, tick=lambda _: None)
    assert find(shop, WATER.code) == replace(WATER, price=None, category="")


def test_a_row_far_away_is_no_row(tmp_path, monkeypatch):
    """A spreadsheet of a few bytes may say that its next row is the trillionth."""
    monkeypatch.setattr(tables, "_MOST_ROWS", 10_000)
    path = tmp_path / "gap.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["barcode", "price"])
    book.active.append(["9521000022942", "1"])
    book.save(path)
    content = {}
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    sheet = content["xl/worksheets/sheet1.xml"]
    content["xl/worksheets/sheet1.xml"] = sheet.replace(b'<row r="2"', b'<row r="1000000000000"')
    with zipfile.ZipFile(path, "w") as archive:
        for name, bytes_ in content.items():
            archive.writestr(name, bytes_)
    assert read_catalogue(path, "CNY").products == ()
