"""Documents that must keep up with the code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.guards.source import ROOT, short, text_files

DOCS = ROOT / "docs"
ENVIRONMENT = re.compile(r"(?:environ\.get\(|environ\[|_flag\()\s*\"([A-Z_]+)\"")
# Written in two parts, so that this file does not contain what it looks for.
MACHINE_PATHS = ("/" + "work/", "/" + "tmp/brief", "/" + "root/", "/" + "home/")
UNFINISHED = re.compile("TO" + "DO|FIX" + "ME|X" + "XX")


def text_of(paths: Iterable[Path]) -> str:
    return "\n".join(path.read_text("utf-8") for path in paths)


def variables() -> set[str]:
    files = (ROOT / "escollect" / "config").glob("*.py")
    return set(ENVIRONMENT.findall(text_of(files))) - {"DJANGO_SETTINGS_MODULE"}


def test_the_variables_of_the_contract_are_read() -> None:
    expected = {
        "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_URL", "DEBUG", "PORT",
        "ESCOLLECT_HOME",
    }  # fmt: skip
    assert variables() == expected


def test_every_variable_is_documented() -> None:
    page = (DOCS / "settings.md").read_text("utf-8")
    assert [name for name in sorted(variables()) if f"`{name}`" not in page] == []


def test_every_command_is_documented() -> None:
    ours = [name for name, app in get_commands().items() if app.startswith("escollect.")]
    written = text_of([*DOCS.glob("*.md"), ROOT / "README.md"])
    assert [name for name in sorted(ours) if not re.search(rf"\b{name}\b", written)] == []


def test_every_make_target_is_documented() -> None:
    targets = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    written = text_of([*DOCS.glob("*.md"), ROOT / "README.md"])
    assert [name for name in targets if f"make {name}" not in written] == []


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for page in [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]:
        for link in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8")):
            if "://" not in link and not link.startswith("mailto:") and not (page.parent / link).exists():
                broken.append(f"{short(page)}: {link}")
    assert broken == []


@pytest.mark.parametrize("path", MACHINE_PATHS)
def test_no_text_names_a_path_of_some_machine(path: str) -> None:
    naming = [short(one) for one in text_files() if re.search(rf"(?<![\w.]){path}", one.read_text("utf-8"))]
    assert naming == []


def test_nothing_unfinished_is_left_in_the_code() -> None:
    files = [path for path in text_files() if path.suffix in {".py", ".js", ".css", ".html"}]
    assert [short(path) for path in files if UNFINISHED.search(path.read_text("utf-8"))] == []
