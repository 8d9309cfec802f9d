"""Unit codes at the command line: issued, printed, sold, brought back, followed."""

from __future__ import annotations

import csv
import json
import re
from datetime import datetime
from pathlib import Path

import pypdf
import pytest
import zxingcpp
from PIL import Image

from tests import tspl, zpl
from tests.cli import Cli
from tests.e2e.test_cli import RICE, WATER, journal
from tests.label_canvas import PRINTED

LINK = f"HTTPS://ID.EXAMPLE.COM/01/0{WATER}/21/"


def link(serial: str) -> str:
    return LINK + serial


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def issued(shop: Cli, count: int, gtin: str = WATER) -> tuple[str, list[str]]:
    """A new batch: its name and its serials."""
    path = shop.home.parent / "issued.csv"
    batch = shop.ok("issue", gtin, str(count), "--csv", path)["batch"]
    return batch, [row["serial"] for row in rows(path)]


def pdf_text(path: Path) -> str:
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pypdf.PdfReader(path).pages))


def test_codes_come_out_in_every_form_at_once_and_are_the_same_in_all_of_them(shop, tmp_path):
    done = shop.ok(
        "issue", WATER, "12", "--pdf", tmp_path / "a.pdf", "--csv", tmp_path / "a.csv",
        "--zpl", tmp_path / "a.zpl", "--tspl", tmp_path / "a.tspl", "--png", tmp_path / "png",
        "--fields", "", "--label", "60x40",
    )  # fmt: skip
    listed = rows(tmp_path / "a.csv")
    serials = [row["serial"] for row in listed]
    assert done == {
        "batch": done["batch"], "gtin": f"0{WATER}", "count": 12, "first": serials[0], "last": serials[-1],
        "csv": str(tmp_path / "a.csv"), "png": str(tmp_path / "png"), "zpl": str(tmp_path / "a.zpl"),
        "tspl": str(tmp_path / "a.tspl"), "pdf": str(tmp_path / "a.pdf"),
    }  # fmt: skip
    links = [link(serial) for serial in serials]
    assert [row["uri"] for row in listed] == links and len(set(links)) == 12
    assert (tmp_path / "a.csv").read_bytes().startswith(b"serial,uri\r\n")
    assert [list(label.scan()) for label in zpl.Reader().read((tmp_path / "a.zpl").read_bytes())] == [
        [text] for text in links
    ]
    assert [list(label.scan()) for label in tspl.Reader(203).read((tmp_path / "a.tspl").read_bytes())] == [
        [text] for text in links
    ]
    assert {path.name for path in (tmp_path / "png").iterdir()} == {f"{serial}.png" for serial in serials}
    for serial in serials:
        with Image.open(tmp_path / "png" / f"{serial}.png") as picture:
            assert [symbol.text for symbol in zxingcpp.read_barcodes(picture.convert("L"), PRINTED)] == [link(serial)]
            assert picture.mode == "1"
    assert all(serial in pdf_text(tmp_path / "a.pdf") for serial in serials)


def test_a_batch_is_printed_again_in_part_and_its_codes_are_counted_once(shop, tmp_path):
    batch, serials = issued(shop, 10)
    assert shop.ok("codes", "list")[0]["printed"] == 10
    for part, first, count in ((":3-5", 3, 3), (":9-", 9, 2), (":10", 10, 1), ("", 1, 10)):
        done = shop.ok("issue", "--batch", batch + part, "--csv", tmp_path / "again.csv")
        again = [row["serial"] for row in rows(tmp_path / "again.csv")]
        assert again == serials[first - 1 : first - 1 + count]
        assert (done["count"], done["first"], done["last"]) == (count, again[0], again[-1])
    assert [(row["issued"], row["printed"]) for row in shop.ok("codes", "list")] == [(10, 10)]


def test_only_what_came_out_is_printed(shop, tmp_path):
    done = shop.ok("issue", WATER, "10")
    assert set(done) == {"batch", "gtin", "count", "first", "last"}
    assert shop.ok("codes", "list")[0]["printed"] == 0 and shop.ok("unit", done["first"])["state"] == "issued"
    shop.ok("issue", "--batch", f"{done['batch']}:4-6", "--csv", tmp_path / "part.csv")
    assert shop.ok("codes", "list")[0]["printed"] == 3 and shop.ok("unit", done["first"])["state"] == "issued"
    assert {shop.ok("unit", row["serial"])["state"] for row in rows(tmp_path / "part.csv")} == {"printed"}


def test_the_rest_of_a_batch_that_is_whole_is_nothing(shop):
    done = shop.ok("issue", WATER, "3")
    before = journal(shop)
    assert shop.ok("issue", "--batch", done["batch"], "--rest")["count"] == 3
    assert journal(shop) == before


def test_a_label_looks_as_it_was_asked_for(shop, tmp_path):
    batch, serials = issued(shop, 7)
    shop.ok(
        "issue", "--batch", batch, "--pdf", tmp_path / "a.pdf", "--label", "a4-45", "--start", "40", "--dpi", "300",
        "--fields", "shop,name,date",
    )  # fmt: skip
    pages = pypdf.PdfReader(tmp_path / "a.pdf").pages
    first, second = (re.sub(r"\s", "", page.extract_text()) for page in pages)
    assert [serial in first for serial in serials] == [True] * 6 + [False] and serials[6] in second
    assert "杨柳巷" in first and "2.00" not in first and re.search(r"\d{4}-\d\d-\d\d", first)
    shop.ok("issue", "--batch", batch, "--zpl", tmp_path / "a.zpl", "--label", "60x40", "--dpi", "300", "--fields", "")
    labels = zpl.Reader().read((tmp_path / "a.zpl").read_bytes())
    assert [(label.width, label.height) for label in labels] == [(709, 472)] * 7
    # The shop's own way, where nothing is said.
    for name, value in (("label", "50x30"), ("label_fields", "gtin"), ("label_dpi", "203")):
        shop.ok("settings", name, value)
    shop.ok("issue", "--batch", f"{batch}:1", "--zpl", tmp_path / "a.zpl")
    (label,) = zpl.Reader().read((tmp_path / "a.zpl").read_bytes())
    assert (label.width, label.height) == (400, 240) and WATER in [text for text, _ in label.written]


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("issue",), "issue_what"),
        (("issue", WATER), "issue_what"),
        (("issue", "BAG-L", "1"), "no_gtin"),
        (("issue", "6901234567892", "1"), "unknown_product"),
        (("issue", WATER, "1", "--fields", "colour"), "bad_label"),
        (("issue", WATER, "1", "--label", "a4-45", "--start", "46"), "bad_start"),
        (("issue", WATER, "1", "--label", "a4-65", "--fields", "bars"), "label_too_small"),
        (("issue", WATER, "1", "--label", "40x30", "--fields", "bars"), "bars_too_wide"),
        (("issue", "--batch", "T1XX-B0001"), "no_such_batch"),
        (("issue", "--batch", "{batch}:0"), "bad_part"),
        (("issue", "--batch", "{batch}:4"), "bad_part"),
        (("issue", "--batch", "{batch}:2-4"), "bad_part"),
        (("issue", "--batch", "{batch}:3-2"), "bad_part"),
        (("codes", "import", "nowhere.csv"), "take_in_what"),
        (("codes", "import", "A1", "A9", "--gtin", "BAG-L"), "no_gtin"),
        (("codes", "import", "AB01", "CD09", "--gtin", WATER), "bad_range"),
        (("codes", "import", "A1", "A9", "--gtin", WATER), "bad_unit_code"),
        (("on-sale", "{batch}:1-4"), "bad_part"),
        (("on-sale", "{batch}", "{unit}"), "bad_part"),
        (("void", "{batch}"), "said_of_units"),
        (("freeze", "{batch}:1-2"), "said_of_whole"),
        (("freeze", "{batch}", "--release"), "batch_already"),
        (("freeze", "{unit}", "--release"), "unit_already"),
        (("void", "{unit}", "{unit}"), "unit_twice"),
        (("void", "WHATEVER"), "unit_unknown"),
        (("missing", LINK + "2345678923456789"), "unit_forged"),
        (("unit", "134567890123456789"), "payment_code"),
        (("unit", "WHATEVER"), "unit_unknown"),
        (("reprint", "{unit}"), "no_file"),
        (("sell", "{unit}", "{unit}"), "unit_in_cart"),
        (("sell", "{unit}*2"), "quantity_fixed"),
    ],
)  # fmt: skip
def test_what_is_refused_changes_nothing(shop, args, code):
    done = shop.ok("issue", WATER, "3")
    before = journal(shop)
    named = {"batch": done["batch"], "unit": done["first"]}
    assert shop.refused(*(arg.format(**named) for arg in args)) == code
    assert journal(shop) == before


@pytest.mark.parametrize(
    "args",
    [
        ("issue", WATER, "0"),
        ("issue", WATER, "-1"),
        ("issue", WATER, "1000001"),
        ("issue", WATER, "ten"),
        ("issue", WATER, "1", "--label", "a3"),
        ("issue", WATER, "1", "--dpi", "204"),
        ("issue", WATER, "1", "--start", "x"),
        ("codes", "print"),
        ("unit",),
        ("void",),
        ("void", "X", "--release"),
    ],
)
def test_a_wrong_command_line_exits_with_2_and_changes_nothing(shop, args):
    before = journal(shop)
    assert shop(*args).code == 2 and journal(shop) == before


def test_a_list_of_batches_is_a_table_and_a_document(shop, tmp_path):
    water, _ = issued(shop, 3)
    rice = shop.ok("issue", RICE, "2")["batch"]
    document = shop.ok("codes", "list")
    assert [(row["batch"], row["gtin"], row["name"]) for row in document] == [
        (rice, f"0{RICE}", "大米"), (water, f"0{WATER}", "水"),
    ]  # fmt: skip
    assert document[1] == {
        "batch": water, "gtin": f"0{WATER}", "name": "水", "made": "here", "asked": 3, "issued": 3, "printed": 3,
        "on_hand": 3, "sold": 0, "void": 0, "missing": 0, "returned": 0, "frozen": 0,
    }  # fmt: skip
    head, *lines = shop("codes", "list").out.splitlines()
    assert head.split() == ["Batch", "Item", "Issued", "Printed", "On", "hand", "Sold", "Void", "Missing"]
    assert [line.split() for line in lines] == [
        [rice, "大米", "2", "0", "2", "0", "0", "0"], [water, "水", "3", "3", "3", "0", "0", "0"],
    ]  # fmt: skip
    assert [row["batch"] for row in shop.ok("codes", "list", "大米")] == [rice]
    assert [row["batch"] for row in shop.ok("codes", "list", water)] == [water]
    assert [row["batch"] for row in shop.ok("codes", "list", "--limit", "1")] == [rice]
    assert shop.ok("codes", "list", "nothing") == [] and shop("codes", "list", "nothing").out == ""


def test_the_life_of_a_unit_from_the_press_to_the_bin(shop, tmp_path):
    batch, (serial, *_) = issued(shop, 2)
    fresh = shop.ok("unit", link(serial))
    assert {name: fresh[name] for name in ("gtin", "serial", "batch", "state")} == {
        "gtin": f"0{WATER}", "serial": serial, "batch": batch, "state": "printed",
    }  # fmt: skip
    shop.ok("on-sale", batch)
    sale = shop.ok("sell", link(serial))["receipt"]
    assert shop.ok("unit", serial)["state"] == "sold"
    back = shop.ok("return", link(serial))["receipt"]
    assert shop.ok("unit", serial)["state"] == "returned"
    shop.ok("missing", serial, "--reason", "not on the shelf")
    shop.ok("freeze", batch)
    assert shop.ok("unit", serial)["state"] == "frozen"
    shop.ok("freeze", batch, "--release")
    shop.ok("void", serial, "--reason", "torn")
    life = shop.ok("unit", serial)
    assert life["state"] == "void"
    assert [(moment["kind"], moment["detail"]) for moment in life["history"]] == [
        ("issued", batch), ("printed", "csv"), ("on_sale", None), ("sold", sale), ("returned", back),
        ("missing", "not on the shelf"), ("frozen", None), ("released", None), ("void", "torn"),
    ]  # fmt: skip
    for moment in life["history"]:
        assert set(moment) == {"at", "kind", "staff", "terminal", "detail"} and moment["terminal"] == "T1"
        assert datetime.fromisoformat(moment["at"]).utcoffset() is not None
    said = shop("unit", serial).out
    assert " ".join(serial[place : place + 4] for place in range(0, 16, 4)) in said and "torn" in said
    assert len(said.splitlines()) == 10


def test_units_that_may_not_be_sold_are_not(shop):
    batch, (first, second, third) = issued(shop, 3)
    shop.ok("freeze", first, "--reason", "recall")
    shop.ok("void", second)
    before = journal(shop)
    assert shop.refused("sell", link(first)) == "unit_frozen"
    assert shop.refused("sell", link(second)) == "unit_void"
    shop.ok("freeze", first, "--release")
    shop.ok("freeze", batch)
    assert shop.refused("sell", link(first)) == "unit_frozen"
    assert journal(shop) == before + 2
    shop.ok("freeze", batch, "--release")
    shop.ok("sell", link(first), link(third))
    assert shop.refused("sell", link(first)) == "unit_sold"
    (row,) = shop.ok("codes", "list")
    assert (row["issued"], row["on_hand"], row["sold"], row["void"]) == (3, 0, 2, 1)


def test_only_what_is_on_sale_is_sold_where_the_shop_wants_it_so(shop):
    batch, (first, second, _) = issued(shop, 3)
    shop.ok("settings", "activation", "yes")
    assert shop.refused("sell", link(first)) == "unit_not_on_sale"
    shop.ok("on-sale", f"{batch}:1")
    shop.ok("sell", link(first))
    assert shop.refused("sell", link(second)) == "unit_not_on_sale"
    assert shop.ok("on-sale", second)["units"] == [second]
    shop.ok("sell", link(second))


def test_two_units_are_sold_and_one_comes_back(shop, tmp_path):
    _, (first, second) = issued(shop, 2)
    sale = shop.ok("sell", link(first), link(second))
    assert sale["total"] == 400
    assert [(line["serial"], line["quantity"], line["amount"]) for line in sale["lines"]] == [
        (first, 1, 200), (second, 1, 200),
    ]  # fmt: skip
    back = shop.ok("return", sale["receipt"], link(second))
    assert [(line["serial"], line["quantity"]) for line in back["lines"]] == [(second, -1)] and back["total"] == -200
    states = [shop.ok("unit", serial)["state"] for serial in (first, second)]
    assert states == ["sold", "returned"]
    assert shop("return", sale["receipt"], link(second)).code == 1
    shop.ok("sell", link(second))
    assert shop.ok("doctor", "--full")["ok"]


def test_a_scan_of_a_unit_says_what_became_of_it(shop):
    _, (serial, *_) = issued(shop, 2)
    seen = shop.ok("scan", link(serial))
    assert (seen["kind"], seen["gtin"], seen["serial"], seen["known"]) == ("unit", f"0{WATER}", serial, True)
    assert seen["state"] == "printed"
    shop.ok("sell", link(serial))
    assert shop.ok("scan", serial)["state"] == "sold"
    forged = shop.ok("scan", link("2345678923456789"))
    assert (forged["kind"], forged["known"], forged["reason"]) == ("unit", False, "unit_forged")


def test_a_spoiled_label_is_printed_again_with_the_same_code(shop, tmp_path):
    _, (serial, _) = issued(shop, 2)
    for copy in (1, 2):
        done = shop.ok("reprint", serial, "--pdf", tmp_path / "one.pdf", "--reason", "wet")
        assert done == {"unit": serial, "copy": copy, "pdf": str(tmp_path / "one.pdf")}
        assert serial in pdf_text(tmp_path / "one.pdf")
    assert [moment["kind"] for moment in shop.ok("unit", serial)["history"]][-2:] == ["reprinted", "reprinted"]
    assert shop.ok("codes", "list")[0]["printed"] == 2
    shop.ok("void", serial)
    assert shop.refused("reprint", serial, "--pdf", tmp_path / "two.pdf") == "unit_void"
    assert not (tmp_path / "two.pdf").exists()


def test_codes_of_a_factory_are_taken_in_and_sold(shop, tmp_path):
    listed = tmp_path / "factory.csv"
    listed.write_text(f"序列号\nFX-000001\nhttps://factory.example/01/0{WATER}/21/ZZ9\n", "utf-8")
    done = shop.ok("codes", "import", listed, "--gtin", WATER)
    assert (done["made"], done["issued"], done["refused"]) == ("list", 2, [])
    assert shop.ok("sell", "FX-000001")["lines"][0]["gtin"] == f"0{WATER}"
    assert shop.ok("unit", "FX-000001")["state"] == "sold"
    ranged = shop.ok("codes", "import", "ABC00010", "ABC00019", "--gtin", RICE)
    assert (ranged["made"], ranged["issued"], ranged["gtin"]) == ("range", 10, f"0{RICE}")
    assert shop.ok("scan", "ABC00015")["known"] and not shop.ok("scan", "ABC00020")["known"]
    assert shop.refused("issue", "--batch", ranged["batch"], "--csv", tmp_path / "no.csv") == "made_elsewhere"


def test_a_list_with_bad_codes_is_refused_whole_unless_they_are_left_out(shop, tmp_path):
    listed = tmp_path / "factory.csv"
    listed.write_text(f"lot,code\n1,FX-000001\n1,{RICE}\n1,FX-000001\n1,FX 2\n", "utf-8")
    before = journal(shop)
    done = shop("codes", "import", listed, "--gtin", WATER, "--json")
    assert done.code == 1 and done.json["batch"] is None
    assert [(bad["row"], bad["reason"]) for bad in done.json["refused"]] == [
        (3, "code_of_other_item"), (4, "code_taken"), (5, "bad_unit_code"),
    ]  # fmt: skip
    assert journal(shop) == before and shop("codes", "import", listed, "--gtin", WATER).out.count("Row ") == 3
    taken = shop.ok("codes", "import", listed, "--gtin", WATER, "--skip-bad")
    assert (taken["issued"], len(taken["refused"])) == (1, 3)
    assert shop.refused("codes", "import", listed, "--gtin", WATER, "--column", "nope") == "no_such_column"


def test_a_file_of_sales_is_replayed_by_units(shop, tmp_path):
    sales = tmp_path / "sales.csv"
    sales.write_text(
        "date,customer_id,product_id,quantity,amount\n"
        f"2000-11-01,C1,{WATER},3,5.00\n2000-11-01,C2,{RICE},1,49.90\n2000-11-03,C1,{WATER},-1,-2.00\n",
        "utf-8",
    )
    done = shop.ok("replay", sales, "--units")
    assert (done["baskets"], done["units"], done["revenue"], done["refused"]) == (3, 3, 5290, [])
    stock = {row["gtin"]: (row["issued"], row["on_hand"], row["sold"]) for row in shop.ok("codes", "list")}
    assert stock == {f"0{WATER}": (3, 1, 2), f"0{RICE}": (1, 0, 1)}
    before = journal(shop)
    assert shop.ok("replay", sales, "--units")["revenue"] == 5290
    assert journal(shop) == before and shop.ok("doctor", "--full")["ok"]


def test_goods_that_can_have_no_codes_are_not_replayed_by_units(shop, tmp_path):
    sales = tmp_path / "sales.csv"
    sales.write_text(
        f"date,customer_id,product_id,quantity,amount\n2000-11-01,C1,BAG-L,2,1\n2000-11-01,C2,{WATER},1,2\n", "utf-8"
    )
    done = shop("replay", sales, "--units", "--json")
    assert done.code == 1 and done.json["baskets"] == 1
    assert [(bad["line"], bad["reason"]) for bad in done.json["refused"]] == [(2, "no_gtin")]


def test_in_a_process_of_its_own_it_is_the_same(shop, tmp_path):
    done = shop.process("issue", WATER, "2", "--pdf", tmp_path / "a.pdf", "--csv", tmp_path / "a.csv", "--json")
    assert (done.code, done.err) == (0, "")
    (serial, _) = (row["serial"] for row in rows(tmp_path / "a.csv"))
    assert json.loads(done.out)["first"] == serial and serial in pdf_text(tmp_path / "a.pdf")
    assert shop.process("sell", link(serial)).code == 0
    assert shop.process("unit", serial, "--json").json["state"] == "sold"
    refused = shop.process("sell", link(serial))
    assert (refused.code, refused.out) == (1, "") and refused.err.strip()
    assert shop.process("issue", "--batch", "x", "--count").code == 2
    assert shop.process("issue", WATER, "1", "--pdf", tmp_path / "nowhere" / "a.pdf").code == 3
