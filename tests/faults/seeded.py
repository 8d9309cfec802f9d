"""Bugs that are put in on purpose. A harness that does not catch each of its own is itself broken."""

from __future__ import annotations

import time
from enum import StrEnum

from core import database
from core.database import Connection
from core.events import Event
from core.journal import Journal
from core.shop.terminal import PROJECTIONS, Session
from tests.faults.history import Tell, told_of


class Bug(StrEnum):
    """What can be wrong with a till."""

    SAVED_BEFORE_COMMIT = "saved before commit"
    TWO_COMMITS = "fact and projections in two commits"
    NO_SYNC = "synchronous=NORMAL"

    @property
    def breaks(self) -> tuple[str, ...]:
        """The invariants by which it is to be caught; to fail for another reason is not to catch it."""
        return {Bug.SAVED_BEFORE_COMMIT: ("I1",), Bug.TWO_COMMITS: ("I3",), Bug.NO_SYNC: ("I1", "cart")}[self]


class _Intruder:
    """A projection that does one wrong thing inside the transaction, then waits for the harness to strike."""

    TABLES: tuple[str, ...] = ()

    def __init__(self, bug: Bug, tell: Tell, pause: float) -> None:
        self._bug, self._tell, self._pause = bug, tell, pause

    def check(self, connection: Connection, event: Event) -> None:
        """Refuses nothing."""

    def apply(self, connection: Connection, position: int, event: Event) -> None:
        if self._bug is Bug.TWO_COMMITS:
            connection.execute("COMMIT")
        else:
            self._tell(told_of(event))
        # The fault itself is a moment in time: it is held open for the harness. Nothing that is checked depends on it.
        time.sleep(self._pause)
        if self._bug is Bug.TWO_COMMITS:
            connection.execute("BEGIN IMMEDIATE")


def install(session: Session, bug: Bug, tell: Tell, pause: float) -> None:
    """Put a bug into an open session."""
    intruder = _Intruder(bug, tell, pause)
    if bug is Bug.SAVED_BEFORE_COMMIT:
        session.journal = Journal(session.connection, (*PROJECTIONS, intruder))
    elif bug is Bug.TWO_COMMITS:
        session.journal = Journal(session.connection, (intruder, *PROJECTIONS))


def install_in_process(bug: Bug | None) -> None:
    """Put in what must be there before the file is opened. For a process that does nothing else afterwards."""
    if bug is Bug.NO_SYNC:
        assert "PRAGMA synchronous=FULL" in database._PRAGMAS
        database._PRAGMAS = tuple(
            pragma.replace("synchronous=FULL", "synchronous=NORMAL") for pragma in database._PRAGMAS
        )
