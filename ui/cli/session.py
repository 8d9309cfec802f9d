"""What every command shares: its folder, its language, its terminal."""

from __future__ import annotations

import argparse
import os
import sys
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


def reader(args: argparse.Namespace) -> Terminal:
    """The home, opened for reading; works beside a window. A person who signs in has to write: attempts are counted."""
    from core.shop.terminal import Terminal

    if getattr(args, "staff", None):
        return writer(args)
    return Terminal(home_of(args), writes=False)


def actor(args: argparse.Namespace, terminal: Terminal) -> Actor:
    """Who acts: the system user, or the person of `--as`, who is asked for the PIN.

    Raises:
        RefusedError: as `core.shop.people.sign_in`.
    """
    from core.shop.people import sign_in
    from core.shop.terminal import SYSTEM

    staff = getattr(args, "staff", None)
    return sign_in(terminal, staff, ask_pin(staff)) if staff else SYSTEM


def ask_pin(staff: str) -> str:
    """A PIN from the keyboard, unseen; from a line of the standard input where that is no keyboard."""
    import getpass

    from core.texts import tr

    if sys.stdin is not None and sys.stdin.isatty():
        return getpass.getpass(tr("PIN of {staff}: ", staff=staff))
    return sys.stdin.readline().strip() if sys.stdin else ""
