"""What a till told while it worked: before each step what it is about to do, after it what was saved.

The lines are all that is known of a till that was stopped. What it told as saved must be there; what it was about to
do may be there, but whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from core.events import Event, SaleCompleted
from core.sales.cart import Cart

Lines = tuple[tuple[str, int, int], ...]


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line.

    Attributes:
        saved: whether it is an acknowledgement; otherwise it is about to happen.
        kind: tag of a fact; `cart` is the open cart, `failed` the till's own end.
        op: of the fact; empty where the use case mints it.
        net: of a sale, minor units.
        lines: of a sale: code, quantity, amount.
        cart: that was put on the counter.
        error: what ended the till.
    """

    saved: bool
    kind: str
    op: str = ""
    net: int = 0
    lines: Lines = ()
    cart: Cart | None = None
    error: str = ""


Tell = Callable[[Told], None]
_decoder = msgspec.json.Decoder(Told)


def line_of(told: Told) -> bytes:
    """The line that goes out; short enough to be written to a pipe in one piece."""
    return msgspec.json.encode(told) + b"\n"


def told_of(event: Event, *, saved: bool = True) -> Told:
    """What there is to tell of a fact."""
    tag = str(event.__struct_config__.tag)
    if not isinstance(event, SaleCompleted):
        return Told(saved=saved, kind=tag, op=event.head.op)
    lines = tuple((line.code, line.quantity, line.amount) for line in event.lines)
    return Told(saved=saved, kind=tag, op=event.head.op, net=event.net, lines=lines)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a home held before the till began, none of which may be lost: facts, the last one's hash, the open cart."""

    facts: int = 0
    head: bytes = b""
    cart: Cart | None = None


@dataclass(slots=True)
class History:
    """What must be there, and what may be."""

    facts: list[Told] = field(default_factory=list)
    """Acknowledged, in order."""
    cart: Cart | None = None
    """The open cart as it was last acknowledged."""
    attempt: Told | None = None
    """Begun and not acknowledged."""
    error: str = ""

    @classmethod
    def read(cls, raw: bytes, baseline: Baseline) -> History:
        """The history in the lines of a till; what follows the last line break was never said."""
        history = cls(cart=baseline.cart)
        for line in raw.split(b"\n")[:-1]:
            told = _decoder.decode(line)
            if told.kind == "failed":
                history.error = told.error
            elif not told.saved:
                history.attempt = told
            else:
                history.attempt = None
                if told.kind == "cart":
                    history.cart = told.cart
                else:
                    history.facts.append(told)
        return history
