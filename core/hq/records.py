"""What a row of a file says, by scope: which columns it has, and the row of the feed that it becomes. Pure.

Goods are read as a till reads them (`core.catalogue.files`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from core import money
from core.catalogue.product import product_code
from core.clock import parse_date
from core.credit.rules import MOST_DAYS, Rule, check_rule
from core.errors import RefusedError
from core.privacy import clean_words
from core.rewards.rules import PointsRule
from core.rewards.rules import check_rule as check_points_rule
from core.rows import (
    COMMANDS,
    CommandRow,
    CreditRow,
    FreezeRow,
    NoticeRow,
    PersonRow,
    PointsRuleRow,
    PriceRow,
    PromotionRow,
    SettingRow,
    TargetRow,
)
from core.settings import check_value
from core.staff.commands import check_id, check_person

Cells = Mapping[str, str]
"""What stands in the columns that a scope has; nothing in those that a file lacks."""

_TRUE, _FALSE = ("", "yes", "1", "true", "是"), ("no", "0", "false", "否")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00:00)?", re.ASCII)
_CODE = ("gtin", "barcode", "code", "product_id", "条码", "货号", "條碼", "貨號")


@dataclass(frozen=True, slots=True)
class Scope:
    """How a scope's files are read.

    Attributes:
        headers: names of its columns, the better ones first.
        read: makes key and row of the cells of one line; amounts are in a currency's main unit.
        optional: columns that a file may lack.
    """

    headers: Mapping[str, tuple[str, ...]]
    read: Callable[[Cells, str], tuple[str, msgspec.Struct]]
    optional: frozenset[str] = frozenset()

    @property
    def needed(self) -> frozenset[str]:
        """Columns that a file must have."""
        return frozenset(self.headers) - self.optional


def _person(cells: Cells, _: str) -> tuple[str, msgspec.Struct]:
    id_, active = cells["id"], cells["active"].casefold()
    name, role = check_person(id_, cells["name"], cells["role"])
    if active not in _TRUE + _FALSE:
        raise RefusedError("bad_setting", name="active", text=active[:40], form="yes | no")
    return id_, PersonRow(name=name, role=role.value, active=active in _TRUE)


def _setting(cells: Cells, _: str) -> tuple[str, msgspec.Struct]:
    check_value(cells["name"], cells["value"])
    return cells["name"], SettingRow(cells["value"])


def _price(cells: Cells, currency: str) -> tuple[str, msgspec.Struct]:
    price = _amount(cells["price"], currency) if cells["price"] else 0
    return f"{_product(cells['code'])}:{_date(cells['from'])}", PriceRow(price or None)


def _promotion(cells: Cells, currency: str) -> tuple[str, msgspec.Struct]:
    start, until = _date(cells["from"]), _date(cells["until"])
    if until < start:
        raise RefusedError("bad_period", start=start, end=until)
    price = _amount(cells["price"], currency)
    if not price:
        raise RefusedError("bad_price")
    return f"{_product(cells['code'])}:{start}", PromotionRow(price, until)


def _freeze(cells: Cells, _: str) -> tuple[str, msgspec.Struct]:
    return _product(cells["code"]), FreezeRow(clean_words(cells["reason"]))


def _target(cells: Cells, currency: str) -> tuple[str, msgspec.Struct]:
    date, person = _date(cells["date"]), cells["staff"].strip()
    if person:
        check_id(person)
    return f"{date}:{person}" if person else date, TargetRow(_amount(cells["net"], currency))


def _credit(cells: Cells, _: str) -> tuple[str, msgspec.Struct]:
    window, protected = (_days(cells[name]) for name in ("window", "protected"))
    rule = Rule(_date(cells["from"]), money.parse_rate(cells["binder"]), window, protected)
    check_rule(rule)
    return rule.since, CreditRow(rule.binder, rule.window, rule.protected)


def _days(text: str) -> int:
    if text and not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise RefusedError("bad_credit_rule", most=MOST_DAYS)
    return int(text or 0)


def _points(cells: Cells, currency: str) -> tuple[str, msgspec.Struct]:
    spend, worth = (_amount(cells[name], currency) if cells[name] else 0 for name in ("spend", "worth"))
    most = money.parse_rate(cells["most"]) if cells["most"] else money.RATE_UNIT
    unheard = cells["unheard"] or "0"
    if not (unheard.isascii() and unheard.isdecimal() and len(unheard) < 10):
        raise RefusedError("bad_points_rule")
    rule = PointsRule(_date(cells["from"]), spend, worth, most, int(unheard))
    check_points_rule(rule)
    return rule.since, PointsRuleRow(spend=rule.spend, worth=rule.worth, most=rule.most, unheard=rule.unheard)


def _notice(cells: Cells, _: str) -> tuple[str, msgspec.Struct]:
    text = clean_words(cells["text"])
    if not text or not cells["id"]:
        raise RefusedError("row_too_short")
    return cells["id"][:40], NoticeRow(text)


def _command(cells: Cells, _: str) -> tuple[str, msgspec.Struct]:
    if not cells["id"]:
        raise RefusedError("row_too_short")
    if cells["do"] not in COMMANDS:
        raise RefusedError("unknown_command", text=cells["do"][:40])
    return cells["id"][:40], CommandRow(cells["do"])


def _product(text: str) -> str:
    if not text:
        raise RefusedError("no_code")
    return product_code(text)


def _amount(text: str, currency: str) -> int:
    amount = money.parse_amount(text, currency)
    if amount < 0:
        raise RefusedError("bad_price")
    return amount


def _date(text: str) -> str:
    """A business date, as people and spreadsheets write one."""
    found = _DAY.fullmatch(text.strip())
    return parse_date("{}-{:0>2}-{:0>2}".format(*found.groups()) if found else text)


SCOPES: Mapping[str, Scope] = {
    "staff": Scope(
        {
            "id": ("id", "staff", "工号", "工號"),
            "name": ("name", "姓名"),
            "role": ("role", "职务", "職務"),
            "active": ("active", "在职", "在職"),
        },
        _person,
        frozenset({"active"}),
    ),
    "settings": Scope({"name": ("name", "setting", "设置", "設定"), "value": ("value", "值")}, _setting),
    "prices": Scope(
        {"code": _CODE, "price": ("price", "售价", "售價"), "from": ("from", "date", "生效日期", "起")}, _price
    ),
    "promotions": Scope(
        {
            "code": _CODE,
            "price": ("price", "促销价", "促銷價"),
            "from": ("from", "start", "开始日期", "開始日期", "起"),
            "until": ("until", "to", "end", "结束日期", "結束日期", "止"),
        },
        _promotion,
    ),
    "freezes": Scope(
        {"code": (*_CODE, "serial", "batch", "批次"), "reason": ("reason", "原因")}, _freeze, frozenset({"reason"})
    ),
    "targets": Scope(
        {
            "date": ("date", "日期"),
            "net": ("net", "target", "amount", "目标", "目標"),
            "staff": ("staff", "guide", "导购", "導購"),
        },
        _target,
        frozenset({"staff"}),
    ),
    "credit": Scope(
        {
            "from": ("from", "since", "date", "生效日期", "起"),
            "binder": ("binder", "rate", "绑定比例", "綁定比例"),
            "window": ("window", "days", "有效天数", "有效天數"),
            "protected": ("protected", "保护天数", "保護天數"),
        },
        _credit,
        frozenset({"window", "protected"}),
    ),
    "points": Scope(
        {
            "from": ("from", "since", "date", "生效日期", "起"),
            "spend": ("spend", "消费金额", "消費金額"),
            "worth": ("worth", "抵扣金额", "抵扣金額"),
            "most": ("most", "最高抵扣比例"),
            "unheard": ("unheard", "offline", "离线上限", "離線上限"),
        },
        _points,
        frozenset({"most", "unheard"}),
    ),
    "commands": Scope({"id": ("id", "编号", "編號"), "do": ("do", "command", "命令")}, _command),
    "notices": Scope({"id": ("id", "编号", "編號"), "text": ("text", "notice", "通知", "内容", "內容")}, _notice),
}
"""Besides `catalogue`."""
