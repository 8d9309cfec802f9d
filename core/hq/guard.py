"""Who asks: the certificate and the signature of a request, its time, and how much may be asked."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import lru_cache

from core import wire
from core.hq.refusal import NotAcceptedError
from core.hq.streams import Registrar
from core.wire import Certificate

_NONCES = 100_000
RATE, BURST = 50, 200
"""Requests a second that a stream may make on end, and at once."""


class Guard:
    """Lets signed requests of streams in that head office knows.

    Args:
        now_ms: head office's time.
    """

    def __init__(self, registrar: Registrar, now_ms: Callable[[], int]) -> None:
        self._registrar, self._now_ms = registrar, now_ms
        self._nonces: OrderedDict[tuple[str, str, str], int] = OrderedDict()
        self._allowance: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()
        self._certificate = lru_cache(maxsize=4096)(lambda text: wire.read_certificate(text, registrar.public_key))

    def admit(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Certificate:
        """The certificate of whoever signed a request.

        Raises:
            NotAcceptedError: `forbidden` without a certificate of ours or with a signature that does not fit; `clock`
                where its time is not head office's; `replayed`; `revoked`; `busy` where too much is asked.
        """
        try:
            certificate = self._certificate(headers[wire.CERTIFICATE])
            time, nonce = headers[wire.TIME], headers[wire.NONCE]
            signature = wire.bytes_of(headers[wire.SIGNATURE])
        except (KeyError, ValueError):
            raise NotAcceptedError(401, "forbidden") from None
        if not wire.is_signed(certificate.public_key, signature, wire.request_bytes(method, target, body, time, nonce)):
            raise NotAcceptedError(401, "forbidden")
        now = self._now_ms()
        if not time.isdecimal() or abs(int(time[:20]) - now) > wire.CLOCK_WINDOW_MS:
            raise NotAcceptedError(401, "clock")
        self._once((certificate.store, certificate.stream, nonce), now)
        if self._registrar.is_revoked(certificate):
            raise NotAcceptedError(403, "revoked")
        self._within_limits((certificate.store, certificate.stream), now)
        return certificate

    def _once(self, key: tuple[str, str, str], now: int) -> None:
        while self._nonces:
            oldest = next(iter(self._nonces.values()))
            if len(self._nonces) < _NONCES and now - oldest <= 2 * wire.CLOCK_WINDOW_MS:
                break
            self._nonces.popitem(last=False)
        if key in self._nonces:
            raise NotAcceptedError(409, "replayed")
        self._nonces[key] = now

    def _within_limits(self, stream: tuple[str, str], now: int) -> None:
        left, at = self._allowance.pop(stream, (float(BURST), now))
        left = min(float(BURST), left + max(now - at, 0) * RATE / 1000)
        self._allowance[stream] = (max(left - 1, 0), now)
        if len(self._allowance) > _NONCES:
            self._allowance.popitem(last=False)
        if left < 1:
            raise NotAcceptedError(429, "busy")
