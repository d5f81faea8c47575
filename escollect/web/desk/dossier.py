"""A dossier in the shape that the page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from escollect.conversations.reading import Line, Sheet
from escollect.quality.dossier import Dossier, RuleFound, RuleWords
from escollect.web.desk import words

RuleShown = tuple[RuleFound, str, str, list[tuple[int, int]]]
POINTERS = 6


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
    """An event with its number among the utterances, its stars, and the flags that point at it."""

    line: Line
    number: int | None
    stars: range
    empty_stars: range
    flags: tuple[str, ...]
    notice: str


def describe(dossier: Dossier) -> dict[str, object]:
    """What the page needs beside the dossier itself."""
    pointed: dict[int, list[str]] = {}
    for flag in dossier.flags:
        if flag.closed_at is None:
            for seq in _numbers(flag.evidence):
                pointed.setdefault(seq, []).append(flag.kind)
    lines = show_lines(dossier.lines, pointed)
    numbers = {shown.line.seq: shown.number for shown in lines if shown.number}
    return {
        "lines": lines,
        "sheets": [_sheet(sheet, dossier.corrections) for sheet in dossier.sheets],
        "answered": {f"{sheet.kind}_{sheet.role}" for sheet in dossier.sheets},
        "judgements": [
            (judgement, [_rule(rule, numbers) for rule in judgement.rules])
            for judgement in dossier.judgements
        ],
    }


def _rule(rule: RuleFound, numbers: Mapping[int, int]) -> RuleShown:
    """A rule with its value, what is asked, and where to look: at most six utterances."""
    pointers = [(seq, numbers[seq]) for seq in rule.evidence if seq in numbers]
    return rule, show_value(rule), show_asked(rule.words), pointers[:POINTERS]


def _numbers(evidence: Any) -> list[int]:
    """The sequence numbers in a flag's evidence, whether bare or with offsets."""
    found = []
    for entry in evidence if isinstance(evidence, list) else []:
        seq = entry.get("seq") if isinstance(entry, Mapping) else entry
        if isinstance(seq, int):
            found.append(seq)
    return found


def show_lines(lines: list[Line], pointed: Mapping[int, list[str]]) -> list[LineShown]:
    """Events as the page shows them; `pointed` has the flags by sequence number."""
    shown, number = [], 0
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
    sign = words.SIGNS.get(rule.comparison or "", "")
    return f"{sign} {show_number(rule.threshold)}".strip()


def show_number(value: float) -> str:
    """At most two decimals, none where the number is whole."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
