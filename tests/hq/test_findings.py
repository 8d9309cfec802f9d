"""What somebody should look at: it is listed, in words, and the till concerned hears how much of it is its own."""

from __future__ import annotations

import json

from core.events import Tender, TenderKind
from core.hq import findings
from core.hq.findings import Party
from main import main
from tests.builders import SCARF, WATER
from tests.hq.api_tools import fact, voice
from tests.hq.world import replace


def test_a_sale_with_tampered_totals_is_listed_and_its_till_told(chain):
    till, honest = chain.till(), chain.till("S1", "T2")
    sold = till.sell((WATER, 2))
    assert till.sync().quarantined == 0
    who = voice(chain, "S1", "T1")
    who.tell(
        fact(sold, head=replace(sold.head, op="more"), receipt="R9", tenders=[Tender(kind=TenderKind.CASH, amount=1)])
    )
    chain.project()
    (found,) = chain.db.read(findings.findings)
    assert (found.store, found.terminal, found.kind, found.reason) == ("S1", "T1", "sale.completed", "tenders_differ")
    assert chain.db.read(lambda c: findings.findings(c, "S2")) == []
    assert (till.sync().quarantined, honest.sync().quarantined) == (1, 0)


def test_a_conflict_is_listed_with_who_says_so(chain, capsys):
    till = chain.till()
    _, serials = till.issue(SCARF, 2)
    till.sync()
    twin, link = till.twin(), till.link(SCARF, serials[0])
    first = till.sell_codes(link)
    chain.clock.go(minutes=1)
    second = twin.sell_codes(link)
    till.sync()
    twin.sync()
    chain.project()
    (conflict,) = chain.db.read(findings.conflicts)
    assert (conflict.kind, conflict.holder) == ("sold_twice", Party("S1", "T1", first.receipt))
    assert conflict.others == (Party("S1", "T1", second.receipt),)
    assert chain.db.read(lambda c: findings.conflicts(c, "S9")) == []
    given = [*(["--database", chain.home.url] if chain.db.is_postgresql else []), "--home", str(chain.home.folder)]
    assert main(["hq", "findings", *given]) == 0
    assert f"sold twice · S1 T1 {first.receipt} · S1 T1 {second.receipt}" in capsys.readouterr().out
    assert main(["hq", "findings", "--json", *given]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["findings"] == [] and told["conflicts"][0]["kind"] == "sold_twice"
    assert told["conflicts"][0]["at"].endswith("+00:00")
