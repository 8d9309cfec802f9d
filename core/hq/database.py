"""The one way to head office's database, on either engine.

`Database.write` is the only place that begins and commits; work that the database asks to be done again is done
again from its beginning, so it must change nothing but the database.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pysqlite3.dbapi2 as sqlite3
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from core.errors import BrokenWorldError

T = TypeVar("T")

_TRIES = 12
_AGAIN = {"40001", "40P01", "55P03"}
"""SQLSTATEs after which a transaction is begun anew: serialization failure, deadlock, lock not available."""

_PATIENCE_MS = 30_000
"""How long a statement waits for another program to let go of SQLite's file."""

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "cache_size=-32000",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "secure_delete=ON",
)


class Database:
    """Head office's database.

    Args:
        url: as SQLAlchemy names it; `sqlite:///…` or `postgresql://…`.

    Raises:
        BrokenWorldError: `hq_database` when it cannot be reached or its schema cannot be brought up to date.
    """

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.is_postgresql = self.engine.dialect.name == "postgresql"
        # Imported late: alembic is needed once, when the database is opened.
        from core.hq.migrations import migrate

        try:
            migrate(self.engine)
        except DBAPIError as error:
            self.engine.dispose()
            raise _broken(error) from error

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do work in one transaction, again if need be, and return when it is on the disk.

        Raises:
            BrokenWorldError: `hq_database`.
        """
        return self._again(lambda: self._whole(work))

    def read(self, work: Callable[[Connection], T]) -> T:
        """Do work that only reads, and sees one state.

        Raises:
            BrokenWorldError: `hq_database`.
        """

        def look() -> T:
            with self.engine.connect().execution_options(reads=True) as connection:
                if self.is_postgresql:
                    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
                return work(connection)

        return self._again(look)

    def _whole(self, work: Callable[[Connection], T]) -> T:
        with self.engine.begin() as connection:
            return work(connection)

    def _again(self, work: Callable[[], T]) -> T:
        for attempt in range(_TRIES):
            try:
                return work()
            except DBAPIError as error:
                if attempt == _TRIES - 1 or not _may_succeed(error):
                    raise _broken(error) from error
            # On a worker's thread, never on the loop. Two that met do not meet again: each waits a chance of its own.
            time.sleep(random.uniform(0, 0.002 * 2**attempt))
        raise AssertionError("unreachable")

    def leave_no_trace(self, table: str) -> bool:
        """Have nothing left on the disk of what was overwritten in a table. False where somebody is still reading an
        older state; it is to be tried again.

        Raises:
            BrokenWorldError: `hq_database`.
        """

        def work() -> bool:
            if self.is_postgresql:
                with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    # Older versions of rows stay in their pages until the table is written anew.
                    connection.execute(text(f"VACUUM (FULL) {table}"))
                return True
            raw = self.engine.raw_connection()
            try:
                cursor = raw.cursor()
                cursor.execute("PRAGMA busy_timeout=0")
                busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                cursor.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
                return not busy
            finally:
                raw.close()

        return self._again(work)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def sqlite_url(path: Path) -> str:
    """The URL of a database in a file."""
    return f"sqlite:///{path.absolute()}"


def _engine(url: str) -> Engine:
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        return create_engine(url, pool_size=16, max_overflow=0, pool_timeout=60)
    if not url.startswith("sqlite:///"):
        raise BrokenWorldError("hq_database", detail="sqlite:///… | postgresql://…")
    # One writer at a time; more connections than that would only wait inside SQLite.
    engine = create_engine(url, module=sqlite3, poolclass=QueuePool, pool_size=8, max_overflow=0, pool_timeout=60)

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").fetchall()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Immediate, so that what was read is still so when it is written.
        reads = connection.get_execution_options().get("reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _may_succeed(error: DBAPIError) -> bool:
    original = error.orig
    if getattr(original, "sqlstate", None) in _AGAIN or error.connection_invalidated:
        return True
    return getattr(original, "sqlite_errorcode", 0) & 0xFF in (5, 6)


def _broken(error: DBAPIError) -> BrokenWorldError:
    import logging

    logging.getLogger(__name__).error("database: %s", error.orig)
    return BrokenWorldError("hq_database", detail=str(error.orig).splitlines()[0] if str(error.orig) else "?")
