"""What every command shares: its folder, its language, its terminal."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.shop.terminal import Actor, Terminal


def home_of(args: argparse.Namespace) -> Path:
    """The terminal's folder: `--home`, `STORE_ASSISTANT_HOME`, or the user's own."""
    given = getattr(args, "home", None) or os.environ.get("STORE_ASSISTANT_HOME")
    if given:
        return Path(given).expanduser()
    from platformdirs import user_data_path

    return user_data_path("StoreAssistant", appauthor=False)


def locale_name() -> str:
    """The locale in which the command line speaks; the window speaks the shop's language."""
    return next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")


def writer(args: argparse.Namespace, *, new: bool = False) -> Terminal:
    """The home, opened for writing.

    Args:
        new: whether it may be made now; without it a folder without a shop is left as it is.

    Raises:
        RefusedError: `not_set_up`.
    """
    from core.shop.glance import glance
    from core.shop.terminal import Terminal

    home = home_of(args)
    if not new:
        glance(home)
    return Terminal(home)


@contextmanager
def reader(args: argparse.Namespace) -> Iterator[tuple[Terminal, Actor]]:
    """The home, opened for reading, and who reads. Works beside a window, but not for a person who signs in: their
    attempts are counted, and that is written.

    Raises:
        RefusedError: `not_set_up`; as `actor`.
    """
    from core.shop.terminal import Terminal

    signs_in = getattr(args, "staff", None) is not None
    with writer(args) if signs_in else Terminal(home_of(args), writes=False) as terminal:
        yield terminal, actor(args, terminal)


def actor(args: argparse.Namespace, terminal: Terminal) -> Actor:
    """Who acts: the system user, or the person of `--as`, who is asked for the PIN.

    Raises:
        RefusedError: as `core.shop.people.sign_in`.
    """
    from core.shop.people import sign_in
    from core.shop.terminal import SYSTEM

    staff = getattr(args, "staff", None)
    return SYSTEM if staff is None else sign_in(terminal, staff, ask_pin(staff))


def ask_pin(staff: str) -> str:
    """A PIN from the keyboard, unseen; from a line of the standard input where that is no keyboard."""
    import getpass

    from core.texts import tr

    if sys.stdin is not None and sys.stdin.isatty():
        return getpass.getpass(tr("PIN of {staff}: ", staff=staff))
    return sys.stdin.readline().strip() if sys.stdin else ""
