"""Head office gets what this terminal recorded, and this terminal what head office says: sending until nothing waits,
fetching until nothing is new.

A `Sync` works on a thread of its own; what it reads and keeps goes through the terminal's threads in short jobs, so
the counter never waits for a network. Head office's answer, not this terminal's belief, says how far a stream is
there; and an answer is believed only if its hash is the stream's own.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

import msgspec

from core import wire
from core.database import transaction
from core.errors import BrokenWorldError, RefusedError
from core.shop import beside, continuing, feeds, orders, prices, vault
from core.shop.continuing import Cause
from core.shop.stream_keys import key_of
from core.shop.terminal import Session, Terminal, View
from core.sync import streams
from core.sync.hq import Hq, keep_hq, known_hq, pause_ms
from core.sync.link import HqRefusedError, Link, Signer
from core.sync.streams import Batch, LocalStream
from core.sync.transport import Connect, HttpTransport
from core.wire import Acknowledgement, Continuation, Page, SealedRecord

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_ENDED, _OPENED = 20, 2
"""Streams that one sync ends, and begins, at most: no accident makes more branches."""

_PAGES = 20_000
"""Pages that one sync fetches at most: no chain has more to say at once."""

_HALVED = frozenset({"too_large", "malformed", "bad_chain"})
"""What smaller batches may get past: something on the way takes no large ones."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sync did.

    Attributes:
        sent: facts that went out and were acknowledged.
        waiting: facts that head office does not have yet.
        pulled: rows that head office said.
        quarantined: facts of this terminal that do not count at head office as they say.
        trouble: code of what was in the way; empty where nothing was.
    """

    sent: int
    waiting: int
    pulled: int
    quarantined: int
    reached: bool
    trouble: str = ""


class Sync:
    """Sends what waits, then fetches what is new.

    Args:
        connect: makes the way to head office.
        entropy, chance: random bytes, and a number from 0 to 1.
        goes_on: asked between two requests; no means to end here.
    """

    def __init__(
        self,
        terminal: Terminal,
        connect: Connect = HttpTransport,
        entropy: Callable[[int], bytes] = os.urandom,
        chance: Callable[[], float] = random.random,
        goes_on: Callable[[], bool] = lambda: True,
    ) -> None:
        self._terminal, self._connect = terminal, connect
        self._entropy, self._chance, self._goes_on = entropy, chance, goes_on
        self._sent = self._opened = self._pulled = self._quarantined = self._lost = 0
        self._hq_key = self._reader_key = ""

    def run(self) -> Outcome:
        """Send until nothing waits and fetch until nothing is new, or head office cannot be reached.

        Raises:
            RefusedError: `no_hq`.
            BrokenWorldError: a fault of this terminal's disk.
        """
        hq = self._terminal.read(lambda view: known_hq(view.connection)).result()
        if hq is None:
            raise RefusedError("no_hq")
        at = self._terminal.write(prices.take_effect).result()
        while at:
            at = self._terminal.write(partial(prices.take_effect, after=at)).result()
        self._sent = self._opened = self._pulled = self._quarantined = self._lost = 0
        transport = self._connect(hq.url)
        link = Link(transport, self._terminal.clock.now_ms, hq.clock_offset, self._entropy)
        trouble, wait = "", 0
        self._hq_key, self._reader_key = hq.hq_key, hq.reader_key
        # The system's keyring may take its time: it is asked where nobody waits.
        self._terminal.read(vault.remember).result()
        self._terminal.write(vault.prepare).result()
        try:
            if not self._reader_key:
                # Records must not be left behind when their facts go.
                self._fetch_all(link)
            self._send_all(link)
            self._fetch_all(link)
            if orders.obey(self._terminal) or self._pulled:
                # What was fetched may have become facts of this terminal.
                self._send_all(link)
        except HqRefusedError as refused:
            trouble = refused.refusal.error
        except RefusedError as refused:
            trouble = refused.code
        except BrokenWorldError as broken:
            if broken.code not in ("hq_unreachable", "hq_unbelievable"):
                raise
            trouble = broken.code
            asked = broken.params.get("retry_after_ms", 0)
            wait = asked if isinstance(asked, int) else 0
        finally:
            transport.close()
        return self._finish(hq, link, trouble, wait)

    def _finish(self, hq: Hq, link: Link, trouble: str, wait: int) -> Outcome:
        now = self._terminal.clock.now_ms()
        reached = trouble not in ("hq_unreachable", "hq_unbelievable")
        failures = 0 if not trouble else hq.failures + 1
        known = replace(
            hq,
            clock_offset=link.clock_offset,
            failures=failures,
            next_try=now + pause_ms(failures, self._chance(), wait) if failures else 0,
            contact=now if reached else hq.contact,
            trouble=trouble,
            lost=self._lost or hq.lost,
            lost_at=now if self._lost else hq.lost_at,
            reader_key=self._reader_key,
        )

        def keep(session: Session) -> int:
            with transaction(session.connection):
                keep_hq(session.connection, known)
            return streams.waiting(session.connection)

        waiting = self._terminal.write(keep).result()
        return Outcome(self._sent, waiting, self._pulled, self._quarantined, reached, trouble)

    def _send_all(self, link: Link) -> None:
        """Each stream in turn, the oldest first. One that has to be continued begins the round anew."""
        for _ in range(_ENDED):
            self._continue(link)
            known = self._terminal.read(lambda view: streams.streams(view.connection)).result()
            # Those of a chain that was left are not this one's.
            known = [stream for stream in known if stream.certificate and self._can_sign(stream)]
            if not any(self._send_stream(link, stream, known) for stream in known):
                return
        raise BrokenWorldError("hq_unbelievable", detail="fork")

    def _fetch_all(self, link: Link) -> None:
        """Page by page, in the name of the stream that is written now."""
        newest = self._terminal.read(lambda view: streams.streams(view.connection)[-1]).result()
        if not newest.certificate:
            return
        signer, anew = self._signer(newest), set[str]()
        for _ in range(_PAGES):
            if not self._goes_on():
                return
            asked = self._terminal.read(feeds.asked).result()
            page = link.pull(signer, asked)
            if not page.channel:
                self._quarantined = page.set_aside
                self._learn_reader(page)
                if unknown := feeds.adopt_keys(self._terminal, page):
                    page = link.pull(signer, msgspec.structs.replace(asked, code_keys=unknown))
                    feeds.adopt_keys(self._terminal, page)
                return
            if page.cursor == asked.cursors.get(page.channel):
                raise BrokenWorldError("hq_unbelievable", detail=page.channel[:40])
            whole = feeds.take_in(self._terminal, page)
            self._pulled += len(page.rows)
            if whole:
                continue
            if page.channel in anew:
                raise BrokenWorldError("hq_unbelievable", detail=page.channel[:40])
            anew.add(page.channel)
        raise BrokenWorldError("hq_unbelievable", detail=wire.PULL)

    def _learn_reader(self, page: Page) -> None:
        """Keep what records are sealed with for head office, if it is head office that says so."""
        if page.reader_key in ("", self._reader_key):
            return
        try:
            wire.read_reader(page.reader_key, wire.bytes_of(self._hq_key))
        except ValueError:
            raise BrokenWorldError("hq_unbelievable", detail="reader_key") from None
        self._reader_key = page.reader_key
        self._terminal.write(partial(_keep_reader, reader_key=page.reader_key)).result()

    def _continue(self, link: Link) -> None:
        """Have the streams taken in that continue others, and tell their facts again."""
        before: Signer | None = None
        for stream in self._terminal.read(lambda view: streams.streams(view.connection)).result():
            if not self._can_sign(stream):
                before = None
                continue
            key, certificate = self._key(stream), stream.certificate
            if not certificate and before is not None:
                asked = Continuation(
                    stream=stream.id,
                    public_key=wire.text_of(stream.public_key),
                    proof=wire.text_of(key.sign(wire.proof_bytes(before.stream, stream.id))),
                    reason=stream.reason,
                )
                certificate = link.go_on(before, asked).certificate
                self._terminal.write(partial(_take_in, number=stream.number, certificate=certificate)).result()
            before = Signer(key, certificate, stream.id)
        while self._terminal.write(continuing.tell_again).result():
            pass

    def _send_stream(self, link: Link, stream: LocalStream, known: list[LocalStream]) -> bool:
        """Send what head office lacks of a stream. True where another continues it since."""
        signer, most, heard = self._signer(stream), wire.BATCH_EVENTS, False
        while self._goes_on() and (not heard or stream.waiting):
            batch, records, ahead = self._terminal.read(partial(_load, stream=stream, most=most)).result()
            push = batch.push(stream.id, signer.key, records, () if heard else ahead)
            try:
                told = link.push(signer, push)
            except HqRefusedError as refused:
                if refused.refusal.error in _HALVED and len(batch.events) > 1:
                    most = len(batch.events) // 2
                    continue
                if refused.refusal.error not in ("gap", "fork"):
                    raise
                told_seq, told_hash = refused.refusal.acked, refused.refusal.hash
                if refused.refusal.error == "gap" and told_seq >= stream.acked:
                    raise BrokenWorldError("hq_unbelievable", detail=f"{told_seq} ≥ {stream.acked}") from refused
                if refused.refusal.error == "fork" or not self._is_ours(stream, told_seq, told_hash):
                    self._diverged(link, stream, known, told_seq)
                    return True
                stream = self._acknowledged(stream, told_seq)
                continue
            heard = True
            after = self._believed(stream, batch, told)
            if after is Cause.RESTORED:
                self._new_stream(stream, known, common=batch.last, cause=after)
                return True
            if after is Cause.CLONED:
                self._diverged(link, stream, known, told.acked)
                return True
            self._sent += max(after - stream.acked, 0) if batch.events else 0
            most = min(most * 2, wire.BATCH_EVENTS)
            if after < batch.last and after <= stream.acked:
                raise BrokenWorldError("hq_unbelievable", detail=f"{told.acked} < {batch.last}")
            stream = self._acknowledged(stream, after)
        return False

    def _believed(
        self, stream: LocalStream, batch: Batch, told: Acknowledgement
    ) -> int | Literal[Cause.RESTORED, Cause.CLONED]:
        """How far head office has a stream, of what it tells; or why the stream cannot go on: head office has more
        than this terminal, or what it has behind our facts is not ours.

        Raises:
            BrokenWorldError: `hq_unbelievable`.
        """
        if (told.stream, told.sent) != (stream.id, batch.hash.hex()):
            raise BrokenWorldError("hq_unbelievable", detail=told.stream[:40])
        if told.acked <= batch.last:
            if not self._is_ours(stream, told.acked, told.hash):
                raise BrokenWorldError("hq_unbelievable", detail=str(told.acked))
            return told.acked
        if stream.ends is not None and told.acked >= stream.ends:
            return batch.last
        if told.acked > stream.seq:
            return Cause.RESTORED if batch.last == stream.seq else batch.last
        return told.acked if self._is_ours(stream, told.acked, told.hash) else Cause.CLONED

    def _diverged(self, link: Link, stream: LocalStream, known: list[LocalStream], told: int) -> None:
        """Head office has other facts in a stream than we: find the last that we share, and go on in a new stream."""
        least, most = 0, min(stream.end, told)
        guess = min(stream.acked, most)
        while least < most:
            if self._shares(link, stream, guess):
                least = guess
            else:
                most = guess - 1
            guess = (least + most + 1) // 2
        self._new_stream(stream, known, common=least, cause=Cause.CLONED)

    def _shares(self, link: Link, stream: LocalStream, seq: int) -> bool:
        signer = self._signer(stream)
        batch = self._terminal.read(partial(_nothing_at, stream=stream, seq=seq)).result()
        try:
            link.push(signer, batch.push(stream.id, signer.key))
        except HqRefusedError as refused:
            if refused.refusal.error in ("fork", "gap"):
                return False
            raise
        return True

    def _new_stream(self, stream: LocalStream, known: list[LocalStream], *, common: int, cause: Cause) -> None:
        if stream.ends is None:
            self._opened += 1
            if self._opened > _OPENED:
                raise BrokenWorldError("hq_unbelievable", detail=cause)
        go_on = partial(continuing.end_stream, stream=stream, last=known[-1], common=common, cause=cause)
        self._terminal.write(go_on).result()

    def _acknowledged(self, stream: LocalStream, acked: int) -> LocalStream:
        def keep(session: Session) -> None:
            with transaction(session.connection):
                streams.acknowledge(session.connection, stream.number, acked)

        if acked != stream.acked:
            self._terminal.write(keep).result()
        # It had more before: it was brought back from an older copy, and is sent again what it lost.
        self._lost += max(stream.acked - acked, 0)
        return stream.sent_up_to(acked)

    def _is_ours(self, stream: LocalStream, seq: int, digest: str) -> bool:
        own = self._terminal.read(lambda view: streams.hash_at(view.connection, stream.number, seq)).result()
        return own is not None and own.hex() == digest

    def _signer(self, stream: LocalStream) -> Signer:
        return Signer(self._key(stream), stream.certificate, stream.id)

    def _can_sign(self, stream: LocalStream) -> bool:
        """Whether a stream's key is there. One that ended can do without: what it lacked was told again.

        Raises:
            RefusedError: `lost_key`.
        """
        if key_of(self._terminal.home, stream.public_key) is not None:
            return True
        if stream.ends is None:
            raise RefusedError("lost_key")
        return False

    def _key(self, stream: LocalStream) -> Ed25519PrivateKey:
        key = key_of(self._terminal.home, stream.public_key)
        assert key
        return key


def _load(view: View, stream: LocalStream, most: int) -> tuple[Batch, list[SealedRecord], list[bytes]]:
    batch = streams.batch(view.connection, stream, most)
    return batch, beside.records_of(view, batch), beside.ahead_of(view, stream, batch)


def _keep_reader(session: Session, reader_key: str) -> None:
    known = known_hq(session.connection)
    if known:
        with transaction(session.connection):
            keep_hq(session.connection, replace(known, reader_key=reader_key))


def _nothing_at(view: View, stream: LocalStream, seq: int) -> Batch:
    digest = streams.hash_at(view.connection, stream.number, seq)
    assert digest is not None
    return Batch(seq + 1, digest, (), digest)


def _take_in(session: Session, number: int, certificate: str) -> None:
    with transaction(session.connection):
        streams.take_in(session.connection, number, certificate)
