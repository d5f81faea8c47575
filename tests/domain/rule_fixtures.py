"""The conversations of fixtures/rules: for each rule one that it accepts and one that it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from escollect.domain.quality.findings import get_default
from escollect.domain.quality.policy import RuleUse
from escollect.domain.quality.reading import read_policy
from escollect.domain.quality.rules import FINDINGS
from escollect.domain.transcript import ROLES, Copy, Telemetry, Transcript, Utterance

FOLDER = Path(__file__).parents[2] / "fixtures" / "rules"
START = datetime(2030, 1, 1, 9, tzinfo=UTC)
COUNTS = ("keys", "ms", "paste_chars", "blurs")


@dataclass(frozen=True)
class Example:
    """A conversation, what the rule measures in it, on which utterances, and the words it points at."""

    transcript: Transcript
    value: float | bool
    places: tuple[int, ...]
    shows: tuple[str, ...] | None


@dataclass(frozen=True)
class RuleFixture:
    """A rule as it is used, with an example on either side of its threshold."""

    use: RuleUse
    accepts: Example
    refuses: Example

    @property
    def is_finding(self) -> bool:
        return self.use.rule.name in FINDINGS


def names() -> list[str]:
    """The rules that have a file, by name."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


@cache
def load(name: str) -> RuleFixture:
    """The fixture of a rule."""
    data = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    assert data["rule"] == name
    use = get_default(FINDINGS[name]).use if name in FINDINGS else _use(name, data["asks"])
    return RuleFixture(use, _example(data["accepts"]), _example(data["refuses"]))


def _use(name: str, asks: dict[str, Any]) -> RuleUse:
    policy = {"name": "fixture", "kind": "deciding", "otherwise": "rejected"}
    branches = [{"if": name, "outcome": "accepted"}]
    read = read_policy({**policy, "rules": {name: {"measure": name, **asks}}, "branches": branches})
    return read.rules[0]


def _example(data: dict[str, Any]) -> Example:
    copies = None if "copies" not in data else tuple(Copy(**copy) for copy in data["copies"])
    said = tuple(_utterance(one, at) for at, one in enumerate(data.get("said", ()), 1))
    given = Transcript("a-fixture", True, said, copies=copies, **data.get("with", {}))
    shows = tuple(data["shows"]) if "shows" in data else None
    return Example(given, data["value"], tuple(data.get("places", ())), shows)


def _utterance(data: dict[str, Any], seq: int) -> Utterance:
    role = next(role for role in ROLES if role in data)
    counts = {name: data[name] for name in COUNTS if name in data}
    return Utterance(
        role=role,
        text=data[role],
        strategy=data.get("strategy"),
        feedback=data.get("feedback"),
        seq=seq,
        at=START + timedelta(seconds=data["at"]) if "at" in data else None,
        seen=data.get("seen"),
        tele=Telemetry(**counts) if counts else None,
    )
