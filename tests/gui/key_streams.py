"""Streams of keys: scans, torn scans and typing in every mixture, as the platform would deliver them."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt

from tests.builders import BAG, GOODS, WATER

GAP, STALL, SHORTEST = 50, 300, 3
"""The contract: ms between keys of one scan, ms that one at machine speed may pause, characters."""

# Some are pieces of other codes or put together from others: what a torn scan must not be taken for.
OWN = tuple(replace(BAG, code=code, name=f"Piece {code}") for code in ("8144", "377", "AB1", "AB2", "AB1AB2"))
PRODUCTS = {product.code: product for product in (*GOODS, *OWN)}
PLAIN = (*(product.shown_code for product in PRODUCTS.values()), "6901234567892", "NOPE")
LONG = ("]E09521000008144", "010952100001998010L7\x1d240AB", "https://x.cn/01/09521000000377?17=270100")
K, M = Qt.Key, Qt.KeyboardModifier
NAMED = {"\r": K.Key_Return, "\n": K.Key_Enter, "\t": K.Key_Tab, "\b": K.Key_Backspace, "\x1d": K.Key_BracketRight}
SHIFTS, ENDS = (K.Key_Shift, K.Key_CapsLock, K.Key_AltGr), (K.Key_Return, K.Key_Enter, K.Key_Tab)
STEPS = (K.Key_F2, K.Key_F3, K.Key_F8, K.Key_F12, K.Key_Escape, K.Key_Delete, K.Key_Up, K.Key_Down)


@dataclass(frozen=True, slots=True)
class Event:
    """A `press` or a release (`up`) of a key at a time, a text that an `input` method commits, or a time that passes:
    while `idle` timers fire and answers arrive; after `busy` a timer that is due comes before keys that waited.
    A key that is not the first of its burst is `inner` to that code.
    """

    kind: str
    ms: int = 0
    key: int = 0
    text: str = ""
    repeat: bool = False
    inner: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.ms} {self.text or (self.key and K(self.key).name)!r}{' again' * self.repeat}"


class Writer:
    """Writes a stream. What follows from it is not its business."""

    def __init__(self, chance: random.Random, receipt: str) -> None:
        self.chance, self.codes = chance, (*PLAIN, *PLAIN, *LONG, "134567890123456789", receipt)
        self.events: list[Event] = []
        self.put = lambda kind, **what: self.events.append(Event(kind, **what))
        self.bursts = self.typed = self.now = 0
        acts = {
            "hold": lambda: [self.wait(30) or self.press("7", repeat=n > 0) for n in range(4)],
            "step": lambda: self.press("", chance.choice(STEPS)),
            "input": lambda: self.put("input", text=chance.choice(("面", "６９０１", "8144\r", WATER.shown_code))),
        }
        # All was pressed in time, but whoever hands keys on was `late` while this thread waited, or this was `busy`.
        self.troubles = acts | {
            "stall": lambda: self.wait(chance.randint(GAP + 1, 2 * STALL)),
            "person": lambda: self.press(chance.choice("0123ABab\b")),
            "shift": lambda: self.press("", chance.choice(SHIFTS)),
            "late": lambda: self.put("idle", ms=chance.choice((45, 70, 200, 500))),
            "busy": lambda: self.put("busy", ms=chance.choice((45, 70, 200, 500))),
            "jump": lambda: self.wait(chance.choice((-100_000, -200, -5, 200, 400, 1_000_000)), loops=False),
        }
        for _ in range(chance.randrange(1, 5)):
            self.wait(chance.choice((0, 20, 55, 70, 150, 320, 800)), chance.random() < 0.7)
            chance.choice((self.burst, self.burst, self.burst, self.type, *acts.values()))()

    def burst(self) -> None:
        """A scanner's, whole or with something that befalls it."""
        chance, code, first = self.chance, self.chance.choice(self.codes), len(self.events)
        pace, place = chance.choice((0, 1, 5, 8, 12, 25, GAP)), chance.randrange(1, len(code))
        trouble = chance.choice((*self.troubles, "no head", "no end")) if chance.random() < 0.6 else ""
        code = code.swapcase() if chance.random() < 0.05 else code[place:] if trouble == "no head" else code
        self.bursts, loops = self.bursts + 1, chance.random() < 0.7
        for n, char in enumerate(code + ("" if trouble == "no end" else chance.choice("\r\r\r\t\n"))):
            if n == place and trouble in self.troubles:
                self.troubles[trouble]()
                loops &= trouble != "busy"
            self.wait(chance.randint(0, pace), loops)
            self.press(char, inner=code * (n > 0))
        if chance.random() < 0.3:
            # The releases come last, in any order.
            self.events[first:] = sorted(self.events[first:], key=lambda event: (event.kind == "up") * chance.random())

    def type(self) -> None:
        """A person's typing: slower than any scanner, with second thoughts, and perhaps Enter."""
        loops = self.chance.random() < 0.7
        text = "".join(self.chance.choices("0123456789.ABab-", k=self.chance.randrange(1, 7)))
        for char in self.chance.choice((text, text, self.chance.choice(PLAIN))) + self.chance.choice(("", "\r")):
            self.wait(self.chance.randint(61, 250), loops)
            self.press("\b" if self.chance.random() < 0.05 else char)
            self.typed += 1

    def wait(self, ms: int, loops: bool = True) -> None:
        self.now += ms
        self.events += [Event("idle", ms)] * (loops and ms > 0)

    def press(self, text: str, key: int = 0, **how: object) -> None:
        if text.isupper():
            self.put("press", ms=self.now, key=K.Key_Shift)
        for kind in ("press", "up"):
            self.put(kind, ms=self.now, key=key or NAMED.get(text) or ord(text.upper()), text=text, **how)
