"""Who may do what, walked through the command line: every permission, every role, and who may not act at all."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from core.database import connect
from core.events import Role
from core.shop.terminal import Terminal
from core.staff.permissions import ALLOWED, Permission
from core.staff.pin import FREE_FAILURES
from tests.builders import Shop
from tests.cli import ROOT, Cli, Done

WATER, RICE = "9521000000377", "9521000008144"
PIN, OTHER = "2580", "1379"

COMMANDS: dict[Permission, tuple[str, ...]] = {
    Permission.SELL: (f"sell {WATER}", f"sell {WATER}*2 {RICE} --cash 100 --guide X1"),
    Permission.DISCOUNT: (f"sell {WATER} --discount 1=10%", f"sell {WATER} --discount 1=0.10"),
    Permission.OVERRIDE_PRICE: (f"sell {WATER}*1@0.01", f"return {WATER}@0.01"),
    Permission.RETURN: ("return {receipt} " + WATER, "return {receipt}"),
    Permission.BLIND_RETURN: (f"return {WATER}", f"return {WATER}*2@2.00 --cash exact"),
    Permission.REPRINT: ("reprint {receipt}",),
    Permission.CHANGE_GOODS: ("product set BAG-L --price 0.60", "product add CUP --name Cup --price 3"),
    Permission.IMPORT_GOODS: ("import {goods}",),
    Permission.SEE_REPORTS: ("report", "credit day X1", "credit why {receipt}"),
    Permission.CHANGE_SETTINGS: ("settings receipt_footer Thanks", "touchpoint set shelf-1 --name Shelf"),
    Permission.CHANGE_STAFF: (
        "staff add --id N1 --role manager",
        "staff set --id X1 --pin",
        "staff set --id X1 --name Li",
        "staff set --id X1 --inactive",
    ),
    Permission.ISSUE_CODES: (
        f"issue {WATER} 2",
        "issue --batch {batch} --csv {csv}",
        f"codes import {{codes}} --gtin {WATER}",
        "reprint {unit} --pdf {pdf}",
    ),
    Permission.PUT_ON_SALE: ("on-sale {fresh}",),
    Permission.BLOCK_CODES: (
        "void {fresh}",
        "missing {fresh}",
        "freeze {fresh}",
        "freeze {batch}",
        "freeze {batch} --release",
    ),
    Permission.SETTLE: ("tray unfit: seen --note asked", "member part {member}"),
    Permission.REPLAY: ("replay {sales}",),
    Permission.BIND: (
        "bind --phone {phone} --consent membership,marketing",
        "member withdraw {member} --consent marketing",
        "member give {member} --consent contact",
        "member correct {member} --name Li",
    ),
    Permission.SEE_MEMBERS: ("member list", "member show {member}"),
    Permission.DISCLOSE: ("member reveal {member} --reason asked", "member export {member}"),
    Permission.ERASE_MEMBER: ("member erase {member}",),
    Permission.CREDIT: (
        "credit decide {receipt} M0=1",
        "credit rule --binder 30% --window 90",
        "member assign {member} --guide M0",
        "member hand-over M0",
    ),
    Permission.REWARD: (
        "points adjust {member} 5 --reason asked",
        "points rule --spend 1 --worth 0.10",
        "coupon give --off 5",
        "coupon list",
    ),
}
"""Command lines that need the permission, and of the others at most those of `ALSO`."""

ALSO = {
    Permission.DISCOUNT: {Permission.SELL},
    Permission.OVERRIDE_PRICE: {Permission.SELL, Permission.BLIND_RETURN},
    Permission.REPLAY: {Permission.SELL},
    Permission.SETTLE: {Permission.SEE_MEMBERS},
    Permission.BIND: {Permission.SEE_MEMBERS},
    Permission.DISCLOSE: {Permission.SEE_MEMBERS},
    Permission.ERASE_MEMBER: {Permission.SEE_MEMBERS},
    Permission.CREDIT: {Permission.SEE_MEMBERS, Permission.SEE_REPORTS},
    Permission.REWARD: {Permission.SEE_MEMBERS},
}

FREE = (
    f"scan {WATER}",
    "product list",
    "product list 水",
    "settings",
    "settings receipt_footer",
    "staff list",
    "reprint",
    "reprint --search",
    "unit {unit}",
    "codes list",
    "tray",
    "touchpoint list",
    "credit day",
    "credit rules",
    "credit dispute {receipt} --reason asked",
    "points rules",
    "doctor",
    "staff set --id P1 --pin",
)
"""What needs no permission: looking things up, proving that all is whole, and a PIN of one's own."""


class Till:
    """A shop where P1 works, in a role, and X1 as a guide; the files and the receipt that the commands speak of."""

    def __init__(self, cli: Cli, folder: Path, role: Role) -> None:
        self.cli = cli
        goods, sales = folder / "more.csv", folder / "sales.csv"
        goods.write_text("条码,名称,售价\n9521000022942,布袋子,0.50\n", "utf-8")
        sales.write_text(f"date,product_id,quantity,amount\n2026-11-01,{WATER},1,2\n", "utf-8")
        receipt = cli.ok("sell", f"{WATER}*3")["receipt"]
        self.named = {"receipt": receipt, "goods": str(goods), "sales": str(sales)}
        issued = cli.ok("issue", WATER, "1")
        self.named |= {"batch": issued["batch"], "unit": issued["first"], "csv": str(folder / "codes.csv")}
        self.named |= {"pdf": str(folder / "label.pdf"), "codes": ""}
        self._folder, self._lists, self._phones = folder, 0, 0
        with Terminal(cli.home) as terminal:
            Shop(terminal).hear("findings", **{"unfit:01": {"terminal": "T1", "seq": 1}})
        # A manager beside P1: the shop keeps one whatever becomes of P1.
        for id_, hired in (("M0", "manager"), ("X1", "guide"), ("P1", role)):
            cli.ok("staff", "add", "--id", id_, "--name", id_, "--role", hired)
        cli.ok("staff", "set", "--id", "P1", "--pin", stdin=f"{PIN}\n")

    def run(self, line: str, *, by: str = "P1", stdin: str = f"{PIN}\n{PIN}\n") -> Done:
        """Run a command line under somebody's name. A second line of stdin is the new PIN where one is asked for."""
        if "{codes}" in line:
            self._lists += 1
            self.named["codes"] = str(self._folder / f"codes-{self._lists}.csv")
            Path(self.named["codes"]).write_text(f"code\nFACTORY-{self._lists}\n", "utf-8")
        line = self._named_anew(line)
        return self.cli(*(word.format(**self.named) for word in line.split()), "--as", by, "--json", stdin=stdin)

    def _named_anew(self, line: str) -> str:
        """The line with a unit, a phone and a member of which nothing was said yet."""
        if "{fresh}" in line:
            line = line.replace("{fresh}", self.cli.ok("issue", WATER, "1")["first"])
        if "{phone}" in line:
            line = line.replace("{phone}", self._phone())
        if "{member}" in line:
            consent = "membership,marketing"
            bound = self.cli.ok("bind", "--phone", self._phone(), "--consent", consent)
            line = line.replace("{member}", bound["member"])
        return line

    def _phone(self) -> str:
        self._phones += 1
        return f"138{self._phones:08}"

    def facts(self) -> tuple[int, bytes]:
        """How many facts there are, and the hash of the last."""
        with closing(connect(self.cli.home / "store.db", read_only=True)) as connection:
            count, hash_ = connection.execute(
                "SELECT count(*), (SELECT hash FROM journal ORDER BY position DESC LIMIT 1) FROM journal"
            ).fetchone()
        return count, hash_

    def allows(self, line: str) -> None:
        done = self.run(line)
        assert done.code == 0, line + done.out + done.err

    def refuses(self, code: str, line: str, **how: str) -> None:
        """A refusal says why, and leaves no fact behind."""
        line = self._named_anew(line)
        before = self.facts()
        done = self.run(line, **how)
        assert done.code == 1 and done.json["error"] == code, line + done.out + done.err
        assert self.facts() == before, line


@pytest.fixture
def till(shop: Cli, tmp_path: Path, request: pytest.FixtureRequest) -> Till:
    """A shop where P1 is a cashier, or of the role that the test is for."""
    return Till(shop, tmp_path, getattr(request, "param", Role.CASHIER))


def test_every_permission_is_walked():
    assert set(COMMANDS) == set(Permission) and all(COMMANDS.values())


@pytest.mark.parametrize("till", Role, indirect=True)
def test_every_role_may_do_what_the_table_says_and_nothing_else(till, request):
    role = request.node.callspec.params["till"]
    for permission, lines in COMMANDS.items():
        for line in lines:
            if permission in ALLOWED[role]:
                till.allows(line)
            else:
                till.refuses("not_allowed", line)
    assert till.cli.ok("doctor")["ok"]


@pytest.mark.parametrize("half", [0, 1])
def test_a_command_needs_its_own_permission_and_no_more(till, half, monkeypatch):
    """No role may sell but give no discount, say: in the walk by role, one permission could hide behind another."""
    for permission in tuple(Permission)[half::2]:
        for line in COMMANDS[permission]:
            monkeypatch.setitem(ALLOWED, Role.CASHIER, frozenset(Permission) - {permission})
            till.refuses("not_allowed", line)
            monkeypatch.setitem(ALLOWED, Role.CASHIER, frozenset({permission} | ALSO.get(permission, set())))
            till.allows(line)


@pytest.mark.parametrize("till", Role, indirect=True)
def test_looking_up_proving_and_ones_own_pin_are_for_all(till):
    for line in FREE:
        till.allows(line)


def test_who_cannot_show_who_they_are_does_nothing(till):
    sell = f"sell {WATER}"
    till.refuses("no_such_person", sell, by="C9")
    till.refuses("no_such_person", sell, by="system")
    # Neither does an empty name act as whoever may open the folder, nor is it passed over where one only looks.
    till.refuses("no_such_person", sell, by="")
    till.refuses("no_such_person", f"scan {WATER}", by="C9")
    till.refuses("wrong_pin", "doctor", stdin=f"{OTHER}\n")
    till.refuses("no_pin", sell, by="X1")
    for said in (f"{OTHER}\n", "\n", ""):
        till.refuses("wrong_pin", sell, stdin=said)
    till.allows(sell)
    till.cli.ok("staff", "set", "--id", "P1", "--inactive")
    for said in (f"{PIN}\n", f"{OTHER}\n"):
        till.refuses("no_such_person", sell, stdin=said)
    till.refuses("no_such_person", "report")


def test_a_pin_that_is_none_refuses_the_whole_command(till):
    for line in ("staff add --id N2 --role guide --pin", "staff set --id X1 --name Li --pin"):
        done = till.cli(*line.split(), "--json", stdin="1234\n")
        assert done.code == 1
    people = {person["id"]: person["name"] for person in till.cli.ok("staff", "list")}
    assert "N2" not in people and people["X1"] == "X1"


def test_who_has_left_comes_back_only_when_that_is_said(till):
    till.cli.ok("staff", "set", "--id", "X1", "--inactive")
    assert not till.cli.ok("staff", "set", "--id", "X1", "--pin", stdin=f"{PIN}\n")["active"]
    assert not till.cli.ok("staff", "set", "--id", "X1", "--name", "Chen")["active"]
    assert till.cli("sell", WATER, "--guide", "X1").code == 1
    assert till.cli.ok("staff", "set", "--id", "X1", "--active")["active"]
    till.cli.ok("sell", WATER, "--guide", "X1")


def test_the_gate_stands_before_the_file(till, tmp_path):
    (tmp_path / "odd.csv").write_text("nothing\n", "utf-8")
    till.named["goods"] = till.named["sales"] = str(tmp_path / "odd.csv")
    till.cli.ok("staff", "set", "--id", "P1", "--role", "guide")
    for line in ("import {goods}", "replay {sales}"):
        till.refuses("not_allowed", line)


def test_what_comes_back_on_a_receipt_has_no_other_price(till):
    done = till.cli("return", till.named["receipt"], f"{WATER}@0.01", "--json")
    assert done.code == 1


HANGS_WHILE_IT_CHECKS = """
import sys
from core.shop import people
from main import main
people.pin_fits = lambda *_: print("checking", flush=True) or sys.stdin.read()
main(sys.argv[1:])
"""


def kill_while_it_checks(cli: Cli, *args: str) -> None:
    """Start a process that is given the right PIN, and SIGKILL it before it knows."""
    with subprocess.Popen(
        [sys.executable, "-c", HANGS_WHILE_IT_CHECKS, *args, "--home", str(cli.home)],
        cwd=ROOT,
        env=cli.environment(LC_ALL="C.UTF-8"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin and process.stdout
        try:
            process.stdin.write(f"{PIN}\n")
            process.stdin.flush()
            assert process.stdout.readline() == "checking\n"
        finally:
            process.kill()
    assert process.returncode < 0


def test_a_process_that_is_killed_while_it_checks_a_pin_has_tried_it(till):
    """Otherwise who pulls the plug at the right moment may guess for ever."""
    for _ in range(FREE_FAILURES):
        kill_while_it_checks(till.cli, "sell", WATER, "--as", "P1")
    till.refuses("pin_blocked", f"sell {WATER}")
    assert till.cli.ok("doctor")["ok"]
