from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from escollect.corpus.actions import import_records
from escollect.studies.models import Study
from tests.corpus.making import failed, open_esconv, record, write


@pytest.fixture(autouse=True)
def releases(settings: Settings, tmp_path: Path) -> Path:
    settings.RELEASES_DIR = tmp_path / "releases"
    return tmp_path / "releases"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Two accepted conversations, a negative one, and one that waits for a person."""
    study = open_esconv()
    unsure = record("the hamster")
    unsure["survey_score"]["seeker"]["final_emotion_intensity"] = "4"
    made = [record("the cat"), failed(), record("the bird"), unsure]
    import_records(study, write(tmp_path / "corpus.json", made))
    return study
