"""What the Tray page shows. Frozen; the page draws it and keeps nothing."""

from __future__ import annotations

from dataclasses import dataclass

from core.shop.tray import Shown


@dataclass(frozen=True, slots=True)
class TrayState:
    """What waits to be looked at, and the one that is.

    Attributes:
        read: the tray was looked into.
        row: of the one that is looked at; -1 = none.
        note: as it is typed.
        busy: an answer is on its way to the disk.
        said: what became of the last step.
        refused: whether that was a refusal.
    """

    rows: tuple[Shown, ...] = ()
    read: bool = False
    row: int = -1
    note: str = ""
    busy: bool = False
    said: str = ""
    refused: bool = False

    @property
    def chosen(self) -> Shown | None:
        """What is looked at."""
        return self.rows[self.row] if 0 <= self.row < len(self.rows) else None
