"""The shop's days."""

from __future__ import annotations

from core.reports.queries import Report, report
from core.shop.terminal import View


def day_report(view: View, start: str = "", end: str = "") -> Report:
    """Figures of a period; of the current business day, if no date is given.

    Raises:
        RefusedError: `bad_period`.
    """
    start = start or end or view.today()
    return report(view.connection, start, end or start)
