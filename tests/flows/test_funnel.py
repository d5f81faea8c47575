"""From an invite to the corpus, over the real pages and sockets, in both shapes of the application."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.flows import lives
from tests.flows.addresses import every_address
from tests.flows.browserless import Somebody
from tests.flows.staff import STUDY, Staff, staff_of
from tests.flows.story import SEEKER_AFTER, SITUATION, STORY

pytestmark = [pytest.mark.servers, pytest.mark.slow]


@pytest.fixture(scope="module", params=["embedded", "production"])
def staff(request: pytest.FixtureRequest) -> Staff:
    return staff_of(request)


def live(staff: Staff, lines: int = len(STORY)) -> lives.Life:
    return lives.live_through(
        staff.application.url, staff.invite("seeker"), staff.invite("supporter", qualified=True), lines
    )


def test_a_good_conversation_is_accepted_and_released_word_for_word(staff: Staff, tmp_path: Path) -> None:
    life = live(staff)
    found = staff.verdict(life.conversation)
    assert (found["verdict"], found["decided_by"], found["state"]) == ("accepted", "policy", "finished")
    assert life.codes["seeker"] != life.codes["supporter"]
    out = tmp_path / "release"
    staff.application.manage("create_release", "--study", "esconv", "--out", str(out), "--version", "1.0")
    (record,) = [
        r for r in json.loads((out / "ESConv.json").read_text()) if r["conversation_id"] == life.conversation
    ]
    assert [(u["speaker"], u["annotation"].get("strategy"), u["content"]) for u in record["dialog"]] == [
        *STORY
    ]
    assert record["situation"] == SITUATION
    assert record["survey_score"] == {
        "seeker": {
            "initial_emotion_intensity": "5",
            "empathy": "5",
            "relevance": "5",
            "final_emotion_intensity": "2",
        },
        "supporter": {"relevance": "4"},
    }
    feedback = [u["annotation"]["feedback"] for u in record["dialog"] if "feedback" in u["annotation"]]
    assert feedback == ["5"] * 5


def test_a_conversation_that_stops_early_is_rejected_with_the_rule_that_says_why(staff: Staff) -> None:
    life = live(staff, lines=6)
    found = staff.verdict(life.conversation)
    assert found["verdict"] == "rejected"
    (deciding,) = [v for v in found["verdicts"] if v["policy"] == "esconv-2021"]
    failed = {rule["rule"]: rule for rule in deciding["rules"] if not rule["held"]}
    assert any(rule["value"] == 6 and rule["threshold"] == 16 and rule["why"] for rule in failed.values()), (
        failed
    )


def test_a_supporter_gets_to_the_lobby_by_the_training_alone(staff: Staff) -> None:
    trainee = Somebody(staff.application.url)
    assert lives.consent(trainee, staff.invite("supporter")).path == "/training/"
    assert trainee.get("/lobby/").path == "/training/"
    assert lives.be_trained(trainee, lives.answer_key()) == 15


def test_what_is_not_yours_is_never_shown(staff: Staff) -> None:
    life = live(staff, lines=4)
    before = staff.verdict(life.conversation)
    third, unqualified, nobody = (Somebody(staff.application.url) for _ in range(3))
    lives.say_why_one_came(third, staff.invite("seeker"), situation="Something of my own.")
    lives.consent(unqualified, staff.invite("supporter"))
    values = {"uuid": life.conversation, "participant_id": before["seeker"], "slug": "esconv"}
    addresses = every_address({**values, "str": "ESConv.json", "path": "ESConv.json", "int": "1"})
    assert len(addresses) > 50
    secrets = [SITUATION, *(text for _, _, text in STORY), *SEEKER_AFTER.values(), before["supporter"]]
    for person in (third, unqualified, nobody):
        for address in addresses:
            page = person.get(address)
            assert not [secret for secret in secrets if len(secret) > 1 and secret in page.html], address
            if life.conversation in address:
                assert page.status in {401, 403, 404, 405} or page.path == "/desk/login/", address
                assert person.post(address, {}).status in {401, 403, 404, 405} or "/desk/" in address
    assert staff.verdict(life.conversation) == before
    rooms = [lives.refused(person, f"/ws/c/{life.conversation}/") for person in (third, unqualified, nobody)]
    assert rooms == [4004, 4004, 4010]
    assert [lives.refused(person, "/ws/lobby/") for person in (unqualified, nobody)] == [4003, 4010]


@pytest.mark.skipif("ESCOLLECT_SAMPLES" not in os.environ, reason="needs the samples of the published corpus")
def test_the_published_corpus_is_judged_as_its_authors_did(staff: Staff, tmp_path: Path) -> None:
    samples = Path(os.environ["ESCOLLECT_SAMPLES"])
    run = staff.application.manage
    assert run("open_study", STUDY)["study"] == "esconv"
    for name, count in (("esconv_sample.json", 78), ("failed_sample.json", 98)):
        assert run("import_corpus", str(samples / name), "--study", "esconv")["conversations"] == count
    judged = run("judge", "--study", "esconv", "--policy", "failed-esconv-2024")
    assert (judged["accepted"], judged["selected"] >= 98) == (None, True)
    out = tmp_path / "release"
    made = run("create_release", "--study", "esconv", "--out", str(out), "--version", "samples")
    assert (made["accepted"] >= 76, made["negative"] >= 91) == (True, True)
