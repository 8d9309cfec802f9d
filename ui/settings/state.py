"""What the Settings page shows. Frozen; the page draws it and keeps nothing."""

from __future__ import annotations

from dataclasses import dataclass

from core.settings import Settings


@dataclass(frozen=True, slots=True)
class SettingsState:
    """The shop's settings, and what became of the last change.

    Attributes:
        failed: name of the setting that was refused.
        typed: what was typed there.
    """

    settings: Settings
    said: str = ""
    failed: str = ""
    typed: str = ""
