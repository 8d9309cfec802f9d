"""The rooms of the window, in the order of the rail: who may enter, and what stands in each."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.staff.permissions import Permission
from core.texts import mark

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from core.shop.people import Present
    from ui.presenter import Place, Presenter
    from ui.theme import Tokens


@dataclass(frozen=True, slots=True)
class Room:
    """One room.

    Attributes:
        word: its name on the rail.
        permission: that its user needs; none for a room that is open to all.
        presenter, page: `folder.module.Class`, imported when the room is first entered.
    """

    word: str
    permission: Permission | None
    presenter: str
    page: str

    def open(self, place: Place) -> Presenter[Any]:
        """Make what stands behind the room; it stays as long as its user."""
        presenter: Presenter[Any] = _named(self.presenter)(place)
        return presenter

    def draw(self, presenter: Presenter[Any], tokens: Tokens) -> QWidget:
        """Make its page; pages come and go with language and theme."""
        page: QWidget = _named(self.page)(presenter, tokens)
        return page


ROOMS: Mapping[str, Room] = {
    "sell": Room(mark("Sell"), Permission.SELL, "sell.presenter.SellPresenter", "sell.page.SellPage"),
    "members": Room(
        mark("Members"), Permission.SEE_MEMBERS, "members.presenter.MembersPresenter", "members.page.MembersPage"
    ),
    "receipts": Room(
        mark("Receipts"), Permission.REPRINT, "receipts.presenter.ReceiptsPresenter", "receipts.page.ReceiptsPage"
    ),
    "goods": Room(mark("Goods"), None, "goods.presenter.GoodsPresenter", "goods.page.GoodsPage"),
    "codes": Room(mark("Codes"), None, "codes.presenter.CodesPresenter", "codes.page.CodesPage"),
    "today": Room(mark("Today"), Permission.SEE_REPORTS, "today.presenter.TodayPresenter", "today.page.TodayPage"),
    "guides": Room(
        mark("Guides"), Permission.SEE_MEMBERS, "guides.presenter.GuidesPresenter", "guides.page.GuidesPage"
    ),
    "tray": Room(mark("Tray"), Permission.SETTLE, "tray.presenter.TrayPresenter", "tray.page.TrayPage"),
    "staff": Room(mark("Staff"), Permission.CHANGE_STAFF, "staff.presenter.StaffPresenter", "staff.page.StaffPage"),
    "settings": Room(
        mark("Settings"),
        Permission.CHANGE_SETTINGS,
        "settings.presenter.SettingsPresenter",
        "settings.page.SettingsPage",
    ),
}


def rooms_of(present: Present) -> list[str]:
    """The rooms that somebody may enter, in order."""
    return [name for name, room in ROOMS.items() if room.permission is None or room.permission in present.may]


def _named(where: str) -> Any:
    module, _, name = where.rpartition(".")
    return getattr(importlib.import_module(f"ui.{module}"), name)
