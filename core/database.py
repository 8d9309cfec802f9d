"""The one way to open the shop's file and to write it.

`connect` makes a connection, `transaction` is the only place that begins and commits. Nothing else in the house opens
SQLite.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import BrokenWorldError

if TYPE_CHECKING:
    import sqlite3
else:
    from pysqlite3 import dbapi2 as sqlite3

Connection = sqlite3.Connection
SqliteError = sqlite3.Error

SCHEMA_VERSION = 10
"""`PRAGMA user_version` of a file that has every migration; raised with each new one."""

APPLICATION_ID = 0x53544F52  # "STOR"

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # NORMAL does not sync at commit: a power cut would take sales back that were called saved.
    "PRAGMA synchronous=FULL",
    "PRAGMA fullfsync=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cell_size_check=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA secure_delete=ON",
    "PRAGMA journal_size_limit=16777216",
    "PRAGMA cache_size=-16000",
)


def sqlite_is_sound(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the WAL-reset fault (fixed in 3.51.3, 3.50.7 and 3.44.6), which loses commits."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def _open(path: Path, *, read_only: bool) -> Connection:
    """The factory below everything: tests put a faulty disk here."""
    mode = "ro" if read_only else "rwc"
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=5, cached_statements=512
    )


def connect(path: Path, *, read_only: bool = False) -> Connection:
    """Open a file and set it up; the schema is left as it is.

    Raises:
        BrokenWorldError: `sqlite_unsafe`, `file_newer` (written by a newer version), `not_a_store`, or a disk's fault.
    """
    if not sqlite_is_sound(sqlite3.sqlite_version_info):
        raise BrokenWorldError("sqlite_unsafe", version=sqlite3.sqlite_version)
    with broken_world(path):
        connection = _open(path, read_only=read_only)
        try:
            application = connection.execute("PRAGMA application_id").fetchone()[0]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > SCHEMA_VERSION:
                raise BrokenWorldError("file_newer", file=path.name, version=version, known=SCHEMA_VERSION)
            fresh = not (application or version or connection.execute("SELECT 1 FROM sqlite_schema").fetchone())
            if application != APPLICATION_ID and not fresh:
                raise BrokenWorldError("not_a_store", file=path.name)
            for pragma in _PRAGMAS:
                if not (read_only and "journal" in pragma):
                    connection.execute(pragma).fetchall()
        except BaseException:
            connection.close()
            raise
    return connection


def connect_writer(path: Path) -> Connection:
    """The read-write connection, with the schema brought up to date.

    Raises:
        BrokenWorldError: as `connect`.
    """
    connection = connect(path)
    try:
        if connection.execute("PRAGMA user_version").fetchone()[0] < SCHEMA_VERSION:
            # Imported late: the ordinary start of the program finds the schema in place.
            from core.migrations import migrate

            with broken_world(path):
                migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def truncate_log(connection: Connection) -> bool:
    """Fold the write-ahead log into the file, and leave nothing in it. False, at once, where somebody reads from it, or
    the disk does not take it now; nothing is lost by that.
    """
    (patience,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout=0").fetchall()
    try:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:
        return False
    finally:
        connection.execute(f"PRAGMA busy_timeout={patience}").fetchall()
    return not busy


@contextmanager
def broken_world(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a disk or a file into `BrokenWorldError`; our own mistakes pass as they are.

    Raises:
        BrokenWorldError: `disk_full`, `disk_failed`, `file_damaged`, `file_read_only`, `file_busy`.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = _WORLD.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        if code is None:
            raise
        # Imported late: a window stands before it needs a log.
        import logging

        logging.getLogger(__name__).error("%s: %s (%s)", path.name, error, code)
        raise BrokenWorldError(code, file=path.name, detail=error) from error


_BUSY = 5

# Primary result codes of SQLite: BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB.
_WORLD = {
    _BUSY: "file_busy",
    6: "file_busy",
    8: "file_read_only",
    10: "disk_failed",
    11: "file_damaged",
    13: "disk_full",
    14: "file_closed",
    26: "file_damaged",
}


_WHOLE = ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
_PART = ("SAVEPOINT part", "RELEASE part", ("ROLLBACK TO part", "RELEASE part"))


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """BEGIN IMMEDIATE … COMMIT; any exception rolls back. Immediate, so that a check and its write see one state.

    Inside another it is a part of that one, and is committed with it.
    """
    begin, commit, rollback = _WHOLE if not connection.in_transaction else _PART
    connection.execute(begin)
    try:
        yield
        connection.execute(commit)
    except BaseException:
        if connection.in_transaction:
            for step in rollback:
                connection.execute(step)
        raise


class WriterLock:
    """Held by the one program that writes to a home; the system lets go of it when that program ends, however it ends.

    It is an exclusive transaction on an empty database beside the shop's: a lock that works wherever SQLite does.

    Raises:
        BrokenWorldError: `home_in_use` when another program holds it, `home_unusable`.
    """

    def __init__(self, path: Path) -> None:
        home = path.parent
        try:
            home.mkdir(parents=True, exist_ok=True)
            # Let go of by whichever thread closes the terminal.
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=0, check_same_thread=False)
            self._connection.execute("BEGIN EXCLUSIVE")
        except OSError as error:
            raise BrokenWorldError("home_unusable", home=home, detail=error.strerror) from error
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == _BUSY:
                raise BrokenWorldError("home_in_use", home=home) from None
            raise BrokenWorldError("home_unusable", home=home, detail=error) from error

    def release(self) -> None:
        """Let another program write."""
        self._connection.close()
