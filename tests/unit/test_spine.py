"""One command, one fact, one transaction."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from sqlite_utils import Database

from core import events
from core.chain import chain, genesis
from core.database import APPLICATION_ID, SCHEMA_VERSION, connect, connect_writer, sqlite_is_sound, transaction
from core.errors import BrokenWorldError, RefusedError
from core.events import Head, ProductChanged, SettingChanged, UnknownEvent
from core.journal import entries
from core.migrations import MIGRATIONS
from core.shop import setup
from core.shop.glance import glance
from core.shop.terminal import SYSTEM, Terminal
from core.worker import Worker
from tests.builders import RICE, WATER, set_up_shop


def count(terminal, table: str) -> int:
    return terminal.write(lambda s: s.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]).result()


def record_setting(session, op: str, value: str) -> SettingChanged:
    head = session.head(op, value, SYSTEM)
    make = partial(SettingChanged, head=head, name="receipt_footer", value=value)
    return session.journal.record(op, value, SettingChanged, lambda _: make())


class TestJournal:
    def test_a_repeated_command_gives_the_first_fact(self, shop):
        first = shop.terminal.write(partial(record_setting, op="op", value="a")).result()
        assert shop.terminal.write(partial(record_setting, op="op", value="a")).result() == first
        assert count(shop.terminal, "journal") == 1 + 5 + 1

    def test_a_form_changed_under_its_id_is_refused_loudly(self, shop):
        shop.terminal.write(partial(record_setting, op="op", value="a")).result()
        with pytest.raises(RefusedError, match="form_changed"):
            shop.terminal.write(partial(record_setting, op="op", value="b")).result()

    def test_a_check_that_refuses_writes_nothing(self, shop):
        sale = shop.sell((WATER, 1))
        before = count(shop.terminal, "journal")
        with pytest.raises(RefusedError, match="more_than_sold"):
            shop.bring_back(sale.receipt, (WATER.code, 2))
        assert count(shop.terminal, "journal") == before

    def test_a_bug_while_building_writes_nothing_and_work_goes_on(self, shop):
        def broken(session):
            return session.journal.record("op", "d", SettingChanged, lambda _: 1 / 0)

        before = count(shop.terminal, "journal")
        with pytest.raises(ZeroDivisionError):
            shop.terminal.write(broken).result()
        assert count(shop.terminal, "journal") == before
        shop.sell((WATER, 1))

    def test_the_chain_is_what_it_says(self, shop):
        shop.sell((WATER, 1))
        rows = shop.terminal.write(lambda s: list(entries(s.connection))).result()
        stream, key, seq, head = shop.terminal.write(
            lambda s: s.connection.execute("SELECT id, public_key, seq, hash FROM stream").fetchone()
        ).result()
        previous = genesis(stream, key)
        for place, entry in enumerate(rows, 1):
            previous = chain(previous, place, entry.raw)
            assert (entry.position, entry.seq, entry.hash) == (place, place, previous)
        assert (seq, head) == (len(rows), previous)


class TestEvents:
    HEAD = Head(op="o", digest="d", at=1, offset=480, date="2026-11-23")

    def test_a_fact_reads_back(self):
        event = ProductChanged(head=self.HEAD, code="A", name="n", price=5)
        assert events.decode(events.encode(event)) == event

    def test_kind_and_version_are_always_written(self):
        raw = events.encode(SettingChanged(head=self.HEAD, name="a", value="b"))
        assert raw.startswith(b'{"kind":"setting.changed","v":1,')

    @pytest.mark.parametrize("change", [(b"setting.changed", b"moon.landed"), (b'"v":1', b'"v":99')])
    def test_what_is_newer_than_we_is_kept_as_it_is(self, change):
        raw = events.encode(SettingChanged(head=self.HEAD, name="a", value="b")).replace(*change)
        found = events.decode(raw)
        assert isinstance(found, UnknownEvent) and found.raw == raw and found.head == self.HEAD

    def test_fields_that_we_do_not_know_are_passed_over(self):
        raw = events.encode(SettingChanged(head=self.HEAD, name="a", value="b"))[:-1] + b',"later":1}'
        assert events.decode(raw) == SettingChanged(head=self.HEAD, name="a", value="b")

    def test_an_old_version_is_raised_on_reading(self, monkeypatch):
        monkeypatch.setitem(events.base._versions, "setting.changed", 3)
        monkeypatch.setitem(
            events.base._upcasters, ("setting.changed", 1), lambda old: {**old, "value": old["value"] + "1"}
        )
        monkeypatch.setitem(
            events.base._upcasters, ("setting.changed", 2), lambda old: {**old, "value": old["value"] + "2"}
        )
        raw = events.encode(SettingChanged(head=self.HEAD, name="a", value="b"))
        assert events.decode(raw) == SettingChanged(v=3, head=self.HEAD, name="a", value="b12")


class TestDatabase:
    @pytest.mark.parametrize(
        ("version", "sound"),
        [
            ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False), ((3, 50, 6), False),
            ((3, 50, 7), True), ((3, 51, 1), False), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 53, 4), True),
        ],
    )  # fmt: skip
    def test_the_guard_knows_the_fault(self, version, sound):
        assert sqlite_is_sound(version) is sound

    def test_an_unsound_sqlite_is_not_used(self, tmp_path, monkeypatch):
        monkeypatch.setattr("core.database.sqlite3.sqlite_version_info", (3, 40, 1))
        with pytest.raises(BrokenWorldError, match="sqlite_unsafe"):
            connect(tmp_path / "store.db")

    def test_every_commit_is_synced(self, tmp_path):
        connection = connect_writer(tmp_path / "store.db")
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        connection.close()

    def test_a_file_from_a_newer_version_is_refused_and_untouched(self, tmp_path):
        connection = connect_writer(tmp_path / "store.db")
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
        connection.close()
        before = (tmp_path / "store.db").read_bytes()
        with pytest.raises(BrokenWorldError, match="file_newer"):
            connect_writer(tmp_path / "store.db")
        assert (tmp_path / "store.db").read_bytes() == before

    @pytest.mark.logs
    @pytest.mark.parametrize("content", [b"hello", bytes(4096), b"SQLite format 3\0" + bytes(4080)])
    def test_a_file_that_is_not_ours_is_refused(self, tmp_path, content):
        (tmp_path / "store.db").write_bytes(content)
        try:
            connect_writer(tmp_path / "store.db").close()
        except BrokenWorldError as broken:
            assert broken.code in ("file_damaged", "not_a_store")
        else:
            pytest.fail("taken as ours")

    def test_somebody_elses_database_is_refused(self, tmp_path):
        connection = connect(tmp_path / "store.db")
        connection.execute("CREATE TABLE theirs (a)")
        connection.close()
        with pytest.raises(BrokenWorldError, match="not_a_store"):
            connect_writer(tmp_path / "store.db")

    def test_a_transaction_that_fails_leaves_nothing(self, tmp_path):
        connection = connect_writer(tmp_path / "store.db")
        with pytest.raises(KeyError), transaction(connection):
            connection.execute("INSERT INTO setting VALUES ('a', 'b')")
            raise KeyError
        assert not connection.in_transaction
        assert connection.execute("SELECT count(*) FROM setting").fetchone() == (0,)
        connection.close()


class _Context:
    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


def test_a_worker_opens_anew_after_the_world_broke():
    opened: list[_Context] = []

    def open_context() -> _Context:
        opened.append(_Context())
        return opened[-1]

    def fail(_: _Context) -> None:
        raise BrokenWorldError("disk_full", file="store.db")

    worker = Worker("test-worker", open_context)
    with pytest.raises(BrokenWorldError):
        worker.submit(fail).result()
    assert worker.submit(lambda context: context).result() is opened[1]
    assert opened[0].closed and not opened[1].closed
    worker.close()
    assert opened[1].closed


class TestTerminal:
    def test_a_second_writer_is_told_so_and_readers_pass(self, shop):
        folder = shop.terminal.home.folder
        with pytest.raises(BrokenWorldError, match="home_in_use"):
            Terminal(folder)
        with Terminal(folder, writes=False) as reader:
            assert reader.read(lambda view: view.settings["store"]).result() == "S1"

    def test_a_closed_home_is_one_whole_file(self, shop):
        shop.sell((WATER, 1))
        shop.terminal.read(lambda view: view.settings).result()
        shop.terminal.close()
        assert not list(shop.terminal.home.folder.glob("store.db-*"))

    def test_a_home_without_a_shop_says_so(self, terminal, tmp_path):
        with pytest.raises(RefusedError, match="not_set_up"):
            terminal.write(lambda session: session.settings).result()
        with pytest.raises(RefusedError, match="not_set_up"):
            Terminal(tmp_path / "nowhere", writes=False)

    def test_a_shop_is_set_up_once(self, shop):
        with pytest.raises(RefusedError, match="already_set_up"):
            set_up_shop(shop.terminal)

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"store": "S 1"}, "bad_name_of_store"),
            ({"terminal": ""}, "bad_name_of_store"),
            ({"currency": "XYZ"}, "bad_currency"),
            ({"timezone": "Nowhere"}, "bad_timezone"),
        ],
    )
    def test_a_shop_that_cannot_be_is_refused(self, terminal, change, code):
        given = {"store": "S1", "terminal": "T1", "currency": "CNY", "timezone": "Asia/Shanghai", **change}
        with pytest.raises(RefusedError, match=code):
            terminal.write(partial(setup.set_up, by=SYSTEM, **given)).result()
        assert count(terminal, "journal") == 0
        set_up_shop(terminal)

    def test_the_key_is_the_owners_only(self, shop):
        assert shop.terminal.home.key.stat().st_mode & 0o077 == 0

    def test_use_cases_run_on_the_threads_that_own_the_connections(self, shop):
        names = {
            shop.terminal.write(lambda _: threading.current_thread().name).result(),
            shop.terminal.read(lambda _: threading.current_thread().name).result(),
        }
        assert names == {"store-writer", "store-reader"}

    @pytest.mark.logs
    def test_a_reader_cannot_write(self, shop):
        with pytest.raises(BrokenWorldError, match="file_read_only"):
            shop.terminal.read(lambda v: v.connection.execute("DELETE FROM sale")).result()


@pytest.mark.logs
def test_a_journal_without_a_stream_is_a_damaged_file(shop):
    shop.terminal.write(lambda s: s.connection.execute("PRAGMA foreign_keys=OFF")).result()
    shop.terminal.write(lambda s: s.connection.execute("DELETE FROM stream")).result()
    with pytest.raises(BrokenWorldError, match="file_damaged"):
        shop.set("receipt_footer", "x")


def test_a_setting_that_was_tampered_with_is_named(shop):
    shop.terminal.write(
        lambda s: s.connection.execute("UPDATE setting SET value = 'no' WHERE name = 'timezone'")
    ).result()
    with pytest.raises(BrokenWorldError, match="setting_damaged"):
        shop.terminal.read(lambda view: view.settings).result()
    assert not shop.diagnosis().ok


def test_a_file_of_an_older_version_is_brought_up_to_date(tmp_path):
    connection = connect(tmp_path / "store.db")
    with transaction(connection):
        MIGRATIONS.apply(Database(connection), stop_before="m002_digests_of_feeds")
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute("PRAGMA user_version=1")
    connection.close()
    connection = connect_writer(tmp_path / "store.db")
    assert connection.execute("SELECT count(*) FROM feed_digest").fetchone() == (0,)
    assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    connection.close()


def test_a_shop_that_chose_no_language_speaks_the_default_everywhere(shop):
    settings = shop.terminal.read(lambda view: view.settings).result()
    assert glance(shop.terminal.home.folder).language == settings["language"] == "zh_CN"
    shop.set("language", "en")
    assert glance(shop.terminal.home.folder).language == "en"


def test_changing_a_setting_is_a_fact_and_setting_it_again_is_none(shop):
    before = count(shop.terminal, "journal")
    shop.set("receipt_footer", "谢谢")
    shop.set("receipt_footer", "谢谢")
    assert count(shop.terminal, "journal") == before + 1
    assert shop.terminal.read(lambda view: view.settings["receipt_footer"]).result() == "谢谢"


def test_a_product_by_hand_is_a_fact(shop):
    before = count(shop.terminal, "journal")
    assert count(shop.terminal, "product") == 5
    assert RICE.code and before == 6
