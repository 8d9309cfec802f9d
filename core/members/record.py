"""A member's record: all that the shop knows of the person. It never enters a fact."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

import msgspec

from core.errors import RefusedError
from core.privacy import check_words

SALT = 16
"""Random bytes in a record, so that nobody can tell from its commitment what is in it."""

LONGEST_NAME, LONGEST_CARD = 40, 32

_LARGEST = 1024
"""Bytes of a record, packed."""

_E164 = re.compile(r"\+[1-9]\d{5,14}", re.ASCII)


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a person.

    Attributes:
        phone: E.164.
        card: number of a member's card, where there is one.
    """

    salt: bytes
    phone: str
    name: str = ""
    card: str = ""

    def __repr__(self) -> str:
        # Whatever goes wrong with a record, no message tells it.
        return "Record(…)"


def new_record(phone: str, name: str, card: str, entropy: Callable[[int], bytes]) -> Record:
    """A record with a salt of its own.

    Raises:
        RefusedError: `bad_member_name`, `bad_card`; `payment_code`, `card_number` for what must never be kept.
    """
    name = " ".join(name.split())
    for text in (name, card):
        check_words(text)
    if not _fits(name, LONGEST_NAME):
        raise RefusedError("bad_member_name", most=LONGEST_NAME)
    if not _fits(card, LONGEST_CARD):
        raise RefusedError("bad_card", most=LONGEST_CARD)
    return Record(salt=entropy(SALT), phone=phone, name=name, card=card.strip())


def packed(record: Record) -> bytes:
    """The bytes of a record, which are committed to and sealed."""
    return msgspec.msgpack.encode(record)


def unpacked(content: bytes) -> Record:
    """The record in these bytes, whoever wrote them.

    Raises:
        ValueError: it is none that could have been made here.
    """
    if len(content) > _LARGEST:
        raise ValueError("too large")
    try:
        record = msgspec.msgpack.decode(content, type=Record)
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from None
    whole = len(record.salt) == SALT and _E164.fullmatch(record.phone)
    if not whole or not _fits(record.name, LONGEST_NAME) or not _fits(record.card, LONGEST_CARD):
        raise ValueError("no record")
    return record


def commitment_of(content: bytes) -> str:
    """What a fact says of a record: the SHA-256 of its bytes, hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _fits(text: str, longest: int) -> bool:
    return len(text) <= longest and text.isprintable()


def same_person(one: Record, other: Record) -> bool:
    """Whether two records say the same."""
    return (one.phone, one.name, one.card) == (other.phone, other.name, other.card)
