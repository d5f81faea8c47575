"""The rules that a policy can name, and the findings that it can tune; one file each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from escollect.domain.quality.rules import (
    abuse,
    both_spoke,
    copied_between,
    copied_own,
    empathy,
    finished,
    impossible_speed,
    improvement,
    last_feedback,
    mean_words,
    one_label,
    pasted,
    personal_data,
    question_unasked,
    relevance,
    seeker_survey,
    self_harm,
    speeding,
    straight_lined,
    task_talk,
    utterances,
)
from escollect.domain.quality.rules.base import Finding, Rule

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        module.RULE.name: module.RULE
        for module in (
            finished,
            utterances,
            both_spoke,
            seeker_survey,
            empathy,
            relevance,
            improvement,
            mean_words,
            last_feedback,
        )
    }
)
"""What a policy may decide by."""

FINDINGS: Mapping[str, Finding] = MappingProxyType(
    {
        module.FINDING.rule.name: module.FINDING
        for module in (
            self_harm,
            abuse,
            personal_data,
            copied_between,
            copied_own,
            pasted,
            impossible_speed,
            speeding,
            one_label,
            question_unasked,
            straight_lined,
            task_talk,
        )
    }
)
"""What is pointed out to a person and never decides."""
