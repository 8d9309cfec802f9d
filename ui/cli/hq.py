"""hq serve, token, report, doctor."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from core.clock import SystemClock, parse_date
from core.errors import RefusedError
from core.hq.database import Database
from core.hq.home import HqHome
from core.hq.projector import Projector
from core.hq.reports import chain_report, first_and_last
from core.hq.serve import serve as serve_hq
from core.hq.streams import make_token
from core.reports.kpi import KPIS, Figures
from core.settings import Settings
from core.texts import tr
from ui.cli import days
from ui.cli.output import Answer, table
from ui.cli.session import home_of


@contextmanager
def _opened(args: argparse.Namespace) -> Iterator[Database]:
    home = _home(args)
    home.prepare()
    db = Database(home.url)
    try:
        yield db
    finally:
        db.close()


def _home(args: argparse.Namespace) -> HqHome:
    return HqHome(home_of(args), getattr(args, "database", None) or "")


def serve(args: argparse.Namespace) -> Answer:
    """Answer the terminals until told to stop."""
    tls = (args.tls_cert, args.tls_key) if args.tls_cert or args.tls_key else None
    if tls and not all(tls):
        raise RefusedError("tls_needs_both")

    def told(address: str) -> None:
        print(json.dumps({"address": address}) if getattr(args, "json", False) else address, flush=True)

    serve_hq(_home(args), args.listen, told, tls)
    return Answer(None, [])


def token(args: argparse.Namespace) -> Answer:
    """A token with which a terminal can enrol, once."""
    with _opened(args) as db:
        made = make_token(db, args.store, args.terminal, now_ms=SystemClock().now_ms(), minutes=args.minutes)
    said = tr("Good for {minutes} minutes, once.", minutes=args.minutes)
    return Answer({"token": made, "store": args.store, "terminal": args.terminal}, [made, said])


def report(args: argparse.Namespace) -> Answer:
    """Figures of a day or a period over all stores."""
    start = parse_date(args.day or args.start) if args.day or args.start else ""
    end = parse_date(args.day or args.end) if args.day or args.end else ""
    with _opened(args) as db:
        Projector(db).run()
        first, last = db.read(first_and_last)
        period = (start or (first if end else last), end or last)
        found = db.read(lambda connection: chain_report(connection, *period, args.store or ""))
    document: dict[str, Any] = days.document(found.report)
    document["stores"] = [{"store": store, **_figures(figures)} for store, figures in found.stores]
    settings = Settings({"name": args.store or tr("Head office"), "currency": found.currency or "CNY"})
    lines = days.lines(found.report, settings)
    stores = table([(store, str(settings.amount(figures.net))) for store, figures in found.stores], right=(1,))
    return Answer(document, [*lines, "", tr("By store"), *(f"  {line}" for line in stores)])


def _figures(figures: Figures) -> dict[str, Any]:
    return {**asdict(figures), **{name: getattr(figures, name) for name in KPIS}}
