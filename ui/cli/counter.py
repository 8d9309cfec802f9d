"""sell, return, reprint, replay."""

from __future__ import annotations

import argparse
import re
import time
from functools import partial
from pathlib import Path
from typing import Any

from core import money
from core.errors import BrokenWorldError, RefusedError
from core.events import SaleCompleted, TenderKind
from core.sales import cart as carts
from core.sales.cart import Cart, CartLine
from core.sales.payment import Payment
from core.sales.queries import ReceiptQuery
from core.settings import Settings
from core.shop import members, replay, returns, rewards, selling
from core.shop.replay_units import issue_units, pieces
from core.shop.terminal import Actor, Session
from core.staff.permissions import Permission
from core.texts import readable, sentence, tr
from ui.cli.codes import reprint as reprint_label
from ui.cli.members import one_member
from ui.cli.output import Answer, Progress, optional, table
from ui.cli.session import actor, reader, writer

_ITEM = re.compile(r"(?P<code>.+?)(?:\*(?P<quantity>-?\d{1,9}))?(?:@(?P<price>[\d.,]+))?")
_RECEIPT = re.compile(r".+-\d{6}(?:\d{2})?-\d{4,}", re.ASCII)
_MOST_REFUSALS_SHOWN = 20


def sell(args: argparse.Namespace) -> Answer:
    """Sell items."""
    with writer(args) as terminal:
        event = terminal.write(partial(_sell, by=actor(args, terminal), args=args)).result()
        settings = terminal.write(lambda session: session.settings).result()
    return _receipt_answer(event, settings, args.pdf)


def _sell(session: Session, by: Actor, args: argparse.Namespace) -> SaleCompleted:
    currency = session.settings.currency
    cart = selling.new_cart(session, seller=args.guide or "")
    if args.member:
        cart = carts.for_member(cart, *members.buyer(session, one_member(session, by, args.member).id))
    for text in args.items:
        code, quantity, price = _item(session, text, currency)
        line = selling.line_of(session, by, selling.read_scan(session, code), quantity=quantity, price=price)
        cart = carts.add(cart, line)
    if args.discount:
        session.require(by, Permission.DISCOUNT)
        cart = _discounted(cart, args.discount, currency)
    if args.coupon:
        cart = rewards.use_coupon(session, cart, args.coupon)
    if args.points:
        cart = rewards.use_points(session, cart, args.points)
    cart = rewards.reward(session, cart)
    # Nothing said of paying: exact cash.
    offered = payments(args, currency) or [Payment(TenderKind.CASH)]
    return selling.checkout(session, by, cart, offered)


def _discounted(cart: Cart, texts: list[str], currency: str) -> Cart:
    for text in texts:
        line, _, value = text.partition("=")
        if not line.isdecimal():
            raise RefusedError("bad_item", text=text[:40])
        if value.endswith("%"):
            cart = carts.with_discount(cart, int(line), rate=money.parse_rate(value))
        else:
            cart = carts.with_discount(cart, int(line), amount=money.parse_amount(value, currency))
    return cart


def _item(session: Session, text: str, currency: str) -> tuple[str, int, int | None]:
    """As `parse_item`; but a code of the shop's own may hold signs that mean something there."""
    if selling.read_scan(session, text).known:
        return text, 1, None
    return parse_item(text, currency)


def parse_item(text: str, currency: str) -> tuple[str, int, int | None]:
    """`CODE`, `CODE*QUANTITY`, `CODE*QUANTITY@PRICE`: code, pieces, price of one in minor units.

    Raises:
        RefusedError: `bad_item`, `bad_amount`.
    """
    match = _ITEM.fullmatch(text.strip())
    if not match:
        raise RefusedError("bad_item", text=text[:40])
    price = money.parse_amount(match["price"], currency) if match["price"] else None
    return match["code"], int(match["quantity"] or 1), price


def payments(args: argparse.Namespace, currency: str) -> list[Payment]:
    """What the command line offers to pay with.

    Raises:
        RefusedError: for an amount or a reference that cannot be.
    """
    offered = []
    for kind in TenderKind:
        for text in getattr(args, kind.value, None) or ():
            if kind is TenderKind.CASH:
                amount = None if text == "exact" else money.parse_amount(text, currency)
                offered.append(Payment(kind, amount))
            else:
                reference, _, part = text.partition("=")
                offered.append(Payment(kind, money.parse_amount(part, currency) if part else None, reference))
    return offered


def bring_back(args: argparse.Namespace) -> Answer:
    """Take goods back, by receipt or without one."""
    with writer(args) as terminal:
        event = terminal.write(partial(_bring_back, by=actor(args, terminal), args=args)).result()
        settings = terminal.write(lambda session: session.settings).result()
    return _receipt_answer(event, settings, args.pdf)


def _bring_back(session: Session, by: Actor, args: argparse.Namespace) -> SaleCompleted:
    currency = session.settings.currency
    first, *rest = args.items
    if _RECEIPT.fullmatch(first):
        items = [_item(session, text, currency) for text in rest]
        if priced := next((text for text, item in zip(rest, items, strict=True) if item[2] is not None), ""):
            # What comes back on a receipt is worth what was paid for it.
            raise RefusedError("bad_item", text=priced[:40])
        lines = returns.return_lines(session, first, [item[:2] for item in items])
    else:
        lines = [
            line
            for code, quantity, price in (_item(session, text, currency) for text in args.items)
            for line in _line_back(session, by, code, quantity, price)
        ]
    cart = carts.for_member(selling.new_cart(session), *returns.buyer_of(session, lines))
    cart = returns.add_returns(cart, lines)
    return selling.checkout(session, by, cart, payments(args, currency))


def _line_back(session: Session, by: Actor, code: str, quantity: int, price: int | None) -> list[CartLine]:
    """One unit by its code, which knows its receipt; anything else without one."""
    unit = selling.read_scan(session, code).unit
    if unit and unit.receipt and (quantity, price) == (1, None):
        return returns.lines_back(session, code)
    return [returns.blind_return_line(session, by, code, quantity, price)]


def reprint(args: argparse.Namespace) -> Answer:
    """Find receipts, or print one or the label of a unit again."""
    if args.receipt is None or args.search:
        with reader(args) as (terminal, _):
            query = ReceiptQuery(text=args.receipt or "", start=args.day or "", end=args.day or "")
            found = terminal.read(partial(selling.find_receipts, query=query, limit=args.limit)).result()
            settings = terminal.read(lambda view: view.settings).result()
        document = [{"receipt": r.receipt, "date": r.date, "total": r.total, "copies": r.copies} for r in found]
        return Answer(document, table([(r.receipt, r.date, str(settings.amount(r.total))) for r in found], right=(2,)))
    with writer(args) as terminal:
        if terminal.read(partial(selling.read_scan, text=args.receipt)).result().unit:
            return reprint_label(args, terminal)
        event, copy = terminal.write(partial(selling.reprint, by=actor(args, terminal), number=args.receipt)).result()
        settings = terminal.write(lambda session: session.settings).result()
    answer = _receipt_answer(event, settings, args.pdf, copy.copy)
    return Answer({**answer.document, "copy": copy.copy}, answer.lines)


def _receipt_answer(event: SaleCompleted, settings: Settings, pdf: str | None, copy: int = 0) -> Answer:
    from core.sales.receipt import compose, plain_text

    document: dict[str, Any] = sale_document(event)
    slip = compose(event, settings, copy)
    lines = plain_text(slip)
    if pdf:
        try:
            write_receipt_pdf(slip, Path(pdf))
            document["pdf"] = readable(pdf)
        except BrokenWorldError as error:
            if copy:
                raise
            # The sale stands; who hears of the printer only would sell once more.
            document |= {"pdf": None, "pdf_error": sentence(error)}
            lines = [*lines, sentence(error)]
    return Answer(document, lines)


def write_receipt_pdf(slip: Any, path: Path) -> None:
    """Draw a receipt; Qt comes in here and not before.

    Raises:
        BrokenWorldError: `qt_missing`, `file_unwritable`.
    """
    from ui.platform import ready_to_draw

    ready_to_draw()
    from ui.printing.receipt import write_pdf

    try:
        write_pdf(slip, path)
    except OSError as error:
        raise BrokenWorldError("file_unwritable", file=path, detail=error.strerror) from error


def sale_document(event: SaleCompleted) -> dict[str, Any]:
    """A sale for scripts; money in minor units."""
    from core.codes.gs1 import gtin14

    paid = sum(tender.amount for tender in event.tenders) + event.change
    return {
        "sale": event.head.op,
        "receipt": event.receipt,
        "total": event.due,
        "paid": paid,
        "change": event.change,
        "lines": [
            {
                "gtin": line.code if len(line.code) == 14 and gtin14(line.code) else None,
                "code": line.code,
                "serial": optional(line.serial),
                "quantity": line.quantity,
                "amount": line.amount,
            }
            for line in event.lines
        ],
    }


def replay_file(args: argparse.Namespace) -> Answer:
    """Send a transactions file through the counter."""
    began = time.monotonic()
    with writer(args) as terminal:
        by = actor(args, terminal)
        terminal.write(lambda session: session.require(by, Permission.REPLAY)).result()
        settings = terminal.write(lambda session: session.settings).result()
        baskets, unreadable = replay.read_transactions(Path(args.file), settings.currency)
        pool = None
        if args.units:
            with Progress(len(pieces(baskets)), tr("Issuing")) as tick:
                pool = issue_units(terminal, by, baskets, tick)
        with Progress(len(baskets), tr("Replaying")) as tick:
            result = replay.replay(terminal, by, baskets, tick=tick, pool=pool)
    refused = [
        {"line": bad.line, "reason": bad.reason.code, "message": sentence(bad.reason)}
        for bad in sorted((*unreadable, *result.refused), key=lambda bad: bad.line)
    ]
    document = {
        "baskets": result.baskets,
        "lines": result.lines,
        "units": result.units,
        "revenue": result.revenue,
        "refused": refused,
        "seconds": round(time.monotonic() - began, 1),
    }
    lines = [tr("Line {line}: {message}", **bad) for bad in refused[:_MOST_REFUSALS_SHOWN]]
    lines.append(
        tr(
            "{baskets} baskets, {lines} lines, {units} pieces, {revenue}; {bad} lines refused",
            **{**document, "revenue": settings.amount(result.revenue), "bad": len(refused)},
        )
    )
    return Answer(document, lines, 1 if refused else 0)
