from __future__ import annotations

from django.db import transaction

from escollect.accounts.models import User
from escollect.accounts.selectors import get_actor
from escollect.audit.actions import record
from escollect.domain.study import StudySettings
from escollect.domain.study_file import parse_study
from escollect.studies.models import Study, StudyVersion
from escollect.studies.signals import version_opened

S = Study.State
STATE_MOVES = {
    S.DRAFT: frozenset({S.OPEN}),
    S.OPEN: frozenset({S.PAUSED, S.CLOSED}),
    S.PAUSED: frozenset({S.OPEN, S.CLOSED}),
    S.CLOSED: frozenset({S.OPEN}),
}


class IllegalState(ValueError):
    """A study cannot go from the state it is in to the one asked for."""


@transaction.atomic
def open_study(yaml_text: str, by: User | None) -> StudyVersion:
    """Open a study from its file, or make its new settings current; returns the current version.

    Takes the text of a study file. The same settings again change nothing but the state (a paused or
    closed study opens); other settings become the next version, and who takes part already keeps the
    version they saw. Raises StudyInvalid with every problem of the file, and ValueError when a later
    stage refuses the version (an unknown policy, say).
    """
    settings = parse_study(yaml_text)
    study, _ = Study.objects.select_for_update(no_key=True).get_or_create(
        slug=settings.slug, defaults={"title": settings.title, "licence": settings.licence}
    )
    version = _get_or_make_version(study, settings, yaml_text, by)
    if study.state != S.OPEN:
        _move(study, S.OPEN, by, "opened from its file")
    return version


def _get_or_make_version(
    study: Study, settings: StudySettings, yaml_text: str, by: User | None
) -> StudyVersion:
    current = study.current
    definition = settings.to_json()
    if current is not None and current.definition == definition:
        return current
    number = 1 if current is None else current.number + 1
    version = StudyVersion.objects.create(
        study=study, number=number, definition=definition, source=yaml_text, created_by=by
    )
    study.current = version
    study.title = settings.title
    study.licence = settings.licence
    study.save(update_fields=["current", "title", "licence"])
    old = None if current is None else {"version": current.number}
    record("study.version", actor=get_actor(by), obj=study, old=old, new={"version": number})
    version_opened.send(sender=StudyVersion, version=version)
    return version


@transaction.atomic
def set_state(study: Study, state: str, by: User | None, why: str = "") -> Study:
    """Pause, close or reopen a study; conversations under way go on.

    Raises IllegalState when the study cannot go there from where it is.
    """
    locked = Study.objects.select_for_update(no_key=True).select_related(None).get(pk=study.pk)
    target = S(state)
    if target not in STATE_MOVES[S(locked.state)]:
        raise IllegalState(
            f"The study {locked.slug} is {locked.state} and cannot become {target}. Nothing was changed."
        )
    if target == S.OPEN and locked.current_id is None:
        raise IllegalState(f"The study {locked.slug} has no settings yet. Open it from its file first.")
    _move(locked, target, by, why)
    study.state = locked.state
    return study


def _move(study: Study, state: Study.State, by: User | None, why: str) -> None:
    old, study.state = study.state, state
    study.save(update_fields=["state"])
    record(
        "study.state", actor=get_actor(by), obj=study, old={"state": old}, new={"state": state.value}, why=why
    )
