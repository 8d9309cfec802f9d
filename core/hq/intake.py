"""A push comes in: the facts, and what comes beside them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection

from core.events import MemberBound, MemberCorrected
from core.hq import admission, members, reading, vault
from core.hq.admission import Head
from core.hq.database import Database
from core.hq.home import HqHome
from core.hq.refusal import NotAcceptedError
from core.hq.schema import STORE
from core.hq.streams import hold, put_if_new
from core.hq.vault import Arrived
from core.wire import BATCH_EVENTS, Certificate, Push


def take_in(db: Database, home: HqHome, by: Certificate, push: Push, now_ms: int) -> Head:
    """Take a push in.

    Args:
        by: the certificate of the stream that signed the request.

    Raises:
        NotAcceptedError: as `admission.admit`; `malformed` for more than a push can bring.
        BrokenWorldError: `hq_database`, `home_unusable`.
    """
    if len(push.ahead) > BATCH_EVENTS:
        raise NotAcceptedError(400, "malformed")
    if not push.records and not push.ahead:
        return admission.admit(db, by, push, now_ms)
    # A record without a fact would be nobody's, and nobody would ever ask for its deletion.
    told = _members_in(by, push) if push.records else set()
    records = vault.unpack(home.vault_keys(), [record for record in push.records if record.member in told])
    beside = partial(_take_beside, by=by, records=records, ahead=push.ahead, now_ms=now_ms)
    return admission.admit(db, by, push, now_ms, beside)


def _members_in(by: Certificate, push: Push) -> set[str]:
    """The members of whose records facts of a push tell."""
    found = (reading.read(by.terminal, by.stream, 0, raw).event for raw in push.events)
    return {event.member for event in found if isinstance(event, MemberBound | MemberCorrected)}


def _take_beside(
    connection: Connection, by: Certificate, records: Sequence[Arrived], ahead: Sequence[bytes], now_ms: int
) -> None:
    # Head office may have been brought back from before it knew the store.
    put_if_new(connection, STORE, store_id=by.store)
    hold(connection, by.store)
    members.take_in(connection, by, records, ahead, now_ms)
