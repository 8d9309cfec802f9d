"""A home that cannot be opened is said in a dialog, and tried again when somebody wants to."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from core.shop.glance import take_home
from ui import platform
from ui.app import dress
from ui.trouble import TroubleDialog


@pytest.mark.parametrize(("key", "again"), [(Qt.Key.Key_Return, 1), (Qt.Key.Key_Enter, 1), (Qt.Key.Key_Escape, 0)])
def test_by_keys_alone(qtbot, key, again):
    dress("en")
    dialog = TroubleDialog("The disk is full.")
    qtbot.addWidget(dialog)
    dialog.show()
    assert [label.text() for label in dialog.findChildren(QLabel)] == ["The shop cannot be opened", "The disk is full."]
    qtbot.keyClick(dialog, key)
    assert dialog.result() == again and not dialog.isVisible()


def test_a_home_in_use_is_said_until_it_is_free_or_somebody_gives_up(qapp, shop, monkeypatch, capsys):
    """Another program writes there; there is no window of ours to be called."""
    shop.terminal.close()
    lock = take_home(shop.terminal.home.folder)
    answers = [True, False]
    asked: list[str] = []
    monkeypatch.setattr(platform, "has_screen", lambda: True)
    monkeypatch.setattr(platform, "_ask_again", lambda sentence: asked.append(sentence) or answers.pop(0))
    assert platform.open_window(shop.terminal.home.folder) == 3
    lock.release()
    assert len(asked) == 2 and "is writing in" in asked[0] and capsys.readouterr().err.count(asked[0]) == 2


def test_without_a_screen_nobody_is_asked(qapp, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(platform, "has_screen", lambda: False)
    assert platform.open_window(tmp_path) == 3
    assert "no screen here" in capsys.readouterr().err


@pytest.mark.parametrize("platform_set", [{}, {"QT_QPA_PLATFORM": ""}], ids=["unset", "empty"])
def test_without_a_screen_it_is_drawn_in_memory(platform_set):
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    draw = "from ui.platform import ready_to_draw; print(ready_to_draw().platformName())"
    done = subprocess.run(
        [sys.executable, "-c", draw], capture_output=True, text=True, env=environment | platform_set, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "offscreen"), done.stderr
