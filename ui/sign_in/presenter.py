"""What happens on the sign-in page: a person is chosen, a PIN is typed, and somebody is at the terminal or not."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from core.errors import StoreError
from core.shop import people
from core.shop.terminal import Actor
from core.staff.queries import Person
from core.texts import sentence
from ui.presenter import Presenter
from ui.sign_in.state import SignInState
from ui.tasks import Tasks

LONGEST_PIN = 8


class SignInPresenter(Presenter[SignInState]):
    """Lets people in.

    Args:
        tasks: where use cases go.
        offered: the people who can sign in; at least one.
        last: id of the person who was here last, offered first.

    Signals:
        signed_in: the `Actor` who is at the terminal from now on.
    """

    signed_in = Signal(object)

    def __init__(self, tasks: Tasks, offered: Sequence[Person], last: str = "", parent: QObject | None = None) -> None:
        chosen = last if last in [person.id for person in offered] else offered[0].id
        super().__init__(SignInState(tuple(offered), chosen), parent)
        self._tasks = tasks
        self._pin = ""

    def choose(self, id_: str) -> None:
        """Somebody says who they are."""
        self._type("")
        self._show(chosen=id_, complaint="")

    def step(self, by: int) -> None:
        """The person so many places further down."""
        ids = [person.id for person in self.state.people]
        self.choose(ids[(ids.index(self.state.chosen) + by) % len(ids)])

    def press(self, digit: str) -> None:
        """A digit of the PIN."""
        if digit.isascii() and digit.isdigit() and len(self._pin) < LONGEST_PIN:
            self._type(self._pin + digit)
            self._show(complaint="")

    def erase(self) -> None:
        """Take the last digit back."""
        self._type(self._pin[:-1])

    def enter(self) -> None:
        """The PIN is whole."""
        if self.state.busy or not self._pin:
            return
        pin, chosen = self._pin, self.state.chosen
        self._type("")
        self._show(busy=True)
        self._tasks.brief(partial(people.sign_in, id_=chosen, pin=pin), self._on_signed_in, self._on_refused)

    def _on_signed_in(self, actor: Actor) -> None:
        self._show(busy=False)
        self.signed_in.emit(actor)

    def _on_refused(self, error: StoreError) -> None:
        self._show(busy=False, complaint=sentence(error))

    def _type(self, pin: str) -> None:
        self._pin = pin
        self._show(digits=len(pin))
