"""import, product, scan."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import Any

from core import money
from core.catalogue.files import HEADERS, read_catalogue
from core.catalogue.product import Product, product_code
from core.errors import RefusedError, StoreError
from core.settings import Settings
from core.shop import goods, selling
from core.shop.terminal import Actor, Session, View
from core.staff.permissions import Permission
from core.texts import sentence, tr
from ui.cli.codes import shown_state
from ui.cli.output import Answer, Progress, optional, refused_lines, refused_rows, table
from ui.cli.session import actor, reader, writer
from ui.codes.words import STATES


def import_file(args: argparse.Namespace) -> Answer:
    """Take a catalogue file in."""
    mapping = dict(_mapping(text) for text in args.map or ())
    with writer(args) as terminal:
        by = actor(args, terminal)
        terminal.write(lambda session: session.require(by, Permission.IMPORT_GOODS)).result()
        currency = terminal.write(lambda session: session.settings.currency).result()
        file = read_catalogue(Path(args.file), currency, mapping)
        with Progress(2 * len(file.products), tr("Importing")) as tick:
            result = goods.import_catalogue(terminal, by, file, skip_bad=args.skip_bad, tick=tick)
    refused = refused_rows((bad.row, bad.reason) for bad in result.refused)
    lines = refused_lines(refused)
    document = {
        "added": result.added,
        "updated": result.updated,
        "unchanged": result.unchanged,
        "refused": refused,
    }
    if not result.done:
        return Answer(document, [*lines, sentence(RefusedError("rows_refused", count=len(refused)))], 1)
    lines.append(tr("{added} added, {updated} updated, {unchanged} unchanged", **document))
    return Answer(document, lines)


def _mapping(text: str) -> tuple[str, str]:
    field, _, column = text.partition("=")
    if field not in HEADERS or not column:
        raise RefusedError("bad_map", text=text[:40], fields=", ".join(HEADERS))
    return field, column


def product(args: argparse.Namespace) -> Answer:
    """Add, change or list products."""
    if args.action == "list":
        with reader(args) as (terminal, _):
            settings = terminal.read(lambda view: view.settings).result()
            found = terminal.read(partial(_list, text=args.code or "", limit=args.limit)).result()
        return Answer([_product(p) for p in found], _product_lines(found, settings))
    if not args.code:
        raise RefusedError("no_code")
    with writer(args) as terminal:
        settings = terminal.write(lambda session: session.settings).result()
        changed = terminal.write(partial(_change, by=actor(args, terminal), args=args)).result()
    return Answer(_product(changed), _product_lines([changed], settings))


def _list(view: View, text: str, limit: int) -> list[Product]:
    if text:
        return goods.search_products(view, text, limit)
    return [found for _, found in zip(range(limit), goods.all_products(view), strict=False)]


def _change(session: Session, by: Actor, args: argparse.Namespace) -> Product:
    code = product_code(args.code)
    known = goods.known_product(session, code)
    if args.action == "set" and known is None:
        raise RefusedError("unknown_product", code=args.code)
    if args.action == "add" and known:
        raise RefusedError("product_exists", code=args.code)
    before = known or Product(code, "")
    price = money.parse_amount(args.price, session.settings.currency) if args.price else before.price
    after = Product(
        code,
        args.name if args.name is not None else before.name,
        price,
        money.parse_rate(args.tax_rate) if args.tax_rate else before.tax_rate,
        args.category if args.category is not None else before.category,
        args.spec if args.spec is not None else before.spec,
    )
    goods.set_product(session, by, after)
    return goods.find_product(session, code)


def _product(p: Product) -> dict[str, Any]:
    return {
        "code": p.shown_code,
        "gtin": optional(p.gtin),
        "name": p.name,
        "spec": p.spec,
        "price": p.price,
        "tax_rate": money.format_rate(p.tax_rate) if p.tax_rate is not None else None,
        "category": p.category,
    }


def _product_lines(products: list[Product], settings: Settings) -> list[str]:
    rows = [(p.shown_code, p.label, str(settings.amount(p.price)) if p.price else "—", p.category) for p in products]
    return table(rows, right=(2,))


def scan(args: argparse.Namespace) -> Answer:
    """Say what a scanned text is."""
    with reader(args) as (terminal, _):
        texts = [line.rstrip("\r\n") for line in sys.stdin] if args.text == "-" else [args.text]
        settings = terminal.read(lambda view: view.settings).result()
        scans = [terminal.read(partial(selling.read_scan, text=text)).result() for text in texts]
    documents = [_scan(found) for found in scans]
    lines = [_scan_line(found, settings) for found in scans]
    return Answer(documents if args.text == "-" else documents[0], lines)


def _scan(found: selling.Scan) -> dict[str, Any]:
    keys = found.reading.keys
    product_found = found.product
    gtin = product_found.gtin if product_found else keys.gtin or (found.reading.code if found.kind == "product" else "")
    document: dict[str, Any] = {
        "kind": found.kind,
        "gtin": optional(gtin),
        "serial": optional(found.unit.serial if found.unit else keys.serial),
        "lot": optional(keys.lot),
        "expiry": optional(keys.expiry),
        "sscc": optional(keys.sscc),
        # A serial of a code that was made elsewhere is not in this terminal's register.
        "known": found.known and (found.kind == "unit" or not keys.serial),
    }
    if found.unit:
        document |= {"state": shown_state(found.unit), "batch": optional(found.unit.batch)}
    if product_found:
        document |= {"code": product_found.shown_code, "name": product_found.label, "price": product_found.price}
    if found.scale:
        document |= {"amount": found.scale.amount, "weight": found.scale.weight}
    if found.reason:
        document |= {"reason": found.reason, "message": _reason(found)}
    return document


def _scan_line(found: selling.Scan, settings: Settings) -> str:
    if found.product is None:
        return f"{found.kind}: {_reason(found)}" if found.reason else f"{found.kind}: {found.reading.keys.sscc}"
    price = settings.amount(found.product.price) if found.product.price else "—"
    serial = f" · {found.reading.keys.serial}" if found.reading.keys.serial else ""
    if found.unit:
        state = tr(STATES[found.unit.state])
        serial = f" · {found.unit.serial} · {state}"
    return f"{found.kind}: {found.product.shown_code} {found.product.label} {price}{serial}"


def _reason(found: selling.Scan) -> str:
    return sentence(StoreError(found.reason, code=selling.shown_code(found), unit=selling.shown_code(found)))
