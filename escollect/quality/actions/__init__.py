"""What changes policies, verdicts, flags and reviews. Nothing else writes their tables."""

from escollect.quality.actions.forgetting import forget_conversation
from escollect.quality.actions.jobs import owe_verdicts, sweep, work_jobs
from escollect.quality.actions.judging import judge, judge_missing, judge_study, preview
from escollect.quality.actions.policies import activate_policy, add_policy, adopt_policies, load_policies
from escollect.quality.actions.reviewing import NotReviewable, review
from escollect.quality.actions.simulating import Change, Simulation, simulate

__all__ = [
    "Change",
    "NotReviewable",
    "Simulation",
    "activate_policy",
    "add_policy",
    "adopt_policies",
    "forget_conversation",
    "judge",
    "judge_missing",
    "judge_study",
    "load_policies",
    "owe_verdicts",
    "preview",
    "review",
    "simulate",
    "sweep",
    "work_jobs",
]
