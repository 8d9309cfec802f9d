"""What is said of units all over the chain, what of it cannot all be true, and what somebody answered for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, delete, insert, select

from core.events import MatterSettled
from core.hq import telling
from core.hq.reading import Fact
from core.hq.schema import ANSWER, CLAIM, CONFLICT
from core.hq.streams import hold_everywhere
from core.hq.units import Answer, Said, claims_of, contradictions

_AT_ONCE = 500

Values = Mapping[str, object]


def claims_in(store: str, fact: Fact) -> list[Values]:
    """Rows of what a fact says of units."""
    return [
        {
            "unit": claim.unit, "store_id": store, "op": fact.op, "line": claim.line, "terminal_id": fact.terminal,
            "kind": claim.kind, "at": fact.at, "code": claim.code, "receipt": claim.receipt, "origin": claim.origin,
        }
        for claim in (claims_of(fact.event) if fact.event else ())
    ]  # fmt: skip


def answers_in(store: str, fact: Fact) -> list[Values]:
    """The row of what a fact answers for, if it is an answer."""
    event = fact.event
    if not isinstance(event, MatterSettled):
        return []
    return [
        {
            "subject": event.subject, "store_id": store, "op": fact.op, "matter": event.matter,
            "ops": " ".join(event.ops),
        }
    ]  # fmt: skip


def write(
    connection: Connection, store: str, claims: Sequence[Values], answers: Sequence[Values], undone: Iterable[str]
) -> set[str]:
    """Keep what facts of a store say, and take back what the facts `undone` said; then see what contradicts itself.

    Units go from store to store, so this is done for one store at a time: whoever comes later sees what was said
    before. Returns the subjects of answers that came or went.
    """
    gone = list(undone)
    if not (claims or answers or gone):
        return set()
    hold_everywhere(connection)
    units = {str(row["unit"]) for row in claims}
    subjects = {str(row["subject"]) for row in answers}
    if gone:
        for table, key, found in ((CLAIM, CLAIM.c.unit, units), (ANSWER, ANSWER.c.subject, subjects)):
            theirs = (table.c.store_id == store) & table.c.op.in_(gone)
            found.update(connection.execute(select(key).where(theirs)).scalars())
            connection.execute(delete(table).where(theirs))
    if claims:
        connection.execute(insert(CLAIM), sorted(claims, key=lambda row: (row["unit"], row["op"], row["line"])))
    if answers:
        connection.execute(insert(ANSWER), list(answers))
    ordered = sorted(units | subjects)
    for start in range(0, len(ordered), _AT_ONCE):
        _settle(connection, store, ordered[start : start + _AT_ONCE])
    return subjects


def _settle(connection: Connection, store: str, units: Sequence[str]) -> None:
    """Keep what of units' claims cannot all be true, and tell the stores that have to do with them."""
    names = ("unit", "store_id", "op", "line", "terminal_id", "kind", "at", "code", "receipt", "origin")
    said: dict[str, list[Said]] = {}
    for unit, *claim in connection.execute(select(*(CLAIM.c[name] for name in names)).where(CLAIM.c.unit.in_(units))):
        said.setdefault(unit, []).append(Said(*claim))
    answers: dict[str, list[Answer]] = {}
    columns = (ANSWER.c.subject, ANSWER.c.store_id, ANSWER.c.matter, ANSWER.c.ops)
    for unit, by, matter, ops in connection.execute(select(*columns).where(ANSWER.c.subject.in_(units))):
        # Others' conflicts are none of a store's business.
        if by in {claim.store for claim in said.get(unit, ())}:
            answers.setdefault(unit, []).append(Answer(matter, frozenset(ops.split())))
    before = set(connection.execute(select(CONFLICT.c.unit).where(CONFLICT.c.unit.in_(units))).scalars())
    connection.execute(delete(CONFLICT).where(CONFLICT.c.unit.in_(units)))
    found = {
        unit: contradictions(claims, answers.get(unit, ())) for unit, claims in sorted(said.items()) if len(claims) > 1
    }
    rows = [
        {"unit": unit, "kind": one.kind, "holder": one.holder, "others": " ".join(one.others), "at": one.at}
        for unit, ones in found.items()
        for one in ones
    ]
    if rows:
        connection.execute(insert(CONFLICT), rows)
    told = {unit: said.get(unit, []) for unit in units}
    telling.tell_units(connection, store, told)
    changed = before | {str(row["unit"]) for row in rows}
    telling.tell_conflicts(connection, store, {unit: told[unit] for unit in sorted(changed)}, found)
