"""Codes that were made elsewhere: taken in from files and as ranges, and at the counter in each form."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import xlsxwriter

from core.codes.elsewhere import LARGEST_RANGE
from core.codes.queries import Batch
from core.errors import BrokenWorldError, RefusedError
from core.events import CodesRegistered, UnitStep
from core.shop import codes, codes_elsewhere
from core.shop.code_files import CodeFile, read_code_file
from core.shop.codes_elsewhere import Taken
from core.shop.terminal import SYSTEM
from tests.builders import BAG, RICE, WATER, Shop

WECHAT = "https://wx.example.cn/q/AbC-123_x"
FACTORY = f"https://brand.example.cn/01/{RICE.code}/21/"


def refused(step: Callable[[], object]) -> str:
    with pytest.raises(RefusedError) as found:
        step()
    return found.value.code


def take_in(shop: Shop, *texts: str, **kwargs) -> Taken:
    return codes_elsewhere.take_in_list(shop.terminal, SYSTEM, RICE.code, texts, "list.csv", **kwargs)


def taken(shop: Shop, *texts: str) -> Batch:
    batch = take_in(shop, *texts).batch
    assert batch
    return batch


def take_range(shop: Shop, first: str, last: str, gtin: str = RICE.code, op: str = "") -> Batch:
    step = partial(codes_elsewhere.take_in_range, by=SYSTEM, gtin=gtin, first=first, last=last, op=op)
    return shop.terminal.write(step).result()


def reasons(found: Taken) -> list[tuple[int, str]]:
    return [(row, why.code) for row, why in found.refused]


def unit_key(shop: Shop, text: str) -> str:
    """The unit that a scan means."""
    scan = shop.scanned(text)
    return scan.unit.key if scan.unit else ""


class TestFiles:
    def read(self, tmp_path: Path, content: bytes, name: str = "codes.csv", column: str | None = None) -> list:
        path = tmp_path / name
        path.write_bytes(content)
        return read_code_file(path).codes(column)

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
    @pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
    def test_in_any_encoding(self, tmp_path, encoding, newline):
        text = newline.join(("名称,一物一码", "稻香大米,CODE-1", "稻香大米,CODE-2", ""))
        assert self.read(tmp_path, text.encode(encoding)) == [(2, "CODE-1"), (3, "CODE-2")]

    @pytest.mark.parametrize("name", ["uri", "URL", "Link", "code", "SERIAL", "链接", "网址", "二维码", "码", "防伪码"])
    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    def test_the_column_is_known_by_its_name(self, tmp_path, name, separator):
        rows = [("no", name, "name"), ("1", "CODE-1", "x"), ("2", "CODE-2", "y")]
        text = "\n".join(separator.join(row) for row in rows)
        assert self.read(tmp_path, text.encode("utf-8-sig")) == [(2, "CODE-1"), (3, "CODE-2")]

    def test_a_link_comes_before_a_serial(self, tmp_path):
        assert self.read(tmp_path, f"serial,uri\nS1,{WECHAT}\n".encode()) == [(2, WECHAT)]

    def test_another_column_is_told(self, tmp_path):
        text = b"code,tag\nCODE-1,TAG-1\n"
        assert self.read(tmp_path, text, column="TAG") == [(2, "TAG-1")]
        assert refused(lambda: self.read(tmp_path, text, column="label")) == "no_such_column"

    def test_of_many_columns_none_of_which_is_known_one_must_be_told(self, tmp_path):
        text = b"no,tag\n1,TAG-1\n"
        assert refused(lambda: self.read(tmp_path, text)) == "no_code_column"
        assert self.read(tmp_path, text, column="tag") == [(2, "TAG-1")]

    @pytest.mark.parametrize("name", ["codes.txt", "codes.csv"])
    def test_a_list_needs_no_header_and_may_have_gaps(self, tmp_path, name):
        text = f"{WECHAT}\r\n\r\n  CODE-2  \r\nCODE-3".encode()
        assert self.read(tmp_path, text, name) == [(1, WECHAT), (3, "CODE-2"), (4, "CODE-3")]
        assert self.read(tmp_path, b"url\n" + text, name) == [(2, WECHAT), (4, "CODE-2"), (5, "CODE-3")]

    def test_rows_without_a_code_are_passed_over(self, tmp_path):
        assert self.read(tmp_path, b"name,code\na,CODE-1\nb,\nc\nd,CODE-4\n") == [(2, "CODE-1"), (5, "CODE-4")]

    def workbook(self, path: Path, rows: list[tuple]) -> CodeFile:
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    sheet.write(number, column, value)
        return read_code_file(path)

    def test_a_spreadsheet(self, tmp_path):
        rows = [("商品", "二维码"), ("大米", WECHAT), (None, None), ("大米", "CODE-2"), ("大米", 12345678)]
        found = self.workbook(tmp_path / "codes.xlsx", rows)
        assert found.header[:2] == ("商品", "二维码") and found.name == "codes.xlsx"
        assert found.codes() == [(2, WECHAT), (4, "CODE-2"), (5, "12345678")]

    @pytest.mark.parametrize(
        ("content", "name", "reason"),
        [
            (b"", "a.csv", "file_empty"),
            (b" \r\n", "a.txt", "file_empty"),
            (b"PK\x03\x04 cut", "a.xlsx", "bad_xlsx"),
            (b"\xd0\xcf\x11\xe0 old", "a.xls", "old_xls"),
            (b"code,x\nA\xff\xffB,1\n" + b"CODE-1,2\n" * 9, "a.csv", "bad_encoding"),
            (b'code,x\n"CODE-1,1\n', "a.csv", "file_cut"),
        ],
    )
    def test_what_is_no_list_is_refused(self, tmp_path, content, name, reason):
        assert refused(lambda: self.read(tmp_path, content, name)) == reason

    def test_a_file_that_is_not_there(self, tmp_path):
        with pytest.raises(BrokenWorldError, match="file_unreadable"):
            read_code_file(tmp_path / "no.csv")


class TestLists:
    def test_every_code_is_a_unit_of_the_goods(self, shop):
        texts = [WECHAT, "CODE-0001", f"{FACTORY}A1", "ab"]
        batch = taken(shop, *texts[:3])
        assert (batch.made, batch.gtin, batch.issued, batch.asked) == ("list", RICE.code, 3, 3)
        keys = [WECHAT, "CODE-0001", f"{RICE.code}/A1"]
        assert shop.serials(batch.name) == keys
        for place, (text, key) in enumerate(zip(texts, keys, strict=False)):
            unit = shop.unit(text)
            assert (unit.key, unit.gtin, unit.batch, unit.ordinal) == (key, RICE.code, batch.name, place)
        assert shop.unit(f"{FACTORY}A1").serial == "A1"
        assert shop.diagnosis(full=True).ok

    def test_what_cannot_be_a_code_refuses_the_list_row_by_row(self, shop):
        bad = [
            "CODE-1", "abc", "x" * 65, "with space", "大米", "134567890123456789", RICE.shown_code, WATER.code,
            f"https://brand.example.cn/01/{WATER.code}/21/A1", "CODE-1",
        ]  # fmt: skip
        found = take_in(shop, *bad)
        assert found.batch is None and not shop.scanned("CODE-1").known
        assert reasons(found) == [
            (2, "bad_unit_code"), (3, "bad_unit_code"), (4, "bad_unit_code"), (5, "bad_unit_code"),
            (6, "payment_code"), (7, "code_of_other_item"), (8, "code_of_other_item"), (9, "code_of_other_item"),
            (10, "code_taken"),
        ]  # fmt: skip

    def test_the_good_ones_are_taken_where_that_is_wanted(self, shop):
        found = take_in(shop, "bad one", "CODE-1", "CODE-1", "CODE-2", skip_bad=True)
        assert (found.batch.issued, found.batch.asked) == (2, 2)
        assert reasons(found) == [(1, "bad_unit_code"), (3, "code_taken")]
        assert shop.serials(found.batch.name) == ["CODE-1", "CODE-2"]

    @pytest.mark.parametrize("texts", [[], ["bad one", "大米"]])
    def test_without_a_good_one_there_is_no_batch(self, shop, texts):
        assert refused(lambda: take_in(shop, *texts, skip_bad=True)) == "no_codes"
        assert shop.terminal.read(codes.batch_rows).result() == []

    def test_a_payment_code_is_in_no_fact(self, shop):
        take_in(shop, "134567890123456789", "CODE-1", skip_bad=True)
        rows = shop.terminal.read(lambda v: v.connection.execute("SELECT event FROM journal").fetchall()).result()
        assert not any(b"134567890123456789" in raw for (raw,) in rows)

    def test_goods_need_a_gtin_and_to_be_known(self, shop):
        step = partial(codes_elsewhere.take_in_list, shop.terminal, SYSTEM, texts=["CODE-1"], source="x")
        assert refused(lambda: step(gtin="6901234567892")) == "unknown_product"
        assert refused(lambda: step(gtin=BAG.code)) == "no_gtin"

    def test_a_code_belongs_to_one_batch(self, shop):
        taken(shop, "CODE-1", f"{FACTORY}A1")
        assert reasons(take_in(shop, "CODE-2", "CODE-1")) == [(2, "code_taken")]
        # The same code in another carrier.
        assert reasons(take_in(shop, f"(01){RICE.code}(21)A1")) == [(1, "code_taken")]
        _, (ours,) = shop.issue(RICE, 1)
        assert reasons(take_in(shop, ours)) == [(1, "code_taken")]
        # Letters count: others' codes are not ours to fold.
        assert taken(shop, "code-1").issued == 1

    def test_a_code_that_came_in_meanwhile_is_refused_when_it_is_recorded(self, shop):
        def between(session) -> CodesRegistered:
            head = session.head("op", "digest", SYSTEM)
            event = CodesRegistered(
                head=head, batch="X", gtin=RICE.code, asked=2, ordinal=0, codes=["CODE-9", "CODE-1"]
            )
            return session.journal.record("op", "digest", CodesRegistered, lambda _: event)

        taken(shop, "CODE-1")
        assert refused(lambda: shop.terminal.write(between).result()) == "code_taken"
        assert not shop.scanned("CODE-9").known

    def test_a_long_list_is_many_facts_and_one_batch(self, shop):
        told: list[int] = []
        texts = [f"CODE-{n}X" for n in range(2_345)]
        batch = take_in(shop, *texts, tick=told.append).batch
        assert told == [1_000, 1_000, 345] and batch.issued == 2_345
        assert shop.serials(batch.name) == texts
        part = partial(codes.serials_of, name=batch.name, start=998, count=4)
        assert shop.terminal.read(part).result() == texts[998:1_002]
        assert shop.diagnosis(full=True).ok


class TestRanges:
    def test_every_code_between_is_a_unit(self, shop):
        batch = take_range(shop, "LOT7-0098", "LOT7-0102")
        assert (batch.made, batch.issued, batch.asked) == ("range", 5, 5)
        keys = ["LOT7-0098", "LOT7-0099", "LOT7-0100", "LOT7-0101", "LOT7-0102"]
        assert shop.serials(batch.name) == keys
        assert [shop.unit(key).ordinal for key in keys] == [0, 1, 2, 3, 4]
        for text in ("LOT7-0097", "LOT7-0103", "LOT7-100", "LOT7-00100", "LOT8-0100", "LOT70100", "X-LOT7-0100"):
            assert not shop.scanned(text).known
        assert shop.diagnosis(full=True).ok

    def test_of_links(self, shop):
        begin = "http://wx.example.cn/q?c="
        take_range(shop, f"{begin}100", f"{begin}999")
        assert unit_key(shop, f"{begin}555") == f"{begin}555" and not unit_key(shop, f"{begin}1000")

    @pytest.mark.parametrize(
        ("first", "last"),
        [
            ("A-0002", "A-0001"), ("A-0001", "B-0002"), ("A-0001", "A-00002"), ("A-0001", "A-xxxx"), ("AAAA", "BBBB"),
            ("A-00000001", f"A-{LARGEST_RANGE + 1:08}"),
        ],
    )  # fmt: skip
    def test_what_does_not_count_from_one_to_the_other(self, shop, first, last):
        assert refused(lambda: take_range(shop, first, last)) == "bad_range"

    @pytest.mark.parametrize(
        ("first", "last", "reason"),
        [
            ("A1", "A2", "bad_unit_code"),
            ("A 0001", "A 0002", "bad_unit_code"),
            ("134567890123456780", "134567890123456789", "payment_code"),
            (RICE.shown_code, RICE.shown_code, "code_of_other_item"),
        ],
    )
    def test_what_cannot_be_codes(self, shop, first, last, reason):
        assert refused(lambda: take_range(shop, first, last)) == reason

    def test_as_many_as_there_may_be_and_beyond_fifteen_digits(self, shop):
        first = 10**17 * 88
        batch = take_range(shop, f"{first}", f"{first + LARGEST_RANGE - 1}")
        assert batch.issued == LARGEST_RANGE
        for number in (first, first + 1_234_567, first + LARGEST_RANGE - 1):
            assert shop.unit(f"{number}").ordinal == number - first
        assert not unit_key(shop, f"{first + LARGEST_RANGE}") and not unit_key(shop, f"{first - 1}")
        part = partial(codes.serials_of, name=batch.name, start=LARGEST_RANGE - 2, count=9)
        assert shop.terminal.read(part).result() == [f"{first + LARGEST_RANGE - n}" for n in (2, 1)]
        assert shop.balance(batch.name).on_hand == LARGEST_RANGE

    @pytest.mark.parametrize(
        ("first", "last"),
        [
            ("A-0005", "A-0005"), ("A-0001", "A-0006"), ("A-0008", "A-0010"), ("A-0020", "A-0030"),
            ("A-0012", "A-0018"), ("A-0009", "A-0021"), ("A-0010", "A-0020"),
        ],
    )  # fmt: skip
    def test_a_code_belongs_to_one_of_them(self, shop, first, last):
        take_range(shop, "A-0010", "A-0020")
        taken(shop, "A-0005")
        assert refused(lambda: take_range(shop, first, last, WATER.code)) == "code_taken"

    def test_beside_each_other_they_do_not_touch(self, shop):
        taken(shop, "A-0005", "A-00015", "B-0015")
        names = [take_range(shop, *ends).name for ends in (("A-0010", "A-0020"), ("A-0021", "A-0030"))]
        names += [take_range(shop, *ends).name for ends in (("A-0006", "A-0009"), ("A-00016", "A-00020"))]
        assert [shop.unit(code).batch for code in ("A-0020", "A-0021", "A-0009", "A-00016")] == names
        assert reasons(take_in(shop, "A-0015", "A-0031")) == [(1, "code_taken")]

    def test_the_same_form_twice_is_one_batch(self, shop):
        assert take_range(shop, "A-0001", "A-0010", op="form") == take_range(shop, "A-0001", "A-0010", op="form")
        assert refused(lambda: take_range(shop, "A-0001", "A-0011", op="form")) == "form_changed"
        assert len(shop.terminal.read(codes.batch_rows).result()) == 1


class TestAtTheCounter:
    @pytest.fixture
    def batch(self, shop) -> Batch:
        return taken(shop, "CODE-0001", WECHAT, f"{FACTORY}A%2FB1", "ABCD2345EFGH6789")

    @pytest.mark.parametrize(
        ("text", "serial"),
        [
            ("CODE-0001", "CODE-0001"),
            ("  CODE-0001\r\n", "CODE-0001"),
            ("ＣＯＤＥ－０００１", "CODE-0001"),
            (WECHAT, WECHAT),
            (f"{FACTORY}A%2FB1", "A/B1"),
            (f"{FACTORY}A%2fB1?utm_source=x", "A/B1"),
            (f"]Q1{FACTORY}A%2FB1", "A/B1"),
            (f"https://other.example.cn/stem/01/{RICE.code}/21/A%2FB1", "A/B1"),
            (f"(01){RICE.code}(21)A/B1", "A/B1"),
            (f"]d201{RICE.code}21A/B1", "A/B1"),
            ("ABCD2345EFGH6789", "ABCD2345EFGH6789"),
        ],
    )
    def test_a_unit_is_sold_and_taken_back_in_each_form(self, shop, batch, text, serial):
        sale = shop.sell_codes(text)
        assert (sale.lines[0].code, sale.lines[0].serial, sale.lines[0].quantity) == (RICE.code, serial, 1)
        assert shop.unit(text).state == "sold" and shop.balance(batch.name).sold == 1
        assert refused(lambda: shop.sell_codes(text)) == "unit_sold"
        assert shop.bring_codes_back(text).lines[0].origin == sale.receipt
        assert (shop.balance(batch.name).sold, shop.balance(batch.name).returned) == (0, 1)
        assert shop.diagnosis(full=True).ok

    @pytest.mark.parametrize("text", ["CODE-0002", WECHAT + "x", WECHAT[:-1], "CODE-000", "CODE0001"])
    def test_what_is_not_in_the_list_is_nothing(self, shop, batch, text):
        assert shop.scanned(text).kind == "unknown"

    @pytest.mark.parametrize("serial", ["A%2fB2", "a%2Fb1", "B1"])
    def test_a_link_of_the_factory_that_is_not_in_the_list_is_the_product(self, shop, batch, serial):
        scan = shop.scanned(FACTORY + serial)
        assert (scan.kind, scan.product, scan.unit) == ("product", RICE, None)

    def test_a_bar_code_stays_what_it_is(self, shop, batch):
        take_range(shop, "8888000000", "8888999999")
        for product in (RICE, WATER):
            assert shop.scanned(product.shown_code).product == product
            assert shop.scanned(product.shown_code).unit is None

    def test_a_part_is_put_on_sale_and_the_rest_is_not(self, shop):
        shop.set("activation", "yes")
        listed, ranged = taken(shop, *(f"{FACTORY}{n}" for n in range(1, 7))), take_range(shop, "N-001", "N-100")
        assert refused(lambda: shop.sell_codes("N-011")) == refused(lambda: shop.sell_codes(f"{FACTORY}3"))
        shop.say_of(f"{listed.name}:2-3", UnitStep.ON_SALE)
        shop.say_of(f"{ranged.name}:11-20", UnitStep.ON_SALE)
        for text in (f"{FACTORY}1", f"{FACTORY}4", "N-010", "N-021"):
            assert refused(lambda t=text: shop.sell_codes(t)) == "unit_not_on_sale"
        assert shop.sell_codes(f"{FACTORY}2", f"{FACTORY}3", "N-011", "N-020").pieces == 4

    def test_what_is_said_of_one_or_of_its_batch_holds(self, shop, batch):
        shop.say(UnitStep.VOID, "CODE-0001")
        shop.say(UnitStep.FROZEN, f"{FACTORY}A%2FB1")
        assert refused(lambda: shop.sell_codes("CODE-0001")) == "unit_void"
        assert refused(lambda: shop.sell_codes(f"(01){RICE.code}(21)A/B1")) == "unit_frozen"
        shop.say_of(batch.name, UnitStep.FROZEN)
        assert refused(lambda: shop.sell_codes(WECHAT)) == "unit_frozen"
        found = shop.balance(batch.name)
        assert (found.issued, found.on_hand, found.void, found.frozen) == (4, 3, 1, 4)

    def test_its_code_is_printed_elsewhere(self, shop, batch):
        with pytest.raises(RefusedError, match="made_elsewhere"):
            codes.issue_rest(shop.terminal, SYSTEM, batch.name)
