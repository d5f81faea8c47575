from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from escollect.audit.models import AuditRow
from escollect.corpus.actions import import_records
from tests.corpus.making import open_esconv, record, write
from tests.support.rooms import make_study

pytestmark = pytest.mark.django_db


def rows(folder: Path, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines()]


def test_the_archive_has_every_row_of_the_study_and_of_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = open_esconv()
    path = write(tmp_path / "a.json", [record(), record()])
    import_records(study, path)
    import_records(make_study(), path)
    call_command("export_raw", "--study", study.slug, "--out", str(tmp_path / "out"))
    counted = json.loads(capsys.readouterr().out.splitlines()[-1])["rows"]
    found = {path.stem: rows(tmp_path / "out", path.stem) for path in (tmp_path / "out").glob("*.jsonl")}
    assert {name: len(lines) for name, lines in found.items() if lines} == {
        "study": 1,
        "study_versions": 1,
        "people": 4,
        "participants": 4,
        "conversations": 2,
        "surveys": 6,
        "events": 40,
        "qc_jobs": 4,
        "imports": 1,
        "audit": 3,
    }
    audited = [(row["action"], row["object_type"]) for row in found["audit"]]
    assert audited == [
        ("study.version", "studies.study"),
        ("study.state", "studies.study"),
        ("corpus.imported", "corpus.import"),
    ]
    assert counted == sum(map(len, found.values()))
    assert [row["text"] for row in found["events"] if row["seq"] == 1] == [
        record()["dialog"][0]["content"]
    ] * 2
    assert AuditRow.objects.get(action="study.exported_raw").object_id == str(study.pk)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700


def test_the_archive_overwrites_nothing(tmp_path: Path) -> None:
    study = open_esconv()
    (tmp_path / "mine").write_text("x", "utf-8")
    with pytest.raises(CommandError, match="is not empty"):
        call_command("export_raw", "--study", study.slug, "--out", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
