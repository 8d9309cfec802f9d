"""A command line, a shop behind it, and a display."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli import Cli


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """The command line on an empty home."""
    return Cli(tmp_path / "home")


@pytest.fixture
def shop(cli: Cli, tmp_path: Path) -> Cli:
    """The command line on a home with a shop and three products."""
    cli.ok("setup", "--store", "S1", "--terminal", "T1", "--name", "杨柳巷")
    goods = tmp_path / "goods.csv"
    goods.write_text("条码,名称,售价,税率\n9521000000377,水,2.00,13%\n9521000008144,大米,49.90,9%\n", "utf-8")
    cli.ok("import", goods)
    cli.ok("product", "add", "BAG-L", "--name", "购物袋", "--price", "0.5")
    return cli


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """An X server of our own."""
    readable, writable = os.pipe()
    # Without -noreset the server starts anew when its last window goes, and turns away whoever comes just then.
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writable), "-screen", "0", "1366x768x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[writable],
        stderr=subprocess.DEVNULL,
    )
    os.close(writable)
    with os.fdopen(readable) as pipe:
        number = pipe.readline().strip()
    assert number, "no X server"
    yield f":{number}"
    server.terminate()
    server.wait()
