"""The vault of this terminal's home: where its key lies, and what is kept and found under it."""

from __future__ import annotations

import os
from contextlib import suppress

from core import keychain
from core.database import truncate_log
from core.errors import BrokenWorldError
from core.files import OWNER, write_whole
from core.members import vault
from core.members.record import Record
from core.members.sealing import KEY, Keys
from core.shop.terminal import Session, Terminal, View

_VAULT = "vault"
_FOLDS = 5
"""How often it is tried; this terminal's reader may have begun something else."""


def prepare(session: Session) -> None:
    """Have a key under which the records of the store's other members can come, where that can be had now. Facts are
    sent and fetched all the same; whoever binds a member is told.
    """
    with suppress(BrokenWorldError):
        _keys(session, make=True)


def remember(view: View) -> None:
    """Have the key at hand for both threads, if there is one and it can be had now."""
    with suppress(BrokenWorldError):
        _keys(view)


def keep(session: Session, member: str, record: Record) -> None:
    """Keep a member's record. Inside the caller's transaction.

    Raises:
        BrokenWorldError: `vault_locked`, `home_unusable`.
    """
    if vault.keep(session.connection, _keys(session, make=True), member, record, session.ids.entropy):
        session.has_shredded = True


def record_of(view: View, member: str) -> Record | None:
    """A member's record; none where it is not here, or cannot be opened."""
    keys = keys_of(view)
    return vault.record_of(view.connection, keys, member) if keys else None


def find(view: View, kind: str, text: str) -> list[str]:
    """The members with this phone or card. Args: kind: `phone` or `card`."""
    keys = keys_of(view)
    return vault.find(view.connection, keys, kind, text) if keys and text else []


def find_by_tail(view: View, digits: str, name: str) -> list[str]:
    """The members whose phone ends so and whose name begins so, whatever its case. Opens every record: a fraction of a
    second for tens of thousands; not for the writer's thread.
    """
    keys, name = keys_of(view), name.casefold()
    if keys is None:
        return []
    found = vault.records(view.connection, keys)
    return [id_ for id_, one in found if one.phone.endswith(digits) and one.name.casefold().startswith(name)]


def shred(session: Session, member: str) -> None:
    """Delete a member's record for good. Inside the caller's transaction; `fold` is to follow."""
    if vault.shred(session.connection, member):
        session.has_shredded = True


def fold(terminal: Terminal) -> bool:
    """Have nothing left in the log of writes of what was shredded. False while another program reads this home; the
    last one that closes it does it then.
    """
    for _ in range(_FOLDS):
        # What this terminal's own reader has in hand it finishes first.
        terminal.read(lambda _: None).result()
        if terminal.write(_fold).result():
            return True
    return False


def _fold(session: Session) -> bool:
    if session.has_shredded:
        session.has_shredded = not truncate_log(session.connection)
    return not session.has_shredded


def keys_of(view: View) -> Keys | None:
    """The vault's keys; none where there are none yet, or they cannot be had now."""
    try:
        if _VAULT not in view.keys and not _holds_any(view):
            # The system's keyring may take its time; where nothing was ever kept it is not asked.
            return None
        return _keys(view)
    except BrokenWorldError:
        return None


def where_key_lies(view: View) -> str:
    """`keyring`, `file`, or nothing where there is no key."""
    if view.home.vault_key.exists():
        return "file"
    return "keyring" if keychain.fetch(_name(view)) else ""


def _keys(view: View, *, make: bool = False) -> Keys:
    if _VAULT not in view.keys:
        kept = _kept(view)
        if kept is None:
            # A key that is made while another is only out of reach would part the records in two.
            if not make or _holds_any(view):
                raise BrokenWorldError("vault_locked")
            kept = _make(view)
        view.keys[_VAULT] = Keys.of(kept)
    return view.keys[_VAULT]


def _holds_any(view: View) -> bool:
    """Whether there is a record that a key could open."""
    query = "SELECT 1 FROM local_vault WHERE key <> zeroblob(length(key)) LIMIT 1"
    return view.connection.execute(query).fetchone() is not None


def _kept(view: View) -> bytes | None:
    try:
        kept: bytes | None = view.home.vault_key.read_bytes()
    except FileNotFoundError:
        kept = keychain.fetch(_name(view))
    except OSError as error:
        raise BrokenWorldError("home_unusable", home=view.home.folder, detail=error.strerror) from error
    return kept if kept and len(kept) == KEY else None


def _make(view: View) -> bytes:
    key = os.urandom(KEY)
    if not keychain.keep(_name(view), key):
        try:
            write_whole(view.home.vault_key, key, OWNER)
        except OSError as error:
            raise BrokenWorldError("home_unusable", home=view.home.folder, detail=error.strerror) from error
    return key


def _name(view: View) -> str:
    """The name of the key in the keyring: that of this home's first stream."""
    (stream,) = view.connection.execute("SELECT id FROM stream ORDER BY number LIMIT 1").fetchone()
    return f"vault {stream}"
