"""The shop's days."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date as date_type
from datetime import timedelta
from enum import StrEnum

from core.clock import parse_date
from core.errors import RefusedError
from core.reports.kpi import Report
from core.reports.queries import figures_of, first_day, report
from core.rows import DayRow, TargetRow, read
from core.shop.terminal import Actor, View
from core.staff.permissions import Permission
from core.sync import feeds


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """A period, and the one before it that has the same weekdays. Each reading is one of its own: comparing the
    figures of a year would take longer than reading them.
    """

    report: Report
    before: Report
    shop: ShopWide | None


@dataclass(frozen=True, slots=True)
class ShopWide:
    """What all tills of the store sold, as far as it is known here. Money in minor units.

    Attributes:
        tills: how many of them sold something.
        target: what was to be sold; none where head office did not say.
    """

    net: int
    orders: int
    tills: int
    target: int | None


class Span(StrEnum):
    """A period as people step through it."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def span_around(view: View, span: Span, date: str = "", steps: int = 0) -> tuple[str, str]:
    """First and last business date of the day, the week (from Monday) or the month of a date.

    Args:
        date: in it; the current business date, if none is given.
        steps: so many spans later.

    Raises:
        RefusedError: `bad_date` where there is no such day.
    """
    try:
        day = date_type.fromisoformat(date or view.today())
        if span is Span.DAY:
            first = last = day + timedelta(days=steps)
        elif span is Span.WEEK:
            first = day - timedelta(days=day.weekday()) + timedelta(weeks=steps)
            last = first + timedelta(days=6)
        else:
            months = day.year * 12 + day.month - 1 + steps
            first = date_type(months // 12, months % 12 + 1, 1)
            last = first.replace(day=monthrange(first.year, first.month)[1])
    except (OverflowError, ValueError):
        raise RefusedError("bad_date", text=date) from None
    return parse_date(first.isoformat()), parse_date(last.isoformat())


def beside(view: View, by: Actor, start: str, end: str) -> Beside:
    """A period beside the one before it, so many whole weeks earlier that weekday stands beside weekday.

    Raises:
        RefusedError: `not_allowed`, `bad_date`, `bad_period`.
    """
    first, last = (date_type.fromisoformat(parse_date(date)) for date in (start, end))
    if last < first:
        raise RefusedError("bad_period", start=start, end=end)
    weeks = timedelta(weeks=-(-((last - first).days + 1) // 7))
    before = tuple(parse_date((date - weeks).isoformat()) for date in (first, last))
    now = day_report(view, by, start, end)
    return Beside(now, day_report(view, by, *before), shop_wide(view, by, now.start, now.end))


def shop_wide(view: View, by: Actor, start: str, end: str) -> ShopWide | None:
    """What all tills of the store sold in a period: this one as it knows itself, the others as head office told last.
    None where head office says nothing of it.

    Raises:
        RefusedError: `not_allowed`.
    """
    view.require(by, Permission.SEE_REPORTS)
    own, here = view.settings["terminal"], figures_of(view.connection, start, end)
    net, orders, tills, others = here.net, here.orders, {own} if here.orders else set[str](), False
    for key, body in feeds.between(view.connection, "days", start, end).items():
        terminal = key.partition(":")[2]
        row = read(body, DayRow)
        if row and terminal != own:
            net, orders, others = net + row.net, orders + row.orders, True
            tills.add(terminal)
    bodies = feeds.between(view.connection, "targets", start, end).items()
    # Those of people are parts of the store's.
    targets = [said.net for key, body in bodies if ":" not in key and (said := read(body, TargetRow))]
    target = sum(targets) if targets else None
    return ShopWide(net, orders, len(tills), target) if others or targets else None


def day_report(view: View, by: Actor, start: str = "", end: str = "") -> Report:
    """Figures of a period; of the current business day, if no date is given.

    Args:
        start: first business date; the first on record, if only the end is given.
        end: last business date; the current one, if only the start is given.

    Raises:
        RefusedError: `bad_period`, `not_allowed`.
    """
    view.require(by, Permission.SEE_REPORTS)
    today = view.today()
    if end and not start:
        start = min(first_day(view.connection) or end, end)
    elif start and not end:
        end = max(start, today)
    return report(view.connection, start or today, end or today, view.settings["repeat_days"])
