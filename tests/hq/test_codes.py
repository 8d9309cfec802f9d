"""Unit codes of a chain: every till knows them by the chain's keys, and no two tills issue in one block."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import select

from core.codes import serial
from core.codes.queries import memory
from core.errors import RefusedError
from core.hq.codes import STOCK
from core.hq.schema import BLOCK
from core.shop import codes, parting, tray
from core.shop.keys import adopt, chain_keys
from core.shop.terminal import SYSTEM
from main import main
from tests.builders import SCARF, WATER
from tests.chain import Chain, Till


def block_of(code: str) -> int:
    return serial.number_of(code) // serial.BLOCK


def is_leased(code: str) -> bool:
    return serial.number_of(code) >> 40 == serial.LEASED_FORMAT


def leased(chain: Chain) -> list[tuple[str, int]]:
    """Streams and the blocks that they hold."""
    query = select(BLOCK.c.stream_id, BLOCK.c.number).order_by(BLOCK.c.number)
    return [(stream, number) for stream, number in chain.db.read(lambda c: c.execute(query).all())]


def issue_blocks(till: Till, blocks: int) -> list[str]:
    """Codes of so many blocks; the first of each."""
    batch = codes.issue(till.terminal, SYSTEM, WATER.code, blocks * serial.BLOCK)
    return till.serials(batch.name)[:: serial.BLOCK]


def test_a_code_of_one_till_is_sold_at_every_other(chain):
    one, other = chain.till(), chain.till("S2", "T1")
    _, (early,) = one.issue(SCARF, 1)
    one.sync()
    other.sync()
    _, (late,) = one.issue(SCARF, 1)
    _, (theirs,) = other.issue(SCARF, 1)
    for code in (early, late):
        assert other.sell_codes(other.link(SCARF, code)).lines[0].unit == code
    assert one.sell_codes(one.link(SCARF, theirs)).lines[0].unit == theirs
    # Codes from before it joined the chain are under a key of its own, later ones under the chain's.
    keys = chain_keys(one.terminal.home)
    assert keys == chain_keys(other.terminal.home) and len(keys) == 2
    assert serial.is_genuine(late, keys[:1]) and serial.is_genuine(theirs, keys[:1])
    assert serial.is_genuine(early, keys[1:]) and not serial.is_genuine(early, keys[:1])
    # Nothing is told again.
    assert one.sync().pulled == 0
    with pytest.raises(RefusedError, match="unit_forged"):
        other.sell_codes(other.link(SCARF, early[:-1] + ("2" if early[-1] != "2" else "3")))


def test_tills_issue_in_blocks_that_are_leased_to_them(chain):
    one, other = chain.till(), chain.till("S2", "T1")
    one.sync()
    other.sync()
    assert len({number for _, number in leased(chain)}) == len(leased(chain)) == 2 * STOCK
    mine, theirs = issue_blocks(one, 2), issue_blocks(other, 1)
    assert all(map(is_leased, mine + theirs))
    assert len({block_of(code) for code in mine + theirs}) == 3
    # The stock is filled up when it is half empty.
    assert one.sync().pulled == 0 and len(leased(chain)) == 2 * STOCK
    issue_blocks(one, 3)
    assert one.sync().pulled == 5 and len(leased(chain)) == 2 * STOCK + 5
    assert one.diagnosis().ok


def test_without_a_network_there_are_codes_of_ones_own(small):
    till = small.till()
    till.sync()
    firsts = issue_blocks(till, STOCK + 1)
    assert [is_leased(code) for code in firsts] == [True] * STOCK + [False]
    till.sync()
    # The next block is a leased one again.
    issue_blocks(till, 1)
    assert is_leased(issue_blocks(till, 1)[0])


def test_a_copy_does_not_go_on_in_a_block_of_the_stream_before(small):
    till = small.till()
    till.sync()
    _, (first,) = till.issue(SCARF, 1)
    till.sync()
    twin = till.twin()
    till.sell((WATER, 1))
    till.sync()
    # Both copies hold the same stream; the second that is heard of goes on in another, with blocks of its own.
    twin.sell((WATER, 2))
    twin.sync()
    twin.sync()
    _, (after,) = twin.issue(SCARF, 1)
    _, (same,) = till.issue(SCARF, 1)
    assert block_of(same) == block_of(first) != block_of(after) and is_leased(after)
    (now,) = twin.terminal.read(
        lambda view: view.connection.execute("SELECT id FROM stream ORDER BY number DESC LIMIT 1").fetchone()
    ).result()
    assert (now, block_of(after)) in leased(small)


def test_a_block_is_never_leased_again_by_a_head_office_from_an_older_copy(small):
    till = small.till()
    till.sync()
    before = {number for _, number in leased(small)}
    with small.db.engine.begin() as connection:
        for table in ("block", "feed", "feed_head", "code_key"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    till.sync()
    issued = issue_blocks(till, 1)
    assert not before & {number for _, number in leased(small)} and is_leased(issued[0])
    # The key that was lost there comes back from the till.
    _, (late,) = till.issue(SCARF, 1)
    other = small.till("S2", "T1")
    other.sync()
    assert other.sell_codes(other.link(SCARF, late)).lines[0].unit == late


def test_nothing_of_the_keys_lies_in_a_tills_database(small):
    till = small.till()
    till.issue(SCARF, 1)
    till.sync()
    till.issue(SCARF, 1)
    (home,) = [till.terminal.home]
    till.terminal.write(lambda s: s.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()).result()
    stored = home.file.read_bytes()
    keys = chain_keys(home)
    assert len(keys) == 2 and home.code_keys.stat().st_mode & 0o077 == 0
    assert not any(key in stored or key.hex().encode() in stored for key in keys)
    assert till.terminal.read(partial(lambda view, name: memory(view.connection, name), name="next")).result()


def test_unused_blocks_of_a_revoked_till_are_void_until_it_is_taken_in_again(chain):
    thief, till = chain.till("S1", "T1"), chain.till("S1", "T2")
    thief.sync()
    till.sync()
    _, (honest,) = thief.issue(SCARF, 1)
    thief.sync()
    given = ["--home", str(chain.home.folder), *(["--database", chain.home.url] if chain.db.is_postgresql else [])]
    assert main(["hq", "revoke", "S1", "T1", *given]) == 0
    made = issue_blocks(thief, 2)[1]
    till.sync()
    with pytest.raises(RefusedError, match="unit_revoked"):
        till.sell_codes(till.link(WATER, made))
    # What it issued while it was one of ours is ours.
    assert till.sell_codes(till.link(SCARF, honest)).lines[0].unit == honest
    (matter,) = till.terminal.read(tray.open_matters).result()
    assert (matter.what, matter.detail) == ("revoked", "T1")
    chain.clock.go(minutes=1)
    parting.leave(thief.terminal, SYSTEM, chain.folder / "rest")
    thief.enrol()
    till.sync()
    assert till.terminal.read(tray.open_matters).result() == []
    assert till.sell_codes(till.link(WATER, made)).lines[0].unit == made


def test_a_chain_of_many_shops_that_bring_their_keys(small):
    def brings(till: Till, count: int) -> list[bytes]:
        made = [small.chance.randbytes(32) for _ in range(count)]
        till.terminal.write(lambda session: adopt(session.home, made)).result()
        return made

    tills = [small.till(f"S{n}", "T1") for n in range(4)]
    brought = {key for till in tills for key in brings(till, 40)}
    for _ in range(2):
        for till in tills:
            assert till.sync().trouble == ""
    for till in tills:
        assert set(chain_keys(till.terminal.home)) > brought
    assert len({tuple(chain_keys(till.terminal.home)) for till in tills}) == 1
    # Once all know all, nothing of it is told any more.
    sizes: list[int] = []

    def weigh(request, deliver):
        answer = deliver(request)
        sizes.append(len(request.body) + len(answer.body))
        return answer

    small.network.on_the_way = weigh
    tills[0].sync()
    assert max(sizes) < 1_500
