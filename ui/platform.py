"""Is there a screen, and can Qt be used here? Asked before any part of Qt is loaded."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import core.texts
from core.errors import BrokenWorldError

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from core.shop.terminal import Actor

# Shared libraries that Qt expects of a Linux system, and the Debian packages that bring them.
TO_DRAW = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
TO_SHOW = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def has_screen() -> bool:
    """Whether a window could be seen."""
    if os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0] in ("offscreen", "minimal"):
        return False
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def missing_libraries(wanted: dict[str, str]) -> dict[str, str]:
    """Those of `wanted` (library → package) that this system lacks."""
    missing = {}
    for library, package in wanted.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing[library] = package
    return missing


def ready_to_draw() -> QApplication:
    """The application object, made if there is none; without a screen it draws in memory.

    Raises:
        BrokenWorldError: `qt_missing`, naming the packages to install.
    """
    seen = has_screen()
    if not seen and not os.environ.get("QT_QPA_PLATFORM"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if sys.platform == "linux" and (missing := missing_libraries(TO_DRAW | (TO_SHOW if seen else {}))):
        raise BrokenWorldError("qt_missing", detail=", ".join(missing), packages=" ".join(missing.values()))
    try:
        from ui.app import application
    except ImportError as error:
        raise BrokenWorldError("qt_missing", detail=error, packages=" ".join(TO_DRAW.values())) from error
    return application()


def open_window(home: Path, staff: str = "") -> int:
    """Run the window on a home until it is closed. Returns the program's exit code.

    Args:
        staff: id of the person who is known to be at the terminal.
    """
    from core.errors import StoreError

    again = True
    while again:
        try:
            if not has_screen():
                raise BrokenWorldError("no_screen")
            ready_to_draw()
            from ui.app import run

            return run(home, staff)
        except StoreError as error:
            failed = error
            print(core.texts.sentence(error), file=sys.stderr)
            again = has_screen() and error.code != "qt_missing" and _ask_again(core.texts.sentence(error))
    return 3 if isinstance(failed, BrokenWorldError) else 1


def _ask_again(sentence: str) -> bool:
    from ui.app import dress
    from ui.trouble import ask_again

    dress(core.texts.language())
    return ask_again(sentence)


def picture_of_window(home: Path, path: Path, by: Actor) -> None:
    """Draw the window on a home into a PNG file, with somebody at the counter.

    Raises:
        BrokenWorldError: `qt_missing`, `file_unwritable`.
    """
    ready_to_draw()
    from ui.app import picture

    if not picture(home, path, by):
        raise BrokenWorldError("file_unwritable", file=path, detail="PNG")
