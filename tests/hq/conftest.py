"""A chain in one process, on each engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.chain import Chain
from tests.head_office import new_database, postgres
from tests.hq.chaos_street import Office, Till, open_office
from tests.hq.world import World, made_world


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


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], World]]:
    """A world by its database. Nothing that these tests do may change it, so one is enough."""
    found: dict[str, World] = {}
    with ExitStack() as opened:

        def get(url: str) -> World:
            name = url.partition(":")[0]
            if name not in found:
                chain = Chain(tmp_path_factory.mktemp("world"), new_database(url) if url else "")
                opened.callback(chain.close)
                found[name] = made_world(chain)
            return found[name]

        yield get


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.xdist_group("postgres"))])
def world(request: pytest.FixtureRequest, worlds: Callable[[str], World]) -> World:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_server")
    return worlds(url)


@pytest.fixture(autouse=True)
def workers_ended() -> Iterator[None]:
    """Threads on which head office worked are told to end when an answer is there; wait until they have."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        if thread.name == "AnyIO worker thread":
            thread.join(30)


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("office") / "hq") as made:
        yield made
        made.check_books()


@pytest.fixture
def till(office: Office, tmp_path: Path) -> Iterator[Till]:
    with office.till(tmp_path) as made:
        yield made
