"""The real program in a real window on a real X server: keys come in one by one, and SIGKILL ends it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QElapsedTimer, QEventLoop, QTimer

from tests.cli import ROOT, Cli

pytestmark = [pytest.mark.screen, pytest.mark.xdist_group("screen")]

GOODS = [
    "9521000000377", "9521000000742", "9521000001114", "9521000001480", "9521000001855",
    "9521000002227", "9521000002593", "9521000002968", "9521000003330", "9521000003705",
]  # fmt: skip


def until(qapp: object, condition: Callable[[], bool], seconds: int = 30) -> None:
    """Look again every tenth of a second until a condition of another process holds."""
    clock = QElapsedTimer()
    clock.start()
    while not condition():
        assert clock.elapsed() < seconds * 1000, "did not happen"
        pause = QEventLoop()
        QTimer.singleShot(100, pause, pause.quit)
        pause.exec()


class Desktop:
    """The program on a display, and a keyboard in front of it."""

    def __init__(self, display: str, cli: Cli, qapp: object) -> None:
        self._environment = {**Cli.environment(DISPLAY=display, QT_QPA_PLATFORM="xcb"), "LC_ALL": "C.UTF-8"}
        self._cli = cli
        self._qapp = qapp
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Open the window and wait until it is there."""
        self._process = subprocess.Popen(
            [sys.executable, str(ROOT / "main.py"), "--home", str(self._cli.home)], env=self._environment
        )
        until(self._qapp, lambda: bool(self._windows()))
        until(self._qapp, self._take_focus)

    def scan(self, code: str) -> None:
        """A scanner's burst, a key at a time."""
        until(self._qapp, self._take_focus)
        self._do("type", "--delay", "4", code + "\n")

    def key(self, *names: str) -> None:
        """Keys of a person."""
        until(self._qapp, self._take_focus)
        self._do("key", "--delay", "150", *names)

    def title(self) -> str:
        """What stands over the window."""
        (window, *_) = self._windows()
        return self._do("getwindowname", window).strip()

    def kill(self) -> None:
        """SIGKILL."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def _take_focus(self) -> bool:
        """There is no window manager that would give the focus."""
        (window, *_) = self._windows()
        self._do("windowfocus", window, check=False)
        return self._do("getwindowfocus", check=False).strip() == window

    def _windows(self) -> list[str]:
        return self._do("search", "--onlyvisible", "--name", "·", check=False).split()

    def _do(self, *args: str, check: bool = True) -> str:
        # A scanner's keys do not wait for a busy system; this stand-in's would.
        command = ["nice", "-n", "-10", "xdotool", *args]
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, check=check, encoding="utf-8"
        )
        return done.stdout


@pytest.fixture
def desktop(display: str, cli: Cli, qapp: object) -> Iterator[Desktop]:
    made = Desktop(display, cli, qapp)
    yield made
    made.kill()


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_ten_goods_are_sold_and_a_second_cart_outlives_the_program(
    cli: Cli, desktop: Desktop, qapp: object, language: str
) -> None:
    cli.ok("setup", "--store", "S1", "--terminal", "T1")
    cli.ok("settings", "language", language)
    cli.ok("import", ROOT / "resources" / "demo" / "goods.csv")
    desktop.start()
    assert desktop.title() == {"zh_CN": "门店助手 · S1", "en": "Store Assistant · S1"}[language]
    for code in GOODS:
        desktop.scan(code)
    desktop.key("1", "0", "0")
    desktop.key("F12")
    until(qapp, lambda: cli.ok("report")["total"]["orders"] == 1)
    (receipt,) = cli.ok("reprint")
    assert cli.ok("report")["total"]["pieces"] == 10
    assert receipt["total"] == cli.ok("report")["total"]["net"]

    desktop.scan(GOODS[0])
    desktop.scan(GOODS[1])
    until(qapp, lambda: _open_lines(cli) == 2)
    desktop.kill()
    desktop.start()
    desktop.scan(GOODS[2])
    until(qapp, lambda: _open_lines(cli) == 3)
    desktop.key("F12")
    until(qapp, lambda: cli.ok("report")["total"]["orders"] == 2)
    assert cli.ok("report")["total"]["pieces"] == 13
    desktop.kill()
    assert cli.ok("doctor")["ok"]


def _open_lines(cli: Cli) -> int:
    """Lines of the cart on the counter, read beside the running window."""
    import msgspec

    from core.sales.cart import Cart
    from core.shop.terminal import Terminal

    with Terminal(cli.home, writes=False) as reader:
        row = reader.read(lambda view: view.connection.execute("SELECT body FROM local_cart").fetchone()).result()
    return len(msgspec.json.decode(row[0], type=Cart).lines) if row else 0
