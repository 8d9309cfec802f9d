"""Prices that head office sets for days to come, and for a while.

A dated price becomes the catalogue's on its day. A promotion leaves the catalogue as it is: while it holds, less is
charged where the product costs more. What is said to this terminal comes before what is said to its store, that before
what is said to the chain; of prices at one of these, the latest holds, of promotions the lowest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from core.catalogue import feed as goods
from core.catalogue import queries
from core.catalogue.product import Product
from core.database import Connection, transaction
from core.journal import last_position
from core.rows import PriceRow, ProductRow, PromotionRow, read
from core.sync import feeds

if TYPE_CHECKING:
    from core.shop.terminal import Session, View

_AT_ONCE = 250
"""Prices that change in one job."""


def dated(product: Product, connection: Connection, today: str) -> Product:
    """A product at the price that was set for a date, once that date has come."""
    for rows in feeds.under(connection, "prices", f"{product.code}:"):
        held = {date: row for date, body in rows.items() if date <= today and (row := read(body, PriceRow))}
        if held:
            return replace(product, price=held[max(held)].price or None)
    return product


def promoted(view: View, product: Product) -> Product:
    """A product at the price of a promotion that holds today, where that is lower."""
    today = ""
    for rows in feeds.under(view.connection, "promotions", f"{product.code}:"):
        today = today or view.today()
        said = ((date, read(body, PromotionRow)) for date, body in rows.items())
        held = [row.price for date, row in said if row and date <= today <= row.until]
        if held and product.price is not None:
            return replace(product, price=min(product.price, *held) or product.price)
    return product


def change_prices(session: Session, codes: Iterable[str]) -> None:
    """Give the products that there are here the prices that hold today. Inside the caller's transaction."""
    changes: dict[str, Product | None] = {}
    for code in codes:
        product = queries.find(session.connection, code)
        if product is None:
            continue
        priced = product
        if row := read(feeds.said(session.connection, "catalogue", code), ProductRow):
            # Where no dated price holds any more, head office's own one does again.
            priced = replace(product, price=row.price or None)
        priced = dated(priced, session.connection, session.today())
        if priced != product:
            changes[code] = priced
    if changes:
        goods.take(session.connection, changes, last_position(session.connection))


def take_effect(session: Session, after: str = "") -> str:
    """Let prices whose day has come become the catalogue's, some of them in each job.

    Args:
        after: what the job before returned.

    Returns:
        Where the next job goes on; empty where all are done.
    """
    connection = session.connection
    if not feeds.has_any(connection, "prices"):
        return ""
    today = session.today()
    row = connection.execute("SELECT date FROM feed_price_day").fetchone()
    if row and row[0] >= today:
        return ""
    due = feeds.dated_keys(connection, "prices", row[0] if row else "", today, behind=after, limit=_AT_ONCE)
    if due or after:
        with transaction(connection):
            change_prices(session, dict.fromkeys(key.rpartition(":")[0] for key in due))
            if not due:
                keep_day(session)
    return due[-1] if due else ""


def keep_day(session: Session) -> None:
    """The prices of today are those of the catalogue. Inside the caller's transaction."""
    session.connection.execute("INSERT OR REPLACE INTO feed_price_day (one, date) VALUES (1, ?)", (session.today(),))
