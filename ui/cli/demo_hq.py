"""The demo shop's own head office: a real one, as a process, as long as the demo runs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.clock import SystemClock
from core.errors import BrokenWorldError
from core.hq.database import Database
from core.hq.home import HqHome
from core.hq.streams import make_token
from core.shop.enrolment import enrol
from core.shop.sync import Sync
from core.shop.terminal import Terminal

_PROGRAM = Path(__file__).parent.parent.parent / "main.py"


@contextmanager
def head_office(folder: Path) -> Iterator[str]:
    """A head office on a folder, on a free port of this machine. Gives its address.

    Raises:
        BrokenWorldError: `cannot_listen`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, str(_PROGRAM), "hq", "serve", "--listen", "127.0.0.1:0", "--json", "--home", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
        )
    assert process.stdout
    try:
        told = process.stdout.readline()
        if not told:
            raise BrokenWorldError("cannot_listen", address="127.0.0.1", detail=folder / "serve.log")
        yield json.loads(told)["address"]
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def join(terminal: Terminal, folder: Path, address: str) -> int:
    """Have a terminal join that head office, and send what it has. Returns how many facts that were.

    Raises:
        BrokenWorldError: `hq_database`, `hq_unreachable`.
    """
    settings = terminal.read(lambda view: view.settings).result()
    db = Database(HqHome(folder).url)
    try:
        token = make_token(db, settings["store"], settings["terminal"], now_ms=SystemClock().now_ms())
    finally:
        db.close()
    enrol(terminal, address, token)
    return Sync(terminal).run().sent
