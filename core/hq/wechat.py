"""WeChat's side as head office speaks to it: tokens of access, codes with a scene, who somebody is, their phone.

The doors and fields are those of WeChat's documentation: official accounts (`/cgi-bin/stable_token`, `qrcode/create`,
`user/info`) and mini-programs (`/sns/jscode2session`, `/wxa/business/getuserphonenumber`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from core.errors import BrokenWorldError

API = "https://api.weixin.qq.com"
LONGEST_VALID_S = 2_592_000
"""30 days: of a temporary code."""

_EXPIRED = (40001, 40014, 42001)
"""WeChat's codes for an access token that does not hold any more."""

_EARLY_MS = 300_000


class Account(msgspec.Struct, frozen=True):
    """What WeChat knows the chain by.

    Attributes:
        secret: of its interface; `token`: under which WeChat signs what it calls back.
    """

    app: str
    secret: str
    token: str
    api: str = API


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at WeChat: in the chain's account, and over all its accounts."""

    openid: str
    unionid: str


class Connector(Protocol):
    """What head office needs of somebody like WeChat."""

    def code_link(self, token: str, valid_s: int) -> str:
        """What stands in a code that carries a token.

        Raises:
            BrokenWorldError: `wechat_unreachable`, `wechat_refused`.
        """

    def who(self, login: str) -> Identity:
        """Who it is that logged in. Raises: as `code_link`."""

    def phone(self, code: str) -> str:
        """The phone number that somebody let us have, as E.164. Raises: as `code_link`."""


class WeChat:
    """The connector to WeChat itself.

    Args:
        send: a request to WeChat: method, URL, body; gives the answer's body.
    """

    def __init__(
        self, account: Account, now_ms: Callable[[], int], send: Callable[[str, str, bytes], bytes] | None = None
    ) -> None:
        self._account, self._now_ms, self._send = account, now_ms, send or _over_the_network(account.api)
        self._lock = threading.Lock()
        self._access, self._until = "", 0

    def code_link(self, token: str, valid_s: int) -> str:
        asked = {
            "expire_seconds": min(valid_s, LONGEST_VALID_S),
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": token}},
        }
        return str(self._with_access("/cgi-bin/qrcode/create", asked)["url"])

    def who(self, login: str) -> Identity:
        account = self._account
        query = f"appid={account.app}&secret={account.secret}&js_code={_plain(login)}&grant_type=authorization_code"
        told = self._asked("GET", f"/sns/jscode2session?{query}", b"")
        return Identity(str(told["openid"]), str(told.get("unionid", "")))

    def phone(self, code: str) -> str:
        told = self._with_access("/wxa/business/getuserphonenumber", {"code": code})["phone_info"]
        return f"+{told['countryCode']}{told['purePhoneNumber']}"

    def _with_access(self, door: str, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._asked("POST", f"{door}?access_token={self._token()}", msgspec.json.encode(asked))
        except BrokenWorldError as error:
            if error.params.get("number") not in _EXPIRED:
                raise
            self._until = 0
            return self._asked("POST", f"{door}?access_token={self._token()}", msgspec.json.encode(asked))

    def _token(self) -> str:
        with self._lock:
            if self._now_ms() >= self._until:
                account = self._account
                asked = {"grant_type": "client_credential", "appid": account.app, "secret": account.secret}
                told = self._asked("POST", "/cgi-bin/stable_token", msgspec.json.encode(asked))
                self._access = str(told["access_token"])
                self._until = self._now_ms() + int(told["expires_in"]) * 1000 - _EARLY_MS
            return self._access

    def _asked(self, method: str, door: str, body: bytes) -> dict[str, Any]:
        answer = self._send(method, self._account.api + door, body)
        try:
            told = msgspec.json.decode(answer, type=dict[str, Any])
            number = int(told.get("errcode", 0))
        except (msgspec.MsgspecError, ValueError, TypeError):
            raise BrokenWorldError("wechat_unreachable", detail="no JSON") from None
        if number:
            detail = str(told.get("errmsg", ""))[:100]
            raise BrokenWorldError("wechat_refused", number=number, detail=detail)
        return told


def _plain(text: str) -> str:
    """A code as it may stand in a query."""
    from urllib.parse import quote

    return quote(text[:200], safe="")


def _over_the_network(api: str) -> Callable[[str, str, bytes], bytes]:
    import urllib3

    pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=3, read=5), retries=False)

    def send(method: str, url: str, body: bytes) -> bytes:
        try:
            answer = pool.request(method, url, body=body or None, headers={"Content-Type": "application/json"})
        except urllib3.exceptions.HTTPError as error:
            # Its text may hold the address, and that the secret.
            raise BrokenWorldError("wechat_unreachable", detail=type(error).__name__) from None
        if answer.status != 200:
            raise BrokenWorldError("wechat_unreachable", detail=f"{api}: {answer.status}")
        return answer.data

    return send
