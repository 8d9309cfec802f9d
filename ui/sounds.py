"""Sounds: every scan is answered by one, so that the eyes can stay on the goods."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QMessageLogContext, QObject, QTimer, QtMsgType, QUrl, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

import resources
from ui.sell.state import Tone

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QSoundEffect

_log = logging.getLogger(__name__)

_PAUSE = 300
"""Milliseconds between two steps of getting ready, in which the window answers whoever works in it."""


class Sounds(QObject):
    """Plays a tone's sound. Where there are none, the system's beep stands in for what must not be missed.

    Attributes:
        on: whether anything is to be heard.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.on = True
        self._prepared = False
        self._effects: dict[Tone, QSoundEffect] = {}
        self._steps = [self._load_library, self._load_files]
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self._pause.timeout.connect(self._next_step)

    def switch(self, *, on: bool) -> None:
        """Be heard, or no longer. To be called when the window stands: what is to be heard is then loaded beside the
        work, in steps too short to be noticed.
        """
        self.on = on
        if on and not self._prepared:
            self._prepared = True
            self._pause.start()

    def stop(self) -> None:
        """Load nothing any more."""
        self._pause.stop()

    def play(self, tone: Tone) -> None:
        """Sound like a verdict of that tone; a calm one is silent."""
        if not self.on or tone is Tone.CALM:
            return
        effect = self._effects.get(tone)
        if effect and effect.status() != effect.Status.Error:
            effect.play()
        elif tone is not Tone.GOOD:
            QApplication.beep()

    def _next_step(self) -> None:
        if self._steps and self._steps.pop(0)():
            self._pause.start()

    def _load_library(self) -> bool:
        """Returns whether there is one."""
        with _qt_in_a_low_voice():
            try:
                import PySide6.QtMultimedia  # noqa: F401 - only loaded; the next step uses it
            except ImportError as error:
                _log.info("no sounds: %s", error)
                return False
        return True

    def _load_files(self) -> bool:
        """Returns whether there is anything left to load."""
        from PySide6.QtMultimedia import QMediaDevices, QSoundEffect

        with _qt_in_a_low_voice():
            if QMediaDevices.defaultAudioOutput().isNull():
                _log.info("no sounds: there is no audio device")
                return False
            for tone in (Tone.GOOD, Tone.WARN, Tone.BAD):
                effect = QSoundEffect(self)
                effect.setSource(QUrl.fromLocalFile(str(resources.path(f"sounds/{tone}.wav"))))
                self._effects[tone] = effect
        _log.info("sounds are ready")
        return False


@contextmanager
def _qt_in_a_low_voice() -> Iterator[None]:
    """A machine without sound is none of the warnings that Qt makes of it."""

    def note(_kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        _log.info("%s", text)

    before = qInstallMessageHandler(note)
    try:
        yield
    finally:
        qInstallMessageHandler(before)
