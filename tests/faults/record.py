"""Records what a till writes and syncs: the real code in a process of its own, with the shim preloaded.

As a module it is that process; `record` begins it and reads its trace.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.harness import PATIENCE, UnusableError, write_home
from tests.faults.history import Told, line_of
from tests.faults.seeded import Bug, install_in_process
from tests.faults.till import Till
from tests.faults.trace import Operation, read_trace

HOME = "home"
TOLD = "told"
"""What the till tells goes into this file beside the home, through the shim: so its place among the writes is known."""

_ROOT = Path(__file__).parent.parent.parent
_SHIM = Path(__file__).parent / "trace_shim.c"


@dataclass(frozen=True, slots=True)
class Script:
    """What a recorded till does.

    Attributes:
        fresh: in an empty home, so it is set up first.
        checkpoint: pages after which the log is moved into the file; none = SQLite's default.
    """

    seed: str
    steps: int
    fresh: bool = False
    checkpoint: int | None = None
    bug: Bug | None = None


def compile_shim(folder: Path) -> Path:
    """The shim as a shared library.

    Raises:
        UnusableError: not on this system, or there is no C compiler.
    """
    if sys.platform != "linux":
        raise UnusableError("the power cut harness preloads a library, which it can on Linux only")
    compiler = shutil.which("gcc") or shutil.which("cc")
    if not compiler:
        raise UnusableError("the power cut harness needs a C compiler; install the package gcc (and libc6-dev)")
    library = folder / "trace_shim.so"
    command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(_SHIM), "-ldl", "-pthread"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnusableError(f"the shim does not compile; are the packages gcc and libc6-dev installed?\n{done.stderr}")
    return library


def record(library: Path, folder: Path, files: dict[str, bytes], script: Script) -> list[Operation]:
    """Let a till work in a home of these files; what it did and told, in order. Its own failure is told too.

    Raises:
        UnusableError: it did not begin, or the shim did not see what SQLite does.
    """
    folder.mkdir()
    write_home(folder / HOME, files)
    trace = folder / "trace"
    root = folder.resolve()
    command = [sys.executable, "-m", "tests.faults.record", str(root), script.seed, str(script.steps)]
    command += [str(int(script.fresh)), str(script.checkpoint or ""), script.bug or ""]
    environment = {
        **os.environ,
        "LD_PRELOAD": str(library),
        "FAULTS_TRACE": str(trace),
        "FAULTS_ROOT": str(root),
    }
    done = subprocess.run(
        command, cwd=_ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    if done.returncode:
        raise UnusableError(f"the till to record ended with {done.returncode}:\n{done.stderr}")
    operations = list(read_trace(trace.read_bytes())) if trace.exists() else []
    _assert_complete(operations, script)
    return [_in_home(operation) for operation in operations]


def told_in(operations: Sequence[Operation]) -> bytes:
    """The lines that the till told in a part of a trace."""
    return b"".join(operation.data for operation in operations if operation.path == TOLD)


def _assert_complete(operations: list[Operation], script: Script) -> None:
    """A trace without SQLite's own writes and syncs would prove nothing."""
    seen = {(operation.kind, operation.path) for operation in operations}
    log, file = f"{HOME}/store.db-wal", f"{HOME}/store.db"
    wanted = {("w", log), ("w", TOLD)}
    if script.bug is not Bug.NO_SYNC:
        wanted |= {("s", log), ("s", HOME)}
        if script.checkpoint:
            wanted |= {("w", file), ("s", file)}
    if missing := wanted - seen:
        raise UnusableError(f"the trace does not show all that SQLite does: {sorted(missing)} is missing")


def _in_home(operation: Operation) -> Operation:
    """The same with names as they are in the home; what is told keeps its own."""
    if operation.path == TOLD:
        return operation
    below = len(HOME) + 1
    target = operation.data[below:] if operation.kind == "r" else operation.data
    return operation._replace(path=operation.path[below:], data=target)


def main(root: Path, script: Script) -> None:
    """Be the till that is recorded."""
    install_in_process(script.bug)
    out = os.open(root / TOLD, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def tell(told: Told) -> None:
        os.write(out, line_of(told))

    try:
        till = Till(root / HOME, script.seed, tell, bug=script.bug, checkpoint=script.checkpoint)
        if script.fresh:
            till.set_up()
        for _ in range(script.steps):
            till.step()
        till.close()
    except Exception as error:  # noqa: BLE001 - it goes to the harness, as a violation
        tell(Told(saved=False, kind="failed", error=f"{type(error).__name__}: {error}"))
    os.close(out)


if __name__ == "__main__":
    _root, _seed, _steps, _fresh, _checkpoint, _bug = sys.argv[1:]
    main(
        Path(_root),
        Script(
            _seed,
            int(_steps),
            fresh=_fresh == "1",
            checkpoint=int(_checkpoint) if _checkpoint else None,
            bug=Bug(_bug) if _bug else None,
        ),
    )
