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


@fact
class TerminalChecked(Event, frozen=True, kw_only=True, omit_defaults=True, tag="terminal.checked"):
    """Head office asked whether everything is whole at the terminal, and this was found.

    Attributes:
        command: its name at head office.
        events: facts in the journal.
        faults: what is not whole; none where everything is.
    """

    v: int = version(1)
    command: str
    events: int
    faults: tuple[str, ...] = ()
