from __future__ import annotations

import pytest
from django.test import Client

from escollect.people.actions import block, create_participant, invite, revoke_invite
from escollect.people.models import Consent, Participant
from escollect.studies.actions import set_state
from escollect.studies.models import Study, StudyVersion
from escollect.training.actions import grant_qualification, revoke_qualification
from escollect.training.models import Qualification
from tests.support.rooms import make_participant, make_study
from tests.web.participant.visitors import CONSENT, errors_of, join, make_visitor, text_of

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("study")
def test_the_start_page_lists_the_studies_that_are_open_to_everybody() -> None:
    make_study("hidden", open_entry=False)
    set_state(make_study("paused"), "paused", None)
    page = Client().get("/")
    assert page.status_code == 200
    assert "Calm" in text_of(page)
    assert "/s/calm/" in page.content.decode()
    assert "Hidden" not in text_of(page)
    assert "Paused" not in text_of(page)


def test_an_empty_start_page_says_what_will_be_there() -> None:
    assert "Open studies are listed here" in text_of(Client().get("/"))


def test_an_invite_sets_the_session_and_goes_to_the_next_page(study: Study) -> None:
    client, answer = join(study, "seeker")
    assert (answer.status_code, answer["Location"]) == (303, "/consent/")
    participant = Participant.objects.get()
    assert client.session["participant"] == str(participant.pk)
    assert client.session["epoch"] == participant.epoch
    again = client.get("/next/")
    assert (again.status_code, again["Location"]) == (303, "/consent/")


def test_a_qualified_invite_spares_its_supporter_the_training(study: Study) -> None:
    client, _answer = join(study, "supporter", qualified=True)
    assert client.post("/consent/", CONSENT)["Location"] == "/lobby/"
    other, _answer = join(study, "supporter")
    assert other.post("/consent/", CONSENT)["Location"] == "/training/"


def test_a_revoked_qualification_does_not_come_back_with_the_invite(study: Study, admin_user: object) -> None:
    participant = make_participant(study, "supporter", qualified=False)
    grant_qualification(participant, None, "by hand")
    revoke_qualification(participant, admin_user, "careless")  # type: ignore[arg-type]
    _made, token = invite(study, "supporter", participant=participant, qualified=True)
    assert Client().get(f"/join/{token}/")["Location"] == "/training/"
    assert not Qualification.objects.filter(revoked_at=None).exists()


def test_an_invite_that_does_not_stand_says_why_and_sets_no_session(study: Study) -> None:
    made, token = invite(study, "seeker")
    revoke_invite(made, None, "over")
    client = Client()
    answer = client.get(f"/join/{token}/")
    assert answer.status_code == 403
    assert "This invite is not known, or it was taken back." in text_of(answer)
    assert "participant" not in client.session


def test_a_new_session_key_comes_with_the_participant(study: Study) -> None:
    client = Client()
    session = client.session
    session["theme"] = "kept"
    session.save()
    before = session.session_key
    _made, token = invite(study, "seeker")
    client.get(f"/join/{token}/")
    assert client.session.session_key != before
    assert client.session["theme"] == "kept"


@pytest.mark.parametrize(
    "path",
    [
        "/next/",
        "/consent/",
        "/survey/before/",
        "/survey/after/",
        "/done/",
        "/me/",
        "/me/data/",
        "/me/withdraw/",
    ],
)
@pytest.mark.usefixtures("study")
def test_without_a_session_every_page_says_so_and_how_to_come_back(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 403
    assert "Please open your invite link again" in text_of(answer)


def test_a_block_ends_the_session_at_the_next_page(study: Study) -> None:
    client, _answer = join(study, "seeker")
    block(Participant.objects.get(), None, "abuse")
    assert client.get("/consent/").status_code == 403
    assert client.post("/consent/", CONSENT).status_code == 403
    assert not Consent.objects.exists()


@pytest.mark.usefixtures("study")
def test_the_studys_page_asks_for_a_role_and_brings_in() -> None:
    client = Client()
    page = client.get("/s/calm/")
    assert "Half an hour with somebody." in text_of(page)
    assert not Participant.objects.exists()
    answer = client.post("/s/calm/", {"role": "seeker"})
    assert (answer.status_code, answer["Location"]) == (303, "/consent/")
    assert Participant.objects.get().role == "seeker"


@pytest.mark.parametrize(
    ("query", "platform", "external_id"),
    [
        ("PROLIFIC_PID=abc&STUDY_ID=1&SESSION_ID=2", "prolific", "abc"),
        ("workerId=W1&assignmentId=x", "mturk", "W1"),
        ("participant_id=me%20too", "platform", "me too"),
    ],
)
@pytest.mark.usefixtures("study")
def test_a_platform_link_carries_its_id_into_the_study(query: str, platform: str, external_id: str) -> None:
    page = Client().get(f"/s/calm/?{query}").content.decode()
    assert f'name="platform" value="{platform}"' in page
    assert f'name="external_id" value="{external_id}"' in page
    form = {"role": "supporter", "platform": platform, "external_id": external_id}
    for _time in range(2):
        assert Client().post("/s/calm/", form).status_code == 303
    participant = Participant.objects.get()
    assert (participant.person.platform, participant.person.external_id) == (platform, external_id)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"role": "admin"},
        {"role": "seeker", "platform": "elsewhere"},
        {"role": "seeker", "platform": "prolific", "external_id": "x" * 201},
    ],
)
@pytest.mark.usefixtures("study")
def test_a_wrong_entry_form_comes_back_and_makes_nobody(form: dict[str, str]) -> None:
    answer = Client().post("/s/calm/", form)
    assert answer.status_code == 400
    assert not Participant.objects.exists()


def test_an_id_that_was_invited_opens_nothing_until_the_invite_is_taken_back(study: Study) -> None:
    invited = create_participant(study, "seeker", "P12")
    made, token = invite(study, "seeker", participant=invited)
    form = {"role": "seeker", "platform": "platform", "external_id": "P12"}
    guesser = Client()
    answer = guesser.post("/s/calm/", form)
    assert (answer.status_code, "participant" in guesser.session) == (403, False)
    assert "link of your own" in answer.content.decode()
    assert Client().get(f"/join/{token}/").status_code == 303
    revoke_invite(made, None, "a mistake")
    assert Client().post("/s/calm/", form).status_code == 303
    assert Participant.objects.get() == invited


@pytest.mark.usefixtures("study")
def test_a_markup_in_a_platform_id_stays_text() -> None:
    page = Client().get("/s/calm/", {"PROLIFIC_PID": '"><script>x</script>'}).content.decode()
    assert "<script>x" not in page


@pytest.mark.parametrize(
    "path", ["/s/nowhere/", "/s/hidden/", "/s/hidden-and-paused/", "/join/", "/survey/during/"]
)
def test_what_is_not_public_is_not_there(path: str) -> None:
    make_study("hidden", open_entry=False)
    set_state(make_study("hidden-and-paused", open_entry=False), "paused", None)
    answer = Client().get(path)
    assert answer.status_code == 404
    assert "There is nothing here" in text_of(answer)


@pytest.mark.parametrize("state", ["paused", "closed"])
def test_a_public_study_that_rests_says_so_and_takes_nobody(state: str) -> None:
    set_state(make_study("resting"), state, None)
    for answer in (Client().get("/s/resting/"), Client().post("/s/resting/", {"role": "seeker"})):
        assert answer.status_code == 409
        assert "This study takes no new participants at the moment. Nothing was recorded." in text_of(answer)
    assert not Participant.objects.exists()


def test_consent_shows_the_studys_words_and_goes_on(study: Study) -> None:
    client, _answer = join(study, "seeker")
    page = client.get("/consent/")
    assert "You are asked to take part." in text_of(page)
    assert "My conversations may be published for research" in text_of(page)
    answer = client.post("/consent/", {**CONSENT, "release_public": "on"})
    assert (answer.status_code, answer["Location"]) == (303, "/survey/before/")
    assert Consent.objects.values_list("given", "release_public", "recontact").get() == (True, True, False)


@pytest.mark.parametrize("missing", ["adult", "take_part", "recorded"])
def test_a_missing_box_is_named_and_the_others_stay_ticked(study: Study, missing: str) -> None:
    client, _answer = join(study, "seeker")
    given = {key: value for key, value in CONSENT.items() if key != missing}
    answer = client.post("/consent/", {**given, "recontact": "on"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert errors_of(answer) == {missing: "Tick this to take part, or say below that you do not want to."}
    assert page.count("checked") == 3
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    ("field", "words"),
    [("decline", "You decided not to take part."), ("underage", "This study is for adults.")],
)
def test_who_does_not_take_part_is_thanked_and_kept_out(study: Study, field: str, words: str) -> None:
    client, _answer = join(study, "seeker")
    answer = client.post("/consent/", {field: "on", **CONSENT})
    assert (answer.status_code, answer["Location"]) == (303, "/done/")
    assert words in text_of(client.get("/done/"))
    for path in ("/consent/", "/survey/before/", "/lobby/", "/next/"):
        assert client.get(path)["Location"] == "/done/"
    assert client.post("/consent/", CONSENT)["Location"] == "/done/"
    assert Participant.objects.get().state == "declined"


def test_consent_sent_twice_goes_on_both_times(study: Study) -> None:
    client, _answer = join(study, "seeker")
    assert client.post("/consent/", CONSENT)["Location"] == "/survey/before/"
    assert client.post("/consent/", CONSENT)["Location"] == "/survey/before/"
    assert Consent.objects.count() == 1


def test_who_read_an_older_text_is_shown_the_newer_one_first(study: Study) -> None:
    client, _answer = join(study, "seeker")
    assert 'name="version" value="1"' in client.get("/consent/").content.decode()
    newer = {**study.current.definition, "consent": {"text": "A newer text.", "items": {}}}  # type: ignore[union-attr]
    study.current = StudyVersion.objects.create(study=study, number=2, definition=newer)
    study.save()
    answer = client.post("/consent/", {**CONSENT, "version": "1"})
    assert answer.status_code == 409
    assert "A newer text." in text_of(answer)
    assert not Consent.objects.exists()
    assert client.post("/consent/", {**CONSENT, "version": "2"}).status_code == 303
    assert Consent.objects.get().version.number == 2


def test_a_study_that_closed_meanwhile_says_so_at_consent(study: Study) -> None:
    client, _answer = join(study, "seeker")
    set_state(study, "closed", None)
    answer = client.post("/consent/", CONSENT)
    assert answer.status_code == 409
    assert "takes no new participants" in text_of(answer)


@pytest.mark.usefixtures("study")
def test_forms_need_their_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/s/calm/", {"role": "seeker"}).status_code == 403
    assert not Participant.objects.exists()


def test_help_lines_and_quick_exit_are_on_every_page_of_a_participant(study: Study) -> None:
    client = make_visitor(create_participant(study, "seeker"))
    for path in ("/consent/", "/me/", "/me/withdraw/"):
        page = client.get(path)
        assert "The Line call 123" in text_of(page)
        assert 'href="https://example.org/blank"' in page.content.decode()
    assert "call 123" in text_of(client.get("/resources/"))
    assert "call 123" in text_of(Client().get("/resources/"))


def test_no_page_of_a_participant_is_kept_by_caches(study: Study) -> None:
    client = make_visitor(create_participant(study, "seeker"))
    for path in ("/consent/", "/me/", "/next/"):
        assert client.get(path)["Cache-Control"] == "private, no-store"
