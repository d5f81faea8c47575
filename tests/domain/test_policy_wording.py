from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from escollect.domain.quality.policy import AtLeast, Condition, Named, Not, RuleUse, Threshold
from escollect.domain.quality.reading import read_policy
from escollect.domain.quality.rules import RULES
from escollect.domain.quality.wording import PHRASES, Clause, outline, outline_branches, say_rule

POLICIES = Path(__file__).parents[2] / "fixtures" / "policies"
USES = {
    "done": RuleUse("done", RULES["finished"], {}, None),
    "long": RuleUse("long", RULES["utterances"], {}, Threshold("minimum", 16)),
    "warm": RuleUse("warm", RULES["empathy"], {}, Threshold("above", 2.5)),
}
DONE, LONG, WARM = Named("done"), Named("long"), Named("warm")
DONE_WORDS = "the conversation was brought to an end"
LONG_WORDS = "the conversation has at least 16 utterances"
WARM_WORDS = "the seeker gives the supporter more than 2.5 of 5 for empathy"
ALL = (Clause(DONE_WORDS), Clause(LONG_WORDS), Clause(WARM_WORDS))


@pytest.mark.parametrize(
    ("condition", "clause"),
    [
        (LONG, Clause(LONG_WORDS)),
        (Not(LONG), Clause(f"it is not so that {LONG_WORDS}")),
        (Not(Not(LONG)), Clause(LONG_WORDS)),
        (AtLeast(1, (WARM,)), Clause(WARM_WORDS)),
        (AtLeast(3, (DONE, LONG, WARM)), Clause("all of these hold", ALL)),
        (AtLeast(2, (DONE, LONG, WARM)), Clause("at least 2 of these 3 hold", ALL)),
        (AtLeast(1, (DONE, LONG, WARM)), Clause("at least one of these holds", ALL)),
        (Not(AtLeast(3, (DONE, LONG, WARM))), Clause("not all of these hold", ALL)),
        (Not(AtLeast(2, (DONE, LONG, WARM))), Clause("fewer than 2 of these 3 hold", ALL)),
        (Not(AtLeast(1, (DONE, LONG, WARM))), Clause("none of these holds", ALL)),
        (
            AtLeast(2, (DONE, Not(AtLeast(2, (LONG, WARM))))),
            Clause("all of these hold", (ALL[0], Clause("not all of these hold", ALL[1:]))),
        ),
    ],
)
def test_a_condition_becomes_an_outline(condition: Condition, clause: Clause) -> None:
    assert outline(condition, USES) == clause


def test_every_rule_that_may_decide_has_a_phrase() -> None:
    assert PHRASES.keys() == RULES.keys()


def test_the_options_of_a_rule_are_said() -> None:
    words = RuleUse("x", RULES["mean_words"], {"role": "seeker"}, Threshold("maximum", 6))
    stars = RuleUse("y", RULES["last_feedback"], {"count": 2}, Threshold("below", 4))
    assert [say_rule(words), say_rule(stars)] == [
        "the seeker's utterances are at most 6 words long on average",
        "the lowest of the last 2 feedback scores is less than 4 of 5",
    ]


def test_a_branch_says_whom_it_is_about_and_what_must_hold() -> None:
    policy = read_policy(yaml.safe_load((POLICIES / "esconv-2021.yaml").read_text("utf-8")))
    first, *_, last = outline_branches(policy)
    assert (first.outcome, first.when, first.condition) == (
        "rejected",
        None,
        Clause("not all of these hold", (Clause(DONE_WORDS), Clause(LONG_WORDS))),
    )
    assert (last.outcome, last.when) == (
        "accepted",
        Clause("it is not so that the seeker answered the survey after the chat"),
    )
