"""A chain that lives through everything: tills that sell, are killed, copied and restored, a head office that goes away
or comes back from an older copy, and a network that loses, doubles, delays and lies. All of it follows from a seed.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from core import wire
from core.errors import BrokenWorldError, RefusedError
from core.hq import feeds, projector
from core.hq.projector import Projector
from core.ids import command_digest
from core.shop import tray
from core.shop.terminal import SYSTEM, Session
from core.sync.transport import Answer
from tests.builders import BAG, RICE, SCARF, WATER
from tests.chain import URL, Chain, Request, Till
from tests.faults import chain_rewards
from tests.faults.chain_checker import Ledger, check_chain, check_till
from tests.faults.chain_members import check_members, happen
from tests.faults.chain_words import FEEDS, event_of_later, row

GOODS = (WATER, RICE, BAG)
_STEPS = (25, 90)
_ROUNDS = 40
"""In which everything must have arrived once nothing fails any more."""


class KilledError(BaseException):
    """The till's program ended here."""


@dataclass
class Weather:
    """What the network does to a request, each with its chance; the rest arrives."""

    lost: float = 0.0
    answer_lost: float = 0.0
    doubled: float = 0.0
    delayed: float = 0.0
    lied: float = 0.0
    narrow: float = 0.0
    killed: float = 0.0


@dataclass
class World:
    """One history.

    Attributes:
        found: violations, each with the invariant in front.
    """

    folder: Path
    seed: str
    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.chain = Chain(self.folder, seed=self.chance.randrange(2**32))
        self.ledger = Ledger()
        self.tills: list[Till] = []
        self.backups: list[tuple[int, Path]] = []
        self.hq_backups: list[Path] = []
        self.weather = Weather()
        self._late: list[Request] = []
        self.links: list[str] = []
        self.rewards: list[str] = []
        self._weights = self._weighed()
        self._folders = 0
        self._unaware: set[int] = set()
        """Tills that cannot know yet that head office came back from an older copy."""

    def live(self) -> None:
        """The whole history, and what must be so at its end."""
        chance = self.chance
        self.chain.network.on_the_way = self._travel
        projector_step = chance.choice((3, 17, 500))
        for n in range(chance.choice((1, 2, 2, 3, 4, 6))):
            self.tills.append(self.chain.till(chance.choice(("S1", "S1", "S2")), f"T{n}"))
        old_step, projector.STEP = projector.STEP, projector_step
        old_rows, feeds.PAGE_ROWS = feeds.PAGE_ROWS, chance.choice((2, 9, 250))
        try:
            if chance.random() < 0.5:
                self._back_up_hq()
            for _ in range(chance.randint(*_STEPS)):
                self._change_weather()
                self._act()
                self.chain.clock.ms += chance.choice((1, 1_000, 60_000, 3_600_000))
            if chance.random() < 0.5:
                self._worst_day()
            self._calm()
        finally:
            projector.STEP, feeds.PAGE_ROWS = old_step, old_rows

    def close(self) -> None:
        self.chain.close()

    def _change_weather(self) -> None:
        if self.chance.random() < 0.2:
            names = [name for name in Weather.__dataclass_fields__ if self.chance.random() < 0.4]
            self.weather = Weather(**{name: self.chance.uniform(0, 0.4) for name in names})

    def _act(self) -> None:
        self.chance.choices(list(self._weights), list(self._weights.values()))[0]()

    def _weighed(self) -> dict[Callable[[], None], int]:
        """What happens how often. In each history some of the accidents are frequent and others never happen: so those
        that need each other meet.
        """
        accidents = {
            self._sell_unit: 8,
            self._serve_member: 6,
            self._reward: 6,
            self._settle: 5,
            self._odd_fact: 4,
            self._feed: 10,
            self._back_up: 4,
            self._restore: 3,
            self._copy: 3,
            self._back_up_hq: 3,
            self._restore_hq: 2,
            self._restart_hq: 3,
            self._deliver_late: 3,
        }
        often = {accident: weight * self.chance.choice((0, 1, 1, 3)) for accident, weight in accidents.items()}
        return {self._sell: 40, self._sync: 30, self._project: 8, **often}

    def _till(self) -> Till:
        """Often the same one, so that accidents that need each other meet."""
        return self.chance.choice((self.tills[0], self.chance.choice(self.tills)))

    def _sell(self) -> None:
        till = self._till()
        for _ in range(self.chance.choice((1, 1, 2, 8))):
            sold = till.sell((self.chance.choice(GOODS), self.chance.randint(1, 3)))
            self.ledger.nets[sold.head.op] = sold.net

    def _sell_unit(self) -> None:
        """A unit is sold or brought back by its code; copies of a till do not know of each other."""
        till = self._till()
        if not self.links:
            _, serials = till.issue(SCARF, 3)
            self.links += [till.link(SCARF, serial) for serial in serials]
        link = self.chance.choice(self.links)
        step = till.sell_codes if self.chance.random() < 0.7 else till.bring_codes_back
        try:
            done = step(link)
        except RefusedError:
            till.empty_counter()
            return
        self.ledger.nets[done.head.op] = done.net

    def _serve_member(self) -> None:
        happen(self._till(), self.chance)

    def _reward(self) -> None:
        if sold := chain_rewards.happen(self._till(), self.chance, self.rewards):
            self.ledger.nets[sold.head.op] = sold.net

    def _settle(self) -> None:
        """Somebody answers for what lies in the tray."""
        till = self._till()
        matters = [matter for matter in till.terminal.read(tray.open_matters).result() if matter.outcomes]
        if matters:
            matter = self.chance.choice(matters)
            answer = partial(tray.settle, by=SYSTEM, key=matter.key, outcome=self.chance.choice(matter.outcomes))
            till.terminal.write(answer).result()

    def _odd_fact(self) -> None:
        """A fact of a kind that head office does not know yet."""
        till, later = self._till(), event_of_later(self.chance.randrange(3))

        def record(session: Session) -> None:
            op = session.ids.new()
            head = session.head(op, command_digest(op.encode()), SYSTEM)
            session.journal.record(op, head.digest, later, lambda _: later(v=1, head=head))

        till.terminal.write(record).result()

    def _feed(self) -> None:
        """Head office says something new, or takes something back."""
        if self.chain.network.app is None:
            return
        feed = self.chance.choice((FEEDS[0], FEEDS[0], *FEEDS))
        keys = self.chance.sample(range(8), self.chance.choice((1, 1, 2, 8)))
        bodies = {key: body for n in keys for key, body in [row(feed.scope, n, self.chance)]}
        self.chain.db.write(lambda connection: feeds.change(connection, feed, bodies))

    def _sync(self) -> None:
        till = self._till()
        try:
            self._sync_one(till)
        except KilledError:
            self._reopen(till)

    def _sync_one(self, till: Till) -> Any:
        if self.chance.random() < self.weather.killed:
            self._kill_at_a_write(till)
        try:
            done = till.sync()
        finally:
            till.terminal.__dict__.pop("write", None)
        if done.reached and not done.trouble:
            self._unaware.discard(id(till))
        if done.waiting == 0 and id(till) not in self._unaware:
            self.found += check_till(self.chain, till, "I12: nothing waits")
        return done

    def _kill_at_a_write(self, till: Till) -> None:
        """The program ends before or after one of the next transactions."""
        left, real = self.chance.randint(1, 6), type(till.terminal).write
        after = self.chance.random() < 0.5

        def write(use_case: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0 and not after:
                raise KilledError
            future = real(till.terminal, use_case)
            if left == 0:
                future.exception()
                raise KilledError
            return future

        till.terminal.write = write  # type: ignore[method-assign]

    def _reopen(self, till: Till, folder: Path | None = None) -> Till:
        place = self.tills.index(till)
        till.terminal.close()
        opened = self.chain.opened(folder or till.terminal.home.folder)
        if id(till) in self._unaware or folder:
            self._unaware.add(id(opened))
        self.tills[place] = opened
        return opened

    def _new_folder(self) -> Path:
        self._folders += 1
        return self.folder / f"home-{self._folders}"

    def _back_up(self) -> None:
        till, to = self._till(), self._new_folder()
        till.copy(to)
        self.backups.append((self.tills.index(till), to))

    def _restore(self) -> None:
        if not self.backups:
            return
        place, backup = self.chance.choice(self.backups)
        self.ledger.promise(self.chain, self.tills[place])
        folder = self._new_folder()
        shutil.copytree(backup, folder)
        self._reopen(self.tills[place], folder)

    def _copy(self) -> None:
        if len(self.tills) > 8:
            return
        till, to = self._till(), self._new_folder()
        till.copy(to)
        copy = self.chain.opened(to)
        self.tills.append(copy)
        if id(till) in self._unaware:
            self._unaware.add(id(copy))

    def _project(self) -> None:
        if self.chain.network.app is None:
            return
        try:
            Projector(self.chain.db).run()
        except Exception as error:  # noqa: BLE001 - whatever it is, the later facts are not counted
            self.found.append(f"I7: counting stopped: {error}")

    def _back_up_hq(self) -> None:
        self.chain.shut()
        to = self._new_folder()
        shutil.copytree(self.chain.home.folder, to)
        self.hq_backups.append(to)
        self.chain.open()

    def _restore_hq(self) -> None:
        if not self.hq_backups:
            return
        self.chain.shut()
        for file in self.chain.home.folder.glob("hq.db*"):
            file.unlink()
        for file in self.chance.choice((self.hq_backups[0], self.hq_backups[-1], *self.hq_backups)).glob("hq.db*"):
            shutil.copy(file, self.chain.home.folder)
        self.chain.open()
        self.ledger.hq_restored(self.chain)
        self._unaware = {id(till) for till in self.tills}
        # What was lost is said again, more or less.
        for _ in range(self.chance.choice((0, 1, 5, 20))):
            self._feed()

    def _worst_day(self) -> None:
        """A till comes back from an older copy, and when that is settled head office does."""
        self._restore()
        for till in list(self.tills):
            try:
                self._sync_one(till)
            except KilledError:
                self._reopen(till)
        self._restore_hq()

    def _restart_hq(self) -> None:
        self.chain.shut()
        if self.chance.random() < 0.5:
            self._sync()
        self.chain.open()

    def _deliver_late(self) -> None:
        if self._late and self.chain.network.app is not None:
            self.chain.network.deliver(self._late.pop(self.chance.randrange(len(self._late))))

    def _travel(self, request: Request, deliver: Callable[[Request], Answer]) -> Answer:
        weather, dice = self.weather, self.chance.random
        if dice() < weather.killed / 4:
            raise KilledError
        if dice() < weather.lost:
            raise BrokenWorldError("hq_unreachable", url=URL, detail="lost")
        if dice() < weather.delayed:
            self._late.append(request)
            raise BrokenWorldError("hq_unreachable", url=URL, detail="late")
        if dice() < weather.lied:
            return self._lie(request)
        if dice() < weather.narrow and len(request.body) > 300 and request.target == wire.PUSH:
            return Answer(413, {}, msgspec.json.encode(wire.Refusal(error="too_large")))
        answer = deliver(request)
        if dice() < weather.doubled:
            again = deliver(request)
            answer = self.chance.choice((answer, again))
        if dice() < weather.answer_lost:
            if dice() < weather.killed:
                raise KilledError
            raise BrokenWorldError("hq_unreachable", url=URL, detail="answer lost")
        return answer

    def _lie(self, request: Request) -> Answer:
        """Somebody else answers: a portal, a broken proxy, or one who makes things up."""
        push = wire.unpacked(request.body) if request.target == wire.PUSH else None
        lies = [Answer(200, {}, b"<html>sign in</html>"), Answer(500, {}, b""), Answer(200, {}, b"{}")]
        if push is not None:
            last = push.first + len(push.events) - 1
            made_up = wire.Acknowledgement(stream=push.stream, sent="", acked=last, hash="00" * 32, time=0)
            lies += [Answer(200, {}, msgspec.json.encode(made_up))] * 2
        return self.chance.choice(lies)

    def _calm(self) -> None:
        """Nothing fails any more: everything arrives, and is counted once."""
        self.weather = Weather()
        for till in list(self.tills):
            self._reopen(till)
        waiting, trouble = 1, ""
        for _ in range(_ROUNDS):
            waiting, trouble = 0, ""
            for till in self.tills:
                done = self._sync_one(till)
                waiting, trouble = waiting + done.waiting, trouble or done.trouble
            self.chain.clock.ms += 60_000
            if not waiting and not trouble:
                break
        if waiting or trouble:
            self.found.append(f"I7: {waiting} facts wait though nothing fails any more {trouble}")
        if not self._hear():
            self.found.append("I7: head office always has something new to say")
        self.found += check_chain(self.chain, self.tills, self.ledger)
        self.found += check_members(self.chain, self.tills)
        self.found += chain_rewards.check_rewards(self.chain, self.tills)

    def _hear(self) -> bool:
        """Every till hears what head office makes of everything; copies of one till share what is said to it."""
        for _ in range(_ROUNDS):
            self._project()
            done = [self._sync_one(till) for till in self.tills]
            if not any(outcome.pulled or outcome.sent for outcome in done):
                return True
        return False
