"""What stands on a receipt, in the order in which it stands there. Pure; painting it is the face's work."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from core.clock import iso_time
from core.codes.gs1 import gtin14, short_gtin
from core.events import LineKind, SaleCompleted, SaleLine, TenderKind
from core.money import format_amount, format_rate, round_div
from core.settings import Settings
from core.texts import mark, tr

TENDER_NAMES = {
    TenderKind.CASH: mark("Cash"),
    TenderKind.WECHAT: mark("WeChat Pay"),
    TenderKind.ALIPAY: mark("Alipay"),
    TenderKind.UNIONPAY: mark("UnionPay"),
    TenderKind.CARD: mark("Card"),
    TenderKind.OTHER: mark("Other"),
}


@dataclass(frozen=True, slots=True)
class SlipLine:
    """An item: its name, what stands under it, and its amount."""

    name: str
    detail: str
    amount: str


@dataclass(frozen=True, slots=True)
class Slip:
    """A receipt, composed. A `pair` is a word and a figure on one line.

    Attributes:
        code: what the symbol at the foot carries: the receipt's number.
        width: paper, mm.
    """

    shop: str
    mark: str
    facts: tuple[tuple[str, str], ...]
    lines: tuple[SlipLine, ...]
    sums: tuple[tuple[str, str], ...]
    total: tuple[str, str]
    paid: tuple[tuple[str, str], ...]
    foot: tuple[str, ...]
    code: str
    width: int


def compose(event: SaleCompleted, settings: Settings, copy: int = 0) -> Slip:
    """A receipt of a sale in the current language. `copy` counts reprints; 0 is the first print."""
    currency = settings.currency

    def show(minor: int) -> str:
        return format_amount(minor, currency)

    head = event.head
    facts = (
        (tr("Receipt"), event.receipt),
        (tr("Time"), iso_time(head.at, head.offset)[:19].replace("T", " ")),
        (tr("Till · cashier"), f"{settings['terminal']} · {head.staff}"),
    )
    discount = sum(line.discount for line in event.lines)
    sums = [(tr("Pieces"), str(event.pieces))]
    if discount:
        sums += [(tr("Subtotal"), show(event.net + discount)), (tr("Discount"), show(-discount))]
    if event.rounding:
        sums.append((tr("Rounded down"), show(event.rounding)))
    if taken_back := event.rounded - event.rounding:
        sums.append((tr("Rounding of the sale taken back"), show(taken_back)))
    paid = [
        (tr(TENDER_NAMES[tender.kind]), show(event.cash_given or tender.amount))
        if tender.kind is TenderKind.CASH
        else (" ".join((tr(TENDER_NAMES[tender.kind]), tender.reference)).strip(), show(tender.amount))
        for tender in event.tenders
    ]
    if event.cash_given:
        paid.append((tr("Change"), show(event.change)))
    paid += _rewards(event)
    foot = [text for text in (settings["receipt_footer"],) if text]
    return Slip(
        settings["name"],
        tr("Copy {n}", n=copy) if copy else "",
        facts,
        tuple(
            SlipLine(_name(line.kind, line.name), _detail(line, currency), show(line.amount)) for line in event.lines
        ),
        (*sums, *_taxes(event, currency)),
        (tr("Total") if event.due >= 0 else tr("Refund"), f"{currency} {show(abs(event.due))}"),
        tuple(paid),
        tuple(foot),
        event.receipt,
        int(settings["receipt_width"]),
    )


def _name(kind: LineKind, name: str) -> str:
    return name if kind is LineKind.SALE else tr("Return: {name}", name=name)


_LONGEST_SERIAL = 20
"""That there is room for; it tells more than the code of the item."""


def _detail(line: SaleLine, currency: str) -> str:
    code = short_gtin(line.code) if len(line.code) == 14 and gtin14(line.code) else line.code
    if line.unit and len(line.serial) <= _LONGEST_SERIAL:
        code = line.serial
    price = line.list_price if line.list_price is not None else round_div(line.amount, line.quantity)
    parts = [code, f"{format_amount(price, currency)} × {abs(line.quantity)}"]
    if line.weight:
        parts.append(f"{line.weight} g")
    if line.discount:
        parts.append(format_amount(-line.discount, currency))
    return "  ".join(parts)


def _rewards(event: SaleCompleted) -> list[tuple[str, str]]:
    """Points that were used and earned, and the coupon; of what came back, less."""
    used, earned = sum(line.used for line in event.lines), sum(line.earned for line in event.lines)
    found = [(tr("Coupon"), event.coupon)] if event.coupon else []
    found += [(tr("Coupon to be used again"), back.coupon) for back in event.coupons_back]
    return [
        *found,
        *([(tr("Points used"), f"{used:,}")] if used else []),
        *([(tr("Points earned"), f"{earned:,}")] if earned else []),
    ]


def _taxes(event: SaleCompleted, currency: str) -> list[tuple[str, str]]:
    by_rate: dict[int, int] = {}
    for line in event.lines:
        by_rate[line.tax_rate] = by_rate.get(line.tax_rate, 0) + line.tax
    return [
        (tr("Tax included {rate}", rate=format_rate(rate)), format_amount(tax, currency))
        for rate, tax in sorted(by_rate.items())
        if rate
    ]


def plain_text(slip: Slip, columns: int = 40) -> list[str]:
    """The receipt as lines of text; wide characters take two columns."""

    def pair(left: str, right: str) -> str:
        return left + " " * max(1, columns - _width(left) - _width(right)) + right

    rule = "-" * columns
    lines = [slip.shop, *([slip.mark] if slip.mark else []), *(pair(*fact) for fact in slip.facts), rule]
    for item in slip.lines:
        lines += [item.name, pair(f"  {item.detail}", item.amount)]
    lines += [rule, *(pair(*figure) for figure in slip.sums), pair(*slip.total), *(pair(*way) for way in slip.paid)]
    return [*lines, *slip.foot]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
