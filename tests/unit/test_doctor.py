"""The doctor names what is wrong, and where."""

from __future__ import annotations

import shutil
from functools import partial

import pytest

from core.catalogue.files import read_catalogue
from core.shop import doctor, goods
from core.shop.terminal import SYSTEM, Terminal
from tests.builders import RICE, WATER, Shop


@pytest.fixture
def damaged(shop, clock):
    """A shop with three sales, closed, tampered with behind its back, and looked at."""
    for _ in range(3):
        shop.sell((WATER, 2), (RICE, 1))
    assert shop.diagnosis().ok
    folder = shop.terminal.home.folder

    def damage(*statements: str) -> dict[str, str]:
        for statement in statements:
            shop.terminal.write(lambda s, sql=statement: s.connection.execute(sql)).result()
        shop.terminal.close()
        with Terminal(folder, writes=False, clock=clock) as reader:
            diagnosis = reader.read(doctor.examine).result()
        assert not diagnosis.ok
        return {check.name: check.detail for check in diagnosis.checks if not check.ok}

    return damage


@pytest.fixture
def take_in(shop, tmp_path):
    """Import a file of two products, the first at a given price."""

    def take_in(price: str) -> None:
        catalogue = tmp_path / "goods.csv"
        catalogue.write_text(f"条码,名称,售价\n9521000022942,布袋子,{price}\n6901234567892,饼干,3\n", "utf-8")
        goods.import_catalogue(shop.terminal, SYSTEM, read_catalogue(catalogue, "CNY"), tick=lambda _: None)

    return take_in


def test_all_is_well(shop: Shop):
    shop.sell((WATER, 1))
    diagnosis = shop.diagnosis()
    assert diagnosis.ok and diagnosis.events == 7
    assert [check.name for check in diagnosis.checks] == [
        "file",
        "schema",
        "journal",
        "projections",
        "feeds",
        "search",
        "counter",
        "key",
        "vault",
    ]


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("day", "net = net + 1"),
        ("sale", "tax = 0"),
        ("sale_line", "returned = 1"),
        ("day_product", "pieces = 9"),
        ("setting", "value = 'x'"),
        ("product", "price = 1"),
    ],
)
def test_an_edited_row_of_a_projection(damaged, table, change):
    faults = damaged(f"UPDATE {table} SET {change} WHERE rowid IN (SELECT rowid FROM {table} LIMIT 1)"
                     if table in ("sale", "product")
                     else f"UPDATE {table} SET {change}")  # fmt: skip
    assert list(faults) == ["projections"]
    assert faults["projections"].startswith(f"{table}: row ")
    assert change.partition(" ")[0] in faults["projections"]


def test_a_row_too_many_and_a_row_too_few(damaged):
    faults = damaged("DELETE FROM day_hour", "INSERT INTO receipt_counter VALUES ('2030-01-01', 1)")
    assert "receipt_counter: row date 2030-01-01 is not in the journal" in faults["projections"]
    assert "day_hour: row date 2026-11-23, hour 10 is missing" in faults["projections"]


def test_one_byte_of_a_fact(damaged):
    faults = damaged(
        "UPDATE journal SET event = CAST(replace(CAST(event AS TEXT), '\"amount\":400', '\"amount\":500') AS BLOB)"
        " WHERE position = 8"
    )
    assert faults["journal"] == "fact 8 is not what was recorded, or its hash is not"


def test_one_byte_of_a_hash(damaged):
    assert damaged("UPDATE journal SET hash = zeroblob(32) WHERE position = 7")["journal"].startswith("fact 7 ")


def test_the_last_fact_removed(damaged):
    faults = damaged("DELETE FROM journal WHERE position = (SELECT max(position) FROM journal)")
    assert faults["journal"] == "facts behind 8 are missing: 1 removed from the end"


def test_a_fact_removed_from_the_middle(damaged):
    assert damaged("DELETE FROM journal WHERE position = 4")["journal"] == "facts 4 to 4 are missing"


def test_a_fact_under_another_commands_id(damaged):
    assert "another command" in damaged("UPDATE journal SET op = 'x' WHERE position = 7")["journal"]


@pytest.mark.parametrize("table", ["day", "sale", "journal", "feed_product", "stream", "setting", "local_cart"])
def test_a_renamed_table(damaged, table):
    faults = damaged(f"ALTER TABLE {table} RENAME TO elsewhere")
    assert f"table {table} is missing" in faults["schema"]
    assert "table elsewhere does not belong here" in faults["schema"]


@pytest.mark.parametrize(
    ("statement", "check", "detail"),
    [
        ("UPDATE feed_product SET price = 1 WHERE name = '饼干'", "feeds", "are not the 2 that were imported"),
        ("DELETE FROM feed_product WHERE name = '饼干'", "feeds", "its 1 rows are not the 2"),
        ("DELETE FROM feed_product_words WHERE rowid = 1", "search", "feed_product: row 1 is not in the index"),
        ("DELETE FROM product_words WHERE rowid = 2", "search", "product: row 2 is not in the index"),
        ("INSERT INTO product_words (rowid, words) VALUES (99, 'xx')", "search", "row 99 is in the index and not"),
        ("UPDATE stream SET store = 'S2'", "journal", "the stream is not that of fact 1"),
        ("UPDATE stream SET terminal = 'T9'", "journal", "the stream is not that of fact 1"),
        ("DELETE FROM stream", "journal", "there is no stream"),
        ("DELETE FROM stream", "key", "there is no stream for this key"),
        ("DELETE FROM _sqlite_migrations WHERE name LIKE 'm002%'", "schema", "m002_digests_of_feeds"),
        ("PRAGMA user_version = 1", "schema", "version 1 where 10 belongs"),
        ("INSERT INTO local_cart VALUES ('counter', x'00')", "counter", "the open cart counter cannot be read"),
        ("UPDATE journal SET event = x'7b7d' WHERE position = 7", "journal", "fact 7 is not what was recorded"),
    ],
)
def test_whatever_else_was_tampered_with(take_in, damaged, statement, check, detail):
    take_in("0.5")
    assert detail in damaged("PRAGMA foreign_keys=OFF", statement)[check]


def test_a_number_that_no_file_can_hold(shop, damaged):
    shutil.rmtree(shop.terminal.home.proofs)
    faults = damaged(
        "UPDATE journal SET event = CAST(replace(CAST(event AS TEXT), '\"amount\":400',"
        " '\"amount\":4' || printf('%030d', 0)) AS BLOB) WHERE position = 8"
    )
    assert "fact 8" in faults["journal"] and "OverflowError" in faults["projections"]


def test_strange_files_beside_the_proofs_do_not_matter(shop):
    shop.diagnosis()
    for name in ("v2-x.db", "v2-1-2-3.db", "notes.txt", "v2--.db"):
        (shop.terminal.home.proofs / name).touch()
    assert shop.diagnosis().ok


def test_an_import_again_keeps_the_digest_true(shop, take_in):
    for price in ("1", "2", "2"):
        take_in(price)
        assert {c.name: c.detail for c in shop.diagnosis().checks if c.ok}["feeds"] == "2 rows"


def test_a_missing_key(damaged, shop):
    shop.terminal.home.key.unlink()
    assert "stream.key" in damaged()["key"]


def test_another_key(damaged, shop):
    shop.terminal.home.key.write_bytes(bytes(32))
    assert "does not hold the key of this stream" in damaged()["key"]


def test_a_key_that_others_can_read(damaged, shop):
    shop.terminal.home.key.chmod(0o644)
    assert "can be read by others" in damaged()["key"]


def test_the_second_look_starts_from_the_proof_of_the_first(shop):
    shop.sell((WATER, 1))
    shop.diagnosis()
    shop.sell((WATER, 1))
    (detail,) = [check.detail for check in shop.diagnosis().checks if check.name == "projections"]
    assert detail.endswith("from fact 7")
    (detail,) = [check.detail for check in shop.diagnosis(full=True).checks if check.name == "projections"]
    assert detail.endswith("from the first fact")
    assert len(list(shop.terminal.home.proofs.iterdir())) == 1


def test_a_proof_that_the_journal_does_not_bear_out_is_not_used(shop):
    shop.sell((WATER, 1))
    shop.diagnosis()
    (proof,) = shop.terminal.home.proofs.iterdir()
    proof.rename(proof.with_name(proof.name.replace("-7-", "-6-")))
    (detail,) = [check.detail for check in shop.diagnosis().checks if check.name == "projections"]
    assert detail.endswith("from the first fact")


def test_a_sale_between_two_looks_at_the_journal_is_no_fault(shop):
    shop.sell((WATER, 1))
    between = [True]

    def watch(statement: str) -> None:
        if between and "FROM journal WHERE position >" in statement:
            between.clear()
            shop.sell((WATER, 1))

    def look(view):
        view.connection.set_trace_callback(watch)
        try:
            return doctor.examine(view, full=True)
        finally:
            view.connection.set_trace_callback(None)

    found = shop.terminal.read(look).result()
    assert not between and found.ok, found


def test_selling_goes_on_while_the_doctor_looks(shop):
    for _ in range(20):
        shop.sell((WATER, 1))
    ticks: list[int] = []
    look = shop.terminal.read(partial(doctor.examine, full=True, tick=ticks.append))
    for _ in range(20):
        shop.sell((WATER, 1))
    assert look.result().ok
