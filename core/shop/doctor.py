"""Is everything whole? The file, its schema, the chain of facts, what was derived from them, the stream's key."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from core import events
from core.catalogue import feed
from core.chain import chain, genesis
from core.database import SCHEMA_VERSION, Connection, SqliteError, connect_writer
from core.errors import BrokenWorldError
from core.events import TerminalSetUp
from core.journal import Entry, entries, last_position, rebuild
from core.members import vault as records
from core.members.queries import commitment_of
from core.sales.cart import Cart
from core.shop import vault
from core.shop.stream_keys import key_of
from core.shop.terminal import PROJECTIONS, View
from core.sync import feeds

_PROOF = re.compile(rf"v{SCHEMA_VERSION}-(?P<position>\d{{1,18}})-(?P<digest>[0-9a-f]{{64}})\.db", re.ASCII)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `detail` names what was found: for a fault, where it is."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All that was looked at; `events` counts the facts in the journal."""

    events: int
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)


class _FaultError(Exception):
    """What a check found."""


def examine(view: View, *, full: bool = False, tick: Callable[[int], None] = lambda _: None) -> Diagnosis:
    """Look at everything; changes nothing but the proof it keeps.

    Args:
        full: derive everything anew from the first fact, not from the last proof.
        tick: told the number of facts each step did.
    """
    connection = view.connection
    checks = [_run("file", lambda: _check_file(connection)), _run("schema", lambda: _check_schema(connection))]
    checks.append(_run("journal", lambda: _check_journal(connection, tick)))
    checks.append(_run("projections", lambda: _check_projections(view, full, tick)))
    checks.append(_run("feeds", lambda: _check_feeds(connection)))
    checks.append(_run("search", lambda: _check_search(connection)))
    checks.append(_run("counter", lambda: _check_counter(connection)))
    checks.append(_run("key", lambda: _check_key(view)))
    checks.append(_run("vault", lambda: _check_vault(view)))
    return Diagnosis(count_facts(view), tuple(checks))


def count_facts(view: View) -> int:
    """Facts in the journal; none where it cannot be read."""
    try:
        return int(view.connection.execute("SELECT count(*) FROM journal").fetchone()[0])
    except SqliteError:
        return 0


def _run(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except (_FaultError, SqliteError) as fault:
        return Check(name, False, str(fault))
    except Exception as fault:  # noqa: BLE001 - whatever a damaged file makes stumble is a finding, not an end
        return Check(name, False, f"cannot be looked at: {type(fault).__name__}: {fault}")


def _check_file(connection: Connection) -> str:
    found = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
    if found != ["ok"]:
        raise _FaultError("; ".join(found))
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    return f"{pages} pages"


def _check_schema(connection: Connection) -> str:
    with tempfile.TemporaryDirectory() as folder:
        model = connect_writer(Path(folder) / "model.db")
        wanted, found = _schema(model), _schema(connection)
        wanted_steps, found_steps = _steps(model), _steps(connection)
        model.close()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != SCHEMA_VERSION:
        raise _FaultError(f"version {version} where {SCHEMA_VERSION} belongs")
    if found_steps != wanted_steps:
        raise _FaultError(f"_sqlite_migrations: {sorted(found_steps ^ wanted_steps)} differ from the program's")
    faults = [f"{name} is missing" for name in wanted if name not in found]
    faults += [f"{name} does not belong here" for name in found if name not in wanted]
    faults += [f"{name} is not as it was made" for name in wanted if name in found and wanted[name] != found[name]]
    if faults:
        raise _FaultError("; ".join(faults))
    return f"{len(found)} tables and indexes"


def _steps(connection: Connection) -> set[str]:
    return {f"{kept}.{name}" for kept, name in connection.execute("SELECT migration_set, name FROM _sqlite_migrations")}


def _schema(connection: Connection) -> dict[str, str | None]:
    rows = connection.execute("SELECT type || ' ' || name, sql FROM sqlite_schema ORDER BY 1")
    # SQLite quotes the name of a table that was renamed and renamed back.
    return {name: " ".join(sql.replace('"', "").split()) if sql else sql for name, sql in rows}


@contextmanager
def _snapshot(connection: Connection) -> Iterator[None]:
    """Everything that is read inside is of one moment, while the counter goes on."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _check_journal(connection: Connection, tick: Callable[[int], None]) -> str:
    with _snapshot(connection):
        return _follow_journal(connection, tick)


def _follow_journal(connection: Connection, tick: Callable[[int], None]) -> str:
    heads = {}
    at = {}
    for number, stream, store, terminal, key, seq, head_hash in connection.execute(
        "SELECT number, id, store, terminal, public_key, seq, hash FROM stream"
    ):
        heads[number] = (seq, bytes(head_hash), (stream, store, terminal))
        at[number] = (0, genesis(stream, key))
    if not heads:
        raise _FaultError("there is no stream")
    place = 0
    for entry in entries(connection):
        if entry.stream not in at:
            raise _FaultError(f"fact {entry.position} belongs to no stream")
        seq, previous = at[entry.stream]
        if entry.seq != seq + 1 or entry.position != place + 1:
            raise _FaultError(f"facts {place + 1} to {entry.position - 1} are missing")
        if chain(previous, entry.seq, entry.raw) != entry.hash:
            raise _FaultError(f"fact {entry.position} is not what was recorded, or its hash is not")
        _check_fact(entry, heads[entry.stream][2])
        at[entry.stream], place = (entry.seq, entry.hash), entry.position
        tick(1)
    for number, (seq, head_hash, _) in heads.items():
        if at[number][0] != seq:
            raise _FaultError(f"facts behind {place} are missing: {seq - at[number][0]} removed from the end")
        if at[number][1] != head_hash:
            raise _FaultError("the head of the stream is not the hash of its last fact")
    return f"{place} facts"


def _check_fact(entry: Entry, owner: tuple[str, str, str]) -> None:
    try:
        event = events.decode(entry.raw)
    except msgspec.MsgspecError as error:
        raise _FaultError(f"fact {entry.position} cannot be read: {error}") from None
    if event.head.op != entry.op:
        raise _FaultError(f"fact {entry.position} stands under another command's id")
    if isinstance(event, TerminalSetUp) and (event.stream, event.store, event.terminal) != owner:
        raise _FaultError(f"the stream is not that of fact {entry.position}: {' '.join(owner)}")


def _check_projections(view: View, full: bool, tick: Callable[[int], None]) -> str:
    folder = view.home.proofs
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        scratch = Path(work) / "scratch.db"
        start = 0 if full else _start_from_proof(view, scratch)
        try:
            end = _derive_and_compare(view, scratch, start, tick)
        except _FaultError:
            if not start:
                raise
            # The proof may be from a version that derived otherwise: only the journal itself decides.
            scratch.unlink()
            end = _derive_and_compare(view, scratch, 0, tick)
        _keep_proof(view, scratch, end)
    return f"{len(_projection_tables())} tables derived anew from {'the first fact' if not start else f'fact {start}'}"


def _projection_tables() -> list[str]:
    return [table for projection in PROJECTIONS for table in projection.TABLES if not table.endswith("_words")]


def _derive_and_compare(view: View, scratch: Path, start: int, tick: Callable[[int], None]) -> int:
    """Derive what the journal says in a file of its own, and compare. Returns the last position."""
    connection, derived = view.connection, connect_writer(scratch)
    # A scratch file need not survive a power cut.
    derived.execute("PRAGMA synchronous=OFF")
    connection.execute("ATTACH ? AS derived", (f"{scratch.absolute().as_uri()}?mode=ro",))
    try:
        # One snapshot of the journal and of what is compared with it, while the counter goes on.
        connection.execute("BEGIN")
        end = last_position(connection)
        rebuild(derived, entries(connection, start), PROJECTIONS, lambda: tick(1))
        derived.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        faults = [fault for table in _projection_tables() if (fault := _difference(connection, table))]
        if faults:
            raise _FaultError("; ".join(faults))
        return end
    except msgspec.MsgspecError as error:
        raise _FaultError(f"the journal cannot be read: {error}") from None
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.execute("DETACH derived")
        derived.close()


def _difference(connection: Connection, table: str) -> str:
    """The first row of a table that is not what the journal says; empty when there is none."""
    for ours, theirs, what in (("main", "derived", "is not in the journal"), ("derived", "main", "is missing")):
        cursor = connection.execute(f"SELECT * FROM {ours}.{table} EXCEPT SELECT * FROM {theirs}.{table} LIMIT 1")
        if row := cursor.fetchone():
            columns = [column[0] for column in cursor.description]
            keys = [
                name
                for name, place in connection.execute(f"SELECT name, pk FROM pragma_table_info('{table}') WHERE pk")
                if place
            ]
            values = dict(zip(columns, row, strict=True))
            where = " AND ".join(f"{key} = ?" for key in keys)
            there = connection.execute(
                f"SELECT * FROM {theirs}.{table} WHERE {where}", [values[key] for key in keys]
            ).fetchone()
            key_text = ", ".join(f"{key} {values[key]}" for key in keys)
            if there is None:
                return f"{table}: row {key_text} {what}"
            changed = [
                f"{name} is {mine!r}, the journal says {other!r}"
                for name, mine, other in zip(columns, row, there, strict=True)
                if mine != other
            ]
            return f"{table}: row {key_text}: {', '.join(changed)}"
    return ""


def _proofs(view: View) -> Iterator[tuple[int, str, Path]]:
    for path in view.home.proofs.iterdir():
        if name := _PROOF.fullmatch(path.name):
            yield int(name["position"]), name["digest"], path


def _start_from_proof(view: View, scratch: Path) -> int:
    """Copy the newest proof that the journal still bears out. Returns the position it stands at, or 0."""
    for position, digest, path in sorted(_proofs(view), reverse=True):
        row = view.connection.execute("SELECT hash FROM journal WHERE position = ?", (position,)).fetchone()
        if row and row[0].hex() == digest:
            shutil.copyfile(path, scratch)
            return position
    return 0


def _keep_proof(view: View, scratch: Path, position: int) -> None:
    row = view.connection.execute("SELECT hash FROM journal WHERE position = ?", (position,)).fetchone()
    if not row:
        return
    kept = view.home.proofs / f"v{SCHEMA_VERSION}-{position}-{row[0].hex()}.db"
    scratch.replace(kept)
    for _, _, path in _proofs(view):
        if path != kept:
            path.unlink(missing_ok=True)


def _check_feeds(connection: Connection) -> str:
    with _snapshot(connection):
        kept, found = feed.kept_digest(connection), feed.computed_digest(connection)
        damaged = feeds.damaged(connection)
    if kept is not None and kept != found:
        raise _FaultError(f"{feed.FEED}: its {found[0]} rows are not the {kept[0]} that were imported")
    if damaged:
        raise _FaultError(f"{' '.join(damaged)}: not what head office said")
    return f"{found[0]} rows"


def _check_search(connection: Connection) -> str:
    for table in ("product", feed.FEED):
        for ours, theirs, what in (
            (f"SELECT id FROM {table}", f"SELECT rowid FROM {table}_words", "is not in the index"),
            (f"SELECT rowid FROM {table}_words", f"SELECT id FROM {table}", "is in the index and not in the table"),
        ):
            if row := connection.execute(f"{ours} EXCEPT {theirs} LIMIT 1").fetchone():
                raise _FaultError(f"{table}: row {row[0]} {what}")
    return "every product is in the index"


def _check_counter(connection: Connection) -> str:
    rows = connection.execute("SELECT slot, body FROM local_cart").fetchall()
    for slot, body in rows:
        try:
            msgspec.json.decode(body, type=Cart)
        except msgspec.MsgspecError as error:
            raise _FaultError(f"the open cart {slot} cannot be read: {error}") from None
    return f"{len(rows)} open carts"


def _check_vault(view: View) -> str:
    keys = vault.keys_of(view)
    kept = view.connection.execute("SELECT 1 FROM local_vault_hint LIMIT 1").fetchone()
    if keys is None:
        if kept:
            raise _FaultError("the key of the members' records is not there")
        return "no records"
    count, bad = records.unreadable(view.connection, keys, lambda member: commitment_of(view.connection, member))
    if bad:
        raise _FaultError(f"records that cannot be opened or are not what the facts say: {', '.join(bad[:5])}")
    return f"{count} records, their key in the {vault.where_key_lies(view)}"


def _check_key(view: View) -> str:
    stream = view.connection.execute("SELECT public_key FROM stream ORDER BY number DESC LIMIT 1").fetchone()
    if stream is None:
        raise _FaultError("there is no stream for this key")
    key_file = view.home.key
    try:
        if key_of(view.home, bytes(stream[0])) is None:
            raise _FaultError(f"{key_file.name} does not hold the key of this stream, nor does the system's keyring")
        shared = key_file.exists() and key_file.stat().st_mode & 0o077
    except (OSError, BrokenWorldError) as error:
        raise _FaultError(f"{key_file.name}: {error}") from None
    if shared and os.name == "posix":
        raise _FaultError(f"{key_file.name} can be read by others")
    return f"in {key_file.name}, readable by its owner only" if key_file.exists() else "in the system's keyring"
