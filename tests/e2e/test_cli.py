"""The command line, end to end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.database import connect
from tests.cli import ROOT, Cli

WATER, RICE = "9521000000377", "9521000008144"


def journal(cli: Cli) -> int:
    return int(cli.ok("doctor")["events"])


def test_a_day_at_the_command_line(shop, tmp_path):
    sale = shop.ok(
        "sell", f"{WATER}*3", RICE, "BAG-L", "--cash", "100", "--guide", "G1", "--pdf", tmp_path / "slip.pdf"
    )
    assert (sale["total"], sale["paid"], sale["change"]) == (5640, 10000, 4360)
    assert [(line["gtin"], line["quantity"], line["amount"]) for line in sale["lines"]] == [
        ("09521000000377", 3, 600),
        ("09521000008144", 1, 4990),
        (None, 1, 50),
    ]
    assert (tmp_path / "slip.pdf").read_bytes().startswith(b"%PDF")
    back = shop.ok("return", sale["receipt"], f"{WATER}*1")
    assert (back["total"], back["paid"], back["lines"][0]["quantity"]) == (-200, -200, -1)
    blind = shop.ok("return", "BAG-L*2@0.40")
    assert blind["total"] == -80
    assert shop.ok("reprint", sale["receipt"])["copy"] == 1
    assert [row["receipt"] for row in shop.ok("reprint")] == [blind["receipt"], back["receipt"], sale["receipt"]]
    report = shop.ok("report")
    total = report["total"]
    assert (total["net"], total["orders"], total["pieces"], total["returns"]) == (5360, 1, 2, 280)
    assert report["by_guide"] == [{"guide": "G1", "net": 5640, "orders": 1, "pieces": 5}]
    assert {row["tender"]: row["amount"] for row in report["by_tender"]} == {"cash": 5360}
    assert shop.ok("doctor")["ok"]


def test_every_way_of_paying(shop):
    sale = shop.ok("sell", RICE, "--wechat", "W1=20", "--alipay", "A1=10", "--cash", "20")
    assert (sale["total"], sale["change"]) == (4990, 10)
    assert shop.ok("sell", RICE, "--card", "REF1")["paid"] == 4990
    assert shop.ok("sell", RICE, "--discount", "1=10%")["total"] == 4491
    assert shop.ok("sell", RICE, "--discount", "1=0.90")["total"] == 4900


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("sell", "6901234567892"), "unknown_product"),
        (("sell", "NOPE"), "unknown_code"),
        (("sell", "134567890123456789"), "payment_code"),
        (("sell", WATER, "--guide", "134567890123456789"), "payment_code"),
        (("sell", WATER, "--cash", "134567890123456789"), "bad_amount"),
        (("product", "add", "134567890123456789", "--name", "x"), "payment_code"),
        (("product", "add", "X9", "--name", "1345 6789 0123 456789"), "payment_code"),
        (("product", "add", "X9", "--name", "卡 4111 1111 1111 1111"), "card_number"),
        (("settings", "name", "4111111111111111"), "card_number"),
        (("sell", WATER, "--guide", "4111111111111111"), "card_number"),
        (("settings", "receipt_footer", "134567890123456789"), "payment_code"),
        (("sell", f"{WATER}*0"), "bad_quantity"),
        (("sell", f"{WATER}*-1"), "bad_quantity"),
        (("sell", WATER, "--cash", "1.99"), "cash_below_total"),
        (("sell", WATER, "--cash", "1e3"), "bad_amount"),
        (("sell", WATER, "--discount", "1=2.01"), "bad_discount"),
        (("sell", WATER, "--wechat", "134567890123456789"), "payment_code_kept"),
        (("return", "T1XX-261123-0001"), "no_such_receipt"),
        (("return", f"{WATER}*0"), "bad_quantity"),
        (("product", "set", "6901234567892", "--price", "1"), "unknown_product"),
        (("product", "add", WATER, "--price", "1"), "product_exists"),
        (("product", "add", "X 1", "--price", "1"), "bad_code"),
        (("settings", "colour"), "unknown_setting"),
        (("settings", "currency", "USD"), "fixed_setting"),
        (("settings", "day_cutover", "25"), "bad_setting"),
        (("settings", "lock_minutes", "601"), "bad_setting"),
        (("settings", "theme", "pink"), "bad_setting"),
        (("report", "--day", "yesterday"), "bad_date"),
        (("report", "--from", "2026-11-02", "--to", "2026-11-01"), "bad_period"),
        (("setup", "--store", "S1", "--terminal", "T1"), "already_set_up"),
    ],
)
def test_what_is_refused_changes_nothing(shop, args, code):
    before = journal(shop)
    assert shop.refused(*args) == code
    said = shop(*args)
    assert "5678901234" not in said.out + said.err
    assert journal(shop) == before


@pytest.mark.parametrize(
    "text",
    [
        "134567890123456789",
        "]C1134567890123456789",
        "34567890123456789",
        "1345678901234567891234567890",
        "x345678901234567",
    ],
)
def test_a_payment_code_is_never_echoed_whole_or_torn(shop, text):
    for done in (shop("scan", text), shop("scan", text, "--json"), shop("sell", text), shop("return", text)):
        assert "45678901234" not in done.out + done.err


def test_more_than_was_sold_cannot_come_back(shop):
    receipt = shop.ok("sell", f"{WATER}*2")["receipt"]
    shop.ok("return", receipt, WATER)
    before = journal(shop)
    assert shop.refused("return", receipt, f"{WATER}*2") == "more_than_sold"
    assert shop.refused("return", receipt, RICE) == "not_on_receipt"
    assert journal(shop) == before


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"hello world\n", "no_header"),
        ("条码,名称,售价\n9521000000377,水,1e12\n".encode(), None),
        ("条码,名称,售价\n9521000000377,水,1\n9521000000377,水,2\n".encode(), None),
        ("9521000000377,水,1\n".encode(), "no_header"),
        ("条码,名称,售价\n9521000000377,水,1\n95210000".encode(), "file_cut"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\0", "bad_encoding"),
    ],
)
def test_a_catalogue_that_cannot_be_taken_changes_nothing(shop, tmp_path, content, code):
    before = shop.ok("product", "list"), journal(shop)
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    if code:
        assert shop.refused("import", path) == code
    else:
        done = shop("import", path, "--json")
        assert done.code == 1 and len(done.json["refused"]) == 1 and done.json["added"] == 0
    assert (shop.ok("product", "list"), journal(shop)) == before
    (tmp_path / "bad.xlsx").write_bytes(content)
    assert shop.refused("import", tmp_path / "bad.xlsx") == "bad_xlsx"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_other_encodings_are_simply_read(shop, tmp_path, encoding):
    path = tmp_path / "goods.csv"
    path.write_bytes("条码,名称,售价\n9521000022942,布袋子,0.50\n".encode(encoding))
    assert shop.ok("import", path)["added"] == 1
    assert shop.ok("product", "list", "bdz")[0]["name"] == "布袋子"


def test_scanning_says_what_a_text_is(shop):
    assert shop.ok("scan", WATER) == {
        "kind": "product",
        "gtin": "09521000000377",
        "serial": None,
        "lot": None,
        "expiry": None,
        "sscc": None,
        "known": True,
        "code": WATER,
        "name": "水",
        "price": 200,
    }
    texts = ["6901234567892", "134567890123456789", "nonsense", "https://x.cn/01/09521000000377/21/A?17=270100"]
    found = shop.ok("scan", "-", stdin="\n".join(texts) + "\n")
    assert [(one["kind"], one["known"]) for one in found] == [
        ("product", False),
        ("payment", False),
        ("unknown", False),
        ("product", False),
    ]
    assert "134567890123456789" not in shop("scan", "134567890123456789").out
    assert (found[3]["serial"], found[3]["expiry"]) == ("A", "2027-01-31")


def test_settings_and_products_are_changed_by_hand(shop):
    assert shop.ok("settings", "day_cutover", "4") == {"day_cutover": "4"}
    assert shop.ok("settings")["day_cutover"] == "4"
    assert shop.ok("product", "set", WATER, "--price", "2.50")["price"] == 250
    assert shop.ok("product", "set", WATER, "--name", "好水")["price"] == 250
    assert shop.ok("sell", WATER)["total"] == 250


def test_a_home_without_a_shop_says_so(cli):
    assert cli.refused("report") == "not_set_up"
    assert cli.refused("sell", WATER) == "not_set_up"
    assert cli.refused("product", "add", "A1") == "not_set_up"
    assert not cli.home.exists()


def test_a_receipt_that_cannot_be_written_does_not_hide_the_sale(shop, tmp_path):
    sale = shop.ok("sell", WATER, "--pdf", tmp_path / "nowhere" / "slip.pdf")
    assert sale["receipt"] and sale["pdf"] is None and "cannot be written" in sale["pdf_error"]
    assert shop.refused("reprint", sale["receipt"], "--pdf", tmp_path / "nowhere" / "slip.pdf", code=3)


@pytest.mark.parametrize("command", ["import", "replay"])
def test_what_is_no_file_is_not_read(shop, tmp_path, command):
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", "/dev/zero", tmp_path, tmp_path / "nowhere"):
        assert shop.refused(command, path, code=3) == "file_unreadable"


def test_an_items_code_may_look_like_a_quantity(shop):
    for code in ("A*5", "B@2", "C*2@3"):
        shop.ok("product", "add", code, "--name", "n", "--price", "1")
        sale = shop.ok("sell", code)
        assert [(line["code"], line["quantity"]) for line in sale["lines"]] == [(code, 1)]
        assert shop.ok("return", sale["receipt"], code)["total"] == -100
    assert shop.ok("sell", "C*2@3*4")["total"] == 400


def test_people_act_under_their_own_name(shop):
    shop.ok("staff", "add", "--id", "M1", "--name", "李云", "--role", "manager", "--pin", stdin="2580\n")
    shop.ok("staff", "add", "--id", "C1", "--name", "王芳", "--role", "cashier", "--pin", stdin="1379\n")
    assert [(p["id"], p["role"], p["pin"]) for p in shop.ok("staff", "list")] == [
        ("C1", "cashier", True),
        ("M1", "manager", True),
    ]
    sale = shop.ok("sell", WATER, "--as", "C1", stdin="1379\n")
    assert shop("sell", WATER, "--as", "C1", "--json", stdin="0246\n").json["error"] == "wrong_pin"
    assert shop("sell", WATER, "--as", "C9", "--json", stdin="0246\n").json["error"] == "no_such_person"
    for args in (
        ("report",),
        ("return", "BAG-L"),
        ("settings", "receipt_footer", "x"),
        ("product", "set", WATER, "--price", "1"),
        ("staff", "add", "--id", "C2"),
        ("sell", f"{WATER}*1@0.01"),
    ):
        assert shop(*args, "--as", "C1", "--json", stdin="1379\n").json["error"] == "not_allowed", args
    assert shop.ok("return", sale["receipt"], "--as", "C1", stdin="1379\n")["total"] == -200
    report = shop.ok("report", "--as", "M1", stdin="2580\n")
    assert [group["cashier"] for group in report["by_cashier"]] == ["C1"]
    shop.ok("staff", "set", "--id", "C1", "--inactive", "--as", "M1", stdin="2580\n")
    assert shop("sell", WATER, "--as", "C1", "--json", stdin="1379\n").json["error"] == "no_such_person"
    assert shop.refused("staff", "set", "--id", "M1", "--role", "it") == "last_manager"
    assert shop.ok("doctor")["ok"]


def test_a_period_is_open_where_only_one_end_is_given(shop, tmp_path):
    sales = tmp_path / "sales.csv"
    sales.write_text(f"date,product_id,quantity,amount\n2000-11-01,{WATER},1,2\n2001-02-03,{WATER},2,4\n", "utf-8")
    shop.ok("replay", sales)
    shop.ok("sell", WATER)
    for period, pieces in (
        ((), 1),
        (("--from", "2001-02-03"), 3),
        (("--to", "2001-02-03"), 3),
        (("--to", "1999-01-01"), 0),
    ):
        assert shop.ok("report", *period)["total"]["pieces"] == pieces
    assert shop.refused("report", "--from", "2001-01-02", "--to", "2001-01-01") == "bad_period"


def test_bytes_that_are_no_text(shop, tmp_path):
    odd = os.fsdecode(b"\xff\xfe")
    for args in (("sell", odd), ("product", "add", "A1", "--name", odd), ("settings", "receipt_footer", odd)):
        done = shop.process(*args)
        assert done.code == 2 and "\\udcff" in done.err
    file = tmp_path / f"{odd}.csv"
    file.write_text("条码,名称,售价\n9521000022942,布袋子,0.50\n", "utf-8")
    assert shop.process("import", file).code == 0
    assert shop.process("import", tmp_path / f"{odd}.xlsx").code == 3
    assert (
        shop.process("sell", WATER, "--pdf", tmp_path / f"{odd}.pdf", "--json").json["pdf"].endswith("udcff\\udcfe.pdf")
    )
    assert shop.ok("doctor")["ok"]


def test_bytes_that_are_no_text_are_no_code(shop):
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "scan", "-", "--json", "--home", str(shop.home)],
        input=b"\xff\xfe\x00\n" + WATER.encode(),
        capture_output=True,
        env=shop.environment(LC_ALL="C.UTF-8"),
        check=True,
    )
    assert [found["kind"] for found in json.loads(done.stdout)] == ["unknown", "product"]


@pytest.mark.parametrize(("where", "code"), [(">/dev/full", 3), (">&-", 0), (">&- 2>&-", 0)])
def test_a_sale_stands_when_its_answer_cannot_be_written(shop, where, code):
    before = journal(shop)
    done = subprocess.run(
        [
            "/bin/sh",
            "-c",
            f'"$@" {where}',
            "sh",
            sys.executable,
            str(ROOT / "main.py"),
            "sell",
            WATER,
            "--home",
            shop.home,
        ],
        capture_output=True,
        text=True,
        env=shop.environment(LC_ALL="C.UTF-8"),
        check=False,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert ("Done, but the answer cannot be written" in done.stderr) == (code == 3)
    assert journal(shop) == before + 1


def test_a_log_that_cannot_be_written_does_not_keep_from_selling(shop):
    shutil.rmtree(shop.home / "log", ignore_errors=True)
    (shop.home / "log").touch()
    done = shop.process("sell", WATER)
    assert (done.code, done.err) == (0, "")


def test_a_setting_that_was_tampered_with_is_named(shop):
    connection = connect(shop.home / "store.db")
    connection.execute("UPDATE setting SET value = 'x' WHERE name = 'timezone'")
    connection.close()
    assert shop.refused("sell", WATER, code=3) == "setting_damaged"
    assert not shop("doctor", "--json").json["ok"]


def test_a_wrong_command_line_exits_with_2(cli):
    assert cli("reprint", "--limit", "99999999999999999999").code == 2
    assert cli("product", "list", "--limit", "0").code == 2
    assert cli("sell").code == 2
    assert cli.process("fly").code == 2


@pytest.mark.logs
def test_a_broken_world_exits_with_3(shop):
    (shop.home / "store.db").write_bytes(b"hello" * 1000)
    assert shop.refused("report", code=3) == "file_damaged"


def test_it_speaks_the_language_of_its_terminal(shop):
    assert "商品库里没有" in shop("sell", "6901234567892", locale="zh_CN.UTF-8").err


def test_the_demo_without_a_screen_does_the_day(cli):
    done = cli.process("demo", "--json")
    assert done.code == 0
    answer = done.json
    assert answer["report"]["total"]["orders"] == 42
    for what, begins in (("receipt", b"%PDF"), ("screenshot", b"\x89PNG")):
        assert Path(answer[what]).read_bytes().startswith(begins)
    said = cli("doctor")
    assert said.code == 0 and "Everything is whole." in said.out
    assert answer["hq"]["sent"] == cli.ok("doctor")["events"]
    there = Cli(cli.home / "hq").ok("hq", "report", "--day", answer["report"]["from"])
    assert there["total"] == answer["report"]["total"]


def test_the_demo_says_where_everything_lies(tmp_path):
    said = Cli(tmp_path / "demo").process("demo", "--lang", "zh_CN", locale="zh_CN.UTF-8")
    assert said.code == 0
    for part in ("净销售额", "数据：", "小票：", "截图：", "这里没有屏幕"):
        assert part in said.out
