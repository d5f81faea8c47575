"""What a policy points out beside deciding: findings raise flags for a person and never decide alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from escollect.domain.quality.rules import FINDINGS
from escollect.domain.quality.rules.base import Finding, Span, show
from escollect.domain.quality.uses import RuleUse, Threshold
from escollect.domain.transcript import Transcript

_FROM = {"minimum": "from {} on", "above": "above {}", "maximum": "up to {}", "below": "below {}"}


@dataclass(frozen=True, slots=True)
class FindingUse:
    """A finding as a policy uses it: with its threshold, options and severity."""

    finding: Finding
    use: RuleUse
    threshold: Threshold
    severity: str

    @property
    def name(self) -> str:
        return self.use.name

    def say_threshold(self) -> str:
        """From where on it is pointed out."""
        unit = " %" if self.use.rule.unit == "%" else ""
        from_where = _FROM[self.threshold.comparison].format(show(self.threshold.number) + unit)
        return f"It is pointed out {from_where}."


@dataclass(frozen=True, slots=True)
class Found:
    """What one finding saw in a conversation, where it struck."""

    use: FindingUse
    value: float
    why: str
    evidence: tuple[Span, ...]

    @property
    def seqs(self) -> list[int]:
        """The numbers of the utterances it rests on."""
        return sorted({span.seq for span in self.evidence if span.seq is not None})


def get_default(finding: Finding) -> FindingUse:
    """The finding as it is used where a policy says nothing of it."""
    threshold = Threshold(finding.comparison, finding.number)
    use = RuleUse(finding.rule.name, finding.rule, finding.options, threshold)
    return FindingUse(finding, use, threshold, finding.severity)


DEFAULTS: tuple[FindingUse, ...] = tuple(get_default(finding) for finding in FINDINGS.values())


def find(uses: Iterable[FindingUse], transcript: Transcript) -> list[Found]:
    """What these findings have to point out in the transcript. What cannot be measured strikes nobody."""
    found = []
    for use in uses:
        measured = use.use.rule.measure(transcript, use.use.options)
        if measured.value is None or not use.threshold.holds(measured.value):
            continue
        words = use.use.rule.say(measured.value, use.use.options)
        found.append(
            Found(use, round(float(measured.value), 4), f"{words} {use.say_threshold()}", measured.spans)
        )
    return found
