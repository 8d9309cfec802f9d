"""WeChat as head office sees it, on one machine: for trying the whole loop out, and for tests.

It answers the doors of `core.hq.wechat` with WeChat's own fields and error codes, and calls back with WeChat's own XML:
`subscribe` from whoever did not follow before, `SCAN` from whoever did; a callback that was not answered with `success`
is sent three times. People have an id in each account, one over all of them, and a phone.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from core.hq.wechat import Account
from core.members.invitation import token_in

_TRIES = 3
_LINK = "http://weixin.qq.com/q/"

Send = Callable[[str, str, bytes], tuple[int, bytes]]
"""A request to head office: method, path with query, body; gives status and body."""


@dataclass
class Person:
    """Somebody with a phone. `saw`: what their mini-program said of each code, last."""

    name: str
    phone: str
    openid: str
    unionid: str
    follows: bool = False
    saw: dict[str, str] = field(default_factory=dict)


@dataclass
class Weather:
    """What happens to callbacks, each with its chance."""

    lost: float = 0.0
    doubled: float = 0.0
    delayed: float = 0.0


class Simulator:
    """A WeChat of its own.

    Args:
        now_ms: its time.
        hq: how head office is reached.
    """

    def __init__(self, account: Account, now_ms: Callable[[], int], hq: Send, seed: int = 1) -> None:
        self._account, self._now_ms, self._hq = account, now_ms, hq
        self._chance = random.Random(seed)
        self.people: dict[str, Person] = {}
        self.weather = Weather()
        self._codes: dict[str, tuple[str, int]] = {}
        self._logins: dict[str, Person] = {}
        self._phones: dict[str, Person] = {}
        self._access: dict[str, int] = {}
        self._late: list[bytes] = []

    def add(self, name: str, phone: str) -> Person:
        """Somebody begins to use WeChat. Args: phone: of mainland China, without its country."""
        made = Person(name, phone, f"o{self._word(27)}", f"u{self._word(27)}")
        self.people[name] = made
        return made

    def scan(self, name: str, link: str) -> str:
        """Somebody scans a code. Returns what their mini-program shows: head office's state of it; empty where the
        code does not lead there any more, or nobody answers.
        """
        person, token = self.people[name], token_in(link)
        if link.startswith(_LINK):
            scene, until = self._codes.get(link, ("", 0))
            if self._now_ms() >= until:
                return ""
            token = scene
            event, key = ("SCAN", scene) if person.follows else ("subscribe", f"qrscene_{scene}")
            person.follows = True
            self._call_back(person, event, key)
        if not token:
            return ""
        status, body = self._hq("GET", f"/v1/invitation?token={token}", b"")
        return self._seen(person, token, str(msgspec.json.decode(body)["state"])) if status == 200 else ""

    def answer(self, name: str, link: str, purposes: tuple[str, ...]) -> str:
        """Somebody agrees to these, or refuses: to none. Returns what they are told; empty where nobody answers."""
        person = self.people[name]
        token = self._codes[link][0] if link.startswith(_LINK) else token_in(link)
        login, phone = self._word(32), self._word(32)
        self._logins[login] = person
        asked: dict[str, Any] = {"token": token, "login": login, "purposes": list(purposes)}
        if purposes:
            self._phones[phone] = person
            asked["phone"] = phone
        status, body = self._hq("POST", "/v1/answer", msgspec.json.encode(asked))
        return self._seen(person, token, str(msgspec.json.decode(body)["state"])) if status == 200 else ""

    def deliver_late(self) -> int:
        """Send the callbacks that were delayed, in any order. Returns how many there were."""
        late, self._late = self._late, []
        self._chance.shuffle(late)
        for body in late:
            self._send(body)
        return len(late)

    def serve(self, _method: str, url: str, body: bytes) -> bytes:
        """WeChat's own doors: what head office asks."""
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        asked = msgspec.json.decode(body) if body else {}
        return msgspec.json.encode(self._served(parts.path, query, asked))

    def _served(self, path: str, query: dict[str, str], asked: dict[str, Any]) -> dict[str, Any]:
        if path == "/cgi-bin/stable_token":
            return self._let_in(asked)
        if path == "/sns/jscode2session":
            return self._logged_in(query)
        if self._now_ms() >= self._access.get(query.get("access_token", ""), 0):
            return {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest"}
        if path == "/cgi-bin/qrcode/create":
            return self._made_code(asked)
        if path == "/wxa/business/getuserphonenumber":
            return self._told_phone(asked)
        return {"errcode": 48001, "errmsg": "api unauthorized"}

    def _let_in(self, asked: dict[str, Any]) -> dict[str, Any]:
        if (asked.get("appid"), asked.get("secret")) != (self._account.app, self._account.secret):
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        token = self._word(64)
        self._access[token] = self._now_ms() + 7_200_000
        return {"access_token": token, "expires_in": 7200}

    def _logged_in(self, query: dict[str, str]) -> dict[str, Any]:
        person = self._logins.pop(query.get("js_code", ""), None)
        if person is None or query.get("secret") != self._account.secret:
            return {"errcode": 40029, "errmsg": "invalid code"}
        return {"openid": person.openid, "session_key": self._word(24), "unionid": person.unionid}

    def _told_phone(self, asked: dict[str, Any]) -> dict[str, Any]:
        person = self._phones.pop(asked.get("code", ""), None)
        if person is None:
            return {"errcode": 40029, "errmsg": "invalid code"}
        info = {"phoneNumber": person.phone, "purePhoneNumber": person.phone, "countryCode": "86"}
        return {"errcode": 0, "errmsg": "ok", "phone_info": info}

    def _made_code(self, asked: dict[str, Any]) -> dict[str, Any]:
        scene = asked.get("action_info", {}).get("scene", {}).get("scene_str", "")
        seconds = asked.get("expire_seconds", 60)
        if asked.get("action_name") != "QR_STR_SCENE" or not 1 <= len(scene) <= 64 or not 1 <= seconds <= 2_592_000:
            return {"errcode": 40097, "errmsg": "invalid args"}
        link = _LINK + self._word(24)
        self._codes[link] = (scene, self._now_ms() + seconds * 1000)
        return {"ticket": self._word(60), "expire_seconds": seconds, "url": link}

    def _call_back(self, person: Person, event: str, key: str) -> None:
        said = {
            "ToUserName": "gh_simulator", "FromUserName": person.openid, "CreateTime": str(self._now_ms() // 1000),
            "MsgType": "event", "Event": event, "EventKey": key, "Ticket": self._word(60),
        }  # fmt: skip
        body = "".join(f"<{tag}><![CDATA[{text}]]></{tag}>" for tag, text in said.items())
        xml = f"<xml>{body}</xml>".encode()
        dice, weather = self._chance.random, self.weather
        if dice() < weather.delayed:
            self._late.append(xml)
            return
        if dice() >= weather.lost:
            self._send(xml)
        if dice() < weather.doubled:
            self._send(xml)

    def _send(self, xml: bytes) -> None:
        for _ in range(_TRIES):
            status, body = self._hq("POST", f"/wechat?{self._signature()}", xml)
            if (status, body) == (200, b"success"):
                return

    def _signature(self) -> str:
        time, nonce = str(self._now_ms() // 1000), self._word(10)
        parts = "".join(sorted((self._account.token, time, nonce)))
        made = hashlib.sha1(parts.encode(), usedforsecurity=False).hexdigest()
        return f"signature={made}&timestamp={time}&nonce={nonce}"

    def _seen(self, person: Person, token: str, state: str) -> str:
        person.saw[token] = state
        return state

    def _word(self, length: int) -> str:
        return "".join(self._chance.choices("abcdefghijkmnpqrstuvwxyz23456789", k=length))
