"""What changes policies, verdicts, flags and reviews. Nothing else writes their tables."""

from escollect.quality.actions.appealing import appeal
from escollect.quality.actions.asking import ask_second_opinion, take_question_back
from escollect.quality.actions.claiming import Taken, claim, claim_next, release, renew
from escollect.quality.actions.closing import close_flag
from escollect.quality.actions.forgetting import forget_conversation
from escollect.quality.actions.jobs import owe_verdicts, sweep, work_jobs
from escollect.quality.actions.judging import judge, judge_missing, judge_study, preview
from escollect.quality.actions.masking import hide_words, show_words
from escollect.quality.actions.policies import (
    ActivationRefused,
    activate_policy,
    add_policy,
    adopt_policies,
    load_policies,
)
from escollect.quality.actions.refusing import NotReviewable
from escollect.quality.actions.reviewing import review
from escollect.quality.actions.simulating import Change, Comparison, Simulated, simulate
from escollect.quality.actions.simulation_jobs import OPEN as SIMULATION_OPEN
from escollect.quality.actions.simulation_jobs import run_simulation, start_simulation
from escollect.quality.actions.undoing import undo_review

__all__ = [
    "SIMULATION_OPEN",
    "ActivationRefused",
    "Change",
    "Comparison",
    "NotReviewable",
    "Simulated",
    "Taken",
    "activate_policy",
    "add_policy",
    "adopt_policies",
    "appeal",
    "ask_second_opinion",
    "claim",
    "claim_next",
    "close_flag",
    "forget_conversation",
    "hide_words",
    "judge",
    "judge_missing",
    "judge_study",
    "load_policies",
    "owe_verdicts",
    "preview",
    "release",
    "renew",
    "review",
    "run_simulation",
    "show_words",
    "simulate",
    "start_simulation",
    "sweep",
    "take_question_back",
    "undo_review",
    "work_jobs",
]
