from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from escollect.accounts.models import User
from escollect.audit.models import AuditRow
from escollect.domain.study_file import StudyInvalid, parse_study
from escollect.studies.actions import IllegalState, open_study, set_state
from escollect.studies.models import Study, StudyVersion
from escollect.studies.selectors import access_open_study, get_open_studies, get_version
from escollect.studies.signals import version_opened

pytestmark = pytest.mark.django_db

FILE = """\
slug: small
title: A small study
licence: CC-BY-4.0
consent: {text: Please take part.}
resources: {hotlines: [{name: Line, contact: call 1}]}
policy: {deciding: esconv-2021}
"""


def audit() -> list[tuple[str, str, Any, Any]]:
    return list(AuditRow.objects.order_by("pk").values_list("action", "actor", "old", "new"))


def test_opening_a_file_makes_an_open_study_with_its_first_version() -> None:
    researcher = User.objects.create(username="rita")
    version = open_study(FILE, researcher)
    study = Study.objects.get()
    assert (study.slug, study.title, study.state, study.current) == (
        "small",
        "A small study",
        "open",
        version,
    )
    assert (version.number, version.created_by, version.source) == (1, researcher, FILE)
    assert StudyVersion.objects.get().settings == parse_study(FILE)
    assert audit() == [
        ("study.version", "staff:rita", None, {"version": 1}),
        ("study.state", "staff:rita", {"state": "draft"}, {"state": "open"}),
    ]


def test_the_same_settings_again_stay_the_same_version() -> None:
    first = open_study(FILE, None)
    again = open_study("# a comment does not count\n" + FILE, None)
    assert again == first
    assert StudyVersion.objects.count() == 1


def test_changed_settings_are_the_next_version_and_the_old_one_stays_as_it_was() -> None:
    first = open_study(FILE, None)
    second = open_study(FILE.replace("A small study", "Another title") + "minimum_utterances: 20\n", None)
    study = Study.objects.get()
    assert (second.number, study.current, study.title) == (2, second, "Another title")
    kept = get_version(study, 1)
    assert kept == first
    assert kept is not None
    assert kept.settings.minimum_utterances == 16
    assert second.settings.minimum_utterances == 20


def test_a_wrong_file_changes_nothing() -> None:
    open_study(FILE, None)
    with pytest.raises(StudyInvalid):
        open_study(FILE + "minimum_utterance: 20\n", None)
    assert StudyVersion.objects.count() == 1


@contextmanager
def refusing_versions(sentence: str) -> Iterator[None]:
    def refuse(**_kwargs: object) -> None:
        raise ValueError(sentence)

    version_opened.connect(refuse, weak=False, dispatch_uid="test")
    yield
    version_opened.disconnect(dispatch_uid="test")


def test_a_later_stage_can_refuse_a_version_and_nothing_is_left_of_it() -> None:
    with refusing_versions("No such policy."), pytest.raises(ValueError, match=r"No such policy\."):
        open_study(FILE, None)
    assert not Study.objects.exists()
    assert not AuditRow.objects.exists()


def test_a_study_is_paused_closed_and_opened_again_with_a_reason_each_time() -> None:
    study = open_study(FILE, None).study
    set_state(study, "paused", None, "holidays")
    assert study.state == "paused"
    assert access_open_study("small") is None
    assert get_open_studies() == []
    set_state(study, "closed", None, "enough")
    assert open_study(FILE, None).study.state == "open"
    assert access_open_study("small") == study
    assert [row[2:] for row in audit() if row[0] == "study.state"][1:] == [
        ({"state": "open"}, {"state": "paused"}),
        ({"state": "paused"}, {"state": "closed"}),
        ({"state": "closed"}, {"state": "open"}),
    ]


@pytest.mark.parametrize(("first", "then"), [("closed", "paused"), ("paused", "draft"), ("open", "open")])
def test_a_study_makes_only_legal_moves(first: str, then: str) -> None:
    study = open_study(FILE, None).study
    if first != "open":
        set_state(study, first, None)
    with pytest.raises(IllegalState, match="Nothing was changed"):
        set_state(study, then, None)
    assert Study.objects.get().state == first


def test_a_study_without_settings_cannot_be_opened() -> None:
    bare = Study.objects.create(slug="bare", title="Bare", licence="x")
    with pytest.raises(IllegalState, match="no settings"):
        set_state(bare, "open", None)


def run(*arguments: object) -> dict[str, Any]:
    out = io.StringIO()
    call_command("open_study", *arguments, stdout=out, stderr=io.StringIO())
    result: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return result


def test_the_command_prints_study_and_version_as_its_last_line(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(FILE, "utf-8")
    assert run(file) == {"study": "small", "version": 1}
    assert run(file) == {"study": "small", "version": 1}
    file.write_text(FILE + "minimum_utterances: 20\n", "utf-8")
    assert run(file) == {"study": "small", "version": 2}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (FILE.encode() + b"tilte: x\n", "line 7, tilte: This key is not known. Did you mean “title”?"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (None, "cannot be read"),
    ],
)
def test_the_command_says_what_is_wrong_with_a_file(
    tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    file = tmp_path / "study.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CommandError, match=sentence.replace("?", r"\?")):
        run(file)
    assert not Study.objects.exists()
