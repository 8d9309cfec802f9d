"""A hundred labels with real keys and a real scanner's bursts: issued, printed, two sold, one void, the balance seen.

`uv run python -m tests.e2e.codes_walk OUT --language zh_CN|zh_TW|en` keeps a picture of each step; see `walk`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.e2e.walk import Hands, demo_home, parsed, walk_through

ITEM = "9521000000377"
_TRIES = 3


def walk(hands: Hands) -> dict[str, Any]:
    """From the Codes page to the balance of a batch. Returns what the page says in the end."""
    from core.shop import codes

    def state(window: Any) -> Any:
        return window.presenter("codes").state

    def form(window: Any) -> Any:
        return window.presenter("codes").issuing.state

    def uris(window: Any) -> list[str]:
        terminal, row = window._tasks._terminal, form(window).batch
        stem = terminal.read(partial(codes.uri_stem, gtin=row.batch.gtin)).result()
        return [stem + key for key in terminal.read(partial(codes.serials_of, name=row.batch.name)).result()]

    def scan(text: str, seen: Callable[[Any], bool]) -> None:
        """Hold it in front of the scanner, and once more where nothing happens: on a busy machine a burst may tear."""
        for _ in range(_TRIES):
            hands.scan(text)
            if hands.happens(seen):
                return
        hands.wait(seen)

    hands.wait(lambda window: window.sell is not None and bool(window.sell.state.cart.op))
    hands.key("alt+5")
    hands.wait(lambda window: window.room == "codes")
    hands.key("F3")
    hands.wait(lambda window: bool(window.presenter("codes").issuing.item.state.found))
    scan(ITEM, lambda window: form(window).preview is not None)
    hands.shot("preview")
    hands.key("F12")
    hands.wait(lambda window: form(window).batch is not None and not form(window).works)
    hands.shot("printed")
    links, said = hands.see(uris), hands.see(lambda window: form(window).said)
    hands.key("Escape")
    hands.wait(lambda window: bool(state(window).chosen))

    hands.key("alt+1")
    hands.wait(lambda window: window.room == "sell")
    for number, link in enumerate(links[:2], 1):
        scan(link, lambda window, number=number: len(window.sell.state.cart.lines) == number)  # type: ignore[misc]
    hands.shot("two-units")
    hands.key("F12")
    hands.wait(lambda window: window.sell.state.change is not None)
    scan(links[0], lambda window: window.sell.state.verdict.tone == "warn")
    hands.shot("sold-once")

    hands.key("alt+5")
    hands.wait(lambda window: window.room == "codes")
    scan(links[2], lambda window: state(window).shown is not None)
    hands.key("F8")
    hands.wait(lambda window: state(window).asked is not None)
    hands.shot("void-asked")
    hands.key("F8")
    hands.wait(lambda window: state(window).shown.unit.state == "void")
    hands.shot("void")
    scan(links[0], lambda window: state(window).shown is not None and state(window).shown.unit.state == "sold")
    hands.shot("life")
    hands.key("Escape")
    hands.wait(lambda window: state(window).chosen is not None and state(window).chosen.balance.void == 1)
    hands.shot("balance")
    balance = hands.see(lambda window: state(window).chosen.balance)
    figures = {name: getattr(balance, name) for name in ("issued", "on_hand", "sold", "void", "missing")}
    return {"links": links, "said": said, "balance": figures}


def main() -> None:
    parser = parsed(__doc__, "tests.e2e.codes_walk")
    parser.add_argument("--size", help="such as 1024x768; the window's own if not given")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    demo_home(args.out / "home", args.language, args.theme)

    def go(hands: Hands) -> dict[str, Any]:
        if args.size:
            width, height = map(int, args.size.split("x"))
            hands.see(lambda window: window.resize(width, height))
        return walk(hands)

    told = walk_through(args.out / "home", args.out, go, "M01")
    print(json.dumps(told))
    sys.exit(not told)


if __name__ == "__main__":
    main()
