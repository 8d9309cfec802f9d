"""Files that the program reads: texts, style, icons, the demo shop's goods."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

_HERE = Path(__file__).parent


def path(name: str) -> Path:
    """The file of that name, `/` between its parts. The name must stay inside this folder."""
    found = (_HERE / name).resolve()
    assert found.is_relative_to(_HERE), name
    return found


def font_file() -> Path:
    """The one font of screens, labels and receipts."""
    spec = find_spec("noto_cjk_sans_otc")
    assert spec and spec.origin
    return Path(spec.origin).parent / "NotoSansCJK-Regular.ttc"
