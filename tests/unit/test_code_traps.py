"""Ways around the rules of unit codes that somebody once found; each of them is closed."""

from __future__ import annotations

import shutil
from functools import partial

import msgspec
import openpyxl
import pytest

from core.catalogue.product import Product
from core.errors import BrokenWorldError, RefusedError
from core.events import UnitStep
from core.sales.reading import ReadingKind, read
from core.shop import codes, codes_elsewhere, goods, returns, selling
from core.shop.code_files import read_code_file
from core.shop.terminal import SYSTEM, Terminal
from tests.builders import BAG, RICE, WATER, set_up_shop
from tests.clock import StandingClock

FACTORY = f"https://brand.example.cn/01/{RICE.code}/21/"
FORGED = "23456789ABCDEFGH"


def take_in(shop, *texts):
    return codes_elsewhere.take_in_list(shop.terminal, SYSTEM, RICE.code, texts, "x")


def take_range(shop, first, last):
    step = partial(codes_elsewhere.take_in_range, by=SYSTEM, gtin=RICE.code, first=first, last=last)
    return shop.terminal.write(step).result()


@pytest.mark.parametrize("serial", ["K7M2", FORGED[:-1], FORGED + "2", FORGED[:-1] + "0", "a" * 20])
def test_a_serial_of_no_form_of_ours_on_our_host_is_forged(shop, serial):
    shop.issue(RICE, 1)
    assert shop.scanned(shop.link(RICE, serial)).reason == "unit_forged"


@pytest.mark.parametrize(
    "write",
    [
        "]Q1{}".format,
        lambda text: text.replace("COM/", "COM./"),
        lambda text: text.replace("COM/", "COM:443/"),
        lambda text: text.replace("//", "//somebody@"),
        lambda text: "ＨＴＴＰＳ" + text[5:],
        lambda text: text.replace(":", "："),
        "\ufeff{}".format,
    ],
)
def test_our_host_is_ours_however_it_is_written(shop, write):
    shop.issue(RICE, 1)
    assert shop.scanned(write(shop.link(RICE, FORGED))).reason == "unit_forged"


@pytest.mark.parametrize("query", [f"01={RICE.code}", f"x=y&01={RICE.code}", "%321=X", "1%30=X", "21=X"])
def test_nothing_in_a_query_stands_for_what_belongs_in_the_path(query):
    reading = read(f"https://brand.example.cn/01/{WATER.code}?{query}")
    assert (reading.kind, reading.reason) == (ReadingKind.UNKNOWN, "bad_gs1")


def test_a_box_that_tells_the_lot_of_its_contents_is_a_box():
    reading = read("https://id.gs1.org/00/106141412345678908?02=09521000000377&37=25&10=ABC123")
    assert reading.kind is ReadingKind.BOX


@pytest.mark.parametrize(("first", "last"), [("9521000008140", "9521000008149"), ("96385070", "96385079")])
def test_the_bar_code_of_an_item_is_no_unit_of_a_range(shop, first, last):
    with pytest.raises(RefusedError, match="code_of_other_item"):
        take_range(shop, first, last)
    assert shop.scanned(RICE.shown_code).kind == "product"


def test_a_code_of_the_shops_own_is_no_unit(shop):
    assert take_in(shop, BAG.code).batch is None
    assert shop.scanned(BAG.code).product == BAG
    shop.terminal.write(partial(goods.set_product, by=SYSTEM, product=Product("LOT-005", "Rope"))).result()
    with pytest.raises(RefusedError, match="code_of_other_item"):
        take_range(shop, "LOT-001", "LOT-009")


def test_a_code_of_a_unit_is_no_product(shop):
    take_in(shop, "FACTORY-1")
    with pytest.raises(RefusedError, match="code_taken"):
        shop.terminal.write(partial(goods.set_product, by=SYSTEM, product=Product("FACTORY-1", "Rope"))).result()


def test_a_range_of_gs1_links_is_found_at_the_counter(shop):
    take_range(shop, FACTORY + "0001", FACTORY + "0100")
    assert shop.scanned(FACTORY + "0050").unit
    assert take_in(shop, FACTORY + "0050").batch is None
    with pytest.raises(RefusedError, match="code_of_other_item"):
        other = FACTORY.replace(RICE.code, WATER.code)
        take_range(shop, other + "0001", other + "0100")


@pytest.mark.parametrize("mark", ["]C0", "]Q1", "\ufeff", "\u00a0"])
def test_a_mark_before_a_code_is_no_part_of_it(shop, mark):
    _, (ours,) = shop.issue(RICE, 1)
    take_in(shop, "CODE-1", "https://wx.example.cn/q/AbC")
    for text in (ours, "CODE-1", "https://wx.example.cn/q/AbC"):
        assert shop.scanned(mark + text).unit
    taken = take_in(shop, mark + "CODE-2")
    assert shop.serials(taken.batch.name) == ["CODE-2"]


def test_a_list_may_hold_no_code_that_the_counter_will_call_forged(shop):
    shop.issue(RICE, 1)
    found = take_in(shop, shop.link(RICE, FORGED))
    assert found.batch is None and [reason.code for _, reason in found.refused] == ["code_of_own_host"]


@pytest.mark.parametrize(
    "text",
    [f"https://a.example.cn/01/{RICE.code}", f"https://a.example.cn/01/{RICE.code}/10/LOT1", f"(01){RICE.code}",
     "(00)106141412345678908"],
)  # fmt: skip
def test_what_stands_on_every_piece_alike_is_no_unit(shop, text):
    found = take_in(shop, text)
    assert found.batch is None and [reason.code for _, reason in found.refused] == ["code_of_other_item"]


def test_a_range_covers_none_of_our_own_codes(shop):
    _, serials = shop.issue(RICE, 200)
    serial = next(serial for serial in serials if serial[-1].isdigit())
    with pytest.raises(RefusedError, match="bad_range"):
        take_range(shop, serial[:-1] + "2", serial[:-1] + "9")


@pytest.mark.parametrize("before", ["frozen", "reprinted"])
def test_a_unit_of_which_something_was_said_is_printed_with_the_others(shop, before):
    batch, (one, other) = shop.issue(RICE, 2)
    if before == "frozen":
        shop.say(UnitStep.FROZEN, one)
    else:
        shop.terminal.write(partial(codes.reprint_label, by=SYSTEM, text=one)).result()
    shop.mark_printed(batch.name, 0, 2)
    assert [shop.unit(code).state for code in (one, other)] == ["printed", "printed"]


def test_the_form_again_after_the_rest_was_issued_gives_the_batch(shop):
    asked = []
    form = partial(codes.issue, shop.terminal, SYSTEM, RICE.code, 5_000, op="form")
    begun = form(stopped=lambda: asked.append(1) or len(asked) > 1)
    whole = codes.issue_rest(shop.terminal, SYSTEM, begun.name)
    assert form() == whole and whole.issued == 5_000


def test_a_unit_of_a_frozen_batch_is_not_released_in_vain(shop):
    batch, (one, _) = shop.issue(RICE, 2)
    shop.say_of(batch.name, UnitStep.FROZEN)
    with pytest.raises(RefusedError, match="batch_frozen"):
        shop.say(UnitStep.RELEASED, one)
    shop.say_of(batch.name, UnitStep.RELEASED)
    shop.say(UnitStep.FROZEN, one)
    shop.say_of(batch.name, UnitStep.FROZEN)
    shop.say(UnitStep.RELEASED, one)
    assert shop.unit(one).frozen
    shop.say_of(batch.name, UnitStep.RELEASED)
    assert not shop.unit(one).frozen


def test_a_unit_that_was_sold_before_its_code_came_is_counted(shop, tmp_path):
    """Another till of the chain issued it; this one sold it, and takes the list in later."""
    with Terminal(tmp_path / "other", clock=StandingClock()) as terminal:
        other = set_up_shop(terminal)
        _, (sold, kept) = shop.issue(RICE, 2)
        shutil.copy(shop.terminal.home.code_keys, terminal.home.code_keys)
        other.sell_codes(shop.link(RICE, sold))
        batch = take_in(other, sold, kept).batch
        assert (other.balance(batch.name).sold, other.balance(batch.name).on_hand) == (1, 1)
        assert other.unit(sold).batch == batch.name and other.diagnosis(full=True).ok


def test_a_genuine_code_of_the_chain_is_a_unit_whatever_carries_it(shop, tmp_path):
    with Terminal(tmp_path / "other", clock=StandingClock()) as terminal:
        other = set_up_shop(terminal)
        _, (serial,) = shop.issue(RICE, 1)
        shutil.copy(shop.terminal.home.code_keys, terminal.home.code_keys)
        other.sell_codes(f"(01){RICE.code}(21){serial}")
        with pytest.raises(RefusedError, match="unit_sold"):
            other.sell_codes(shop.link(RICE, serial))


def test_links_to_the_first_host_stay_protected_when_the_host_changes(shop):
    _, (serial,) = shop.issue(RICE, 1)
    before = shop.link(RICE, FORGED)
    shop.set("resolver", "u.shop.cn")
    assert shop.scanned(before).reason == "unit_forged"
    assert shop.scanned(before.replace(FORGED, serial)).unit


def test_a_line_of_a_unit_is_one_piece(shop):
    _, (serial,) = shop.issue(RICE, 1)
    line = shop.terminal.write(lambda s: selling.line_of(s, SYSTEM, selling.read_scan(s, serial))).result()
    cart = shop.terminal.write(selling.new_cart).result()
    cart = msgspec.structs.replace(cart, lines=(msgspec.structs.replace(line, n=1, quantity=2),))
    with pytest.raises(RefusedError, match="quantity_fixed"):
        shop.check_out(cart)


def test_a_unit_whose_receipt_is_known_is_worth_what_was_paid_for_it(shop):
    _, (serial,) = shop.issue(RICE, 1)
    sold = shop.sell_codes(serial)
    with pytest.raises(RefusedError, match="unit_on_receipt"):
        blind = partial(returns.blind_return_line, by=SYSTEM, text=serial, price=99_999)
        shop.terminal.write(blind).result()
    assert shop.bring_codes_back(serial).net == -sold.net


def test_a_label_that_was_made_elsewhere_is_not_counted_as_printed_again(shop):
    take_in(shop, "CODE-1")
    with pytest.raises(RefusedError, match="made_elsewhere"):
        shop.terminal.write(partial(codes.reprint_label, by=SYSTEM, text="CODE-1")).result()
    assert shop.unit("CODE-1").labels == 0


@pytest.mark.parametrize("text", ["#REF!", "#N/A", "6.90123E+18"])
def test_what_a_spreadsheet_could_not_keep_is_no_code(tmp_path, text):
    path = tmp_path / "codes.csv"
    path.write_text(f"code,n\nCODE-1,1\n{text},2\n", "utf-8")
    with pytest.raises(RefusedError, match="number_rounded"):
        read_code_file(path).codes()


def test_a_number_of_which_a_spreadsheet_lost_digits_is_no_code(tmp_path):
    book = openpyxl.Workbook()
    for row in (("code",), (123456789012345,), (1234567890123456789,)):
        book.active.append(row)
    book.save(tmp_path / "codes.xlsx")
    with pytest.raises(RefusedError, match="number_rounded"):
        read_code_file(tmp_path / "codes.xlsx").codes()


@pytest.mark.parametrize("header", ["codes", "barcode", "条码"])
def test_the_header_of_a_single_column_is_no_code(tmp_path, header):
    path = tmp_path / "codes.csv"
    path.write_text(f"{header}\nCODE-1\nCODE-2\n", "utf-8")
    assert [text for _, text in read_code_file(path).codes()] == ["CODE-1", "CODE-2"]


@pytest.mark.logs
def test_a_list_that_broke_off_goes_on_where_it_ended(shop):
    texts = [f"CODE-{n:05}X" for n in range(2_500)]

    def fail(_: int) -> None:
        shop.terminal.write(lambda s: s.connection.execute("PRAGMA query_only=ON").fetchall()).result()

    take = partial(codes_elsewhere.take_in_list, shop.terminal, SYSTEM, RICE.code, texts, "x")
    with pytest.raises(BrokenWorldError, match="take_in_unfinished"):
        take(tick=fail)
    taken = take()
    assert (taken.batch.issued, taken.batch.asked, taken.refused) == (2_500, 2_500, ())
    assert shop.serials(taken.batch.name) == texts and shop.diagnosis(full=True).ok
    assert len(shop.terminal.read(codes.batch_rows).result()) == 1


def test_a_spreadsheet_of_one_column_needs_no_header(tmp_path):
    book = openpyxl.Workbook()
    for row in (("CODE-1",), ("CODE-2",)):
        book.active.append(row)
    book.save(tmp_path / "codes.xlsx")
    assert read_code_file(tmp_path / "codes.xlsx").codes() == [(1, "CODE-1"), (2, "CODE-2")]


def test_an_element_string_does_not_say_two_things_of_one_item():
    assert read(f"(01){RICE.code}(01){WATER.code}").reason == "bad_gs1"


def test_the_item_of_a_link_about_something_else_is_an_item():
    assert read("https://a.example.cn/8004/9520614141234567?01=09521234543213").code == "09521234543213"
