"""A dossier in the shape that the page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from escollect.conversations.reading import Line, Sheet
from escollect.quality.dossier import Dossier, RuleFound, RuleWords
from escollect.quality.findings import FindingShown
from escollect.quality.models import Flag
from escollect.quality.queue import ASKED
from escollect.web.desk import words
from escollect.web.desk.marking import Piece, Span, collect_pointed, collect_spans, cut, get_seqs

RuleShown = tuple[RuleFound, str, str, list[tuple[int, int]]]
POINTERS = 6
COPIES = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: `scale` is out of five; `corrected` is what a reviewer set instead."""

    label: str
    value: str
    scale: bool
    corrected: int | None


@dataclass(frozen=True, slots=True)
class SheetShown:
    """A survey with its answers in the order in which they were asked."""

    kind: str
    role: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class LineShown:
    """An event with its number among the utterances, its stars, the flags that point at it, and its text
    in pieces.
    """

    line: Line
    number: int | None
    stars: range
    empty_stars: range
    flags: tuple[str, ...]
    pieces: list[Piece]
    notice: str

    @property
    def masked(self) -> bool:
        """Whether a part of it is not published."""
        return any(piece.hidden for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Sign:
    """A flag, with the finding behind it where there is one.

    `pointers` are utterances as seq and number, `answers` the survey answers it rests on, `copies` at most
    three earlier conversations with the seq there. `asks`: a person asks for a decision, so only a decision
    closes it.
    """

    flag: Flag | None
    finding: FindingShown | None
    measured: str
    asked: str
    pointers: list[tuple[int, int]]
    answers: list[str]
    copies: list[tuple[str, int | None]]
    asks: bool


def describe(dossier: Dossier, see_flags: bool = True) -> dict[str, object]:
    """What the page needs beside the dossier itself; without `see_flags` nothing that findings tell."""
    flags, findings = (dossier.flags, dossier.findings) if see_flags else ([], [])
    pointed = collect_pointed(flags, findings)
    lines = show_lines(dossier.lines, pointed, collect_spans(findings, dossier.masks))
    numbers = {shown.line.seq: shown.number for shown in lines if shown.number}
    return {
        "lines": lines,
        "sheets": [_sheet(sheet, dossier.corrections) for sheet in dossier.sheets],
        "answered": {f"{sheet.kind}_{sheet.role}" for sheet in dossier.sheets},
        "judgements": [
            (judgement, [_rule(rule, numbers) for rule in judgement.rules])
            for judgement in dossier.judgements
        ],
        "signs": _signs(flags, findings, numbers),
        "timed": any(line.kind == "msg" and line.at for line in dossier.lines),
    }


def _signs(flags: Sequence[Flag], findings: Sequence[FindingShown], numbers: Mapping[int, int]) -> list[Sign]:
    """The flags with the findings behind them, then findings that raised none."""
    by_rule = {finding.rule: finding for finding in findings}
    raised = [_sign(flag, by_rule.get(flag.kind), numbers) for flag in flags]
    kinds = {flag.kind for flag in flags}
    return raised + [_sign(None, one, numbers) for one in findings if one.rule not in kinds]


def _sign(flag: Flag | None, finding: FindingShown | None, numbers: Mapping[int, int]) -> Sign:
    evidence = finding.evidence if finding else flag.evidence if flag else ()
    entries = [one for one in evidence if isinstance(one, Mapping)]
    copies = {one["conversation"]: one.get("other_seq") for one in entries if "conversation" in one}
    return Sign(
        flag=flag,
        finding=finding,
        measured=show_number(finding.value) if finding else "",
        asked=_compare(finding.comparison, finding.threshold) if finding else "",
        pointers=[(seq, numbers[seq]) for seq in dict.fromkeys(get_seqs(evidence)) if seq in numbers],
        answers=[words.say(words.QUESTIONS, str(one["field"])) for one in entries if one.get("field")],
        copies=list(copies.items())[:COPIES],
        asks=flag is not None and flag.kind in ASKED,
    )


def _rule(rule: RuleFound, numbers: Mapping[int, int]) -> RuleShown:
    """A rule with its value, what is asked, and where to look: at most six utterances."""
    pointers = [(seq, numbers[seq]) for seq in rule.evidence if seq in numbers]
    return rule, show_value(rule), show_asked(rule.words), pointers[:POINTERS]


def show_lines(
    lines: list[Line],
    pointed: Mapping[int, list[str]] | None = None,
    spans: Mapping[int, list[Span]] | None = None,
) -> list[LineShown]:
    """Events as the page shows them; `pointed` has the flags by sequence number, `spans` what is marked."""
    shown, number = [], 0
    pointed, spans = pointed or {}, spans or {}
    for line in lines:
        utterance = line.kind == "msg"
        number += utterance
        stars = line.value or 0
        shown.append(
            LineShown(
                line=line,
                number=number if utterance else None,
                stars=range(stars),
                empty_stars=range(5 - stars),
                flags=tuple(pointed.get(line.seq, ())),
                pieces=cut(line.text, spans.get(line.seq, ())) if utterance else [],
                notice=_notice(line),
            )
        )
    return shown


def _notice(line: Line) -> str:
    if line.kind == "notice":
        return words.say(words.NOTICES, line.code)
    if line.kind == "state":
        return words.say(words.ROOM, line.code)
    return line.text


def _sheet(sheet: Sheet, corrections: Mapping[str, int]) -> SheetShown:
    answers = tuple(
        Answer(
            label=words.say(words.QUESTIONS, key),
            value=str(sheet.answers[key]),
            scale=key in words.SCALES,
            corrected=corrections.get(key),
        )
        for key in (*(key for key in words.QUESTIONS if key in sheet.answers), *_extra(sheet))
    )
    return SheetShown(sheet.kind, sheet.role, answers)


def _extra(sheet: Sheet) -> list[str]:
    return sorted(key for key in sheet.answers if key not in words.QUESTIONS)


def show_value(rule: RuleFound) -> str:
    """A measured value: a number without needless zeros, yes or no, or a dash for nothing."""
    if rule.value is None:
        return "–"
    if isinstance(rule.value, bool):
        return str(words.YES if rule.value else words.NO)
    return show_number(rule.value)


def show_asked(rule: RuleWords) -> str:
    """What the policy asks: a comparison in signs, or yes."""
    if rule.threshold is None:
        return str(words.YES)
    return _compare(rule.comparison, rule.threshold)


def _compare(comparison: str | None, threshold: float) -> str:
    return f"{words.SIGNS.get(comparison or '', '')} {show_number(threshold)}".strip()


def show_number(value: float) -> str:
    """At most two decimals, none where the number is whole."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
