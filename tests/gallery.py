"""Pictures of every page: `uv run python -m tests.gallery OUT [SCENE…] [--language L] [--theme T] [--size WxH]`."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def main() -> None:
    from tests.scenes import COLOURS, LANGUAGES, SCENES, SIZES, Stage, settled
    from ui.app import application

    parser = argparse.ArgumentParser(prog="tests.gallery", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=", ".join(SCENES))
    parser.add_argument("--language", choices=LANGUAGES)
    parser.add_argument("--theme", choices=COLOURS)
    parser.add_argument("--size", help="such as 1366x768")
    args = parser.parse_args()
    application()
    args.out.mkdir(parents=True, exist_ok=True)
    sizes = [size for size in SIZES if args.size in (None, "x".join(map(str, size)))]
    count = 0
    for language in [args.language] if args.language else LANGUAGES:
        stage = Stage(Path(tempfile.mkdtemp()), language)
        for name in args.scenes or SCENES:
            for colours in [args.theme] if args.theme else COLOURS:
                window = SCENES[name](stage, colours)
                for size in sizes:
                    settled(window, size)
                    window.grab().save(str(args.out / f"{name}_{language}_{colours}_{size[0]}x{size[1]}.png"))
                    count += 1
                stage.leave(window)
        stage.close()
    print(f"{count} pictures in {args.out}")


if __name__ == "__main__":
    main()
