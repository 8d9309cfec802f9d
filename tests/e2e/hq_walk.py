"""A walk with a head office: joined by hand in the settings, away while the shop sells, back again; the badge tells.
Meanwhile another till sold the same unit: the tray says so, and somebody settles it.

`uv run python -m tests.e2e.hq_walk OUT --language zh_CN|en` keeps a picture of each step. It needs a display of its own
and xdotool.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

from core.catalogue.product import Product
from core.shop import codes
from core.shop.enrolment import enrol
from core.shop.sync import Sync
from core.shop.terminal import Terminal, View
from tests.builders import Shop, set_up_shop
from tests.e2e.walk import SODA, WATER, Hands, demo_home, parsed, walk_through
from tests.head_office import HeadOffice

SALES = 3
_TIMES = 6
"""How often somebody asks head office before they give up."""


def walk(hands: Hands, head_office: HeadOffice, token: str, other: Shop, unit: tuple[str, str]) -> dict[str, Any]:
    """Join, sell, lose head office, sell on, see it come back; settle what does not add up. Returns what the badge
    said.

    Args:
        other: another till of the store, joined, without a window.
        unit: the GTIN and the link of one that is in the shop.
    """
    from core.texts import tr

    hands.wait(lambda window: window.sell is not None and bool(window.sell.state.cart.op))
    alone = hands.see(_badge)
    hands.key("alt+0")
    hands.wait(lambda window: window.room == "settings")
    _fill(hands, tr("Head office's address"), head_office.address)
    _fill(hands, tr("Token, from head office"), token)
    hands.shot("to-join")
    _press(hands, tr("Join"))
    hands.wait(lambda window: _badge(window) == tr("✓ All at head office"))
    hands.shot("joined")
    joined = hands.see(_badge)
    # Hears the key of this till's codes.
    Sync(other.terminal).run()

    head_office.kill()
    hands.key("alt+1")
    hands.wait(lambda window: window.room == "sell")
    for n in range(1, SALES + 1):
        _sell(hands)
        hands.wait(lambda window, n=n: f" {n} " in _badge(window))
    hands.scan(unit[1])
    _pay(hands, 1)
    hands.wait(lambda window: f" {SALES + 1} " in _badge(window))
    waits = hands.see(_badge)
    hands.shot("waits")
    other.sell_codes(unit[1])
    hands.key("alt+0")
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
    told = {"alone": alone, "joined": joined, "waits": waits, "all there": hands.see(_badge)}
    Sync(other.terminal).run()
    return told | _settle(hands)


def _settle(hands: Hands) -> dict[str, Any]:
    """Hear of the unit that was sold twice, and settle it. Returns how much lay in the tray, before and after."""
    from core.texts import tr

    hands.key("alt+0")
    hands.wait(lambda window: window.room == "settings")
    for _ in range(_TIMES):
        _press(hands, tr("Send now"))
        if hands.happens(lambda window: window._courier.status.matters == 1):
            break
    hands.shot("something-in-the-tray")
    before = hands.see(lambda window: window._courier.status.matters)
    hands.key("alt+8")
    hands.wait(lambda window: window.room == "tray" and len(window.presenter("tray").state.rows) == 1)
    hands.shot("conflict")
    hands.key("F5")
    hands.wait(lambda window: not window.presenter("tray").state.rows)
    hands.wait(lambda window: window._courier.status.matters == 0 and not window._courier.status.waiting)
    hands.shot("settled")
    return {"tray": [before, hands.see(lambda window: window._courier.status.matters)]}


def _sell(hands: Hands) -> None:
    hands.scan(WATER)
    hands.scan(SODA)
    _pay(hands, 2)


def _pay(hands: Hands, lines: int) -> None:
    hands.wait(lambda window: len(window.sell.state.cart.lines) == lines)
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


def _unit(home: Path) -> tuple[str, str]:
    """The GTIN and the link of a unit that is in the shop."""

    def find(view: View) -> tuple[str, str]:
        batch = codes.batch_rows(view)[0].batch
        return batch.gtin, codes.uri_stem(view, batch.gtin) + codes.serials_of(view, batch.name)[-1]

    with Terminal(home, writes=False) as terminal:
        return terminal.read(find).result()


def main() -> None:
    args = parsed(__doc__, "tests.e2e.hq_walk").parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    demo_home(args.out / "home", args.language, args.theme)
    head_office = HeadOffice(args.out / "hq")
    head_office.start()
    unit, token = _unit(args.out / "home"), head_office.token("DEMO", "T1")
    with Terminal(args.out / "other") as terminal:
        other = set_up_shop(terminal, store="DEMO", name="T2", products=(Product(unit[0], "X", 900),))
        enrol(terminal, head_office.address, head_office.token("DEMO", "T2"))
        steps = partial(walk, head_office=head_office, token=token, other=other, unit=unit)
        told = walk_through(args.out / "home", args.out, steps, "M01")
    if told:
        told["conflicts"] = len(head_office.ok("findings")["conflicts"])
        told["orders"] = head_office.ok("report", "--store", "DEMO")["total"]["orders"]
    if head_office.runs:
        head_office.stop()
    print(json.dumps(told))
    sys.exit(not told)


if __name__ == "__main__":
    main()
