"""What must be so in a chain, however it came to be where it is.

* I1 no fact that a till holds, or that head office once acknowledged and did not lose itself, is missing
* I4 streams at head office are numbered without a gap and their hashes are a chain
* I5 what head office has of a till's stream is what the till has, byte for byte
* I6 each fact is counted once: the figures are the sums of the ledger's sales
* I7 when nothing fails any more, nothing waits
* I8 what is derived does not change when it is derived anew
* I10 each unit of which more was said than can be true is one conflict of its kind, and no other is
* I11 what head office says is what each till has of it, and what it sells by
* I12 "nothing waits" is true
* I13 of whoever left no record is kept (`tests.faults.chain_members`)

The hashes are computed here anew, without the code that wrote them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import select

from core import events
from core.catalogue import queries
from core.events import FactRehomed, LineKind, MatterSettled, SaleCompleted
from core.hq.projector import Projector
from core.hq.schema import CONFLICT, DAY, EVENT, FACT, FEED, FINDING, STREAM, tables
from core.sync import streams
from tests.chain import Chain, Till


@dataclass
class Ledger:
    """What was sold, and what head office must not lose any more.

    Attributes:
        nets: of each sale, by its op.
        promised: ops that head office acknowledged to a home that is gone since.
    """

    nets: dict[str, int] = field(default_factory=dict)
    promised: set[str] = field(default_factory=set)

    def promise(self, chain: Chain, till: Till) -> None:
        """A home is about to be lost; what head office has of it must stay."""
        there = ops_in_log(chain) if chain.network.app is not None else set()
        self.promised |= {op for _, _, op, _ in facts(till)} & there

    def hq_restored(self, chain: Chain) -> None:
        """Head office came back from an older copy: what it lacks now it can get from the tills only."""
        self.promised &= ops_in_log(chain)


def facts(till: Till) -> list[tuple[int, int, str, bytes]]:
    """Stream, seq, op and bytes of every fact of a home, but those that only tell another again."""
    rows = till.terminal.read(
        lambda view: view.connection.execute("SELECT stream, seq, op, event FROM journal ORDER BY position").fetchall()
    ).result()
    return [(stream, seq, op, bytes(raw)) for stream, seq, op, raw in rows if not _tells_again(raw)]


def _tells_again(raw: bytes) -> bool:
    return b'"kind":"fact.rehomed"' in bytes(raw)[:60]


def _log(chain: Chain) -> list[Any]:
    query = select(EVENT.c.stream_id, EVENT.c.seq, EVENT.c.raw, EVENT.c.hash).order_by(EVENT.c.stream_id, EVENT.c.seq)
    return list(chain.db.read(lambda connection: connection.execute(query).all()))


def ops_in_log(chain: Chain) -> set[str]:
    """Every command that head office has the fact of."""
    return {_op(bytes(row.raw)) for row in _log(chain)}


def _op(raw: bytes) -> str:
    return _inner(raw).head.op


def _inner(raw: bytes) -> Any:
    event = events.decode(raw)
    while isinstance(event, FactRehomed):
        event = events.decode(bytes(event.fact))
    return event


def check_till(chain: Chain, till: Till, why: str) -> list[str]:
    """A till that says that nothing waits: everything it holds is at head office."""
    missing = {op for _, _, op, _ in facts(till)} - ops_in_log(chain)
    return [f"{why}, but {len(missing)} facts are not at head office"] if missing else []


def check_chain(chain: Chain, tills: Sequence[Till], ledger: Ledger) -> list[str]:
    """Everything, at the end."""
    found = list(_streams(chain))
    for till in tills:
        found += _same_bytes(chain, till)
        found += _feeds(chain, till)
    found += _figures(chain, tills, ledger)
    found += _conflicts(chain)
    before = _derived(chain)
    Projector(chain.db).rebuild()
    if _derived(chain) != before:
        found.append("I8: derived anew, the projections differ")
    for till in tills[:1]:
        diagnosis = till.diagnosis()
        found += [f"I3: {check.name}: {check.detail}" for check in diagnosis.checks if not check.ok]
    return found


def _streams(chain: Chain) -> Iterator[str]:
    heads = {row.stream_id: row for row in chain.db.read(lambda connection: connection.execute(select(STREAM)).all())}
    at: dict[str, tuple[int, bytes]] = {}
    for row in _log(chain):
        stream = heads[row.stream_id]
        start = hashlib.sha256(b"sa1" + row.stream_id.encode() + bytes(stream.public_key)).digest()
        seq, previous = at.get(row.stream_id, (0, start))
        inner = hashlib.sha256(bytes(row.raw)).digest()
        digest = hashlib.sha256(previous + row.seq.to_bytes(8, "big") + inner).digest()
        if row.seq != seq + 1 or digest != bytes(row.hash):
            yield f"I4: {row.stream_id} {row.seq} does not follow {seq}"
            return
        at[row.stream_id] = (row.seq, digest)
    for stream_id, stream in heads.items():
        if stream.acked != at.get(stream_id, (0, b""))[0]:
            yield f"I4: {stream_id} ends at {at.get(stream_id)}, acknowledged was {stream.acked}"


def _same_bytes(chain: Chain, till: Till) -> Iterator[str]:
    log = {(row.stream_id, row.seq): bytes(row.raw) for row in _log(chain)}
    known = till.terminal.read(lambda view: streams.streams(view.connection)).result()
    ids = {stream.number: stream for stream in known}
    for number, seq, _, raw in facts(till):
        stream = ids[number]
        if seq <= stream.end and log.get((stream.id, seq)) != raw:
            yield f"I5: {stream.id} {seq} is not at head office as it is here"
            return


def _feeds(chain: Chain, till: Till) -> Iterator[str]:
    """Head office's rows, looked up anew: a terminal's come before its store's, these before the chain's."""
    stored = till.terminal.read(lambda view: view.settings).result()
    addresses = [("", ""), (stored["store"], ""), (stored["store"], stored["terminal"])]
    rows = chain.db.read(lambda connection: connection.execute(select(FEED)).all())
    today = till.terminal.read(lambda view: view.today()).result()
    told, effective, dated = set(), dict[str, str](), dict[str, dict[str, str]]()
    for level, address in zip(("chain", "store", "terminal"), addresses, strict=True):
        here: dict[str, dict[str, str]] = {}
        for row in rows:
            if (row.store_id, row.terminal_id) == address and row.body:
                told.add((f"{row.scope}:{level}", row.key, row.body))
                code, _, date = row.key.rpartition(":")
                if row.scope == "catalogue":
                    effective[row.key] = row.body
                elif row.scope == "prices" and date <= today:
                    here.setdefault(code, {})[date] = row.body
        # What is said to fewer comes before all that is said to more.
        dated |= here
    query = "SELECT channel, key, body FROM feed_row"
    kept = set(till.terminal.read(lambda view: view.connection.execute(query).fetchall()).result())
    if kept != told:
        yield f"I11: {len(kept - told)} rows are no more head office's, {len(told - kept)} are missing"
    for code in {row.key for row in rows if row.scope == "catalogue"}:
        product = till.terminal.read(lambda view, code=code: queries.find(view.connection, code)).result()
        said = dated[code][max(dated[code])] if code in dated else effective.get(code, "")
        price = msgspec.json.decode(said)["price"] if code in effective else None
        if (product.price if product else None) != price:
            yield f"I11: {code} is sold at {product}, head office says {price}"
    units = "SELECT unit, gtin, state, store, terminal, receipt, at FROM feed_unit"
    known = set(till.terminal.read(lambda view: view.connection.execute(units).fetchall()).result())
    mine = (row for row in rows if (row.scope, row.store_id) == ("units", stored["store"]) and row.body)
    bodies = ((row.key, msgspec.json.decode(row.body)) for row in mine)
    expected = {
        (unit, row.get("code", ""), row["state"], row["store"], row["terminal"], row.get("receipt", ""), row["at"])
        for unit, row in bodies
    }
    if known != expected:
        yield f"I11: {len(known ^ expected)} units are not here what head office says they are"


def _figures(chain: Chain, tills: Sequence[Till], ledger: Ledger) -> Iterator[str]:
    counted = chain.db.read(lambda c: [row.op for row in c.execute(select(FACT.c.op))])
    unread = chain.db.read(lambda c: {row.op for row in c.execute(select(FINDING.c.op))})
    held = {op for till in tills for _, _, op, _ in facts(till)} | ledger.promised
    if missing := held - set(counted) - unread:
        yield f"I1: {len(missing)} facts were not counted, such as {min(missing)}"
    expected = sum(ledger.nets.get(op, 0) for op in counted)
    net = chain.db.read(lambda c: sum(row.net for row in c.execute(select(DAY.c.net))))
    orders = chain.db.read(lambda c: sum(row.orders for row in c.execute(select(DAY.c.orders))))
    if (net, orders) != (expected, sum(ledger.nets.get(op, 0) > 0 for op in counted)):
        yield f"I6: head office says {net} of {orders} sales, they are {expected}"


def _conflicts(chain: Chain) -> Iterator[str]:
    """Counted once more, by the receipts alone."""
    sales: Counter[tuple[str, str]] = Counter()
    returns: Counter[tuple[str, str]] = Counter()
    seen: set[str] = set()
    said_by: dict[str, set[str]] = {}
    answers: list[tuple[str, str, set[str]]] = []
    for row in _log(chain):
        event = _inner(bytes(row.raw))
        if isinstance(event, MatterSettled):
            answers.append((event.subject, event.matter, set(event.ops)))
        if not isinstance(event, SaleCompleted) or event.head.op in seen:
            continue
        seen.add(event.head.op)
        for line in event.lines:
            said_by.setdefault(line.unit, set()).add(event.head.op)
            if line.unit and line.kind is LineKind.SALE:
                sales[line.unit, event.receipt] += 1
            elif line.unit:
                returns[line.unit, line.origin] += 1
    expected = set()
    for unit in {unit for unit, _ in sales}:
        mine = [receipt for of, receipt in sales if of == unit]
        if sum(max(sales[unit, receipt] - returns[unit, receipt], 0) for receipt in mine) > 1:
            expected.add((unit, "sold_twice"))
        if any(returns[unit, receipt] > sales[unit, receipt] for receipt in mine):
            expected.add((unit, "returned_twice"))
    rows = chain.db.read(lambda connection: connection.execute(select(CONFLICT)).all())
    kept = {(row.unit, row.kind) for row in rows}
    settled = {(unit, kind) for unit, kind, ops in answers if ops >= said_by.get(unit, set())}
    # Where somebody answered for a part of what was said, the conflict may be of that part.
    open_to_doubt = {(unit, kind) for unit, kind, _ in answers} - settled
    if kept & settled or (kept ^ (expected - settled)) - open_to_doubt:
        yield f"I10: conflicts are {sorted(kept)}, they should be {sorted(expected - settled)}"


def _derived(chain: Chain) -> dict[str, list[Any]]:
    return {
        table.name: sorted(map(repr, chain.db.read(lambda c, t=table: c.execute(select(t)).all())))
        for table in tables("projection")
    }
