"""A chain in one process, on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chain import Chain
from tests.head_office import new_database, postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL."""
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.xdist_group("postgres"))])
def engine_url(request: pytest.FixtureRequest) -> str:
    """A new, empty database on each engine; empty for SQLite in head office's folder."""
    return "" if request.param == "sqlite" else new_database(request.getfixturevalue("postgres_server"))


@pytest.fixture
def chain(tmp_path: Path, engine_url: str) -> Iterator[Chain]:
    made = Chain(tmp_path, engine_url)
    yield made
    made.close()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Chain]:
    """A chain on SQLite, where the engine does not matter."""
    made = Chain(tmp_path)
    yield made
    made.close()
