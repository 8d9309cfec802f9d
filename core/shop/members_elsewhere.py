"""Members of the store whom other tills bound: what head office tells of them, and their records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.members import feed, sealing
from core.members.queries import others, standing
from core.members.record import commitment_of, packed, unpacked
from core.members.sealing import UnsealError
from core.rows import MemberRow
from core.shop import members, vault
from core.shop.terminal import Session
from core.wire import SealedRecord


def know_members(session: Session, rows: Mapping[str, MemberRow | None]) -> set[str]:
    """Keep what is told of members. The record of one who left is deleted, and one that was set right elsewhere: nobody
    is to be called by an old number while the right one is on its way. Head office is told again who left, where it
    was brought back from before it knew, and whoever told it from before they said so. Inside the caller's transaction.

    Returns:
        Those who were not known here before.
    """
    new = {member for member in rows if standing(session.connection, member) is None}
    for member, state in feed.take(session.connection, rows).items():
        members.say_gone(session, member, erased=state == "erased")
    for member in rows:
        _go_together(session, member)
        now = standing(session.connection, member)
        if now is None:
            continue
        kept = vault.record_of(session, member) if now.is_active else None
        if not now.is_active or (kept and commitment_of(packed(kept)) != now.commitment):
            vault.shred(session, member)
    return new


def _go_together(session: Session, member: str) -> None:
    """Who is the same person as somebody who left has left as well: whoever said that had not heard of the other."""
    now = standing(session.connection, member)
    if now is None:
        return
    other = standing(session.connection, now.same_as) if now.same_as else None
    pairs = [(member, other)] if other else []
    pairs += [(one, now) for one in others(session.connection, member)]
    for one, gone in pairs:
        known = standing(session.connection, one)
        if known and known.is_active and not gone.is_active:
            members.say_gone(session, one, erased=gone.state == "erased")
            vault.shred(session, one)


def take_records(session: Session, records: Iterable[SealedRecord]) -> None:
    """Keep records that are what is said of active members, where they are not here yet. Inside the caller's
    transaction.
    """
    keys = vault.keys_of(session)
    for record in records if keys else ():
        assert keys
        now = standing(session.connection, record.member)
        if now is None or not now.is_active or now.commitment != record.commitment:
            continue
        kept = vault.record_of(session, record.member)
        if kept and commitment_of(packed(kept)) == record.commitment:
            continue
        try:
            content = sealing.open_sealed(keys.reading, record.box, record.member)
            if commitment_of(content) == record.commitment:
                vault.keep(session, record.member, unpacked(content))
        except (UnsealError, ValueError):
            # Sealed for another key than this terminal's: it is told again when it asks anew.
            continue
