"""A thread that owns a connection, or whatever else must be used on one thread only."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, Protocol, TypeVar

from core.errors import BrokenWorldError

T = TypeVar("T")


class Context(Protocol):
    """What a worker's thread owns: a connection and what belongs to it."""

    def close(self) -> None:
        """Give everything back."""


C = TypeVar("C", bound=Context)


class Worker(Generic[C]):
    """One thread that owns one context and does one job after the other.

    After a `BrokenWorldError` the context is closed and opened anew for the next job: a sync that failed is never
    tried again on the same connection.

    Args:
        name: of the thread.
        open_context: makes the context; runs on the thread.
    """

    def __init__(self, name: str, open_context: Callable[[], C]) -> None:
        self._open_context = open_context
        self._jobs: queue.SimpleQueue[tuple[Future[Any], Callable[[C], Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[C], T]) -> Future[T]:
        """Queue a job; the future has its result or its error."""
        future: Future[T] = Future()
        self._jobs.put((future, job))
        return future

    def close(self) -> None:
        """Finish what is queued, close the context, end the thread."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        context: C | None = None
        while (item := self._jobs.get()) is not None:
            future, job = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                if context is None:
                    context = self._open_context()
                result = job(context)
            except BaseException as error:  # noqa: BLE001 - whoever asked gets it from the future
                if isinstance(error, BrokenWorldError) and context is not None:
                    context.close()
                    context = None
                future.set_exception(error)
            else:
                future.set_result(result)
            del item, future, job
        if context is not None:
            context.close()
