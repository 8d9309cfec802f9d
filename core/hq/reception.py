"""Where people come in with their own phones: WeChat's callbacks, and what the mini-program asks and answers."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any

import msgspec
from sqlalchemy import select

from core.errors import BrokenWorldError, RefusedError
from core.events import Purpose
from core.hq import bindings, callbacks, vault
from core.hq.bindings import Answer
from core.hq.database import Database
from core.hq.home import HqHome
from core.hq.refusal import NotAcceptedError
from core.hq.schema import INVITATION, NAME
from core.hq.wechat import Account, Connector, Identity, WeChat
from core.members import sealing
from core.members.consent import NAMES, NOTICE, PROMISES, QUESTIONS
from core.members.invitation import is_token
from core.members.phone import read_phone
from core.members.record import new_record, packed
from core.texts import DEFAULT_LANGUAGE, LANGUAGES, tr_in

Text = Annotated[str, msgspec.Meta(max_length=200)]

_LINKS_AT_ONCE = 20
_NONCES = 10_000
_OLD_MS = 30 * 86_400_000
_MOST_WAITING = 20
"""Answers of one person to codes that are not known yet: nobody stands before so many tills that are offline."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the mini-program shows to whoever scanned a code.

    Attributes:
        state: `open`, `unknown` while the shop has not told of it, or what became of it.
        store: what the shop is called; empty where it is not known.
        purposes: each with its name and question; none is ticked.
    """

    state: str
    store: str
    notice: str
    language: str
    purposes: list[dict[str, str]]
    promises: list[str]


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody answered.

    Attributes:
        login: from `wx.login`.
        phone: from the button that asks for the phone number; empty where they refused.
        purposes: what they ticked; nothing where they refused.
    """

    token: Text
    login: Text
    phone: Text = ""
    purposes: Annotated[list[Text], msgspec.Meta(max_length=10)] = []
    notice: Text = NOTICE
    language: Text = DEFAULT_LANGUAGE


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it; `unknown` while the shop has not told of it: it is kept."""

    state: str


class Reception:
    """Takes in what people and WeChat say.

    Args:
        connect: makes the connector to WeChat.
    """

    def __init__(
        self,
        db: Database,
        home: HqHome,
        now_ms: Callable[[], int],
        connect: Callable[[Account, Callable[[], int]], Connector] = WeChat,
    ) -> None:
        self._db, self._home, self._now_ms, self._connect = db, home, now_ms, connect
        self._known: tuple[Account, Connector] | None = None
        self._nonces: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    def greet(self, query: Mapping[str, str]) -> str:
        """WeChat asks whether this is the place to call back.

        Raises:
            NotAcceptedError: `forbidden`, `no_wechat`.
        """
        self._check_signed(query, b"")
        return query.get("echostr", "")[:200]

    def called_back(self, query: Mapping[str, str], body: bytes) -> None:
        """WeChat tells of something that happened. It may say it again: that changes nothing.

        Raises:
            NotAcceptedError: `forbidden`, `no_wechat`, `malformed`.
            BrokenWorldError: `hq_database`: then WeChat says it again.
        """
        self._check_signed(query, body)
        try:
            scan = callbacks.read_scan(body)
        except ValueError:
            raise NotAcceptedError(400, "malformed") from None
        if scan is not None:
            take = partial(
                bindings.take_scan, digest=scan.digest, token=scan.token, person=self._mark(scan.openid),
                event=scan.event, at=scan.at, now=self._now_ms(),
            )  # fmt: skip
            self._db.write(take)

    def ask(self, token: str, language: str) -> Asked:
        """What is asked of whoever scanned a code.

        Raises:
            NotAcceptedError: `malformed`.
            BrokenWorldError: `hq_database`.
        """
        if not is_token(token):
            raise NotAcceptedError(400, "malformed")
        language = language if language in LANGUAGES else DEFAULT_LANGUAGE
        now = self._now_ms()
        state = self._db.read(partial(bindings.state_of, token=token, now=now))
        store = self._db.read(partial(_store_name, token=token))
        asked = [
            {"purpose": purpose.value, "name": tr_in(language, NAMES[purpose]), "text": tr_in(language, text)}
            for purpose, text in QUESTIONS.items()
        ]
        promises = [tr_in(language, promise) for promise in PROMISES]
        return Asked(state=state, store=store, notice=NOTICE, language=language, purposes=asked, promises=promises)

    def answer(self, reply: Reply) -> Told:
        """Somebody agreed, or refused. The first answer of a person stands.

        Raises:
            NotAcceptedError: `malformed`; `no_consent` for purposes without membership; `no_wechat`.
            BrokenWorldError: `hq_database`, `home_unusable`, `wechat_unreachable`, `wechat_refused`.
        """
        known = set(map(str, Purpose))
        if not is_token(reply.token) or set(reply.purposes) - known or reply.language not in LANGUAGES:
            raise NotAcceptedError(400, "malformed")
        if reply.notice != NOTICE:
            # What was not asked was not agreed to.
            raise NotAcceptedError(400, "malformed")
        purposes = tuple(purpose for purpose in Purpose if purpose in reply.purposes)
        if purposes and Purpose.MEMBERSHIP not in purposes:
            raise NotAcceptedError(422, "no_consent")
        _, connector = self._wechat()
        person = self._mark(_name_of(connector.who(reply.login)))
        if self._db.read(partial(bindings.count_waiting, person=person)) >= _MOST_WAITING:
            raise NotAcceptedError(429, "busy")
        record = None
        if purposes:
            try:
                phone = read_phone(connector.phone(reply.phone), "CN")
            except RefusedError:
                raise NotAcceptedError(400, "malformed") from None
            plain = packed(new_record(phone, "", "", os.urandom))
            record = vault.sealed(self._home.vault_keys(), person, plain)
        answer = Answer(
            token=reply.token,
            person=person,
            at=self._now_ms(),
            purposes=purposes,
            notice=reply.notice,
            language=reply.language,
            record=record,
        )
        return Told(state=self._db.write(partial(bindings.take_answer, answer=answer)) or "unknown")

    def make_links(self) -> None:
        """Have WeChat make codes for invitations that head office has come to know of.

        Raises:
            BrokenWorldError: `hq_database`, `home_unusable`, `wechat_unreachable`, `wechat_refused`.
        """
        if self._home.wechat() is None:
            return
        _, connector = self._wechat()
        now = self._now_ms()
        self._db.write(partial(bindings.forget_old, before=now - _OLD_MS))
        for token, expires in self._db.read(partial(bindings.without_link, now=now, limit=_LINKS_AT_ONCE)):
            try:
                link = connector.code_link(token, max((expires - now) // 1000, 1))
            except BrokenWorldError as error:
                if error.code != "wechat_refused":
                    raise
                # Our own link stays; others are not to wait for it.
                link = ""
            self._db.write(partial(bindings.tell_link, token=token, link=link))

    def _wechat(self) -> tuple[Account, Connector]:
        account = self._home.wechat()
        if account is None:
            raise NotAcceptedError(404, "no_wechat")
        if self._known is None or self._known[0] != account:
            self._known = account, self._connect(account, self._now_ms)
        return self._known

    def _check_signed(self, query: Mapping[str, str], body: bytes) -> None:
        if not callbacks.is_signed(self._wechat()[0].token, query, self._now_ms()):
            raise NotAcceptedError(401, "forbidden")
        # A signature does not cover what is said: the same one says the same again, and nothing else.
        once = query.get("timestamp", ""), query.get("nonce", "")[:40]
        said = hashlib.sha256(body).digest()
        if self._nonces.setdefault(once, said) != said:
            raise NotAcceptedError(401, "forbidden")
        if len(self._nonces) > _NONCES:
            self._nonces.popitem(last=False)

    def _mark(self, identity: str) -> str:
        return bindings.mark_of(sealing.derived(self._home.vault_keys().wrapping, "people"), identity)


def _name_of(identity: Identity) -> str:
    """Who somebody is over all accounts, where these belong together; else in this one."""
    return f"union {identity.unionid}" if identity.unionid else f"open {identity.openid}"


def _store_name(connection: Any, token: str) -> str:
    store = connection.execute(select(INVITATION.c.store_id).where(INVITATION.c.token == token).limit(1)).scalar()
    where = (NAME.c.kind == "store") & (NAME.c.store_id == store)
    return str(connection.execute(select(NAME.c.name).where(where)).scalar() or store or "")
