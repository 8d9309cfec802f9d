"""What head office says takes effect at this terminal, in the transaction in which it is kept.

Goods go into the catalogue's feed. People and settings become facts of this terminal, as if they were changed here. A
row that cannot hold here is kept, logged, and has no effect: it must not keep the later ones from arriving.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import partial

import msgspec

from core import wire
from core.catalogue import feed as goods
from core.catalogue.product import Product, product_code, tidy
from core.database import transaction
from core.errors import RefusedError
from core.journal import last_position
from core.shop import people, setup
from core.shop.terminal import SYSTEM, Session, Terminal
from core.sync import feeds
from core.wire import Page

_log = logging.getLogger(__name__)


def take_in(terminal: Terminal, page: Page) -> bool:
    """Keep a page. False where, at its channel's end, this terminal does not have what head office has; then the
    channel is told anew. Works in short jobs; the counter goes on.

    Raises:
        BrokenWorldError: a fault of this terminal's disk.
    """
    terminal.write(partial(_take, page=page)).result()
    if not page.last:
        return True
    while terminal.write(partial(_sweep, channel=page.channel)).result():
        pass
    return terminal.write(partial(_settle, page=page)).result()


def _take(session: Session, page: Page) -> None:
    _keep(session, page.channel, partial(feeds.take, session.connection, page))


def _sweep(session: Session, channel: str) -> bool:
    return _keep(session, channel, partial(feeds.sweep, session.connection, channel))


def _settle(session: Session, page: Page) -> bool:
    with transaction(session.connection):
        return feeds.settle(session.connection, page)


def _keep(session: Session, channel: str, step: Callable[[], list[str]]) -> bool:
    """Keep rows and let them take effect, both or neither. Returns whether anything is said otherwise."""
    effect = _EFFECTS.get(channel.partition(":")[0])
    try:
        with transaction(session.connection):
            changed = step()
            if effect:
                effect(session, changed)
    except BaseException:
        session.forget_people()
        session.forget_settings()
        raise
    return bool(changed)


def _sell_goods(session: Session, codes: Iterable[str]) -> None:
    changes: dict[str, Product | None] = {}
    for code in codes:
        body = feeds.said(session.connection, "catalogue", code)
        try:
            changes[code] = _product(code, body) if body else None
        except (msgspec.MsgspecError, RefusedError) as error:
            _left_alone("catalogue", code, error)
    if changes:
        goods.take(session.connection, changes, last_position(session.connection))


def _product(code: str, body: str) -> Product:
    if product_code(code) != code:
        raise RefusedError("bad_code", text=code[:40])
    row = msgspec.json.decode(body, type=wire.ProductRow)
    return tidy(Product(code, row.name, row.price, row.tax_rate, row.category, row.spec))


def _employ_people(session: Session, ids: Iterable[str]) -> None:
    for id_ in ids:
        try:
            if body := feeds.said(session.connection, "staff", id_):
                row = msgspec.json.decode(body, type=wire.PersonRow)
                people.change(session, SYSTEM, id_, row.name, row.role, active=row.active)
            elif gone := session.people.get(id_):
                people.change(session, SYSTEM, id_, gone.name, gone.role, active=False)
        except (msgspec.MsgspecError, RefusedError) as error:
            _left_alone("staff", id_, error)


def _change_settings(session: Session, names: Iterable[str]) -> None:
    for name in names:
        # What head office says no more stays as it was said last.
        if body := feeds.said(session.connection, "settings", name):
            try:
                row = msgspec.json.decode(body, type=wire.SettingRow)
                setup.change_setting(session, SYSTEM, name, row.value)
            except (msgspec.MsgspecError, RefusedError) as error:
                _left_alone("settings", name, error)


def _left_alone(scope: str, key: str, error: Exception) -> None:
    _log.warning("what head office says has no effect here: %s %s: %s", scope, key[:40], error)


_EFFECTS: Mapping[str, Callable[[Session, Iterable[str]], None]] = {
    "catalogue": _sell_goods,
    "staff": _employ_people,
    "settings": _change_settings,
}
