"""The one checker: does a home that was interrupted hold what its till said was saved, whole, and can it go on?

* I1 every acknowledged fact is in the journal, in its order, with its net, after all that was there before
* I2 at most one more, the one that was begun, and it is complete
* I3 what is derived from the journal is what the journal says
* I4 facts are numbered without a gap and their hashes are a chain
* cart: the counter holds the last acknowledged cart, or the one after it
* on: the home opens, sells once more, and the doctor finds nothing

The hashes are computed here anew, without the code that wrote them.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core import events
from core.database import Connection, connect_writer
from core.journal import Entry, entries, rebuild
from core.sales.cart import Cart
from core.shop import counter
from core.shop.terminal import PROJECTIONS, Session, Terminal
from tests.builders import WATER, Shop, set_up_shop
from tests.clock import StandingClock
from tests.faults.history import Baseline, History, told_of

Rows = dict[str, list[tuple[Any, ...]]]

# Search words are kept without their content: SQLite's own check of the file looks at them.
_TABLES = tuple(table for projection in PROJECTIONS for table in projection.TABLES if not table.endswith("_words"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. `unacknowledged` tells whether there was a commit that the till could not tell any more."""

    violations: tuple[str, ...]
    unacknowledged: bool = False


@dataclass(frozen=True, slots=True)
class _State:
    """What stands in the file, read on the writer's thread."""

    facts: list[Entry]
    streams: list[tuple[int, str, bytes, int, bytes]]
    rows: Rows
    kept: Cart | None
    shown: Cart
    damage: list[str]


class Checker:
    """Checks homes that began as copies of one.

    Args:
        baseline: what that one held.
    """

    def __init__(self, baseline: Baseline) -> None:
        self._baseline = baseline
        self._derivation = Derivation()

    def close(self) -> None:
        self._derivation.close()

    def check(self, folder: Path, raw: bytes, *, doctor: bool = True) -> Verdict:
        """Open a home, compare it with the lines of its till, and sell once more.

        Args:
            raw: what the till told before it was stopped.
            doctor: whether the doctor compares what is derived, in the end; otherwise it is compared here, before the
                sale, and what was derived once is used for every home with the same facts.
        """
        history = History.read(raw, self._baseline)
        if history.error:
            return Verdict((f"the till failed by itself: {history.error}",))
        found: list[str] = []
        more = False
        try:
            with Terminal(folder, clock=StandingClock()) as terminal:
                begun = terminal.write(_is_set_up).result()
                if not begun:
                    if history.facts or self._baseline.facts:
                        return Verdict(("I1 the shop is gone",))
                    # Cut off before its first fact: it must be possible to begin again.
                    set_up_shop(terminal)
                state = terminal.write(_read_state).result()
                found += [*state.damage, *_chain(state), *_stream_key(folder, state)]
                if begun:
                    more = len(state.facts) > self._baseline.facts + len(history.facts)
                    found += [*self._facts(state.facts, history), *_counter(state, history)]
                if not doctor:
                    found += self._derived(state)
                found += _go_on(terminal, len(state.facts))
                if doctor:
                    found += _diagnosed(terminal)
        except Exception as error:  # noqa: BLE001 - whatever it is, a till that meets it does not work
            found.append(f"on: {type(error).__name__}: {error}")
        return Verdict(tuple(found), more)

    def _facts(self, facts: Sequence[Entry], history: History) -> Iterator[str]:
        before = self._baseline.facts
        if before and (len(facts) < before or facts[before - 1].hash != self._baseline.head):
            yield f"I1 facts from before are gone: {len(facts)} of {before}"
            return
        told = [told_of(event) for entry in facts[before:] if not isinstance(event := _decoded(entry), str)]
        found = {fact.op: fact for fact in told}
        for saved in history.facts:
            if saved.op not in found:
                yield f"I1 {saved.kind} {saved.op} was acknowledged and is gone"
            elif found[saved.op].net != saved.net:
                yield f"I1 {saved.op} was acknowledged with net {saved.net}, it is {found[saved.op].net}"
        known = {saved.op for saved in history.facts}
        if [fact.op for fact in told if fact.op in known] != [saved.op for saved in history.facts if saved.op in found]:
            yield "I1 acknowledged facts stand in another order"
        more = [fact for fact in told if fact.op not in known]
        if len(more) > 1:
            yield f"I2 {len(more)} facts were not acknowledged"
        for fact in more:
            begun = history.attempt
            if begun is None or begun.kind != fact.kind or begun.op not in ("", fact.op):
                yield f"I2 {fact.kind} {fact.op} was never begun"
            elif (begun.net, begun.lines) != (fact.net, fact.lines):
                yield f"I2 {fact.op} was begun as {begun.lines}, it is {fact.lines}"
            elif told[-1] is not fact:
                yield f"I2 {fact.op} was not acknowledged and stands before acknowledged facts"

    def _derived(self, state: _State) -> Iterator[str]:
        for table, rows in self._derivation.rows(state.facts).items():
            if state.rows[table] != rows:
                strange = [row for row in state.rows[table] if row not in rows]
                missing = [row for row in rows if row not in state.rows[table]]
                yield f"I3 {table}: {strange[:1]} where the journal says {missing[:1]}"


class Derivation:
    """What the projections say of facts, derived in a file of its own and kept by the hash of the last fact.

    Cases come in the order of their cuts, so most ask for a few facts more than the one before.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._known: dict[bytes, Rows] = {}
        self._scratch: Connection | None = None
        self._head = b""

    def rows(self, facts: Sequence[Entry]) -> Rows:
        """The rows of each projection's table after these facts, whose chain is valid."""
        head = facts[-1].hash if facts else b""
        if head not in self._known:
            heads = [entry.hash for entry in facts]
            if self._scratch is None or self._head not in heads:
                self._begin()
                start = 0
            else:
                start = heads.index(self._head) + 1
            assert self._scratch is not None
            rebuild(self._scratch, iter(facts[start:]), PROJECTIONS, lambda: None)
            self._head, self._known[head] = head, _rows(self._scratch)
        return self._known[head]

    def close(self) -> None:
        """Remove the file."""
        if self._scratch is not None:
            self._scratch.close()
        self._folder.cleanup()

    def _begin(self) -> None:
        if self._scratch is not None:
            self._scratch.close()
        self._scratch = connect_writer(Path(tempfile.mkdtemp(dir=self._folder.name)) / "derived.db")
        # It need not outlive anything.
        self._scratch.execute("PRAGMA synchronous=OFF")


def _is_set_up(session: Session) -> bool:
    return bool(session.connection.execute("SELECT 1 FROM journal LIMIT 1").fetchone())


def _read_state(session: Session) -> _State:
    connection = session.connection
    damage = [f"I3 the file: {row[0]}" for row in connection.execute("PRAGMA integrity_check(3)") if row[0] != "ok"]
    row = connection.execute("SELECT body FROM local_cart WHERE slot = 'counter'").fetchone()
    return _State(
        list(entries(connection)),
        connection.execute("SELECT number, id, public_key, seq, hash FROM stream").fetchall(),
        _rows(connection),
        msgspec.json.decode(row[0], type=Cart) if row else None,
        counter.look(session).cart,
        damage,
    )


def _rows(connection: Connection) -> Rows:
    # By all columns: comparable however the rows came in.
    return {table: sorted(connection.execute(f"SELECT * FROM {table}"), key=repr) for table in _TABLES}


def _decoded(entry: Entry) -> Any:
    try:
        return events.decode(entry.raw)
    except msgspec.MsgspecError as error:
        return str(error)


def _chain(state: _State) -> Iterator[str]:
    heads = {
        number: (0, hashlib.sha256(b"sa1" + stream.encode() + key).digest())
        for number, stream, key, _, _ in state.streams
    }
    for place, entry in enumerate(state.facts, 1):
        seq, previous = heads.get(entry.stream, (0, b""))
        content = hashlib.sha256(entry.raw).digest()
        digest = hashlib.sha256(previous + (seq + 1).to_bytes(8, "big") + content).digest()
        if entry.position != place or entry.seq != seq + 1:
            yield f"I4 fact {entry.position} is number {entry.seq}, after {seq}"
            return
        event = _decoded(entry)
        if entry.hash != digest or isinstance(event, str) or event.head.op != entry.op:
            yield f"I4 fact {entry.position} is not what its hash or its op says"
            return
        heads[entry.stream] = (entry.seq, digest)
    for number, _, _, seq, digest in state.streams:
        if heads[number] != (seq, digest) and seq:
            yield f"I4 the head of stream {number} is at {seq}, its last fact at {heads[number][0]}"


def _counter(state: _State, history: History) -> Iterator[str]:
    allowed = [history.cart]
    if history.attempt and history.attempt.cart:
        allowed.append(history.attempt.cart)
    if state.kept not in allowed:
        yield f"cart: {_text(state.kept)} is kept, expected one of {', '.join(_text(cart) for cart in allowed)}"
    sold = {entry.op for entry in state.facts}
    if state.kept and state.kept.op not in sold:
        if state.shown != state.kept:
            yield f"cart: {_text(state.kept)} is kept, but {_text(state.shown)} is shown"
    elif state.shown.lines or state.shown.op in sold:
        yield f"cart: {_text(state.shown)} is shown, but nothing is on the counter"


def _text(cart: Cart | None) -> str:
    return f"{cart.op} {[(line.code, line.quantity) for line in cart.lines]}" if cart else "no cart"


def _stream_key(folder: Path, state: _State) -> Iterator[str]:
    try:
        content = (folder / "stream.key").read_bytes()
        keys = [
            Ed25519PrivateKey.from_private_bytes(content[at : at + 32]).public_key().public_bytes_raw()
            for at in range(0, len(content), 32)
        ]
    except (OSError, ValueError) as error:
        yield f"I4 the key of the stream is gone: {getattr(error, 'strerror', None) or error}"
    else:
        # The key of a set-up that was cut before it was saved stays in front.
        if not keys or (state.streams and state.streams[-1][2] != keys[-1]):
            yield "I4 the key is not the stream's"


def _go_on(terminal: Terminal, facts: int) -> Iterator[str]:
    sold = Shop(terminal).sell((WATER, 1))

    def last(session: Session) -> tuple[int, str, int]:
        return session.connection.execute(
            "SELECT j.position, j.op, s.net FROM journal AS j JOIN sale AS s USING (position)"
            " ORDER BY j.position DESC LIMIT 1"
        ).fetchone()

    if (there := terminal.write(last).result()) != (facts + 1, sold.head.op, sold.net):
        yield f"on: sold {sold.head.op} as fact {facts + 1}, found {there}"


def _diagnosed(terminal: Terminal) -> Iterator[str]:
    for check in Shop(terminal).diagnosis(full=True).checks:
        if not check.ok:
            yield f"{'I3' if check.name == 'projections' else 'on'}: doctor: {check.name}: {check.detail}"
