"""How the register of codes lies on the disk: a few bytes a code, and never read from end to end to find one."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

from core.codes import projection, queries
from core.database import connect_writer
from core.events import UnitStep
from core.journal import entries, rebuild
from core.shop import codes, codes_elsewhere, units
from core.shop.terminal import PROJECTIONS, SYSTEM, Session
from tests.builders import RICE

MANY = 100_000
BYTES_A_CODE = 30
"""In everything that is derived from the facts; a row a code would take thrice as much."""


def test_a_code_takes_few_bytes_in_what_is_derived(shop, tmp_path: Path):
    rows = shop.terminal.read(lambda view: list(entries(view.connection))).result()
    codes.issue(shop.terminal, SYSTEM, RICE.code, MANY)
    after = shop.terminal.read(lambda view: list(entries(view.connection))).result()
    sizes = []
    for name, source in (("before", rows), ("after", after)):
        anew = connect_writer(tmp_path / name)
        rebuild(anew, iter(source), PROJECTIONS, lambda: None)
        sizes.append(anew.execute("PRAGMA page_count").fetchone()[0] * anew.execute("PRAGMA page_size").fetchone()[0])
        anew.close()
    assert 10 < (sizes[1] - sizes[0]) / MANY <= BYTES_A_CODE


def test_no_look_up_reads_a_table_from_end_to_end(shop):
    batch, (one, other, third) = shop.issue(RICE, 3)
    listed = codes_elsewhere.take_in_list(shop.terminal, SYSTEM, RICE.code, ["CODE-A", "CODE-B"], "x").batch
    take_in = partial(codes_elsewhere.take_in_range, by=SYSTEM, gtin=RICE.code, first="N0001", last="N0100")
    ranged = shop.terminal.write(take_in).result()
    said: list[str] = []
    shop.terminal.write(lambda s: s.connection.set_trace_callback(said.append)).result()
    forged = shop.link(RICE, "2" * 16)
    strange = forged.replace("ID.EXAMPLE.COM", "BRAND.EXAMPLE.CN")
    for text in (one, shop.link(RICE, other), "CODE-A", "N0050", "NOTHING-99", forged, strange):
        shop.scanned(text)
    sale = shop.sell_codes(one, "CODE-A", "N0050")
    shop.bring_codes_back(one)
    shop.bring_codes_back(sale.receipt)
    shop.say(UnitStep.FROZEN, other, "CODE-B")
    shop.say(UnitStep.VOID, third)
    for name in (batch.name, listed.name, ranged.name):
        shop.say_of(f"{name}:1-2", UnitStep.ON_SALE)
        shop.mark_printed(name, 0, 2)
        shop.balance(name)
    for name in (batch.name, listed.name):
        shop.terminal.write(partial(codes.serials_of, name=name)).result()
    shop.terminal.write(lambda s: units.history(s, queries.find(s.connection, one))).result()
    shop.terminal.write(partial(codes.reprint_label, by=SYSTEM, text=one)).result()
    shop.issue(RICE, 2)
    shop.terminal.write(partial(take_in, first="M0001", last="M0100")).result()
    shop.terminal.write(lambda s: s.connection.set_trace_callback(None)).result()
    ours = re.compile(rf"\b({'|'.join(projection.TABLES)})\b")
    asked = {text for text in said if ours.search(text) and text.startswith(("SELECT", "UPDATE", "DELETE"))}
    assert {table for text in asked for table in ours.findall(text)} == {*projection.TABLES}

    def plans(session: Session) -> list[tuple[str, str]]:
        run = session.connection.execute
        return [(text, row[3]) for text in asked for row in run(f"EXPLAIN QUERY PLAN {text}")]

    steps = shop.terminal.write(plans).result()
    assert len(steps) >= len(asked) and not [step for step in steps if step[1].startswith("SCAN")]
