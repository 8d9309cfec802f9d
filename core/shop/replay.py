"""A file of transactions through the real checkout, basket by basket."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec

from core import money
from core.catalogue import queries
from core.catalogue.product import product_code
from core.catalogue.tables import decode, read_bytes
from core.clock import parse_date
from core.errors import RefusedError
from core.events import LineKind, SaleCompleted, TenderKind
from core.ids import command_digest, replay_id
from core.privacy import holds_phone
from core.sales import cart as carts
from core.sales.cart import Cart, CartLine
from core.sales.payment import Payment
from core.shop import members
from core.shop.replay_units import Pool
from core.shop.selling import checkout
from core.shop.terminal import Actor, Session, Terminal
from core.staff.permissions import Permission

_QUANTITY = re.compile(r"-?\d{1,6}", re.ASCII)
_NEEDED = ("date", "product_id", "quantity", "amount")
_BASKETS_IN_A_JOB = 20


@dataclass(frozen=True, slots=True)
class FileLine:
    """One line of the file. `amount` in minor units, of the whole line; a return has both numbers negative."""

    number: int
    code: str
    quantity: int
    amount: int


@dataclass(frozen=True, slots=True)
class Basket:
    """Lines that one customer bought together; `key` names it in its file. `customer` is the number of a member's
    card, or nobody's.
    """

    key: str
    date: str
    time: str
    lines: tuple[FileLine, ...]
    customer: str = ""


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that could not be replayed; nothing of its basket was."""

    line: int
    reason: RefusedError


@dataclass(slots=True)
class Replayed:
    """What went through. `units` and `revenue` net of returns; revenue in minor units."""

    baskets: int = 0
    lines: int = 0
    units: int = 0
    revenue: int = 0
    refused: list[RefusedLine] = field(default_factory=list)


def read_transactions(path: Path, currency: str) -> tuple[list[Basket], list[RefusedLine]]:
    """Baskets of a CSV file in the order in which they begin, and the lines that are unreadable.

    Raises:
        RefusedError: `no_column`, `bad_csv` and what a file as such can be refused for.
        BrokenWorldError: `file_unreadable`.
    """
    rows = csv.reader(io.StringIO(decode(read_bytes(path), path.name), newline=""))
    header = [name.strip().casefold() for name in next(rows, [])]
    for name in _NEEDED:
        if name not in header:
            raise RefusedError("no_column", column=name, file=path.name)
    column = {name: header.index(name) for name in (*_NEEDED, "time", "basket", "customer_id") if name in header}
    groups: dict[tuple[str, ...], list[FileLine]] = {}
    times: dict[tuple[str, ...], tuple[str, str]] = {}
    customers: dict[tuple[str, ...], str] = {}
    refused: list[RefusedLine] = []
    bad_baskets = set()
    try:
        for row in rows:
            if not row:
                continue
            number = rows.line_num
            cells = row + [""] * (len(header) - len(row))
            date = cells[column["date"]]
            customer = cells[column["customer_id"]] if "customer_id" in column else ""
            key: tuple[str, ...] = (date, customer)
            if "basket" in column and cells[column["basket"]]:
                key = (cells[column["basket"]],)
            try:
                if any(map(holds_phone, key)):
                    # Facts keep a digest of it for ever, and phones are too few for that.
                    raise RefusedError("phone_in_words")
                line = _line(number, cells, column, currency)
                moment = (parse_date(date), cells[column["time"]] if "time" in column else "")
            except RefusedError as reason:
                refused.append(RefusedLine(number, reason))
                bad_baskets.add(key)
                continue
            groups.setdefault(key, []).append(line)
            times.setdefault(key, moment)
            customers.setdefault(key, customer)
    except csv.Error:
        raise RefusedError("bad_csv", file=path.name, row=rows.line_num) from None
    baskets = [
        Basket("\x1f".join(key), *times[key], tuple(lines), customers[key])
        for key, lines in groups.items()
        if key not in bad_baskets
    ]
    return baskets, refused


def _line(number: int, cells: list[str], column: dict[str, int], currency: str) -> FileLine:
    quantity, amount = cells[column["quantity"]].strip(), money.parse_amount(cells[column["amount"]], currency)
    if not _QUANTITY.fullmatch(quantity) or not int(quantity) or amount * int(quantity) < 0:
        raise RefusedError("bad_quantity_in_file", text=quantity[:20])
    return FileLine(number, product_code(cells[column["product_id"]]), int(quantity), amount)


def replay(
    terminal: Terminal, by: Actor, baskets: Sequence[Basket], *, tick: Callable[[int], None], pool: Pool | None = None
) -> Replayed:
    """Send baskets through the counter. A basket that went through before is not repeated.

    Args:
        tick: told how many baskets each step did.
        pool: units that are sold piece by piece, where there are any.

    Raises:
        RefusedError: `not_allowed`.
    """
    terminal.write(lambda session: session.require(by, Permission.REPLAY)).result()
    result = Replayed()
    for start in range(0, len(baskets), _BASKETS_IN_A_JOB):
        chunk = baskets[start : start + _BASKETS_IN_A_JOB]
        for outcome in terminal.write(partial(_replay_some, by=by, baskets=chunk, pool=pool)).result():
            if isinstance(outcome, RefusedLine):
                result.refused.append(outcome)
            else:
                result.baskets += 1
                result.lines += len(outcome.lines)
                result.units += outcome.pieces
                result.revenue += outcome.net
        tick(len(chunk))
    return result


def _replay_some(
    session: Session, by: Actor, baskets: Sequence[Basket], pool: Pool | None
) -> list[SaleCompleted | RefusedLine]:
    outcomes: list[SaleCompleted | RefusedLine] = []
    for basket in baskets:
        if pool:
            pool.begin()
        try:
            outcomes.append(_replay_one(session, by, basket, pool))
            continue
        except _LineRefusedError as refused:
            outcomes.append(RefusedLine(refused.line, refused.reason))
        except RefusedError as reason:
            outcomes.append(RefusedLine(basket.lines[0].number, reason))
        if pool:
            pool.put_back()
    return outcomes


class _LineRefusedError(Exception):
    def __init__(self, line: int, reason: RefusedError) -> None:
        super().__init__(line, reason)
        self.line = line
        self.reason = reason


def _replay_one(session: Session, by: Actor, basket: Basket, pool: Pool | None) -> SaleCompleted:
    op = replay_id(session.settings["store"], basket.key)
    asked = "\n".join(f"{line.code} {line.quantity} {line.amount}" for line in basket.lines)
    digest = command_digest(f"{basket.date} {basket.time}\n{asked}".encode())
    whole = [_cart_line(session, line) for line in basket.lines]
    lines = whole if pool is None else _by_unit(basket, whole, pool)
    cart = Cart(op=op, lines=tuple(msgspec.structs.replace(line, n=n) for n, line in enumerate(lines, 1)))
    if basket.customer and (known := members.with_card(session, basket.customer)):
        cart = carts.for_member(cart, *known)
    payments = [Payment(TenderKind.OTHER, reference=op)] if cart.total else []
    # Without a time of day: noon, or the hour at which the business day begins where that is later.
    time = basket.time or f"{max(12, session.settings['day_cutover']):02}:00"
    at = session.calendar.instant(basket.date, time)
    return checkout(session, by, cart, payments, at=at, digest=digest)


def _by_unit(basket: Basket, lines: Sequence[CartLine], pool: Pool) -> list[CartLine]:
    """Lines of one piece each, as far as there are units for them."""
    split_lines: list[CartLine] = []
    for asked, line in zip(basket.lines, lines, strict=True):
        try:
            units = pool.take(line.code, line.quantity)
        except RefusedError as reason:
            raise _LineRefusedError(asked.number, reason) from None
        sign = 1 if line.quantity > 0 else -1
        amounts = money.split(asked.amount, [1] * abs(line.quantity))
        for unit, amount in zip(units, amounts, strict=False):
            one = msgspec.structs.replace(line, quantity=sign, charge=amount, serial=unit, unit=unit)
            split_lines.append(one)
        if left := abs(line.quantity) - len(units):
            charge = sum(amounts[len(units) :])
            split_lines.append(msgspec.structs.replace(line, quantity=sign * left, charge=charge))
    return split_lines


def _cart_line(session: Session, line: FileLine) -> CartLine:
    product = queries.find(session.connection, line.code)
    if product is None:
        raise _LineRefusedError(line.number, RefusedError("unknown_product", code=line.code))
    return CartLine(
        n=0,
        kind=LineKind.SALE if line.quantity > 0 else LineKind.BLIND,
        code=product.code,
        name=product.label,
        quantity=line.quantity,
        list_price=product.price,
        charge=line.amount,
        tax_rate=product.tax_rate if product.tax_rate is not None else session.settings["tax_rate"],
    )
