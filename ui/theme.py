"""Colours, type and space. Every face of the window takes them from here."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from string import Template

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

import resources
from core import texts


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one theme, as #RRGGBB."""

    background: str
    surface: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_soft: str
    good: str
    good_ground: str
    warn: str
    warn_ground: str
    bad: str
    bad_ground: str
    rail: str
    rail_text: str


LIGHT = Tokens(
    "#F4F5F7", "#FFFFFF", "#E4E7EC", "#1A1D21", "#5B667A", "#0E7C5A", "#FFFFFF", "#E7F4EF",
    "#0B6B4D", "#E3F4EC", "#8A4E05", "#FEF3D6", "#B42318", "#FDE7E4", "#13241D", "#B9C9C1",
)  # fmt: skip
DARK = Tokens(
    "#101413", "#181D1B", "#2A312E", "#EAF0ED", "#93A19A", "#38C793", "#06120D", "#1B2B25",
    "#38C793", "#14271F", "#F2B84B", "#2B2312", "#FF7A6B", "#321A17", "#0B0F0D", "#8FA098",
)  # fmt: skip

THEMES = {"light": LIGHT, "dark": DARK}

SIZES = {"tiny": 12, "small": 14, "normal": 16, "large": 20, "title": 32, "figure": 52}
"""The six sizes of type, px at 100 %."""

TOUCH = 44
"""Smallest side of anything that is touched, px."""

_families: list[str] = []


def font_family(*, fixed: bool = False) -> str:
    """Name of the font, loaded from its file when it is first asked for, with the shapes of the language's signs.

    Args:
        fixed: the one whose letters are all of one width.
    """
    if not _families:
        _families.extend(
            QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(resources.font_file())))
        )
    shapes = " TC" if texts.language() == "zh_TW" else " SC"
    fitting = [name for name in _families if (" Mono " in name) is fixed]
    return next((name for name in fitting if name.endswith(shapes)), _families[0])


def font(size: str, *, bold: bool = False) -> QFont:
    """The font in one of `SIZES`."""
    made = QFont(font_family())
    made.setPixelSize(SIZES[size])
    made.setBold(bold)
    return made


def apply(application: QApplication, tokens: Tokens) -> None:
    """Dress the whole application."""
    application.setFont(font("normal"))
    palette = QPalette()
    for role, colour in (
        (QPalette.ColorRole.Window, tokens.background),
        (QPalette.ColorRole.WindowText, tokens.text),
        (QPalette.ColorRole.Base, tokens.surface),
        (QPalette.ColorRole.Text, tokens.text),
        (QPalette.ColorRole.Button, tokens.surface),
        (QPalette.ColorRole.ButtonText, tokens.text),
        (QPalette.ColorRole.Highlight, tokens.accent_soft),
        (QPalette.ColorRole.HighlightedText, tokens.text),
    ):
        palette.setColor(role, QColor(colour))
    application.setPalette(palette)
    style = Template(resources.path("style/window.qss").read_text(encoding="utf-8"))
    sizes = {f"size_{name}": f"{size}px" for name, size in SIZES.items()}
    places = {"touch": f"{TOUCH}px", "icons": resources.path("icons").as_posix()}
    sheet = style.substitute(asdict(tokens), **sizes, **places)
    # Qt polishes every widget anew, even for the sheet that they wear.
    if sheet != application.styleSheet():
        application.setStyleSheet(sheet)
