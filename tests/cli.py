"""The command line on a folder of its own: from the front door in this process, or as a process."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core import texts
from main import main

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Done:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Cli:
    """The command line on one home."""

    home: Path

    def __call__(self, *args: str | Path, stdin: str = "", locale: str = "C.UTF-8") -> Done:
        """Run a command in this process, from the front door on."""
        out, err, language = io.StringIO(), io.StringIO(), texts.language()
        with pytest.MonkeyPatch.context() as patch:
            for name in ("DISPLAY", "WAYLAND_DISPLAY", "STORE_ASSISTANT_HOME"):
                patch.delenv(name, raising=False)
            patch.setenv("LC_ALL", locale)
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                try:
                    code = main([*map(str, args), "--home", str(self.home)])
                except SystemExit as exit_:
                    code = int(exit_.code or 0)
                finally:
                    texts.use(language)
        return Done(code, out.getvalue(), err.getvalue())

    def process(self, *args: str | Path, stdin: str = "", locale: str = "C.UTF-8") -> Done:
        """Run a command in a process of its own."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "main.py"), *map(str, args), "--home", str(self.home)],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=self.environment(LC_ALL=locale),
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    def ok(self, *args: str | Path, stdin: str = "") -> Any:
        """The JSON answer of a command that must succeed."""
        done = self(*args, "--json", stdin=stdin)
        assert done.code == 0, done.out + done.err
        return done.json

    def refused(self, *args: str | Path, code: int = 1) -> str:
        """The code of the refusal of a command that must be refused."""
        done = self(*args, "--json")
        assert done.code == code, done.out + done.err
        said = self(*args)
        assert said.err.strip() and said.code == code
        return str(done.json["error"])

    @staticmethod
    def environment(**more: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "STORE_ASSISTANT_HOME")}
        return {**kept, **more}
