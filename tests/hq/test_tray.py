"""What head office finds comes into the tray of the stores that it concerns, and leaves it when somebody settles it."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict
from functools import partial

import pytest

from core.codes.life import UnitState
from core.errors import RefusedError
from core.events import MatterSettled, Tender, TenderKind
from core.hq import doctor, feeds, findings
from core.hq.feeds import Feed
from core.hq.projector import Projector
from core.hq.reading import Reason
from core.hq.units import KINDS
from core.shop import days, tray, units
from core.shop.terminal import SYSTEM, Actor
from core.tray.matters import CONFLICTS, DISPUTES, HISTORIES, NEXT, OVERSPENTS, REASONS, TWINS, Matter, MatterKind
from main import main
from tests.builders import SCARF, WATER
from tests.chain import Chain, Till
from tests.hq.api_tools import fact, line, sale, voice
from tests.hq.test_feeds import SETTINGS, STAFF, say
from tests.hq.world import replace


def open_at(till: Till, *, histories: bool = False) -> list[Matter]:
    """What lies in a till's tray; what happened to it only where that is asked for."""
    found = till.terminal.read(tray.open_matters).result()
    return [matter for matter in found if histories or matter.kind is not MatterKind.HISTORY]


def happened_to(till: Till) -> list[str]:
    return [matter.what for matter in open_at(till, histories=True) if matter.kind is MatterKind.HISTORY]


def settle(till: Till, key: str, outcome: str, by: Actor = SYSTEM, **more: str) -> MatterSettled:
    return till.terminal.write(partial(tray.settle, by=by, key=key, outcome=outcome, **more)).result()


def heard(chain: Chain, *tills: Till) -> None:
    """Everything that is known anywhere is known everywhere."""
    for till in tills:
        till.sync()
    chain.project()
    for till in tills:
        till.sync()


def sold_twice(chain: Chain) -> tuple[Till, Till, str]:
    """A unit that two tills sold, of which neither knew of the other; both know now."""
    till = chain.till()
    _, serials = till.issue(SCARF, 3)
    till.sync()
    twin, link = till.twin(), till.link(SCARF, serials[0])
    till.sell_codes(link)
    chain.clock.go(minutes=1)
    twin.sell_codes(link)
    heard(chain, till, twin)
    return till, twin, link


def test_every_matter_has_words():
    assert set(CONFLICTS) == set(KINDS) and set(REASONS) == set(Reason)
    assert set(NEXT) == {*KINDS, *Reason, *DISPUTES, *TWINS, *OVERSPENTS, *HISTORIES, "notice", "refused"}


def test_a_conflict_is_settled_by_whoever_knows(chain):
    till, twin, link = sold_twice(chain)
    (matter,) = open_at(till)
    assert (matter.kind, matter.what, matter.code) == (MatterKind.CONFLICT, "sold_twice", SCARF.code)
    assert [party.terminal for party in matter.parties] == ["T1", "T1"] and link.endswith(matter.subject)
    assert [shown.item for shown in till.terminal.read(tray.look).result()] == [SCARF.label]
    assert open_at(twin) == [matter]
    settled = settle(twin, "sold_twice", "other_item", note="the red one")
    assert (settled.subject, settled.note) == (matter.subject, "the red one")
    # It leaves this till's tray at once, the other's when it hears of it.
    assert open_at(twin) == [] and open_at(till) == [matter]
    heard(chain, twin, till)
    assert open_at(till) == [] and chain.db.read(findings.conflicts) == []
    assert all(check.ok for check in doctor.examine(chain.db)) and till.diagnosis().ok and twin.diagnosis().ok
    # Money was taken for both.
    assert chain.report().report.total.orders == 2
    Projector(chain.db).rebuild()
    heard(chain, till)
    assert open_at(till) == []


def test_what_joins_a_settled_conflict_later_is_another(small):
    till = small.till()
    _, serials = till.issue(SCARF, 1)
    till.sync()
    copies = [till.twin(f"copy{n}") for n in range(2)]
    for each in (till, *copies):
        each.sell_codes(till.link(SCARF, serials[0]))
        small.clock.go(minutes=1)
    heard(small, till, copies[0])
    settle(till, "sold_twice", "unexplained")
    heard(small, till, *copies)
    heard(small, till, *copies)
    (matter,) = open_at(till)
    assert len(matter.parties) == 3


def test_a_sale_with_tampered_totals_counts_by_its_lines_and_the_tray_says_so(chain):
    till = chain.till()
    sold = till.sell((WATER, 2))
    till.sync()
    lie = replace(sold.head, op="more"), [Tender(kind=TenderKind.CASH, amount=99_900)]
    voice(chain, "S1", "T1").tell(fact(sold, head=lie[0], receipt="R9", tenders=lie[1]))
    heard(chain, till)
    total = chain.report().report.total
    assert (total.net, total.orders) == (2 * sold.net, 2)
    (matter,) = open_at(till)
    assert (matter.kind, matter.what, matter.terminal) == (MatterKind.FINDING, "tenders_differ", "T1")
    assert (matter.fact, matter.detail) == ("sale.completed", "R9: 99900 / 400")
    settle(till, matter.key, "seen")
    heard(chain, till)
    assert open_at(till) == []
    # It is looked at no more; it still does not count as it says.
    assert len(chain.db.read(findings.findings)) == till.sync().quarantined == 1
    assert all(check.ok for check in doctor.examine(chain.db))


def test_what_a_till_cannot_take_in_lies_in_its_tray(small):
    till = small.till()
    say(small, STAFF, M01={"name": "", "role": "manager"}, G01={"name": "Guide", "role": "guide"})
    say(small, SETTINGS, language={"value": "Klingon"})
    till.sync()
    assert [(matter.key, matter.error and matter.error.code) for matter in open_at(till)] == [
        ("settings:language", "bad_setting"),
        ("staff:M01", "bad_person_name"),
    ]
    with pytest.raises(RefusedError, match="not_settled_here"):
        settle(till, "staff:M01", "seen")
    say(small, STAFF, M01={"name": "Manager", "role": "manager"})
    say(small, SETTINGS, language=None)
    till.sync()
    assert open_at(till) == []


def test_settling_is_for_managers_and_for_what_is_there(small):
    till, _, _ = sold_twice(small)
    cashier = till.hire("C01", "cashier")
    for key, outcome, code in (
        ("sold_twice", "seen", "bad_outcome"),
        ("sold_twice", "", "bad_outcome"),
        ("returned_twice", "corrected", "no_such_matter"),
        ("", "corrected", "no_such_matter"),
    ):
        with pytest.raises(RefusedError, match=code):
            settle(till, key, outcome)
    with pytest.raises(RefusedError, match="not_allowed"):
        settle(till, "sold_twice", "corrected", cashier)
    with pytest.raises(RefusedError, match="bad_reason"):
        settle(till, "sold_twice", "corrected", note="x" * 101)
    first = settle(till, "sold_twice", "corrected", op="form")
    assert settle(till, "sold_twice", "corrected", op="form") == first


def test_a_unit_that_another_till_sold_is_not_sold_again(chain):
    till = chain.till()
    _, serials = till.issue(SCARF, 2)
    till.sync()
    twin, link = till.twin(), till.link(SCARF, serials[0])
    sold = till.sell_codes(link)
    heard(chain, till, twin)
    seen = twin.unit(link)
    assert seen.elsewhere and (seen.state, seen.elsewhere.receipt) == (UnitState.SOLD, sold.receipt)
    last = twin.terminal.read(partial(units.history, unit=seen)).result()[-1]
    assert (last.kind, last.terminal, last.detail) == ("sold", "S1 T1", sold.receipt)
    with pytest.raises(RefusedError, match="unit_sold_elsewhere"):
        twin.sell_codes(link)
    with pytest.raises(RefusedError, match="unit_bought_elsewhere"):
        twin.bring_codes_back(link)
    twin.empty_counter()
    # It comes back there, without the receipt that only the other till has, and is sold once more.
    chain.clock.go(minutes=1)
    twin.bring_back_blindly(link)
    assert twin.unit(link).state is UnitState.RETURNED
    twin.sell_codes(link)
    heard(chain, twin, till)
    assert till.unit(link).state is UnitState.SOLD
    assert open_at(till) == open_at(twin) == []
    assert twin.diagnosis(full=True).ok


def test_a_unit_of_another_store_is_told_where_it_ever_was(small):
    till, far = small.till(), small.till("S2", "T1")
    _, serials = till.issue(SCARF, 1)
    till.sell_codes(till.link(SCARF, serials[0]))
    heard(small, till, far)
    assert small.db.read(lambda c: feeds.keys_of(c, Feed("units", "S1"))) == serials
    assert small.db.read(lambda c: feeds.keys_of(c, Feed("units", "S2"))) == []


@pytest.mark.parametrize("order", [1, -1])
def test_a_store_whose_claim_gave_way_is_told_nothing_of_the_unit(small, order):
    small.till("S2", "T1")
    who, far = voice(small, "S1", "T1"), voice(small, "S2", "T1")
    who.tell(fact(sale("here", line(unit="u1"))))
    small.project()
    # Two facts under one id: the one with the lesser digest holds, and it must be the one without the unit.
    claims, plain = fact(sale("op", line(unit="u1"))), b""
    for amount in range(100, 200):
        plain = fact(sale("op", line(amount=amount)))
        if hashlib.sha256(plain).digest() < hashlib.sha256(claims).digest():
            break
    for raw in (claims, plain)[::order]:
        far.tell(raw)
        small.project()
    assert small.db.read(lambda c: feeds.keys_of(c, Feed("units", "S2"))) == []
    assert small.db.read(lambda c: feeds.keys_of(c, Feed("units", "S1"))) == ["u1"]


def test_only_who_has_a_part_in_a_conflict_settles_it(small):
    till, _, _ = sold_twice(small)
    (matter,) = open_at(till)
    stranger, party = small.till("S2", "T1"), small.till("S1", "T2")
    for who in (stranger, party):
        who.hear("conflicts", **{matter.key: conflict_row(matter)})
        settle(who, matter.key, "corrected")
        who.sync()
        small.project()
        assert bool(small.db.read(findings.conflicts)) is (who is stranger)


def conflict_row(matter: Matter) -> dict[str, object]:
    parties = [asdict(party) for party in matter.parties]
    return {"code": matter.code, "at": matter.at, "parties": parties}


def test_the_tray_by_command(small, capsys):
    till, twin, _ = sold_twice(small)
    (matter,) = open_at(twin)
    for what in happened_to(twin):
        settle(twin, what, "seen")
    till.terminal.close()
    twin.terminal.close()
    home = ["--home", str(twin.terminal.home.folder)]
    assert main(["tray", *home]) == 0
    out = capsys.readouterr().out
    assert matter.key in out and "sold twice · S1 T1" in out and "other_item" in out
    assert main(["tray", "--json", *home]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["matter"] == matter.key and told["outcomes"] == ["other_item", "corrected", "unexplained"]
    assert main(["tray", "sold_twice", "yesterday", *home]) == 1
    assert main(["tray", "sold_twice", "corrected", "--note", "given back", "--json", *home]) == 0
    capsys.readouterr()
    assert main(["tray", *home]) == 0
    assert "The tray is empty." in capsys.readouterr().out


def test_nobody_stumbles_over_what_cannot_be_read(small):
    till = small.till()
    till.sync()
    for scope in ("conflicts", "findings", "notices", "units", "days", "targets", "blocks", "commands", "freezes"):
        till.hear(scope, **{"2026-11-23:T2": {"nonsense": 1}, "sold_twice:u": []})
    for scope in ("prices", "promotions", "catalogue", "staff", "settings"):
        till.hear(scope, **{f"{WATER.code}:2026-11-23": "x", WATER.code: 7})
    matters = open_at(till)
    assert {matter.kind for matter in matters} == {MatterKind.REFUSED} and len(matters) >= 20
    till.sell_codes(WATER.shown_code)
    till.issue(SCARF, 1)
    till.terminal.read(partial(days.beside, by=SYSTEM, start="2026-11-23", end="2026-11-23")).result()
    assert len(till.terminal.read(tray.look).result()) == len(matters) and till.diagnosis().ok
    # Head office never said any of it, and says so.
    till.sync()
    assert open_at(till) == []


def test_what_happened_to_a_till_or_to_head_office_is_said_once(small, tmp_path):
    till = small.till()
    till.sell((WATER, 1))
    till.sync()
    backup, hq_backup = tmp_path / "backup", tmp_path / "hq-backup"
    till.copy(backup)
    shutil.copytree(small.home.folder, hq_backup)
    till.sell((WATER, 2))
    till.sync()
    # Both are brought back: the till from yesterday's copy, later head office.
    till.terminal.close()
    restored = small.opened(backup)
    restored.sync()
    assert happened_to(restored) == ["restored"]
    settle(restored, "restored", "seen")
    restored.sell((WATER, 3))
    restored.sync()
    small.shut()
    for file in small.home.folder.glob("hq.db*"):
        file.unlink()
    shutil.copy(hq_backup / "hq.db", small.home.folder)
    small.open()
    done = restored.sync()
    assert (done.waiting, done.trouble) == (0, "")
    (matter,) = open_at(restored, histories=True)
    assert matter.what == "hq_restored" and int(matter.detail) > 0
    settle(restored, "hq_restored", "seen")
    restored.sync()
    assert happened_to(restored) == []
    twin = restored.twin()
    for each, count in ((restored, 1), (twin, 2)):
        each.sell((WATER, count))
        each.sync()
    assert happened_to(twin) == ["cloned"]
    # The restored home never had the second sale; head office had it, and lost it: it lives on nowhere.
    assert small.report().report.total.orders == 4
