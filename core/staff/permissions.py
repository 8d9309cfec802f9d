"""Who may do what. One table; every use case asks it through `core.shop.terminal.View.require`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from core.events import Role
from core.texts import mark


class Permission(StrEnum):
    """Something that not everybody may do."""

    SELL = "sell"
    DISCOUNT = "discount"
    OVERRIDE_PRICE = "override_price"
    RETURN = "return"
    BLIND_RETURN = "blind_return"
    REPRINT = "reprint"
    CHANGE_GOODS = "change_goods"
    IMPORT_GOODS = "import_goods"
    ISSUE_CODES = "issue_codes"
    PUT_ON_SALE = "put_on_sale"
    BLOCK_CODES = "block_codes"
    SEE_REPORTS = "see_reports"
    CHANGE_SETTINGS = "change_settings"
    CHANGE_STAFF = "change_staff"
    SETTLE = "settle"
    BIND = "bind"
    SEE_MEMBERS = "see_members"
    DISCLOSE = "disclose"
    ERASE_MEMBER = "erase_member"
    CREDIT = "credit"
    REWARD = "reward"
    REPLAY = "replay"


_MEMBERS = {Permission.BIND, Permission.SEE_MEMBERS}
_COUNTER = {Permission.SELL, Permission.DISCOUNT, Permission.RETURN, Permission.REPRINT, Permission.PUT_ON_SALE}

ALLOWED: Mapping[Role, frozenset[Permission]] = {
    Role.CASHIER: frozenset(_COUNTER | _MEMBERS),
    Role.GUIDE: frozenset({Permission.REPRINT, Permission.PUT_ON_SALE} | _MEMBERS),
    Role.MANAGER: frozenset(Permission),
    Role.IT: frozenset(
        {Permission.CHANGE_GOODS, Permission.IMPORT_GOODS, Permission.ISSUE_CODES, Permission.CHANGE_SETTINGS}
    ),
}
"""Looking things up and proving that everything is whole are allowed to all."""


ROLE_NAMES = {
    Role.CASHIER: mark("Cashier"),
    Role.GUIDE: mark("Guide"),
    Role.MANAGER: mark("Manager"),
    Role.IT: mark("IT"),
}


def may(role: Role, permission: Permission) -> bool:
    """Whether a role allows something."""
    return permission in ALLOWED[role]
