"""Every scene of the gallery, in every language and size: no text is cut, nothing overlaps or leaves the window."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)

from core.codes.serial import grouped
from tests.scenes import SCENES
from tests.stage import LANGUAGES, SIZES, Stage, settled
from ui import theme
from ui.rail import RailButton
from ui.sell.cart_model import ITEM
from ui.sell.cart_table import CartTable
from ui.today.figure import FigureButton
from ui.widgets.parts import Elided
from ui.window import Window

SHOWN = LANGUAGES if os.environ.get("STORE_ASSISTANT_THOROUGH") else ("zh_CN", "en")
"""Traditional Chinese is as long as simplified."""

SEEN = SIZES if os.environ.get("STORE_ASSISTANT_THOROUGH") else SIZES[:2]
"""What fits into these fits into larger ones."""

NAME = 220
"""Px that an item's name has at least."""

LEAVES = (QLabel, QAbstractButton, QLineEdit, QComboBox)
"""Kinds of widget that show something themselves."""


IN_EVERY_LANGUAGE = [pytest.param(language, marks=pytest.mark.xdist_group(language)) for language in SHOWN]
"""A shop is made once for each; its scenes stay together."""


@pytest.fixture(scope="module", params=IN_EVERY_LANGUAGE)
def stage(request, qapp, tmp_path_factory) -> Iterator[Stage]:
    made = Stage(tmp_path_factory.mktemp(request.param), request.param)
    yield made
    made.close()


def place(widget: QWidget, window: Window) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def visible(window: Window, kind: type | tuple[type, ...]) -> list[QWidget]:
    return [widget for widget in window.findChildren(QWidget) if isinstance(widget, kind) and widget.isVisible()]


def in_sight(widget: QWidget, window: Window) -> QRect:
    """The part of the window in which a widget can be: what its scroll area shows, or all of it."""
    parent = widget.parentWidget()
    while parent and parent is not window:
        if isinstance(parent.parentWidget(), QAbstractScrollArea):
            # Up and down it can be scrolled to.
            seen = place(parent, window)
            return QRect(seen.left(), -10_000, seen.width(), 20_000)
        parent = parent.parentWidget()
    return window.rect()


def name(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QLabel | QAbstractButton | QLineEdit) else widget.accessibleName()
    return f"{type(widget).__name__} {text!r}"


def outside(window: Window) -> list[str]:
    return [
        f"{name(leaf)} at {place(leaf, window)}"
        for leaf in visible(window, LEAVES)
        if not in_sight(leaf, window).contains(place(leaf, window))
    ]


def overlapping(window: Window) -> list[str]:
    leaves = [leaf for leaf in visible(window, LEAVES) if not isinstance(leaf.parentWidget(), QHeaderView | QComboBox)]
    scrolled = {leaf: any(isinstance(p, QScrollArea) for p in parents(leaf)) for leaf in leaves}
    places = {leaf: place(leaf, window) for leaf in leaves}
    return [
        f"{name(one)} and {name(other)}"
        for one, other in combinations(leaves, 2)
        if places[one].intersects(places[other])
        and scrolled[one] == scrolled[other]
        and not one.isAncestorOf(other)
        and not other.isAncestorOf(one)
    ]


def parents(widget: QWidget) -> Iterator[QWidget]:
    while parent := widget.parentWidget():
        yield parent
        widget = parent


def cut(window: Window) -> list[str]:
    found = []
    for leaf in visible(window, LEAVES):
        if isinstance(leaf, Elided) or not name(leaf):
            continue
        if isinstance(leaf, QLabel):
            fits = label_fits(leaf)
        elif isinstance(leaf, RailButton):
            words = leaf.text().split("\n")[0]
            fits = leaf.fontMetrics().horizontalAdvance(words) <= leaf.width() or bool(leaf.text().count("\n"))
        elif isinstance(leaf, QPushButton) and not isinstance(leaf, FigureButton):
            need = leaf.sizeHint()
            fits = need.width() <= leaf.width() + 1 and need.height() <= leaf.height() + 1
        elif isinstance(leaf, QComboBox):
            fits = leaf.fontMetrics().horizontalAdvance(leaf.currentText()) + 44 <= leaf.width()
        elif isinstance(leaf, QLineEdit):
            fits = leaf.fontMetrics().horizontalAdvance(leaf.placeholderText()) + 24 <= leaf.width()
        else:
            fits = True
        if not fits:
            found.append(f"{name(leaf)}: needs {leaf.sizeHint()}, has {leaf.size()}")
    found += [
        f"items of the cart: {table.columnWidth(ITEM)}"
        for table in window.findChildren(CartTable)
        if table.isVisible() and table.columnWidth(ITEM) < NAME
    ]
    for header in visible(window, QHeaderView):
        assert isinstance(header, QHeaderView)
        for section in range(header.count()):
            if not header.isSectionHidden(section) and header.sectionSizeFromContents(section).width() > (
                header.sectionSize(section) + 1
            ):
                found.append(f"column {header.model().headerData(section, header.orientation())!r}")
    return found


def label_fits(leaf: QLabel) -> bool:
    if leaf.wordWrap():
        return leaf.heightForWidth(leaf.width()) <= leaf.height() + 1
    need = leaf.sizeHint()
    return need.width() <= leaf.width() + 1 and need.height() <= leaf.height() + 1


def too_small(window: Window) -> list[str]:
    """What is touched and has a side below the least."""
    kinds = (QAbstractButton, QLineEdit, QComboBox)
    return [
        f"{name(leaf)}: {leaf.size()}"
        for leaf in visible(window, kinds)
        if min(leaf.width(), leaf.height()) < theme.TOUCH and not isinstance(leaf.parentWidget(), QComboBox)
    ]


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_fits(stage, scene):
    window = SCENES[scene](stage, "light")
    try:
        for size in SEEN:
            settled(window, size)
            assert (window.width(), window.height()) == size
            for flaws in (outside, cut, overlapping, too_small):
                assert not flaws(window), (flaws.__name__, size)
    finally:
        stage.leave(window)


def test_the_widest_code_fits(stage):
    window = SCENES["codes-units"](stage, "light")
    try:
        (code,) = (leaf for leaf in visible(window, QLabel) if leaf.property("role") == "number")
        assert isinstance(code, QLabel)
        code.setText(grouped("W" * 16))
        settled(window, SIZES[1])
        assert (window.width(), window.height()) == SIZES[1]
        for flaws in (outside, cut, overlapping):
            assert not flaws(window), flaws.__name__
    finally:
        stage.leave(window)
