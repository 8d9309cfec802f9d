"""The arithmetic of the benchmarks; how fast anything is, is not asked here."""

from __future__ import annotations

import json

import pytest

from core.codes import serial
from core.codes.gs1 import gtin14
from tests.bench import fixtures, labels, sale, symbols
from tests.bench.__main__ import main
from tests.bench.harness import AbsentError, Benchmark, Measurement, UnfitError, alternate, judge
from tests.bench.table import BENCHMARKS

KEYS = ["name", "ours", "peer", "ratio", "floor", "ok", "runs"]


def per_second(ours: float, peer: float, **more: object) -> Measurement:
    return Measurement("1/s", [ours] * 3, [peer] * 3, **more)


def test_a_ratio_says_how_many_times_better_ours_is():
    assert per_second(200, 100).ratio == 2
    assert per_second(50, 100).ratio == 0.5
    assert per_second(200, 100, lower_is_better=True).ratio == 0.5
    assert per_second(50, 100, lower_is_better=True).ratio == 2


def test_figures_are_medians_and_one_bad_run_changes_nothing():
    result = judge("x", 1, Measurement("ms", [10, 900, 12], [30, 31, 1], lower_is_better=True))
    assert (result.ours, result.peer, result.ratio, result.runs) == (12, 30, 2.5, 3)


@pytest.mark.parametrize(("ours", "ok"), [(49.9, False), (50, True), (51, True)])
def test_the_floor_itself_is_enough(ours, ok):
    assert judge("x", 0.5, per_second(ours, 100)).ok is ok


def test_a_violation_fails_whatever_the_ratio():
    result = judge("x", 0.5, per_second(500, 100, violations=("something was imported",)))
    assert result.ratio == 5 and not result.ok


@pytest.mark.parametrize(
    ("ours", "peer"), [([1, 1], [1, 1]), ([1, 1, 1], [1, 1]), ([1, 0, 1], [1, 1, 1]), ([1, 1, 1], [1, 1, -1]), ([], [])]
)
def test_too_few_figures_are_no_measurement(ours, peer):
    with pytest.raises(UnfitError):
        Measurement("ms", ours, peer)


def test_runs_alternate_and_there_are_at_least_three():
    order = []

    def side(name: str, figure: float):
        def run(number: int) -> float:
            order.append(f"{name}{number}")
            return figure + number

        return run

    assert alternate(side("ours", 10), side("peer", 20)) == ([10, 11, 12], [20, 21, 22])
    assert order == ["ours0", "peer0", "ours1", "peer1", "ours2", "peer2"]


def test_json_has_the_agreed_keys_and_the_exit_code_says_whether_every_floor_holds(capsys):
    fast = Benchmark(lambda _: per_second(100, 100), floor=0.5)
    slow = Benchmark(lambda _: per_second(10, 100), floor=0.5)
    assert main(["--json"], {"fast": fast, "slow": slow}) == 1
    results = json.loads(capsys.readouterr().out)
    assert [list(result) for result in results] == [KEYS, KEYS]
    assert results[1] == dict(zip(KEYS, ["slow", 10, 100, 0.1, 0.5, False, 3], strict=True))
    assert main(["fast", "--json"], {"fast": fast, "slow": slow}) == 0
    assert [result["name"] for result in json.loads(capsys.readouterr().out)] == ["fast"]


def test_the_table_is_aligned(capsys):
    assert main([], {"sale": Benchmark(lambda _: per_second(1234.5, 1000), floor=0.5)}) == 0
    head, line = capsys.readouterr().out.splitlines()
    assert head.index("ratio") + len("ratio") == line.index("1.23 ") + len("1.23")
    assert "1,234.50" in line and line.count("ok") == 1


def test_what_cannot_be_compared_fails_and_the_others_run_on(capsys):
    def unfit(_: object) -> Measurement:
        raise UnfitError("a child process failed")

    fast = Benchmark(lambda _: per_second(100, 100), floor=0.5)
    assert main(["--json"], {"unfit": Benchmark(unfit, 0.5), "fast": fast}) == 1
    shown = capsys.readouterr()
    first, second = json.loads(shown.out)
    assert (first["ratio"], first["ok"], first["runs"]) == (0, False, 0) and second["ok"]
    assert "unfit: a child process failed" in shown.err


def test_what_has_no_peer_here_is_left_out_and_fails_nothing(capsys):
    def absent(_: object) -> Measurement:
        raise AbsentError("no such library")

    fast = Benchmark(lambda _: per_second(100, 100), floor=0.5)
    assert main(["--json"], {"absent": Benchmark(absent, 0.5), "fast": fast}) == 0
    shown = capsys.readouterr()
    assert [result["name"] for result in json.loads(shown.out)] == ["fast"]
    assert "absent: left out: no such library" in shown.err


def test_a_machine_without_libqrencode_says_so(monkeypatch):
    monkeypatch.setattr("ctypes.util.find_library", lambda _: None)
    with pytest.raises(AbsentError, match="libqrencode4"):
        symbols.libqrencode()


def test_rectangles_of_the_peers_cover_the_dark_modules_and_nothing_twice():
    modules = symbols.matrix(symbols.STEM + symbols.keys(1)[0])
    for rectangles in (labels.merged(symbols.rows_of(modules), 1), labels.dark(modules, 1)):
        cells = [
            (int(rectangle.x()) + x, int(rectangle.y()) + y)
            for rectangle in rectangles
            for x in range(int(rectangle.width()))
            for y in range(int(rectangle.height()))
        ]
        wanted = {(x, y) for y, row in enumerate(modules) for x, is_dark in enumerate(row) if is_dark}
        assert len(cells) == len(wanted) and set(cells) == wanted


def test_each_benchmark_has_an_empty_folder_of_its_own_and_leaves_nothing():
    folders = []

    def look(folder) -> Measurement:
        folders.append(folder)
        assert folder.is_dir() and not list(folder.iterdir())
        (folder / "left").touch()
        return per_second(1, 1)

    assert main(["--json"], {"one": Benchmark(look, 0.5), "two": Benchmark(look, 0.5)}) == 0
    assert len(set(folders)) == 2 and not any(folder.exists() for folder in folders)


def test_an_unknown_name_is_a_mistake_of_the_command_line(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["nothing"], {"fast": Benchmark(lambda _: per_second(1, 1), 0.5)})
    assert stopped.value.code == 2 and "no benchmark nothing" in capsys.readouterr().err


def test_the_benchmarks_and_their_floors():
    assert {name: benchmark.floor for name, benchmark in BENCHMARKS.items()} == {
        "symbols": 80,
        "symbols-c": 2.5,
        "sheet": 8,
        "batch": 35,
        "issue": 4,
        "calm": 0.2,
        "sale": 0.5,
        "push": 30,
        "ingest": 1.8,
        "scan": 0.5,
        "scan-unit": 0.3,
        "start": 0.5,
        "ready": 0.25,
    }


def test_replayed_statements_do_the_work_of_the_sales(tmp_path):
    template = fixtures.open_shop(tmp_path / "template", 0)
    sales = sale.prepare(template, 3)
    homes = [sale.copy_of(template, tmp_path / name) for name in ("recorded", "sold", "replayed")]
    script = sale.record(homes[0], sales)
    assert {statement.sql for statement in script} >= {"BEGIN IMMEDIATE", "COMMIT"}
    assert any(statement.many for statement in script)
    assert sale.sell(homes[1], sales) > 0 and sale.replay(homes[2], script) > 0
    left = [sale.sums(home) for home in homes]
    assert left[0] == left[1] == left[2] != sale.sums(template)


def test_generated_goods_have_valid_gtins_and_are_drawn_alike_for_one_seed():
    assert all(gtin14(fixtures.gtin(n)) == fixtures.gtin(n) for n in (0, 7, 999_999))
    drawn = fixtures.drawn(seed=1, count=50, of=1_000_000)
    assert drawn == fixtures.drawn(seed=1, count=50, of=1_000_000) != fixtures.drawn(seed=2, count=50, of=1_000_000)
    assert len(set(drawn)) == 50 and all(gtin14(text) for text in drawn)


def test_a_catalogue_made_for_a_benchmark_is_found_at_the_counter(tmp_path):
    from core.catalogue.queries import find
    from core.shop.terminal import Terminal

    home = fixtures.open_shop(tmp_path / "home", 20)
    with Terminal(home.folder) as terminal:
        assert terminal.write(lambda s: find(s.connection, fixtures.gtin(19))).result() == fixtures.product(19)
        assert terminal.write(lambda s: find(s.connection, fixtures.gtin(20))).result() is None


def test_units_made_for_a_benchmark_are_known_at_the_counter(tmp_path):
    from core.shop.selling import read_scan
    from core.shop.terminal import Terminal

    of = 2 * fixtures.BATCH
    home = fixtures.open_shop(tmp_path / "home", 2, of)
    with Terminal(home.folder) as terminal:
        scans = [terminal.write(lambda s, text=text: read_scan(s, text)).result() for text in units(of)]
    assert [scan.unit.key for scan in scans] == [text[-serial.LENGTH :] for text in units(of)]
    assert {scan.unit.gtin for scan in scans} == {fixtures.gtin(0), fixtures.gtin(1)}


def units(of: int) -> list[str]:
    return fixtures.drawn_units(seed=1, count=20, of=of)
