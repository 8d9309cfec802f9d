"""The schema, step by step. A migration that has shipped is never edited; a change is a new one at the end.

Each table says in its first line which of the four kinds it is:

* journal: appended to, never rewritten
* projection: derived from the journal, dropped and rebuilt from it at will
* feed: what came from head office or from an imported file
* local: this terminal's own (open carts, work in hand); of no meaning elsewhere
"""

from __future__ import annotations

import re

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from core.database import APPLICATION_ID, SCHEMA_VERSION, Connection, transaction

MIGRATIONS = Migrations("store")

_KIND = re.compile(r"CREATE (?:VIRTUAL )?TABLE (\w+)[^(]*\( ?-- (journal|projection|feed|local)")

_PRODUCT_COLUMNS = """
    id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, price INTEGER, tax_rate INTEGER,
    category TEXT NOT NULL, spec TEXT NOT NULL, since INTEGER NOT NULL"""


@MIGRATIONS()
def m001_shop_and_counter(db: Database) -> None:
    for statement in (
        """CREATE TABLE stream ( -- journal: who writes it; seq and hash are its head
            number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, store TEXT NOT NULL, terminal TEXT NOT NULL,
            public_key BLOB NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL) STRICT""",
        """CREATE TABLE journal ( -- journal: the facts, as bytes
            position INTEGER PRIMARY KEY, stream INTEGER NOT NULL REFERENCES stream(number), seq INTEGER NOT NULL,
            op TEXT NOT NULL UNIQUE, event BLOB NOT NULL, hash BLOB NOT NULL, UNIQUE (stream, seq)) STRICT""",
        """CREATE TABLE setting ( -- projection
            name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID""",
        f"CREATE TABLE product ( -- projection: goods added or changed by hand{_PRODUCT_COLUMNS}) STRICT",
        f"CREATE TABLE feed_product ( -- feed: goods from a catalogue file{_PRODUCT_COLUMNS}) STRICT",
        """CREATE VIRTUAL TABLE product_words USING fts5( -- projection: search index of product
            words, content='', contentless_delete=1, prefix='1 2')""",
        """CREATE VIRTUAL TABLE feed_product_words USING fts5( -- feed: search index of feed_product
            words, content='', contentless_delete=1, prefix='1 2')""",
        """CREATE TABLE local_import ( -- local: an import being taken in; ready = all rows are staged
            id TEXT PRIMARY KEY, position INTEGER) STRICT""",
        """CREATE TABLE local_import_row ( -- local: its checked rows
            n INTEGER PRIMARY KEY, import TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, price INTEGER,
            tax_rate INTEGER, category TEXT NOT NULL, spec TEXT NOT NULL) STRICT""",
        """CREATE TABLE sale ( -- projection: a receipt
            position INTEGER PRIMARY KEY, op TEXT NOT NULL, receipt TEXT NOT NULL UNIQUE, date TEXT NOT NULL,
            at INTEGER NOT NULL, net INTEGER NOT NULL, tax INTEGER NOT NULL, rounding INTEGER NOT NULL,
            pieces INTEGER NOT NULL, cashier TEXT NOT NULL, seller TEXT NOT NULL, member TEXT NOT NULL,
            copies INTEGER NOT NULL DEFAULT 0) STRICT""",
        "CREATE INDEX sale_by_date ON sale (date, position)",
        """CREATE TABLE sale_line ( -- projection: returned counts the pieces brought back since
            position INTEGER NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL, code TEXT NOT NULL,
            name TEXT NOT NULL, quantity INTEGER NOT NULL, amount INTEGER NOT NULL, tax INTEGER NOT NULL,
            returned INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (position, n)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE sale_tender ( -- projection: refunded counts what went back on it since
            position INTEGER NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL, amount INTEGER NOT NULL,
            reference TEXT NOT NULL, refunded INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (position, n)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE receipt_counter ( -- projection: last number given on a business date
            date TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
        """CREATE TABLE day ( -- projection: roll-up of a business date, in the sale's own transaction
            date TEXT PRIMARY KEY, net INTEGER NOT NULL, orders INTEGER NOT NULL, pieces INTEGER NOT NULL,
            returns INTEGER NOT NULL, returned_pieces INTEGER NOT NULL, list_value INTEGER NOT NULL,
            sold_value INTEGER NOT NULL, member_net INTEGER NOT NULL, member_orders INTEGER NOT NULL,
            new_members INTEGER NOT NULL, tax INTEGER NOT NULL, rounding INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
        """CREATE TABLE day_hour ( -- projection
            date TEXT NOT NULL, hour INTEGER NOT NULL, net INTEGER NOT NULL, orders INTEGER NOT NULL,
            pieces INTEGER NOT NULL, PRIMARY KEY (date, hour)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE day_tender ( -- projection
            date TEXT NOT NULL, tender TEXT NOT NULL, amount INTEGER NOT NULL, count INTEGER NOT NULL,
            PRIMARY KEY (date, tender)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE day_product ( -- projection
            date TEXT NOT NULL, code TEXT NOT NULL, net INTEGER NOT NULL, pieces INTEGER NOT NULL,
            PRIMARY KEY (date, code)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE day_person ( -- projection: role is binder, seller or cashier
            date TEXT NOT NULL, person TEXT NOT NULL, role TEXT NOT NULL, net INTEGER NOT NULL,
            orders INTEGER NOT NULL, pieces INTEGER NOT NULL,
            PRIMARY KEY (date, person, role)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE day_touchpoint ( -- projection
            date TEXT NOT NULL, touchpoint TEXT NOT NULL, net INTEGER NOT NULL, orders INTEGER NOT NULL,
            pieces INTEGER NOT NULL, PRIMARY KEY (date, touchpoint)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE local_cart ( -- local: carts that are open, as bytes
            slot TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID""",
    ):
        db.execute(statement)


@MIGRATIONS()
def m002_digests_of_feeds(db: Database) -> None:
    db.execute(
        """CREATE TABLE feed_digest ( -- feed: how many rows a feed has, and the digest of all of them
            feed TEXT PRIMARY KEY, count INTEGER NOT NULL, digest BLOB NOT NULL) STRICT, WITHOUT ROWID"""
    )


@MIGRATIONS()
def m003_people(db: Database) -> None:
    for statement in (
        """CREATE TABLE staff ( -- projection
            id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, active INTEGER NOT NULL)
            STRICT, WITHOUT ROWID""",
        """CREATE TABLE local_pin ( -- local: PINs of this terminal, and how often they were missed
            staff TEXT PRIMARY KEY, hash TEXT NOT NULL, failures INTEGER NOT NULL, blocked_until INTEGER NOT NULL)
            STRICT, WITHOUT ROWID""",
    ):
        db.execute(statement)


@MIGRATIONS()
def m004_unit_codes(db: Database) -> None:
    for statement in (
        """CREATE TABLE code_batch ( -- projection: made is here, list or range; the last two were made elsewhere
            number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, gtin TEXT NOT NULL, made TEXT NOT NULL,
            asked INTEGER NOT NULL, issued INTEGER NOT NULL, printed INTEGER NOT NULL, frozen INTEGER NOT NULL,
            at INTEGER NOT NULL) STRICT""",
        """CREATE TABLE code_run ( -- projection: codes of a batch whose numbers follow each other
            first INTEGER PRIMARY KEY, batch INTEGER NOT NULL, ordinal INTEGER NOT NULL, position INTEGER NOT NULL,
            tails TEXT NOT NULL) STRICT""",
        "CREATE INDEX code_run_by_batch ON code_run (batch, ordinal)",
        """CREATE TABLE code_elsewhere ( -- projection: codes that were made elsewhere
            unit TEXT PRIMARY KEY, batch INTEGER NOT NULL, ordinal INTEGER NOT NULL, position INTEGER NOT NULL)
            STRICT, WITHOUT ROWID""",
        "CREATE INDEX code_elsewhere_by_batch ON code_elsewhere (batch, ordinal)",
        """CREATE TABLE code_range ( -- projection: codes that were made elsewhere and count up
            prefix TEXT NOT NULL, digits INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
            batch INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (prefix, digits, first))
            STRICT, WITHOUT ROWID""",
        "CREATE INDEX code_range_by_batch ON code_range (batch)",
        """CREATE TABLE code_span ( -- projection: what was done with a batch, or a part of it
            batch INTEGER NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL, start INTEGER NOT NULL,
            count INTEGER NOT NULL, PRIMARY KEY (batch, position)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE unit ( -- projection: units of which there is more to be said than of their batch
            unit TEXT PRIMARY KEY, gtin TEXT NOT NULL, batch INTEGER, ordinal INTEGER, state TEXT NOT NULL,
            frozen INTEGER NOT NULL, receipt TEXT NOT NULL, line INTEGER NOT NULL, labels INTEGER NOT NULL)
            STRICT, WITHOUT ROWID""",
        "CREATE INDEX unit_by_batch ON unit (batch, state)",
        """CREATE TABLE unit_fact ( -- projection: the facts that a unit is named in
            unit TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (unit, position)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE code_memory ( -- projection: next number to be issued, how many batches, the shop's rules
            name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
        """CREATE TABLE code_host ( -- projection: every host that our codes have led to
            host TEXT PRIMARY KEY) STRICT, WITHOUT ROWID""",
    ):
        db.execute(statement)


@MIGRATIONS()
def m005_head_office(db: Database) -> None:
    for statement in (
        """CREATE TABLE local_hq ( -- local: head office as this terminal knows it; times in ms
            one INTEGER PRIMARY KEY CHECK (one = 1), url TEXT NOT NULL, hq_key TEXT NOT NULL,
            clock_offset INTEGER NOT NULL, failures INTEGER NOT NULL, next_try INTEGER NOT NULL,
            contact INTEGER NOT NULL, trouble TEXT NOT NULL) STRICT""",
        """CREATE TABLE local_stream ( -- local: how far a stream is there; one that ended goes no further than its end
            number INTEGER PRIMARY KEY, certificate TEXT NOT NULL, acked INTEGER NOT NULL, ends INTEGER,
            told_again INTEGER NOT NULL, reason TEXT NOT NULL) STRICT""",
    ):
        db.execute(statement)


@MIGRATIONS()
def m006_feeds_of_head_office(db: Database) -> None:
    for statement in (
        """CREATE TABLE feed_channel ( -- feed: how far each channel of head office is known; round: of telling it all
            channel TEXT PRIMARY KEY, cursor TEXT NOT NULL, round INTEGER NOT NULL, count INTEGER NOT NULL,
            digest BLOB NOT NULL) STRICT, WITHOUT ROWID""",
        """CREATE TABLE feed_row ( -- feed: what head office says, as it says it; round is when it last did
            channel TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, round INTEGER NOT NULL,
            PRIMARY KEY (channel, key)) STRICT, WITHOUT ROWID""",
    ):
        db.execute(statement)


@MIGRATIONS()
def m007_tray(db: Database) -> None:
    for statement in (
        "ALTER TABLE local_hq ADD COLUMN lost INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE local_hq ADD COLUMN lost_at INTEGER NOT NULL DEFAULT 0",
        """CREATE TABLE settled_matter ( -- projection: what somebody answered for; ops are separated by spaces
            matter TEXT NOT NULL, subject TEXT NOT NULL, position INTEGER NOT NULL, ops TEXT NOT NULL,
            PRIMARY KEY (matter, subject, position)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE feed_unit ( -- feed: what a unit is by all that the chain said of it, last at (ms)
            unit TEXT PRIMARY KEY, gtin TEXT NOT NULL, state TEXT NOT NULL, store TEXT NOT NULL,
            terminal TEXT NOT NULL, receipt TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
        """CREATE TABLE feed_freeze ( -- feed: products, units and batches that head office lets nobody sell
            subject TEXT PRIMARY KEY, reason TEXT NOT NULL) STRICT, WITHOUT ROWID""",
        """CREATE TABLE feed_price_day ( -- feed: the business date whose prices are those of the catalogue
            one INTEGER PRIMARY KEY CHECK (one = 1), date TEXT NOT NULL) STRICT""",
        """CREATE TABLE feed_refused ( -- feed: what head office says and cannot hold here; why, params in JSON
            scope TEXT NOT NULL, key TEXT NOT NULL, code TEXT NOT NULL, params TEXT NOT NULL,
            PRIMARY KEY (scope, key)) STRICT, WITHOUT ROWID""",
    ):
        db.execute(statement)


@MIGRATIONS()
def m008_members(db: Database) -> None:
    for statement in (
        """CREATE TABLE member ( -- projection: position and date of the binding, 0 where that was at another till
            member TEXT PRIMARY KEY, position INTEGER NOT NULL, at INTEGER NOT NULL, date TEXT NOT NULL,
            guide TEXT NOT NULL, touchpoint TEXT NOT NULL, purposes TEXT NOT NULL, withdrawn TEXT NOT NULL,
            commitment TEXT NOT NULL, state TEXT NOT NULL) STRICT, WITHOUT ROWID""",
        "CREATE INDEX member_by_position ON member (position)",
        """CREATE TABLE member_withdrawal ( -- projection: which facts head office is to know before all others
            position INTEGER PRIMARY KEY) STRICT""",
        """CREATE TABLE feed_member ( -- feed: members of the store; said: marks of the facts that head office had
            member TEXT PRIMARY KEY, at INTEGER NOT NULL, date TEXT NOT NULL, guide TEXT NOT NULL,
            touchpoint TEXT NOT NULL, purposes TEXT NOT NULL, withdrawn TEXT NOT NULL, commitment TEXT NOT NULL,
            state TEXT NOT NULL, said TEXT NOT NULL) STRICT, WITHOUT ROWID""",
        "CREATE INDEX feed_member_by_time ON feed_member (at)",
        """CREATE TABLE member_moment ( -- projection: which facts are about whom; said: what they are follows from it
            member TEXT NOT NULL, position INTEGER NOT NULL, said INTEGER NOT NULL,
            PRIMARY KEY (member, position)) STRICT, WITHOUT ROWID""",
        "CREATE INDEX member_said ON member_moment (member, position) WHERE said",
        """CREATE TABLE day_member ( -- projection: who bought on a day
            date TEXT NOT NULL, member TEXT NOT NULL, net INTEGER NOT NULL, orders INTEGER NOT NULL,
            PRIMARY KEY (date, member)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE touchpoint ( -- projection: where people meet the shop
            id TEXT PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, active INTEGER NOT NULL)
            STRICT, WITHOUT ROWID""",
        "CREATE INDEX day_member_by_member ON day_member (member)",
        """CREATE TABLE local_vault ( -- local: sealed records; zeros where one was deleted
            slot INTEGER PRIMARY KEY, member TEXT NOT NULL, key BLOB NOT NULL, record BLOB NOT NULL) STRICT""",
        "CREATE INDEX local_vault_by_member ON local_vault (member)",
        """CREATE TABLE local_vault_hint ( -- local: by what records are looked for
            hint INTEGER NOT NULL, slot INTEGER NOT NULL, PRIMARY KEY (hint, slot)) STRICT, WITHOUT ROWID""",
        "CREATE INDEX local_vault_hint_by_slot ON local_vault_hint (slot)",
        "ALTER TABLE local_hq ADD COLUMN reader_key TEXT NOT NULL DEFAULT ''",
    ):
        db.execute(statement)


@MIGRATIONS()
def m009_credit_and_people(db: Database) -> None:
    for statement in (
        """CREATE TABLE credit_rule ( -- projection: by which sales to members are credited; since is a business date
            name TEXT PRIMARY KEY, position INTEGER NOT NULL, since TEXT NOT NULL, binder INTEGER NOT NULL,
            window INTEGER NOT NULL, protected INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
        """CREATE TABLE credit ( -- projection: goods of a sale that changed hands; parts: who was credited then
            receipt TEXT NOT NULL, position INTEGER NOT NULL, op TEXT NOT NULL, date TEXT NOT NULL,
            amount INTEGER NOT NULL, parts TEXT NOT NULL, PRIMARY KEY (receipt, position)) STRICT, WITHOUT ROWID""",
        "CREATE INDEX credit_by_date ON credit (date)",
        """CREATE TABLE credit_said ( -- projection: facts that dispute a sale's credit, or decide it: those have parts
            receipt TEXT NOT NULL, position INTEGER NOT NULL, mark TEXT NOT NULL, at INTEGER NOT NULL,
            seen TEXT NOT NULL, parts TEXT, PRIMARY KEY (receipt, position)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE day_credit ( -- projection: what somebody is credited with on a day
            date TEXT NOT NULL, person TEXT NOT NULL, amount INTEGER NOT NULL, PRIMARY KEY (date, person))
            STRICT, WITHOUT ROWID""",
        """CREATE TABLE invitation ( -- projection: codes that were shown, by which people become members
            token TEXT PRIMARY KEY, position INTEGER NOT NULL, date TEXT NOT NULL, at INTEGER NOT NULL,
            expires INTEGER NOT NULL, guide TEXT NOT NULL, staff TEXT NOT NULL, touchpoint TEXT NOT NULL,
            member TEXT NOT NULL) STRICT, WITHOUT ROWID""",
        "CREATE INDEX invitation_by_date ON invitation (date)",
        "ALTER TABLE member ADD COLUMN since TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE feed_member ADD COLUMN since TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE member ADD COLUMN same_as TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE feed_member ADD COLUMN same_as TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX member_by_other ON member (same_as) WHERE same_as <> ''",
        "CREATE INDEX feed_member_by_other ON feed_member (same_as) WHERE same_as <> ''",
        """CREATE TABLE local_twin ( -- local: members with one phone
            member TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (member, other)) STRICT, WITHOUT ROWID""",
    ):
        db.execute(statement)


@MIGRATIONS()
def m010_rewards(db: Database) -> None:
    for statement in (
        """CREATE TABLE points_rule ( -- projection: what members earn and what it is worth; since is a business date
            position INTEGER PRIMARY KEY, since TEXT NOT NULL, spend INTEGER NOT NULL, worth INTEGER NOT NULL,
            most INTEGER NOT NULL, unheard INTEGER NOT NULL) STRICT""",
        """CREATE TABLE points ( -- projection: members' points by this terminal's facts; facts: how many say so
            member TEXT PRIMARY KEY, points INTEGER NOT NULL, used INTEGER NOT NULL, facts INTEGER NOT NULL)
            STRICT, WITHOUT ROWID""",
        """CREATE TABLE coupon ( -- projection: coupons that were given here
            coupon TEXT PRIMARY KEY, position INTEGER NOT NULL, off INTEGER NOT NULL, least INTEGER NOT NULL,
            until TEXT NOT NULL, member TEXT NOT NULL) STRICT, WITHOUT ROWID""",
        "CREATE INDEX coupon_by_member ON coupon (member) WHERE member <> ''",
        """CREATE TABLE feed_coupon ( -- feed: whose coupons are that were given at other tills
            coupon TEXT PRIMARY KEY, member TEXT NOT NULL) STRICT, WITHOUT ROWID""",
        "CREATE INDEX feed_coupon_by_member ON feed_coupon (member)",
        """CREATE TABLE coupon_said ( -- projection: sales that used a coupon, or whose is back; mark: of the fact
            coupon TEXT NOT NULL, position INTEGER NOT NULL, mark TEXT NOT NULL, used INTEGER NOT NULL,
            receipt TEXT NOT NULL, PRIMARY KEY (coupon, position)) STRICT, WITHOUT ROWID""",
        "ALTER TABLE feed_member ADD COLUMN last TEXT NOT NULL DEFAULT ''",
        # Head office tells of members anew: of who bought last it said nothing before.
        "UPDATE feed_channel SET cursor = '' WHERE channel LIKE 'members:%'",
    ):
        db.execute(statement)


def migrate(connection: Connection) -> None:
    """Bring the schema up to date, all or nothing, in one transaction with the version number."""
    with transaction(connection):
        MIGRATIONS.apply(Database(connection))
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")


def table_kinds(connection: Connection) -> dict[str, str]:
    """Name and kind of every table that a migration made."""
    statements = connection.execute("SELECT sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL")
    found = (_KIND.match(sql) for (sql,) in statements)
    return {match[1]: match[2] for match in found if match}
