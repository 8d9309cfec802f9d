"""The way to head office: HTTP over TLS; plain HTTP on this machine only."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from core.errors import BrokenWorldError, RefusedError

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 5, 30, 60
MAX_ANSWER = 4 * 1024 * 1024
"""No answer is read beyond this."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """Sends a request and brings the answer."""

    def send(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Ask once.

        Raises:
            BrokenWorldError: `hq_unreachable` where no whole answer came back.
        """

    def close(self) -> None:
        """Let go of the connection."""


Connect = Callable[[str], Transport]
"""Makes the way to an address."""


def checked_url(text: str) -> str:
    """Head office's address without a path.

    Raises:
        RefusedError: `bad_hq_url` for one that is none, or not safe.
    """
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise RefusedError("bad_hq_url", text=text[:80]) from None
    safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))
    if not host or not safe or parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise RefusedError("bad_hq_url", text=text[:80])
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class HttpTransport:
    """The real one.

    Args:
        url: as `checked_url` gives it.
    """

    def __init__(self, url: str) -> None:
        import ssl

        import urllib3

        self._url = url
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        self._pool = urllib3.PoolManager(
            maxsize=1, retries=False, timeout=timeout, ssl_context=ssl.create_default_context()
        )

    def send(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        from urllib3.exceptions import HTTPError

        try:
            answer = self._pool.request(
                method,
                self._url + target,
                body=body,
                headers=dict(headers),
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            content = _whole(answer)
        except (HTTPError, OSError, ValueError) as error:
            raise BrokenWorldError("hq_unreachable", url=self._url, detail=_short(error)) from error
        return Answer(answer.status, {name.lower(): value for name, value in answer.headers.items()}, content)

    def close(self) -> None:
        self._pool.clear()


def _whole(answer: BaseHTTPResponse) -> bytes:
    """The body of an answer. One that is endless, or that comes in drops, is given up."""
    give_up, parts, size = time.monotonic() + WHOLE_SECONDS, [], 0
    try:
        while part := answer.read1(65_536):
            parts.append(part)
            size += len(part)
            if size > MAX_ANSWER or time.monotonic() > give_up:
                answer.close()
                raise OSError(f"{size} bytes and no end")
    finally:
        answer.release_conn()
    return b"".join(parts)


def _short(error: BaseException) -> str:
    """The inmost of what a library says of a network."""
    reason = getattr(error, "reason", None)
    return _short(reason) if isinstance(reason, BaseException) else str(error).split(": ", 1)[-1][:200]
