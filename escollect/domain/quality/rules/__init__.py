"""The rules that a policy can name; one file a rule."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from escollect.domain.quality.rules import (
    both_spoke,
    empathy,
    finished,
    improvement,
    last_feedback,
    mean_words,
    relevance,
    seeker_survey,
    utterances,
)
from escollect.domain.quality.rules.base import Rule

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
