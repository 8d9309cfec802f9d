"""Whatever stops a unit at the counter is said in a sentence of its own, which names the unit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core import texts
from core.codes import serial
from core.errors import RefusedError
from core.events import UnitStep
from core.shop.keys import chain_keys
from tests.builders import RICE, WATER, Shop

FORGED = "23456789ABCDEFGH"


def sold(shop: Shop, code: str) -> None:
    shop.sell_codes(code)


def said(step: UnitStep) -> Callable[[Shop, str], None]:
    return lambda shop, code: shop.say(step, code)


def batch_frozen(shop: Shop, code: str) -> None:
    shop.say_of(shop.unit(code).batch, UnitStep.FROZEN)


def activation(shop: Shop, code: str) -> None:
    shop.set("activation", "yes")


def on_counter(shop: Shop, code: str) -> None:
    with pytest.raises(RefusedError, match="unknown_code"):
        shop.sell_codes(code, "NOTHING")


STOPS = {
    "unit_sold": sold,
    "unit_void": said(UnitStep.VOID),
    "unit_frozen": said(UnitStep.FROZEN),
    "unit_not_on_sale": activation,
    "unit_in_cart": on_counter,
}


def why(step: Callable[[], object]) -> RefusedError:
    with pytest.raises(RefusedError) as found:
        step()
    return found.value


@pytest.fixture(params=["en", "zh_CN"])
def language(request) -> str:
    return request.param


def sentences(shop: Shop) -> dict[str, tuple[str, str]]:
    """What is said of each unit that is stopped: the code of the sentence, the sentence, and the unit."""
    found = {}
    for code, stop in STOPS.items():
        shop.empty_counter()
        _, (unit,) = shop.issue(RICE, 1)
        stop(shop, unit)
        refused = why(lambda unit=unit: shop.sell_codes(unit))
        found[refused.code] = (texts.sentence(refused), unit)
        assert refused.code == code
        shop.empty_counter()
        shop.set("activation", "no")
    (key,) = chain_keys(shop.terminal.home)
    (stranger,) = serial.mint(serial.own_block(1), 1, b"abc", key).serials()
    _, (ours,) = shop.issue(RICE, 1)
    for code, text, unit in (
        ("unit_forged", shop.link(RICE, FORGED), FORGED),
        ("unit_altered", shop.link(WATER, ours), ours),
        ("unit_needs_symbol", stranger, stranger),
        ("unknown_code", FORGED, FORGED),
    ):
        refused = why(lambda text=text: shop.sell_codes(text))
        found[refused.code] = (texts.sentence(refused), unit)
        assert refused.code == code
    refused = why(lambda: shop.bring_codes_back(ours))
    assert refused.code == "unit_not_sold"
    return found | {refused.code: (texts.sentence(refused), ours)}


def test_each_has_its_own_and_names_the_unit(shop, language):
    texts.use(language)
    found = sentences(shop)
    assert len({text.replace(unit, "") for text, unit in found.values()}) == len(found) == len(STOPS) + 5
    for code, (text, unit) in found.items():
        assert unit in text.replace(" ", "") and code not in text and "{" not in text


def test_a_batch_that_is_frozen_stops_a_unit_in_the_same_words(shop):
    _, (one, other) = shop.issue(RICE, 2)
    shop.say(UnitStep.FROZEN, one)
    by_itself = texts.sentence(why(lambda: shop.sell_codes(one)))
    batch_frozen(shop, other)
    assert texts.sentence(why(lambda: shop.sell_codes(other))) == by_itself.replace(one, other)
