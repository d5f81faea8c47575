"""The page on quality control must keep up with the rules and the policies."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from escollect.domain.quality.policy import COMPARISONS
from escollect.domain.quality.reading import read_policy
from escollect.domain.quality.rules import RULES
from escollect.domain.quality.verdicts import OUTCOMES
from escollect.domain.strategies import ALIASES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "quality.md").read_text("utf-8")
SHIPPED = [path.stem for path in (ROOT / "fixtures" / "policies").glob("*.yaml")]


@pytest.mark.parametrize(
    "word", [*RULES, *SHIPPED, *COMPARISONS, *(outcome for kind in OUTCOMES.values() for outcome in kind)]
)
def test_every_rule_policy_comparison_and_outcome_is_on_the_page(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_the_example_on_the_page_is_a_policy() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert read_policy(yaml.safe_load(example)).name == "house-rule"


@pytest.mark.parametrize("alias", ALIASES)
def test_every_alias_is_on_the_page_on_the_corpus(alias: str) -> None:
    assert alias in (ROOT / "docs" / "corpus.md").read_text("utf-8")
