"""`hq-kill`: eight tills sell and send all the time; head office's process and theirs are killed at any moment.

Each worker imports everything once and opens no database and no thread itself: head office and the tills are forked
from it, so they are real processes that begin in milliseconds. Once nothing is killed any more, everything must be at
head office, once.
"""

from __future__ import annotations

import logging
import os
import random
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from core.clock import SystemClock
from core.errors import BrokenWorldError
from core.events import SaleCompleted
from core.events import decode as decode_event
from core.hq.home import HqHome
from core.hq.serve import serve
from core.hq.streams import make_token
from core.shop import goods, setup
from core.shop import sync as syncing
from core.shop.enrolment import enrol
from core.shop.terminal import SYSTEM, Session, Terminal
from tests.builders import GOODS, RICE, WATER, Shop
from tests.chain import Chain
from tests.faults.chain_checker import Ledger, check_chain, facts
from tests.faults.harness import Crew, Outcome, Report, Violation, judge, watched, workplace
from tests.faults.sync_bugs import SyncBug, put_in
from tests.head_office import new_database, postgres

NAME = "hq-kill"
ENGINES = ("sqlite", "postgres")
TILLS = 8
_LONGEST = 0.4
"""Seconds between two kills."""

_HQ_SHARE = 0.6
"""Of the kills; the others hit tills."""


@dataclass(frozen=True, slots=True)
class Task:
    """So many kills on one engine."""

    seed: int
    kills: int
    engine: str
    bug: SyncBug | None
    place: Path

    def __str__(self) -> str:
        return f"{NAME} --seed {self.seed} ({self.engine})"


def run(crew: Crew, seed: int, cases: int, seeded_cases: int, only: str = "") -> Report:
    """Kill, check, report.

    Args:
        cases: kills on each engine.
        seeded_cases: the most kills that each seeded bug gets.
        only: the engine.
    """
    with workplace() as place:
        return judge(
            NAME,
            seed,
            crew,
            work,
            healthy=[Task(seed, cases, engine, None, place) for engine in ENGINES if only in ("", engine)],
            seeded={}
            if only
            else {SyncBug.ACK_BEFORE_COMMIT: [Task(seed, seeded_cases, "sqlite", SyncBug.ACK_BEFORE_COMMIT, place)]},
        )


def work(task: Task) -> Outcome:
    """The kills of a task, and what came of them."""
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    place = task.place / f"{task.engine}-{task.bug.name if task.bug else 'healthy'}"
    place.mkdir()
    with ExitStack() as stack:
        url = new_database(stack.enter_context(postgres())) if task.engine == "postgres" else ""
        street = Street(place, url, task.bug, random.Random(f"{task.seed} {task.engine}"))
        stack.callback(street.end)
        street.open()
        for _ in range(task.kills):
            street.strike()
        found = street.come_home()
    return Outcome(task.kills, tuple(Violation(str(task), what) for what in found), 0)


@dataclass
class Street:
    """Head office and its tills, as processes."""

    place: Path
    url: str
    bug: SyncBug | None
    chance: random.Random
    _hq: int = 0
    _tills: dict[str, int] = field(default_factory=dict)

    def open(self) -> None:
        """Everybody begins."""
        self._home = HqHome(self.place / "hq", self.url)
        self._home.prepare()
        self._home.key()
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self._address = f"127.0.0.1:{free.getsockname()[1]}"
        self._start_hq()
        for n in range(TILLS):
            self._start_till(f"T{n}")

    def strike(self) -> None:
        """One of them is killed, and begins anew."""
        # The fault itself is a moment in time; nothing that is checked depends on it.
        time.sleep(self.chance.uniform(0, _LONGEST))
        if self.chance.random() < _HQ_SHARE:
            _kill(self._hq)
            self._start_hq()
        else:
            name = self.chance.choice(sorted(self._tills))
            _kill(self._tills[name])
            self._start_till(name)

    def come_home(self) -> list[str]:
        """Nobody is killed any more: the tills end when nothing waits, then head office. Returns what is wrong."""
        (self.place / "stop").touch()
        found = []
        with watched():
            for name, pid in self._tills.items():
                if code := os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
                    found.append(f"I7: till {name} ended with {code}: {self._log(name)[-300:]}")
        self._tills.clear()
        self.end()
        chain = Chain(self.place, self.url)
        try:
            chain.project()
            tills = [chain.opened(self.place / f"T{n}") for n in range(TILLS)]
            ledger = Ledger()
            for till in tills:
                for _, _, op, raw in facts(till):
                    event = decode_event(raw)
                    if isinstance(event, SaleCompleted):
                        ledger.nets[op] = event.net
            told = {line.split()[0] for n in range(TILLS) for line in self._log(f"T{n}").splitlines() if line}
            if lost := told - ledger.nets.keys():
                found.append(f"I1: {len(lost)} sales that were told are in no till")
            return found + check_chain(chain, tills, ledger)
        finally:
            chain.close()

    def end(self) -> None:
        """Whoever still runs is ended."""
        for pid in (self._hq, *self._tills.values()):
            if pid:
                _kill(pid)
        self._hq, self._tills = 0, {}

    def _log(self, name: str) -> str:
        path = self.place / f"{name}.told"
        return path.read_text() if path.exists() else ""

    def _start_hq(self) -> None:
        self._hq = _forked(partial(_serve, self._home, self._address, self.bug))

    def _start_till(self, name: str) -> None:
        work = partial(_trade, self.place, name, f"http://{self._address}", self.chance.randrange(2**32))
        self._tills[name] = _forked(work)


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def _forked(work: Callable[[], None]) -> int:
    """Do work in a process of its own. Returns its id."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work()
        code = 0
    except BaseException as error:  # noqa: BLE001 - told by the exit code and on stderr
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(code)


def _serve(home: HqHome, address: str, bug: SyncBug | None) -> None:
    with put_in(bug), (home.folder / "serve.log").open("a") as log:
        os.dup2(log.fileno(), 2)
        serve(home, address, lambda _: None)


def _trade(place: Path, name: str, url: str, seed: int) -> None:
    """Sell and send until told to stop, then until nothing waits."""
    logging.disable(logging.CRITICAL)
    chance = random.Random(seed)
    told = os.open(place / f"{name}.told", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with Terminal(place / name) as terminal:
        shop = Shop(terminal)
        _begin(terminal, name)
        while not _joined(terminal, place, name, url):
            _breathe()
        while True:
            stop = (place / "stop").exists()
            for _ in range(0 if stop else chance.randint(1, 30)):
                sale = shop.sell((chance.choice((WATER, RICE)), chance.randint(1, 3)))
                os.write(told, f"{sale.head.op}\n".encode())
            done = syncing.Sync(terminal).run()
            if stop and not done.waiting and not done.trouble:
                return
            if done.trouble:
                _breathe()


def _breathe() -> None:
    """Head office is away. Eight tills that ask without a pause leave it nothing to begin anew with; nothing that is
    checked depends on how long it is.
    """
    time.sleep(0.02)


def _begin(terminal: Terminal, name: str) -> None:
    def prepare(session: Session) -> None:
        if not setup.is_set_up(session):
            setup.set_up(
                session, SYSTEM, store="S1", terminal=name, currency="CNY", timezone="Asia/Shanghai", name="S1"
            )
        for product in GOODS:
            goods.set_product(session, SYSTEM, product)

    terminal.write(prepare).result()


def _joined(terminal: Terminal, place: Path, name: str, url: str) -> bool:
    from core.hq.database import Database

    if terminal.read(lambda view: syncing.known_hq(view.connection)).result():
        return True
    try:
        db = Database(HqHome(place / "hq").url)
        try:
            token = make_token(db, "S1", name, now_ms=SystemClock().now_ms())
        finally:
            db.close()
        enrol(terminal, url, token)
    except BrokenWorldError:
        return False
    return True
