"""A first look at a home, for a window that must stand before everything else is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.database import WriterLock, broken_world, connect
from core.errors import RefusedError
from core.texts import DEFAULT_LANGUAGE

FILE = "store.db"
"""The database's name in a home."""


def take_home(folder: Path) -> WriterLock:
    """Become the one program that writes to a home.

    Raises:
        BrokenWorldError: `home_in_use`, `home_unusable`.
    """
    return WriterLock(folder / "writer.lock")


@dataclass(frozen=True)
class Glance:
    """What a frame shows of a shop."""

    name: str
    terminal: str
    language: str
    theme: str
    full_screen: bool


def glance(folder: Path) -> Glance:
    """Read a home's name and language.

    Raises:
        RefusedError: `not_set_up`.
        BrokenWorldError: a file that cannot be read, is damaged, or is from a newer version.
    """
    file = folder / FILE
    if not file.exists():
        raise RefusedError("not_set_up", home=folder)
    connection = connect(file, read_only=True)
    try:
        with broken_world(file):
            stored = dict(connection.execute("SELECT name, value FROM setting").fetchall())
    finally:
        connection.close()
    if "store" not in stored:
        raise RefusedError("not_set_up", home=folder)
    return Glance(
        stored["name"],
        stored["terminal"],
        stored.get("language", DEFAULT_LANGUAGE),
        stored.get("theme", "light"),
        stored.get("full_screen") == "yes",
    )
