"""Members in a chain that lives through everything: what happens to them, and what must be so at the end."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from sqlalchemy import select

from core import events
from core.errors import RefusedError
from core.events import (
    ConsentGiven,
    ConsentWithdrawn,
    FactRehomed,
    MemberBound,
    MemberCorrected,
    MemberErased,
    Purpose,
)
from core.hq.schema import EVENT, RECORD
from core.hq.vault import KEPT
from core.members.queries import person, standing
from core.shop import members, owners, twins, vault
from core.shop.terminal import SYSTEM
from tests.chain import Chain, Till

_PHONES = 9
_RULES = ("already_member", "member_left", "no_record", "no_such_member", "no_such_person", "same_member")
_ABOUT = (MemberBound, ConsentGiven, ConsentWithdrawn, MemberCorrected, MemberErased)


def happen(till: Till, chance: random.Random) -> None:
    """Somebody becomes a member at a till, or one of those whom it knows wants something."""
    known = till.terminal.read(lambda view: members.newest(view, SYSTEM)).result()
    active = [one.id for one in known if one.standing.is_active]
    try:
        if not active or chance.random() < 0.4:
            some = chance.sample(tuple(Purpose)[1:], chance.randrange(3))
            till.bind(f"1380000000{chance.randrange(_PHONES)}", purposes=(Purpose.MEMBERSHIP, *some))
            return
        member, purpose = chance.choice(active), chance.choice(tuple(Purpose)[1:])
        step = chance.randrange(9)
        if step == 0:
            members.erase(till.terminal, SYSTEM, member)
        elif step == 1:
            members.withdraw(till.terminal, SYSTEM, member, (Purpose.MEMBERSHIP,))
        elif step == 2:
            members.correct(till.terminal, SYSTEM, member, name=f"名{chance.randrange(9)}")
        elif step == 3:
            members.withdraw(till.terminal, SYSTEM, member, (purpose,))
        elif step == 4:
            owner = partial(owners.assign, by=SYSTEM, member=member, guide=f"G{chance.randrange(3)}")
            till.terminal.write(owner).result()
        elif step == 5:
            till.terminal.write(partial(twins.link, by=SYSTEM, member=member, into=chance.choice(active))).result()
        elif step == 6:
            till.terminal.write(partial(twins.part, by=SYSTEM, member=member)).result()
        else:
            give = partial(members.give, by=SYSTEM, member=member, purposes=(purpose,), language="en")
            till.terminal.write(give).result()
    except RefusedError as refused:
        # Each of them is a rule; whatever else it is, is a bug.
        assert refused.code in _RULES, refused


def check_members(chain: Chain, tills: Sequence[Till]) -> Iterator[str]:
    """Counted once more from the log: what each member agrees to, and whose record is kept."""
    expected = _recounted(chain)
    for till in tills:
        store = till.terminal.read(lambda view: view.settings["store"]).result()
        for member, (state, purposes) in expected.get(store, {}).items():
            here = till.terminal.read(lambda view, member=member: standing(view.connection, member)).result()
            if here is None or (here.state, set(here.purposes), here.told) != (state, purposes, True):
                yield f"I11: member {member} is {here} at a till, and {state} {sorted(purposes)} by the log"
            record = till.terminal.read(lambda view, member=member: vault.record_of(view, member)).result()
            if record is not None and state != "active":
                yield f"I13: the record of {member}, who is {state}, is at a till"
    yield from _known_alike(tills, expected)
    rows = chain.db.read(lambda connection: connection.execute(select(RECORD).where(RECORD.c.state == KEPT)).all())
    for row in rows:
        if expected.get(row.store_id, {}).get(row.member_id, ("unknown", set()))[0] != "active":
            yield f"I13: the record of {row.member_id} is at head office, and nobody is to have it"


def _known_alike(tills: Sequence[Till], expected: dict[str, dict[str, tuple[str, set[Purpose]]]]) -> Iterator[str]:
    """Whose a member is, and by whom they are known, is the same at every till of a store."""
    first: dict[tuple[str, str], tuple[str, str]] = {}
    for till in tills:
        store = till.terminal.read(lambda view: view.settings["store"]).result()
        for member, (state, _) in expected.get(store, {}).items():
            known = till.terminal.read(lambda view, member=member: person(view.connection, member)).result()
            if state == "active" and known is not None:
                seen = known.member, known.guide
                if first.setdefault((store, member), seen) != seen:
                    yield f"I11: member {member} is {seen} at a till, and {first[store, member]} at another"


def _recounted(chain: Chain) -> dict[str, dict[str, tuple[str, set[Purpose]]]]:
    said: dict[str, dict[str, dict[str, Any]]] = {}
    query = select(EVENT.c.store_id, EVENT.c.raw)
    for store, raw in chain.db.read(lambda connection: connection.execute(query).all()):
        event = events.decode(bytes(raw))
        while isinstance(event, FactRehomed):
            event = events.decode(bytes(event.fact))
        if isinstance(event, _ABOUT):
            said.setdefault(store, {}).setdefault(event.member, {})[event.head.op] = event
    return {
        store: {member: _standing(list(facts.values())) for member, facts in of.items()} for store, of in said.items()
    }


def _standing(facts: list[Any]) -> tuple[str, set[Purpose]]:
    if any(isinstance(one, MemberErased) for one in facts):
        return "erased", set()
    if any(isinstance(one, ConsentWithdrawn) and Purpose.MEMBERSHIP in one.purposes for one in facts):
        return "left", set()
    held = set()
    for purpose in Purpose:
        no = {_mark(f) for f in facts if isinstance(f, ConsentWithdrawn) and purpose in f.purposes}
        yes = [f for f in facts if isinstance(f, MemberBound | ConsentGiven) and purpose in f.purposes]
        if any(no <= set(f.seen if isinstance(f, ConsentGiven) else ()) for f in yes):
            held.add(purpose)
    return "active", held


def _mark(event: Any) -> str:
    return hashlib.sha256(event.head.op.encode()).hexdigest()[:16]
