"""What every fact has in common, and how facts become bytes and bytes become facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

MAX_EVENT_BYTES = 128 * 1024
"""No fact is larger: big work is many facts."""


class Head(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who, when and by which command.

    Attributes:
        op: id of the command, minted when its form was opened.
        digest: digest of what the command asked for (`core.ids.command_digest`).
        at: milliseconds since the epoch.
        offset: minutes east of UTC at the shop, at that instant.
        date: business date, ISO 8601.
        staff: id of the person who did it; `system` is whoever may open the folder.
        touchpoint: where it happened; the list is data.
    """

    op: str
    digest: str
    at: int
    offset: int
    date: str
    staff: str = "system"
    touchpoint: str = "counter"


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind"):
    """A fact. Each kind is one subclass with its own `tag` and its version in `v`."""

    v: int
    head: Head


class UnknownEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that this version cannot read: of a kind, or a version of a kind, from a newer one.

    It is kept, shipped and shown; no projection takes anything from it.
    """

    kind: str
    v: int
    head: Head
    raw: bytes


class _Envelope(msgspec.Struct, frozen=True):
    kind: str
    v: int
    head: Head


Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

_kinds: dict[str, type[Event]] = {}
_versions: dict[str, int] = {}
_upcasters: dict[tuple[str, int], Upcaster] = {}
_decoders: dict[str, msgspec.json.Decoder[Event]] = {}
_envelope = msgspec.json.Decoder(_Envelope)
_encoder = msgspec.json.Encoder()


def version(number: int) -> int:
    """The version of a kind of fact: the default of its `v`, written out in every event all the same."""
    value: int = msgspec.field(default_factory=lambda: number)
    return value


def fact(kind: type[Event]) -> type[Event]:
    """Class decorator: enter an event class into the vocabulary."""
    tag = kind.__struct_config__.tag
    assert isinstance(tag, str) and tag not in _kinds, f"event kind {tag!r} is taken"
    _kinds[tag] = kind
    _versions[tag] = next(f.default_factory() for f in msgspec.structs.fields(kind) if f.name == "v")
    _decoders[tag] = msgspec.json.Decoder(kind)
    return kind


def upcast(kind: str, from_version: int) -> Callable[[Upcaster], Upcaster]:
    """Decorator of a function that turns the fields of version `from_version` into those of the next."""

    def register(step: Upcaster) -> Upcaster:
        _upcasters[kind, from_version] = step
        return step

    return register


def kinds() -> dict[str, type[Event]]:
    """Every kind of fact by its tag."""
    return dict(_kinds)


def encode(event: Event) -> bytes:
    """The bytes of a fact: made once, then stored, sent and checked as they are."""
    return _encoder.encode(event)


def decode(raw: bytes) -> Event | UnknownEvent:
    """The fact in `raw`, of whatever version it was written.

    Raises:
        msgspec.DecodeError: when the bytes are no fact at all.
    """
    envelope = _envelope.decode(raw)
    kind, version = envelope.kind, envelope.v
    current = _versions.get(kind)
    if current is None or version > current:
        return UnknownEvent(kind=kind, v=version, head=envelope.head, raw=raw)
    if version == current:
        return _decoders[kind].decode(raw)
    fields: dict[str, Any] = msgspec.json.decode(raw)
    while version < current:
        fields = {**_upcasters[kind, version](fields), "v": version + 1}
        version += 1
    return msgspec.convert(fields, _kinds[kind])
