"""hq token, revoke, feed, findings, import, wechat, report, doctor."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.clock import SystemClock, iso_time
from core.errors import BrokenWorldError, RefusedError
from core.hq import doctor, findings, parcels, revocations
from core.hq.database import Database
from core.hq.feeds import Feed
from core.hq.home import HqHome
from core.hq.projector import Projector
from core.hq.reports import chain_report, first_and_last, first_currency
from core.hq.sources import feed_from, read_source
from core.hq.streams import Registrar, check_names, make_token
from core.hq.wechat import API, Account
from core.settings import Settings
from core.texts import sentence, tr
from core.tray.matters import CONFLICTS, REASONS
from ui.cli import days
from ui.cli.output import Answer, diagnosis, refused_lines, refused_rows, table
from ui.cli.session import home_of


@contextmanager
def _opened(args: argparse.Namespace) -> Iterator[Database]:
    home = hq_home(args)
    home.prepare()
    db = Database(home.url)
    try:
        yield db
    finally:
        db.close()


def hq_home(args: argparse.Namespace) -> HqHome:
    """Head office's folder, as a command line names it."""
    return HqHome(home_of(args), getattr(args, "database", None) or "")


def token(args: argparse.Namespace) -> Answer:
    """A token with which a terminal can enrol, once."""
    with _opened(args) as db:
        made = make_token(db, args.store, args.terminal, now_ms=SystemClock().now_ms(), minutes=args.minutes)
    said = tr("Good for {minutes} minutes, once.", minutes=args.minutes)
    return Answer({"token": made, "store": args.store, "terminal": args.terminal}, [made, said])


def revoke(args: argparse.Namespace) -> Answer:
    """Take a terminal the right to speak."""
    with _opened(args) as db:
        known = Registrar(db, hq_home(args), SystemClock().now_ms).revoke(args.store, args.terminal)
        revocations.tell(db, args.store, args.terminal, SystemClock().now_ms())
    said = tr("Terminal {terminal} of store {store} is heard no more.", terminal=args.terminal, store=args.store)
    lines = [said] if known else [said, tr("Head office has not heard of it so far.")]
    return Answer({"store": args.store, "terminal": args.terminal, "known": known}, lines)


def take_in(args: argparse.Namespace) -> Answer:
    """Facts from a file that a terminal wrote."""
    try:
        with _opened(args) as db, Path(args.file).open("rb") as file:
            clock = SystemClock()
            taken = parcels.take_in(db, hq_home(args), file, clock.now_ms())
            Projector(db).run()
    except OSError as error:
        raise BrokenWorldError("file_unreadable", file=args.file, detail=error.strerror) from error
    lines = [tr("{facts} facts, {new} of them new.", facts=taken.facts, new=taken.new)]
    lines += [tr("Stream {stream} was not taken in: {reason}.", stream=s, reason=reason) for s, reason in taken.refused]
    document = {"facts": taken.facts, "new": taken.new, "refused": dict(taken.refused)}
    return Answer(document, lines, 1 if taken.refused else 0)


def feed(args: argparse.Namespace) -> Answer:
    """Let terminals know what a file says."""
    if args.terminal and not args.store:
        raise RefusedError("terminal_needs_store")
    check_names(*filter(None, (args.store, args.terminal)))
    with _opened(args) as db:
        currency = args.currency or db.read(first_currency) or "CNY"
        source = read_source(args.scope, Path(args.file), currency)
        refused = refused_rows((bad.row, bad.reason) for bad in source.refused)
        lines = refused_lines(refused)
        if refused and not args.skip_bad:
            message = sentence(RefusedError("rows_refused", count=len(refused)))
            return Answer({"refused": refused}, [*lines, message], 1)
        fed = feed_from(db, Feed(args.scope, args.store or "", args.terminal or ""), source, whole=args.whole)
    lines.append(tr("{added} added, {updated} updated, {removed} removed, {unchanged} unchanged", **asdict(fed)))
    return Answer({**asdict(fed), "refused": refused}, lines)


def wechat(args: argparse.Namespace) -> Answer:
    """What WeChat knows the chain by."""
    home = hq_home(args)
    home.prepare()
    secret = sys.stdin.readline().strip() if args.secret == "-" else args.secret
    home.keep_wechat(Account(args.app, secret, args.token, args.api or API))
    return Answer({"app": args.app, "api": args.api or API}, [tr("Saved.")])


def look(args: argparse.Namespace) -> Answer:
    """What somebody should look at."""
    with _opened(args) as db:
        Projector(db).run()
        found = db.read(lambda connection: findings.findings(connection, args.store or "", args.limit))
        conflicts = db.read(lambda connection: findings.conflicts(connection, args.store or "", args.limit))
    document = {
        "findings": [asdict(one) | {"at": _time(one.at)} for one in found],
        "conflicts": [asdict(one) | {"at": _time(one.at)} for one in conflicts],
    }
    lines = [
        " · ".join(
            filter(
                None,
                (_when(one.at), f"{one.store} {one.terminal}", one.kind, tr(REASONS[one.reason]), one.detail),
            )
        )
        for one in found
    ]
    for conflict in conflicts:
        parties = [_party(party) for party in (conflict.holder, *conflict.others)]
        lines.append(" · ".join((_when(conflict.at), conflict.unit, tr(CONFLICTS[conflict.kind]), *parties)))
    return Answer(document, lines or [tr("There is nothing to be looked at.")])


def _time(at_ms: int) -> str:
    return iso_time(at_ms, 0) if at_ms > 0 else ""


def _when(at_ms: int) -> str:
    return f"{_time(at_ms)[:16].replace('T', ' ')}Z" if at_ms > 0 else ""


def _party(party: findings.Party) -> str:
    return f"{party.store} {party.terminal} {party.receipt}".rstrip()


def examine(args: argparse.Namespace) -> Answer:
    """Prove that head office is whole."""
    with _opened(args) as db:
        checks, events = doctor.examine(db), doctor.count_facts(db)
    return diagnosis(events, checks)


def report(args: argparse.Namespace) -> Answer:
    """Figures of a day or a period over all stores."""
    start, end = days.period(args)
    with _opened(args) as db:
        Projector(db).run()
        # A chain without a day yet has nothing to show of today.
        first, last = (day or _time(SystemClock().now_ms())[:10] for day in db.read(first_and_last))
        period = (start or (first if end else last), end or last)
        found = db.read(lambda connection: chain_report(connection, *period, args.store or ""))
    document: dict[str, Any] = days.document(found.report)
    document["stores"] = [{"store": store, **days.figures(figures)} for store, figures in found.stores]
    settings = Settings({"name": args.store or tr("Head office"), "currency": found.currency or "CNY"})
    lines = days.lines(found.report, settings)
    stores = table([(store, str(settings.amount(figures.net))) for store, figures in found.stores], right=(1,))
    return Answer(document, [*lines, "", tr("By store"), *(f"  {line}" for line in stores)])
