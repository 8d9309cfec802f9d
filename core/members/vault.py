"""The vault of this terminal: the records of members, each sealed under a key of its own. Local: it is in no fact.

A record is deleted by overwriting its key in place, in a row that never moves: what an older page of the file or a
copy of it still holds of the record opens no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.database import Connection
from core.members import sealing
from core.members.record import Record, commitment_of, packed, unpacked
from core.members.sealing import Keys


def keep(connection: Connection, keys: Keys, member: str, record: Record, entropy: Callable[[int], bytes]) -> bool:
    """Keep a member's record. Returns whether one was kept before; it is deleted. Inside the caller's transaction."""
    replaced = shred(connection, member)
    key = entropy(sealing.KEY)
    slot = connection.execute(
        "INSERT INTO local_vault (member, key, record) VALUES (?, ?, ?)",
        (
            member,
            sealing.seal(keys.wrapping, key, member, entropy),
            sealing.seal(key, packed(record), member, entropy),
        ),
    ).lastrowid
    connection.executemany(
        "INSERT OR IGNORE INTO local_vault_hint (hint, slot) VALUES (?, ?)",
        [(hint, slot) for hint in _hints(keys, record)],
    )
    alike = [other for other in find(connection, keys, "phone", record.phone) if other != member]
    if alike:
        # The first of them stands for all.
        connection.execute("INSERT OR IGNORE INTO local_twin (member, other) VALUES (?, ?)", sorted((member, alike[0])))
    return replaced


def twins(connection: Connection) -> list[tuple[str, str]]:
    """Members with one phone, in pairs."""
    return connection.execute("SELECT member, other FROM local_twin ORDER BY member, other").fetchall()


def shred(connection: Connection, member: str) -> bool:
    """Delete a member's record for good. Returns whether there was one. Inside the caller's transaction; what was
    written of it before is gone from the log of writes when that is next folded into the file.
    """
    slots = [
        slot
        for (slot,) in connection.execute(
            "SELECT slot FROM local_vault WHERE member = ? AND key <> zeroblob(?)", (member, sealing.WRAPPED)
        )
    ]
    for slot in slots:
        # Of the same length, so that SQLite overwrites it where it stands.
        connection.execute(
            "UPDATE local_vault SET key = zeroblob(length(key)), record = zeroblob(length(record)) WHERE slot = ?",
            (slot,),
        )
        connection.execute("DELETE FROM local_vault_hint WHERE slot = ?", (slot,))
        connection.execute("DELETE FROM local_twin WHERE ?1 IN (member, other)", (member,))
    return bool(slots)


def record_of(connection: Connection, keys: Keys, member: str) -> Record | None:
    """A member's record; none where it is not here, or was sealed under a key that was lost."""
    row = connection.execute(
        "SELECT key, record FROM local_vault WHERE member = ? ORDER BY slot DESC LIMIT 1", (member,)
    ).fetchone()
    return _opened(keys, member, *row) if row else None


def find(connection: Connection, keys: Keys, kind: str, text: str) -> list[str]:
    """The members with this phone or card. Args: kind: `phone` or `card`."""
    rows = connection.execute(
        "SELECT v.member, v.key, v.record FROM local_vault_hint AS h JOIN local_vault AS v ON v.slot = h.slot"
        " WHERE h.hint = ? ORDER BY v.slot",
        (sealing.hint_of(keys.hinting, kind, text),),
    ).fetchall()
    opened = ((member, _opened(keys, member, key, record)) for member, key, record in rows)
    return [member for member, record in opened if record and getattr(record, kind) == text]


def records(connection: Connection, keys: Keys) -> Iterator[tuple[str, Record]]:
    """Every record that can be opened, by member."""
    for member, key, record in connection.execute("SELECT member, key, record FROM local_vault ORDER BY slot"):
        if opened := _opened(keys, member, key, record):
            yield member, opened


def unreadable(connection: Connection, keys: Keys, commitments: Callable[[str], str]) -> tuple[int, list[str]]:
    """How many records are kept, and whose cannot be opened or are not what the facts say.

    Args:
        commitments: what the facts say of a member's record; empty where only head office knows.
    """
    count, bad = 0, []
    for member, key, record in connection.execute("SELECT member, key, record FROM local_vault ORDER BY slot"):
        if bytes(key) == bytes(sealing.WRAPPED):
            continue
        count += 1
        opened = _opened(keys, member, key, record)
        said = commitments(member)
        if opened is None or (said and commitment_of(packed(opened)) != said):
            bad.append(member)
    return count, bad


def _opened(keys: Keys, member: str, key: bytes, record: bytes) -> Record | None:
    try:
        return unpacked(sealing.unseal(sealing.unseal(keys.wrapping, key, member), record, member))
    except (sealing.UnsealError, ValueError):
        return None


def _hints(keys: Keys, record: Record) -> list[int]:
    texts = (("phone", record.phone), ("card", record.card))
    return [sealing.hint_of(keys.hinting, kind, text) for kind, text in texts if text]
