"""Batches of unit codes: issued in parts, once, whatever comes between; printed, found, added up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

import pytest
from pysqlite3 import dbapi2 as sqlite3

from core import events
from core.codes import serial
from core.codes.queries import Batch, BatchFilter
from core.errors import BrokenWorldError, RefusedError
from core.events import CodesIssued, UnitStep
from core.journal import entries
from core.shop import codes, codes_elsewhere
from core.shop.terminal import SYSTEM, Session
from tests.builders import BAG, RICE, SCARF, WATER, Shop


def refused(step: Callable[[], object]) -> str:
    with pytest.raises(RefusedError) as found:
        step()
    return found.value.code


def facts(shop: Shop) -> list[tuple[events.Event, int]]:
    """Every fact, and its size."""
    rows = shop.terminal.read(lambda view: list(entries(view.connection))).result()
    return [(events.decode(row.raw), len(row.raw)) for row in rows]


def parts(shop: Shop) -> list[int]:
    """How many codes each fact of issued codes has."""
    return [len(fact.tails) // serial.TAIL for fact, _ in facts(shop) if isinstance(fact, CodesIssued)]


def batches(shop: Shop, **kwargs) -> list[str]:
    return [row.batch.name for row in shop.terminal.read(partial(codes.batch_rows, **kwargs)).result()]


def issue(shop: Shop, count: int, **kwargs) -> Batch:
    return codes.issue(shop.terminal, SYSTEM, RICE.code, count, **kwargs)


def stopped_after(times: int) -> Callable[[], bool]:
    """Says stop when it is asked once more."""
    asked: list[None] = []
    return lambda: asked.append(None) or len(asked) > times  # type: ignore[func-returns-value]


class TestIssued:
    def test_in_parts_of_at_most_a_block(self, shop):
        told: list[int] = []
        batch = issue(shop, 9_000, tick=told.append)
        assert (batch.asked, batch.issued, batch.made, batch.printed, batch.frozen) == (9_000, 9_000, "here", 0, False)
        assert told == parts(shop) == [4_096, 4_096, 808]
        serials = shop.serials(batch.name)
        assert len(serials) == len(set(serials)) == 9_000
        assert len({code[: serial.HEAD] for code in serials}) == 3
        # The next batch goes on in the block that is begun.
        _, after = shop.issue(WATER, 4_000)
        assert parts(shop)[3:] == [3_288, 712]
        assert serial.number_of(after[0]) == serial.number_of(serials[-1]) + 1
        assert not {*after} & {*serials} and shop.diagnosis(full=True).ok

    def test_each_code_is_the_unit_at_its_place(self, shop):
        batch, serials = shop.issue(RICE, 5_000)
        for place in (0, 1, 127, 128, 4_095, 4_096, 4_999):
            unit = shop.unit(serials[place])
            assert (unit.key, unit.batch, unit.ordinal) == (serials[place], batch.name, place)
        for start, count in ((0, 1), (127, 2), (4_090, 10), (4_999, 1), (4_999, 9), (5_000, 1)):
            part = shop.terminal.read(partial(codes.serials_of, name=batch.name, start=start, count=count)).result()
            assert part == serials[start : start + count]

    @pytest.mark.parametrize("count", [0, -1, 1_000_001])
    def test_a_number_that_cannot_be_meant_is_refused(self, shop, count):
        assert refused(lambda: issue(shop, count)) == "bad_count"

    @pytest.mark.parametrize(("code", "reason"), [("6901234567892", "unknown_product"), (BAG.code, "no_gtin")])
    def test_for_what_has_no_gtin_here_there_are_none(self, shop, code, reason):
        assert refused(lambda: codes.issue(shop.terminal, SYSTEM, code, 1)) == reason
        assert batches(shop) == [] and not shop.terminal.home.code_keys.exists()

    def test_no_fact_is_larger_than_a_fact_may_be(self, shop):
        issue(shop, 4_096)
        longest = [f"https://wx.example.cn/{n:042}" for n in range(2_000)]
        assert {len(code) for code in longest} == {64}
        codes_elsewhere.take_in_list(shop.terminal, SYSTEM, RICE.code, longest, "x" * 500)
        sizes = [size for _, size in facts(shop)]
        assert 40_000 < max(sizes) <= events.MAX_EVENT_BYTES


class TestOnce:
    def test_the_same_form_twice_issues_nothing_twice(self, shop):
        first = issue(shop, 5_000, op="form")
        told: list[int] = []
        assert issue(shop, 5_000, op="form", tick=told.append) == first
        assert parts(shop) == told == [4_096, 904] and batches(shop) == [first.name]

    def test_another_form_is_another_batch(self, shop):
        assert [issue(shop, 5, op=op).name[-5:] for op in ("one", "two", "")] == ["B0001", "B0002", "B0003"]
        assert parts(shop) == [5, 5, 5]

    @pytest.mark.parametrize("change", [{"count": 6}, {"gtin": WATER.code}])
    def test_a_form_that_was_changed_under_its_id_is_refused(self, shop, change):
        issue(shop, 5, op="form")
        again = {"gtin": RICE.code, "count": 5, **change}
        assert refused(lambda: codes.issue(shop.terminal, SYSTEM, **again, op="form")) == "form_changed"

    def test_stopped_before_the_first_code_there_is_no_batch(self, shop):
        assert refused(lambda: issue(shop, 5_000, op="form", stopped=lambda: True)) == "issue_stopped"
        assert batches(shop) == []
        assert issue(shop, 5_000, op="form").issued == 5_000

    def test_stopped_in_the_middle_it_goes_on_where_it_was(self, shop):
        begun = issue(shop, 9_000, op="form", stopped=stopped_after(2))
        assert (begun.issued, begun.asked) == (8_192, 9_000)
        before = shop.serials(begun.name)
        assert batches(shop, only=BatchFilter.UNFINISHED) == [begun.name]
        # What comes between is a batch of its own, in codes of its own.
        _, between = shop.issue(WATER, 100)
        whole = issue(shop, 9_000, op="form")
        assert (whole.name, whole.issued) == (begun.name, 9_000)
        serials = shop.serials(whole.name)
        assert serials[:8_192] == before and not {*serials} & {*between}
        assert len({*serials}) == 9_000 and batches(shop, only=BatchFilter.UNFINISHED) == []
        assert shop.diagnosis(full=True).ok

    def test_the_rest_is_issued_without_the_form(self, shop):
        begun = issue(shop, 9_000, stopped=stopped_after(1))
        told: list[int] = []
        whole = codes.issue_rest(shop.terminal, SYSTEM, begun.name.lower(), tick=told.append)
        assert (whole.name, whole.issued, sum(told)) == (begun.name, 9_000, 9_000 - 4_096)
        assert codes.issue_rest(shop.terminal, SYSTEM, begun.name) == whole
        assert len(set(shop.serials(whole.name))) == sum(parts(shop)) == 9_000

    def test_after_that_the_form_issues_nothing_more(self, shop):
        begun = issue(shop, 9_000, op="form", stopped=stopped_after(1))
        codes.issue_rest(shop.terminal, SYSTEM, begun.name)
        assert issue(shop, 9_000, op="form").name == begun.name
        assert sum(parts(shop)) == 9_000 and shop.diagnosis(full=True).ok

    def test_what_was_made_elsewhere_has_no_rest(self, shop):
        taken = codes_elsewhere.take_in_list(shop.terminal, SYSTEM, RICE.code, ["CODE-1"], "x")
        assert refused(lambda: codes.issue_rest(shop.terminal, SYSTEM, taken.batch.name)) == "made_elsewhere"


@contextmanager
def full(shop: Shop) -> Iterator[None]:
    """The disk has room for a few pages more, and not for a part of a batch."""
    shop.terminal.write(_leave_room).result()
    yield


def _leave_room(session: Session) -> None:
    (pages,) = session.connection.execute("PRAGMA page_count").fetchone()
    session.connection.execute(f"PRAGMA max_page_count={pages + 5}").fetchone()


@contextmanager
def failing(_: Shop) -> Iterator[None]:
    """The system writes no byte into any file."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def held(shop: Shop) -> Iterator[None]:
    """Another program writes, and takes longer than this one waits."""
    shop.terminal.write(lambda s: s.connection.execute("PRAGMA busy_timeout=1").fetchone()).result()
    other = sqlite3.connect(shop.terminal.home.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


FAULTS = {full: "disk_full", failing: "disk_failed", held: "file_busy"}


@pytest.mark.logs
@pytest.mark.parametrize("fault", FAULTS)
class TestBrokenWorld:
    def broken(self, shop: Shop, fault: Callable, step: Callable, after: int) -> BrokenWorldError:
        """Take a step whose world breaks when so many of its parts are done."""
        done: list[int] = []
        entered: list[AbstractContextManager] = []

        def tick(count: int) -> None:
            done.append(count)
            if len(done) == after:
                entered.append(fault(shop))
                entered[0].__enter__()

        try:
            if not after:
                tick(0)
                entered.append(fault(shop))
                entered[0].__enter__()
            with pytest.raises(BrokenWorldError) as found:
                step(tick=tick)
        finally:
            entered[0].__exit__(None, None, None)
        return found.value

    @pytest.mark.parametrize("after", [1, 2])
    def test_what_broke_off_is_said_and_completed_by_the_same_form(self, shop, fault, after):
        step = partial(issue, shop, 10_000, op="form")
        said = self.broken(shop, fault, step, after)
        batch, count = said.params["batch"], 4_096 * after
        assert (said.code, said.params) == ("issue_unfinished", {"batch": batch, "issued": count, "asked": 10_000})
        assert said.__cause__.code == FAULTS[fault]
        row = shop.terminal.read(partial(codes.batch_row, name=batch)).result().batch
        before = shop.serials(batch)
        assert (row.issued, row.asked, len(before)) == (count, 10_000, count)
        assert shop.diagnosis(full=True).ok
        assert step().issued == 10_000
        assert shop.serials(batch)[:count] == before and sum(parts(shop)) == len({*shop.serials(batch)}) == 10_000
        assert batches(shop) == [batch] and shop.diagnosis(full=True).ok

    def test_before_the_first_code_nothing_was_issued(self, shop, fault):
        before = facts(shop)
        step = partial(issue, shop, 5_000, op="form")
        # The chain's key is written before anything else.
        keyless = fault is failing
        assert self.broken(shop, fault, step, 0).code == ("home_unusable" if keyless else FAULTS[fault])
        assert facts(shop) == before and batches(shop) == []
        assert shop.terminal.home.code_keys.exists() is not keyless
        assert step().name.endswith("B0001") and sum(parts(shop)) == 5_000
        assert shop.diagnosis(full=True).ok

    def test_of_a_list_that_broke_off_every_part_is_whole(self, shop, fault):
        texts = [f"https://wx.example.cn/{n:040}" for n in range(2_500)]
        take_in = partial(codes_elsewhere.take_in_list, shop.terminal, SYSTEM, RICE.code, texts, "list.csv", op="form")
        said = self.broken(shop, fault, take_in, 1)
        assert (said.code, said.params["issued"], said.params["asked"]) == ("take_in_unfinished", 1_000, 2_500)
        assert shop.serials(said.params["batch"]) == texts[:1_000]
        assert shop.scanned(texts[999]).known and not shop.scanned(texts[1_000]).known
        assert take_in().batch.issued == 2_500 and shop.serials(said.params["batch"]) == texts
        assert shop.diagnosis(full=True).ok


class TestPrinted:
    def test_each_code_is_counted_once(self, shop):
        batch, serials = shop.issue(RICE, 10)
        for start, count, printed in ((2, 3, 3), (2, 3, 3), (4, 3, 5), (0, 1, 6), (0, 10, 10), (9, 1, 10)):
            shop.mark_printed(batch.name.lower(), start, count)
            row = shop.terminal.read(partial(codes.batch_row, name=batch.name)).result()
            assert row.batch.printed == printed
            assert (batches(shop, only=BatchFilter.UNPRINTED) == []) is (printed == 10)
        assert {shop.unit(code).state for code in serials} == {"printed"}
        assert shop.diagnosis(full=True).ok

    @pytest.mark.parametrize(("start", "count"), [(-1, 2), (0, 0), (0, 4), (3, 1), (2, 2)])
    def test_only_what_there_is(self, shop, start, count):
        batch, _ = shop.issue(RICE, 3)
        assert refused(lambda: shop.mark_printed(batch.name, start, count)) == "bad_part"

    def test_of_what_is_on_sale_nothing_is_taken_back(self, shop):
        batch, (first, second, third) = shop.issue(RICE, 3)
        shop.say(UnitStep.ON_SALE, first)
        shop.say(UnitStep.VOID, third)
        shop.mark_printed(batch.name, 0, 3)
        assert [shop.unit(code).state for code in (first, second, third)] == ["on_sale", "printed", "void"]


class TestParts:
    @pytest.mark.parametrize(
        ("text", "start", "count"),
        [
            ("{}", 0, 9), (" {} ", 0, 9), ("{}:1", 0, 1), ("{}:9", 8, 1), ("{}:1-9", 0, 9), ("{}:3-5", 2, 3),
            ("{}:4-4", 3, 1), ("{}:4-", 3, 6), ("{}:01-009", 0, 9),
        ],
    )  # fmt: skip
    def test_a_part_is_counted_from_one(self, shop, text, start, count):
        batch, _ = shop.issue(RICE, 9)
        for name in (batch.name, batch.name.lower()):
            part = shop.terminal.read(partial(codes.part_of_batch, text=text.format(name))).result()
            assert part == (batch, start, count)

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("{}:0", "bad_part"), ("{}:0-3", "bad_part"), ("{}:10", "bad_part"), ("{}:5-3", "bad_part"),
            ("{}:1-10", "bad_part"), ("{}:99999999-", "bad_part"), ("{}:-3", "no_such_batch"),
            ("{}:", "no_such_batch"), ("{}:x", "no_such_batch"), ("{}:1-2-3", "no_such_batch"), ("", "no_such_batch"),
            ("{}:１", "no_such_batch"), ("X{}", "no_such_batch"), ("{}:123456789", "no_such_batch"),
        ],
    )  # fmt: skip
    def test_what_is_none(self, shop, text, reason):
        batch, _ = shop.issue(RICE, 9)
        ask = partial(codes.part_of_batch, text=text.format(batch.name))
        assert refused(lambda: shop.terminal.read(ask).result()) == reason

    def test_a_part_can_be_put_on_sale_and_only_a_whole_batch_frozen(self, shop):
        batch, serials = shop.issue(RICE, 4)
        shop.say_of(f"{batch.name}:2-3", UnitStep.ON_SALE)
        assert [shop.unit(code).state for code in serials] == ["issued", "on_sale", "on_sale", "issued"]
        assert refused(lambda: shop.say_of(f"{batch.name}:2-3", UnitStep.FROZEN)) == "said_of_whole"
        assert refused(lambda: shop.say_of(batch.name, UnitStep.VOID)) == "said_of_units"
        assert refused(lambda: shop.say_of(batch.name, UnitStep.RELEASED)) == "batch_already"
        shop.say_of(f"{batch.name}:1-4", UnitStep.FROZEN)
        assert refused(lambda: shop.say_of(batch.name, UnitStep.FROZEN)) == "batch_already"
        assert all(shop.unit(code).frozen for code in serials)


class TestFound:
    @pytest.fixture
    def four(self, shop) -> list[str]:
        """Batches of rice, water, rice, and of a scarf, the first printed, the last frozen."""
        found = [shop.issue(product, 2)[0].name for product in (RICE, WATER, RICE, SCARF)]
        shop.mark_printed(found[0], 0, 2)
        shop.say_of(found[3], UnitStep.FROZEN)
        return found

    def test_newest_first_and_page_by_page(self, shop, four):
        assert batches(shop) == four[::-1]
        rows = shop.terminal.read(partial(codes.batch_rows, limit=3)).result()
        assert batches(shop, before=rows[-1].batch.number) == four[:1]

    @pytest.mark.parametrize(
        ("text", "places"),
        [("B0002", [1]), ("b000", [3, 2, 1, 0]), ("稻香", [2, 0]), ("yl", [1]), ("围巾", [3]), ("%", []), ("没有", [])],
    )
    def test_by_name_or_by_what_its_goods_are_called(self, shop, four, text, places):
        assert batches(shop, text=text) == [four[place] for place in places]

    def test_by_what_is_still_to_be_done(self, shop, four):
        begun = issue(shop, 5_000, stopped=stopped_after(1)).name
        assert batches(shop, only=BatchFilter.UNPRINTED) == [begun, *four[:0:-1]]
        assert batches(shop, only=BatchFilter.UNFINISHED) == [begun]
        assert batches(shop, only=BatchFilter.FROZEN) == batches(shop, text="围巾", only=BatchFilter.FROZEN) == four[3:]
        assert batches(shop, text="云岭", only=BatchFilter.FROZEN) == []
