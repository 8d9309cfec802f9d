"""Tills, head office and WeChat as processes: people become members with their own phones, whatever happens between.

`STORE_ASSISTANT_THOROUGH` makes it a thousand.
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.cli import ROOT
from tests.head_office import HeadOffice

THOROUGH = bool(os.environ.get("STORE_ASSISTANT_THOROUGH"))
BINDINGS, PEOPLE = (1_000, 700) if THOROUGH else (30, 20)
_LONG, _OVER = 3_600_000, -1
FINAL = {"confirmed", "refused", "expired", "other_guide"}


class Till:
    """A till's process."""

    def __init__(self, home: Path) -> None:
        env = os.environ | {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.till_process", str(home)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=env,
        )  # fmt: skip

    def __call__(self, do: str, **what: object) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"do": do, **what}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def kill(self) -> None:
        self._process.kill()
        self._end()

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        assert self._end() == 0

    def _end(self) -> int:
        code = self._process.wait(60)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            pipe.close()
        return code


class Street:
    """WeChat's process, as people use it."""

    def __init__(self, hq: HeadOffice) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(ROOT / "main.py"), "hq", "wechat-simulator", "--hq", hq.address, "--json",
             "--listen", hq.wechat, "--home", str(hq.folder)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._process.stdout
        self._address = json.loads(self._process.stdout.readline())["address"]
        self._pool = urllib3.PoolManager(retries=False, timeout=60)

    def __call__(self, door: str, **said: object) -> Any:
        answer = self._pool.request("POST", f"{self._address}/simulator/{door}", json=said)
        assert answer.status == 200, answer.data
        return answer.json()

    def people(self) -> dict[str, Any]:
        return self._pool.request("GET", f"{self._address}/simulator/people").json()

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(60)
        assert self._process.stdout
        self._process.stdout.close()
        self._pool.clear()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[tuple[HeadOffice, Street, list[Till]]]:
    hq = HeadOffice(tmp_path / "hq")
    hq.wechat = f"127.0.0.1:{free_port()}"
    said = hq.ok("wechat", "--app", "wx1", "--secret", "s3", "--token", "t0", "--api", f"http://{hq.wechat}")
    assert said == {"app": "wx1", "api": f"http://{hq.wechat}"}
    hq.start()
    street = Street(hq)
    tills = [Till(tmp_path / f"till-{n}") for n in (1, 2)]
    for n, till in enumerate(tills, 1):
        assert till("enrol", url=hq.address, token=hq.token("S1", f"T{n}"), terminal=f"T{n}") == {"terminal": f"T{n}"}
    yield hq, street, tills
    for till in tills:
        till.close()
    street.close()
    hq.stop()


class History:
    """What happens: codes are shown and answered in any order, tills sync or are away, callbacks are lost and late.

    Attributes:
        shown: every code, by its token.
        said: what people were told of a code, by its token, and who they are.
    """

    def __init__(self, street: Street, tills: list[Till], seed: int) -> None:
        self._street, self._tills, self._chance = street, tills, random.Random(seed)
        self.shown: dict[str, dict[str, Any]] = {}
        self.said: dict[str, tuple[str, set[str]]] = {}
        self._open: list[dict[str, Any]] = []
        self._away = 0

    def happen(self) -> None:
        chance = self._chance
        if chance.random() < 0.05:
            sky = {name: chance.choice((0, 0.3, 0.6)) for name in ("lost", "doubled", "delayed")}
            self._street("weather", **sky)
        till = chance.randrange(2)
        valid = chance.choice((_LONG, _LONG, _LONG, _OVER))
        made = self._tills[till]("invite", guide=chance.choice(("G1", "G2")), valid_ms=valid)
        self.shown[made["token"]] = made
        self._open.append(made | {"till": till})
        # What is shown while the tills are away is answered all the same.
        self._away = self._away - 1 if self._away else chance.choice((0, 0, 0, 6))
        if not self._away and chance.random() < 0.5:
            self._tills[till]("sync")
        if chance.random() < 0.03:
            self._street("late")
        chance.shuffle(self._open)
        while self._open and chance.random() < 0.55:
            self._answer(self._open.pop())

    def end(self) -> None:
        """Nothing fails any more, and everybody hears of everything."""
        self._street("late")
        for _ in range(4):
            for till in self._tills:
                done = till("sync")
                assert (done["waiting"], done["trouble"]) == (0, "")

    def _answer(self, made: dict[str, Any]) -> None:
        chance, token, link = self._chance, made["token"], made["link"]
        if chance.random() < 0.2:
            # As WeChat made it, if the till has heard of that.
            link = {row["token"]: row["link"] for row in self._tills[made["till"]]("invitations")}[token]
        name = f"P{chance.randrange(PEOPLE)}"
        self._street("scan", name=name, link=link)
        for _ in range(chance.choice((1, 1, 2))):
            purposes = chance.choice(((), ("membership",), ("membership", "contact"), ("membership", "marketing")))
            state = self._street("answer", name=name, link=link, purposes=purposes)["state"]
            self.said.setdefault(token, (name, set()))[1].add(state)


def test_what_became_of_invitations_is_the_same_everywhere(chain):
    hq, street, tills = chain
    for n in range(PEOPLE):
        street("people", name=f"P{n}", phone=f"139{n:08}")
    history = History(street, tills, 7)
    for _ in range(BINDINGS):
        history.happen()
    history.end()
    here = {row["token"]: row for till in tills for row in till("invitations")}
    assert here.keys() == history.shown.keys()
    for token, (name, told) in history.said.items():
        # Who answered is told what the till was told: at once, or when they look again.
        again = street("scan", name=name, link=history.shown[token]["link"])["state"]
        assert again == here[token]["state"] and again in FINAL and told <= {"unknown", again}
    for token in here.keys() - history.said.keys():
        assert here[token]["state"] in ("shown", "waiting", "expired")
    assert {"confirmed", "refused", "expired"} <= {row["state"] for row in here.values()}
    known = everybody(street, tills, history, here)
    explained(tills, known)
    assert hq.ok("doctor")["ok"] and all(till("doctor")["ok"] for till in tills)
    assert hq.ok("report", "--from", "2000-01-01")["total"]["new_members"] == len(known)


def everybody(street: Street, tills: list[Till], history: History, here: dict[str, Any]) -> dict[str, Any]:
    """The members, once it is proved that each person is one of them, and the same at both tills."""
    known = [{row["member"]: row for row in till("members")} for till in tills]
    assert known[0] == known[1]
    assert all(one["told"] and one["state"] == "active" for one in known[0].values())
    bound: dict[str, set[str]] = {}
    for token, (name, _) in history.said.items():
        if here[token]["member"]:
            bound.setdefault(name, set()).add(here[token]["member"])
    assert all(len(members) == 1 for members in bound.values())
    assert {member for members in bound.values() for member in members} == known[0].keys()
    assert len(bound) == len(known[0])
    phones = [street.people()[name]["phone"] for name in bound]
    masked = Counter(f"{phone[:3]}****{phone[-4:]}" for phone in phones)
    assert Counter(row["phone"] for row in known[0].values()) == masked
    return known[0]


def explained(tills: list[Till], known: dict[str, Any]) -> None:
    """Each sale says whose it is, and why."""
    for n, member in enumerate(sorted(known)[:20]):
        sale = tills[n % 2]("sell", member=member, seller="G2")
        guide = known[member]["guide"]
        assert sale["binder"] == guide and sale["since"]
        alone = guide == "G2"
        assert sale["shares"] == ({"G2": [200, "both"]} if alone else {"G1": [100, "binder"], "G2": [100, "seller"]})
