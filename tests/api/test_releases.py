from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from escollect.accounts.actions import create_token
from escollect.corpus.actions import build_release
from escollect.corpus.models import Release
from escollect.corpus.selectors import get_release_folder
from tests.api.conftest import V1, World
from tests.support.rooms import make_study

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _releases_folder(settings: Any, tmp_path: Path) -> None:
    settings.RELEASES_DIR = tmp_path / "releases"


def make(world: World, **body: str) -> Release:
    answer = world.api("researcher").post("releases/", {"study": "calm", **body})
    assert answer.status_code == 201, answer.content
    return Release.objects.get(pk=answer.json()["id"])


def test_a_release_is_queued_built_and_downloaded(world: World) -> None:
    api = world.api("researcher")
    made = api.post("releases/", {"study": "calm", "version": "1.0"})
    assert made.status_code == 201
    key = made.json()["id"]
    assert made.json() == {
        "id": key,
        "study": "calm",
        "version": "1.0",
        "state": "queued",
        "counts": {},
        "files": [],
        "sha256": "",
    }
    build_release(uuid.UUID(key))
    ready = api.get(f"releases/{key}/").json()
    assert set(ready) == set(made.json())
    assert (ready["state"], ready["version"]) == ("ready", "1.0")
    names = {file["name"] for file in ready["files"]}
    assert {"ESConv.json", "FailedESConv.json", "manifest.json", "statistics.json", "SHA256SUMS"} <= names
    for file in ready["files"]:
        answer = api.get(f"releases/{key}/files/{file['name']}")
        body = b"".join(answer.streaming_content)
        assert answer.status_code == 200
        assert (len(body), hashlib.sha256(body).hexdigest()) == (file["bytes"], file["sha256"])
        if file["name"] == "SHA256SUMS":
            assert hashlib.sha256(body).hexdigest() == ready["sha256"]
    assert api.get("releases/").json()["results"] == [ready]
    assert api.get("releases/", study="calm").json()["results"] == [ready]


@pytest.mark.parametrize(
    "name",
    [
        "../../../../etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "%2fetc%2fpasswd",
        "./manifest.json",
        "none.json",
        "manifest.json/",
        "secret.txt",
        "link.txt",
        "a%00b",
    ],
)
def test_only_what_the_release_lists_is_given_out(world: World, name: str) -> None:
    release = make(world)
    build_release(release.pk)
    folder = get_release_folder(release)
    (folder / "secret.txt").write_text("not listed")
    (folder.parent / "outside.txt").write_text("outside")
    (folder / "link.txt").symlink_to(folder.parent / "outside.txt")
    release.refresh_from_db()
    release.files = [*release.files, {"name": "link.txt", "bytes": 7, "sha256": ""}]
    release.save()
    answer = world.api("admin").get(f"releases/{release.pk}/files/{name}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_release_that_is_not_ready_has_no_files(world: World) -> None:
    release = make(world)
    for state in ("queued", "building", "failed"):
        Release.objects.update(state=state, files=[{"name": "manifest.json"}])
        answer = world.api("admin").get(f"releases/{release.pk}/files/manifest.json")
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_versions_count_up_and_one_that_exists_is_a_conflict(world: World) -> None:
    assert [make(world).version, make(world).version] == ["1", "2"]
    answer = world.api("admin").post("releases/", {"study": "calm", "version": "2"})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert Release.objects.count() == 2


def test_a_failed_release_says_why(world: World) -> None:
    release = make(world)
    Release.objects.update(state="failed", error="The disk is full.")
    shown = world.api("admin").get(f"releases/{release.pk}/").json()
    assert (shown["state"], shown["error"]) == ("failed", "The disk is full.")


def test_under_asgi_a_file_is_streamed_in_pieces() -> None:
    """The server never holds a whole file: what it sends comes from an asynchronous iterator."""
    study = make_study()
    assert study.current is not None
    release = Release.objects.create(
        study=study,
        study_version=study.current,
        version="1",
        licence="CC-BY-4.0",
        state="ready",
        files=[{"name": "big.bin", "bytes": 200_000, "sha256": ""}],
    )
    folder = get_release_folder(release)
    folder.mkdir(parents=True)
    (folder / "big.bin").write_bytes(b"x" * 200_000)
    headers = {"authorization": f"Token {create_token('streamer', 'admin')}"}

    async def download() -> tuple[Any, list[int]]:
        answer: Any = await AsyncClient().get(f"{V1}releases/{release.pk}/files/big.bin", headers=headers)
        assert answer.is_async
        return answer, [len(piece) async for piece in answer.streaming_content]

    answer, pieces = async_to_sync(download)()
    assert pieces == [65536, 65536, 65536, 3392]
    assert answer.headers["Content-Length"] == "200000"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="big.bin"'
