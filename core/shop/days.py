"""The shop's days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as date_type
from datetime import timedelta

from core.clock import parse_date
from core.errors import RefusedError
from core.reports.kpi import Figures
from core.reports.queries import Report, first_day, report
from core.shop.terminal import Actor, View
from core.staff.permissions import Permission


@dataclass(frozen=True, slots=True)
class DayBeside:
    """A business day, and the figures of the same weekday a week before."""

    report: Report
    before: Figures


def beside(view: View, by: Actor, date: str = "", days: int = 0) -> DayBeside:
    """A business day beside the same weekday a week before.

    Args:
        date: the current one, if none is given.
        days: so many days later.

    Raises:
        RefusedError: `not_allowed`, `bad_date` where there is no such day.
    """
    try:
        day = date_type.fromisoformat(date or view.today()) + timedelta(days=days)
    except OverflowError:
        raise RefusedError("bad_date", text=date) from None
    this, before = (parse_date(one.isoformat()) for one in (day, day - timedelta(days=7)))
    return DayBeside(day_report(view, by, this, this), day_report(view, by, before, before).total)


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
    return report(view.connection, start or today, end or today)
