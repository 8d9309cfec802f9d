"""A till as a process that does what it is told, line by line: `python -m tests.e2e.till_process HOME`.

A line on stdin is a JSON object with `do` and what that needs; a line on stdout is the answer.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from core.errors import StoreError
from core.events import Purpose
from core.sales import cart as carts
from core.shop import credits, doctor, enrolment, invitations, members, people, sync
from core.shop.invitations import Invitation
from core.shop.terminal import SYSTEM, Terminal
from tests.builders import WATER, Shop, set_up_shop


class TillProcess:
    """Does what it is told."""

    def __init__(self, home: Path) -> None:
        self.terminal = Terminal(home)
        self.shop = Shop(self.terminal)

    def enrol(self, url: str, token: str, terminal: str) -> dict[str, Any]:
        set_up_shop(self.terminal, name=terminal)
        for who in ("G1", "G2"):
            self.terminal.write(partial(people.change, by=SYSTEM, id_=who, name=who, role="guide")).result()
        enrolment.enrol(self.terminal, url, token)
        return {"terminal": terminal}

    def invite(self, guide: str, valid_ms: int) -> dict[str, Any]:
        ask = partial(invitations.invite, by=SYSTEM, op=self.terminal.ids.new(), guide=guide, valid_ms=valid_ms)
        return _told(self.terminal.write(ask).result())

    def sync(self) -> dict[str, Any]:
        done = sync.Sync(self.terminal).run()
        return {"waiting": done.waiting, "trouble": done.trouble, "reached": done.reached}

    def invitations(self) -> list[dict[str, Any]]:
        return [_told(one) for one in self.terminal.read(partial(invitations.all_invitations, by=SYSTEM)).result()]

    def members(self) -> list[dict[str, Any]]:
        found = self.terminal.read(partial(members.newest, by=SYSTEM, limit=100_000)).result()
        return [
            {"member": one.id, "phone": one.phone, "guide": one.standing.guide, "purposes": list(one.standing.purposes),
             "state": one.standing.state, "told": one.standing.told}
            for one in found
        ]  # fmt: skip

    def sell(self, member: str, seller: str) -> dict[str, Any]:
        cart = msgspec.structs.replace(self.shop.cart((WATER, 1)), seller=seller)
        buyer = self.terminal.read(partial(members.buyer, member=member)).result()
        receipt = self.shop.check_out(carts.for_member(cart, *buyer)).receipt
        found = self.terminal.read(partial(credits.why, by=SYSTEM, receipt=receipt)).result()
        shares = {share.person: [share.amount, share.reason.value] for share in found.shares}
        return {
            "receipt": receipt,
            "binder": found.sale.member_guide,
            "since": found.sale.member_since,
            "shares": shares,
        }

    def withdraw(self, member: str, purpose: str) -> dict[str, Any]:
        members.withdraw(self.terminal, SYSTEM, member, (Purpose(purpose),))
        return {}

    def doctor(self) -> dict[str, Any]:
        found = self.terminal.read(partial(doctor.examine, full=True)).result()
        return {"ok": found.ok, "faults": [f"{check.name}: {check.detail}" for check in found.checks if not check.ok]}


def _told(one: Invitation) -> dict[str, Any]:
    return {"token": one.token, "link": one.link, "state": one.state.value, "member": one.member, "guide": one.guide}


def main(home: Path) -> None:
    till = TillProcess(home)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer: Any = getattr(till, asked.pop("do"))(**asked)
        except StoreError as error:
            answer = {"error": error.code}
        print(json.dumps(answer), flush=True)
    till.terminal.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
