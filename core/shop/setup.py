"""Opening a shop, and its settings."""

from __future__ import annotations

import re

from core.clock import Calendar
from core.database import transaction
from core.errors import RefusedError
from core.events import SettingChanged, TerminalSetUp
from core.ids import command_digest
from core.journal import open_stream
from core.settings import Settings, check_value
from core.shop.stream_keys import new_key
from core.shop.terminal import Actor, Session, head_at
from core.staff.permissions import Permission

_NAME = re.compile(r"[A-Za-z0-9_]{1,12}")


def is_set_up(session: Session) -> bool:
    """Whether this home has a shop in it."""
    return bool(session.connection.execute("SELECT 1 FROM setting WHERE name = 'store'").fetchone())


def set_up(
    session: Session, by: Actor, *, store: str, terminal: str, name: str = "", currency: str, timezone: str
) -> TerminalSetUp:
    """Make this home a terminal of a shop, once.

    Raises:
        RefusedError: `already_set_up`, `bad_name_of_store`, `bad_currency`, `bad_timezone`.
        BrokenWorldError: `home_unusable`.
    """
    # Imported late: needed once in a terminal's life.
    from babel.numbers import list_currencies

    if is_set_up(session):
        raise RefusedError("already_set_up", store=session.settings["store"])
    for text in (store, terminal):
        if not _NAME.fullmatch(text):
            raise RefusedError("bad_name_of_store", text=text[:40])
    if currency not in list_currencies():
        raise RefusedError("bad_currency", text=currency[:10])
    check_value("timezone", timezone)
    check_value("name", name)
    stream = _stream(session, store, terminal)
    op = session.ids.new()
    digest = command_digest(f"{store} {terminal} {name} {currency} {timezone}".encode())
    event = TerminalSetUp(
        # The first fact is what settings come from, so its own time zone tells its date.
        head=head_at(session.clock.now_ms(), Calendar(timezone), op, digest, by),
        stream=stream,
        store=store,
        terminal=terminal,
        name=name or store,
        currency=currency,
        timezone=timezone,
    )
    recorded = session.journal.record(op, digest, TerminalSetUp, lambda _: event)
    session.forget_settings()
    return recorded


def _stream(session: Session, store: str, terminal: str) -> str:
    """The id of the stream to write; a set-up that was cut off left one behind, with its key."""
    begun = session.connection.execute("SELECT id, store, terminal FROM stream").fetchone()
    if begun and begun[1:] == (store, terminal):
        return str(begun[0])
    public_key = new_key(session.home)
    stream = session.ids.new()
    with transaction(session.connection):
        session.connection.execute("DELETE FROM stream WHERE seq = 0")
        open_stream(session.connection, stream, store, terminal, public_key)
    return stream


def change_setting(session: Session, by: Actor, name: str, value: str) -> Settings:
    """Give a setting a value. Returns all settings.

    Raises:
        RefusedError: `unknown_setting`, `fixed_setting`, `bad_setting`, `not_allowed`.
    """
    session.require(by, Permission.CHANGE_SETTINGS)
    check_value(name, value)
    if session.settings.text(name) != value:
        op = session.ids.new()
        digest = command_digest(f"{name}={value}".encode())
        head = session.head(op, digest, by)
        session.journal.record(op, digest, SettingChanged, lambda _: SettingChanged(head=head, name=name, value=value))
        session.forget_settings()
    return session.settings
