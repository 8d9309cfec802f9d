"""Leaving a chain, losing a key, being revoked: nothing is lost on the way."""

from __future__ import annotations

from functools import partial

import pytest

from core.errors import RefusedError
from core.hq import feeds, parcels
from core.hq.doctor import examine
from core.hq.feeds import Feed
from core.hq.streams import Registrar
from core.shop import parting
from core.shop.enrolment import enrol
from core.shop.terminal import SYSTEM
from core.sync import streams
from tests.builders import RICE, WATER
from tests.chain import Chain, Till
from tests.hq.test_push import log_of, net, raw_facts


def waiting(till: Till) -> int:
    return till.terminal.read(lambda view: streams.waiting(view.connection)).result()


def registrar(chain: Chain) -> Registrar:
    return Registrar(chain.db, chain.home, chain.clock.now_ms)


def take_in(chain: Chain, path) -> parcels.Taken:
    with path.open("rb") as file:
        return parcels.take_in(chain.db, chain.home, file, chain.clock.now_ms())


def test_nobody_leaves_with_something_unsent(small):
    till = small.till()
    till.sell((WATER, 1))
    with pytest.raises(RefusedError, match="unsent"):
        parting.leave(till.terminal, SYSTEM)
    till.sync()
    assert parting.leave(till.terminal, SYSTEM) == 0
    with pytest.raises(RefusedError, match="no_hq"):
        till.sync()


def test_what_waits_goes_into_a_file_that_head_office_takes_in(chain, tmp_path):
    till = chain.till()
    till.sell((WATER, 1))
    till.sync()
    till.sell((RICE, 2))
    parcel = tmp_path / "parcel"
    assert parting.leave(till.terminal, SYSTEM, parcel) == 1
    chain.clock.go(hours=48)
    taken = take_in(chain, parcel)
    assert (taken.facts, taken.new, taken.refused) == (1, 1, ())
    assert take_in(chain, parcel).new == 0
    assert log_of(chain) == raw_facts(till)
    assert net(chain) == (WATER.price + 2 * RICE.price, 2)
    assert all(check.ok for check in examine(chain.db))


def test_a_copy_that_never_spoke_leaves_with_its_branch_in_a_file(small, tmp_path):
    till = small.till()
    till.sync()
    twin = till.twin()
    till.sell((WATER, 1))
    till.sync()
    twin.sell((RICE, 1))
    twin.sync()
    twin.sell((RICE, 1))
    parting.leave(twin.terminal, SYSTEM, tmp_path / "parcel")
    taken = take_in(small, tmp_path / "parcel")
    assert (taken.new, taken.refused) == (1, ())
    assert net(small) == (WATER.price + 2 * RICE.price, 3)


@pytest.mark.parametrize("cut", [0, 10, 30, 200, -1])
def test_a_damaged_file_is_refused(small, tmp_path, cut):
    till = small.till()
    till.sell((WATER, 1))
    path = tmp_path / "parcel"
    parting.export(till.terminal, SYSTEM, path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(RefusedError, match="bad_parcel"):
        take_in(small, path)
    # An altered one is not authentic.
    parting.export(till.terminal, SYSTEM, path)
    content = bytearray(path.read_bytes())
    content[-200] ^= 1
    path.write_bytes(content)
    with pytest.raises(RefusedError, match="bad_parcel"):
        take_in(small, path)
    assert log_of(small) == []


def test_a_terminal_that_left_can_come_back(small):
    till = small.till()
    till.sell((WATER, 1))
    till.sync()
    parting.leave(till.terminal, SYSTEM)
    till.sell((WATER, 1))
    till.enrol()
    assert till.sync().sent == 1
    assert log_of(small) == raw_facts(till)


def test_a_terminal_without_its_key_goes_on_with_a_new_token(small):
    till = small.till()
    till.sell((WATER, 1))
    till.sync()
    till.sell((RICE, 1))
    till.terminal.home.key.unlink()
    done = till.sync()
    assert (done.trouble, done.waiting) == ("lost_key", 1)
    till.enrol()
    assert till.sync().waiting == 0
    assert net(small) == (WATER.price + RICE.price, 2)
    assert till.diagnosis().ok


def test_a_revoked_terminal_is_heard_no_more_and_keeps_everything(chain):
    till, other = chain.till(), chain.till("S1", "T2")
    till.sync()
    till.sell((WATER, 1))
    registrar(chain).revoke("S1", "T1")
    before = log_of(chain)
    assert (till.sync().trouble, waiting(till)) == ("revoked", 1)
    assert log_of(chain) == before
    assert other.sync().waiting == 0
    # It comes back with a new token only.
    parting.leave(till.terminal, SYSTEM, chain.folder / "parcel")
    assert take_in(chain, chain.folder / "parcel").refused
    chain.clock.go(minutes=1)
    till.enrol()
    assert till.sync().waiting == 0
    assert net(chain) == (WATER.price, 1)


def test_a_token_from_before_lets_nobody_back_in(small):
    till = small.till(enrolled=False)
    token = small.token("S1", "T1")

    join = partial(enrol, till.terminal, "http://127.0.0.1:1", token, lambda _: small.network)
    join()
    till.sync()
    parting.leave(till.terminal, SYSTEM)
    registrar(small).revoke("S1", "T1")
    with pytest.raises(RefusedError, match="bad_token"):
        join()
    # One that head office does not know, having come back from an older copy, is revoked all the same.
    assert registrar(small).revoke("S1", "T9") is False


def test_the_doctor_finds_what_was_changed_behind_head_offices_back(small):
    till = small.till()
    till.sell((WATER, 1))
    till.sync()
    small.project()

    small.db.write(lambda connection: feeds.change(connection, Feed("catalogue", "S1"), {"P1": "{}", "P2": "{}"}))

    def break_it(sql: str) -> list[str]:
        small.db.write(lambda connection: connection.exec_driver_sql(sql))
        return [check.name for check in examine(small.db) if not check.ok]

    assert break_it("UPDATE day SET net = net + 1") == ["projections"]
    assert break_it("UPDATE day SET net = net - 1") == []
    assert break_it("DELETE FROM feed WHERE key = 'P1'") == ["feeds"]
    assert "streams" in break_it(
        "UPDATE event SET raw = CAST(replace(CAST(raw AS TEXT), 'S1', 'S2') AS BLOB) WHERE seq = 1"
    )
