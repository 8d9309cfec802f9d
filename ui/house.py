"""The rooms that whoever is here has entered: what stands behind each, and its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.presenter import Place, Presenter
from ui.rooms import ROOMS

if TYPE_CHECKING:
    from ui.customer.desk import CustomerDesk


class House:
    """Opens rooms when they are first entered, and draws their pages.

    Args:
        place: on which rooms are opened.
        tokens: colours.
        opened: told the name of a room and its presenter, once.
    """

    def __init__(self, place: Place, tokens: theme.Tokens, opened: Callable[[str, Presenter[Any]], object]) -> None:
        self.place, self._tokens, self._opened = place, tokens, opened
        self.customer = _customer_desk(place)
        self.presenters: dict[str, Presenter[Any]] = {}
        self._pages: dict[str, QWidget] = {}

    def presenter(self, name: str) -> Presenter[Any]:
        """What stands behind a room; it stays as long as who is here."""
        if name not in self.presenters:
            self.presenters[name] = ROOMS[name].open(self.place)
            self._opened(name, self.presenters[name])
            if self.customer and name == "members":
                self.customer.watch(self.presenters[name])  # type: ignore[arg-type]
        return self.presenters[name]

    def page(self, name: str) -> QWidget:
        """The page of a room that is entered."""
        if self.customer and name != "members":
            self.customer.turn_away()
        if name not in self._pages:
            self._pages[name] = ROOMS[name].draw(self.presenter(name), self._tokens)
        return self._pages[name]

    def redraw(self, place: Place, tokens: theme.Tokens) -> None:
        """Draw every page anew, in other colours or another language; what they show stays."""
        if place.settings["language"] != self.place.settings["language"]:
            for presenter in self.presenters.values():
                presenter.forget_words()
        self.place, self._tokens, self._pages = place, tokens, {}

    def forget(self, *names: str) -> None:
        """Open these anew when they are next entered."""
        for name in names:
            if presenter := self.presenters.pop(name, None):
                presenter.close()
            self._pages.pop(name, None)

    def may_leave(self) -> bool:
        """Whether everything that was begun is finished; whatever is not says so itself."""
        return all(presenter.may_leave() for presenter in self.presenters.values())

    def close(self) -> None:
        """Whoever was here is gone."""
        if self.customer:
            self.customer.close()
        self.forget(*self.presenters)


def _customer_desk(place: Place) -> CustomerDesk | None:
    """The customer's own screen, where there is a second display."""
    displays = QGuiApplication.screens()
    if len(displays) < 2:
        return None
    # Imported late: few tills have one, and the first window must stand soon.
    from ui.customer.desk import CustomerDesk

    return CustomerDesk(place.settings, displays[1])
