"""Every text in every language; every code has a sentence."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from core import texts
from core.errors import RefusedError
from core.texts import SENTENCES
from tests.texts import LOCALES, ROOT, TRANSLATED, compiled, read_catalogue, source_texts


def raised_codes() -> set[str]:
    """Codes in the source: first arguments of refusals and faults, and reasons of readings."""
    codes = set()
    for path in [p for folder in ("core", "ui") for p in (ROOT / folder).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in ("RefusedError", "BrokenWorldError") and node.args:
                codes |= {c.value for c in ast.walk(node.args[0]) if isinstance(c, ast.Constant)}
            codes |= {
                c.value
                for word in node.keywords
                if word.arg == "reason"
                for c in ast.walk(word.value)
                if isinstance(c, ast.Constant) and c.value
            }
    database = (ROOT / "core" / "database.py").read_text("utf-8")
    return codes | set(re.findall(r'^    \w+: "(\w+)",$', database, re.MULTILINE))


def test_every_code_that_is_raised_has_a_sentence_and_no_sentence_is_idle():
    assert raised_codes() == set(SENTENCES)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language):
    catalogue = read_catalogue(language)
    translated = {message.id: message.string for message in catalogue if message.id}
    source = {message.id for message in source_texts() if message.id}
    assert set(translated) == source
    assert not [text for text, string in translated.items() if not string]


@pytest.mark.parametrize("language", TRANSLATED)
def test_placeholders_survive_translation(language):
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    for message in read_catalogue(language):
        if message.id and places(message.id):
            assert places(message.id) == places(message.string), message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogue_is_up_to_date(language):
    kept = (LOCALES / language / "LC_MESSAGES" / "store.mo").read_bytes()
    assert kept == compiled(read_catalogue(language))


def test_a_refusal_becomes_a_sentence():
    refused = RefusedError("more_than_sold", name="水", sold=2, left=0)
    assert texts.sentence(refused) == "水: 2 sold, 0 still with the customer; more cannot come back."
    texts.use("zh_CN")
    assert texts.sentence(refused) == "水：售出 2，顾客手里还有 0，不能退得更多。"


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh_TW.UTF-8", "zh_TW"), ("zh-Hant-HK", "zh_TW"), ("zh_SG", "zh_CN"), ("C.UTF-8", "en"), ("", "en")],
)
def test_the_nearest_language_is_spoken(locale, language):
    assert texts.language_of(locale) == language


def test_no_text_hides_in_a_formatted_string():
    hidden = [
        str(path)
        for folder in ("core", "ui")
        for path in Path(ROOT / folder).rglob("*.py")
        if re.search(r"""\bf["'].*\{tr\(""", path.read_text("utf-8"))
    ]
    assert not hidden
