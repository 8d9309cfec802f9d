"""How head office says no to a terminal."""

from __future__ import annotations

from core.wire import Refusal


class NotAcceptedError(Exception):
    """A request that is answered with a status and a `Refusal`, and has changed nothing.

    Args:
        status: HTTP (RFC 9110 §15).
    """

    def __init__(self, status: int, error: str, *, acked: int = 0, digest: bytes = b"") -> None:
        super().__init__(status, error)
        self.status = status
        self.refusal = Refusal(error=error, acked=acked, hash=digest.hex())
