"""What every command shares: its folder, its language, its terminal."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.shop.terminal import Terminal


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


def writer(args: argparse.Namespace) -> Terminal:
    """The home, opened for writing."""
    return _open(args, writes=True)


def reader(args: argparse.Namespace) -> Terminal:
    """The home, opened for reading; works beside a window."""
    return _open(args, writes=False)


def _open(args: argparse.Namespace, *, writes: bool) -> Terminal:
    from core.shop.terminal import Terminal

    return Terminal(home_of(args), writes=writes)
