"""The shop's settings, as the facts left them."""

from __future__ import annotations

from core.database import Connection
from core.events import Event, SettingChanged, TerminalSetUp

TABLES = ("setting",)

_SET = "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


def check(connection: Connection, event: Event) -> None:
    """Settings are checked before they become facts (`core.settings.check_value`)."""


def apply(connection: Connection, position: int, event: Event) -> None:
    if isinstance(event, TerminalSetUp):
        names = ("store", "terminal", "name", "currency", "timezone")
        connection.executemany(_SET, [(name, getattr(event, name)) for name in names])
    elif isinstance(event, SettingChanged):
        connection.execute(_SET, (event.name, event.value))
