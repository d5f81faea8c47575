from __future__ import annotations

import pytest
from django.test import Client

from escollect.conversations import actions
from escollect.conversations.models import SurveyResponse
from escollect.domain.events import Role
from escollect.domain.study import ExtraQuestion, Surveys, SurveyText
from escollect.studies.models import Study
from tests.support.rooms import AFTER, BEFORE, Pair, end, make_pair, make_participant, make_study
from tests.web.participant.visitors import errors_of, make_visitor, text_of

pytestmark = pytest.mark.django_db

CHOOSE = "Choose one of the answers offered."
SCALE = "Choose a number from 1 to 5."
MISSING = "Please answer this question."


@pytest.fixture
def seeker(study: Study) -> Client:
    return make_visitor(make_participant(study, "seeker"))


def answers() -> list[dict[str, object]]:
    return list(SurveyResponse.objects.order_by("pk").values_list("answers", flat=True))


def test_the_pre_chat_survey_offers_the_studys_words_and_leads_to_the_lobby(seeker: Client) -> None:
    page = seeker.get("/survey/before/").content.decode()
    for value in ("Current Experience", "anxiety", "breakup with partner"):
        assert f'value="{value}"' in page
    assert 'value="jealousy"' not in page
    answer = seeker.post("/survey/before/", BEFORE)
    assert (answer.status_code, answer["Location"]) == (303, "/lobby/")
    assert answers() == [{**BEFORE, "initial_emotion_intensity": 5}]


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("experience_type", "", MISSING),
        ("experience_type", "Future Experience", CHOOSE),
        ("emotion_type", "jealousy", CHOOSE),
        ("problem_type", "Job Crisis", CHOOSE),
        ("initial_emotion_intensity", "6", SCALE),
        ("initial_emotion_intensity", "3.0", SCALE),
        ("initial_emotion_intensity", "٣", SCALE),
        ("situation", "   ", MISSING),
        ("situation", "x" * 2001, "Please shorten this to 2,000 characters."),
        ("situation", "a\x07b", "This has characters that cannot be stored. Remove them and send again."),
    ],
)
def test_a_wrong_answer_is_named_at_its_field_and_the_others_are_kept(
    seeker: Client, field: str, value: str, error: str
) -> None:
    answer = seeker.post("/survey/before/", {**BEFORE, field: value})
    assert answer.status_code == 400
    assert errors_of(answer) == {field: error}
    page = answer.content.decode()
    assert page.count("checked") == (3 if field in BEFORE and field != "situation" else 4)
    if field != "situation":
        assert BEFORE["situation"] in text_of(answer)
    assert answers() == []


def test_an_empty_survey_names_every_question(seeker: Client) -> None:
    answer = seeker.post("/survey/before/", {})
    assert errors_of(answer) == dict.fromkeys(BEFORE, MISSING)
    assert "data-error-summary" in answer.content.decode()


def test_markup_in_an_answer_is_shown_as_text(seeker: Client) -> None:
    answer = seeker.post("/survey/before/", {"situation": "</textarea><script>x()</script>"})
    assert "<script>x()" not in answer.content.decode()


def test_answers_that_found_no_partner_are_offered_again(study: Study) -> None:
    participant = make_participant(study, "seeker")
    client = make_visitor(participant)
    client.post("/survey/before/", BEFORE)
    actions.hello(participant)
    actions.leave(participant)
    assert "Try again" in text_of(client.get("/done/"))
    page = client.get("/survey/before/")
    assert page.content.decode().count("checked") == 4
    assert BEFORE["situation"] in text_of(page)
    assert client.post("/survey/before/", BEFORE)["Location"] == "/lobby/"


def test_a_supporter_has_no_survey_before(study: Study) -> None:
    client = make_visitor(make_participant(study, "supporter"))
    for method in (client.get, client.post):
        assert method("/survey/before/")["Location"] == "/lobby/"
    assert answers() == []


@pytest.fixture
def ended(study: Study) -> Pair:
    pair = make_pair(study).go_live()
    pair.talk(4)
    pair.send(Role.SEEKER, end("done"))
    return pair


def test_both_sides_answer_and_get_their_code(ended: Pair) -> None:
    for role in Role:
        client = make_visitor(ended.of(role))
        assert client.get("/next/")["Location"] == "/survey/after/"
        page = client.get("/survey/after/").content.decode()
        assert ('name="empathy"' in page) is (role is Role.SEEKER)
        answer = client.post("/survey/after/", AFTER[role])
        assert (answer.status_code, answer["Location"]) == (303, "/done/")
        code = ended.of(role).outcomes.get().completion_code
        assert f'<code id="completion-code">{code}</code>' in client.get("/done/").content.decode()
    assert ended.row.state == "finished"


@pytest.mark.parametrize(
    ("role", "field", "value", "error"),
    [
        (Role.SEEKER, "empathy", "0", SCALE),
        (Role.SEEKER, "final_emotion_intensity", "", MISSING),
        (Role.SEEKER, "relevance", "five", SCALE),
        (Role.SUPPORTER, "relevance", "", MISSING),
        (Role.SUPPORTER, "question1", "x" * 2001, "Please shorten this to 2,000 characters."),
    ],
)
def test_a_wrong_answer_after_the_conversation_comes_back(
    ended: Pair, role: Role, field: str, value: str, error: str
) -> None:
    client = make_visitor(ended.of(role))
    answer = client.post("/survey/after/", {**AFTER[role], field: value})
    assert (answer.status_code, errors_of(answer)) == (400, {field: error})
    assert ended.row.state == "survey"


def test_a_survey_sent_twice_is_kept_once(ended: Pair) -> None:
    client = make_visitor(ended.seeker)
    for _time in range(2):
        assert client.post("/survey/after/", AFTER[Role.SEEKER])["Location"] == "/done/"
    after = SurveyResponse.objects.filter(kind="after")
    assert after.count() == 1


def test_a_study_may_word_questions_and_ask_its_own() -> None:
    extra = ExtraQuestion(
        "sleep", "How do you sleep?", kind="choice", choices=("well", "badly"), required=True
    )
    before = SurveyText({"situation": "Tell us more."}, (extra,))
    study = make_study("own", surveys=Surveys(before=before))
    client = make_visitor(make_participant(study, "seeker"))
    words = text_of(client.get("/survey/before/"))
    assert "Tell us more." in words
    assert "How do you sleep?" in words
    assert errors_of(client.post("/survey/before/", BEFORE)) == {"sleep": MISSING}
    assert client.post("/survey/before/", {**BEFORE, "sleep": "badly"}).status_code == 303
    assert answers()[0]["sleep"] == "badly"
