"""Bugs of sync that are put in on purpose: the simulation must catch each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import pytest

from core.errors import BrokenWorldError
from core.hq import admission, feeds, members, projector, reading
from core.hq import vault as hq_vault
from core.hq.admission import Head
from core.hq.schema import FACT
from core.members import feed as member_feed
from core.shop import continuing, members_elsewhere
from core.shop.sync import Sync
from core.sync import feeds as channels
from core.sync import streams
from core.sync.link import HqRefusedError
from core.wire import Refusal


class SyncBug(StrEnum):
    """What can be wrong with a till or with head office."""

    ACK_ONLY_RISES = "an acknowledgement never goes down"
    OWN_CURSOR = "what was sent counts as arrived"
    HASH_UNCHECKED = "an acknowledgement is believed without its hash"
    NOT_TOLD_AGAIN = "facts of the other branch are not told again"
    FIRST_NOT_TOLD = "the first fact of the other branch is not told again"
    OLD_STREAMS_FORGOTTEN = "only the newest stream is sent"
    PRUNED_WHEN_ACKED = "facts are deleted once they are acknowledged"
    DROPPED_WHEN_REFUSED = "facts are dropped when head office refuses them"
    STREAM_ID_AGAIN = "a copy goes on under the same stream id as another copy"
    BRANCHES_MIXED = "head office takes facts without looking at the hash before them"
    GAP_TAKEN = "head office takes facts though some before them are missing"
    ACK_BEFORE_COMMIT = "head office acknowledges before it has committed"
    COUNTED_TWICE = "head office counts a fact as often as it arrives"
    ONE_FACT_AN_INSTANT = "head office takes two facts of one instant for one"
    COUNTED_IN_MEMORY = "head office knows what it counted only until it ends"
    CURSOR_WITHOUT_FIGURES = "head office moves its cursor without the figures"
    DIGEST_UNCHECKED = "what was fetched is believed to be all without its digest"
    NOT_SWEPT = "what head office says no more stays when it tells everything anew"
    CURSOR_IS_A_NUMBER = "the cursor of a feed is the number of its last change"
    POISON_BLOCKS = "a fact that head office cannot read keeps the later ones from being counted"
    RECORD_STAYS = "head office keeps the record of a member who left"
    RECORD_STAYS_ELSEWHERE = "another till keeps the record of a member who left"
    POINTS_FORGOTTEN = "a till from an older copy does not hear of the points that it gave"
    NO_IS_FORGOTTEN = "whoever agreed once goes on to agree"

    @property
    def breaks(self) -> tuple[str, ...]:
        """The invariants by which it is to be caught."""
        return ("I",)


Patch = Callable[[pytest.MonkeyPatch], None]


@contextmanager
def put_in(bug: SyncBug | None) -> Iterator[None]:
    """Let a bug be there as long as the context lasts."""
    with pytest.MonkeyPatch.context() as patch:
        if bug is not None:
            _PATCHES[bug](patch)
        yield


def _ack_only_rises(patch: pytest.MonkeyPatch) -> None:
    real = Sync._acknowledged

    def rise(self: Sync, stream: Any, acked: int) -> Any:
        if acked < stream.acked:
            raise BrokenWorldError("hq_unbelievable", detail="down")
        return real(self, stream, acked)

    patch.setattr(Sync, "_acknowledged", rise)


def _own_cursor(patch: pytest.MonkeyPatch) -> None:
    real = Sync._send_stream

    def send(self: Sync, link: Any, stream: Any, known: Any) -> bool:
        try:
            return real(self, link, stream, known)
        except Exception:
            self._acknowledged(stream, stream.end)
            raise

    patch.setattr(Sync, "_send_stream", send)


def _hash_unchecked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Sync, "_is_ours", lambda *_: True)
    patch.setattr(Sync, "_believed", lambda _self, stream, _batch, told: min(told.acked, stream.seq))


def _not_told_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(continuing, "tell_again", lambda _session: False)
    patch.setattr(streams, "waiting", lambda connection: sum(s.waiting for s in streams.streams(connection)))


def _first_not_told(patch: pytest.MonkeyPatch) -> None:
    real = streams.continue_in

    def skip(connection: Any, number: int, by: int, *, common: int, reason: str) -> None:
        real(connection, number, by, common=common, reason=reason)
        streams.told_again(connection, number, common + 1)

    patch.setattr(streams, "continue_in", skip)


def _old_streams_forgotten(patch: pytest.MonkeyPatch) -> None:
    real = Sync._send_stream
    patch.setattr(
        Sync,
        "_send_stream",
        lambda self, link, stream, known: stream is known[-1] and real(self, link, stream, known),
    )


def _pruned_when_acked(patch: pytest.MonkeyPatch) -> None:
    real = streams.acknowledge

    def prune(connection: Any, number: int, acked: int) -> None:
        real(connection, number, acked)
        connection.execute("DELETE FROM journal WHERE stream = ? AND seq < ?", (number, acked))

    patch.setattr(streams, "acknowledge", prune)


def _dropped_when_refused(patch: pytest.MonkeyPatch) -> None:
    def drop(self: Sync, _link: Any, stream: Any, _known: Any, _told: int) -> None:
        self._acknowledged(stream, stream.end)
        raise HqRefusedError(409, Refusal(error="fork"))

    patch.setattr(Sync, "_diverged", drop)


def _stream_id_again(patch: pytest.MonkeyPatch) -> None:
    from core.ids import replay_id

    real = continuing.end_stream

    def end(session: Any, stream: Any, last: Any, **more: Any) -> None:
        made = session.ids.new
        ids = iter((made(), replay_id(stream.id, "next")))
        session.ids.new = lambda: next(ids, None) or made()
        try:
            real(session, stream, last, **more)
        finally:
            del session.ids.new

    patch.setattr(continuing, "end_stream", end)


def _branches_mixed(patch: pytest.MonkeyPatch) -> None:
    real = admission._admit

    def admit(connection: Any, by: Any, push: Any, hashes: Any, now_ms: int) -> Any:
        done = real(connection, by, push, hashes, now_ms)
        if getattr(done, "status", 0) == 409 and done.refusal.error == "fork":
            last = push.first + len(push.events) - 1
            if last > done.refusal.acked:
                return _append_blindly(connection, by, push, hashes, acked=done.refusal.acked)
        return done

    patch.setattr(admission, "_admit", admit)


def _append_blindly(connection: Any, by: Any, push: Any, hashes: Any, *, acked: int) -> Head:
    from sqlalchemy import update

    from core.hq.schema import STREAM

    last, before = push.first + len(push.events) - 1, push.first - 1
    rows = [
        (by.store, by.stream, seq, 0, push.events[seq - push.first], hashes[seq - before])
        for seq in range(acked + 1, last + 1)
    ]
    admission._append(connection, rows)
    connection.execute(
        update(STREAM)
        .where(STREAM.c.store_id == by.store, STREAM.c.stream_id == by.stream)
        .values(acked=last, hash=hashes[-1])
    )
    return Head(last, hashes[-1], len(rows), hashes[-1])


def _gap_taken(patch: pytest.MonkeyPatch) -> None:
    real = admission._admit

    def admit(connection: Any, by: Any, push: Any, hashes: Any, now_ms: int) -> Any:
        done = real(connection, by, push, hashes, now_ms)
        if getattr(done, "status", 0) == 409 and done.refusal.error == "gap" and push.events:
            return _append_blindly(connection, by, push, hashes, acked=push.first - 1)
        return done

    patch.setattr(admission, "_admit", admit)


def _ack_before_commit(patch: pytest.MonkeyPatch) -> None:
    real = admission._admit
    counted = iter(range(10**9))

    class _LostError(Exception):
        def __init__(self, head: Any) -> None:
            super().__init__()
            self.head = head

    def admit(connection: Any, by: Any, push: Any, hashes: Any, now_ms: int) -> Any:
        done = real(connection, by, push, hashes, now_ms)
        # Often: a later push makes up for what is missing before it, only the last one of a till is never missed.
        if isinstance(done, Head) and done.new and next(counted) % 3:
            raise _LostError(done)
        return done

    real_write = admission.Database.write

    def write(self: Any, work: Any) -> Any:
        try:
            return real_write(self, work)
        except _LostError as lost:
            return lost.head

    patch.setattr(admission, "_admit", admit)
    patch.setattr(admission.Database, "write", write)


def _counted_twice(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(projector, "_counted", lambda *_: {})


def _one_fact_an_instant(patch: pytest.MonkeyPatch) -> None:
    real = projector._project

    def project(connection: Any, store: str, facts: Any) -> None:
        first = {(fact.terminal, fact.at): fact for fact in reversed(facts)}
        real(connection, store, [fact for fact in facts if first[fact.terminal, fact.at] is fact])

    patch.setattr(projector, "_project", project)


def _counted_in_memory(patch: pytest.MonkeyPatch) -> None:
    from sqlalchemy import delete

    real = projector._step

    def step(connection: Any, store: str) -> int:
        done = real(connection, store)
        if not done:
            connection.execute(delete(FACT))
        return done

    patch.setattr(projector, "_step", step)


def _cursor_without_figures(patch: pytest.MonkeyPatch) -> None:
    real = projector._project
    counted = iter(range(10**9))

    def project(connection: Any, store: str, facts: Any) -> None:
        if not facts or next(counted) % 7:
            real(connection, store, facts)

    patch.setattr(projector, "_project", project)


def _digest_unchecked(patch: pytest.MonkeyPatch) -> None:
    def settle(connection: Any, page: Any) -> bool:
        connection.execute("UPDATE feed_channel SET cursor = ? WHERE channel = ?", (page.cursor, page.channel))
        return True

    patch.setattr(channels, "settle", settle)


def _not_swept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(channels, "sweep", lambda *_: [])


def _cursor_is_a_number(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(feeds, "_cursor", lambda change, _digest: str(change))


def _poison_blocks(patch: pytest.MonkeyPatch) -> None:
    real = reading.read

    def read(*where: Any) -> Any:
        found = real(*where)
        if found.event is None:
            raise RuntimeError("cannot read")
        return found

    patch.setattr(reading, "read", read)


def _record_stays(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(hq_vault, "shred", lambda *_, **__: None)


def _record_stays_elsewhere(patch: pytest.MonkeyPatch) -> None:
    def know(session: Any, rows: Any) -> None:
        member_feed.take(session.connection, rows)

    patch.setattr(members_elsewhere, "know_members", know)


def _no_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    real = members.standing_of

    def standing_of(said: Any, bought: str = "") -> Any:
        return real([one for one in said if one.kind != members.WITHDRAWN or "membership" in one.purposes], bought)

    patch.setattr(members, "standing_of", standing_of)


def _points_forgotten(patch: pytest.MonkeyPatch) -> None:
    real = channels.under

    def under(connection: Any, scope: str, prefix: str) -> Any:
        (own,) = connection.execute("SELECT value FROM setting WHERE name = 'terminal'").fetchone()
        for rows in real(connection, scope, prefix):
            yield {key: body for key, body in rows.items() if scope != "balances" or key != own}

    patch.setattr(channels, "under", under)


_PATCHES: dict[SyncBug, Patch] = {
    SyncBug.ACK_ONLY_RISES: _ack_only_rises,
    SyncBug.OWN_CURSOR: _own_cursor,
    SyncBug.HASH_UNCHECKED: _hash_unchecked,
    SyncBug.NOT_TOLD_AGAIN: _not_told_again,
    SyncBug.FIRST_NOT_TOLD: _first_not_told,
    SyncBug.OLD_STREAMS_FORGOTTEN: _old_streams_forgotten,
    SyncBug.PRUNED_WHEN_ACKED: _pruned_when_acked,
    SyncBug.DROPPED_WHEN_REFUSED: _dropped_when_refused,
    SyncBug.STREAM_ID_AGAIN: _stream_id_again,
    SyncBug.BRANCHES_MIXED: _branches_mixed,
    SyncBug.GAP_TAKEN: _gap_taken,
    SyncBug.ACK_BEFORE_COMMIT: _ack_before_commit,
    SyncBug.COUNTED_TWICE: _counted_twice,
    SyncBug.ONE_FACT_AN_INSTANT: _one_fact_an_instant,
    SyncBug.COUNTED_IN_MEMORY: _counted_in_memory,
    SyncBug.CURSOR_WITHOUT_FIGURES: _cursor_without_figures,
    SyncBug.DIGEST_UNCHECKED: _digest_unchecked,
    SyncBug.NOT_SWEPT: _not_swept,
    SyncBug.CURSOR_IS_A_NUMBER: _cursor_is_a_number,
    SyncBug.POISON_BLOCKS: _poison_blocks,
    SyncBug.RECORD_STAYS: _record_stays,
    SyncBug.RECORD_STAYS_ELSEWHERE: _record_stays_elsewhere,
    SyncBug.POINTS_FORGOTTEN: _points_forgotten,
    SyncBug.NO_IS_FORGOTTEN: _no_is_forgotten,
}
