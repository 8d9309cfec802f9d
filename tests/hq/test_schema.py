"""Head office's schema is what its steps make of an empty database, on each engine."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from core.hq.schema import METADATA


def test_the_steps_make_the_schema(chain):
    def differences(connection):
        return compare_metadata(MigrationContext.configure(connection), METADATA)

    assert chain.db.read(differences) == []


_OTHERWISE = {
    **dict.fromkeys(("claim", "conflict"), "unit"),
    "answer": "subject",
    # A code is scanned before it is known whose it is.
    **dict.fromkeys(("invitation", "reply", "binding"), "token"),
    "scan": "digest",
    "person": "mark",
}


def test_every_key_begins_with_what_rows_are_spread_by():
    for table in METADATA.sorted_tables:
        first = next(iter(table.primary_key.columns)).name
        assert first == _OTHERWISE.get(table.name, "store_id")
        assert not table.foreign_keys
