"""Prices that are set for days to come and for a while; what nobody may sell; what is to be sold and to be read."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import select

from core.catalogue.product import Product
from core.errors import RefusedError
from core.hq import feeds, findings
from core.hq.feeds import Feed
from core.hq.records import SCOPES
from core.hq.schema import EVENT
from core.hq.sources import feed_from, read_source
from core.shop import days, goods, prices, tray
from core.shop.terminal import SYSTEM, Terminal
from core.tray.matters import MatterKind
from tests.builders import BAG, RICE, SCARF, WATER
from tests.chain import Chain, Till
from tests.hq.test_feeds import price, say
from ui.cli.parser import FED

TODAY, TOMORROW, LATER = "2026-11-23", "2026-11-24", "2026-11-26"
PRICES, PROMOTIONS, FREEZES = Feed("prices"), Feed("promotions"), Feed("freezes")


def dated(till_or_chain: Chain, feed: Feed = PRICES, **prices_: int | None) -> None:
    """A price for each `CODE` at a date, as `code_date`."""
    rows = {}
    for key, amount in prices_.items():
        code, _, date = key.rpartition("_")
        rows[f"{code.replace('BAG', 'BAG-L')}:{date[:4]}-{date[4:6]}-{date[6:]}"] = {"price": amount}
    say(till_or_chain, feed, **rows)


def charged(till: Till, product: Product) -> int:
    """What one costs at the counter."""
    sold = till.sell_codes(product.shown_code)
    return sold.lines[0].amount


def test_every_scope_can_be_fed():
    assert set(FED) == {"catalogue", *SCOPES}


def test_a_price_holds_from_its_day_on(chain):
    till = chain.till()
    dated(chain, **{f"{WATER.code}_20261120": 210, f"{WATER.code}_20261124": 230, f"{WATER.code}_20261126": 250})
    till.sync()
    assert price(till, WATER.code) == charged(till, WATER) == 210
    chain.clock.go(minutes=24 * 60)
    till.sync()
    assert charged(till, WATER) == 230
    # What somebody sets by hand holds until the next one's day.
    by_hand = Product(WATER.code, WATER.name, 199, WATER.tax_rate, WATER.category, WATER.spec)
    till.terminal.write(partial(goods.set_product, by=SYSTEM, product=by_hand)).result()
    till.sync()
    assert charged(till, WATER) == 199
    chain.clock.go(minutes=48 * 60)
    till.sync()
    assert charged(till, WATER) == 250
    assert till.diagnosis(full=True).ok


def test_a_till_that_was_off_takes_the_days_prices_when_it_opens(small):
    till = small.till()
    dated(small, **{f"{RICE.code}_20261124": 4_800, "BAG_20261125": 80, "UNKNOWN_20261124": 5})
    till.sync()
    assert (price(till, RICE.code), price(till, BAG.code)) == (RICE.price, BAG.price)
    till.terminal.close()
    small.shut()
    small.clock.go(minutes=72 * 60)
    with Terminal(till.terminal.home.folder, clock=small.clock) as again:
        opened = Till(again, small)
        assert (charged(opened, RICE), charged(opened, BAG)) == (4_800, 80)
        assert again.write(prices.take_effect).result() == ""
        assert opened.diagnosis().ok
    small.open()


def test_a_stores_price_comes_before_the_chains_and_one_that_is_taken_back_leaves_it(small):
    till = small.till()
    say(small, Feed("catalogue"), **{WATER.code: {"name": "水", "price": 220}})
    dated(small, **{f"{WATER.code}_20261123": 240})
    dated(small, Feed("prices", "S1"), **{f"{WATER.code}_20261101": 260})
    till.sync()
    assert charged(till, WATER) == 260
    say(small, Feed("prices", "S1"), **{f"{WATER.code}:2026-11-01": None})
    till.sync()
    assert charged(till, WATER) == 240
    say(small, PRICES, **{f"{WATER.code}:{TODAY}": None})
    till.sync()
    assert charged(till, WATER) == 220
    # Told anew, the catalogue's own price does not come before the dated one.
    dated(small, **{f"{WATER.code}_20261123": 245})
    say(small, Feed("catalogue"), **{WATER.code: {"name": "水 新", "price": 221}})
    till.sync()
    assert charged(till, WATER) == 245


def test_a_thousand_prices_of_one_day_take_effect_in_short_jobs(small):
    till = small.till()
    say(small, Feed("catalogue"), **{f"P{n:04}": {"name": f"茶 {n}", "price": 100} for n in range(600)})
    say(small, PRICES, **{f"P{n:04}:{TOMORROW}": {"price": 200 + n} for n in range(600)})
    till.sync()
    small.clock.go(minutes=24 * 60)
    steps, at = 0, till.terminal.write(prices.take_effect).result()
    while at:
        steps += 1
        at = till.terminal.write(partial(prices.take_effect, after=at)).result()
    assert steps == 3 and [price(till, f"P{n:04}") for n in (0, 299, 599)] == [200, 499, 799]


def test_a_promotion_holds_for_its_days_and_never_raises_a_price(chain):
    till = chain.till()
    say(
        chain, PROMOTIONS,
        **{
            f"{WATER.code}:{TODAY}": {"price": 150, "until": TOMORROW},
            f"{RICE.code}:{TODAY}": {"price": 9_900, "until": LATER},
            f"{SCARF.code}:{TOMORROW}": {"price": 19_900, "until": LATER},
        },
    )  # fmt: skip
    till.sync()
    assert (charged(till, WATER), charged(till, RICE), charged(till, SCARF)) == (150, RICE.price, SCARF.price)
    # The catalogue is as it was.
    assert price(till, WATER.code) == WATER.price
    chain.clock.go(minutes=24 * 60)
    assert (charged(till, WATER), charged(till, SCARF)) == (150, 19_900)
    chain.clock.go(minutes=24 * 60)
    assert (charged(till, WATER), charged(till, SCARF)) == (WATER.price, 19_900)


def test_what_is_recalled_is_not_sold_and_may_come_back(chain):
    till = chain.till()
    batch, serials = till.issue(SCARF, 3)
    links = [till.link(SCARF, serial) for serial in serials]
    sold = till.sell_codes(links[0])
    say(chain, FREEZES, **{serials[1]: {"reason": "色差"}, RICE.code: {"reason": "batch 7 is mouldy"}})
    till.sync()
    for text, reason in ((links[1], "色差"), (RICE.shown_code, "mouldy")):
        with pytest.raises(RefusedError, match=f"recalled.*{reason}"):
            till.sell_codes(text)
    with pytest.raises(RefusedError, match="recalled"):
        till.sell((RICE, 1))
    till.sell_codes(links[2])
    say(chain, FREEZES, **{batch.name: {"reason": ""}})
    till.sync()
    till.bring_codes_back(sold.receipt)
    with pytest.raises(RefusedError, match="recalled"):
        till.sell_codes(links[0])
    say(chain, FREEZES, **{batch.name: None, serials[1]: None, RICE.code: None})
    till.sync()
    till.sell_codes(links[0], links[1], RICE.shown_code)


def test_what_other_tills_sold_today_and_what_is_to_be_sold(chain):
    one, other = chain.till(), chain.till("S1", "T2")
    one.sell((WATER, 2))
    other.sell((RICE, 1))
    say(chain, Feed("targets", "S1"), **{TODAY: {"net": 10_000}, TOMORROW: {"net": 1}})
    for till in (one, other):
        till.sync()
    chain.project()
    one.sync()
    # What this till sold since is not at head office yet, and counts all the same.
    one.sell((WATER, 1))
    shop = one.terminal.read(partial(days.shop_wide, by=SYSTEM, start=TODAY, end=TODAY)).result()
    assert shop and (shop.net, shop.orders, shop.tills, shop.target) == (3 * WATER.price + RICE.price, 3, 2, 10_000)
    alone = chain.till("S9", "T1")
    assert alone.terminal.read(partial(days.shop_wide, by=SYSTEM, start=TODAY, end=TODAY)).result() is None


def test_a_notice_is_read_once(small):
    till = small.till()
    say(small, Feed("notices", "S1"), recall={"text": "Take the scarves off the shelf."})
    till.sync()
    (matter,) = till.terminal.read(tray.open_matters).result()
    assert (matter.kind, matter.detail) == (MatterKind.NOTICE, "Take the scarves off the shelf.")
    till.terminal.write(partial(tray.settle, by=SYSTEM, key=matter.key, outcome="seen")).result()
    assert till.terminal.read(tray.open_matters).result() == []
    say(small, Feed("notices", "S1"), recall={"text": "All of them."})
    till.sync()
    # It says something else now.
    assert [matter.detail for matter in till.terminal.read(tray.open_matters).result()] == ["All of them."]


@pytest.mark.parametrize(
    ("scope", "text", "rows"),
    [
        ("prices", "条码,售价,起\n9521000000377,2.5,2026/12/1\n", {"09521000000377:2026-12-01": '{"price":250}'}),
        ("prices", "code,price,from\nBAG-L,,2026-12-01 00:00:00\n", {"BAG-L:2026-12-01": '{"price":null}'}),
        ("promotions", "gtin,price,from,until\n9521000000377,1.5,2026-12-01,2026年12月5日\n",
         {"09521000000377:2026-12-01": '{"price":150,"until":"2026-12-05"}'}),
        ("freezes", "batch,reason\nT12A-B0001,色差\n", {"T12A-B0001": '{"reason":"色差"}'}),
        ("targets", "date,target\n2026-12-01,12000\n", {"2026-12-01": '{"net":1200000}'}),
        ("credit", "from,binder,window\n2026-12-01,30%,90\n", {"2026-12-01": '{"binder":300000,"window":90}'}),
        ("points", "from,spend,worth,most\n2026-12-01,1,0.05,50%\n",
         {"2026-12-01": '{"spend":100,"worth":5,"most":500000,"unheard":0}'}),
        ("points", "起,消费金额,抵扣金额,离线上限\n2026/12/1,10,,20\n",
         {"2026-12-01": '{"spend":1000,"worth":0,"most":1000000,"unheard":20}'}),
        ("notices", "id,text\nn1,Read this\n", {"n1": '{"text":"Read this"}'}),
    ],
)  # fmt: skip
def test_files_of_each_scope(small, tmp_path, scope, text, rows):
    file = tmp_path / "file.csv"
    file.write_text(text, "utf-8")
    source = read_source(scope, file, "CNY")
    assert not source.refused
    feed_from(small.db, Feed(scope), source)
    assert small.db.read(lambda c: feeds.rows_of(c, Feed(scope), feeds.keys_of(c, Feed(scope)))) == rows


@pytest.mark.parametrize(
    ("scope", "line", "code"),
    [
        ("prices", "9521000000377,2.50,yesterday", "bad_date"),
        ("prices", "9521000000377,-1,2026-12-01", "bad_price"),
        ("promotions", "9521000000377,1,2026-12-05,2026-12-01", "bad_period"),
        ("promotions", "9521000000377,0,2026-12-01,2026-12-01", "bad_price"),
        ("targets", "2026-13-01,5", "bad_date"),
        ("freezes", ",why", "no_code"),
        ("credit", "2026-12-01,101%,0,0", "bad_rate"),
        ("credit", "2026-12-01,50%,many,0", "bad_credit_rule"),
        ("points", "2026-12-01,1,2,,", "bad_points_rule"),
        ("points", "2026-12-01,1,0.1,50%,few", "bad_points_rule"),
        ("points", "soon,1,0.1,,", "bad_date"),
        ("notices", "n1,", "row_too_short"),
    ],
)
def test_what_a_file_cannot_say(tmp_path, scope, line, code):
    file = tmp_path / "file.csv"
    file.write_text(",".join(name for name in SCOPES[scope].headers) + f"\n{line}\n", "utf-8")
    (refused,) = read_source(scope, file, "CNY").refused
    assert (refused.row, refused.reason.code) == (2, code)


def test_a_till_that_is_asked_proves_that_it_is_whole(chain):
    till = chain.till()
    till.sell((WATER, 1))
    say(chain, Feed("commands", "S1", "T1"), monday={"do": "check"}, odd={"do": "dance"})
    done = till.sync()
    assert done.waiting == 0
    chain.project()
    assert chain.db.read(findings.findings) == [] and chain.db.read(lambda c: count_of(c, "terminal.checked")) == 1
    (matter,) = till.terminal.read(tray.open_matters).result()
    assert matter.error and matter.error.code == "unknown_command"
    # Once only, until it is asked again; what is not whole is listed, and lies in the store's tray.
    till.sync()
    till.terminal.write(lambda s: s.connection.execute("UPDATE sale SET net = net + 1").fetchall()).result()
    say(chain, Feed("commands", "S1", "T1"), tuesday={"do": "check"}, odd=None)
    till.sync()
    chain.project()
    assert chain.db.read(lambda c: count_of(c, "terminal.checked")) == 2
    (found,) = chain.db.read(findings.findings)
    assert (found.reason, found.terminal) == ("not_whole", "T1") and "projections" in found.detail
    till.sync()
    assert [matter.what for matter in till.terminal.read(tray.open_matters).result()] == ["not_whole"]


def count_of(connection, kind: str) -> int:
    """Facts of a kind in head office's log."""
    rows = connection.execute(select(EVENT.c.raw)).scalars()
    return sum(f'"kind":"{kind}"'.encode() in bytes(raw)[:60] for raw in rows)
