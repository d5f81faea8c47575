"""The published corpus through the commands: imported, judged, released, and equal to its source.

Runs where ESCOLLECT_SAMPLES names a folder with esconv_sample.json and failed_sample.json.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from tests.corpus.making import open_esconv
from tests.corpus.test_releasing import bare
from tests.domain.test_samples import SAMPLES, expected, sample

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SAMPLES, reason="ESCOLLECT_SAMPLES is not set"),
]


def run(capsys: pytest.CaptureFixture[str], *args: str) -> dict[str, Any]:
    capsys.readouterr()
    call_command(*args)
    answer: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return answer


def read(path: Path) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads(path.read_bytes())
    return records


def outcomes(answer: dict[str, Any]) -> dict[str, int]:
    names = ("accepted", "rejected", "needs_review", "selected")
    return {name: answer[name] for name in names if answer[name]}


def test_the_published_corpus_goes_through(
    tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.RELEASES_DIR = tmp_path / "releases"
    study = ("--study", open_esconv().slug)
    good, bad = Path(SAMPLES) / "esconv_sample.json", Path(SAMPLES) / "failed_sample.json"

    assert run(capsys, "import_corpus", str(good), *study)["conversations"] == 78
    answer = run(capsys, "judge", *study, "--policy", "esconv-2021")
    assert outcomes(answer) == {"accepted": 76, "rejected": 2}

    assert run(capsys, "import_corpus", str(bad), *study)["conversations"] == 98
    dry = run(capsys, "judge", *study, "--policy", "esconv-2021", "--dry-run")
    answer = run(capsys, "judge", *study, "--policy", "esconv-2021@1")
    assert dry == answer
    assert outcomes(answer) == {"accepted": 76, "rejected": 93, "needs_review": 7}

    made = run(capsys, "create_release", *study, "--out", str(tmp_path / "out"))
    assert (made["accepted"], made["negative"]) == (76, 91)
    sources = [expected(record) for record in sample("esconv_sample.json")]
    accepted = bare(read(tmp_path / "out" / "ESConv.json"))
    assert len(accepted) == 76
    assert [one for one in sources if one in accepted] == accepted
    sources = [expected(record) for record in sample("failed_sample.json")]
    negative = bare(read(tmp_path / "out" / "FailedESConv.json"))
    assert len(negative) == 91
    assert [one for one in sources if one in negative] == negative
