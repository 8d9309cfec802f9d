"""A walk with a head office: joined by hand in the settings, away while the shop sells, back again; the badge tells.

`uv run python -m tests.e2e.hq_walk OUT --language zh_CN|en` keeps a picture of each step. It needs a display of its own
and xdotool.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import Any

from tests.e2e.walk import SODA, WATER, Hands, demo_home, parsed, walk_through
from tests.head_office import HeadOffice

SALES = 3


def walk(hands: Hands, head_office: HeadOffice, token: str) -> dict[str, Any]:
    """Join, sell, lose head office, sell on, see it come back. Returns what the badge said."""
    from core.texts import tr

    hands.wait(lambda window: window.sell is not None and bool(window.sell.state.cart.op))
    alone = hands.see(_badge)
    hands.key("alt+8")
    hands.wait(lambda window: window.room == "settings")
    _fill(hands, tr("Head office's address"), head_office.address)
    _fill(hands, tr("Token, from head office"), token)
    hands.shot("to-join")
    _press(hands, tr("Join"))
    hands.wait(lambda window: _badge(window) == tr("✓ All at head office"))
    hands.shot("joined")
    joined = hands.see(_badge)

    head_office.kill()
    hands.key("alt+1")
    hands.wait(lambda window: window.room == "sell")
    for n in range(1, SALES + 1):
        _sell(hands)
        hands.wait(lambda window, n=n: f" {n} " in _badge(window))
    waits = hands.see(_badge)
    hands.shot("waits")
    hands.key("alt+8")
    hands.wait(lambda window: window.room == "settings")
    hands.see(lambda window: _show(window, tr("Leave head office")))
    hands.shot("settings-waiting")

    head_office.start()
    _press(hands, tr("Send now"))
    hands.wait(lambda window: _badge(window) == tr("✓ All at head office"))
    hands.key("alt+1")
    hands.wait(lambda window: window.room == "sell")
    hands.shot("all-there")
    before = hands.see(lambda window: window._courier.status.contact)
    _sell(hands)
    hands.wait(lambda window: window._courier.status.contact > before and not window._courier.status.waiting)
    return {"alone": alone, "joined": joined, "waits": waits, "all there": hands.see(_badge)}


def _sell(hands: Hands) -> None:
    hands.scan(WATER)
    hands.scan(SODA)
    hands.wait(lambda window: len(window.sell.state.cart.lines) == 2)
    hands.key("F12")
    hands.wait(lambda window: not window.sell.state.cart.lines)


def _press(hands: Hands, text: str) -> None:
    hands._at(hands.see(lambda window: _show(window, text)))


def _fill(hands: Hands, caption: str, text: str) -> None:
    """Touch a field and type."""
    place = hands.see(lambda window: _show(window, caption))
    hands._at(place)
    hands.name(text)


def _show(window: Any, name: str) -> tuple[int, int]:
    """Scroll to what says this to a screen reader. Returns where it is."""
    from PySide6.QtWidgets import QAbstractButton, QLineEdit, QScrollArea

    parts = [p for kind in (QLineEdit, QAbstractButton) for p in window.findChildren(kind) if p.isVisible()]
    made = next(p for p in parts if name in (p.accessibleName(), getattr(p, "text", str)()))
    parent = made.parentWidget()
    while parent and not isinstance(parent, QScrollArea):
        parent = parent.parentWidget()
    assert parent
    parent.ensureWidgetVisible(made)
    place = made.mapToGlobal(made.rect().center())
    return place.x(), place.y()


def _badge(window: Any) -> str:
    return str(window._frame._badge.text())


def main() -> None:
    args = parsed(__doc__, "tests.e2e.hq_walk").parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    demo_home(args.out / "home", args.language, args.theme)
    head_office = HeadOffice(args.out / "hq")
    head_office.start()
    token = head_office.token("DEMO", "T1")
    told = walk_through(args.out / "home", args.out, partial(walk, head_office=head_office, token=token), "M01")
    if told:
        told["orders"] = head_office.ok("report", "--store", "DEMO")["total"]["orders"]
    if head_office.runs:
        head_office.stop()
    print(json.dumps(told))
    sys.exit(not told)


if __name__ == "__main__":
    main()
