"""Definitions as text and back, and thresholds set one by one."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from escollect.domain.quality.editing import (
    OFF,
    Mistake,
    copy_definition,
    find_counts,
    read_policy_text,
    set_finding,
    show_definition,
    write_policy,
)
from escollect.domain.quality.reading import read_policy

POLICIES = Path(__file__).parents[2] / "fixtures" / "policies"


def load(name: str = "esconv-2021") -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((POLICIES / f"{name}.yaml").read_text("utf-8"))
    return copy_definition(loaded)


def shuffled(data: Any) -> Any:
    """The same with the keys of mappings in another order, as a database may give it back."""
    if isinstance(data, dict):
        return {key: shuffled(data[key]) for key in sorted(data, reverse=True)}
    return [shuffled(one) for one in data] if isinstance(data, list) else data


@pytest.mark.parametrize("name", ["esconv-2021", "esconv-2021-literal", "failed-esconv-2024"])
def test_a_definition_comes_back_from_its_text_whatever_order_it_was_in(name: str) -> None:
    definition = load(name)
    text = write_policy(shuffled(definition))
    assert read_policy_text(text) == (definition, [])
    assert text == write_policy(definition)
    assert read_policy_text(text.replace("\n", "\r\n")) == (definition, [])


def test_mistakes_come_with_line_and_key_in_the_order_of_the_lines() -> None:
    text = (
        "name: house-rule\n"
        "kind: deciding\n"
        "rules:\n"
        "  long: {measure: utterances, minimum: many}\n"
        "branches:\n"
        "  - if: {at_least: {k: 1, of: [long,\n"
        "      short]}}\n"
        "    outcome: good\n"
        "otherwise: rejected\n"
    )
    assert read_policy_text(text)[1] == [
        Mistake(4, "rules.long.minimum", "must be a number."),
        Mistake(7, "branches[0].if.at_least[1]", "there is no rule 'short'; known are long."),
        Mistake(8, "branches[0].outcome", "must be one of accepted, rejected, needs_review."),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "There are no settings here. Start with “name: …”."),
        ("- a\n- b", "There are no settings here. Start with “name: …”."),
        ("name: x\nname: y", "This key was already set on line 1. Keep one of the two."),
        ("name: &a x\nkind: *a", "Anchors and aliases are not read. Write the value out in full."),
    ],
)
def test_a_text_of_the_wrong_form_is_refused_with_words(text: str, words: str) -> None:
    assert words in [mistake.words for mistake in read_policy_text(text)[1]]


def test_what_cannot_be_read_is_shown_as_it_is_stored() -> None:
    broken = {**load(), "rules": {"charm": {"measure": "charm"}}}
    assert yaml.safe_load(show_definition(broken)) == broken


def test_every_count_of_the_branches_may_be_changed() -> None:
    definition = load()
    (count,) = find_counts(definition)
    assert (count["k"], count["of"]) == (3, ["empathy", "relevance", "improvement", "supporter_length"])
    count["k"] = 2
    assert read_policy(definition) != read_policy(load())


def test_a_copy_may_be_changed_and_has_no_version() -> None:
    stored = {**load(), "version": 7}
    before = deepcopy(stored)
    made = copy_definition(stored)
    made["rules"]["empathy"]["minimum"] = 5
    assert (stored, "version" in made) == (before, False)


def turned(definition: dict[str, Any], name: str, severity: str, number: float) -> dict[str, Any]:
    made = copy_definition(definition)
    set_finding(made, read_policy(definition), name, severity, number)
    read_policy(made)
    return made


def test_a_finding_that_stays_as_it_is_is_not_named() -> None:
    default = {use.name: use for use in read_policy(load()).findings}["abuse"]
    assert turned(load(), "abuse", default.severity, default.threshold.number) == load()


def test_a_finding_is_switched_off_and_on_again() -> None:
    off = turned(load(), "abuse", OFF, 1)
    assert off["findings"] == {"abuse": OFF}
    assert "abuse" not in {use.name for use in read_policy(off).findings}
    on = turned(off, "abuse", "info", 2)
    (use,) = [use for use in read_policy(on).findings if use.name == "abuse"]
    assert (use.severity, use.threshold.number) == ("info", 2)


def test_switching_one_on_leaves_off_the_others_that_were_off_together() -> None:
    on = turned({**load(), "findings": OFF}, "abuse", "warning", 1)
    assert [use.name for use in read_policy(on).findings] == ["abuse"]
