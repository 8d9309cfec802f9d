"""The steps of a walk, by keyboard alone and by touch alone. A scanner's bursts and names are neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.texts import tr

if TYPE_CHECKING:
    from tests.e2e.walk import Hands


class KeyboardSteps:
    """Nothing is touched."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands

    def language(self, number: int, word: str) -> None:
        self._hands.key(str(number))

    def shop(self, name: str) -> None:
        self._hands.name(name)
        self._hands.key("Return")

    def manager(self, pin: str) -> None:
        self._hands.key("Return")
        self._hands.digits(pin)
        self._hands.key("Return")

    def goods(self) -> None:
        self._hands.key("1")
        self._hands.wait(lambda window: window.setup.importing.state.may_start)
        self._hands.shot("preview")
        self._hands.key("F12")
        self._hands.wait(lambda window: window.setup.importing.state.step == "done")
        self._hands.key("Return")

    def open_shop(self) -> None:
        self._hands.key("Return")

    def cash(self) -> None:
        self._hands.key("F12")

    pay_back = cash

    def by_hand(self, code: str) -> None:
        self._hands.digits(code)
        self._hands.key("Return")

    def quantity(self, count: str) -> None:
        self._hands.digits(count)
        self._hands.key("F3")

    def remove_second(self) -> None:
        self._hands.key("Up", "Delete")

    def remove_first(self) -> None:
        self._hands.key("Up", "Delete")

    def part_by_wechat(self, amount: str, word: str) -> None:
        self._hands.digits(amount)
        self._hands.key("F11", "1", "Return")

    def rest_in_cash(self) -> None:
        self._hands.digits("100")
        self._hands.key("F12")

    def room(self, number: int, word: str) -> None:
        self._hands.key(f"alt+{number}")

    def bring_back(self) -> None:
        self._hands.key("F8")

    def hire(self, name: str, pin: str) -> None:
        self._hands.key("F3")
        self._hands.name(name)
        # Number, four roles, two states, PIN.
        self._hands.key(*["Tab"] * 8)
        self._hands.digits(pin)
        self._hands.key("F12")

    def leave(self, name: str) -> None:
        self._hands.key("F10")

    def sign_in(self, name: str, pin: str) -> None:
        offered = self._hands.see(lambda window: [person.name for person in window.sign_in.state.people])
        chosen = self._hands.see(lambda window: window.sign_in.state.chosen)
        ids = self._hands.see(lambda window: [person.id for person in window.sign_in.state.people])
        self._hands.key(*["Down"] * ((offered.index(name) - ids.index(chosen)) % len(ids)))
        self._hands.digits(pin)
        self._hands.key("Return")

    def week(self, word: str) -> None:
        self._hands.key("w")

    def setting(self, name: str, word: str) -> None:
        for _ in range(80):
            self._hands.key("Tab")
            if self._hands.see(lambda window: getattr(window.focusWidget(), "text", str)() == word):
                self._hands.key("space")
                return
        raise AssertionError(word)


class TouchSteps:
    """No key is pressed, but those of the keyboard on the screen."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands

    def _pad(self, digits: str) -> None:
        for digit in digits:
            self._hands.touch(digit)

    def language(self, number: int, word: str) -> None:
        self._hands.touch(word)

    def shop(self, name: str) -> None:
        self._hands.touch(tr("Next"))

    def manager(self, pin: str) -> None:
        self._pad(pin)
        self._hands.touch(tr("Next"))

    def goods(self) -> None:
        self._hands.touch("goods.csv")
        self._hands.wait(lambda window: window.setup.importing.state.may_start)
        self._hands.touch(tr("Import"))
        self._hands.wait(lambda window: window.setup.importing.state.step == "done")
        self._hands.touch(tr("Done"))

    def open_shop(self) -> None:
        self._hands.touch(tr("Open the shop"))

    def cash(self) -> None:
        self._hands.touch(tr("Cash"))

    def pay_back(self) -> None:
        self._hands.touch(tr("Pay back"))

    def by_hand(self, code: str) -> None:
        self._pad(code)
        self._hands.touch(tr("Enter"))

    def quantity(self, count: str) -> None:
        self._pad(count)
        self._hands.touch(tr("Quantity"))

    def remove_second(self) -> None:
        self._hands.touch_row(tr("Cart"), 1)
        self._hands.touch(tr("Remove"))

    def remove_first(self) -> None:
        self._hands.touch_row(tr("Cart"), 0)
        self._hands.touch(tr("Remove"))

    def part_by_wechat(self, amount: str, word: str) -> None:
        self._pad(amount)
        self._hands.touch(tr("Other payment"))
        self._hands.touch(word)
        self._hands.touch(tr("Enter"))

    def rest_in_cash(self) -> None:
        self._hands.touch("100")
        self._hands.touch(tr("Cash"))

    def room(self, number: int, word: str) -> None:
        self._hands.touch(word)

    def bring_back(self) -> None:
        self._hands.touch(tr("Return"))

    def hire(self, name: str, pin: str) -> None:
        self._hands.touch(tr("F3 New employee"))
        self._hands.touch_named(tr("Keyboard on the screen"))
        self._hands.shot("keyboard")
        self._hands.touch("ABC")
        self._hands.touch(name[0])
        self._hands.touch("ABC")
        self._pad(name[1:])
        # Number, four roles, two states, PIN.
        for _ in range(8):
            self._hands.touch("Tab")
        self._pad(pin)
        self._hands.touch("×")
        self._hands.touch(tr("Save"))

    def leave(self, name: str) -> None:
        self._hands.touch(name)

    def sign_in(self, name: str, pin: str) -> None:
        self._hands.touch(name)
        self._pad(pin)
        self._hands.touch(tr("Enter"))

    def week(self, word: str) -> None:
        self._hands.touch(" ".join((word, "W")))

    def setting(self, name: str, word: str) -> None:
        self._hands.touch(word)
