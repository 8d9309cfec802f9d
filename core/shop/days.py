"""The shop's days."""

from __future__ import annotations

from core.reports.queries import Report, first_day, report
from core.shop.terminal import Actor, View
from core.staff.permissions import Permission


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
