"""Facts about the shop and its terminal."""

from __future__ import annotations

from core.events.base import Event, fact, version


@fact
class TerminalSetUp(Event, frozen=True, kw_only=True, omit_defaults=True, tag="terminal.set_up"):
    """The first fact of a journal: which shop, which till, which money, whose day.

    Attributes:
        stream: id of the stream that this fact opens.
        currency: ISO 4217 code.
        timezone: IANA name.
    """

    v: int = version(1)
    stream: str
    store: str
    terminal: str
    name: str
    currency: str
    timezone: str


@fact
class SettingChanged(Event, frozen=True, kw_only=True, omit_defaults=True, tag="setting.changed"):
    """A setting was given a value, in the text form of `core.settings`."""

    v: int = version(1)
    name: str
    value: str
