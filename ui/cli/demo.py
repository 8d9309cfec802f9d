"""demo."""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import resources
from core import texts
from core.errors import BrokenWorldError
from core.sales.receipt import compose
from core.shop.days import day_report
from core.shop.demo import CASHIER, PIN, open_demo_shop
from core.shop.terminal import SYSTEM, Terminal
from core.texts import readable, sentence, tr
from ui.cli import days
from ui.cli.counter import write_receipt_pdf
from ui.cli.demo_hq import head_office, join
from ui.cli.output import Answer
from ui.cli.session import locale_name


def demo(args: argparse.Namespace) -> Answer:
    """Open a throw-away shop; then the window on it, or, without a screen, the day in print."""
    language = args.lang or texts.language_of(locale_name())
    texts.use(language)
    given = getattr(args, "home", None)
    home = Path(given) if given else Path(tempfile.mkdtemp(prefix="store-assistant-demo-"))
    with ExitStack() as stack:
        try:
            address = stack.enter_context(head_office(home / "hq"))
        except BrokenWorldError:
            # A shop does without.
            address = ""
        return _show(home, address, language)


def _show(home: Path, address: str, language: str) -> Answer:
    """The shop, its day at head office where there is one, and the window on it or what it would show."""
    from ui import platform

    with Terminal(home) as terminal:
        last = open_demo_shop(terminal, resources.path("demo/goods.csv"), language)
        found = terminal.read(partial(day_report, by=SYSTEM)).result()
        settings = terminal.read(lambda view: view.settings).result()
        sent = join(terminal, home / "hq", address) if address else 0
    document = {"home": readable(home), "report": days.document(found), "hq": {"address": address, "sent": sent}}
    lines = [*days.lines(found, settings), "", tr("Data: {place}", place=home)]
    if address:
        lines.append(tr("Head office: {address}, {count} facts there", address=address, count=sent))
    lines.append(tr("Everybody's PIN: {pin}", pin=PIN))
    receipt, picture = home / "receipt.pdf", home / "screenshot.png"
    try:
        write_receipt_pdf(compose(last, settings), receipt)
        lines.append(tr("Receipt: {place}", place=receipt))
        document["receipt"] = str(receipt)
        if not platform.has_screen():
            platform.picture_of_window(home, picture, CASHIER)
            lines.append(tr("Screenshot: {place}", place=picture))
            document["screenshot"] = str(picture)
    except BrokenWorldError as error:
        # The day is done all the same; only the drawings are missing.
        lines.append(sentence(error))
    else:
        if platform.has_screen():
            print("\n".join(lines), flush=True)
            return Answer(document, [], platform.open_window(home, CASHIER.staff))
        lines.append(sentence(BrokenWorldError("no_screen")))
    return Answer(document, lines)
