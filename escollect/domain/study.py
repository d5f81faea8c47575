"""What a study asks of people and of their conversations: the settings of one study version.

The settings are frozen and hold plain values only, so that a version can be stored as JSON and read
back unchanged. `escollect.domain.study_file` reads them from a study file and says what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from escollect.domain.lifecycle import Timers
from escollect.domain.outcomes import PAY, PayRule
from escollect.domain.surveys import EXPERIENCE_TYPES

EXPERIENCES = EXPERIENCE_TYPES
PAPER_EMOTIONS = ("anxiety", "depression", "sadness", "anger", "fear", "shame", "disgust")
EMOTIONS = (*PAPER_EMOTIONS, "nervousness", "pain", "jealousy", "guilt")
PAPER_PROBLEMS = (
    "ongoing depression",
    "job crisis",
    "breakup with partner",
    "problems with friends",
    "academic pressure",
)
PROBLEMS = (
    *PAPER_PROBLEMS,
    "Sleep Problems",
    "Procrastination",
    "Alcohol Abuse",
    "Appearance Anxiety",
    "conflict with parents",
    "Issues with Children",
    "Issues with Parents",
    "School Bullying",
)

CONSENT_REQUIRED = ("adult", "take_part", "recorded")
CONSENT_OPTIONAL = ("release_public", "recontact")
CONSENT_ITEMS = CONSENT_REQUIRED + CONSENT_OPTIONAL

OUTCOME_PAY: Mapping[str, str] = {outcome.value: rule.value for outcome, rule in PAY.items()}
"""Every outcome with the pay rule it has unless the study says otherwise."""

PAY_RULES = tuple(rule.value for rule in PayRule)

REFRESHER_CHANGED = "changed"
REFRESHERS = ("none", REFRESHER_CHANGED)
"""Whether a changed tutorial asks qualified supporters for another examination."""

BEFORE_FIELDS = (
    "experience_type",
    "emotion_type",
    "problem_type",
    "initial_emotion_intensity",
    "situation",
)
AFTER_SEEKER_FIELDS = ("final_emotion_intensity", "empathy", "relevance", "question1", "question2")
AFTER_SUPPORTER_FIELDS = ("relevance", "question1", "question2")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A closed list: `accepted` may occur in the corpus, `offered` is what the survey shows."""

    accepted: tuple[str, ...]
    offered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabularies:
    """The closed lists of the pre-chat survey."""

    experience: Vocabulary = Vocabulary(EXPERIENCES, EXPERIENCES)
    emotion: Vocabulary = Vocabulary(EMOTIONS, PAPER_EMOTIONS)
    problem: Vocabulary = Vocabulary(PROBLEMS, PAPER_PROBLEMS)


@dataclass(frozen=True, slots=True)
class ConsentText:
    """The consent page: the text in paragraphs, and the study's own words for items that differ."""

    text: str
    items: Mapping[str, str] = field(default_factory=dict)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The text's paragraphs: what blank lines part, with the line breaks of the file taken out."""
        parts = (" ".join(part.split()) for part in self.text.split("\n\n"))
        return tuple(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class ExtraQuestion:
    """A survey question of the study's own; `kind` is text, scale (1 to 5) or choice."""

    key: str
    text: str
    kind: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    low: str = ""
    high: str = ""


@dataclass(frozen=True, slots=True)
class SurveyText:
    """One survey: own words for the fixed questions, and questions of the study's own."""

    texts: Mapping[str, str] = field(default_factory=dict)
    extra: tuple[ExtraQuestion, ...] = ()


@dataclass(frozen=True, slots=True)
class Surveys:
    """The three surveys: before the conversation (seeker), and after it (both)."""

    before: SurveyText = field(default_factory=SurveyText)
    after_seeker: SurveyText = field(default_factory=SurveyText)
    after_supporter: SurveyText = field(default_factory=SurveyText)


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast and how much: rates are per second; `text` counts code points of an utterance."""

    utterance_rate: float = 1.0
    utterance_burst: int = 5
    frame_rate: float = 10.0
    frame_burst: int = 30
    utterances: int = 300
    text: int = 2000


@dataclass(frozen=True, slots=True)
class PolicyChoice:
    """The one deciding policy, and the selecting ones (quality policies by name)."""

    deciding: str = "esconv-2021"
    selecting: tuple[str, ...] = ("failed-esconv-2024",)


@dataclass(frozen=True, slots=True)
class Targets:
    """How many accepted conversations are wanted: in all (0: no limit), by problem and by emotion."""

    conversations: int = 0
    problem: Mapping[str, int] = field(default_factory=dict)
    emotion: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrainingGate:
    """Whether supporters must qualify, and how; None stands for the tutorial's own, or for no limit.

    Pass marks are shares of 1. `attempts` counts examinations, `module_attempts` those at one module;
    `cool_down` is in hours between two examinations, `time_floor_s` in seconds between opening a module
    and its first answer that counts. `practice` asks for a whole practice chat after the examination;
    without it the paper alone qualifies. `refresher` is none or changed: whether a changed tutorial asks
    for another examination.
    """

    required: bool = True
    language: str | None = None
    module_pass: float | None = None
    exam_pass: float | None = None
    attempts: int | None = None
    module_attempts: int | None = None
    cool_down: float = 0.0
    expires_days: int | None = None
    time_floor_s: int = 0
    practice: bool = False
    refresher: str = "none"


@dataclass(frozen=True, slots=True)
class Hotline:
    """Somebody who listens: whom, how to reach them, and where or when they are there."""

    name: str
    contact: str
    where: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Resources:
    """Help lines shown on every page, and the harmless page that the quick exit opens."""

    hotlines: tuple[Hotline, ...] = ()
    note: str = ""
    exit_url: str = "https://www.wikipedia.org/"


@dataclass(frozen=True, slots=True)
class StudySettings:
    """All of one study version. Timers are in seconds; pay and codes are by outcome."""

    slug: str
    title: str
    licence: str
    consent: ConsentText
    summary: str = ""
    language: str = "en"
    contact: str = ""
    open_entry: bool = True
    vocabularies: Vocabularies = field(default_factory=Vocabularies)
    surveys: Surveys = field(default_factory=Surveys)
    timers: Timers = field(default_factory=Timers)
    limits: Limits = field(default_factory=Limits)
    minimum_utterances: int = 16
    seeker_conversations: int = 1
    policy: PolicyChoice = field(default_factory=PolicyChoice)
    targets: Targets = field(default_factory=Targets)
    training: TrainingGate = field(default_factory=TrainingGate)
    resources: Resources = field(default_factory=Resources)
    pay: Mapping[str, str] = field(default_factory=lambda: dict(OUTCOME_PAY))
    completion_codes: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The settings as JSON values; `from_json` gives back an equal object."""
        return {key: _plain(value) for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: object) -> StudySettings:
        """Read settings that `to_json` wrote.

        Keys that this version of the code does not know are left out, missing ones take their
        defaults: stored versions outlive the code. Raises TypeError when a required key is missing.
        """
        settings: StudySettings = _build(cls, data)
        return settings


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def _build(kind: Any, data: Any) -> Any:
    """Make a value of the annotated type `kind` from JSON values."""
    origin = get_origin(kind)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        known = {entry.name for entry in fields(kind)} & set(data)
        return kind(**{name: _build(hints[name], data[name]) for name in known})
    if origin is tuple:
        return tuple(_build(get_args(kind)[0], item) for item in data)
    if origin in {Mapping, dict}:
        return dict(data)
    if origin in {UnionType, Union} and data is None:
        return None
    return float(data) if kind is float else data
