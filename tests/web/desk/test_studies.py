from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from escollect.audit.models import AuditRow
from escollect.studies.models import Study, StudyVersion
from tests.web.desk.conftest import Login

TEXT = (Path(settings.FIXTURES_DIR) / "studies" / "esconv.yaml").read_text("utf-8")


@pytest.fixture
def researcher(login: Login) -> Client:
    return login("researcher")


def test_a_study_is_opened_by_pasting_its_file(researcher: Client) -> None:
    typed = TEXT.replace("\n", "\r\n")
    answer = researcher.post("/desk/studies/open/", {"text": typed}, follow=True)
    study = Study.objects.get()
    assert answer.redirect_chain == [(f"/desk/studies/{study.slug}/", 302)]
    assert f"The study {study.slug} is open with version 1." in answer.content.decode()
    version = study.versions.get()
    assert (study.state, version.source, version.created_by and version.created_by.username) == (
        "open",
        TEXT,
        "researcher",
    )


def test_a_study_is_opened_by_uploading_its_file(researcher: Client) -> None:
    upload = SimpleUploadedFile("study.yaml", TEXT.encode(), "text/yaml")
    researcher.post("/desk/studies/open/", {"file": upload, "text": "left over"})
    assert StudyVersion.objects.get().source == TEXT


def test_a_wrong_file_is_explained_by_line_key_and_remedy_and_kept(researcher: Client) -> None:
    wrong = TEXT.replace("licence:", "licences:")
    answer = researcher.post("/desk/studies/open/", {"text": wrong})
    text = answer.content.decode()
    line = (
        wrong.splitlines().index(next(row for row in wrong.splitlines() if row.startswith("licences:"))) + 1
    )
    problems = [(problem.line, problem.key) for problem in answer.context["problems"]]
    assert answer.status_code == 422
    assert (line, "licences") in problems
    assert all(problem.remedy for problem in answer.context["problems"])
    assert '<th class="mono" scope="row">licences</th>' in text
    assert answer.context["form"]["text"].value().replace("\r\n", "\n") == wrong
    assert not Study.objects.exists()


BAD: list[tuple[dict[str, object], str]] = [
    ({}, "Choose a file or paste its text."),
    ({"text": "   "}, "Choose a file or paste its text."),
    ({"text": "- just\n- a list"}, "The study was not opened"),
    ({"text": "a: [unclosed"}, "The study was not opened"),
    ({"file": SimpleUploadedFile("s.yaml", b"\xff\xfe\x00bad")}, "not UTF-8"),
    ({"file": SimpleUploadedFile("s.yaml", b"a" * 400_001)}, "too large"),
    ({"text": TEXT.replace("deciding: esconv-2021", "deciding: unheard-of")}, "The study was not opened"),
]


@pytest.mark.parametrize(("data", "words"), BAD)
def test_bad_input_opens_nothing_and_says_why(
    data: dict[str, object], words: str, researcher: Client
) -> None:
    answer = researcher.post("/desk/studies/open/", data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Study.objects.exists()


def test_a_changed_file_makes_the_next_version_and_the_old_one_stays(
    study: Study, researcher: Client
) -> None:
    source = researcher.get(f"/desk/studies/open/?from={study.slug}").context["form"]["text"].value()
    changed = source.replace("title:", "title: Changed –", 1)
    researcher.post("/desk/studies/open/", {"text": changed})
    study.refresh_from_db()
    assert study.title.startswith("Changed –")
    assert [version.number for version in study.versions.all()] == [2, 1]
    old = researcher.get(f"/desk/studies/{study.slug}/versions/1/")
    assert old.context["version"].source == source


def test_a_study_is_paused_opened_and_closed_with_a_reason(study: Study, researcher: Client) -> None:
    address = f"/desk/studies/{study.slug}/state/"
    states = []
    for state in ("paused", "open", "closed"):
        researcher.post(address, {"state": state, "reason": f"Now {state}."})
        study.refresh_from_db()
        states.append(study.state)
    assert states == ["paused", "open", "closed"]
    rows = AuditRow.objects.filter(action="study.state", actor="staff:researcher").order_by("pk")
    assert [row.why for row in rows] == ["Now paused.", "Now open.", "Now closed."]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"state": "paused", "reason": ""}, "Give a reason."),
        ({"state": "open", "reason": "Again."}, "cannot become open"),
        ({"state": "melted", "reason": "Why not."}, "Nothing was changed."),
    ],
)
def test_what_cannot_be_done_to_a_study_is_said(
    data: dict[str, str], words: str, study: Study, researcher: Client
) -> None:
    answer = researcher.post(f"/desk/studies/{study.slug}/state/", data, follow=True)
    assert words in answer.content.decode()
    study.refresh_from_db()
    assert study.state == "open"
