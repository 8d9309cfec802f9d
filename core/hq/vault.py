"""Head office's vault: members' records, which come beside the facts and go when somebody asks for it.

Each is sealed under a key of its own, and that under the vault's. It is deleted by overwriting it where it stands;
then the database is asked to leave no trace of what was there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from core.hq.database import Database
from core.hq.refusal import NotAcceptedError
from core.hq.schema import PERSON, RECORD, REPLY
from core.hq.streams import put_if_new
from core.members import sealing
from core.members.record import commitment_of, unpacked
from core.members.sealing import Keys, UnsealError
from core.wire import SealedRecord

KEPT, OVERWRITTEN, GONE = range(3)

NOWHERE = ""
"""The store of a record that came with an answer, while it is not known whose it is."""

_AT_ONCE = 500
_MEMBER = re.compile(r"[!-~]{1,64}", re.ASCII)
"""Ids of members as they can be."""

MOST_RECORDS = 1_000
"""That one push brings."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A record that came in, sealed under a key of its own."""

    member: str
    commitment: str
    secret: bytes
    body: bytes


def unpack(keys: Keys, records: Iterable[SealedRecord], entropy: Callable[[int], bytes] = os.urandom) -> list[Arrived]:
    """Open records that were sealed for head office, and seal them for its vault. What cannot be opened, or is not
    what was committed to, is left out: the facts stand all the same.

    Raises:
        NotAcceptedError: `malformed` for more than a push can bring.
    """
    found = list(records)
    if len(found) > MOST_RECORDS:
        raise NotAcceptedError(400, "malformed")
    arrived = []
    for record in found:
        if not _MEMBER.fullmatch(record.member):
            continue
        try:
            plain = sealing.open_sealed(keys.reading, record.box, record.member)
            unpacked(plain)
        except (UnsealError, ValueError):
            continue
        if commitment_of(plain) == record.commitment:
            arrived.append(sealed(keys, record.member, plain, entropy))
    return arrived


def sealed(keys: Keys, member: str, plain: bytes, entropy: Callable[[int], bytes] = os.urandom) -> Arrived:
    """A record as it is kept: under a key of its own."""
    key, commitment = entropy(sealing.KEY), commitment_of(plain)
    secret = sealing.seal(keys.wrapping, key, commitment, entropy)
    return Arrived(member, commitment, secret, sealing.seal(key, plain, commitment, entropy))


def keep(connection: Connection, store: str, arrived: Iterable[Arrived]) -> None:
    """Keep records of a store's members; what is there already stays, also where it was deleted. Inside the caller's
    transaction.
    """
    for one in arrived:
        put_if_new(
            connection,
            RECORD,
            store_id=store,
            member_id=one.member,
            commitment=one.commitment,
            state=KEPT,
            secret=one.secret,
            body=one.body,
        )


def shred(connection: Connection, store: str, member: str, only: Iterable[str] | None = None) -> None:
    """Overwrite a member's records. Inside the caller's transaction.

    Args:
        only: those of these commitments; all, if not given: then nobody is recognised as that member any more.
    """
    if only is None:
        _forget_person(connection, store, member)
    where = [RECORD.c.store_id == store, RECORD.c.member_id == member, RECORD.c.state == KEPT]
    if only is not None:
        where.append(RECORD.c.commitment.in_(sorted(only)))
    rows = connection.execute(
        select(RECORD.c.commitment, func.length(RECORD.c.secret), func.length(RECORD.c.body)).where(*where)
    ).all()
    for commitment, secret, body in rows:
        connection.execute(
            update(RECORD)
            .where(RECORD.c.store_id == store, RECORD.c.member_id == member, RECORD.c.commitment == commitment)
            .values(state=OVERWRITTEN, secret=bytes(secret), body=bytes(body))
        )


def _forget_person(connection: Connection, store: str, member: str) -> None:
    """Nobody is recognised as a member any more, and what they answered that is not decided yet is no yes any more."""
    where = (PERSON.c.store_id == store) & (PERSON.c.member_id == member)
    for mark in list(connection.execute(select(PERSON.c.mark).where(where)).scalars()):
        shred(connection, NOWHERE, mark, only=_commitments(connection, mark))
        connection.execute(update(REPLY).where(REPLY.c.person == mark).values(purposes="", commitment=""))
    connection.execute(delete(PERSON).where(where))


def _commitments(connection: Connection, mark: str) -> list[str]:
    where = (RECORD.c.store_id == NOWHERE) & (RECORD.c.member_id == mark)
    return list(connection.execute(select(RECORD.c.commitment).where(where)).scalars())


def leave_no_trace(db: Database) -> bool:
    """Finish what was overwritten. False where it is to be tried again.

    Raises:
        BrokenWorldError: `hq_database`.
    """
    keys = (RECORD.c.store_id, RECORD.c.member_id, RECORD.c.commitment)
    waits = select(*keys).where(RECORD.c.state == OVERWRITTEN).order_by(*keys).limit(_AT_ONCE)
    while waiting := db.read(lambda connection: connection.execute(waits).all()):
        if not db.leave_no_trace(RECORD.name):
            return False
        # Only those: others may have been overwritten since.
        db.write(partial(_mark_gone, waiting=waiting))
    return True


def _mark_gone(connection: Connection, waiting: Sequence[Any]) -> None:
    for store, member, commitment in waiting:
        where = (RECORD.c.store_id == store) & (RECORD.c.member_id == member) & (RECORD.c.commitment == commitment)
        connection.execute(update(RECORD).where(where).values(state=GONE))


def sealed_for(
    connection: Connection, keys: Keys, store: str, reader: bytes, wanted: Mapping[str, str]
) -> list[SealedRecord]:
    """The records of members, sealed for a terminal.

    Args:
        reader: its public half.
        wanted: members, and what was committed to of each.
    """
    rows = connection.execute(
        select(RECORD.c.member_id, RECORD.c.commitment, RECORD.c.secret, RECORD.c.body).where(
            RECORD.c.store_id == store, RECORD.c.state == KEPT, RECORD.c.member_id.in_(sorted(wanted))
        )
    ).all()
    return [
        SealedRecord(member=row.member_id, commitment=row.commitment, box=box)
        for row in rows
        if wanted[row.member_id] == row.commitment and (box := _sealed_again(keys, reader, row)) is not None
    ]


def _sealed_again(keys: Keys, reader: bytes, row: Any) -> bytes | None:
    try:
        key = sealing.unseal(keys.wrapping, bytes(row.secret), row.commitment)
        plain = sealing.unseal(key, bytes(row.body), row.commitment)
        return sealing.seal_for(reader, plain, row.member_id, os.urandom)
    except (UnsealError, ValueError):
        return None
