"""Files that the program reads: texts, style, icons, the demo shop's goods."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def path(name: str) -> Path:
    """The file of that name, `/` between its parts. The name must stay inside this folder."""
    found = (_HERE / name).resolve()
    assert found.is_relative_to(_HERE), name
    return found
