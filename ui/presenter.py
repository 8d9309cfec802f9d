"""What every page has behind it: a presenter that takes intents, holds a frozen state and tells when it changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from core.settings import Settings
    from core.shop.people import Present
    from core.shop.terminal import Actor
    from core.staff.permissions import Permission
    from ui.courier import Courier
    from ui.tasks import Tasks

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Place:
    """What a room is opened on: where use cases go, who is there, how the shop is set, and who runs to head office."""

    tasks: Tasks
    present: Present
    settings: Settings
    courier: Courier

    @property
    def by(self) -> Actor:
        """Who acts here."""
        return self.present.actor

    def may(self, permission: Permission) -> bool:
        """Whether whoever is here may do that."""
        return permission in self.present.may


class Presenter(QObject, Generic[S]):
    """Holds the state of a page. A page can be drawn anew at any time; what it shows is here.

    Args:
        state: to begin with, a frozen dataclass.

    Signals:
        changed: the new state.
        wanted: the name of another room, and what to begin with there.
    """

    changed = Signal(object)
    wanted = Signal(str, object)

    def __init__(self, state: S, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = state

    def visit(self, what: object = None) -> None:
        """Somebody entered the room.

        Args:
            what: the thing to begin with, where another room sent them.
        """

    def scan(self, text: str) -> bool:
        """Something was scanned while the room was open. Returns whether it was meant for this room."""
        return False

    def may_leave(self) -> bool:
        """Whether the terminal can be left to somebody else; a presenter that says no also says why."""
        return True

    def forget_words(self) -> None:
        """Another language is spoken: what was said before is not said any more."""
        if getattr(self.state, "said", ""):
            self._show(said="", refused=False)

    def close(self) -> None:
        """Whoever was here is gone. Answers that are still on their way are heard by nobody."""
        self.setParent(None)
        self.blockSignals(True)

    def _show(self, **changes: Any) -> None:
        self._set(replace(self.state, **changes))  # type: ignore[type-var]

    def _set(self, state: S) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit(state)
