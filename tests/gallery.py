"""Pictures of every page: `uv run python -m tests.gallery OUT [SCENE…] [--language L] [--theme T] [--size WxH]`.

With `--readme` instead of a folder: those that the README shows.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

PICTURES = Path(__file__).parent.parent / "resources" / "pictures"
README = (
    ("sell-full", "zh_CN", "light"),
    ("today", "zh_CN", "light"),
    ("receipts", "en", "dark"),
    ("codes-issue", "en", "light"),
    ("members-card", "zh_CN", "light"),
    ("guides-why", "en", "light"),
    ("codes-unit", "zh_CN", "light"),
)
_COLOURS = 64


def main() -> None:
    from tests.scenes import SCENES
    from tests.stage import COLOURS, LANGUAGES, SIZES
    from ui.app import application

    parser = argparse.ArgumentParser(prog="tests.gallery", description=__doc__)
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=", ".join(SCENES))
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--language", choices=LANGUAGES)
    parser.add_argument("--theme", choices=COLOURS)
    parser.add_argument("--size", help="such as 1366x768")
    args = parser.parse_args()
    application()
    if args.readme:
        for name, language, colours in README:
            (made,) = draw(PICTURES, [name], [language], [colours], [SIZES[0]])
            _shrink(made.rename(PICTURES / f"{name}.png"))
        return
    if not args.out:
        parser.error("OUT")
    sizes = [size for size in SIZES if args.size in (None, "x".join(map(str, size)))]
    languages = [args.language] if args.language else LANGUAGES
    made = draw(args.out, args.scenes or SCENES, languages, [args.theme] if args.theme else COLOURS, sizes)
    print(f"{len(made)} pictures in {args.out}")


def draw(
    out: Path, scenes: Iterable[str], languages: Iterable[str], themes: Iterable[str], sizes: Iterable[tuple[int, int]]
) -> list[Path]:
    """Draw scenes into PNG files of a folder."""
    from tests.scenes import SCENES
    from tests.stage import Stage, settled

    out.mkdir(parents=True, exist_ok=True)
    made = []
    for language in languages:
        stage = Stage(Path(tempfile.mkdtemp()), language)
        for name in scenes:
            for colours in themes:
                window = SCENES[name](stage, colours)
                for size in sizes:
                    settled(window, size)
                    made.append(out / f"{name}_{language}_{colours}_{size[0]}x{size[1]}.png")
                    window.grab().save(str(made[-1]))
                stage.leave(window)
        stage.close()
    return made


def _shrink(path: Path) -> None:
    """Screens have few colours."""
    from PIL import Image

    with Image.open(path) as picture:
        picture.convert("RGB").quantize(_COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main()
