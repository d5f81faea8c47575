"""Reads a study file (YAML) into settings, or says everything that is wrong with it.

The format is described in docs/studies.md; every problem names the line, the key, what is wrong there
and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

from escollect.domain.lifecycle import Timers, timer_problems
from escollect.domain.study import (
    AFTER_SEEKER_FIELDS,
    AFTER_SUPPORTER_FIELDS,
    BEFORE_FIELDS,
    CONSENT_ITEMS,
    EMOTIONS,
    EXPERIENCES,
    OUTCOME_PAY,
    PAPER_EMOTIONS,
    PAPER_PROBLEMS,
    PAY_RULES,
    PROBLEMS,
    REFRESHERS,
    ConsentText,
    ExtraQuestion,
    Hotline,
    Limits,
    PolicyChoice,
    Resources,
    StudySettings,
    Surveys,
    SurveyText,
    Targets,
    TrainingGate,
    Vocabularies,
    Vocabulary,
)
from escollect.domain.yamlfile import Problem, Section, read_yaml

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
EXTRA_KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")
WEB = re.compile(r"https?://[^\s<>\"']+")
CODE = re.compile(r"[A-Za-z0-9-]{4,40}")
LANGUAGE = re.compile(r"[a-z]{2,3}")
LONGEST_TIMER = 7 * 24 * 3600


class StudyInvalid(ValueError):
    """A study file that cannot be opened; `problems` in the order of their lines."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def parse_study(text: str) -> StudySettings:
    """Read a study file. Raises StudyInvalid with every problem found."""
    top, problems = read_yaml(text)
    if problems:
        raise StudyInvalid(problems)
    settings = _settings(top)
    if problems:
        raise StudyInvalid(problems)
    return settings


def _settings(top: Section) -> StudySettings:
    slug = _matching(top, "slug", SLUG, "small letters, digits and single hyphens", limit=60)
    vocabularies = _vocabularies(top.section("vocabularies"))
    settings = StudySettings(
        slug=slug,
        title=top.text("title", limit=200),
        licence=top.text("licence", limit=60),
        summary=top.text("summary", "", limit=2000),
        language=_matching(top, "language", LANGUAGE, "a code like en", "en", limit=3),
        contact=top.text("contact", "", limit=200),
        open_entry=top.flag("open_entry", True),
        consent=_consent(top.section("consent")),
        vocabularies=vocabularies,
        surveys=_surveys(top.section("surveys")),
        timers=_timers(top.section("timers")),
        limits=_limits(top.section("limits")),
        minimum_utterances=top.number("minimum_utterances", 16, 2, 300, whole=True),
        seeker_conversations=top.number("seeker_conversations", 1, 1, 100, whole=True),
        policy=_policy(top.section("policy")),
        targets=_targets(top.section("targets"), vocabularies),
        training=_training(top.section("training")),
        resources=_resources(top.section("resources")),
        pay=_pay(top.section("pay")),
        completion_codes=_codes(top.section("completion_codes")),
    )
    if settings.minimum_utterances > settings.limits.utterances:
        line = top.node.value["minimum_utterances"].line if "minimum_utterances" in top.node.value else 1
        top.complain(
            "minimum_utterances",
            line,
            f"{settings.minimum_utterances} utterances do not fit into {settings.limits.utterances}.",
            "Raise limits.utterances or lower this.",
        )
    top.finish()
    return settings


def _matching(
    section: Section, key: str, pattern: re.Pattern[str], wanted: str, default: Any = None, *, limit: int
) -> str:
    given = {} if default is None else {"default": default}
    text: str = section.text(key, **given, limit=limit)
    if text and not pattern.fullmatch(text):
        section.complain(key, section.node.value[key].line, f"“{text}” cannot be used.", f"Write {wanted}.")
    return text


def _own_words(section: Section, known: Collection[str]) -> Mapping[str, str]:
    found = {key: section.text(key, "", limit=2000) for key in known}
    section.finish()
    return {key: text for key, text in found.items() if text}


def _consent(section: Section) -> ConsentText:
    consent = ConsentText(
        text=section.text("text"), items=_own_words(section.section("items"), CONSENT_ITEMS)
    )
    section.finish()
    return consent


def _vocabularies(section: Section) -> Vocabularies:
    found = Vocabularies(
        experience=_vocabulary(section.section("experience"), EXPERIENCES, EXPERIENCES),
        emotion=_vocabulary(section.section("emotion"), EMOTIONS, PAPER_EMOTIONS),
        problem=_vocabulary(section.section("problem"), PROBLEMS, PAPER_PROBLEMS),
    )
    section.finish()
    return found


def _vocabulary(section: Section, known: tuple[str, ...], usual: tuple[str, ...]) -> Vocabulary:
    """Accepted words default to the corpus's, offered ones to the paper's, or to those accepted."""
    own = section.texts("accepted", None)
    accepted = known if own is None else own
    offered = section.texts("offered", usual if own is None else accepted)
    for word in offered:
        if word not in accepted:
            section.complain(
                "offered",
                section.node.value["offered"].line,
                f"“{word}” is offered but not accepted.",
                "Add it to “accepted”, in the same spelling, or remove it here.",
            )
    section.finish()
    return Vocabulary(accepted, offered)


def _surveys(section: Section) -> Surveys:
    surveys = Surveys(
        before=_survey(section.section("before"), BEFORE_FIELDS),
        after_seeker=_survey(section.section("after_seeker"), AFTER_SEEKER_FIELDS),
        after_supporter=_survey(section.section("after_supporter"), AFTER_SUPPORTER_FIELDS),
    )
    section.finish()
    return surveys


def _survey(section: Section, fixed: tuple[str, ...]) -> SurveyText:
    texts = _own_words(section.section("texts"), fixed)
    taken: set[str] = {*BEFORE_FIELDS, *AFTER_SEEKER_FIELDS, "csrfmiddlewaretoken", "dialog"}
    extra = []
    for entry in section.sections("extra"):
        question = _extra(entry)
        if question.key in taken:
            entry.complain(
                "key", entry.node.line, f"“{question.key}” is taken.", "Choose a name of your own."
            )
        taken.add(question.key)
        extra.append(question)
    section.finish()
    return SurveyText(texts, tuple(extra))


def _extra(entry: Section) -> ExtraQuestion:
    kind = entry.one_of("kind", ("text", "scale", "choice"), "text")
    question = ExtraQuestion(
        key=_matching(entry, "key", EXTRA_KEY, "small letters, digits and underscores", limit=40),
        text=entry.text("text", limit=2000),
        kind=kind,
        required=entry.flag("required", False),
        choices=entry.texts("choices") if kind == "choice" else (),
        low=entry.text("low", "", limit=100),
        high=entry.text("high", "", limit=100),
    )
    entry.finish()
    return question


def _timers(section: Section) -> Timers:
    defaults = Timers()
    values = {
        timer.name: section.number(timer.name, getattr(defaults, timer.name), 1, LONGEST_TIMER, whole=True)
        for timer in fields(Timers)
    }
    timers = Timers(**values)
    for sentence in timer_problems(timers):
        key, _, what = sentence.partition(": ")
        line = section.node.value[key].line if key in section.node.value else section.node.line
        section.complain(key, line, f"{what[0].upper()}{what[1:]}.", "All timers are in seconds.")
    section.finish()
    return timers


def _limits(section: Section) -> Limits:
    usual = Limits()
    limits = Limits(
        utterance_rate=float(section.number("utterance_rate", usual.utterance_rate, 0.1, 10_000)),
        utterance_burst=section.number("utterance_burst", usual.utterance_burst, 1, 100_000, whole=True),
        frame_rate=float(section.number("frame_rate", usual.frame_rate, 1, 10_000)),
        frame_burst=section.number("frame_burst", usual.frame_burst, 1, 100_000, whole=True),
        utterances=section.number("utterances", usual.utterances, 2, 100_000, whole=True),
        text=section.number("text", usual.text, 1, 2000, whole=True),
    )
    section.finish()
    return limits


def _policy(section: Section) -> PolicyChoice:
    usual = PolicyChoice()
    policy = PolicyChoice(
        deciding=section.text("deciding", usual.deciding, limit=80),
        selecting=section.texts("selecting", usual.selecting),
    )
    section.finish()
    return policy


def _targets(section: Section, vocabularies: Vocabularies) -> Targets:
    targets = Targets(
        conversations=section.number("conversations", 0, 0, 1_000_000, whole=True),
        problem=_counts(section.section("problem"), vocabularies.problem.accepted),
        emotion=_counts(section.section("emotion"), vocabularies.emotion.accepted),
    )
    section.finish()
    return targets


def _counts(section: Section, known: Collection[str]) -> Mapping[str, int]:
    found = {key: section.number(key, None, 0, 1_000_000, whole=True) for key in known}
    section.finish()
    return {key: count for key, count in found.items() if count is not None}


def _training(section: Section) -> TrainingGate:
    gate = TrainingGate(
        required=section.flag("required", True),
        language=_matching(section, "language", LANGUAGE, "a code like en", "", limit=3) or None,
        module_pass=section.number("module_pass", None, 0, 1),
        exam_pass=section.number("exam_pass", None, 0, 1),
        attempts=_count(section, "attempts", 100),
        module_attempts=_count(section, "module_attempts", 100),
        cool_down=float(section.number("cool_down", 0, 0, 24 * 365)),
        expires_days=_count(section, "expires_days", 3650),
        time_floor_s=section.number("time_floor_s", 0, 0, 3600, whole=True),
        practice=section.flag("practice", False),
        refresher=section.one_of("refresher", REFRESHERS, "none"),
    )
    section.finish()
    return gate


def _count(section: Section, key: str, most: int) -> int | None:
    """A whole number from 1; null, like leaving the key out, means without a limit."""
    node = section.node.value.get(key)
    if node is not None and node.value is None:
        section.asked.add(key)
        return None
    count: int | None = section.number(key, None, 1, most, whole=True)
    return count


def _resources(section: Section) -> Resources:
    hotlines = tuple(_hotline(entry) for entry in section.sections("hotlines"))
    if not hotlines:
        line = section.node.value["hotlines"].line if "hotlines" in section.node.value else section.node.line
        section.complain(
            "hotlines",
            line,
            "No help line is named.",
            "Add at least one, with name and contact: people in distress will read these pages.",
        )
    resources = Resources(
        hotlines=hotlines,
        note=section.text("note", "", limit=2000),
        exit_url=_matching(
            section, "exit_url", WEB, "a web address with https://", Resources().exit_url, limit=300
        ),
    )
    section.finish()
    return resources


def _hotline(entry: Section) -> Hotline:
    hotline = Hotline(
        name=entry.text("name", limit=120),
        contact=entry.text("contact", limit=120),
        where=entry.text("where", "", limit=200),
        url=_matching(entry, "url", WEB, "a web address with https://", "", limit=300),
    )
    entry.finish()
    return hotline


def _pay(section: Section) -> Mapping[str, str]:
    pay = {outcome: section.one_of(outcome, PAY_RULES, usual) for outcome, usual in OUTCOME_PAY.items()}
    section.finish()
    return pay


def _codes(section: Section) -> Mapping[str, str]:
    """The study's own completion codes; an outcome without one gets a random code for each person."""
    codes = {
        outcome: _matching(section, outcome, CODE, "4 to 40 letters, digits or hyphens", "", limit=40)
        for outcome in OUTCOME_PAY
    }
    section.finish()
    return {outcome: code for outcome, code in codes.items() if code}
