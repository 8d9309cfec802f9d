"""hq serve, wechat-simulator: what runs until it is told to stop. Apart, for the web's libraries are slow to load."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

from core.errors import RefusedError
from core.hq.serve import serve as serve_hq
from core.hq.wechat_street import serve_simulator
from ui.cli.hq import hq_home
from ui.cli.output import Answer


def serve(args: argparse.Namespace) -> Answer:
    """Answer the terminals until told to stop."""
    tls = (args.tls_cert, args.tls_key) if args.tls_cert or args.tls_key else None
    if tls and not all(tls):
        raise RefusedError("tls_needs_both")
    serve_hq(hq_home(args), args.listen, _telling(args), tls)
    return Answer(None, [])


def simulate_wechat(args: argparse.Namespace) -> Answer:
    """Be WeChat for this head office, until told to stop."""
    account = hq_home(args).wechat()
    if account is None:
        raise RefusedError("no_wechat")
    serve_simulator(account, args.listen, args.hq, _telling(args))
    return Answer(None, [])


def _telling(args: argparse.Namespace) -> Callable[[str], None]:
    def told(address: str) -> None:
        print(json.dumps({"address": address}) if getattr(args, "json", False) else address, flush=True)

    return told
