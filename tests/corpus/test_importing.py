from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from escollect.conversations.models import Conversation, Event, SurveyResponse
from escollect.conversations.transcripts import get_transcripts
from escollect.corpus.actions import ImportRefused, import_records, importing
from escollect.corpus.models import Import
from escollect.corpus.records_file import RecordsFile
from escollect.domain.dialects import DIALECTS
from escollect.domain.esconv import ANY_WORD, read_record, write_record
from escollect.people.models import Participant, Person
from escollect.quality.models import QcJob
from escollect.quality.selectors import find_imbalance
from escollect.studies.models import Study
from tests.corpus.making import open_esconv, record, write

pytestmark = pytest.mark.django_db

BAD_STRATEGY = record()
BAD_STRATEGY["dialog"] = [{"speaker": "sys", "annotation": {"strategy": "Advice"}, "content": "Do it."}]


@pytest.fixture
def study() -> Study:
    return open_esconv()


def stored() -> dict[str, int]:
    models = (Conversation, Event, SurveyResponse, Participant, Person, QcJob, Import)
    return {model.__name__: model._default_manager.count() for model in models}


def place(path: Path, text: str) -> str:
    """Where the text stands first in the file, as errors say it."""
    data = path.read_bytes()
    at = data.index(text.encode())
    lines = data[:at].count(b"\n")
    return f"(line {1 + lines}, byte {at})"


def run(capsys: pytest.CaptureFixture[str], *args: str) -> dict[str, Any]:
    """The last line of a command's stdout."""
    capsys.readouterr()
    call_command(*args)
    answer: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return answer


@pytest.mark.parametrize("lines", [False, True])
def test_a_file_becomes_finished_conversations(tmp_path: Path, study: Study, lines: bool) -> None:
    records = [record("the cat"), record("the bird", turns=7)]
    result = import_records(study, write(tmp_path / "a.json", records, lines=lines))
    assert result.as_json() == {"conversations": 2, "utterances": 23, "skipped": []}
    rows = Conversation.objects.order_by("created_at")
    assert [(row.kind, row.state, row.source, row.licence, row.utterances) for row in rows] == [
        ("imported", "finished", "a.json", study.licence, 16),
        ("imported", "finished", "a.json", study.licence, 7),
    ]
    assert [write_record(one) for one in get_transcripts(row.pk for row in rows)] == records
    assert find_imbalance() is None


def test_every_record_has_people_of_its_own(tmp_path: Path, study: Study) -> None:
    import_records(study, write(tmp_path / "a.json", [record(), record()]))
    people = Participant.objects.values_list("role", "source", "person__platform")
    assert sorted(people) == [("seeker", "import", "import")] * 2 + [("supporter", "import", "import")] * 2
    assert Person.objects.count() == 4


def test_imported_people_have_short_pseudonyms_of_their_own(tmp_path: Path, study: Study) -> None:
    for name in ("a.json", "b.json"):
        import_records(study, write(tmp_path / name, [record(), record()]))
    names = set(Participant.objects.values_list("pseudonym", flat=True))
    assert len(names) == 8
    assert all(re.fullmatch(r"import-[2-9A-HJKMNP-TV-Z]{6}", name) for name in names)


def test_a_rating_stands_right_before_the_utterance_that_carries_it(tmp_path: Path, study: Study) -> None:
    import_records(study, write(tmp_path / "a.json", [record(turns=5)]))
    events = Event.objects.order_by("seq").values_list("seq", "kind", "author", "value", "at")
    assert list(events) == [
        (1, "msg", "seeker", None, None),
        (2, "msg", "supporter", None, None),
        (3, "rating", "seeker", 4, None),
        (4, "msg", "seeker", None, None),
        (5, "msg", "supporter", None, None),
        (6, "msg", "seeker", None, None),
    ]
    assert Conversation.objects.get().last_seq == 6


def test_texts_are_stored_verbatim(tmp_path: Path, study: Study) -> None:
    text = "  two\n lines </s> \u200b and more\t"
    made = record()
    made["dialog"][0]["content"] = text
    import_records(study, write(tmp_path / "a.json", [made]))
    assert Event.objects.order_by("seq")[0].text == text


def test_one_bad_record_and_nothing_is_imported(tmp_path: Path, study: Study) -> None:
    before = stored()
    path = write(tmp_path / "a.json", [record(), BAD_STRATEGY, record()])
    with pytest.raises(ImportRefused) as refused:
        import_records(study, path)
    assert refused.value.errors == [
        {
            "index": 1,
            "key": "dialog[0].annotation.strategy",
            "value": "Advice",
            "why": "this is no strategy we know " + place(path, '"Advice"'),
        }
    ]
    assert "Nothing of a.json was imported: 1 of its records cannot be read." in str(refused.value)
    assert stored() == before


def test_bad_records_can_be_left_out_and_are_listed(
    tmp_path: Path, study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.json", [record(), BAD_STRATEGY, "text", record(emotion_type="boredom")])
    answer = run(capsys, "import_corpus", str(path), "--study", study.slug, "--skip-bad")
    assert answer == {
        "conversations": 1,
        "utterances": 16,
        "skipped": [
            {
                "index": 1,
                "key": "dialog[0].annotation.strategy",
                "value": "Advice",
                "why": "this is no strategy we know " + place(path, '"Advice"'),
            },
            {
                "index": 2,
                "key": "",
                "value": "text",
                "why": "this text is no JSON " + place(path, '"text"'),
            },
            {
                "index": 3,
                "key": "emotion_type",
                "value": "boredom",
                "why": "this is not in the study's vocabulary " + place(path, '"boredom"'),
            },
        ],
    }
    note = Import.objects.get()
    assert (note.conversations, note.utterances, len(note.skipped)) == (1, 16, 3)


def test_a_bad_line_can_be_left_out(tmp_path: Path, study: Study) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(record()) + "\n{oops}\n" + json.dumps(record()) + "\n", "utf-8")
    result = import_records(study, path, skip_bad=True)
    assert (result.conversations, [one["index"] for one in result.skipped]) == (2, [1])


@pytest.mark.parametrize("skip_bad", [False, True])
def test_many_bad_records_are_counted_and_only_some_are_named(
    tmp_path: Path, study: Study, skip_bad: bool
) -> None:
    path = write(tmp_path / "a.json", [record(), *[BAD_STRATEGY] * 30])
    if skip_bad:
        assert len(import_records(study, path, skip_bad=True).skipped) == 30
        return
    with pytest.raises(ImportRefused) as refused:
        import_records(study, path)
    assert len(refused.value.errors) == 20
    assert "30 of its records cannot be read" in str(refused.value)
    assert "; and 10 more." in str(refused.value)


def test_a_dry_run_says_what_an_import_would_do_and_does_nothing(
    tmp_path: Path, study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    before = stored()
    path = write(tmp_path / "a.json", [record(), BAD_STRATEGY])
    args = ("import_corpus", str(path), "--study", study.slug, "--skip-bad")
    dry = run(capsys, *args, "--dry-run")
    assert stored() == before
    assert (dry["conversations"], dry["utterances"], len(dry["skipped"])) == (1, 16, 1)
    assert run(capsys, *args) == dry
    with pytest.raises(CommandError, match="1 of its records cannot be read"):
        call_command("import_corpus", str(path), "--study", study.slug, "--dry-run")


@pytest.mark.parametrize("name", sorted(DIALECTS))
@pytest.mark.parametrize("named", [False, True])
def test_every_dialect_is_imported_named_or_recognised(
    tmp_path: Path, study: Study, name: str, named: bool
) -> None:
    dialect, records = DIALECTS[name], [record("the cat"), record("the bird", turns=7)]
    double = record("two in a row", turns=5)
    double["dialog"] += double["dialog"][-1:] + double["dialog"][1:2] * 2
    records.append(double)
    path = tmp_path / f"a{dialect.suffix}"
    with path.open("w", newline="", encoding="utf-8") as file:
        records_file = RecordsFile(file, dialect)
        for at, one in enumerate(records):
            records_file.add(read_record(one, at, ANY_WORD), {"conversation_id": f"own-{at}"})
        records_file.close()
    result = import_records(study, path, dialect=dialect if named else None, licence="CC0-1.0")
    assert result.as_json() == {"conversations": 3, "utterances": 31, "skipped": []}
    rows = Conversation.objects.order_by("created_at")
    assert {(row.source, row.licence) for row in rows} == {(path.name, "CC0-1.0")}
    assert [write_record(one) for one in get_transcripts(row.pk for row in rows)] == records


def test_what_the_hub_leaves_out_is_imported_and_the_rest_is_kept(tmp_path: Path, study: Study) -> None:
    turns = [
        {"text": "all gone", "speaker": "usr"},
        {"text": "what is", "speaker": "sys", "strategy": "Question"},
    ]
    bare = {"emotion_type": "fear", "problem_type": "job crisis", "situation": "They close.", "dialog": turns}
    path = tmp_path / "train.txt"
    path.write_text(json.dumps(bare) + "\n" + json.dumps({"text": json.dumps(bare)}) + "\n", "utf-8")
    assert import_records(study, path).conversations == 2
    for one in get_transcripts(Conversation.objects.values_list("pk", flat=True)):
        assert (one.experience_type, one.emotion_type, one.situation) == (None, "fear", "They close.")
        assert [(u.role, u.text, u.strategy) for u in one.utterances] == [
            ("seeker", "all gone", None),
            ("supporter", "what is", "Question"),
        ]


def test_answers_to_a_study_s_own_questions_come_back(tmp_path: Path, study: Study) -> None:
    extra = {
        "extra_before_age": "answer: 34",
        "extra_seeker_mood": "better",
        "extra_supporter_ease": "4 of 5",
    }
    import_records(study, write(tmp_path / "a.json", [record() | extra | {"conversation_id": "c-7"}]))
    (one,) = get_transcripts([Conversation.objects.get().pk])
    assert dict(one.extra) == extra


def test_a_file_that_changes_while_it_is_read_is_not_imported(
    tmp_path: Path, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "TELL_EVERY", 2)
    path = write(tmp_path / "a.jsonl", [record(turns=2) for _ in range(3)], lines=True)
    before = stored()

    def change(line: str) -> None:
        if line.startswith("stored 2"):
            path.write_text(path.read_text("utf-8") + "\n", "utf-8")

    with pytest.raises(ImportRefused, match=r"Nothing was imported. a\.jsonl was changed while it was read"):
        import_records(study, path, progress=change)
    assert stored() == before


def test_progress_says_how_far_it_is_and_what_was_there_before(
    tmp_path: Path, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "TELL_EVERY", 2)
    path = write(tmp_path / "a.jsonl", [record(turns=2) for _ in range(4)], lines=True)
    lines: list[str] = []
    import_records(study, path, progress=lines.append)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert lines == [
        "checked 2 records, 50 % of the file",
        "stored 2 records, 50 % of the file",
        f"stored 4 conversations under CC-BY-NC-4.0, sha256 {digest}",
    ]
    again = path.rename(tmp_path / "b.jsonl")
    import_records(study, again, progress=lines.append)
    assert "the same file was imported into esconv before, as a.jsonl" in lines


@pytest.mark.parametrize("data", ["", "[", '[{"a": 1}', "[1] x", "nonsense"])
@pytest.mark.parametrize("skip_bad", [False, True])
def test_a_broken_file_is_refused_as_a_whole(tmp_path: Path, study: Study, data: str, skip_bad: bool) -> None:
    before = stored()
    path = tmp_path / "a.json"
    path.write_text(data, "utf-8")
    with pytest.raises(ImportRefused):
        import_records(study, path, skip_bad=skip_bad)
    assert stored() == before


def test_what_the_strict_dialect_lacks_is_imported(tmp_path: Path, study: Study) -> None:
    bare = record(situation="", survey_score={})
    bare["dialog"][1]["annotation"] = {}
    bare["dialog"][0]["content"] = ""
    assert import_records(study, write(tmp_path / "a.json", [bare])).conversations == 1


def test_the_licence_of_a_file_can_be_said(
    tmp_path: Path, study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.json", [record()])
    run(capsys, "import_corpus", str(path), "--study", study.slug, "--licence", "CC0-1.0")
    assert Conversation.objects.get().licence == "CC0-1.0"


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("nothing.json", "--study", "esconv"), "No such file or directory"),
        (("nothing.json", "--study", "nobody"), "There is no study nobody"),
    ],
)
def test_the_command_fails_with_a_sentence(
    study: Study, capsys: pytest.CaptureFixture[str], args: tuple[str, ...], why: str
) -> None:
    with pytest.raises(CommandError, match=why):
        call_command("import_corpus", *args)
    assert why in json.loads(capsys.readouterr().out.splitlines()[-1])["error"]
    assert study.conversations.count() == 0
