"""The arithmetic of the benchmarks; their figures are for people."""

from __future__ import annotations

import json

import pytest

from tests.bench.__main__ import main
from tests.bench.harness import Benchmark, Measurement, UnfitError, alternate, judge


def test_a_throughput_is_better_when_it_is_higher():
    assert Measurement("1/s", [300, 100, 200], [100, 100, 100]).ratio == 2


def test_a_duration_is_better_when_it_is_lower():
    assert Measurement("ms", [300, 100, 200], [100, 100, 100], lower_is_better=True).ratio == 0.5


@pytest.mark.parametrize(("floor", "ok"), [(2.0, True), (2.01, False)])
def test_the_floor_is_held(floor, ok):
    assert judge("x", floor, Measurement("1/s", [2, 2, 2], [1, 1, 1])).ok is ok


def test_a_violation_fails_whatever_the_ratio():
    assert not judge("x", 0.1, Measurement("1/s", [9, 9, 9], [1, 1, 1], violations=("late",))).ok


@pytest.mark.parametrize(("ours", "peer"), [([1, 1], [1, 1]), ([1, 1, 1], [1, 1]), ([1, 0, 1], [1, 1, 1])])
def test_what_was_not_measured_is_no_result(ours, peer):
    with pytest.raises(UnfitError):
        Measurement("ms", ours, peer)


def test_runs_alternate():
    order: list[str] = []

    def side(name: str):
        def measure(run: int) -> float:
            order.append(f"{name}{run}")
            return 1.0

        return measure

    alternate(side("o"), side("p"))
    assert order == ["o0", "p0", "o1", "p1", "o2", "p2"]


def test_the_json_has_the_keys_that_scripts_rely_on(capsys):
    def broken(_):
        raise UnfitError("cannot be compared")

    benchmarks = {
        "good": Benchmark(lambda _: Measurement("1/s", [2, 2, 2], [1, 1, 1]), 0.5),
        "bad": Benchmark(broken, 0.5),
    }
    assert main(["--json"], benchmarks) == 1
    good, bad = json.loads(capsys.readouterr().out)
    assert good == {"name": "good", "ours": 2, "peer": 1, "ratio": 2.0, "floor": 0.5, "ok": True, "runs": 3}
    assert bad["ok"] is False and bad["ratio"] == 0
    assert main(["good"], benchmarks) == 0
