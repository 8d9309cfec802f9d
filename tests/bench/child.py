"""Sides of a benchmark that need a process of their own: a start is a process, and Qt wants one to itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.bench.harness import UnfitError

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 300
"""Seconds after which a child that says nothing is given up."""


def start(function: str, *arguments: object, folder: Path) -> subprocess.Popen[str]:
    """Start a process that calls a function with texts.

    Args:
        function: `module:name`; no more is imported than that module.
        folder: for temporary files, the sockets of the window among them.
    """
    module, _, name = function.partition(":")
    code = f"import sys; from {module} import {name}; {name}(*sys.argv[1:])"
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        env=_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def _environment(folder: Path) -> dict[str, str]:
    """Ours, but without a screen, and with byte code that is kept as it is wherever the program is installed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    caches = {"PYTHONPYCACHEPREFIX": str(folder / "pycache"), "TMPDIR": str(folder)}
    return {**kept, **caches, "QT_QPA_PLATFORM": "offscreen"}


def finish(process: subprocess.Popen[str]) -> str:
    """Wait for a child. Returns what it has printed and was not read yet.

    Raises:
        UnfitError: it failed, or took too long.
    """
    try:
        printed, complaint = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise UnfitError(f"a child process took more than {PATIENCE} s") from None
    if process.returncode:
        raise UnfitError(f"a child process failed ({process.returncode}): {complaint.strip()}")
    return printed
