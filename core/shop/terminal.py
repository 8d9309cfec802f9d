"""A terminal's folder, opened: its file, its two threads, its journal with every projection.

Use cases are functions of a `Session` (they write) or a `View` (they read); a face hands them to `Terminal.write` and
`Terminal.read`, which run them on the thread that owns the connection.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from core.catalogue import feed
from core.catalogue import projection as catalogue
from core.clock import Calendar, Clock, SystemClock
from core.codes import projection as codes
from core.credit import projection as credit
from core.database import Connection, WriterLock, broken_world, connect, connect_writer, truncate_log
from core.errors import RefusedError
from core.events import Event, Head
from core.ids import IdSource, command_digest
from core.journal import Journal, Projection
from core.members import projection as members
from core.members.sealing import Keys
from core.reports import projection as reports
from core.rewards import projection as rewards
from core.sales import projection as sales
from core.sales.cart import Cart
from core.settings import Settings
from core.shop import projection as shop
from core.shop.glance import FILE, take_home
from core.shop.prices import take_effect
from core.staff import projection as staff
from core.staff.permissions import Permission, may
from core.staff.queries import Person, people
from core.touchpoints import projection as touchpoints
from core.tray import projection as tray
from core.worker import Worker

T = TypeVar("T")
E = TypeVar("E", bound=Event)

PROJECTIONS: tuple[Projection, ...] = (
    shop, staff, touchpoints, catalogue, codes, sales, credit, rewards, members, reports, tray,
)  # fmt: skip
"""Everything that facts are taken in by, in this order."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and where."""

    staff: str = "system"
    touchpoint: str = "counter"


SYSTEM = Actor()
"""Whoever may open the folder: the command line without `--as`."""


@dataclass(frozen=True, slots=True)
class Home:
    """A terminal's folder."""

    folder: Path

    @property
    def file(self) -> Path:
        """The database."""
        return self.folder / FILE

    @property
    def key(self) -> Path:
        """The stream's private key, readable by its owner only."""
        return self.folder / "stream.key"

    @property
    def pepper(self) -> Path:
        """The key of this terminal's PINs, readable by its owner only."""
        return self.folder / "pin.key"

    @property
    def code_keys(self) -> Path:
        """The keys of the chain's codes, readable by its owner only."""
        return self.folder / "code.keys"

    @property
    def vault_key(self) -> Path:
        """The key of the members' records, readable by its owner only, where the system has no keyring."""
        return self.folder / "vault.key"

    @property
    def proofs(self) -> Path:
        """Projections as `doctor` last proved them; may be deleted at any time."""
        return self.folder / "proof"

    @property
    def logs(self) -> Path:
        return self.folder / "log"


class View:
    """What reading use cases get: a connection and the shop's settings."""

    def __init__(self, connection: Connection, home: Home, clock: Clock, keys: dict[str, Keys]) -> None:
        self.connection = connection
        self.home = home
        self.file = home.file
        self.clock = clock
        self.keys = keys
        """Those of members' records, once they were asked for, shared by both threads (`core.shop.vault`)."""

    @cached_property
    def settings(self) -> Settings:
        """The shop's settings.

        Raises:
            RefusedError: `not_set_up`.
        """
        stored = dict(self.connection.execute("SELECT name, value FROM setting").fetchall())
        if "store" not in stored:
            raise RefusedError("not_set_up", home=self.home.folder)
        return Settings(stored)

    @property
    def is_set_up(self) -> bool:
        """Whether there is a shop."""
        return self.connection.execute("SELECT 1 FROM setting WHERE name = 'store'").fetchone() is not None

    @cached_property
    def calendar(self) -> Calendar:
        return self.settings.calendar()

    @cached_property
    def people(self) -> dict[str, Person]:
        """Everybody who works here, by id."""
        return people(self.connection)

    def require(self, by: Actor, permission: Permission) -> None:
        """The one gate: refuse what somebody may not do.

        Raises:
            RefusedError: `no_such_person` for one who is not, or no longer, on the staff; `not_allowed`.
        """
        if by.staff == SYSTEM.staff:
            return
        person = self.people.get(by.staff)
        if person is None or not person.active:
            raise RefusedError("no_such_person", staff=by.staff[:40])
        if not may(person.role, permission):
            raise RefusedError("not_allowed", name=person.name)

    def allows(self, by: Actor, permission: Permission) -> bool:
        """Whether somebody may do something; for what is left out rather than refused."""
        try:
            self.require(by, permission)
        except RefusedError:
            return False
        return True

    def forget_people(self) -> None:
        """Read the people again when they are next asked for."""
        self.__dict__.pop("people", None)

    def forget_settings(self) -> None:
        """Read the settings again when they are next asked for."""
        self.__dict__.pop("settings", None)
        self.__dict__.pop("calendar", None)

    def today(self) -> str:
        """The current business date."""
        return self.calendar.business_date(self.clock.now_ms())

    def close(self) -> None:
        self.connection.close()


class Session(View):
    """What writing use cases get: besides, the journal and the source of ids."""

    def __init__(self, connection: Connection, home: Home, clock: Clock, ids: IdSource, keys: dict[str, Keys]) -> None:
        super().__init__(connection, home, clock, keys)
        self.ids = ids
        self.journal = Journal(connection, PROJECTIONS)
        self.cart: Cart | None = None
        self.kept_cart: Cart | None = None
        """What lies on the counter, once it was looked at, and what of it is on the disk (`core.shop.counter`)."""
        self.cart_was_unreadable = False
        self.has_shredded = False
        """Whether a record was deleted whose traces are still in the log of writes (`core.shop.vault.fold`)."""
        self.expired_on = ""
        """Business date on which it was seen that nobody's record is kept for too long (`core.shop.retention`)."""

    def head(self, op: str, digest: str, by: Actor, at: int | None = None) -> Head:
        """The head of a fact that happens now, or at a given instant (ms since the epoch)."""
        return head_at(self.clock.now_ms() if at is None else at, self.calendar, op, digest, by)

    def record(self, by: Actor, kind: type[E], build: Callable[[Head], E]) -> E:
        """Record what somebody just did, as a command of its own: each press of a button is one. Nothing of what was
        typed is in its digest.
        """
        op = self.ids.new()
        digest = command_digest(op.encode())
        return self.journal.record(op, digest, kind, lambda _: build(self.head(op, digest, by)))

    def forget_stream(self) -> None:
        """Another stream is written from now on: receipts are numbered under its name."""
        self.__dict__.pop("receipt_prefix", None)

    @cached_property
    def receipt_prefix(self) -> str:
        """Terminal and two characters of the stream: a restored copy of a till never repeats a number."""
        alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
        (stream,) = self.connection.execute("SELECT id FROM stream ORDER BY number DESC LIMIT 1").fetchone()
        number = int(stream.replace("-", ""), 16)
        return f"{self.settings['terminal'].upper()}{alphabet[number % 32]}{alphabet[number // 32 % 32]}"


def head_at(moment: int, calendar: Calendar, op: str, digest: str, by: Actor) -> Head:
    """The head of a fact of an instant (ms since the epoch)."""
    date, offset = calendar.day_and_offset(moment)
    return Head(
        op=op,
        digest=digest,
        at=moment,
        offset=offset,
        date=date,
        staff=by.staff,
        touchpoint=by.touchpoint,
    )


class Terminal:
    """A home, open for work.

    Args:
        folder: the home.
        writes: whether this program writes; there is one such program at a time.
        clock: where the time comes from.
        lock: the writer's lock on this home, where it was taken before.

    Raises:
        BrokenWorldError: `home_in_use` by another writer, `home_unusable`, or a disk's fault.
        RefusedError: `not_set_up` when there is nothing to read.
    """

    def __init__(
        self, folder: Path, *, writes: bool = True, clock: Clock | None = None, lock: WriterLock | None = None
    ) -> None:
        self.home = Home(folder)
        self.clock = clock or SystemClock()
        self.ids = IdSource(self.clock.now_ms)
        self._keys: dict[str, Keys] = {}
        self._lock = (lock or take_home(folder)) if writes else None
        if not writes and not self.home.file.exists():
            raise RefusedError("not_set_up", home=folder)
        self._writer = Worker("store-writer", self._open_session) if writes else None
        self._reader = Worker("store-reader", self._open_view)

    def write(self, use_case: Callable[[Session], T]) -> Future[T]:
        """Run a use case on the writer's thread."""
        assert self._writer, "opened for reading"
        return self._writer.submit(lambda session: _guarded(session, use_case))

    def read(self, use_case: Callable[[View], T]) -> Future[T]:
        """Run a use case on the reader's thread; it sees what was committed before it began."""

        def fresh(view: View) -> T:
            view.forget_settings()
            view.forget_people()
            return _guarded(view, use_case)

        return self._reader.submit(fresh)

    def close(self) -> None:
        """Finish the work that is queued and let go of the home."""
        # The writer last: the last connection to go folds the write-ahead log into the file.
        self._reader.close()
        if self._writer:
            self._writer.close()
        if self._lock:
            self._lock.release()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open_session(self) -> Session:
        session = Session(connect_writer(self.home.file), self.home, self.clock, self.ids, self._keys)
        with broken_world(self.home.file):
            # Where the program was killed, it holds what was deleted before; there is none after an orderly end.
            session.has_shredded = not truncate_log(session.connection)
            for import_id in feed.unfinished(session.connection):
                while feed.merge(session.connection, import_id):
                    pass
            if session.is_set_up:
                at = take_effect(session)
                while at:
                    at = take_effect(session, at)
        return session

    def _open_view(self) -> View:
        return View(connect(self.home.file, read_only=True), self.home, self.clock, self._keys)


V = TypeVar("V", bound=View)


def _guarded(context: V, use_case: Callable[[V], T]) -> T:
    with broken_world(context.file):
        return use_case(context)
