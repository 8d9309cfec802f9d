"""What goes to head office beside the facts: the records of the members of whom they tell, sealed for it, and
withdrawals, which are not to wait for the facts before them.
"""

from __future__ import annotations

import os

import msgspec

from core import events, wire
from core.events import FactRehomed, MemberBound, MemberCorrected
from core.members import sealing
from core.members.queries import waiting_withdrawals
from core.members.record import commitment_of, packed
from core.shop import vault
from core.shop.terminal import View
from core.sync.hq import known_hq
from core.sync.streams import Batch, LocalStream
from core.wire import SealedRecord

_BEGINNINGS = (b'{"kind":"member.', b'{"kind":"fact.rehomed"')
"""Of facts that may tell of a record."""


def reader_of(view: View) -> str:
    """For whom head office is to seal the records of the store's members; empty for nobody."""
    keys = vault.keys_of(view)
    return wire.text_of(sealing.public_half(keys.reading)) if keys else ""


def records_of(view: View, batch: Batch) -> list[SealedRecord]:
    """The records of the members of whom facts tell, as far as they are kept."""
    members = {member: None for raw in batch.events if raw.startswith(_BEGINNINGS) for member in _member_in(raw)}
    hq = known_hq(view.connection) if members else None
    if hq is None or not hq.reader_key:
        return []
    reader = wire.read_reader(hq.reader_key, wire.bytes_of(hq.hq_key))
    found = []
    for member in members:
        if (record := vault.record_of(view, member)) is not None:
            content = packed(record)
            box = sealing.seal_for(reader, content, member, os.urandom)
            found.append(SealedRecord(member=member, commitment=commitment_of(content), box=box))
    return found


def ahead_of(view: View, stream: LocalStream, batch: Batch) -> list[bytes]:
    """Withdrawals that stand behind a batch in its stream."""
    return waiting_withdrawals(view.connection, stream.number, batch.last)[: wire.BATCH_EVENTS]


def _member_in(raw: bytes) -> list[str]:
    event = events.decode(raw)
    while isinstance(event, FactRehomed):
        try:
            event = events.decode(bytes(event.fact))
        except msgspec.MsgspecError:
            return []
    return [event.member] if isinstance(event, MemberBound | MemberCorrected) else []
