"""What a person can do to the list of touchpoints."""

from __future__ import annotations

import re

from core.errors import RefusedError
from core.events import Head, TouchpointChanged, TouchpointKind
from core.privacy import check_words

COUNTER = "counter"
"""Where everything happens of which nothing else is said."""

LONGEST_NAME = 40

_ID = re.compile(r"[\w-]{1,20}")


def change_touchpoint(head: Head, id_: str, name: str, category: str, *, active: bool) -> TouchpointChanged:
    """The fact that a touchpoint is from now on as given.

    Raises:
        RefusedError: `bad_touchpoint`, `bad_touchpoint_kind`; `payment_code`, `card_number`.
    """
    for text in (id_, name):
        check_words(text)
    name = " ".join(name.split())
    if not _ID.fullmatch(id_) or not name or not name.isprintable() or len(name) > LONGEST_NAME:
        raise RefusedError("bad_touchpoint", text=id_[:40], most=LONGEST_NAME)
    if category not in set(TouchpointKind):
        raise RefusedError("bad_touchpoint_kind", text=category[:40], kinds=", ".join(TouchpointKind))
    return TouchpointChanged(head=head, id=id_, name=name, category=TouchpointKind(category), active=active)
