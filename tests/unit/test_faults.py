"""The harnesses of kills and power cuts, tested: what they must catch they catch, in a handful of cases."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from core.database import connect_writer
from tests.faults import __main__ as command_line
from tests.faults import kill, powercut, record
from tests.faults.checker import Checker, Verdict
from tests.faults.harness import Template, UnusableError, make_template, share, write_home
from tests.faults.history import History, Told, line_of
from tests.faults.till import Till
from tests.faults.trace import SECTOR, Disk, Operation

SALE = "sale.completed"


def write(name: str, offset: int, data: bytes) -> Operation:
    return Operation("w", name, offset, data)


def sync(name: str) -> Operation:
    return Operation("s", name, 0, b"")


def states(disk: Disk, count: int = 200) -> list[dict[str, bytes]]:
    return [disk.after_a_cut(random.Random(n)) for n in range(count)]


# The harnesses, whole


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        pytest.param(kill.NAME, (4, 10)),
        pytest.param(powercut.NAME, (30, 60), marks=pytest.mark.compiler),
    ],
)
def test_a_healthy_till_violates_nothing_and_seeded_bugs_are_caught(name, sizes, monkeypatch, capsys):
    monkeypatch.setitem(command_line.SIZES, "ci", {name: sizes})
    bugs = len({kill.NAME: kill.BUGS, powercut.NAME: powercut.BUGS}[name])
    assert command_line.main([name, "--size", "ci", "--seed", "7", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row.pop("per_second") > 0
    assert row == {
        "harness": name,
        "cases": sizes[0],
        "violations": 0,
        "seeded_caught": bugs,
        "seeded_total": bugs,
        "seed": 7,
    }


@pytest.mark.compiler
def test_one_seed_makes_one_trace(tmp_path, template):
    library = record.compile_shim(tmp_path)
    script = record.Script("seed", steps=12, checkpoint=10)
    first, second = (
        [
            (operation.kind, operation.path, operation.offset, len(operation.data))
            for operation in record.record(library, tmp_path / name, template.files(), script)
        ]
        for name in ("first", "second")
    )
    assert first == second


def test_without_a_compiler_the_package_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert command_line.main([powercut.NAME, "--seed", "1"]) == 3
    assert "gcc" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["flood"], ["--size", "huge"], [kill.NAME, "--case", "3"]])
def test_a_wrong_command_line_is_refused(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        command_line.main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err


def test_a_trace_without_syncs_is_refused(tmp_path):
    operations = [write("home/store.db-wal", 0, b"frame"), write(record.TOLD, 0, b"saved")]
    with pytest.raises(UnusableError, match="wal"):
        record._assert_complete(operations, record.Script("seed", 1))


@pytest.mark.parametrize(("cases", "parts"), [(10, 3), (2, 5), (7, 7)])
def test_a_share_leaves_no_case_out(cases, parts):
    assert [case for part in share(cases, parts) for case in part] == list(range(cases))


# The disk that loses power


def test_what_was_synced_is_there_and_what_was_not_may_be():
    disk = Disk({"file": b"old."})
    disk.do(write("file", 4, b"kept"))
    disk.do(sync("file"))
    disk.do(write("file", 8, b"maybe"))
    found = {state["file"] for state in states(disk)}
    assert all(content.startswith(b"old.kept") for content in found)
    assert {b"old.kept", b"old.keptmaybe"} <= found


def test_a_write_may_be_torn_between_sectors_and_leaves_its_neighbours_alone():
    old, new = b"o" * 4 * SECTOR, b"n" * 3 * SECTOR
    disk = Disk({"file": old})
    disk.do(write("file", 100, new))
    torn = 0
    for state in states(disk):
        content = state["file"]
        assert content[:100] == old[:100]
        assert content[100 + len(new) :] == old[100 + len(new) :]
        inside = {content[start : start + SECTOR] for start in range(SECTOR, 3 * SECTOR, SECTOR)}
        torn += len(inside) > 1
    assert torn


def test_a_name_is_there_for_sure_once_its_folder_was_synced():
    disk = Disk({"gone": b"1"})
    disk.do(Operation("c", "made", 0, b""))
    disk.do(write("made", 0, b"2"))
    disk.do(sync("made"))
    disk.do(Operation("u", "gone", 0, b""))
    assert {frozenset(state) for state in states(disk)} == {
        frozenset(names) for names in ((), ("made",), ("gone",), ("gone", "made"))
    }
    disk.do(sync(""))
    assert all(state == {"made": b"2"} for state in states(disk))


def test_a_rename_has_happened_or_not_and_never_half():
    disk = Disk({"draft": b"new", "file": b"old"})
    disk.do(Operation("r", "draft", 0, b"file"))
    found = [tuple(sorted(state.items())) for state in states(disk)]
    assert set(found) == {(("draft", b"new"), ("file", b"old")), (("file", b"new"),)}


def test_a_truncation_that_was_not_synced_may_not_have_happened():
    disk = Disk({"file": b"long content"})
    disk.do(Operation("t", "file", 4, b""))
    assert {state["file"] for state in states(disk)} == {b"long content", b"long"}


# The checker


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return make_template(tmp_path_factory.mktemp("faults") / "home", 1)


@pytest.fixture(scope="module")
def told(template: Template) -> tuple[list[Told], dict[str, bytes]]:
    """What a till told that ended with a sale, and its files."""
    lines: list[Told] = []
    folder = template.folder.parent / "sold"
    write_home(folder, template.files())
    with closing(Till(folder, "checked", lines.append)) as till:
        while len(lines) < 30 or lines[-1].kind != SALE:
            till.step()
        till.baseline()
    return lines, Template(folder, template.baseline).files()


Alter = Callable[[list[Told]], list[Told]]


def check(template: Template, lines: list[Told], files: dict[str, bytes], home: Path, *, doctor: bool) -> Verdict:
    write_home(home, files)
    with closing(Checker(template.baseline)) as checker:
        return checker.check(home, b"".join(map(line_of, lines)), doctor=doctor)


@pytest.mark.parametrize("doctor", [True, False])
def test_a_whole_home_is_found_whole(template, told, tmp_path, doctor):
    assert check(template, *told, tmp_path / "home", doctor=doctor) == Verdict(())


def test_one_commit_that_nobody_was_told_of_is_allowed(template, told, tmp_path):
    lines, files = told
    assert check(template, lines[:-1], files, tmp_path / "home", doctor=False) == Verdict((), unacknowledged=True)


def _another_net(lines: list[Told]) -> list[Told]:
    return [*lines[:-1], msgspec.structs.replace(lines[-1], net=lines[-1].net + 1)]


def _one_more(lines: list[Told]) -> list[Told]:
    return [*lines, msgspec.structs.replace(lines[-1], op="never-made")]


def _fewer(lines: list[Told]) -> list[Told]:
    saved = [place for place, line in enumerate(lines) if line.saved and line.kind == SALE]
    return lines[: saved[-2]]


def _begun_otherwise(lines: list[Told]) -> list[Told]:
    return [*lines[:-2], msgspec.structs.replace(lines[-2], lines=(("BAG-L", 9, 450),))]


def _another_cart(lines: list[Told]) -> list[Told]:
    return [line if line.kind != "cart" else msgspec.structs.replace(line, cart=None) for line in lines]


def _failed(lines: list[Told]) -> list[Told]:
    return [*lines, Told(saved=False, kind="failed", error="RuntimeError")]


@pytest.mark.parametrize(
    ("alter", "invariant"),
    [
        (_another_net, "I1"),
        (_one_more, "I1"),
        (_fewer, "I2"),
        (_begun_otherwise, "I2"),
        (_another_cart, "cart"),
        (_failed, "the till failed"),
    ],
)
def test_a_home_that_is_not_as_it_was_told_is_found(template, told, tmp_path, alter: Alter, invariant):
    lines, files = told
    verdict = check(template, alter(lines), files, tmp_path / "home", doctor=False)
    assert any(what.startswith(invariant) for what in verdict.violations), verdict


@pytest.mark.parametrize(
    ("statement", "invariant"),
    [
        ("UPDATE sale SET net = net + 1 WHERE position = (SELECT max(position) FROM sale)", "I3"),
        ("DELETE FROM day", "I3"),
        ("DELETE FROM journal WHERE position = (SELECT max(position) FROM journal)", "I1"),
        ("DELETE FROM journal WHERE position = 3", "I4"),
        ("UPDATE journal SET event = CAST(event || ' ' AS BLOB) WHERE position > 6", "I4"),
        ("UPDATE stream SET seq = seq + 1", "I4"),
        ("DELETE FROM local_cart", "cart"),
    ],
)
def test_a_home_that_was_changed_is_found(template, told, tmp_path, statement, invariant):
    lines, files = told
    write_home(tmp_path / "changed", files)
    with closing(connect_writer(tmp_path / "changed" / "store.db")) as connection:
        connection.execute(statement)
    changed = Template(tmp_path / "changed", template.baseline).files()
    for doctor in (False, True):
        verdict = check(template, lines, changed, tmp_path / f"home-{doctor}", doctor=doctor)
        assert any(what.startswith(invariant) for what in verdict.violations), verdict


def test_a_home_without_its_file_or_its_key_is_found(template, told, tmp_path):
    lines, files = told
    for name in ("store.db", "stream.key"):
        rest = {other: content for other, content in files.items() if other != name}
        verdict = check(template, lines, rest, tmp_path / name, doctor=False)
        assert verdict.violations


def test_half_a_line_was_never_said(template):
    history = History.read(line_of(Told(saved=True, kind=SALE, op="a")) + b'{"saved":tr', template.baseline)
    assert [fact.op for fact in history.facts] == ["a"]
