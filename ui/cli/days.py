"""report."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from core.clock import parse_date
from core.errors import BrokenWorldError
from core.events import TenderKind
from core.reports.kpi import KPIS, Figures, Group, Report
from core.sales.receipt import TENDER_NAMES
from core.settings import Settings
from core.shop.days import day_report
from core.texts import tr
from ui.cli.output import Answer, number, table
from ui.cli.session import reader

_TOP = 10


def report(args: argparse.Namespace) -> Answer:
    """Figures of a day or a period; as a file besides, if one is named."""
    start, end = period(args)
    with reader(args) as (terminal, by):
        settings = terminal.read(lambda view: view.settings).result()
        found = terminal.read(partial(day_report, by=by, start=start, end=end)).result()
    if args.pdf is not None or args.xlsx is not None:
        _write_file(found, settings, args)
    return Answer(document(found), lines(found, settings))


def period(args: argparse.Namespace) -> tuple[str, str]:
    """First and last business date that were asked for; empty where they were not.

    Raises:
        RefusedError: `bad_date`.
    """
    dates = (args.day or args.start, args.day or args.end)
    start, end = (parse_date(date) if date else "" for date in dates)
    return start, end


def _write_file(found: Report, settings: Settings, args: argparse.Namespace) -> None:
    """The report as pages, which brings Qt in, or as a workbook.

    Raises:
        BrokenWorldError: `qt_missing`, `glyph_missing`, `file_unwritable`.
    """
    path = Path(args.xlsx if args.pdf is None else args.pdf)
    try:
        if args.pdf is None:
            from core.reports.workbook import write_workbook

            ways = {kind.value: tr(name) for kind, name in TENDER_NAMES.items()}
            write_workbook(found, path, currency=settings.currency, shop_name=settings["name"], tender_names=ways)
        else:
            from ui.platform import ready_to_draw

            ready_to_draw()
            from ui.printing.report import write_report_pdf

            write_report_pdf(found, settings, path)
    except OSError as error:
        raise BrokenWorldError("file_unwritable", file=path, detail=error.strerror) from error


def document(found: Report) -> dict[str, Any]:
    """The report for scripts; money in minor units, ratios as decimals."""
    return {
        "from": found.start,
        "to": found.end,
        "total": figures(found.total),
        "days": [{"date": date, **figures(sums)} for date, sums in found.days],
        "repeat": {
            "days": found.repeat.days,
            "members": found.repeat.members,
            "again": found.repeat.again,
            "rate": found.repeat.rate,
        },
        "funnel": [asdict(one) for one in found.funnel],
        "credit": [{"guide": one.person, "name": one.name, "amount": one.amount} for one in found.credit],
        "by_guide": [_group("guide", group) for group in found.by_guide],
        "by_cashier": [_group("cashier", group) for group in found.by_cashier],
        "by_hour": [{**_group("hour", group), "hour": int(group.key)} for group in found.by_hour],
        "by_tender": [asdict(group) for group in found.by_tender],
        "by_product": [
            {"code": group.key, "name": group.name, "net": group.net, "pieces": group.pieces}
            for group in found.by_product
        ],
        "by_touchpoint": [_group("touchpoint", group) for group in found.by_touchpoint],
    }


def figures(sums: Figures) -> dict[str, Any]:
    """Sums and the ratios of them, for scripts."""
    return {**asdict(sums), **{name: getattr(sums, name) for name in KPIS}}


def _group(name: str, group: Group) -> dict[str, Any]:
    return {name: group.key, "net": group.net, "orders": group.orders, "pieces": group.pieces}


def _percent(rate: Decimal | None) -> str:
    return "—" if rate is None else f"{rate:.1%}"


def lines(found: Report, settings: Settings) -> list[str]:
    """The report for people."""

    def show(minor: int | None) -> str:
        return "—" if minor is None else str(settings.amount(minor))

    total = found.total
    period = found.start if found.start == found.end else f"{found.start} … {found.end}"
    head = table(
        [
            (tr("Net sales"), f"{settings.currency} {show(total.net)}"),
            (tr("Orders"), number(total.orders)),
            (tr("Pieces"), number(total.pieces)),
            (tr("Per order"), show(total.per_order)),
            (tr("Per piece"), show(total.per_piece)),
            (tr("Pieces per order"), number(total.pieces_per_order)),
            (tr("Returns"), show(total.returns)),
            (tr("Tax included"), show(total.tax)),
            (tr("Rounded down"), show(total.rounding)),
            (tr("Net sales to members"), show(total.member_net)),
            (tr("New members"), number(total.new_members)),
            (tr("Came again, of the last {days} days", days=found.repeat.days), _percent(found.repeat.rate)),
        ],
        right=(1,),
    )
    hours = table([(f"{int(g.key):02}:00", show(g.net), str(g.orders)) for g in found.by_hour], right=(1, 2))
    tenders = table(
        [(tr(TENDER_NAMES[TenderKind(g.tender)]), show(g.amount), str(g.count)) for g in found.by_tender],
        right=(1, 2),
    )
    goods = table(
        [(group.name or group.key, show(group.net), str(group.pieces)) for group in found.by_product[:_TOP]],
        right=(1, 2),
    )
    won = table(
        [(one.touchpoint, *map(str, (one.bound, one.bought, one.again)), show(one.net)) for one in found.funnel],
        right=(1, 2, 3, 4),
    )
    credited = table([(one.name or one.person, show(one.amount)) for one in found.credit], right=(1,))
    funnel = tr("Members by touchpoint: bound, bought, bought again, net")
    parts = (
        (tr("By hour"), hours),
        (tr("By way of paying"), tenders),
        (tr("Best sellers"), goods),
        (tr("Credited"), credited),
        (funnel, won),
    )
    result = [f"{settings['name']} · {period}", "", *head]
    for title, part in parts:
        if part:
            result += ["", title, *(f"  {line}" for line in part)]
    return result
