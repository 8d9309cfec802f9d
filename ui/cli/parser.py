"""The command line: every command, its arguments, and the function that does it."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from core.label_paper import FIELDS, PRESETS, RESOLUTIONS
from core.texts import LANGUAGES, readable, tr

if TYPE_CHECKING:
    from ui.cli.output import Answer

WAYS_TO_PAY = ("wechat", "alipay", "unionpay", "card", "other")
"""The tenders besides cash, each an option of its own."""

FED = (
    "catalogue",
    "prices",
    "promotions",
    "staff",
    "settings",
    "targets",
    "credit",
    "points",
    "freezes",
    "notices",
    "commands",
)
"""What head office can let terminals know from a file (`core.hq.records`)."""

PATHS = ("home", "file", "pdf", "xlsx", "csv", "zpl", "tspl", "png", "tls_cert", "tls_key", "export")
"""Arguments that name a file or a folder."""


def command(where: str) -> Callable[[argparse.Namespace], Answer]:
    """The function `module.name` of this package, imported when it is called: the window starts without any."""
    module, _, name = where.partition(".")

    def run(args: argparse.Namespace) -> Answer:
        answer: Answer = getattr(importlib.import_module(f"ui.cli.{module}"), name)(args)
        return answer

    return run


def _limit_of(most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"1 … {most}")
        return int(text)

    return parse


_limit = _limit_of(100_000)


def build(argv: Sequence[str]) -> argparse.ArgumentParser:
    """The parser for a command line; `command` is None for the window, which does not wait for those of the others."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--home", metavar="DIR", help=tr("the terminal's folder (or STORE_ASSISTANT_HOME)"))
    common.add_argument("--as", dest="staff", metavar="STAFF", help=tr("act as this person, who is asked for the PIN"))
    common.add_argument("--json", action="store_true", help=tr("answer with one JSON document"))
    parser = argparse.ArgumentParser(
        prog="main.py", parents=[common], description=tr("Store Assistant. Without a command: the window.")
    )
    if _opens_the_window(argv):
        parser.set_defaults(command=None)
        return parser
    commands = parser.add_subparsers(dest="command", metavar=tr("COMMAND"))

    def add(name: str, where: str, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, parents=[common], help=text, description=text)
        made.set_defaults(run=command(where))
        return made

    made = add("demo", "demo.demo", tr("a throw-away shop with goods, a week and a morning of sales"))
    made.add_argument("--lang", choices=tuple(LANGUAGES), help=tr("language of goods, receipts and window"))

    made = add("setup", "shop.set_up", tr("make a folder a terminal of a shop"))
    made.add_argument("--store", required=True)
    made.add_argument("--terminal", required=True)
    made.add_argument("--name", help=tr("as it stands on receipts"))
    made.add_argument("--currency", default="CNY", help="ISO 4217")
    made.add_argument("--timezone", default="Asia/Shanghai", help="IANA")
    made.add_argument("--hq", metavar="URL", help=tr("head office's address"))
    made.add_argument("--token", help=tr("from head office, good once"))

    made = add("enrol", "sync.enrol", tr("join a chain"))
    made.add_argument("--hq", metavar="URL", required=True, help=tr("head office's address"))
    made.add_argument("--token", required=True, help=tr("from head office, good once"))

    made = add("leave", "sync.leave", tr("leave the chain"))
    made.add_argument("--export", metavar="FILE", help=tr("for what head office does not have yet; it can take it in"))

    add("sync", "sync.sync", tr("send what waits to head office, fetch what is new"))

    made = add("tray", "tray.tray", tr("what somebody should look at; or settle some of it"))
    made.add_argument("matter", nargs="?", help=tr("its name, or the beginning of it"))
    made.add_argument("outcome", nargs="?", help="other_item, corrected, unexplained, seen")
    made.add_argument("--note", default="")

    made = add("settings", "shop.settings", tr("show or change settings"))
    made.add_argument("name", nargs="?")
    made.add_argument("value", nargs="?")

    made = add("staff", "staff.staff", tr("add, change or list the people who work here"))
    made.add_argument("action", choices=("add", "set", "list"))
    made.add_argument("--id")
    made.add_argument("--name")
    made.add_argument("--role", help="cashier, guide, manager, it")
    here = made.add_mutually_exclusive_group()
    here.add_argument("--inactive", action="store_true", help=tr("may not sign in any more"))
    here.add_argument("--active", action="store_true", help=tr("works here again"))
    made.add_argument("--pin", action="store_true", help=tr("ask for a new PIN"))

    made = add("import", "goods.import_file", tr("a catalogue from CSV or XLSX"))
    made.add_argument("file")
    made.add_argument("--map", action="append", metavar="FIELD=COLUMN")
    made.add_argument("--skip-bad", action="store_true", help=tr("take the good rows in, leave the others out"))

    made = add("product", "goods.product", tr("add, change or list products"))
    made.add_argument("action", choices=("add", "set", "list"))
    made.add_argument("code", nargs="?", help=tr("a code; for list also a part of a name, or pinyin initials"))
    for name in ("--name", "--price", "--tax-rate", "--category", "--spec"):
        made.add_argument(name)
    made.add_argument("--limit", type=_limit, default=50)

    made = add("scan", "goods.scan", tr("what a scanned text is"))
    made.add_argument("text", help=tr("the text, or - for a line each from stdin"))

    made = add("issue", "codes.issue", tr("issue unit codes, and let their labels come out"))
    made.add_argument("gtin", nargs="?")
    made.add_argument("count", nargs="?", type=_limit_of(1_000_000))
    made.add_argument("--batch", metavar="BATCH[:FIRST-LAST]", help=tr("labels of a batch that is there already"))
    made.add_argument("--rest", action="store_true", help=tr("issue what that batch lacks, where it was broken off"))
    for name in ("--pdf", "--csv"):
        made.add_argument(name, metavar="FILE")
    for name in ("--zpl", "--tspl"):
        made.add_argument(name, metavar="FILE|HOST:PORT", help=tr("a file, or a printer in the network"))
    made.add_argument("--png", metavar="DIR")
    made.add_argument("--label", choices=tuple(PRESETS), help=tr("the paper; as in the settings if not given"))
    made.add_argument("--fields", metavar="FIELD,…", help=", ".join(FIELDS))
    made.add_argument("--dpi", type=int, choices=RESOLUTIONS)
    made.add_argument("--start", type=int, help=tr("the first free label of a used sheet"))

    made = add("codes", "codes.manage", tr("list batches of codes; or take codes in that were made elsewhere"))
    made.add_argument("action", choices=("list", "import"))
    made.add_argument("what", nargs="*", metavar="TEXT|FILE|FIRST LAST")
    made.add_argument("--gtin", help=tr("of what the codes are on"))
    made.add_argument("--column", help=tr("the column with the codes"))
    made.add_argument("--skip-bad", action="store_true", help=tr("take the good rows in, leave the others out"))
    made.add_argument("--limit", type=_limit, default=50)

    made = add("unit", "codes.unit", tr("the life of one unit"))
    made.add_argument("code")

    for name, step, text in (
        ("on-sale", "on_sale", tr("put units or a batch on sale")),
        ("missing", "missing", tr("units are missed")),
        ("void", "void", tr("make units void for ever")),
        ("freeze", "frozen", tr("freeze units or a batch: not to be sold for now")),
    ):
        made = add(name, "codes.say", text)
        made.set_defaults(step=step)
        made.add_argument("what", nargs="+", metavar="CODE|BATCH[:FIRST-LAST]")
        made.add_argument("--reason", default="")
        if name == "freeze":
            made.add_argument("--release", action="store_true", help=tr("may be sold again"))

    made = add("sell", "counter.sell", tr("sell items"))
    made.add_argument("items", nargs="+", metavar="CODE[*QUANTITY][@PRICE]")
    made.add_argument("--guide", metavar="STAFF", help=tr("who sold"))
    made.add_argument("--member", metavar="PHONE|CARD|ID", help=tr("who buys"))
    made.add_argument("--points", type=int, default=0, help=tr("points that they use"))
    made.add_argument("--coupon", default="", metavar="CODE", help=tr("a coupon that they show"))
    made.add_argument("--discount", action="append", metavar="LINE=AMOUNT|RATE%")
    _add_payments(made)

    made = add("return", "counter.bring_back", tr("take goods back: of a receipt, or without one"))
    made.add_argument("items", nargs="+", metavar="RECEIPT|CODE[*QUANTITY][@PRICE]")
    _add_payments(made)

    made = add("bind", "members.bind", tr("somebody becomes a member"))
    made.add_argument("--phone", required=True, help=tr("or - for a line from stdin"))
    made.add_argument("--consent", required=True, metavar="PURPOSE,…", help="membership, contact, marketing")
    made.add_argument("--guide", metavar="STAFF", help=tr("who won them"))
    made.add_argument("--name", default="")
    made.add_argument("--card", default="", help=tr("number of a member's card"))
    made.add_argument("--lang", choices=tuple(LANGUAGES), help=tr("in which they read what they agree to"))

    made.add_argument("--touchpoint", metavar="ID", default="", help=tr("where they were won"))

    made = add(
        "invite", "invitations.invite", tr("show a code by which somebody becomes a member with their own phone")
    )
    made.add_argument("--guide", metavar="STAFF", help=tr("who shows it"))
    made.add_argument("--lang", choices=tuple(LANGUAGES), help=tr("in which they read what they agree to"))
    made.add_argument("--touchpoint", metavar="ID", default="", help=tr("where they were won"))

    add("invitations", "invitations.invitations", tr("the codes that were shown, and what became of them"))

    made = add("touchpoint", "touchpoints.touchpoint", tr("add, change or list where people meet the shop"))
    made.add_argument("action", choices=("set", "list", "code"))
    made.add_argument("id", nargs="?", default="")
    made.add_argument("--guide", default="", metavar="STAFF", help=tr("of a code: whose it is"))
    for name in ("--pdf", "--csv"):
        made.add_argument(name, metavar="FILE")
    for name in ("--zpl", "--tspl"):
        made.add_argument(name, metavar="FILE|HOST:PORT", help=tr("a file, or a printer in the network"))
    made.add_argument("--png", metavar="DIR")
    made.add_argument("--label", choices=tuple(PRESETS), help=tr("the paper; as in the settings if not given"))
    made.add_argument("--dpi", type=int, choices=RESOLUTIONS)
    made.add_argument("--name", default="")
    made.add_argument("--kind", help="offline, online, social, business")
    made.add_argument("--inactive", action="store_true", help=tr("nothing happens there any more"))

    made = add("credit", "credit.credit", tr("whose work sales are, and why; what holds from now on"))
    made.add_argument("action", choices=("day", "why", "dispute", "decide", "rules", "rule"))
    made.add_argument("what", nargs="?", metavar="STAFF|RECEIPT")
    made.add_argument("parts", nargs="*", metavar="STAFF=SHARE", help=tr("who is credited; nobody, if none is named"))
    made.add_argument("--day", metavar="DATE")
    made.add_argument("--reason", default="")
    made.add_argument("--binder", default="50%", metavar="RATE", help=tr("to whoever won the member"))
    made.add_argument("--window", type=int, default=0, metavar="DAYS", help=tr("for so many days; 0 = for good"))
    made.add_argument("--protected", type=int, default=0, metavar="DAYS", help=tr("in which nobody else can win them"))
    made.add_argument("--since", metavar="DATE", help=tr("from which day on; today, if not given"))

    made = add("points", "rewards.points", tr("members' points; what they earn and what it is worth from now on"))
    made.add_argument("action", choices=("show", "adjust", "rules", "rule"))
    made.add_argument("member", nargs="?", metavar="PHONE|CARD|ID")
    made.add_argument("points", nargs="?", type=int, default=0, help=tr("how many more; less with -"))
    made.add_argument("--reason", default="", help=tr("why it is done"))
    made.add_argument("--spend", default="0", metavar="AMOUNT", help=tr("for which there is a point; 0 = none"))
    made.add_argument("--worth", default="0", metavar="AMOUNT", help=tr("that a point takes off; 0 = nothing"))
    made.add_argument("--most", default="100%", metavar="RATE", help=tr("of the goods that points may take off"))
    made.add_argument("--unheard", type=int, default=0, help=tr("points that a till may take without head office"))
    made.add_argument("--since", metavar="DATE", help=tr("from which day on; today, if not given"))

    made = add("coupon", "rewards.coupon", tr("make, show or list coupons"))
    made.add_argument("action", choices=("give", "show", "list"))
    made.add_argument("coupon", nargs="?", default="", metavar="CODE")
    made.add_argument("--off", default="0", metavar="AMOUNT", help=tr("what it takes off"))
    made.add_argument("--least", default="0", metavar="AMOUNT", help=tr("what the goods must cost"))
    made.add_argument("--until", default="", metavar="DATE", help=tr("the last day"))
    made.add_argument(
        "--member", default="", metavar="PHONE|CARD|ID", help=tr("whose it is; whoever shows it, if not given")
    )

    made = add("member", "members.member", tr("look at members, or do what they ask for"))
    made.add_argument(
        "action",
        choices=(
            "list",
            "show",
            "give",
            "withdraw",
            "correct",
            "assign",
            "part",
            "reveal",
            "export",
            "erase",
            "hand-over",
        ),
    )
    made.add_argument("member", nargs="?", metavar="PHONE|CARD|ID", help=tr("to hand over: whose members"))
    made.add_argument("--guide", default="", metavar="STAFF", help=tr("whose they are from now on"))
    made.add_argument("--consent", default="", metavar="PURPOSE,…", help="membership, contact, marketing")
    made.add_argument("--lang", choices=tuple(LANGUAGES), help=tr("in which they read what they agree to"))
    made.add_argument("--phone", default="", help=tr("the right one; or - for a line from stdin"))
    made.add_argument("--name", default="")
    made.add_argument("--card", default="")
    made.add_argument("--reason", default="", help=tr("why it is done"))
    made.add_argument("--limit", type=_limit, default=50)

    made = add("reprint", "counter.reprint", tr("print a receipt or a unit's label again; without one: find receipts"))
    made.add_argument("receipt", nargs="?", metavar="RECEIPT|CODE")
    made.add_argument("--reason", default="", help=tr("of a label"))
    made.add_argument("--search", action="store_true", help=tr("list the receipts whose number contains this"))
    made.add_argument("--day", metavar="DATE")
    made.add_argument("--limit", type=_limit, default=50)
    made.add_argument("--pdf", metavar="FILE")

    made = add("replay", "counter.replay_file", tr("send a transactions file through the counter"))
    made.add_argument("file")
    made.add_argument("--units", action="store_true", help=tr("issue a code for every piece first, and sell by it"))

    made = add("report", "days.report", tr("figures of a day or a period"))
    _add_period(made)
    files = made.add_mutually_exclusive_group()
    files.add_argument("--pdf", metavar="FILE", help=tr("write the report as pages to print"))
    files.add_argument("--xlsx", metavar="FILE", help=tr("write the report as a workbook"))

    _add_hq(add("hq", "hq.report", tr("head office's side")), common)

    made = add("doctor", "shop.examine", tr("prove that everything is whole"))
    made.add_argument("--full", action="store_true", help=tr("from the first fact on, not from the last proof"))
    return parser


def _add_hq(made: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Head office's commands; their `--home` is head office's own folder."""
    common = argparse.ArgumentParser(add_help=False, parents=[common], argument_default=argparse.SUPPRESS)
    common.add_argument("--database", metavar="URL", help=tr("sqlite:///… or postgresql://…, kept for the next time"))
    commands = made.add_subparsers(dest="hq_command", metavar=tr("COMMAND"), required=True)

    def add(name: str, text: str, where: str = "") -> argparse.ArgumentParser:
        made = commands.add_parser(name, parents=[common], help=text, description=text)
        made.set_defaults(run=command(where or f"hq.{name}"))
        return made

    made = add("revoke", tr("take a terminal the right to speak"))
    made.add_argument("store")
    made.add_argument("terminal")

    made = add("import", tr("facts from a file that a terminal wrote"), "hq.take_in")
    made.add_argument("file")

    made = add("feed", tr("let terminals know what a file says: goods, prices, people, settings, recalls …"))
    made.add_argument("scope", choices=FED)
    made.add_argument("file")
    made.add_argument("--store", help=tr("this store only; all of them, if none is named"))
    made.add_argument("--terminal", help=tr("this terminal of the store only"))
    made.add_argument("--whole", action="store_true", help=tr("the file says everything; what it does not say goes"))
    made.add_argument("--currency", metavar="CODE", help=tr("of the prices; the first store's, if none is named"))
    made.add_argument("--skip-bad", action="store_true", help=tr("take the good rows in, leave the others out"))

    made = add(
        "findings", tr("what somebody should look at: facts that do not count as they say, conflicts"), "hq.look"
    )
    made.add_argument("--store")
    made.add_argument("--limit", type=_limit_of(10_000), default=100)

    made = add("wechat", tr("what WeChat knows the chain by; kept readable by its owner only"))
    made.add_argument("--app", required=True, metavar="APPID")
    made.add_argument("--secret", required=True, help=tr("or - for a line from stdin"))
    made.add_argument("--token", required=True, help=tr("under which WeChat signs what it calls back"))
    made.add_argument("--api", metavar="URL", help=tr("where WeChat answers, if not where it always does"))

    made = add("wechat-simulator", tr("a WeChat on this machine, for trying it out"), "hq_serve.simulate_wechat")
    made.add_argument("--listen", metavar="HOST:PORT", default="127.0.0.1:0")
    made.add_argument("--hq", metavar="URL", required=True, help=tr("head office's address"))

    add("doctor", tr("prove that head office is whole"), "hq.examine")

    made = add("serve", tr("answer the terminals until told to stop"), "hq_serve.serve")
    made.add_argument("--listen", metavar="HOST:PORT", default="127.0.0.1:8765")
    made.add_argument("--tls-cert", metavar="FILE")
    made.add_argument("--tls-key", metavar="FILE")

    made = add("token", tr("a token with which a terminal can enrol, once"))
    made.add_argument("store")
    made.add_argument("terminal")
    made.add_argument("--minutes", type=_limit_of(10_080), default=60)

    made = add("report", tr("figures of a day or a period over all stores"))
    _add_period(made)
    made.add_argument("--store")


def unreadable(args: argparse.Namespace) -> str:
    """The first argument that holds bytes which are no text, escaped; paths may hold any."""
    for name, value in vars(args).items():
        for text in value if isinstance(value, list) else (value,):
            if isinstance(text, str) and name not in PATHS and not _is_text(text):
                return readable(text)
    return ""


def _is_text(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _opens_the_window(argv: Sequence[str]) -> bool:
    return not argv or (argv[0].startswith("--home") and len(argv) == 1 + ("=" not in argv[0]))


def _add_period(made: argparse.ArgumentParser) -> None:
    made.add_argument("--day", metavar="DATE")
    made.add_argument("--from", dest="start", metavar="DATE")
    made.add_argument("--to", dest="end", metavar="DATE")


def _add_payments(made: argparse.ArgumentParser) -> None:
    made.add_argument("--cash", action="append", metavar="AMOUNT", help=tr("handed over; “exact” for what is due"))
    for kind in WAYS_TO_PAY:
        made.add_argument(f"--{kind}", action="append", metavar="REFERENCE[=AMOUNT]")
    made.add_argument("--pdf", metavar="FILE", help=tr("write the receipt"))
