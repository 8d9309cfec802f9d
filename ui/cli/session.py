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
    """The home, opened for reading; works beside a window."""
    from core.shop.terminal import Terminal

    return Terminal(home_of(args), writes=False)
