"""What the Settings page shows. Frozen; the page draws it and keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.settings import Settings


@dataclass(frozen=True, slots=True)
class SettingsState:
    """The shop's settings, and what became of the last change.

    Attributes:
        wrong: what was typed for settings that it does not fit, by their names.
        said: what became of the last change.
        refused: whether that was a refusal.
    """

    settings: Settings
    wrong: Mapping[str, str] = field(default_factory=dict)
    said: str = ""
    refused: bool = False
