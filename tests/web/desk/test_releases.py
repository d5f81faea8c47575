from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from escollect.corpus.actions import build_release
from escollect.corpus.models import Release
from escollect.studies.models import Study
from tests.web.desk.conftest import Login
from tests.web.desk.scenes import SEEKER_SAYS, make_finished


@pytest.fixture
def researcher(login: Login, settings: Settings, tmp_path: Path) -> Client:
    settings.RELEASES_DIR = tmp_path / "releases"
    return login("researcher")


def test_the_preview_counts_what_goes_in_and_why_the_rest_does_not(study: Study, researcher: Client) -> None:
    make_finished(study)
    make_finished(study, intensity=4)
    context = researcher.get("/desk/releases/new/").context
    shown = (context["accepted"], context["negative"], context["left_out"])
    assert shown == (1, 0, [("a person has to decide first", 1)])


def test_the_form_says_which_study_it_releases(study: Study, researcher: Client) -> None:
    page = researcher.get(f"/desk/releases/new/?study={study.slug}").content.decode()
    assert f'<input type="hidden" name="study" value="{study.slug}">' in page


def test_a_release_is_made_built_and_downloaded(study: Study, researcher: Client) -> None:
    make_finished(study)
    answer = researcher.post("/desk/releases/new/", {"version": "1.0"}, follow=True)
    release = Release.objects.get()
    assert answer.redirect_chain == [(f"/desk/releases/{release.pk}/", 302)]
    assert "A worker builds this release." in answer.content.decode()
    assert researcher.get(f"/desk/releases/{release.pk}/files/ESConv.json").status_code == 404
    build_release(release.pk)
    release.refresh_from_db()
    page = researcher.get(f"/desk/releases/{release.pk}/").content.decode()
    assert release.sha256 in page
    sums = b"".join(researcher.get(f"/desk/releases/{release.pk}/files/SHA256SUMS"))
    release.refresh_from_db()
    for file in release.files:
        given = researcher.get(f"/desk/releases/{release.pk}/files/{file['name']}")
        assert hashlib.sha256(b"".join(given)).hexdigest() == file["sha256"], file["name"]
    assert hashlib.sha256(sums).hexdigest() == release.sha256
    corpus = researcher.get(f"/desk/releases/{release.pk}/files/ESConv.json")
    assert corpus.headers["Content-Disposition"] == 'attachment; filename="ESConv.json"'
    records = json.loads(b"".join(corpus))
    assert [record["dialog"][0]["content"] for record in records] == [SEEKER_SAYS]


@pytest.mark.parametrize("name", ["..%2F..%2Fdb.sqlite3", "secret-key", "SHA256SUMS%00", "nothing.json"])
def test_only_files_of_the_release_are_given_out(name: str, study: Study, researcher: Client) -> None:
    make_finished(study)
    researcher.post("/desk/releases/new/", {})
    release = Release.objects.get()
    build_release(release.pk)
    assert researcher.get(f"/desk/releases/{release.pk}/files/{name}").status_code == 404


@pytest.mark.parametrize("version", ["two words", "../up", "x" * 41, "1.0"])
def test_a_bad_version_is_refused_and_kept(version: str, study: Study, researcher: Client) -> None:
    researcher.post("/desk/releases/new/", {"version": "1.0"})
    answer = researcher.post("/desk/releases/new/", {"version": version})
    assert answer.status_code == 422
    assert answer.context["form"].errors["version"]
    assert f'value="{version}"' in answer.content.decode()
    assert Release.objects.filter(study=study).count() == 1


def test_a_failed_release_says_why(study: Study, researcher: Client) -> None:
    researcher.post("/desk/releases/new/", {})
    Release.objects.filter(study=study).update(state="failed", error="The disk is full. No files were left.")
    release = Release.objects.get()
    assert "The disk is full." in researcher.get(f"/desk/releases/{release.pk}/").content.decode()
