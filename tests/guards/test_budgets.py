"""Ceilings that keep files and functions readable."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.guards.source import ROOT, VENDORED, functions, python_files, short

FILE_LINES = 400
FUNCTION_LINES = 50
SCRIPT_LINES = 150
EXCEPTIONS_SHARE = 0.02

# Longer functions, each with its reason.
LONG_FUNCTIONS: dict[str, str] = {}


def line_count(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_no_file_is_longer_than_400_lines() -> None:
    sheets = [path for path in (ROOT / "static").rglob("*.css") if not path.is_relative_to(VENDORED)]
    pages = list((ROOT / "templates").rglob("*.html"))
    counted = {short(path): line_count(path) for path in [*python_files(), *sheets, *pages]}
    assert {name: lines for name, lines in counted.items() if lines > FILE_LINES} == {}


def test_no_function_is_longer_than_50_lines_but_for_named_exceptions() -> None:
    found = [pair for path in python_files() for pair in functions(path)]
    long = {name for name, node in found if (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES}
    assert long == set(LONG_FUNCTIONS)
    assert len(LONG_FUNCTIONS) <= EXCEPTIONS_SHARE * len(found)


def test_no_script_is_longer_than_150_lines() -> None:
    scripts = [path for path in (ROOT / "static").rglob("*.js") if not path.is_relative_to(VENDORED)]
    assert scripts
    assert {short(path): line_count(path) for path in scripts if line_count(path) > SCRIPT_LINES} == {}


def test_nothing_committed_is_larger_than_two_megabytes() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    large = {short(path): path.stat().st_size for path in paths if path.exists()}
    assert {name: size for name, size in large.items() if size > 2_000_000} == {}
