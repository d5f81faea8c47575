"""docs/studies.md names every key that a study file may have, with the default that it takes."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from escollect.domain.lifecycle import Timers
from escollect.domain.outcomes import Outcome, PayRule
from escollect.domain.study import (
    CONSENT_ITEMS,
    ConsentText,
    ExtraQuestion,
    Hotline,
    Limits,
    PolicyChoice,
    Resources,
    StudySettings,
    Surveys,
    SurveyText,
    Targets,
    TrainingGate,
    Vocabularies,
    Vocabulary,
)

PAGE = (Path(__file__).parents[2] / "docs" / "studies.md").read_text("utf-8")
SECTIONS: tuple[Any, ...] = (
    ConsentText,
    ExtraQuestion,
    Hotline,
    Limits,
    PolicyChoice,
    Resources,
    StudySettings,
    Surveys,
    SurveyText,
    Targets,
    Timers,
    TrainingGate,
    Vocabularies,
    Vocabulary,
)


def names() -> list[str]:
    found = {entry.name for section in SECTIONS if is_dataclass(section) for entry in fields(section)}
    words = {*CONSENT_ITEMS, *(outcome.value for outcome in Outcome), *(rule.value for rule in PayRule)}
    return sorted(found | words)


@pytest.mark.parametrize("name", names())
def test_every_key_of_a_study_file_is_documented(name: str) -> None:
    in_code = any(f"{mark}{name}{end}" in PAGE for mark in ("`", ".", "- ", "  ") for end in ("`", ":", "."))
    assert in_code, f"docs/studies.md does not name {name}"


@pytest.mark.parametrize("timer", fields(Timers), ids=lambda timer: timer.name)
def test_every_timer_is_documented_with_its_default(timer: Any) -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{timer.name}` |")]
    assert row.endswith(f"| {timer.default} |")
