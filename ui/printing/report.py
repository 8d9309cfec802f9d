"""A manager's report on A4: laid out first, as texts and areas on pages; painted when their number is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPageSize, QPainter

from core.events import TenderKind
from core.money import format_amount
from core.reports.kpi import Group, Report
from core.sales.receipt import TENDER_NAMES
from core.settings import Settings
from core.texts import tr
from ui import theme
from ui.printing import paper

_DPI = 300
_MM = _DPI / 25.4
_WIDTH, _HEIGHT, _MARGIN = 210.0, 297.0, 16.0
_INNER, _BOTTOM = _WIDTH - 2 * _MARGIN, _HEIGHT - _MARGIN - 8
_CARD, _SPACE, _CHART = 15.0, 4.0, 50.0
_TOP = 30
"""Products that are listed."""

_TYPE = {
    "title": (6.4, True),
    "heading": (4.4, True),
    "plain": (3.4, False),
    "bold": (3.4, True),
    "small": (2.9, False),
}
"""Height of type, mm, and weight."""

_INK = theme.LIGHT
_LEFT, _RIGHT, _CENTRE = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignHCenter
_NUMBER = 28.0


def write_report_pdf(found: Report, settings: Settings, path: Path) -> None:
    """Write a report as a PDF of A4 pages in the current language, whole or not at all.

    Raises:
        OSError: when the file cannot be written, or is a device and no file.
        BrokenWorldError: `glyph_missing`.
    """
    name = " · ".join((settings["name"], _period(found)))
    pages = _compose(found, settings).finish(name)
    paper.check_glyphs(part.text for page in pages for part in page if isinstance(part, _Text))
    paints = [partial(_paint, page) for page in pages]
    paper.write_pdf(path, paints, title=name, size=QPageSize(QPageSize.PageSizeId.A4), dpi=_DPI)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text in an area, mm; it may be longer than that is high."""

    area: QRectF
    text: str
    font: str
    side: Qt.AlignmentFlag
    colour: str


@dataclass(frozen=True, slots=True)
class _Fill:
    """An area of one colour, mm."""

    area: QRectF
    colour: str


@dataclass(frozen=True, slots=True)
class _Column:
    """A table's column: its heading, its width in mm, the side on which its texts stand."""

    title: str
    width: float
    side: Qt.AlignmentFlag = _RIGHT


class _Pages:
    """Lays parts out from top to bottom, and goes on on the next page. Positions and lengths in mm."""

    def __init__(self) -> None:
        self._pages: list[list[_Text | _Fill]] = [[]]
        self._y = _MARGIN
        self._metrics = {name: QFontMetricsF(font) for name, font in _fonts().items()}

    def finish(self, name: str) -> list[list[_Text | _Fill]]:
        """The pages, each with its number and what they are about at its foot."""
        foot = _HEIGHT - _MARGIN - 4
        for n, page in enumerate(self._pages, 1):
            number = tr("Page {n} of {of}", n=n, of=len(self._pages))
            page.append(_Text(QRectF(_MARGIN, foot, _INNER - 40, 4), name, "small", _LEFT, _INK.muted))
            page.append(_Text(QRectF(_MARGIN + _INNER - 40, foot, 40, 4), number, "small", _RIGHT, _INK.muted))
        return self._pages

    def line(self, text: str, font: str = "plain", colour: str = _INK.text) -> None:
        """A text of its own."""
        self._need(self._height(text, font, _INNER))
        self._y += self._text(text, (0, 0, _INNER), font, colour=colour)

    def cards(self, figures: Sequence[tuple[str, str]]) -> None:
        """Figures below their names, next to each other."""
        self._y += _SPACE
        self._need(_CARD)
        width = (_INNER - _SPACE * (len(figures) - 1)) / len(figures)
        for place, (title, figure) in enumerate(figures):
            left = place * (width + _SPACE)
            self._fill(left, 0, width, _CARD, _INK.accent_soft)
            self._text(title, (left + 3, 2, width - 4), "small", colour=_INK.muted)
            font = next((font for font in ("heading", "bold") if self._advance(figure, font) < width - 4), "small")
            self._text(figure, (left + 3, 7, width - 4), font)
        self._y += _CARD

    def chart(self, title: str, bars: dict[int, int], name: Callable[[int], str], show: Callable[[int], str]) -> None:
        """Amounts as bars over their places on a line; a place without one stays empty.

        Args:
            bars: amount of each place, minor units.
            name: of a place.
            show: an amount as text.
        """
        self._y += 2 * _SPACE
        self._need(_CHART + 16)
        self.line(title, "heading")
        self._y += _SPACE
        ticks = _steps(min(0, *bars.values()), max(0, *bars.values()))
        span = max(ticks[-1] - ticks[0], 1)
        left = max(self._advance(show(tick), "small") for tick in ticks) + 5
        for tick in ticks:
            y = _CHART * (ticks[-1] - tick) / span
            self._fill(left, y, _INNER - left, 0.15 if tick else 0.3, _INK.muted if tick == 0 else _INK.line)
            self._text(show(tick), (0, y - 2, left - 3), "small", _RIGHT, _INK.muted)
        first, places = min(bars), max(bars) - min(bars) + 1
        slot = (_INNER - left) / places
        width = min(max(slot * 0.7, 0.1), 12)
        for place, amount in bars.items():
            top = _CHART * (ticks[-1] - max(amount, 0)) / span
            x = left + (place - first + 0.5) * slot - width / 2
            self._fill(x, top, width, _CHART * abs(amount) / span, _INK.accent if amount > 0 else _INK.bad)
        room = max(self._advance(name(place), "small") for place in (first, max(bars))) + 3
        every = max(1, round(room / slot + 0.5))
        for place in range(first, first + places, every):
            x = left + (place - first + 0.5) * slot - room / 2
            self._text(name(place), (x, _CHART + 2.5, room), "small", _CENTRE, _INK.muted)
        self._y += _CHART + 7

    def table(self, title: str, columns: Sequence[_Column], rows: Sequence[Sequence[str]], note: str = "") -> None:
        """Rows below a title and headings, which are repeated on every page; nothing where there are no rows."""
        if not rows:
            return
        self._y += 2 * _SPACE
        heading = [column.title for column in columns]
        self._need(12 + self._row_height(columns, heading, "bold") + self._row_height(columns, rows[0], "plain"))
        self.line(title, "heading")
        if note:
            self.line(note, "small", _INK.muted)
        self._y += 1
        self._row(columns, heading, "bold", _INK.muted)
        for row in rows:
            if self._need(self._row_height(columns, row, "plain")):
                self._row(columns, heading, "bold", _INK.muted)
            self._row(columns, row, "plain", _INK.line)

    def _row(self, columns: Sequence[_Column], texts: Sequence[str], font: str, rule: str) -> None:
        height, left = self._row_height(columns, texts, font), 0.0
        for column, text in zip(columns, texts, strict=True):
            at = (left + (2 if column.side == _RIGHT else 0), 0.8, column.width - 2)
            self._text(text, at, font, column.side)
            left += column.width
        self._fill(0, height - 0.15, _INNER, 0.15, rule)
        self._y += height

    def _row_height(self, columns: Sequence[_Column], texts: Sequence[str], font: str) -> float:
        heights = (self._height(text, font, c.width - 2) for c, text in zip(columns, texts, strict=True))
        return max(heights) + 1.6

    def _need(self, height: float) -> bool:
        """Go on on the next page if so much is not left on this one. Returns whether that was so."""
        if self._y + height <= _BOTTOM:
            return False
        self._pages.append([])
        self._y = _MARGIN
        return True

    def _text(
        self,
        text: str,
        at: tuple[float, float, float],
        font: str,
        side: Qt.AlignmentFlag = _LEFT,
        colour: str = _INK.text,
    ) -> float:
        """A text at the left, top and width of its area. Returns its height."""
        x, y, width = at
        height = self._height(text, font, width)
        self._pages[-1].append(_Text(QRectF(_MARGIN + x, self._y + y, width, height), text, font, side, colour))
        return height

    def _fill(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        self._pages[-1].append(_Fill(QRectF(_MARGIN + x, self._y + y, width, height), colour))

    def _height(self, text: str, font: str, width: float) -> float:
        area = QRectF(0, 0, width * _MM, 100_000)
        return self._metrics[font].boundingRect(area, _flags(_LEFT), text or " ").height() / _MM

    def _advance(self, text: str, font: str) -> float:
        return self._metrics[font].horizontalAdvance(text) / _MM


def _compose(found: Report, settings: Settings) -> _Pages:
    show = partial(_show, settings.currency)
    total, pages = found.total, _Pages()
    pages.line(settings["name"], "title")
    pages.line(" · ".join((_period(found), settings.currency)), colour=_INK.muted)
    pieces = total.pieces_per_order
    pages.cards(
        [
            (tr("Net sales"), show(total.net)),
            (tr("Per order"), show(total.per_order)),
            (tr("Orders · pieces per order"), f"{total.orders:,} · {'—' if pieces is None else f'{pieces:.2f}'}"),
            (tr("Returns"), show(total.returns)),
        ]
    )
    pages.cards(
        [
            (tr("Pieces"), f"{total.pieces:,}"),
            (tr("Per piece"), show(total.per_piece)),
            (tr("Tax included"), show(total.tax)),
            (tr("Rounded down"), show(total.rounding)),
        ]
    )
    one_day = found.start == found.end
    if one_day and found.by_hour:
        hours = {int(group.key): group.net for group in found.by_hour}
        pages.chart(tr("Net sales by hour"), hours, _hour, show)
    elif found.days:
        days = {date.fromisoformat(day).toordinal(): figures.net for day, figures in found.days}
        pages.chart(tr("Net sales by day"), days, _day, show)
    _add_tables(pages, found, show)
    if one_day:
        _groups(pages, tr("By hour"), tr("Hour"), [(_hour(int(group.key)), group) for group in found.by_hour], show)
    else:
        days_columns = _columns(tr("Date"), tr("Orders"), tr("Pieces"), tr("Returns"), tr("Net sales"))
        rows = [
            (day, f"{one.orders:,}", f"{one.pieces:,}", show(one.returns), show(one.net)) for day, one in found.days
        ]
        pages.table(tr("By day"), days_columns, rows)
    return pages


def _add_tables(pages: _Pages, found: Report, show: Callable[[int], str]) -> None:
    pages.table(
        tr("By way of paying"),
        _columns(tr("Way of paying"), tr("Payments"), tr("Amount")),
        [
            (tr(TENDER_NAMES[TenderKind(group.tender)]), f"{group.count:,}", show(group.amount))
            for group in found.by_tender
        ],
    )
    code, *others = _columns(tr("Code"), tr("Pieces"), tr("Net sales"))
    goods, shown = len(found.by_product), found.by_product[:_TOP]
    pages.table(
        tr("Best sellers"),
        [_Column(code.title, 40, _LEFT), _Column(tr("Item"), code.width - 40, _LEFT), *others],
        [(group.key, group.name, f"{group.pieces:,}", show(group.net)) for group in shown],
        tr("The first {shown} of {all} items", shown=len(shown), all=goods) if goods > _TOP else "",
    )
    for title, heading, groups in (
        (tr("By cashier"), tr("Cashier"), found.by_cashier),
        (tr("By guide"), tr("Guide"), found.by_guide),
    ):
        _groups(pages, title, heading, [(group.name or group.key, group) for group in groups], show)


def _groups(
    pages: _Pages, title: str, heading: str, groups: Sequence[tuple[str, Group]], show: Callable[[int], str]
) -> None:
    rows = [(name, f"{group.orders:,}", f"{group.pieces:,}", show(group.net)) for name, group in groups]
    pages.table(title, _columns(heading, tr("Orders"), tr("Pieces"), tr("Net sales")), rows)


def _columns(first: str, *numbers: str) -> list[_Column]:
    """A wide column of texts, and columns of figures."""
    wide = _Column(first, _INNER - _NUMBER * len(numbers), _LEFT)
    return [wide, *(_Column(number, _NUMBER) for number in numbers)]


def _paint(parts: Sequence[_Text | _Fill], painter: QPainter) -> None:
    fonts = _fonts()
    for part in parts:
        area = part.area
        dots = QRectF(area.x() * _MM, area.y() * _MM, area.width() * _MM, area.height() * _MM)
        if isinstance(part, _Fill):
            painter.fillRect(dots, QColor(part.colour))
        else:
            painter.setFont(fonts[part.font])
            painter.setPen(QColor(part.colour))
            painter.drawText(dots, _flags(part.side), part.text)


def _fonts() -> dict[str, QFont]:
    return {name: paper.font(mm * _MM, bold=bold) for name, (mm, bold) in _TYPE.items()}


def _flags(side: Qt.AlignmentFlag) -> int:
    return side | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWrapAnywhere | Qt.TextFlag.TextDontClip


def _steps(low: int, high: int) -> range:
    """About four round steps from at most `low` to at least `high`, minor units."""
    sizes = (factor * 10**power for power in range(20) for factor in (1, 2, 5))
    size = next(size for size in sizes if high - low <= size * 5)
    return range(low // size * size, -(-high // size) * size + 1, size)


def _show(currency: str, minor: int | None) -> str:
    return "—" if minor is None else format_amount(minor, currency)


def _hour(hour: int) -> str:
    return f"{hour:02}:00"


def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


def _period(found: Report) -> str:
    return found.start if found.start == found.end else f"{found.start} … {found.end}"
