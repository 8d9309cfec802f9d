"""Work off the UI thread: a use case goes out, its result or its error comes back on the UI thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from core.errors import StoreError
from core.shop.terminal import Session, Terminal, View

T = TypeVar("T")
Done = Callable[[Any], None]
Failed = Callable[[StoreError], None]


class Tasks(QObject):
    """Hands use cases to the terminal's threads.

    Results arrive in the order in which the use cases were given to one thread. An error that is no `StoreError` is
    a bug and is raised on the UI thread, where the crash hook takes it.
    """

    wrote = Signal()
    """Something was recorded."""

    _arrived = Signal(object, object, object)

    def __init__(self, terminal: Terminal, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._terminal = terminal
        self._open = True
        self._executors: dict[str, Executor] = {}
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def new_op(self) -> str:
        """The id of a command whose form opens now."""
        return self._terminal.ids.new()

    def db(self, use_case: Callable[[Session], T], done: Callable[[T], None], failed: Failed) -> None:
        """Run a use case that writes."""

        def tell(result: T) -> None:
            done(result)
            self.wrote.emit()

        self._send(self._terminal.write(use_case), tell, failed)

    def read(self, use_case: Callable[[View], T], done: Callable[[T], None], failed: Failed) -> None:
        """Run a use case that reads."""
        self._send(self._terminal.read(use_case), done, failed)

    def slow(self, work: Callable[[Terminal], T], done: Callable[[T], None], failed: Failed) -> None:
        """Run what takes long on neither thread of the terminal: a file is read or written."""
        self._send(self._executor("store-slow").submit(work, self._terminal), done, failed)

    def brief(self, work: Callable[[Terminal], T], done: Callable[[T], None], failed: Failed) -> None:
        """The same for what somebody waits for: a PIN is looked at, a receipt is printed. No file keeps it waiting."""
        self._send(self._executor("store-brief").submit(work, self._terminal), done, failed)

    def net(self, work: Callable[[Terminal], T], done: Callable[[T], None], failed: Failed) -> None:
        """Run what talks to a network. The program does not wait for it when it ends."""
        # Imported late: a counter begins without a network.
        import threading

        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(work(self._terminal))
            except BaseException as error:  # noqa: BLE001 - whoever asked gets it
                future.set_exception(error)

        self._send(future, done, failed)
        threading.Thread(target=run, name="store-net", daemon=True).start()

    def _executor(self, name: str) -> Executor:
        if name not in self._executors:
            # Imported late: the window stands before anything takes long.
            from concurrent.futures import ThreadPoolExecutor

            self._executors[name] = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        return self._executors[name]

    def close(self) -> None:
        """Deliver nothing any more."""
        self._open = False
        for executor in self._executors.values():
            executor.shutdown()

    def _send(self, future: Future[T], done: Callable[[T], None], failed: Failed) -> None:
        future.add_done_callback(lambda finished: self._arrived.emit(finished, done, failed))

    def _deliver(self, future: Future[Any], done: Done, failed: Failed) -> None:
        if not self._open:
            return
        error = future.exception()
        if error is None:
            done(future.result())
        elif isinstance(error, StoreError):
            failed(error)
        else:
            raise error
