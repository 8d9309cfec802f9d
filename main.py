"""The front door: reads the command line and opens the right face."""

from __future__ import annotations

import sys


def main(argv: list[str]) -> int:
    from ui import cli

    args = cli.parse(argv)
    if args.command:
        return cli.run(args)
    from ui.cli.session import home_of
    from ui.platform import open_window

    return open_window(home_of(args))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
