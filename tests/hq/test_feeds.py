"""What head office says reaches the tills that it is for, whatever happens to either."""

from __future__ import annotations

import shutil
from functools import partial

import msgspec
import pytest

from core import wire
from core.catalogue import queries
from core.errors import BrokenWorldError, RefusedError
from core.hq import feeds
from core.hq.feeds import Fed, Feed
from core.hq.sources import feed_from, read_source
from core.shop import feeds as taking_in
from core.shop import goods, parting, people, sync
from core.shop.terminal import SYSTEM
from core.sync import feeds as kept
from core.sync.transport import Answer
from core.wire import Page, Row
from tests.builders import WATER
from tests.chain import Chain, Request, Till

CATALOGUE, STAFF, SETTINGS = Feed("catalogue"), Feed("staff"), Feed("settings")


def say(chain: Chain, feed: Feed, **bodies: object) -> Fed:
    """Head office says this under these keys; nothing takes a key away."""
    rows = {key: msgspec.json.encode(body).decode() if body else "" for key, body in bodies.items()}
    return chain.db.write(lambda connection: feeds.change(connection, feed, rows))


def many(count: int, price: int = 100) -> dict[str, object]:
    return {f"P{n:05}": {"name": f"茶叶 {n}", "price": price + n} for n in range(count)}


def price(till: Till, code: str) -> int | None:
    product = till.terminal.read(lambda view: queries.find(view.connection, code)).result()
    return product.price if product else None


def agrees(chain: Chain, till: Till, feed: Feed) -> bool:
    """Whether a till has of a feed what head office has."""
    rows = chain.db.read(lambda c: feeds.rows_of(c, feed, feeds.keys_of(c, feed)))
    here = till.terminal.read(
        lambda view: view.connection.execute(
            "SELECT key, body FROM feed_row WHERE channel = ?", (feed.channel,)
        ).fetchall()
    ).result()
    return dict(here) == rows


def test_goods_of_the_chain_are_sold_at_every_till(chain):
    one, other = chain.till(), chain.till("S2", "T2")
    for till in (one, other):
        till.sync()
    assert say(chain, CATALOGUE, **many(300)) == Fed(300, 0, 0, 0)
    assert (one.sync().pulled, other.sync().pulled) == (300, 300)
    assert one.sell_codes("P00042").net == other.sell_codes("P00042").net == 142
    assert one.sync().pulled == 0
    assert one.diagnosis().ok and agrees(chain, one, CATALOGUE) and agrees(chain, other, CATALOGUE)


def test_only_what_changed_is_fetched_again(chain):
    till = chain.till()
    say(chain, CATALOGUE, **many(30))
    till.sync()
    assert say(chain, CATALOGUE, P00001={"name": "茶", "price": 5}, P00002=None, P00003=many(4)["P00003"]) == Fed(
        0, 1, 1, 1
    )
    assert till.sync().pulled == 2
    assert (price(till, "P00001"), price(till, "P00002"), price(till, "P00003")) == (5, None, 103)
    assert till.diagnosis().ok and agrees(chain, till, CATALOGUE)


def test_a_store_is_told_its_own_rather_than_the_chains_and_a_terminal_rather_than_its_store(small):
    here, there, elsewhere = small.till("S1", "T1"), small.till("S1", "T2"), small.till("S2", "T1")
    say(small, CATALOGUE, P1={"name": "茶", "price": 1})
    say(small, Feed("catalogue", "S1"), P1={"name": "茶", "price": 2})
    say(small, Feed("catalogue", "S1", "T2"), P1={"name": "茶", "price": 3})
    for till in (here, there, elsewhere):
        till.sync()
    assert [price(till, "P1") for till in (here, there, elsewhere)] == [2, 3, 1]
    say(small, CATALOGUE, P1={"name": "茶", "price": 9})
    say(small, Feed("catalogue", "S1", "T2"), P1=None)
    for till in (here, there, elsewhere):
        till.sync()
    assert [price(till, "P1") for till in (here, there, elsewhere)] == [2, 2, 9]


def test_the_newer_of_head_offices_price_and_one_by_hand_holds(small):
    till = small.till()
    by_hand = partial(goods.set_product, by=SYSTEM)
    say(small, CATALOGUE, **{WATER.code: {"name": "水", "price": 300}})
    till.sync()
    assert price(till, WATER.code) == 300
    till.terminal.write(partial(by_hand, product=WATER)).result()
    assert price(till, WATER.code) == WATER.price
    # Told anew it is nothing new.
    till.terminal.write(lambda session: kept.start_anew(session.connection)).result()
    till.sync()
    assert price(till, WATER.code) == WATER.price
    say(small, CATALOGUE, **{WATER.code: {"name": "水", "price": 310}})
    till.sync()
    assert price(till, WATER.code) == 310


def test_people_and_settings_become_facts_of_the_terminal(chain):
    till = chain.till()
    till.sync()
    say(chain, STAFF, chen={"name": "陈晨", "role": "manager"}, lin={"name": "林琳", "role": "cashier"})
    say(chain, SETTINGS, receipt_footer={"value": "谢谢光临"}, tax_rate={"value": "13%"})
    done = till.sync()
    assert (done.pulled, done.waiting) == (4, 0)
    found = {p.id: (p.name, p.role.value, p.active) for p in till.terminal.read(people.all_people).result()}
    assert found == {"chen": ("陈晨", "manager", True), "lin": ("林琳", "cashier", True)}
    settings = till.terminal.read(lambda view: view.settings).result()
    assert (settings.text("receipt_footer"), settings.text("tax_rate")) == ("谢谢光临", "13%")
    say(chain, STAFF, lin=None)
    till.sync()
    assert [p.id for p in till.terminal.read(people.all_people).result() if p.active] == ["chen"]
    assert till.diagnosis().ok


@pytest.mark.logs
@pytest.mark.parametrize(
    ("feed", "key", "body"),
    [
        (CATALOGUE, "P1", "{"),
        (CATALOGUE, "P1", '{"name":"x","price":-1}'),
        (CATALOGUE, "a code with spaces", '{"name":"x"}'),
        (CATALOGUE, "P1", '{"name":"' + "x" * 200 + '"}'),
        (STAFF, "somebody", '{"name":"x","role":"king"}'),
        (STAFF, "system", '{"name":"x","role":"it"}'),
        (SETTINGS, "currency", '{"value":"USD"}'),
        (SETTINGS, "of_tomorrow", '{"value":"1"}'),
        (Feed("of_tomorrow"), "x", "{}"),
    ],
)
def test_what_cannot_hold_here_keeps_nothing_from_arriving(small, feed, key, body):
    till = small.till()
    small.db.write(lambda connection: feeds.change(connection, feed, {key: body}))
    say(small, CATALOGUE, P2={"name": "茶", "price": 5})
    done = till.sync()
    assert (done.trouble, price(till, "P2")) == ("", 5)
    assert agrees(small, till, feed) and till.diagnosis().ok
    assert till.sync().pulled == 0


def test_head_office_from_an_older_copy_tells_what_it_knows(small):
    till = small.till()
    say(small, CATALOGUE, P1={"name": "茶", "price": 1}, P2={"name": "茶", "price": 2})
    till.sync()
    small.shut()
    shutil.copytree(small.home.folder, small.folder / "older")
    small.open()
    say(small, CATALOGUE, P1={"name": "茶", "price": 10}, P3={"name": "茶", "price": 3})
    till.sync()
    assert price(till, "P3") == 3
    for again in ({}, {"P4": {"name": "茶", "price": 4}}, {f"P{n}": {"name": "茶", "price": n} for n in range(5, 9)}):
        small.shut()
        for file in (small.folder / "older").glob("hq.db*"):
            shutil.copy(file, small.home.folder)
        small.open()
        say(small, CATALOGUE, **again)
        till.sync()
        assert agrees(small, till, CATALOGUE)
        assert (price(till, "P1"), price(till, "P3")) == (1, None)


def test_a_page_that_was_cut_off_is_not_taken_for_what_was_known_before(small, monkeypatch):
    """The program ended between the rows and the end of their channel, and head office came back from before both."""
    till = small.till()
    say(small, CATALOGUE, P1={"name": "茶", "price": 1})
    till.sync()
    small.shut()
    older = (small.home.folder / "hq.db").read_bytes()
    small.open()
    say(small, CATALOGUE, P2={"name": "茶", "price": 2})
    with monkeypatch.context() as patch:
        patch.setattr(taking_in, "_sweep", _ends_here)
        with pytest.raises(ZeroDivisionError):
            till.sync()
    assert price(till, "P2") == 2
    small.shut()
    (small.home.folder / "hq.db").write_bytes(older)
    small.open()
    till.sync()
    assert price(till, "P2") is None and agrees(small, till, CATALOGUE)


def _ends_here(session: object, channel: str) -> bool:
    raise ZeroDivisionError


def test_head_office_that_never_said_it_takes_everything_back(small):
    till = small.till()
    small.shut()
    shutil.copytree(small.home.folder, small.folder / "older")
    small.open()
    say(small, CATALOGUE, P1={"name": "茶", "price": 1})
    till.sync()
    small.shut()
    for file in (small.folder / "older").glob("hq.db*"):
        shutil.copy(file, small.home.folder)
    small.open()
    till.sync()
    assert (price(till, "P1"), till.sync().pulled) == (None, 0)
    say(small, CATALOGUE, P1={"name": "茶", "price": 2})
    till.sync()
    assert price(till, "P1") == 2


def test_a_sync_that_ends_in_the_middle_goes_on_there(small):
    till = small.till()
    till.sync()
    say(small, CATALOGUE, **many(700))
    pages = 0

    def two_pages(request: Request, deliver) -> Answer:
        nonlocal pages
        pages += request.target == wire.PULL
        if pages > 2:
            raise BrokenWorldError("hq_unreachable", url="", detail="gone")
        return deliver(request)

    small.network.on_the_way = two_pages
    assert (till.sync().pulled, price(till, "P00400"), price(till, "P00600")) == (500, 500, None)
    small.network.on_the_way = None
    assert till.sync().pulled == 200
    assert agrees(small, till, CATALOGUE)


def test_goods_go_on_being_sold_while_they_are_told_anew(small):
    till = small.till()
    say(small, CATALOGUE, **many(300))
    till.sync()
    till.terminal.write(lambda session: kept.start_anew(session.connection)).result()
    seen: list[int | None] = []

    def look(request: Request, deliver) -> Answer:
        seen.extend(price(till, code) for code in ("P00000", "P00299"))
        return deliver(request)

    small.network.on_the_way = look
    till.sync()
    assert set(seen) == {100, 399}


@pytest.mark.parametrize("lie", ["digest", "count", "the same again", "no end"])
def test_pages_that_do_not_add_up_are_not_believed(small, lie, monkeypatch):
    monkeypatch.setattr(sync, "_PAGES", 50)
    till = small.till()
    say(small, CATALOGUE, **many(10))
    made = iter(range(10**9))

    def lied(request: Request, deliver) -> Answer:
        answer = deliver(request)
        if request.target != wire.PULL:
            return answer
        page = msgspec.json.decode(answer.body, type=Page)
        if lie == "no end":
            page = msgspec.structs.replace(page, cursor=str(next(made)), last=False, channel="catalogue:chain", rows=[])
        elif lie == "the same again":
            page = msgspec.structs.replace(
                page, cursor="7", last=False, channel="catalogue:chain", rows=[Row("P1", "")]
            )
        elif lie == "digest":
            page = msgspec.structs.replace(page, digest="00" * 32)
        else:
            page = msgspec.structs.replace(page, count=11)
        return Answer(200, {}, msgspec.json.encode(page))

    small.network.on_the_way = lied
    assert till.sync().trouble == "hq_unbelievable"
    small.network.on_the_way = None
    assert till.sync().trouble == ""
    assert agrees(small, till, CATALOGUE)


def test_another_chain_tells_everything_anew(small):
    till = small.till()
    say(small, CATALOGUE, P1={"name": "茶", "price": 1})
    till.sync()
    parting.leave(till.terminal, SYSTEM)
    say(small, CATALOGUE, P1=None, P2={"name": "茶", "price": 2})
    till.enrol()
    till.sync()
    assert agrees(small, till, CATALOGUE) and (price(till, "P1"), price(till, "P2")) == (None, 2)


def test_files_feed_it(small, tmp_path):
    goods_file, staff_file = tmp_path / "goods.csv", tmp_path / "staff.csv"
    goods_file.write_text("条码,货号,名称,售价\n9521000000377,,矿泉水,2.50\n,X1,袋,0.10\n", encoding="utf-8")
    staff_file.write_text("工号,姓名,职务\nchen,陈晨,manager\nlin,林琳,king\n", encoding="utf-8")
    source = read_source("catalogue", goods_file, "CNY")
    assert feed_from(small.db, CATALOGUE, source) == Fed(2, 0, 0, 0)
    assert feed_from(small.db, CATALOGUE, source) == Fed(0, 0, 0, 2)
    goods_file.write_text("条码,规格\n9521000000377,550ml\n", encoding="utf-8")
    assert feed_from(small.db, CATALOGUE, read_source("catalogue", goods_file, "CNY"), whole=True) == Fed(0, 1, 1, 0)
    till = small.till()
    till.sync()
    product = till.terminal.read(lambda view: queries.find(view.connection, WATER.code)).result()
    assert (product.name, product.spec, product.price) == ("矿泉水", "550ml", 250)
    people_source = read_source("staff", staff_file, "CNY")
    assert (people_source.keys, [bad.reason.code for bad in people_source.refused]) == (("chen",), ["bad_role"])
    with pytest.raises(RefusedError, match="no_columns"):
        read_source("settings", goods_file, "CNY")
