"""The page on quality control must keep up with the rules and the policies."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from escollect.domain.quality.policy import COMPARISONS
from escollect.domain.quality.reading import read_policy
from escollect.domain.quality.rules import FINDINGS, RULES
from escollect.domain.quality.rules.base import show
from escollect.domain.quality.verdicts import OUTCOMES
from escollect.domain.strategies import ALIASES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "quality.md").read_text("utf-8")
FINDINGS_PAGE = (ROOT / "docs" / "findings.md").read_text("utf-8")
SHIPPED = [path.stem for path in (ROOT / "fixtures" / "policies").glob("*.yaml")]


@pytest.mark.parametrize(
    "word", [*RULES, *SHIPPED, *COMPARISONS, *(outcome for kind in OUTCOMES.values() for outcome in kind)]
)
def test_every_rule_policy_comparison_and_outcome_is_on_the_page(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_the_example_on_the_page_is_a_policy() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert read_policy(yaml.safe_load(example)).name == "house-rule"


@pytest.mark.parametrize("name", FINDINGS)
def test_every_finding_is_on_its_page_with_severity_threshold_and_options(name: str) -> None:
    finding = FINDINGS[name]
    cells = next(line for line in FINDINGS_PAGE.splitlines() if line.startswith(f"| `{name}`")).split("|")
    options = ", ".join(f"`{key}`: {value}" for key, value in finding.options.items())
    unit = " %" if finding.rule.unit == "%" else ""
    assert [cell.strip() for cell in cells[2:5]] == [
        finding.severity,
        f"from {show(finding.number)}{unit} on",
        options,
    ]


def test_the_section_on_the_page_tunes_findings() -> None:
    (section,) = re.findall(r"```yaml\n(findings:.*?)```", FINDINGS_PAGE, re.DOTALL)
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    policy = read_policy({**yaml.safe_load(example), **yaml.safe_load(section)})
    assert len(policy.findings) == len(FINDINGS) - 1


@pytest.mark.parametrize("alias", ALIASES)
def test_every_alias_is_on_the_page_on_the_corpus(alias: str) -> None:
    assert alias in (ROOT / "docs" / "corpus.md").read_text("utf-8")
