"""A push comes in: first what comes beside the facts, then the facts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection

from core.hq import admission, members, vault
from core.hq.admission import Head
from core.hq.database import Database
from core.hq.home import HqHome
from core.hq.projector import hold
from core.hq.refusal import NotAcceptedError
from core.hq.schema import STORE
from core.hq.streams import put_if_new
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
    if push.records or push.ahead:
        # First: once the facts are acknowledged, nobody sends what belongs to them again.
        records = vault.unpack(home.vault_keys(), push.records)
        db.write(partial(_take_beside, by=by, records=records, ahead=push.ahead, now_ms=now_ms))
    return admission.admit(db, by, push, now_ms)


def _take_beside(
    connection: Connection, by: Certificate, records: Sequence[Arrived], ahead: Sequence[bytes], now_ms: int
) -> None:
    # Head office may have been brought back from before it knew the store.
    put_if_new(connection, STORE, store_id=by.store)
    hold(connection, by.store)
    members.take_in(connection, by, records, ahead, now_ms)
