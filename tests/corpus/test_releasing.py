from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from escollect.accounts.models import User
from escollect.conversations.actions import erase
from escollect.conversations.models import Conversation
from escollect.corpus import actions, cards, tasks
from escollect.corpus.actions import ReleaseRefused, create_release, import_records, publish
from escollect.corpus.building import BuildFailed
from escollect.corpus.models import Release, ReleaseItem, Tombstone
from escollect.corpus.selectors import get_release_folder
from escollect.domain.typed import FLAT, LISTS
from escollect.people.models import Consent, Participant
from escollect.quality.actions import review
from escollect.quality.models import Verdict
from escollect.studies.models import Study
from tests.corpus.making import FILES, contents, failed, open_esconv, record, write
from tests.quality.rooms import agree
from tests.quality.rooms import finish as talk_to_the_end

pytestmark = pytest.mark.django_db


def read(folder: Path, name: str = "ESConv.json") -> Any:
    return json.loads((folder / name).read_bytes())


def bare(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Records without the keys that a release adds."""
    added = ("conversation_id", "seeker_id", "supporter_id", "rejection_reasons")
    return [
        {key: value for key, value in one.items() if key not in added}
        | {"dialog": [{k: v for k, v in turn.items() if k != "utterance_id"} for turn in one["dialog"]]}
        for one in records
    ]


def left_over(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name not in {"corpus.json", "releases"}]


def test_a_release_holds_what_was_accepted_and_what_was_negative(study: Study, tmp_path: Path) -> None:
    release = publish(study, tmp_path / "out", "1")
    assert sorted(contents(tmp_path / "out")) == FILES
    assert bare(read(tmp_path / "out")) == [record("the cat"), record("the bird")]
    assert bare(read(tmp_path / "out", "FailedESConv.json")) == [failed()]
    assert (release.state, release.counts["accepted"], release.counts["negative"]) == ("ready", 2, 1)
    assert release.counts["left_out"] == {"a person has to decide first": 1}
    assert [one["rejection_reasons"] for one in read(tmp_path / "out", "FailedESConv.json")] == [
        "empathy;relevance;improvement"
    ]


def test_ids_are_strings_that_are_no_numbers_and_unique(study: Study, tmp_path: Path) -> None:
    publish(study, tmp_path / "out", "1")
    records = read(tmp_path / "out") + read(tmp_path / "out", "FailedESConv.json")
    for key in ("conversation_id", "seeker_id", "supporter_id"):
        values = [one[key] for one in records]
        assert len(set(values)) == 3
        assert all(isinstance(value, str) and not value.isdecimal() for value in values)
    turns = [turn["utterance_id"] for one in records for turn in one["dialog"]]
    assert len(turns) == len(set(turns)) == 48
    people = {str(person) for person in Participant.objects.values_list("person_id", flat=True)}
    assert not people & {one["seeker_id"] for one in records}


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from leaves(one)
    else:
        yield value


def test_the_files_keep_the_strict_dialect(study: Study, tmp_path: Path) -> None:
    publish(study, tmp_path / "out", "1")
    for name in ("ESConv.json", "FailedESConv.json"):
        (tmp_path / "out" / name).read_bytes().decode("ascii")
        assert {type(leaf) for leaf in leaves(read(tmp_path / "out", name))} == {str}


def test_the_sums_and_the_manifest_are_true(study: Study, tmp_path: Path) -> None:
    release = publish(study, tmp_path / "out", "1")
    found = contents(tmp_path / "out")
    lines = [line.split("  ") for line in found["SHA256SUMS"].decode().splitlines()]
    sums = {name: digest for digest, name in lines}
    assert sums == {
        name: hashlib.sha256(data).hexdigest() for name, data in found.items() if name != "SHA256SUMS"
    }
    assert release.sha256 == hashlib.sha256(found["SHA256SUMS"]).hexdigest()
    manifest = read(tmp_path / "out", "manifest.json")
    assert manifest["release"] == str(release.pk)
    assert [f"{one['name']}@{one['version']}" for one in manifest["policies"]] == [
        "esconv-2021@1",
        "failed-esconv-2024@1",
    ]
    assert all(manifest["files"][name]["sha256"] == sums[name] for name in manifest["files"])
    assert [one["name"] for one in release.files] == FILES


def test_the_card_has_a_head_that_is_yaml(study: Study, tmp_path: Path) -> None:
    publish(study, tmp_path / "out", "1")
    head = yaml.safe_load((tmp_path / "out" / "README.md").read_text("utf-8").split("---\n")[1])
    assert (head["license"], head["language"], head["size_categories"]) == ("cc-by-nc-4.0", ["en"], ["n<1K"])
    default, *strict = head["configs"]
    assert [one["data_files"] for one in strict] == ["ESConv.json", "FailedESConv.json"]
    for one in default["data_files"]:
        assert (tmp_path / "out" / one["path"]).read_text("utf-8").count("\n") > 0
    listed = [one["name"] for one in head["dataset_info"]["features"]]
    assert listed == [*FLAT, *LISTS]


@pytest.mark.parametrize("version", ["", "1"])
def test_the_same_again_is_the_same_bytes(study: Study, tmp_path: Path, version: str) -> None:
    first = publish(study, tmp_path / "a", version)
    second = publish(study, tmp_path / "b", version)
    assert contents(tmp_path / "a") == contents(tmp_path / "b") == contents(get_release_folder(first))
    assert (first.pk, first.sha256) == (second.pk, second.sha256)


def test_a_new_conversation_makes_a_new_version_with_other_pseudonyms(study: Study, tmp_path: Path) -> None:
    publish(study, tmp_path / "a")
    import_records(study, write(tmp_path / "corpus.json", [record("the fish")]))
    second = publish(study, tmp_path / "b")
    assert (second.version, len(read(tmp_path / "b"))) == ("2", 3)
    old, new = read(tmp_path / "a"), read(tmp_path / "b")
    assert [one["conversation_id"] for one in new[:2]] == [one["conversation_id"] for one in old]
    assert not {one["seeker_id"] for one in new} & {one["seeker_id"] for one in old}


def test_a_frozen_release_does_not_grow(study: Study, tmp_path: Path) -> None:
    publish(study, tmp_path / "a", "1")
    import_records(study, write(tmp_path / "corpus.json", [record("the fish")]))
    publish(study, tmp_path / "b", "1")
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_a_review_publishes_and_corrects(study: Study, tmp_path: Path) -> None:
    publish(study, tmp_path / "a")
    unsure = Conversation.objects.get(verdict="needs_review")
    reviewer = User.objects.create_user("rosa")
    review(unsure, reviewer, "accepted", "Upside down.", {"final_emotion_intensity": 1})
    publish(study, tmp_path / "b")
    (added,) = [one for one in read(tmp_path / "b") if one["conversation_id"] == str(unsure.pk)]
    assert added["survey_score"]["seeker"]["final_emotion_intensity"] == "1"


def test_a_release_that_would_come_out_differently_is_not_written(study: Study, tmp_path: Path) -> None:
    publish(study, tmp_path / "a", "1")
    accepted = Conversation.objects.filter(verdict="accepted")[0]
    review(accepted, User.objects.create_user("rosa"), "accepted", "Fix.", {"final_emotion_intensity": 1})
    with pytest.raises(BuildFailed, match="published with other content"):
        publish(study, tmp_path / "b", "1")
    assert left_over(tmp_path) == ["a"]
    assert Release.objects.get().state == "ready"


def test_licences_are_not_mixed_silently(study: Study, tmp_path: Path) -> None:
    import_records(study, write(tmp_path / "corpus.json", [record("the fish")]), licence="CC0-1.0")
    with pytest.raises(ReleaseRefused, match=r"CC-BY-NC-4.0 \(3\), CC0-1.0 \(1\)"):
        publish(study, tmp_path / "a", "1")
    assert left_over(tmp_path) == []
    release = publish(study, tmp_path / "a", "2", "CC0-1.0")
    assert (release.licence, release.counts["accepted"], release.counts["negative"]) == ("CC0-1.0", 1, 0)
    assert release.counts["left_out"]["under another licence: CC-BY-NC-4.0"] == 3


def test_without_consent_of_both_nothing_collected_is_published(tmp_path: Path) -> None:
    study = open_esconv()
    agreed, changed = talk_to_the_end(study), talk_to_the_end(study)
    agree(Consent(participant=changed.supporter, version=study.current), public=False)
    release = publish(study, tmp_path / "out", "1")
    assert [one["conversation_id"] for one in read(tmp_path / "out")] == [str(agreed.pk)]
    assert release.counts["left_out"] == {"no consent to publication from both": 1}


def test_a_studys_own_questions_are_extra_keys_that_are_no_numbers(tmp_path: Path) -> None:
    study = open_esconv()
    conversation = talk_to_the_end(study)
    seekers = conversation.surveys.get(kind="after", participant=conversation.seeker)
    seekers.answers |= {"would_return": 4, "heard_of_us": " a friend ", "age_group": "30", "left_open": ""}
    seekers.save()
    publish(study, tmp_path / "out", "1")
    (made,) = read(tmp_path / "out")
    assert {key: value for key, value in made.items() if key.startswith("extra_")} == {
        "extra_seeker_age_group": "answer: 30",
        "extra_seeker_heard_of_us": "a friend",
        "extra_seeker_would_return": "4 of 5",
    }


def test_what_the_strict_dialect_needs_and_a_record_lacks_is_left_out(tmp_path: Path) -> None:
    study = open_esconv()
    incomplete = record("the fish")
    incomplete["dialog"][1]["annotation"] = {}
    import_records(study, write(tmp_path / "corpus.json", [incomplete, record("the cat")]))
    release = publish(study, tmp_path / "out", "1")
    assert release.counts["left_out"] == {
        "the strict dialect needs more: a supporter utterance without a strategy": 1
    }
    assert len(read(tmp_path / "out")) == 1


def test_a_withdrawn_conversation_leaves_later_releases_and_a_tombstone(study: Study, tmp_path: Path) -> None:
    first = publish(study, tmp_path / "a", "1")
    gone = Conversation.objects.filter(verdict="accepted")[0]
    erase(gone)
    assert Tombstone.objects.get().conversation_id == gone.pk
    publish(study, tmp_path / "b", "2")
    assert str(gone.pk) not in {one["conversation_id"] for one in read(tmp_path / "b")}
    assert [one["conversation_id"] for one in read(tmp_path / "b", "withdrawn.json")["withdrawn"]] == [
        str(gone.pk)
    ]
    with pytest.raises(BuildFailed, match="1 of the conversations of release 1 were withdrawn"):
        publish(study, tmp_path / "c", first.version)
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize("how", ["tombstone", "participant"])
def test_what_is_being_withdrawn_is_left_out_before_its_text_is_gone(
    study: Study, tmp_path: Path, how: str
) -> None:
    gone = Conversation.objects.order_by("created_at")[0]
    if how == "tombstone":
        actions.leave_tombstone(gone)
    else:
        Participant.objects.filter(pk=gone.seeker_id).update(state="withdrawn")
    release = publish(study, tmp_path / "out", "1")
    assert release.counts["left_out"]["withdrawn"] == 1
    assert bare(read(tmp_path / "out")) == [record("the bird")]


def test_a_conversation_that_cannot_be_written_is_named_and_nothing_is_left(
    study: Study, tmp_path: Path
) -> None:
    publish(study, tmp_path / "a", "1")
    lost = ReleaseItem.objects.filter(part="accepted")[0].conversation_id
    Conversation.objects.filter(pk=lost).update(state="survey")
    with pytest.raises(BuildFailed, match=str(lost)):
        publish(study, tmp_path / "b", "1")
    assert left_over(tmp_path) == ["a"]


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_an_interrupted_build_leaves_nothing(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(*_args: object) -> str:
        raise error

    monkeypatch.setattr(cards, "write_card", fail)
    with pytest.raises(type(error)):
        publish(study, tmp_path / "out", "1")
    assert left_over(tmp_path) == []
    assert Release.objects.get().state == "failed"
    monkeypatch.undo()
    assert publish(study, tmp_path / "out", "1").state == "ready"


def test_a_folder_with_something_in_it_is_not_touched(study: Study, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("dear", "utf-8")
    with pytest.raises(CommandError, match="is not empty"):
        call_command("create_release", "--study", study.slug, "--out", str(tmp_path / "out"))
    assert contents(tmp_path / "out") == {"thesis.txt": b"dear"}
    assert not Release.objects.exists()


def test_an_empty_folder_may_be_named(study: Study, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    publish(study, tmp_path / "out", "1")
    assert sorted(contents(tmp_path / "out")) == FILES


def test_what_a_killed_worker_left_does_not_stand_in_the_way(study: Study, tmp_path: Path) -> None:
    release = create_release(study)
    half = get_release_folder(release)
    half.mkdir(parents=True)
    (half / "ESConv.json").write_text("[", "utf-8")
    tasks.build_release(str(release.pk))
    assert sorted(contents(half)) == FILES
    publish(study, tmp_path / "out", release.version)
    assert contents(tmp_path / "out") == contents(half)


def test_the_command_judges_and_prints_what_it_made(
    study: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command(
        "create_release", "--study", study.slug, "--out", str(tmp_path / "out"), "--version", "2026.1"
    )
    release = Release.objects.get(version="2026.1")
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {
        "release": str(release.pk),
        "accepted": 2,
        "negative": 1,
        "sha256": release.sha256,
    }
    assert Verdict.objects.count() == 8


@pytest.mark.parametrize("version", ["../up", "a b", "-", "x" * 41, "é"])
def test_a_version_that_is_no_name_is_refused(study: Study, tmp_path: Path, version: str) -> None:
    with pytest.raises(ReleaseRefused, match="is no version"):
        publish(study, tmp_path / "out", version)


def test_statistics_are_those_of_a_release_of_today(
    study: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(study, tmp_path / "out", "1")
    capsys.readouterr()
    call_command("statistics", "--study", study.slug)
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found == read(tmp_path / "out", "statistics.json")
    assert (found["conversations"], found["utterances"], found["negative"]["conversations"]) == (2, 32, 1)
    assert found["funnel"][-4:] == [
        {"step": "conversations", "count": 4},
        {"step": "long_enough", "count": 4},
        {"step": "accepted", "count": 2},
        {"step": "released", "count": 2},
    ]


@pytest.mark.parametrize("count", [2, 6])
def test_writing_costs_the_same_queries_whatever_the_number(
    tmp_path: Path, count: int, django_assert_max_num_queries: Any
) -> None:
    study = open_esconv()
    import_records(study, write(tmp_path / "corpus.json", [record(str(at)) for at in range(count)]))
    publish(study, tmp_path / "a", "1")
    with django_assert_max_num_queries(26):
        publish(study, tmp_path / "b", "1")
