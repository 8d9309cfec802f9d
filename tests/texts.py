"""Brings the catalogues up to date with the source: `uv run python -m tests.texts` after a text was added or changed.

New texts appear in the `.po` files without a translation; translate them there and run it again.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
LOCALES = ROOT / "resources" / "locale"
TRANSLATED = ("zh_CN", "zh_TW")
_KEYWORDS = {"tr": (1,), "mark": (1,)}


def source_texts() -> Catalog:
    """Every text that the source marks."""
    catalog = Catalog(fuzzy=False)
    for folder in ("core", "ui"):
        for _, _, message, _, _ in extract_from_dir(ROOT / folder, [("**.py", "python")], keywords=_KEYWORDS):
            catalog.add(message)
    return catalog


def read_catalogue(language: str) -> Catalog:
    """A language's translations."""
    with (LOCALES / language / "LC_MESSAGES" / "store.po").open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalog: Catalog) -> bytes:
    """The bytes that gettext reads."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def main() -> None:
    source = source_texts()
    for language in TRANSLATED:
        catalog = read_catalogue(language)
        catalog.update(source, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        folder = LOCALES / language / "LC_MESSAGES"
        with (folder / "store.po").open("wb") as file:
            write_po(file, catalog, omit_header=False, no_location=True, sort_output=True, width=120)
        (folder / "store.mo").write_bytes(compiled(catalog))
        missing = [message.id for message in catalog if message.id and not message.string]
        print(f"{language}: {len(missing)} without a translation", *missing, sep="\n  ")


if __name__ == "__main__":
    main()
