"""The command line. Imports no Qt; a command that draws brings it in when it draws."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys

from core import texts
from core.errors import BrokenWorldError, RefusedError
from core.texts import tr
from ui.cli import parser
from ui.cli.session import home_of, locale_name

REFUSED, WORLD = 1, 3


def parse(argv: list[str]) -> argparse.Namespace:
    """Read a command line; exits with 2 where it is wrong."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    texts.use(texts.language_of(locale_name()))
    built = parser.build(argv)
    args = built.parse_args(argv)
    if odd := parser.unreadable(args):
        built.error(tr("{argument} is no text in this system's encoding", argument=odd))
    return args


def run(args: argparse.Namespace) -> int:
    """Do what the command line says. Returns the exit code: 0 done, 1 refused, 3 the world is broken."""
    from core.log import log_to
    from ui.cli.output import show, show_error

    as_json = getattr(args, "json", False)
    home = home_of(args)
    try:
        with log_to(home / "log") if home.is_dir() else contextlib.nullcontext():
            return show(args.run(args), as_json)
    except RefusedError as refused:
        return show_error(refused, as_json, REFUSED)
    except BrokenWorldError as broken:
        return show_error(broken, as_json, WORLD)
    except BrokenPipeError:
        # Whoever read the answer has read enough; nothing is left to be said to them.
        _silence_stdout()
        return 0
    except OSError as error:
        _silence_stdout()
        return show_error(BrokenWorldError("answer_unwritable", detail=error.strerror), False, WORLD)


def _silence_stdout() -> None:
    """Python writes what is left in the buffer when it ends, and fails once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
