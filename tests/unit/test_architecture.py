"""The house stays as it was drawn: floors, file lengths, types, style, and the rules that a machine can hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core import events
from core.database import SCHEMA_VERSION, connect_writer
from core.events import TenderKind
from core.migrations import MIGRATIONS, table_kinds
from core.settings import SETTINGS, Settings
from core.shop.terminal import PROJECTIONS
from ui.cli.parser import WAYS_TO_PAY

ROOT = Path(__file__).parent.parent.parent
TOP_LEVEL = {
    "main.py", "pyproject.toml", "README.md", "LICENSE", "ui", "core", "resources", "tests",
    ".ci", ".gitignore", ".git",
}  # fmt: skip


def run(*command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def sources() -> list[Path]:
    return [path for folder in ("core", "ui", "tests", "resources") for path in (ROOT / folder).rglob("*.py")]


def test_imports_go_down():
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_types():
    run("mypy", "--no-incremental")


def test_style():
    run("ruff", "check", "--no-cache", ".")
    run("ruff", "format", "--no-cache", "--check", ".")


def test_no_file_is_longer_than_400_lines():
    long = {str(p.relative_to(ROOT)): n for p in sources() if (n := len(p.read_text("utf-8").splitlines())) > 400}
    assert not long


def test_nothing_but_the_agreed_stands_at_the_top():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    assert {line.partition("/")[0] for line in listed.stdout.splitlines()} <= TOP_LEVEL


def test_every_table_says_what_it_is(tmp_path):
    connection = connect_writer(tmp_path / "store.db")
    kinds = table_kinds(connection)
    made = {
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        if not name.startswith(("sqlite_", "_sqlite")) and "_words_" not in name
    }
    connection.close()
    assert made == set(kinds)
    for name, kind in kinds.items():
        assert name.startswith("feed_") == (kind == "feed")
        assert name.startswith("local_") == (kind == "local")
    assert {name for name, kind in kinds.items() if kind == "projection"} == {
        table for projection in PROJECTIONS for table in projection.TABLES
    }


def test_the_version_of_the_schema_counts_its_migrations():
    assert len(MIGRATIONS._migrations) == SCHEMA_VERSION


def test_every_kind_of_fact_has_a_version_and_is_kept_in_this_table():
    assert {kind: event.__struct_defaults__ is not None for kind, event in events.kinds().items()} == {
        "terminal.set_up": True,
        "setting.changed": True,
        "product.changed": True,
        "catalogue.imported": True,
        "sale.completed": True,
        "receipt.reprinted": True,
        "staff.changed": True,
        "staff.pin_set": True,
        "codes.issued": True,
        "codes.registered": True,
        "codes.range_registered": True,
        "codes.printed": True,
        "units.changed": True,
        "matter.settled": True,
        "credit.rule_set": True,
        "credit.disputed": True,
        "credit.decided": True,
        "points.rule_set": True,
        "points.adjusted": True,
        "coupon.given": True,
        "member.assigned": True,
        "member.invited": True,
        "member.linked": True,
        "member.bound": True,
        "member.consent_given": True,
        "member.consent_withdrawn": True,
        "member.corrected": True,
        "member.disclosed": True,
        "member.erased": True,
        "touchpoint.changed": True,
        "terminal.checked": True,
        "batch.changed": True,
        "label.reprinted": True,
        "stream.continued": True,
        "fact.rehomed": True,
    }


def test_the_command_line_offers_every_way_to_pay():
    assert {"cash", *WAYS_TO_PAY} == {kind.value for kind in TenderKind}


def test_every_setting_reads_its_own_default():
    settings = Settings({})
    assert set(settings.texts()) == set(SETTINGS)


def test_core_is_used_without_sqlite_utils_on_the_way_to_a_sale(tmp_path):
    code = (
        "import sys; from pathlib import Path; from core.shop.terminal import Terminal\n"
        "t = Terminal(Path(sys.argv[1])); t.write(lambda s: s.connection).result(); t.close()\n"
        "t = None; late = {'sqlite_utils', 'qrcode', 'PIL', 'numpy', 'openpyxl', 'xlsxwriter'}\n"
        "late |= {'pypinyin', 'biip', 'babel', 'barcode'}\n"
        "import core.shop.counter, core.shop.days\n"
        "raise SystemExit(', '.join(late & set(sys.modules)) or 0)"
    )
    connect_writer(tmp_path / "store.db").close()
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
