"""invite, invitations."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

from core.shop import invitations as shown
from core.shop.invitations import Invitation
from core.texts import DEFAULT_LANGUAGE
from ui.cli.output import Answer, optional, table
from ui.cli.session import actor, reader, writer


def invite(args: argparse.Namespace) -> Answer:
    """Show a code."""
    with writer(args) as terminal:
        by = actor(args, terminal)
        ask = partial(
            shown.invite, by=by, op=terminal.ids.new(), guide=args.guide or "",
            language=args.lang or DEFAULT_LANGUAGE, touchpoint=args.touchpoint,
        )  # fmt: skip
        made = terminal.write(ask).result()
    return Answer(_document(made), [made.link])


def invitations(args: argparse.Namespace) -> Answer:
    """The codes that were shown, and what became of them."""
    with reader(args) as (terminal, by):
        found = terminal.read(partial(shown.all_invitations, by=by)).result()
    return Answer([_document(one) for one in found], table([(one.token, one.state, one.guide) for one in found]))


def _document(one: Invitation) -> dict[str, Any]:
    return {
        "token": one.token,
        "link": one.link,
        "state": one.state,
        "guide": one.guide,
        "member": optional(one.member),
    }
