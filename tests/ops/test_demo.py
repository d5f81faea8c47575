"""`make demo` for a person who has never seen it: everything there, twice the same."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.flows.browserless import Somebody
from tests.support.processes import ROOT
from tests.support.servers import Embedded, get

ROLES = {"researcher", "reviewer", "admin"}
LINKS = {"seeker", "supporter", "qualified supporter"}


def test_the_demo_data_is_what_its_generator_writes(tmp_path: Path) -> None:
    out = tmp_path / "conversations.json"
    subprocess.run([sys.executable, "bin/make_demo_data.py", "--out", out], cwd=ROOT, check=True)
    assert out.read_bytes() == (ROOT / "fixtures" / "demo" / "conversations.json").read_bytes()


def test_the_demo_data_covers_every_problem_emotion_and_strategy() -> None:
    records = json.loads((ROOT / "fixtures" / "demo" / "conversations.json").read_text())
    turns = [turn for record in records for turn in record["dialog"]]
    assert len(records) == 300
    assert len({record["problem_type"] for record in records}) == 13
    assert len({record["emotion_type"] for record in records}) == 11
    assert len({turn["annotation"].get("strategy") for turn in turns if turn["speaker"] == "supporter"}) == 8


@pytest.mark.servers
@pytest.mark.timeout(180)
def test_the_demo_is_set_up_once_and_found_again(start_embedded: Callable[..., Embedded]) -> None:
    server = start_embedded(empty=True)
    first = server.manage("demo_setup")
    assert (set(first["logins"]), set(first["links"])) == (ROLES, LINKS)
    judged = server.manage("judge", "--study", "demo", "--policy", "esconv-2021", "--dry-run")
    counts = {name: judged[name] for name in ("accepted", "rejected", "needs_review")}
    assert sum(counts.values()) == 300
    assert counts["accepted"] > 200
    assert min(counts.values()) > 10

    began = time.monotonic()
    assert server.manage("demo_setup") == first
    assert time.monotonic() - began < 10
    again = server.manage("judge", "--study", "demo", "--policy", "esconv-2021", "--dry-run")
    assert again == judged
    releases = list((server.home / "releases").iterdir())
    assert [path.name for path in releases] == ["release-demo-1"]
    assert (server.home / "demo.json").stat().st_mode & 0o777 == 0o600

    for link in first["links"].values():
        people = [Somebody(server.url) for _ in range(2)]
        assert {person.get(urlsplit(link).path).path for person in people} == {"/consent/"}
        assert len({person.cookies() for person in people}) == 2
    assert 'escollect_tickets{role="seeker"} 0' in get(f"{server.url}/metrics")[1]
