"""The doctor names what is wrong, and where."""

from __future__ import annotations

from functools import partial

import pytest

from core.shop import doctor
from core.shop.terminal import Terminal
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


def test_all_is_well(shop: Shop):
    shop.sell((WATER, 1))
    diagnosis = shop.diagnosis()
    assert diagnosis.ok and diagnosis.events == 7
    assert [check.name for check in diagnosis.checks] == ["file", "schema", "journal", "projections", "key"]


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


def test_a_missing_key(damaged, shop):
    shop.terminal.home.key.unlink()
    assert "stream.key" in damaged()["key"]


def test_another_key(damaged, shop):
    shop.terminal.home.key.write_bytes(bytes(32))
    assert "not the key of this stream" in damaged()["key"]


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


def test_selling_goes_on_while_the_doctor_looks(shop):
    for _ in range(20):
        shop.sell((WATER, 1))
    ticks: list[int] = []
    look = shop.terminal.read(partial(doctor.examine, full=True, tick=ticks.append))
    for _ in range(20):
        shop.sell((WATER, 1))
    assert look.result().ok
