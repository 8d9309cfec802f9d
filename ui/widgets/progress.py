"""How far long work is."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar

from core.texts import tr


class Progress(QProgressBar):
    """A bar that is there while something works."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("How far it is"))

    def show_work(self, done: int, total: int, *, works: bool) -> None:
        """Show so many steps of all of them."""
        self.setVisible(works)
        self.setRange(0, max(1, total))
        self.setValue(done)
