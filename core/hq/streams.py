"""Who may send: one-time tokens, certificates of streams, and what was revoked."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from core import wire
from core.chain import genesis
from core.errors import BrokenWorldError, RefusedError
from core.hq.database import Database
from core.hq.home import HqHome
from core.hq.refusal import NotAcceptedError
from core.hq.schema import STORE, STREAM, TOKEN
from core.wire import Certificate, Continuation, Enrolment, Welcome

TOKEN_MINUTES = 60
"""How long a token can be used."""

_NAME = re.compile(r"[A-Za-z0-9_]{1,12}")
_STREAM = re.compile(r"[0-9a-f-]{36}")
_REVOKED = re.compile(r"^(\w{1,12}) (\w{1,12}) (\d{1,16})$", re.ASCII | re.MULTILINE)


def make_token(db: Database, store: str, terminal: str, *, now_ms: int, minutes: int = TOKEN_MINUTES) -> str:
    """A token with which one terminal of a store can enrol, once.

    Raises:
        RefusedError: `bad_name_of_store`.
        BrokenWorldError: `hq_database`.
    """
    check_names(store, terminal)
    # Capitals and digits of RFC 4648 §6: it is read out, typed in, and an argument of a command.
    token = base64.b32encode(secrets.token_bytes(15)).decode()
    row = {
        "store_id": store,
        "digest": _digest(token),
        "terminal_id": terminal,
        "expires": now_ms + minutes * 60_000,
        "stream_id": "",
    }
    db.write(lambda connection: connection.execute(insert(TOKEN), row))
    return token


def check_names(*names: str) -> None:
    """Refuse what can be no store's and no terminal's name.

    Raises:
        RefusedError: `bad_name_of_store`.
    """
    for name in names:
        if not _NAME.fullmatch(name):
            raise RefusedError("bad_name_of_store", text=name[:40])


class Registrar:
    """Gives streams their certificates, and knows those that were revoked.

    Args:
        now_ms: head office's time.
    """

    def __init__(self, db: Database, home: HqHome, now_ms: Callable[[], int]) -> None:
        self._db, self._home, self._now_ms = db, home, now_ms
        self._key = home.key()
        self.public_key = self._key.public_key().public_bytes_raw()

    def enrol(self, asked: Enrolment) -> Welcome:
        """Take a terminal's stream in. The same stream may ask again: its answer may have been lost.

        Raises:
            NotAcceptedError: `bad_token` for one that is unknown, expired, used by another or another terminal's;
                `malformed`.
            BrokenWorldError: `hq_database`.
        """
        message = wire.proof_bytes(asked.token, asked.stream)
        owner = self._owner(asked.store, asked.terminal, asked, message)
        where = (TOKEN.c.store_id == asked.store) & (TOKEN.c.digest == _digest(asked.token))

        def take(connection: Connection) -> None:
            row = connection.execute(select(TOKEN).where(where).with_for_update()).one_or_none()
            if row is None or row.terminal_id != asked.terminal or row.expires < owner.issued:
                raise NotAcceptedError(403, "bad_token")
            if row.stream_id != asked.stream:
                if row.stream_id:
                    raise NotAcceptedError(403, "bad_token")
                connection.execute(update(TOKEN).where(where).values(stream_id=asked.stream))
            open_stream(connection, owner, owner.issued)

        self._db.write(take)
        return self._welcome(owner)

    def go_on(self, by: Certificate, asked: Continuation) -> Welcome:
        """Take a stream in that continues another of the same terminal.

        Raises:
            NotAcceptedError: `malformed`, `forbidden` where the stream is somebody else's.
            BrokenWorldError: `hq_database`.
        """
        owner = self._owner(by.store, by.terminal, asked, wire.proof_bytes(by.stream, asked.stream))
        # As old as the one that it follows from: what is revoked now stays so.
        owner = msgspec.structs.replace(owner, issued=by.issued)
        self._db.write(lambda connection: open_stream(connection, owner, self._now_ms()))
        return self._welcome(owner)

    def is_revoked(self, certificate: Certificate) -> bool:
        """Whether a stream may say nothing any more: its terminal was revoked after it got its certificate."""
        return any(
            (store, terminal) == (certificate.store, certificate.terminal) and certificate.issued <= int(at)
            for store, terminal, at in _REVOKED.findall(_text(self._home.revoked))
        )

    def revoke(self, store: str, terminal: str) -> bool:
        """Take a terminal the right to speak, whatever certificates and tokens it has by now; a new token gives it
        back. Returns whether head office knows it.

        Raises:
            BrokenWorldError: `hq_database`, `home_unusable`.
        """
        # First, so that none is used in between.
        tokens = (TOKEN.c.store_id == store) & (TOKEN.c.terminal_id == terminal)
        self._db.write(lambda connection: connection.execute(update(TOKEN).where(tokens).values(expires=0)))
        try:
            with self._home.revoked.open("a", encoding="ascii") as file:
                # On a line of its own, also behind one that was cut off.
                file.write(f"\n{store} {terminal} {self._now_ms()}\n")
                file.flush()
                os.fsync(file.fileno())
        except (OSError, ValueError) as error:
            raise BrokenWorldError("home_unusable", home=self._home.folder, detail=str(error)) from error
        where = (STREAM.c.store_id == store) & (STREAM.c.terminal_id == terminal)
        found = self._db.read(lambda connection: connection.execute(select(STREAM.c.stream_id).where(where)).first())
        return found is not None

    def _owner(self, store: str, terminal: str, asked: Enrolment | Continuation, message: bytes) -> Certificate:
        try:
            key, proof = wire.bytes_of(asked.public_key), wire.bytes_of(asked.proof)
        except ValueError:
            raise NotAcceptedError(400, "malformed") from None
        named = _STREAM.fullmatch(asked.stream) and _NAME.fullmatch(store) and _NAME.fullmatch(terminal)
        if not named or not wire.is_signed(key, proof, message):
            raise NotAcceptedError(400, "malformed")
        return Certificate(store=store, terminal=terminal, stream=asked.stream, public_key=key, issued=self._now_ms())

    def _welcome(self, owner: Certificate) -> Welcome:
        return Welcome(
            certificate=wire.issue_certificate(owner, self._key),
            hq_key=wire.text_of(self.public_key),
            time=self._now_ms(),
        )


def open_stream(connection: Connection, owner: Certificate, now_ms: int) -> Any:
    """The row of a stream, made where there is none: head office may have been brought back from an older copy.

    Raises:
        NotAcceptedError: `forbidden` where the stream is another terminal's, or has another key.
    """
    where = (STREAM.c.store_id == owner.store) & (STREAM.c.stream_id == owner.stream)
    # Held until the transaction ends: one push of a stream at a time.
    found = connection.execute(select(STREAM).where(where).with_for_update()).one_or_none()
    if found is None:
        put_if_new(connection, STORE, store_id=owner.store)
        put_if_new(
            connection,
            STREAM,
            store_id=owner.store,
            stream_id=owner.stream,
            terminal_id=owner.terminal,
            public_key=owner.public_key,
            acked=0,
            hash=genesis(owner.stream, owner.public_key),
            head=b"",
            projected=0,
            opened=now_ms,
        )
        found = connection.execute(select(STREAM).where(where).with_for_update()).one()
    if (found.terminal_id, bytes(found.public_key)) != (owner.terminal, owner.public_key):
        raise NotAcceptedError(403, "forbidden")
    return found


def hold(connection: Connection, store: str) -> None:
    """Have nobody else derive anything from a store's facts until the transaction ends."""
    connection.execute(select(STORE.c.store_id).where(STORE.c.store_id == store).with_for_update()).one()


def put_if_new(connection: Connection, table: Any, **values: object) -> bool:
    """Insert a row unless its key is there. Returns whether it was not."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_or_not
    else:
        from sqlalchemy.dialects.sqlite import insert as insert_or_not  # type: ignore[assignment]
    return connection.execute(insert_or_not(table).values(**values).on_conflict_do_nothing()).rowcount > 0


EVERYWHERE = ""
"""No store's name: the row that is held for what concerns several."""


def hold_everywhere(connection: Connection) -> None:
    """Nobody else works at what concerns several stores until the transaction ends."""
    put_if_new(connection, STORE, store_id=EVERYWHERE)
    connection.execute(select(STORE.c.store_id).where(STORE.c.store_id == EVERYWHERE).with_for_update()).one()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace")
    except FileNotFoundError:
        return ""
