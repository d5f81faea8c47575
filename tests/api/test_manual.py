"""docs/rest.md is tested: its examples run, its tables are the ones in the code."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from escollect.accounts.permissions import ALLOWED, Thing
from escollect.corpus.actions import build_release, create_release
from tests.api.conftest import Api, World
from tests.quality.relabels import draw
from tests.quality.rooms import agree

pytestmark = pytest.mark.django_db

TEXT = (Path(__file__).parents[2] / "docs" / "rest.md").read_text("utf-8")
EXAMPLES = [line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]


def run(api: Api, line: str, values: dict[str, str]) -> Any:
    """Do what a curl line says."""
    for name, value in values.items():
        line = line.replace(f"${name}", value)
    words = shlex.split(line)
    assert words[:3] == ["curl", "-H", f"Authorization: Token {values['TOKEN']}"]
    url = urlsplit(words[-1])
    path = f"{url.path}?{url.query}" if url.query else url.path
    if "-d" not in words:
        return api.client.get(path)
    assert "Content-Type: application/json" in words
    return api.client.post(path, words[words.index("-d") + 1], content_type="application/json")


def test_every_example_works(world: World, settings: Any, tmp_path: Path) -> None:
    settings.RELEASES_DIR = tmp_path
    for side in (world.pair.seeker, world.pair.supporter):
        agree(side.consents.model(participant=side, version=world.study.current))
    release = create_release(world.study, "0.9")
    build_release(release.pk)
    values = {
        "TOKEN": world.tokens["admin"],
        "URL": "http://127.0.0.1:8000",
        "CONVERSATION": str(world.pair.conversation),
        "RELEASE": str(release.pk),
        "CAMPAIGN": str(draw(world.study, 2).pk),
    }
    assert len(EXAMPLES) == 18
    for line in EXAMPLES:
        answer = run(world.api("admin"), line, values)
        assert answer.status_code in {200, 201}, line
        # A file is closed once it has been read to its end.
        assert b"".join(answer.streaming_content if answer.streaming else [answer.content])


def test_the_table_of_roles_is_the_one_in_the_code() -> None:
    (head,) = re.findall(r"^\| may \|(.*)\|$", TEXT, re.MULTILINE)
    roles = [word.strip() for word in head.split("|")]
    found: dict[str, set[str]] = {}
    for line in re.findall(r"^\| ([a-z_, ]+) \|([yes |]*)\|$", TEXT, re.MULTILINE):
        allowed = {
            role for role, cell in zip(roles, line[1].split("|"), strict=True) if cell.strip() == "yes"
        }
        found |= dict.fromkeys(line[0].split(", "), allowed)
    assert found == {thing.value: {role.value for role in ALLOWED[thing]} for thing in Thing}
