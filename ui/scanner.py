"""The scanner as a keyboard: bursts of keys are scans, whatever has the focus; anything slower is typing.

A printable key is held for a moment. When the next follows faster than fingers can, and the burst ends with Enter or
Tab, it was a scan and no widget sees it; otherwise the held keys go on to where they were meant for, in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow
from shiboken6 import delete

LONGEST_GAP = 50
"""Milliseconds between two keys of one scan; a fast typist needs more than 60."""

LONGEST_STALL = 300
"""Milliseconds that a burst may pause once it ran at a speed that no hand reaches: a busy system holds keys back."""

_LONG_AGO = -(2**40)
_SECOND_LOOK = 15
_MACHINE_GAP = 25
_MACHINE_KEYS = 4

SHORTEST_SCAN = 3
"""Characters; fewer are typing, however fast."""

_KEY_PRESS, _KEY_RELEASE = QEvent.Type.KeyPress, QEvent.Type.KeyRelease
_NOTHING = Qt.KeyboardModifier.NoModifier
_COMMANDS = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_END = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
_SHIFTS = (Qt.Key.Key_Shift, Qt.Key.Key_CapsLock, Qt.Key.Key_AltGr)


class Scanner(QObject):
    """Frames scans out of the application's key events.

    Args:
        commands: does what a key with Alt means, whatever has the focus; tells whether it was one.

    Signals:
        scanned: the text of a scan, without its end key.
    """

    scanned = Signal(str)

    def __init__(self, parent: QObject | None = None, commands: Callable[[QKeyEvent], bool] = lambda _: False) -> None:
        super().__init__(parent)
        self._commands = commands
        self._held: list[QKeyEvent] = []
        self._waiting: list[QKeyEvent] = []
        self._down: set[int] = set()
        """The keys that are held; those with their releases, as they came; and which keys those are."""
        self._window: QWindow | None = None
        self._first = self._last = 0
        self._torn_at = _LONG_AGO
        self._by_machine = False
        self._releasing = False
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._doubt)
        self._in_doubt = False
        # On the windows and not on the application: there it would be a call of Python for every event of every object.
        self._focus = _application().focusWindowChanged.connect(self.watch)  # type: ignore[attr-defined]
        self.watch(QGuiApplication.focusWindow())

    def watch(self, window: QWindow | None) -> None:
        """Take scans out of the keys of a window; every window of ours that gets the focus is watched."""
        if window is not None:
            window.installEventFilter(self)

    def close(self) -> None:
        """Let go of the application's events."""
        self.disconnect(self._focus)
        for window in QGuiApplication.allWindows():
            window.removeEventFilter(self)
        self._forget()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._releasing:
            return False
        if event.type() is _KEY_PRESS:
            return self._take(watched, event)  # type: ignore[arg-type]
        if event.type() is _KEY_RELEASE and self._held:
            return self._hold_release(event)  # type: ignore[arg-type]
        return False

    def _hold_release(self, event: QKeyEvent) -> bool:
        """A key that is held does not come up before it went down."""
        if event.key() not in self._down:
            return False
        self._waiting.append(event.clone())
        return True

    def _take(self, window: QWindow, event: QKeyEvent) -> bool:
        key, text = event.key(), event.text()
        if key in _SHIFTS:
            return False
        modifiers = event.modifiers()
        # Most keys have none, and an enum's arithmetic takes its time.
        if modifiers is not _NOTHING and modifiers & _COMMANDS:
            self._release()
            return self._commands(event)
        # The event's own time: a busy UI thread must not tear a burst apart.
        in_time = bool(self._held) and event.timestamp() - self._last <= self._longest_gap()
        if self._held and not in_time:
            self._release()
        if key in _END or text in ("\r", "\n"):
            return self._end(window, key, in_time=in_time)
        # GS, the separator of GS1 element strings, comes as a control character.
        part_of_a_scan = text == "\x1d" or (len(text) == 1 and text.isprintable())
        if not part_of_a_scan or event.isAutoRepeat():
            self._release()
            return False
        if not self._held:
            self._first = event.timestamp()
            self._by_machine = False
        self._held.append(event.clone())
        self._waiting.append(self._held[-1])
        self._down.add(key)
        self._window = window
        self._last = event.timestamp()
        gaps = len(self._held) - 1
        self._by_machine |= gaps >= _MACHINE_KEYS and self._last - self._first <= gaps * _MACHINE_GAP
        self._in_doubt = False
        self._patience.start(self._longest_gap())
        return True

    def _end(self, window: QWindow, key: int, *, in_time: bool) -> bool:
        """The end key of a scan, or of something that was typed."""
        if in_time and len(self._held) >= SHORTEST_SCAN and not self._is_torn():
            scan = "".join(held.text() for held in self._held)
            self._forget()
            self.scanned.emit(scan)
            return True
        # Whatever was broken is over with it.
        self._release()
        self._torn_at = _LONG_AGO
        if key in _END:
            return False
        # A line feed is an end, too, but no page knows a key for it.
        QCoreApplication.sendEvent(window, QKeyEvent(_KEY_PRESS, Qt.Key.Key_Return, _NOTHING, "\r"))
        return True

    def _longest_gap(self) -> int:
        return LONGEST_STALL if self._by_machine else LONGEST_GAP

    def _doubt(self) -> None:
        """No key came in time. If this thread was busy, keys lie in wait: it may see them first."""
        if self._in_doubt:
            self._release()
        else:
            self._in_doubt = True
            self._patience.start(_SECOND_LOOK)

    def _is_torn(self) -> bool:
        """Whether what is held follows a broken burst so closely that it is the rest of it: not a code of its own.

        It is sent on like the part before it, and makes the whole code again where codes can be typed.
        """
        return 0 <= self._first - self._torn_at <= LONGEST_STALL

    def _forget(self) -> None:
        self._patience.stop()
        _free(self._waiting)
        self._held, self._waiting, self._down = [], [], set()

    def _release(self) -> None:
        """It was typing: send the held keys on."""
        if len(self._held) > 1 or (self._held and self._is_torn()):
            self._torn_at = self._last
        waiting = self._waiting
        self._patience.stop()
        self._held, self._waiting, self._down = [], [], set()
        window = QGuiApplication.focusWindow() or self._window
        if window is None:
            _free(waiting)
            return
        self._releasing = True
        try:
            for event in waiting:
                QCoreApplication.sendEvent(window, event)
        finally:
            self._releasing = False
            _free(waiting)


def _free(events: Iterable[QKeyEvent]) -> None:
    """Clones of events are nobody's: they stay for ever unless somebody lets go of them."""
    for event in events:
        delete(event)


def _application() -> QCoreApplication:
    application = QCoreApplication.instance()
    assert application, "a scanner needs the application's events"
    return application
