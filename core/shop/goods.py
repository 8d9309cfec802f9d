"""Goods: from a file, and by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from core.catalogue import feed, queries
from core.catalogue.commands import change_product
from core.catalogue.files import CatalogueFile, RefusedRow
from core.catalogue.product import Product, product_code
from core.codes.queries import place_of
from core.errors import BrokenWorldError, RefusedError
from core.events import CatalogueImported, ProductChanged
from core.ids import command_digest
from core.shop.terminal import Actor, Session, Terminal, View
from core.staff.permissions import Permission


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did, or, where rows were refused and not to be skipped, would have done."""

    added: int
    updated: int
    unchanged: int
    refused: tuple[RefusedRow, ...]
    done: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What a file does to one product; `before` is none for one that is new."""

    before: Product | None
    after: Product


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do, and the first of its changes."""

    added: int
    updated: int
    unchanged: int
    changes: tuple[Change, ...]


def preview_import(terminal: Terminal, file: CatalogueFile, most: int = 100) -> Preview:
    """Hold a checked file against the catalogue; nothing is changed.

    Args:
        most: changes to be listed.
    """
    added = updated = unchanged = 0
    listed: list[Change] = []
    for start in range(0, len(file.products), feed.CHUNK):
        chunk = file.products[start : start + feed.CHUNK]
        for change in terminal.read(partial(_changes, file=file, products=chunk)).result():
            if change.before == change.after:
                unchanged += 1
                continue
            added, updated = (added, updated + 1) if change.before else (added + 1, updated)
            if len(listed) < most:
                listed.append(change)
    return Preview(added, updated, unchanged, tuple(listed))


def _changes(view: View, file: CatalogueFile, products: Sequence[Product]) -> list[Change]:
    known = [queries.find(view.connection, product.code) for product in products]
    return [Change(before, file.over(before, product)) for before, product in zip(known, products, strict=True)]


def import_catalogue(
    terminal: Terminal,
    by: Actor,
    file: CatalogueFile,
    *,
    skip_bad: bool = False,
    tick: Callable[[int], None],
    stopped: Callable[[], bool] = lambda: False,
) -> ImportResult:
    """Take a checked file into the catalogue, all of it or nothing. Works in short jobs; the counter goes on.

    Args:
        skip_bad: leave refused rows out; without it one refused row refuses the file.
        tick: told how many rows each step did; there are two steps for each row.
        stopped: asked while nothing is changed yet whether to go on.

    Raises:
        RefusedError: `not_allowed`; `import_stopped`, with the catalogue as it was.
        BrokenWorldError: `import_unfinished` where it is recorded, and the rest follows when the terminal next opens.
    """
    terminal.write(lambda session: session.require(by, Permission.IMPORT_GOODS)).result()
    if file.refused and not skip_bad:
        return ImportResult(0, 0, 0, file.refused, done=False)
    import_id = terminal.ids.new()
    added = updated = unchanged = 0
    recorded = False
    try:
        for start in range(0, len(file.products), feed.CHUNK):
            if stopped():
                raise RefusedError("import_stopped")
            chunk = file.products[start : start + feed.CHUNK]
            staged = terminal.write(partial(_stage, import_id=import_id, file=file, products=chunk)).result()
            added, updated, unchanged = added + staged[0], updated + staged[1], unchanged + staged[2]
            tick(len(chunk))
        terminal.write(
            partial(_record_import, by=by, import_id=import_id, file=file, counts=(added, updated, unchanged))
        ).result()
        recorded = True
    finally:
        # Recorded, the rows move into the catalogue; not recorded, they move away.
        try:
            while terminal.write(partial(_merge, import_id=import_id)).result():
                tick(feed.CHUNK)
        except BrokenWorldError as broken:
            if recorded:
                raise BrokenWorldError("import_unfinished", file=file.name) from broken
            raise
    return ImportResult(added, updated, unchanged, file.refused, done=True)


def _stage(session: Session, import_id: str, file: CatalogueFile, products: Sequence[Product]) -> tuple[int, int, int]:
    changes = [(change.before, change.after) for change in _changes(session, file, products)]
    return feed.stage(session.connection, import_id, changes)


def _merge(session: Session, import_id: str) -> bool:
    return feed.merge(session.connection, import_id)


def _record_import(
    session: Session, by: Actor, import_id: str, file: CatalogueFile, counts: tuple[int, int, int]
) -> CatalogueImported:
    digest = command_digest(file.sha256.encode())
    head = session.head(import_id, digest, by)
    added, updated, unchanged = counts
    event = CatalogueImported(
        head=head,
        file=file.name,
        sha256=file.sha256,
        added=added,
        updated=updated,
        unchanged=unchanged,
        skipped=len(file.refused),
    )
    return session.journal.record(import_id, digest, CatalogueImported, lambda _: event)


def set_product(session: Session, by: Actor, product: Product) -> ProductChanged:
    """Add a product, or change the one of that code to be as given.

    Raises:
        RefusedError: `bad_price`, `bad_name`, `not_allowed`; `code_taken` where it is the code of a unit.
    """
    session.require(by, Permission.CHANGE_GOODS)
    if not product.gtin and place_of(session.connection, product.code):
        raise RefusedError("code_taken", unit=product.code)
    op = session.ids.new()
    digest = command_digest(repr(product).encode())
    event = change_product(session.head(op, digest, by), product)
    return session.journal.record(op, digest, ProductChanged, lambda _: event)


def known_product(view: View, text: str) -> Product | None:
    """The product of a code in any of its forms, if there is one.

    Raises:
        RefusedError: `bad_code`.
    """
    return queries.find(view.connection, product_code(text))


def find_product(view: View, text: str) -> Product:
    """The product of a code in any of its forms.

    Raises:
        RefusedError: `unknown_product`.
    """
    product = known_product(view, text)
    if product is None:
        raise RefusedError("unknown_product", code=text[:40])
    return product


def count_products(view: View) -> int:
    """How many products there are."""
    return queries.count(view.connection)


def product_page(view: View, after: str = "", limit: int = 100) -> list[Product]:
    """The catalogue in order of code, from behind `after`."""
    return queries.page(view.connection, after, limit)


def search_products(view: View, text: str, limit: int = 50) -> list[Product]:
    """Products by code, name or pinyin initials."""
    return queries.search(view.connection, text, limit)


def all_products(view: View) -> Iterable[Product]:
    """The whole catalogue in order of code, a page at a time."""
    after = ""
    while page := queries.page(view.connection, after):
        yield from page
        after = page[-1].code
