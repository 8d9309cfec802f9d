"""What the customer's own screen shows. Frozen, and never anything of anyone."""

from __future__ import annotations

from dataclasses import dataclass

from core.events import Purpose


@dataclass(frozen=True, slots=True)
class CustomerState:
    """Between customers it shows the shop's name, and nothing else.

    Attributes:
        language: in which the customer reads.
        asks: what can be agreed to is shown.
        chosen: what they agreed to so far, as whoever serves them ticked it.
        link: of a code to be scanned.
        thanks: it is done.
    """

    language: str
    asks: bool = False
    chosen: frozenset[Purpose] = frozenset()
    link: str = ""
    thanks: bool = False
