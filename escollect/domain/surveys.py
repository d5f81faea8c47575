"""The pre-chat and post-chat surveys: questions as data, and the check of their answers.

Keys are those of the published corpus and of the forms; a study's extra questions get keys of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from escollect.domain.events import Refused, Role
from escollect.domain.marking import gettext_noop
from escollect.domain.text import TextError, clean

EXPERIENCE_TYPES = ("Current Experience", "Previous Experience")
TEXT_LIMIT = 2000

Answer = int | str


class Kind(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"
    SCALE = "scale"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `options` for a choice, `low` and `high` name the ends of a scale of 1 to 5."""

    key: str
    kind: Kind
    label: str
    required: bool = True
    options: tuple[str, ...] = ()
    low: str = ""
    high: str = ""
    help: str = ""


Survey = tuple[Question, ...]

MISSING = gettext_noop("Please answer this question.")
NOT_OFFERED = gettext_noop("Choose one of the answers offered.")
NOT_ON_SCALE = gettext_noop("Choose a number from 1 to 5.")
TOO_LONG = gettext_noop("Please shorten this to 2,000 characters.")
BAD_CHARACTERS = gettext_noop("This has characters that cannot be stored. Remove them and send again.")
ERRORS: Mapping[str, str] = {"text_too_long": TOO_LONG, "text_chars": BAD_CHARACTERS}

_OPEN: Survey = (
    Question(
        "question1",
        Kind.TEXT,
        gettext_noop("What did you like or dislike about the task?"),
        required=False,
    ),
    Question("question2", Kind.TEXT, gettext_noop("What could we improve?"), required=False),
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a study offers: emotions, problems, and its own extra questions per survey."""

    emotions: tuple[str, ...]
    problems: tuple[str, ...]
    extra: Mapping[str, Survey] = field(default_factory=dict)


def get_before(vocabulary: Vocabulary) -> Survey:
    """The seeker's pre-chat survey (paper, section 3.2)."""
    return (
        Question(
            "experience_type",
            Kind.CHOICE,
            gettext_noop("Is this happening now, or did it happen before?"),
            options=EXPERIENCE_TYPES,
        ),
        Question(
            "emotion_type",
            Kind.CHOICE,
            gettext_noop("Which feeling is strongest?"),
            options=vocabulary.emotions,
        ),
        Question(
            "problem_type",
            Kind.CHOICE,
            gettext_noop("What is it about?"),
            options=vocabulary.problems,
        ),
        Question(
            "initial_emotion_intensity",
            Kind.SCALE,
            gettext_noop("How strong is this feeling right now?"),
            low=gettext_noop("hardly there"),
            high=gettext_noop("very strong"),
        ),
        Question(
            "situation",
            Kind.TEXT,
            gettext_noop("What happened? A few sentences are enough."),
            help=gettext_noop("Leave out names, places and anything that tells who you are."),
        ),
        *vocabulary.extra.get("before", ()),
    )


def get_after(role: Role, vocabulary: Vocabulary) -> Survey:
    """The post-chat survey of a role (paper, section 3.4)."""
    if role is Role.SUPPORTER:
        scales: Survey = (
            Question(
                "relevance",
                Kind.SCALE,
                gettext_noop("How far did the other person go into detail about the problem?"),
                low=gettext_noop("not at all"),
                high=gettext_noop("in great detail"),
            ),
        )
    else:
        scales = (
            Question(
                "final_emotion_intensity",
                Kind.SCALE,
                gettext_noop("How strong is the feeling you came with, now?"),
                low=gettext_noop("hardly there"),
                high=gettext_noop("very strong"),
            ),
            Question(
                "empathy",
                Kind.SCALE,
                gettext_noop("How well did your supporter understand your feelings?"),
                low=gettext_noop("not at all"),
                high=gettext_noop("very well"),
            ),
            Question(
                "relevance",
                Kind.SCALE,
                gettext_noop("How well did your supporter stay with what you talked about?"),
                low=gettext_noop("not at all"),
                high=gettext_noop("very well"),
            ),
        )
    return (*scales, *_OPEN, *vocabulary.extra.get(f"after_{role}", ()))


def check_answers(survey: Sequence[Question], raw: Mapping[str, object]) -> dict[str, Answer]:
    """The answers as they are stored: scales as integers, texts cleaned and trimmed.

    Keys that the survey does not ask are dropped; an optional question left open is "" or absent.
    Raises Refused(survey_invalid) whose `fields` name every question that has to be looked at.
    """
    answers: dict[str, Answer] = {}
    problems: dict[str, str] = {}
    for question in survey:
        value = raw.get(question.key, "")
        given = value if isinstance(value, str) else str(value)
        problem = _check_one(question, given, answers)
        if problem:
            problems[question.key] = problem
    if problems:
        raise Refused("survey_invalid", fields=problems)
    return answers


def _check_one(question: Question, given: str, answers: dict[str, Answer]) -> str:
    """Store the answer in `answers`, or return what is wrong with it."""
    try:
        value = clean(given.replace("\r\n", "\n").replace("\t", " "), TEXT_LIMIT).strip()
    except TextError as error:
        return ERRORS[error.code]
    if not value:
        if question.kind is Kind.TEXT and not question.required:
            answers[question.key] = ""
        return MISSING if question.required else ""
    if question.kind is Kind.CHOICE and value not in question.options:
        return NOT_OFFERED
    if question.kind is Kind.SCALE and value not in {"1", "2", "3", "4", "5"}:
        return NOT_ON_SCALE
    answers[question.key] = int(value) if question.kind is Kind.SCALE else value
    return ""
