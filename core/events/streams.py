"""Facts about the streams themselves."""

from __future__ import annotations

import msgspec

from core.events.base import Event, fact, version


@fact
class StreamContinued(Event, frozen=True, kw_only=True, omit_defaults=True, tag="stream.continued"):
    """The first fact of a stream that continues another: the home was restored or copied, or lost its key.

    Attributes:
        stream: id of the stream that this fact opens.
        before: id of the stream that it continues; facts behind `seq` there are told again in this one.
        reason: restored, cloned or lost_key.
    """

    v: int = version(1)
    stream: str
    before: str
    seq: int
    reason: str


@fact
class FactRehomed(Event, frozen=True, kw_only=True, omit_defaults=True, tag="fact.rehomed"):
    """A fact of the stream that this one continues, told again because it never became part of that one.

    Attributes:
        seq: where it stands in that stream.
        fact: its bytes as they were recorded.
    """

    v: int = version(1)
    stream: str
    seq: int
    fact: msgspec.Raw
