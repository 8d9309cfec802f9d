"""Head office as a process: its socket, its log, its end."""

from __future__ import annotations

import json
import logging
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import uvicorn

from core.clock import SystemClock
from core.errors import BrokenWorldError, RefusedError
from core.hq.app import build_app
from core.hq.database import Database
from core.hq.home import HqHome

_GRACE_SECONDS = 20
"""For requests in hand when head office is told to stop."""


class JsonFormatter(logging.Formatter):
    """One JSON object a line; of a request nothing but what is listed in its `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def serve(home: HqHome, listen: str, told: Callable[[str], None], tls: tuple[str, str] | None = None) -> None:
    """Answer until told to stop (SIGINT, SIGTERM).

    Args:
        listen: HOST:PORT; port 0 takes a free one.
        told: is told the address, once there is somebody to talk to.
        tls: files of certificate and key.

    Raises:
        RefusedError: `bad_listen_address`.
        BrokenWorldError: `cannot_listen`, `hq_database`, `home_unusable`.
    """
    home.prepare()
    _log_to_stderr()
    sock = listen_at(listen)
    db = Database(home.url)
    try:
        app = build_app(db, home, SystemClock())
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            limit_concurrency=1000,
            backlog=1024,
            server_header=False,
            ssl_certfile=tls[0] if tls else None,
            ssl_keyfile=tls[1] if tls else None,
        )
        host, port = sock.getsockname()[:2]
        told(f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}")
        uvicorn.Server(config).run(sockets=[sock])
    except OSError as error:
        raise BrokenWorldError("cannot_listen", address=listen, detail=error.strerror or error) from error
    finally:
        sock.close()
        db.close()


def listen_at(address: str) -> socket.socket:
    """A socket that listens at HOST:PORT; port 0 takes a free one.

    Raises:
        RefusedError: `bad_listen_address`.
        BrokenWorldError: `cannot_listen`.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise RefusedError("bad_listen_address", text=address[:60])
    host = host.strip("[]")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.create_server((host, int(port)), family=family, backlog=1024)
    except OSError as error:
        raise BrokenWorldError("cannot_listen", address=address, detail=error.strerror) from error
    sock.set_inheritable(True)
    # Or the end of every answer waits until the terminal has acknowledged its beginning: 40 ms.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
