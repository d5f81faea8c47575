"""What is installed is what was tried."""

from __future__ import annotations

import importlib.metadata
import re

import pytest

from tests.guards.source import ROOT

PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[a-z,]+\])?==(?P<version>[\w.]+)$")
FILES = ["requirements.txt", "requirements-dev.txt", "constraints.txt"]


def pins(name: str) -> dict[str, str]:
    found = {}
    for line in (ROOT / name).read_text("utf-8").splitlines():
        if not line or line.startswith(("#", "-r ")):
            continue
        match = PINNED.match(line)
        assert match, f"{name}: {line!r} is not pinned to one version"
        found[canonical(match["name"])] = match["version"]
    return found


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_requirement_is_pinned_as_in_the_freeze() -> None:
    freeze = pins("constraints.txt")
    direct = pins("requirements.txt") | pins("requirements-dev.txt")
    assert {name: freeze.get(name) for name in direct} == direct


def test_the_environment_holds_the_frozen_versions() -> None:
    installed = {canonical(d.name): d.version for d in importlib.metadata.distributions()}
    installed = {name: version for name, version in installed.items() if name not in {"pip", "setuptools"}}
    assert installed == pins("constraints.txt")


@pytest.mark.parametrize("name", ["django-rest-framework", "viewflow", "krippendorff"])
def test_packages_that_must_not_run_are_no_requirement(name: str) -> None:
    assert name not in pins("requirements.txt")
