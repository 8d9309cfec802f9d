"""How long the window is not there for anybody, while twenty thousand codes are issued and printed, and while not.

A timer of 5 ms on the window's thread tells how far apart its turns are; the figure of a run is their 99th
percentile. Both sides are the same window on the same page for the same time; one of them works.
"""

from __future__ import annotations

import json
from pathlib import Path
from time import perf_counter
from typing import Any

from PySide6.QtCore import QEventLoop, QTimer

from core.shop.terminal import Terminal
from tests.bench import child
from tests.bench.fixtures import open_shop, product
from tests.bench.harness import Measurement, UnfitError, alternate

CODES = 20_000
RUNS = 5
_TURN = 5
"""ms."""


def measure(folder: Path) -> Measurement:
    """Milliseconds between two turns of the window's thread, at the 99th percentile."""
    home = open_shop(folder / "home", 10)
    lasted = 0.0

    def ours(_: int) -> float:
        nonlocal lasted
        gaps = _watched("busy", home.folder, folder=folder)
        lasted = sum(gaps)
        return _percentile(gaps)

    def peer(_: int) -> float:
        return _percentile(_watched("idle", home.folder, round(lasted), folder=folder))

    return Measurement("ms", *alternate(ours, peer, RUNS), lower_is_better=True)


def _watched(side: str, *arguments: object, folder: Path) -> list[float]:
    """The gaps that a side had."""
    told = json.loads(child.finish(child.start(f"tests.bench.calm:{side}", *arguments, folder=folder)))
    gaps: list[float] = told["gaps"]
    if len(gaps) < 100 or told["said"]:
        raise UnfitError(f"{len(gaps)} turns; {told['said']}")
    return gaps


def _percentile(gaps: list[float]) -> float:
    return sorted(gaps)[len(gaps) * 99 // 100]


def busy(home: str) -> None:
    """Issue and print from the Codes page."""
    _watch(home, 0)


def idle(home: str, milliseconds: str) -> None:
    """Look at the Codes page."""
    _watch(home, int(milliseconds))


def _watch(home: str, idle_for: int) -> None:
    from ui.app import build_window

    with Terminal(Path(home)) as terminal:
        window = build_window(terminal, terminal.write(lambda session: session.settings).result())
        window.show()
        window.start()
        window.open_room("codes")
        issuing = window.presenter("codes").issuing  # type: ignore[union-attr]
        window.presenter("codes").begin_issue(product(3))  # type: ignore[union-attr]
        _until(issuing, lambda: issuing.state.preview is not None)
        issuing.type_count(str(CODES))
        issuing.choose_paper("a4-45")
        _pause(200)
        gaps: list[float] = []
        last = perf_counter()

        def turn() -> None:
            nonlocal last
            now = perf_counter()
            gaps.append((now - last) * 1000)
            last = now

        timer = QTimer(interval=_TURN)
        timer.timeout.connect(turn)
        last = perf_counter()
        timer.start()
        if idle_for:
            _pause(idle_for)
        else:
            issuing.write_pdf()
            _until(issuing, lambda: not issuing.state.works)
        timer.stop()
        row = issuing.state.batch
        wrong = "" if idle_for or (row and row.batch.printed == CODES) else issuing.state.said or "nothing printed"
        window.close()
    print(json.dumps({"gaps": gaps, "said": wrong}))


def _pause(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def _until(presenter: Any, reached: Any) -> None:
    loop = QEventLoop()
    presenter.changed.connect(lambda _: loop.quit() if reached() else None)
    if not reached():
        loop.exec()
