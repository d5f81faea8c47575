from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from escollect.domain.events import Role
from escollect.domain.lifecycle import TICKET_TERMINAL, EndReason, TicketState
from escollect.domain.outcomes import PAY, TEXTS, TICKET_OUTCOMES, Outcome, get_outcome
from escollect.domain.study import OUTCOME_PAY, PAY_RULES

SEEKER, SUPPORTER = Role.SEEKER, Role.SUPPORTER

# reason -> (what the side that caused it gets, what the other side gets), below eight own utterances
TABLE = {
    "done": ("completed", "completed"),
    "leave": ("self_left", "partner_left"),
    "other": ("self_left", "partner_left"),
    "unsafe": ("crisis_stop", "crisis_stop"),
    "crisis_stop": ("crisis_stop", "crisis_stop"),
    "partner_left": ("self_left", "partner_left"),
    "idle": ("idle_timeout", "partner_left"),
    "max_time": ("max_time", "max_time"),
    "moderator_stop": ("moderator_stop", "moderator_stop"),
    "no_show": ("self_left", "partner_no_show"),
    "both_offline": ("self_left", "self_left"),
    "tech_failure": ("tech_failure", "tech_failure"),
    "withdrawn": ("withdrawn", "partner_left"),
}


def test_the_table_of_the_protocol_has_every_reason() -> None:
    assert set(TABLE) == {reason.value for reason in EndReason}


@pytest.mark.parametrize("reason", EndReason)
def test_each_reason_gives_both_sides_what_the_protocol_says(reason: EndReason) -> None:
    assert (
        get_outcome(reason, SEEKER, SEEKER, 0).value,
        get_outcome(reason, SEEKER, SUPPORTER, 0).value,
    ) == TABLE[reason.value]


@pytest.mark.parametrize(("own", "outcome"), [(7, "self_left"), (8, "completed")])
def test_leaving_after_eight_own_utterances_completes_the_conversation(own: int, outcome: str) -> None:
    assert get_outcome(EndReason.LEAVE, SUPPORTER, SUPPORTER, own) == outcome
    assert get_outcome(EndReason.LEAVE, SUPPORTER, SEEKER, own) == "partner_left"


def test_vanishing_is_not_leaving_however_much_was_said() -> None:
    assert get_outcome(EndReason.PARTNER_LEFT, SEEKER, SEEKER, 40) == "self_left"


def test_when_nobody_spoke_both_were_idle() -> None:
    assert {get_outcome(EndReason.IDLE, None, role, 0) for role in Role} == {Outcome.IDLE_TIMEOUT}


def test_every_end_for_every_side_has_an_outcome_that_is_paid_and_explained() -> None:
    for reason, caused_by, role, own in itertools.product(EndReason, (*Role, None), Role, (0, 8)):
        outcome = get_outcome(reason, caused_by, role, own)
        assert PAY[outcome] in PAY_RULES
        assert TEXTS[outcome]


def test_every_terminal_ticket_has_an_outcome_or_leaves_it_to_its_conversation() -> None:
    assert set(TICKET_OUTCOMES) == TICKET_TERMINAL
    assert [state for state, outcome in TICKET_OUTCOMES.items() if outcome is None] == [TicketState.CONSUMED]


def test_every_outcome_is_paid_by_the_same_rule_here_and_in_the_study_file() -> None:
    assert {outcome.value: PAY[outcome].value for outcome in Outcome} == dict(OUTCOME_PAY)
    assert set(TEXTS) == set(Outcome)


PAGE = (Path(__file__).resolve().parents[2] / "docs/conversations.md").read_text("utf-8")


def get_rows(head: str) -> list[list[str]]:
    """The cells of the table of the page that begins with this line."""
    table = PAGE.split(head, 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("| ").split("|")] for line in table.splitlines()[2:]]


def test_the_page_says_what_every_end_gives_to_both_sides() -> None:
    found: dict[str, tuple[str, str]] = {}
    for ends, own, other in get_rows("| end | the side that caused it | the other side |"):
        given = (re.findall(r"\w+", own)[0], (re.findall(r"\w+", other) or ["–"])[0])
        if ends.startswith("ticket "):
            found |= {f"ticket {end}": given for end in ends.removeprefix("ticket ").split(", ")}
        else:
            found |= dict.fromkeys(re.findall(r"`(\w+)`", ends), given)
    tickets = {f"ticket {state}": (outcome, "–") for state, outcome in TICKET_OUTCOMES.items() if outcome}
    assert found == {**TABLE, **tickets}


def test_the_page_says_how_every_outcome_is_paid() -> None:
    rows = get_rows("| outcome | pay rule |")
    assert {outcome: rule for outcomes, rule in rows for outcome in outcomes.split(", ")} == dict(PAY)
