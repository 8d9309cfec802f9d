"""Joining a chain."""

from __future__ import annotations

from functools import partial

from core import wire
from core.database import transaction
from core.errors import BrokenWorldError, RefusedError
from core.shop import continuing
from core.shop.continuing import Cause
from core.shop.stream_keys import key_of
from core.shop.terminal import Session, Terminal, View
from core.sync import feeds, streams
from core.sync.hq import Hq, keep_hq, known_hq
from core.sync.link import HqRefusedError, Link
from core.sync.streams import LocalStream
from core.sync.transport import Connect, HttpTransport, checked_url
from core.wire import Enrolment, Welcome


def enrol(terminal: Terminal, url: str, token: str, connect: Connect = HttpTransport) -> None:
    """Join the chain: head office takes this terminal's stream in. One whose key was lost is continued by another.

    Raises:
        RefusedError: `bad_hq_url`, `already_enrolled`, `bad_token`, `not_set_up`.
        BrokenWorldError: `hq_unreachable`, `home_unusable`, `hq_said`.
    """
    url = checked_url(url)
    hq, stream, store, till = terminal.read(_who).result()
    key = key_of(terminal.home, stream.public_key)
    if key is None:
        lost = partial(continuing.end_stream, stream=stream, last=stream, common=stream.acked, cause=Cause.LOST_KEY)
        terminal.write(lost).result()
        _, stream, _, _ = terminal.read(_who).result()
        key = key_of(terminal.home, stream.public_key)
        assert key
    elif hq and stream.certificate:
        raise RefusedError("already_enrolled", url=hq.url)
    asked = Enrolment(
        token=token.strip(),
        store=store,
        terminal=till,
        stream=stream.id,
        public_key=wire.text_of(stream.public_key),
        proof=wire.text_of(key.sign(wire.proof_bytes(token.strip(), stream.id))),
    )
    transport = connect(url)
    try:
        welcome = Link(transport, terminal.clock.now_ms).enrol(asked)
    except HqRefusedError as refused:
        if refused.refusal.error == "bad_token":
            raise RefusedError("bad_token", store=store, terminal=till) from None
        raise BrokenWorldError("hq_said", detail=refused.refusal.error) from refused
    finally:
        transport.close()
    offset = welcome.time - terminal.clock.now_ms()
    if welcome.reader_key:
        _check_reader(welcome)
    now = terminal.clock.now_ms()
    known = Hq(url, welcome.hq_key, clock_offset=offset, contact=now, reader_key=welcome.reader_key)
    terminal.write(partial(_join, known=known, stream=stream, certificate=welcome.certificate)).result()


def _check_reader(welcome: Welcome) -> None:
    try:
        wire.read_reader(welcome.reader_key, wire.bytes_of(welcome.hq_key))
    except ValueError:
        raise BrokenWorldError("hq_unbelievable", detail="reader_key") from None


def _who(view: View) -> tuple[Hq | None, LocalStream, str, str]:
    settings = view.settings
    return (
        known_hq(view.connection),
        streams.streams(view.connection)[-1],
        settings["store"],
        settings["terminal"],
    )


def _join(session: Session, known: Hq, stream: LocalStream, certificate: str) -> None:
    with transaction(session.connection):
        keep_hq(session.connection, known)
        streams.take_in(session.connection, stream.number, certificate)
        feeds.start_anew(session.connection)
