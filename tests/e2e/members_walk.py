"""A member with real keys: bound in few of them, found at the counter; and somebody who would rather not.

`uv run python -m tests.e2e.members_walk OUT --language zh_CN|zh_TW|en` keeps a picture of each step; see `walk`.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from tests.e2e.walk import WATER, Hands, demo_home, parsed, walk_through

PHONE, REFUSED = "13912345678", "13712345678"


def walk(hands: Hands) -> dict[str, Any]:
    """From the counter to a member's sale. Returns keys, touches and sales."""

    def state(window: Any) -> Any:
        return window.presenter("members").state

    def cart(window: Any) -> Any:
        return window.sell.state.cart

    def say_who(phone: str) -> None:
        hands.key("F6")
        hands.wait(lambda window: window.room == "members")
        hands.digits(phone)

    def buy(phone: str) -> None:
        hands.scan(WATER)
        hands.wait(lambda window: len(cart(window).lines) == 1)
        say_who(phone)

    hands.wait(lambda window: window.sell is not None and bool(cart(window).op))
    hands.key("alt+2")
    hands.wait(lambda window: window.room == "members" and bool(state(window).rows))
    hands.shot("members")
    hands.digits(PHONE)
    hands.wait(lambda window: state(window).draft is not None)
    hands.shot("asked")
    hands.key("F5", "F12")
    hands.wait(lambda window: state(window).card is not None)
    bound = {"keys": hands.keys, "touches": hands.touches}
    hands.shot("bound")

    hands.key("alt+1")
    hands.wait(lambda window: window.room == "sell")
    hands.scan(WATER)
    hands.wait(lambda window: len(cart(window).lines) == 1)
    price = hands.see(lambda window: cart(window).total)
    say_who(PHONE)
    hands.wait(lambda window: state(window).card is not None)
    hands.key("F12")
    hands.wait(lambda window: window.room == "sell" and bool(window.sell.state.buyer))
    hands.shot("theirs")
    with_member = hands.see(lambda window: cart(window).total)
    hands.key("F12")
    hands.wait(lambda window: window.sell.state.change is not None)

    buy(PHONE)
    hands.wait(lambda window: state(window).card is not None)
    hands.shot("has-points")
    hands.key("F12")
    hands.wait(lambda window: window.room == "sell" and window.sell.state.has.usable > 0)
    hands.key("F7")
    hands.wait(lambda window: window.sell.state.ask is not None)
    hands.shot("how-many-points")
    hands.key("Return")
    hands.wait(lambda window: cart(window).used > 0)
    hands.shot("points-used")
    with_points = hands.see(lambda window: (cart(window).total, cart(window).used))
    hands.key("F12")
    hands.wait(lambda window: window.sell.state.change is not None)

    buy(REFUSED)
    hands.wait(lambda window: state(window).draft is not None)
    hands.shot("would-rather-not")
    hands.key("Escape", "alt+1")
    hands.wait(lambda window: window.room == "sell")
    refused = hands.see(lambda window: (cart(window).total, cart(window).member, window.sell.state.buyer))
    hands.key("F12")
    hands.wait(lambda window: window.sell.state.change is not None)
    hands.shot("paid")
    return {**bound, "price": price, "with_member": with_member, "with_points": with_points, "refused": refused}


def main() -> None:
    args = parsed(__doc__, "tests.e2e.members_walk").parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    home = args.out / "home"
    demo_home(home, args.language, args.theme)
    print(json.dumps(walk_through(home, args.out, partial(walk), staff="C01")))


if __name__ == "__main__":
    main()
