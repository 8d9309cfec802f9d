"""A unit code for every piece of a file of transactions, issued before the first basket is sold."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from core.errors import RefusedError
from core.ids import replay_id
from core.shop import codes
from core.shop.terminal import Actor, Terminal

if TYPE_CHECKING:
    from core.shop.replay import Basket


@dataclass(slots=True)
class Pool:
    """Units of each product that wait to be sold, and those that were; both from the last on."""

    fresh: dict[str, list[str]] = field(default_factory=dict)
    sold: dict[str, list[str]] = field(default_factory=dict)
    refused: dict[str, RefusedError] = field(default_factory=dict)
    _taken: list[tuple[list[str], list[str]]] = field(default_factory=list)

    def begin(self) -> None:
        """The next basket."""
        self._taken.clear()

    def put_back(self) -> None:
        """The basket was refused: nothing was taken for it."""
        while self._taken:
            source, target = self._taken.pop()
            source.append(target.pop())

    def take(self, code: str, quantity: int) -> list[str]:
        """Units for a line: fresh ones to be sold, or sold ones that come back, as far as there are any.

        Raises:
            RefusedError: why there are no units of that product.
        """
        if code in self.refused:
            raise self.refused[code]
        source, target = (self.fresh, self.sold) if quantity > 0 else (self.sold, self.fresh)
        taken = []
        for _ in range(abs(quantity)):
            if not source.get(code):
                break
            taken.append(source[code].pop())
            target.setdefault(code, []).append(taken[-1])
            self._taken.append((source[code], target[code]))
        return taken


def issue_units(terminal: Terminal, by: Actor, baskets: Sequence[Basket], tick: Callable[[int], None]) -> Pool:
    """Issue a batch a product, with a code for every piece that is sold; the same baskets get the same codes again.

    Args:
        tick: told how many products each step did.

    Raises:
        RefusedError: `not_allowed`.
    """
    pool, store = Pool(), terminal.read(lambda view: view.settings["store"]).result()
    wanted = pieces(baskets)
    file = hashlib.sha256(repr([(basket.key, basket.lines) for basket in baskets]).encode()).hexdigest()
    for code, count in wanted.items():
        try:
            batch = codes.issue(terminal, by, code, count, op=replay_id(store, f"{file} {code}"))
        except RefusedError as refused:
            if refused.code == "not_allowed":
                raise
            pool.refused[code] = refused
        else:
            serials = terminal.read(partial(codes.serials_of, name=batch.name)).result()
            pool.fresh[code] = serials[::-1]
        tick(1)
    return pool


def pieces(baskets: Sequence[Basket]) -> Mapping[str, int]:
    """How many pieces of each product are sold; what comes back was sold before."""
    wanted: Counter[str] = Counter()
    for basket in baskets:
        for line in basket.lines:
            wanted[line.code] += max(0, line.quantity)
    return {code: count for code, count in wanted.items() if count}
