"""What a study version asks, in the words of the domain: timers, limits, surveys."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from escollect.domain.events import Role
from escollect.domain.lifecycle import Timers
from escollect.domain.study import Limits, StudySettings, SurveyText
from escollect.domain.surveys import Kind, Question, Survey, Vocabulary, get_after, get_before
from escollect.people.models import Participant
from escollect.studies.models import StudyVersion

_read: dict[tuple[int, datetime], StudySettings] = {}


def get_settings(version: StudyVersion) -> StudySettings:
    """The settings of a study version, read once a process: versions never change.

    The time of creation belongs to the key because a database that is thrown away gives numbers again.
    """
    key = (version.pk, version.created_at)
    if key not in _read:
        _read[key] = version.settings
    return _read[key]


def get_version_settings(pk: int, created_at: datetime) -> StudySettings:
    """The same by the version's number and time of creation, for whoever has not read its row."""
    known = _read.get((pk, created_at))
    return get_settings(StudyVersion.objects.get(pk=pk)) if known is None else known


def get_limits(participant: Participant) -> Limits:
    """How fast a participant may write; the defaults before they agreed to a version of the study."""
    return get_settings(participant.version).limits if participant.version else Limits()


def get_timers(version: StudyVersion) -> Timers:
    """The timers of a study version, in seconds."""
    return get_settings(version).timers


def get_survey_before(version: StudyVersion) -> Survey:
    """The seeker's pre-chat survey of a study version, in the study's own words."""
    settings = get_settings(version)
    return _worded(
        get_before(_vocabulary(settings, "before", settings.surveys.before)), settings.surveys.before
    )


def get_survey_after(version: StudyVersion, role: Role) -> Survey:
    """The post-chat survey of a role, in the study's own words."""
    settings = get_settings(version)
    words = settings.surveys.after_seeker if role is Role.SEEKER else settings.surveys.after_supporter
    return _worded(get_after(role, _vocabulary(settings, f"after_{role}", words)), words)


def _vocabulary(settings: StudySettings, survey: str, words: SurveyText) -> Vocabulary:
    extra = tuple(
        Question(
            key=question.key,
            kind=Kind(question.kind),
            label=question.text,
            required=question.required,
            options=question.choices,
            low=question.low,
            high=question.high,
        )
        for question in words.extra
    )
    return Vocabulary(
        settings.vocabularies.emotion.offered, settings.vocabularies.problem.offered, {survey: extra}
    )


def _worded(survey: Survey, words: SurveyText) -> Survey:
    return tuple(
        replace(question, label=words.texts.get(question.key, question.label)) for question in survey
    )
