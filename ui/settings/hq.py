"""Head office in the settings: joining a chain, how it stands, sending now, leaving."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.errors import StoreError
from core.shop.standing import trouble_of
from core.texts import sentence, tr
from ui.presenter import Place, Presenter
from ui.widgets.fields import TextField
from ui.widgets.parts import button, card, complaint, label, say

if TYPE_CHECKING:
    from core.shop.standing import Status
    from core.shop.terminal import Actor, Terminal

_BUTTON = 140
"""Least width of a button, px."""

PARCEL = "for-head-office.parcel"
"""Name of the file for what head office does not have, in the home's folder."""


@dataclass(frozen=True, slots=True)
class HqState:
    """What is shown.

    Attributes:
        status: none where this terminal has no head office.
        url, token: as they were typed.
        leaving: it was asked to leave; once more, and it is done.
        busy: it is being talked to.
    """

    status: Status | None
    url: str = ""
    token: str = ""
    leaving: bool = False
    busy: bool = False
    said: str = ""
    refused: bool = False


class HqPresenter(Presenter[HqState]):
    """Joins a chain and leaves it.

    Args:
        place: where it stands.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(HqState(place.courier.status))
        self._tasks, self._by, self._courier = place.tasks, place.by, place.courier
        self._courier.told.connect(self._on_told)

    def edit(self, **changes: str) -> None:
        """Something was filled in."""
        self._show(**changes, said="", refused=False)

    def join(self) -> None:
        """Have head office take this terminal in."""
        if not self.state.busy:
            self._show(busy=True, said=tr("One moment …"), refused=False)
            step = partial(_enrol, url=self.state.url, token=self.state.token)
            self._tasks.net(step, self._on_joined, self._on_failed)

    def send(self) -> None:
        """Send now."""
        self._courier.run()

    def leave(self) -> None:
        """Leave the chain; what waits goes into a file. It is asked for twice."""
        if not self.state.leaving:
            self._show(leaving=True, said=tr("Really? Press once more. What waits goes into a file."), refused=True)
        elif not self.state.busy:
            self._show(busy=True)
            self._tasks.slow(partial(_leave, by=self._by), self._on_left, self._on_failed)

    def forget_words(self) -> None:
        self._show(said="", refused=False, leaving=False)

    def _on_joined(self, _: None) -> None:
        self._show(busy=False, token="", said=tr("Head office knows this terminal now."), refused=False)
        self._courier.look()

    def _on_left(self, done: tuple[int, str]) -> None:
        count, file = done
        said = tr("This terminal belongs to no chain any more.")
        if count:
            said = " ".join((said, tr("{count} facts are in {file}.", count=count, file=file)))
        self._show(busy=False, leaving=False, said=said, refused=False)
        self._courier.look()

    def _on_failed(self, error: StoreError) -> None:
        self._show(busy=False, leaving=False, said=sentence(error), refused=True)

    def _on_told(self, status: Status | None) -> None:
        self._show(status=status)


def _enrol(terminal: Terminal, url: str, token: str) -> None:
    from core.shop.enrolment import enrol

    enrol(terminal, url, token)


def _leave(terminal: Terminal, by: Actor) -> tuple[int, str]:
    from core.shop.parting import leave
    from core.shop.standing import unsent

    path = terminal.home.folder / PARCEL
    return leave(terminal, by, path if terminal.read(unsent).result() else None), str(path)


class HqSection(QWidget):
    """Draws an `HqState`."""

    def __init__(self, presenter: HqPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._about, self._trouble, self._said = _words(), _words(), complaint()
        self._url = TextField(tr("Head office's address"), lambda text: presenter.edit(url=text), hint="https://")
        self._token = TextField(tr("Token, from head office"), lambda text: presenter.edit(token=text))
        self._join = button(tr("Join"), presenter.join, role="soft")
        self._send = button(tr("Send now"), presenter.send, role="soft")
        self._leave = button(tr("Leave head office"), presenter.leave, role="flat")
        frame = card()
        column = QVBoxLayout(frame)
        column.setContentsMargins(20, 16, 20, 20)
        column.setSpacing(14)
        column.addWidget(label("heading", tr("Head office")))
        keys = QHBoxLayout()
        keys.setSpacing(12)
        for made in (self._join, self._send, self._leave):
            made.setMinimumWidth(_BUTTON)
            keys.addWidget(made)
        keys.addStretch(1)
        for part in (self._about, self._trouble, self._url, self._token):
            column.addWidget(part)
        column.addLayout(keys)
        column.addWidget(self._said)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(frame)
        presenter.changed.connect(self.render_state)
        self.render_state(presenter.state)

    def render_state(self, state: HqState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        status = state.status
        if status is None:
            self._about.setText(tr("Without head office everything stays on this terminal. Join with a token."))
        elif status.waiting:
            self._about.setText(tr("{url} · {count} facts wait", url=status.url, count=f"{status.waiting:,}"))
        else:
            self._about.setText(tr("{url} · has everything", url=status.url))
        trouble = status.trouble if status else ""
        self._trouble.setText(sentence(trouble_of(trouble, status.waiting)) if status and trouble else "")
        self._trouble.setVisible(bool(trouble))
        self._url.show_text(state.url)
        self._token.show_text(state.token)
        for made in (self._url, self._token, self._join):
            made.setVisible(status is None or trouble == "lost_key")
        for made in (self._send, self._leave):
            made.setVisible(status is not None)
        self._join.setEnabled(not state.busy)
        say(self._said, state.said, refused=state.refused)


def _words() -> QLabel:
    made = label("muted")
    made.setWordWrap(True)
    return made
