"""Templates and scripts under the strict content security policy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.guards.source import ROOT, VENDORED, short

PAGES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = [path for path in sorted((ROOT / "static").rglob("*.js")) if not path.is_relative_to(VENDORED)]

INLINE = {
    "a script with code in it": re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>", re.IGNORECASE
    ),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript: link": re.compile(r"javascript:", re.IGNORECASE),
    "a foreign address": re.compile(
        r"<(script|link|img|iframe)[^>]*\b(src|href)=\"(https?:)?//", re.IGNORECASE
    ),
}
UNSAFE_CALLS = re.compile(r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval)\b|new Function")
UNNAMED_END = re.compile(r"{%\s*endblock\s*%}")


def test_there_are_pages_and_scripts_to_guard() -> None:
    assert len(PAGES) > 10
    assert len(SCRIPTS) > 5


@pytest.mark.parametrize("what", INLINE)
def test_no_template_contains(what: str) -> None:
    found = {short(page): INLINE[what].findall(page.read_text("utf-8")) for page in PAGES}
    assert {page: hits for page, hits in found.items() if hits} == {}


def test_template_blocks_are_named_at_their_end() -> None:
    assert [short(page) for page in PAGES if UNNAMED_END.search(page.read_text("utf-8"))] == []


def test_no_script_writes_html_or_runs_text() -> None:
    assert [short(path) for path in SCRIPTS if UNSAFE_CALLS.search(code(path))] == []


def code(path: Path) -> str:
    """The script without its comments."""
    without_blocks = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    return re.sub(r"^\s*//.*$", "", without_blocks, flags=re.MULTILINE)
