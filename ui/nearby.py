"""Files that somebody may want to take in, where people put them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths

_PATTERNS = ("*.csv", "*.xlsx")
_MOST = 5


def tables_nearby() -> tuple[Path, ...]:
    """Tables in the folders of downloads, desktop, documents and home; a few, the newest first."""
    places = QStandardPaths.StandardLocation
    found: dict[Path, float] = {}
    for place in (places.DownloadLocation, places.DesktopLocation, places.DocumentsLocation, places.HomeLocation):
        for folder in QStandardPaths.standardLocations(place):
            for pattern in _PATTERNS:
                for path in Path(folder).glob(pattern):
                    if path.is_file():
                        found[path] = path.stat().st_mtime
    return tuple(sorted(found, key=lambda path: -found[path])[:_MOST])
