from __future__ import annotations

import pytest

from escollect.domain.strategies import ALIASES, STRATEGIES, get_strategy


def test_the_strategies_are_spelled_as_in_the_published_corpus() -> None:
    assert STRATEGIES == (
        "Question",
        "Restatement or Paraphrasing",
        "Reflection of feelings",
        "Self-disclosure",
        "Affirmation and Reassurance",
        "Providing Suggestions",
        "Information",
        "Others",
    )


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_strategy_is_itself_with_blanks_and_in_brackets(strategy: str) -> None:
    assert [get_strategy(label) for label in (strategy, f" {strategy}\n", f"[{strategy}]")] == [strategy] * 3


@pytest.mark.parametrize(("alias", "strategy"), ALIASES.items())
def test_an_alias_means_its_strategy(alias: str, strategy: str) -> None:
    assert [get_strategy(alias), get_strategy(f"[{alias}]")] == [strategy] * 2


@pytest.mark.parametrize("label", ["", "[]", "question", "Advice", "Question, Others", "[Question"])
def test_nothing_else_is_guessed(label: str) -> None:
    assert get_strategy(label) is None
