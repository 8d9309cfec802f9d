"""A random history of batches and units against a model of a few lines that knows nothing of the program's tables.

After every step each unit, each batch's printed labels and its balance are what the model says, and a step is refused
exactly when the model says so, for one of the reasons that it knows. In the end the doctor derives everything anew.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.catalogue.product import Product
from core.codes import queries
from core.database import connect_writer
from core.errors import RefusedError
from core.events import TenderKind, UnitStep
from core.journal import entries, rebuild
from core.sales.payment import Payment
from core.shop import codes, counter, returns
from core.shop.terminal import PROJECTIONS, SYSTEM, Session
from tests.builders import RICE, SCARF, WATER, Shop

HISTORIES, STEPS = (60, 300) if os.environ.get("STORE_ASSISTANT_THOROUGH") else (8, 100)
ON_HAND = ("issued", "printed", "on_sale", "returned")


@dataclass
class Item:
    """A unit; `receipt` while a customer has it."""

    key: str
    of: Pack
    place: int
    state: str = "issued"
    frozen: bool = False
    receipt: str = ""
    labels: int = 0

    @property
    def is_frozen(self) -> bool:
        return self.frozen or self.of.frozen


@dataclass
class Pack:
    """A batch."""

    name: str
    product: Product
    items: list[Item] = field(default_factory=list)
    printed: set[int] = field(default_factory=set)
    frozen: bool = False


class History:
    """A shop and its model, and what can happen to both."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.chance = shop, random.Random(seed)
        self.packs: list[Pack] = []
        self.receipts: dict[str, list[Item]] = {}
        self.activation = False
        self.outcomes: Counter[tuple[str, str]] = Counter()

    # What the model knows

    @property
    def items(self) -> list[Item]:
        return [item for pack in self.packs for item in pack.items]

    def pick(self, most: int) -> list[Item]:
        return self.chance.choices(self.items, k=self.chance.randint(1, most))

    def not_for_sale(self, item: Item) -> set[str]:
        """Every reason not to sell a unit."""
        reasons = {f"unit_{item.state}"} if item.state in ("void", "sold") else set()
        if item.is_frozen:
            reasons.add("unit_frozen")
        if self.activation and item.state != "on_sale":
            reasons.add("unit_not_on_sale")
        return reasons

    def not_so(self, item: Item, step: UnitStep) -> set[str]:
        """Every reason why something cannot be said of a unit."""
        if step is UnitStep.RELEASED and item.of.frozen and not item.frozen:
            return {"batch_frozen"}
        if step in (UnitStep.FROZEN, UnitStep.RELEASED):
            return {"unit_already"} if item.is_frozen is (step is UnitStep.FROZEN) else set()
        reasons = {"unit_void"} if item.state == "void" else set()
        if item.state == "sold" and step is not UnitStep.VOID:
            reasons.add("unit_sold")
        return reasons | ({"unit_already"} if item.state == step.value else set())

    def said(self, item: Item, step: UnitStep) -> None:
        if step in (UnitStep.FROZEN, UnitStep.RELEASED):
            item.frozen = step is UnitStep.FROZEN
        else:
            item.state = step.value

    def sold(self, items: list[Item], receipt: str) -> None:
        for item in items:
            item.state, item.receipt = "sold", receipt
        self.receipts[receipt] = list(items)

    def came_back(self, item: Item) -> None:
        item.state, item.receipt = ("void" if item.state == "void" else "returned"), ""

    # What happens

    def attempt(self, reasons: set[str], use_case: Callable[..., Any], **kwargs: Any) -> Any:
        """What a step came to; none where it is refused, as it must be for these reasons and for no other."""
        try:
            found = self.shop.terminal.write(partial(use_case, **kwargs)).result()
        except RefusedError as refused:
            assert refused.code in reasons, f"{refused.code} where {reasons or 'nothing'} was expected"
            self.outcomes[use_case.__name__, refused.code] += 1
            return None
        assert not reasons, f"not refused, in spite of {reasons}"
        self.outcomes[use_case.__name__, ""] += 1
        return found

    def issue(self) -> None:
        product, count = self.chance.choice((RICE, WATER, SCARF)), self.chance.randint(1, 7)
        batch, serials = self.shop.issue(product, count)
        pack = Pack(batch.name, product)
        pack.items = [Item(key, pack, place) for place, key in enumerate(serials)]
        assert len(serials) == count
        self.packs.append(pack)

    def part(self) -> tuple[Pack, int, int]:
        pack = self.chance.choice(self.packs)
        start = self.chance.randrange(len(pack.items))
        return pack, start, self.chance.randint(1, len(pack.items) - start)

    def print_part(self) -> None:
        pack, start, count = self.part()
        self.attempt(set(), codes.mark_printed, by=SYSTEM, batch=pack.name, start=start, count=count, medium="pdf")
        for item in pack.items[start : start + count]:
            pack.printed.add(item.place)
            if item.state == "issued":
                item.state = "printed"

    def put_part_on_sale(self) -> None:
        pack, start, count = self.part()
        text = f"{pack.name}:{start + 1}-{start + count}"
        self.attempt(set(), codes.say_of_batch, by=SYSTEM, text=text, step=UnitStep.ON_SALE)
        for item in pack.items[start : start + count]:
            if item.state in ON_HAND:
                item.state = "on_sale"

    def freeze_or_release_batch(self) -> None:
        pack, step = self.chance.choice(self.packs), self.chance.choice((UnitStep.FROZEN, UnitStep.RELEASED))
        reasons = {"batch_already"} if pack.frozen is (step is UnitStep.FROZEN) else set()
        if self.attempt(reasons, codes.say_of_batch, by=SYSTEM, text=pack.name, step=step):
            pack.frozen = step is UnitStep.FROZEN

    def say_of_units(self) -> None:
        from core.shop import units

        items, step = self.pick(3), self.chance.choice([*UnitStep, UnitStep.ON_SALE, UnitStep.RELEASED])
        reasons = set().union(*(self.not_so(item, step) for item in items))
        if len({item.key for item in items}) < len(items):
            reasons = {"unit_twice"}
        if self.attempt(reasons, units.say, by=SYSTEM, texts=[item.key for item in items], step=step):
            for item in items:
                self.said(item, step)

    def reprint(self) -> None:
        (item,) = self.pick(1)
        reasons = {"unit_void"} if item.state == "void" else set()
        if event := self.attempt(reasons, codes.reprint_label, by=SYSTEM, text=item.key):
            item.labels += 1
            assert event.copy == item.labels

    def change_activation(self) -> None:
        self.activation = not self.activation
        self.shop.set("activation", "yes" if self.activation else "no")

    def scan(self, items: list[Item], on_counter: list[Item]) -> list[Item]:
        """The units that went into the cart."""
        for item in items:
            reasons = self.not_for_sale(item) | ({"unit_in_cart"} if item in on_counter else set())
            text = self.chance.choice((item.key, self.shop.link(item.of.product, item.key)))
            if self.attempt(reasons, counter.scan, by=SYSTEM, text=text):
                on_counter.append(item)
        return on_counter

    def pay(self, reasons: set[str]) -> str:
        """The receipt, or nothing."""
        cart = self.shop.terminal.write(counter.look).result().cart
        payments = (Payment(TenderKind.CASH),) if cart.total > 0 else ()
        paid = self.attempt(reasons, counter.pay, by=SYSTEM, op=cart.op, payments=payments)
        if not paid:
            self.shop.empty_counter()
        return paid[0].receipt if paid else ""

    def sell(self) -> None:
        items = self.scan(self.pick(3), [])
        if self.chance.random() < 0.2:
            # Between the scan and the money somebody says something of it.
            self.say_of_units()
        if items and (receipt := self.pay(set().union(*map(self.not_for_sale, items)))):
            self.sold(items, receipt)

    def bring_back_one(self) -> Item | None:
        (item,) = self.pick(1)
        reasons = set() if item.receipt else {"unit_not_sold"}
        return item if self.attempt(reasons, counter.bring_back, by=SYSTEM, text=item.key) else None

    def take_back(self) -> None:
        if (item := self.bring_back_one()) and self.pay(set()):
            self.receipts[item.receipt].remove(item)
            self.came_back(item)

    def exchange(self) -> None:
        if back := self.bring_back_one():
            (other,) = self.pick(1)
            taken = self.scan([other], [back])[1:]
            before = back.receipt
            if receipt := self.pay(set()):
                self.receipts[before].remove(back)
                self.came_back(back)
                self.sold(taken, receipt)

    def take_receipt_back(self) -> None:
        if not self.receipts:
            return
        number = self.chance.choice(list(self.receipts))
        items = self.receipts[number]
        if not self.attempt(set() if items else {"nothing_left"}, counter.bring_back, by=SYSTEM, text=number):
            return
        if self.pay(set()):
            for item in items:
                self.came_back(item)
            self.receipts[number] = []

    def take_back_blind(self) -> None:
        """Of what this till issued and sold it knows the receipt, and needs it."""
        (item,) = self.pick(1)
        reasons = {"unit_on_receipt"} if item.receipt else {"unit_not_sold"}
        self.attempt(reasons, returns.blind_return_line, by=SYSTEM, text=item.key)

    def go(self, steps: int) -> None:
        happenings = {
            self.issue: 1, self.print_part: 2, self.put_part_on_sale: 3, self.freeze_or_release_batch: 1,
            self.say_of_units: 4, self.reprint: 1, self.change_activation: 1, self.sell: 6, self.take_back: 2,
            self.exchange: 1, self.take_receipt_back: 1, self.take_back_blind: 1,
        }  # fmt: skip
        self.issue()
        for _ in range(steps):
            self.chance.choices(list(happenings), list(happenings.values()))[0]()
            self.compare()

    # Whether both say the same

    def compare(self) -> None:
        def look(session: Session) -> tuple[list, list]:
            rows = [codes.batch_row(session, pack.name) for pack in self.packs]
            return rows, [queries.find(session.connection, item.key) for item in self.items]

        rows, units = self.shop.terminal.write(look).result()
        for item, unit in zip(self.items, units, strict=True):
            assert described(item) == (
                unit.key, unit.gtin, unit.batch, unit.ordinal, unit.state, unit.frozen, unit.receipt, unit.labels,
            )  # fmt: skip
        for pack, row in zip(self.packs, rows, strict=True):
            states = Counter(item.state for item in pack.items)
            on_hand = sum(states[state] for state in ON_HAND)
            frozen = sum(item.is_frozen for item in pack.items)
            found = row.balance
            assert row.batch.printed == len(pack.printed)
            assert (found.issued, found.on_hand, found.returned) == (len(pack.items), on_hand, states["returned"])
            assert (found.sold, found.void, found.missing, found.frozen) == (
                states["sold"], states["void"], states["missing"], frozen,
            )  # fmt: skip
            assert found.issued == found.on_hand + found.sold + found.void + found.missing


def described(item: Item) -> tuple[object, ...]:
    gtin = item.of.product.code
    return item.key, gtin, item.of.name, item.place, item.state, item.is_frozen, item.receipt, item.labels


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_the_register_says_what_happened(shop: Shop, tmp_path: Path, seed: int):
    history = History(shop, seed)
    history.go(STEPS)
    diagnosis = shop.diagnosis(full=True)
    assert diagnosis.ok, [check for check in diagnosis.checks if not check.ok]
    anew = connect_writer(tmp_path / "anew.db")
    facts = shop.terminal.read(lambda view: list(entries(view.connection))).result()
    rebuild(anew, iter(facts), PROJECTIONS, lambda: None)
    units = [queries.find(anew, item.key) for item in history.items]
    anew.close()
    assert [described(item) for item in history.items] == [
        (u.key, u.gtin, u.batch, u.ordinal, u.state, u.frozen, u.receipt, u.labels) for u in units if u
    ]
    # A history in which nothing was refused, or nothing done, would prove nothing.
    assert {use_case for use_case, code in history.outcomes if not code} >= {"scan", "pay", "say", "bring_back"}
    assert len({code for _, code in history.outcomes}) > 5
