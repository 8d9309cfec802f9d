"""Shows the customer what concerns them, on a second display where there is one."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QScreen

from core.settings import Settings
from ui.customer.screen import CustomerScreen
from ui.customer.state import CustomerState
from ui.members.presenter import MembersPresenter
from ui.members.state import MembersState


class CustomerDesk(QObject):
    """Opens the customer's screen, and turns it away from one customer before the next.

    Args:
        settings: the shop's.
        display: where it is shown.
    """

    def __init__(self, settings: Settings, display: QScreen) -> None:
        super().__init__()
        self._language = settings["language"]
        self.screen = CustomerScreen(settings["name"], CustomerState(self._language))
        self.screen.setGeometry(display.geometry())
        # Not as a window that comes to the front: keys stay with whoever works.
        self.screen.setWindowState(Qt.WindowState.WindowFullScreen)
        self.screen.setVisible(True)

    def watch(self, presenter: MembersPresenter) -> None:
        """What is asked of a customer in the Members room is shown to them."""
        presenter.changed.connect(self._show)

    def turn_away(self) -> None:
        """Nobody is asked anything."""
        self.screen.render_state(CustomerState(self._language))

    def close(self) -> None:
        """Nobody works here any more."""
        self.screen.close()
        self.screen.deleteLater()

    def _show(self, state: MembersState) -> None:
        shown = state.invitation
        if shown is not None and shown.is_open:
            seen = CustomerState(state.language, asks=True, link=shown.link)
        elif state.draft:
            seen = CustomerState(state.language, asks=True, chosen=state.draft.purposes)
        else:
            seen = CustomerState(state.language, thanks=state.thanks)
        self.screen.render_state(seen)
