from __future__ import annotations

from pathlib import Path

import pytest

from escollect.accounts.models import User
from escollect.corpus import actions, tasks
from escollect.corpus.actions import ReleaseRefused, create_release, import_records, publish
from escollect.corpus.models import Release
from escollect.corpus.selectors import get_release_folder
from escollect.studies.models import Study
from tests.corpus.making import FILES, contents, record, write

pytestmark = pytest.mark.django_db


def test_a_queued_release_is_built_by_a_worker(study: Study, tmp_path: Path) -> None:
    release = create_release(study, by=User.objects.create_user("ada"))
    assert (release.state, release.version) == ("queued", "1")
    with pytest.raises(ReleaseRefused, match="has a release 1 already"):
        create_release(study, "1")
    tasks.build_release(str(release.pk))
    release.refresh_from_db()
    assert (release.state, release.error) == ("ready", "")
    assert sorted(contents(get_release_folder(release))) == FILES
    built = release.ready_at
    tasks.build_release(str(release.pk))
    release.refresh_from_db()
    assert release.ready_at == built
    publish(study, tmp_path / "out", "1")
    assert contents(tmp_path / "out") == contents(get_release_folder(release))


def test_a_build_that_is_refused_says_why_in_its_row(study: Study, tmp_path: Path) -> None:
    import_records(study, write(tmp_path / "corpus.json", [record("the fish")]), licence="CC0-1.0")
    release = create_release(study)
    tasks.build_release(str(release.pk))
    release.refresh_from_db()
    assert release.state == "failed"
    assert "different licences" in release.error
    assert not get_release_folder(release).exists()


def test_a_release_whose_builder_is_gone_is_built_by_another(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = create_release(study)
    Release.objects.update(state="building")
    assert actions.sweep() == 0
    monkeypatch.setattr(actions.releasing, "STALE_SECONDS", -1)
    assert actions.sweep() == 1
    tasks.build_release(str(release.pk))
    release.refresh_from_db()
    assert release.state == "ready"
