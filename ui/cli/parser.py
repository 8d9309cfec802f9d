"""The command line: every command, its arguments, and the function that does it."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from core.events import TenderKind
from core.texts import tr
from ui.cli import counter, days, demo, goods, shop
from ui.cli.output import Answer

Command = Callable[[argparse.Namespace], Answer]


def build() -> argparse.ArgumentParser:
    """The parser; `command` is None for the window."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--home", metavar="DIR", help=tr("the terminal's folder (or STORE_ASSISTANT_HOME)"))
    common.add_argument("--json", action="store_true", help=tr("answer with one JSON document"))
    parser = argparse.ArgumentParser(
        prog="main.py", parents=[common], description=tr("Store Assistant. Without a command: the window.")
    )
    commands = parser.add_subparsers(dest="command", metavar=tr("COMMAND"))

    def add(name: str, run: Command, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, parents=[common], help=text, description=text)
        command.set_defaults(run=run)
        return command

    command = add("demo", demo.demo, tr("a throw-away shop with goods and a morning of sales"))
    command.add_argument("--lang", choices=("zh_CN", "en"), help=tr("language of goods, receipts and window"))

    command = add("setup", shop.set_up, tr("make a folder a terminal of a shop"))
    command.add_argument("--store", required=True)
    command.add_argument("--terminal", required=True)
    command.add_argument("--name", help=tr("as it stands on receipts"))
    command.add_argument("--currency", default="CNY", help="ISO 4217")
    command.add_argument("--timezone", default="Asia/Shanghai", help="IANA")

    command = add("settings", shop.settings, tr("show or change settings"))
    command.add_argument("name", nargs="?")
    command.add_argument("value", nargs="?")

    command = add("import", goods.import_file, tr("a catalogue from CSV or XLSX"))
    command.add_argument("file")
    command.add_argument("--map", action="append", metavar="FIELD=COLUMN")
    command.add_argument("--skip-bad", action="store_true", help=tr("take the good rows in, leave the others out"))

    command = add("product", goods.product, tr("add, change or list products"))
    command.add_argument("action", choices=("add", "set", "list"))
    command.add_argument("code", nargs="?", help=tr("a code; for list also a part of a name, or pinyin initials"))
    for name in ("--name", "--price", "--tax-rate", "--category", "--spec"):
        command.add_argument(name)
    command.add_argument("--limit", type=int, default=50)

    command = add("scan", goods.scan, tr("what a scanned text is"))
    command.add_argument("text", help=tr("the text, or - for a line each from stdin"))

    command = add("sell", counter.sell, tr("sell items"))
    command.add_argument("items", nargs="+", metavar="CODE[*QUANTITY][@PRICE]")
    command.add_argument("--guide", metavar="STAFF", help=tr("who sold"))
    command.add_argument("--discount", action="append", metavar="LINE=AMOUNT|RATE%")
    _add_payments(command)

    command = add("return", counter.bring_back, tr("take goods back: of a receipt, or without one"))
    command.add_argument("items", nargs="+", metavar="RECEIPT|CODE[*QUANTITY][@PRICE]")
    _add_payments(command)

    command = add("reprint", counter.reprint, tr("print a receipt again; without a number: find receipts"))
    command.add_argument("receipt", nargs="?")
    command.add_argument("--search", action="store_true", help=tr("list the receipts whose number contains this"))
    command.add_argument("--day", metavar="DATE")
    command.add_argument("--limit", type=int, default=50)
    command.add_argument("--pdf", metavar="FILE")

    command = add("replay", counter.replay_file, tr("send a transactions file through the counter"))
    command.add_argument("file")

    command = add("report", days.report, tr("figures of a day or a period"))
    command.add_argument("--day", metavar="DATE")
    command.add_argument("--from", dest="start", metavar="DATE")
    command.add_argument("--to", dest="end", metavar="DATE")

    command = add("doctor", shop.examine, tr("prove that everything is whole"))
    command.add_argument("--full", action="store_true", help=tr("from the first fact on, not from the last proof"))
    return parser


def _add_payments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--cash", action="append", metavar="AMOUNT", help=tr("handed over; “exact” for what is due"))
    for kind in TenderKind:
        if kind is not TenderKind.CASH:
            command.add_argument(f"--{kind.value}", action="append", metavar="REFERENCE[=AMOUNT]")
    command.add_argument("--pdf", metavar="FILE", help=tr("write the receipt"))
