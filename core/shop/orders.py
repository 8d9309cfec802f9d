"""What head office asks a terminal to do: it is done once by each stream, and what came of it is a fact."""

from __future__ import annotations

from functools import partial

import msgspec

from core.errors import RefusedError
from core.events import TerminalChecked
from core.ids import command_digest, replay_id
from core.rows import COMMANDS, CommandRow, read
from core.shop import doctor
from core.shop.doctor import Diagnosis
from core.shop.terminal import SYSTEM, Session, Terminal, View
from core.sync import feeds

_MOST_FAULTS, _LONGEST = 10, 200


def check_command(body: str) -> None:
    """Refuse what no terminal can be asked to do.

    Raises:
        RefusedError: `unknown_command`.
        msgspec.MsgspecError: it cannot be read.
    """
    if (asked := msgspec.json.decode(body, type=CommandRow).do) not in COMMANDS:
        raise RefusedError("unknown_command", text=asked[:40])


def obey(terminal: Terminal) -> bool:
    """Do what was asked and is not done yet; takes as long as it takes, and the counter goes on. Returns whether
    anything was.

    Raises:
        BrokenWorldError: a fault of this terminal's disk.
    """
    waiting = terminal.read(_open).result()
    for name in waiting:
        found = terminal.read(doctor.examine).result()
        terminal.write(partial(_record, name=name, found=found)).result()
    return bool(waiting)


def _open(view: View) -> list[str]:
    asked = {name: read(body, CommandRow) for name, body in feeds.rows(view.connection, "commands").items()}
    return [name for name, row in asked.items() if row and row.do in COMMANDS and not _is_done(view, name)]


def _is_done(view: View, name: str) -> bool:
    return view.connection.execute("SELECT 1 FROM journal WHERE op = ?", (_op(view, name),)).fetchone() is not None


def _op(view: View, name: str) -> str:
    (stream,) = view.connection.execute("SELECT id FROM stream ORDER BY number DESC LIMIT 1").fetchone()
    return replay_id(stream, name)


def _record(session: Session, name: str, found: Diagnosis) -> None:
    faults = tuple(f"{check.name}: {check.detail}"[:_LONGEST] for check in found.checks if not check.ok)
    op, digest = _op(session, name), command_digest(name.encode())
    event = TerminalChecked(
        head=session.head(op, digest, SYSTEM), command=name, events=found.events, faults=faults[:_MOST_FAULTS]
    )
    session.journal.record(op, digest, TerminalChecked, lambda _: event)
