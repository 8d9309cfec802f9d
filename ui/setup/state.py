"""What the pages of the first start show. Frozen; the page draws it and keeps nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SetupStep(StrEnum):
    """The pages, in their order."""

    LANGUAGE = "language"
    SHOP = "shop"
    MANAGER = "manager"
    GOODS = "goods"
    SCAN = "scan"


@dataclass(frozen=True, slots=True)
class SetupState:
    """A shop before its first day.

    Attributes:
        hq, token: of the chain that the shop belongs to; empty where it belongs to none.
        manager: name of the first person; empty where nobody signs in.
        pin: theirs, shown while it is typed: nobody else is here yet.
        typed: a code that is typed instead of scanned, or that came in pieces.
        found: what the test scan found, and what it costs.
        busy: something is on its way to the disk.
        said: what became of the last step.
        refused: whether that was a refusal.
    """

    step: SetupStep = SetupStep.LANGUAGE
    language: str = "zh_CN"
    name: str = ""
    store: str = "S1"
    terminal: str = "T1"
    currency: str = "CNY"
    timezone: str = "Asia/Shanghai"
    hq: str = ""
    token: str = ""
    manager: str = ""
    pin: str = ""
    typed: str = ""
    found: str = ""
    busy: bool = False
    said: str = ""
    refused: bool = False
