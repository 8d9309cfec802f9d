"""What every test gets: a fresh home, a clock that stands still, and a strict eye on what it leaves behind."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from core import texts
from core.shop import people
from core.shop.terminal import Terminal
from core.staff import pin as pins
from tests import rewards
from tests.builders import Shop, set_up_shop
from tests.clock import StandingClock
from ui import platform

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Nobody's own keyring is touched.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

DATA = "STORE_ASSISTANT_TEST_DATA"


def pytest_configure() -> None:
    if sys.platform == "linux" and (missing := platform.missing_libraries(platform.TO_DRAW)):
        pytest.exit(f"Qt needs {', '.join(missing)}; install: {' '.join(missing.values())}", returncode=3)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of the large real files run only where those files are; others where the programs
    that they need can be found."""
    absent = set() if os.environ.get(DATA) else {"data"}
    if not all(shutil.which(program) for program in ("Xvfb", "xdotool")):
        absent.add("screen")
    if not shutil.which("gcc"):
        absent.add("compiler")
    away = [item for item in items if absent & {marker.name for marker in item.iter_markers()}]
    if away:
        config.hook.pytest_deselected(items=away)
        items[:] = [item for item in items if item not in away]


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of the large real files."""
    return Path(os.environ[DATA]).resolve()


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def terminal(tmp_path: Path, clock: StandingClock) -> Iterator[Terminal]:
    """An open home without a shop in it."""
    with Terminal(tmp_path / "home", clock=clock) as opened:
        yield opened


@pytest.fixture
def shop(terminal: Terminal) -> Shop:
    """A shop with a few goods."""
    return set_up_shop(terminal)


@pytest.fixture(autouse=True)
def cheap_pins(monkeypatch) -> None:
    """A PIN is kept as always, but in a moment; how hard it is to guess is proved where PINs are."""

    def hash_pin(pin: str, pepper: bytes) -> str:
        return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(pins._peppered(pin, pepper))

    monkeypatch.setattr(people, "hash_pin", hash_pin)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Tests read English sentences unless they choose otherwise."""
    texts.use("en")
    yield
    texts.use("en")


@pytest.fixture(autouse=True)
def nothing_left_behind(caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that leaves a thread running, or logs a warning that it did not expect, fails."""
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before and thread.is_alive()]
    assert not left, f"threads left running: {left}"
    expected = request.node.get_closest_marker("logs") is not None
    records = [r for r in caplog.get_records("call") if r.levelno >= logging.WARNING]
    assert expected or not records, f"unexpected log records: {[r.getMessage() for r in records]}"


@pytest.fixture(scope="session")
def known_objects(qapp: object) -> None:
    """What was there before the first window; whoever looks for what a test left need not look through it."""
    import ui.window  # noqa: F401

    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_windows_or_timers_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that uses Qt closes its windows and stops its timers."""
    if "qapp" not in request.fixturenames:
        yield
        return
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    request.getfixturevalue("known_objects")
    yield
    QApplication.processEvents()
    gc.collect()
    windows = [window for window in QApplication.topLevelWidgets() if window.isVisible()]
    assert not windows, f"windows left open: {windows}"
    timers = [o for o in gc.get_objects() if type(o) is QTimer and _is_running(o)]
    assert not timers, f"timers left running: {[(timer.parent(), timer.interval()) for timer in timers]}"


def _is_running(timer: object) -> bool:
    from shiboken6 import isValid

    return isValid(timer) and timer.isActive()  # type: ignore[attr-defined]


@pytest.fixture
def rewarding(shop: Shop) -> Shop:
    """A shop in which members earn points."""
    rewards.set_rule(shop, rewards.RULE)
    return shop
