from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import Client

from escollect.audit.models import AuditRow
from escollect.conversations.models import Conversation
from escollect.infra.clock import now
from escollect.people.actions import create_participant
from escollect.people.models import Invite, Participant
from escollect.studies.models import Study
from escollect.training.models import Qualification
from escollect.training.selectors import has_qualification
from tests.web.desk.conftest import Login
from tests.web.desk.scenes import make_finished, make_participant, make_study

MISSING_REASON = "Give a reason. It is kept in the audit trail."


@pytest.fixture
def admin(login: Login) -> Client:
    return login("admin")


def _listed(client: Client, query: str) -> set[str]:
    rows = client.get(f"/desk/participants/?{query}").context["rows"]
    return {participant.pseudonym for participant, _count in rows}


def test_participants_are_found_by_name_id_role_state_and_qualification(study: Study, admin: Client) -> None:
    seeker, supporter = make_participant(study, "seeker"), make_participant(study, "supporter")
    fresh = create_participant(study, "supporter", "prolific-7")
    Participant.objects.filter(pk=seeker.pk).update(state="blocked")
    everybody = {seeker.pseudonym, supporter.pseudonym, fresh.pseudonym}
    found = {
        query: _listed(admin, query)
        for query in (
            "",
            f"search={supporter.pseudonym.lower()}",
            f"search={fresh.pk}",
            "search=prolific-7",
            "role=seeker",
            "state=blocked",
            "qualification=qualified",
            "qualification=unqualified",
            "role=nonsense&cursor=nonsense",
        )
    }
    assert found == {
        "": everybody,
        f"search={supporter.pseudonym.lower()}": {supporter.pseudonym},
        f"search={fresh.pk}": {fresh.pseudonym},
        "search=prolific-7": {fresh.pseudonym},
        "role=seeker": {seeker.pseudonym},
        "state=blocked": {seeker.pseudonym},
        "qualification=qualified": {supporter.pseudonym},
        "qualification=unqualified": {fresh.pseudonym},
        "role=nonsense&cursor=nonsense": everybody,
    }


def test_only_admins_find_and_see_who_somebody_is(study: Study, login: Login) -> None:
    person = create_participant(study, "seeker", "prolific-7")
    seen = {}
    for role in ("researcher", "reviewer", "admin"):
        client = login(role)
        page = client.get(f"/desk/participants/{person.pk}/").content.decode()
        seen[role] = ("prolific-7" in page, _listed(client, "search=prolific-7") == {person.pseudonym})
    assert seen == {"researcher": (False, False), "reviewer": (False, False), "admin": (True, True)}


def test_the_page_of_a_participant_shows_path_consent_and_conversations(study: Study, admin: Client) -> None:
    room = make_finished(study, 4)
    text = admin.get(f"/desk/participants/{room.supporter_id}/").content.decode()
    for words in (
        room.supporter.pseudonym,
        "may be published",
        "Qualified in an earlier study.",
        str(room.pk),
    ):
        assert words in text
    assert list(admin.get(f"/desk/participants/{room.supporter_id}/").context["history"]) == [room]


def test_why_somebody_was_blocked_is_for_those_who_block(study: Study, login: Login) -> None:
    person = make_participant(study, "seeker")
    address = f"/desk/participants/{person.pk}/"
    login("reviewer").post(f"{address}block/", {"reason": "Sent the same text to three people."})
    seen = {
        role: "Sent the same text to three people." in login(role).get(address).content.decode()
        for role in ("researcher", "reviewer", "admin")
    }
    assert seen == {"researcher": False, "reviewer": True, "admin": True}


def test_blocking_ends_the_sessions_and_unblocking_lets_in_again(study: Study, admin: Client) -> None:
    person = make_participant(study, "seeker")
    address = f"/desk/participants/{person.pk}/"
    blocked = admin.post(f"{address}block/", {"reason": "Sent the same text to three people."}, follow=True)
    assert f"{person.pseudonym} is blocked" in blocked.content.decode()
    after = Participant.objects.get(pk=person.pk)
    assert (after.state, after.epoch > person.epoch) == ("blocked", True)
    admin.post(f"{address}unblock/", {"reason": "It was somebody else."})
    assert Participant.objects.get(pk=person.pk).state == "active"
    rows = AuditRow.objects.filter(object_id=str(person.pk), actor="staff:admin").order_by("pk")
    assert list(rows.values_list("action", "why")) == [
        ("participant.block", "Sent the same text to three people."),
        ("participant.unblock", "It was somebody else."),
    ]


def test_a_qualification_is_granted_and_revoked_with_a_reason(study: Study, admin: Client) -> None:
    person = create_participant(study, "supporter")
    address = f"/desk/participants/{person.pk}/"
    admin.post(f"{address}grant/", {"reason": "Trained in the pilot."})
    assert has_qualification(person)
    admin.post(f"{address}revoke/", {"reason": "Asked to stop."})
    assert not has_qualification(person)
    assert Qualification.objects.get().reason == "Trained in the pilot."


@pytest.mark.parametrize("act", ["block", "unblock", "grant", "revoke"])
def test_without_a_reason_nothing_is_done(act: str, study: Study, admin: Client) -> None:
    person = make_participant(study, "supporter")
    before = AuditRow.objects.count()
    answer = admin.post(f"/desk/participants/{person.pk}/{act}/", {"reason": "  "})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"reason": [MISSING_REASON]}
    assert AuditRow.objects.count() == before
    assert Participant.objects.get(pk=person.pk).state == "active"


def test_a_seeker_cannot_be_qualified_and_the_reason_is_kept(study: Study, admin: Client) -> None:
    person = make_participant(study, "seeker")
    answer = admin.post(f"/desk/participants/{person.pk}/grant/", {"reason": "Kept words."})
    assert answer.status_code == 422
    assert answer.context["form"]["reason"].value() == "Kept words."
    assert not Qualification.objects.exists()


def test_an_invite_for_one_person_always_lets_the_same_one_in(study: Study, admin: Client) -> None:
    answer = admin.post(
        "/desk/participants/invites/",
        {
            "kind": "person",
            "role": "supporter",
            "qualified": "on",
            "external_id": "prolific-9",
            "note": "Pilot",
        },
    )
    url = answer.context["url"]
    assert f'id="invite-url">{url}<' in answer.content.decode()
    assert url not in admin.get("/desk/participants/invites/").content.decode()
    person = Participant.objects.get()
    assert (person.person.external_id, has_qualification(person)) == ("prolific-9", True)
    for _opening in range(2):
        visitor = Client()
        assert visitor.get(url.removeprefix("http://127.0.0.1:8000")).status_code == 303
        assert visitor.session["participant"] == str(person.pk)
    assert Participant.objects.filter(study=study).count() == 1


def test_an_open_link_makes_a_participant_each_time(study: Study, admin: Client) -> None:
    url = admin.post("/desk/participants/invites/", {"kind": "link", "role": "seeker"}).context["url"]
    for _opening in range(2):
        assert Client().get(url.removeprefix("http://127.0.0.1:8000")).status_code == 303
    assert Participant.objects.filter(study=study, role="seeker").count() == 2


def test_a_form_is_about_the_study_it_was_shown_for_whatever_another_window_chose(
    study: Study, admin: Client
) -> None:
    other = make_study("second-light")
    shown = admin.get(f"/desk/participants/invites/?study={study.slug}").content.decode()
    assert f'<input type="hidden" name="study" value="{study.slug}">' in shown
    admin.get(f"/desk/participants/?study={other.slug}")
    admin.post("/desk/participants/invites/", {"kind": "link", "role": "seeker", "study": study.slug})
    assert Invite.objects.get().study == study


def test_links_to_more_of_a_list_keep_what_was_searched_for(study: Study, admin: Client) -> None:
    for _ in range(26):
        make_participant(study, "seeker")
    Participant.objects.update(pseudonym=Concat("pseudonym", Value("&role=supporter")))
    first = admin.get("/desk/participants/", {"search": "&role=supporter"})
    link = re.search(r'rel="next" href="([^"]+)"', first.content.decode())
    assert link is not None
    second = admin.get("/desk/participants/" + unescape(link[1]))
    assert (len(first.context["rows"]), len(second.context["rows"])) == (25, 1)


BAD: list[tuple[dict[str, str], str, str]] = [
    ({}, "kind", "Choose one of these."),
    ({"kind": "person"}, "role", "Choose one of these."),
    ({"kind": "person", "role": "boss"}, "role", "Choose one of these."),
    ({"kind": "person", "role": "seeker", "qualified": "on"}, "qualified", "Only supporters are qualified"),
    (
        {"kind": "link", "role": "seeker", "external_id": "x"},
        "external_id",
        "An open link is for many people",
    ),
    ({"kind": "person", "role": "seeker", "external_id": "x" * 201}, "external_id", "at most 200 characters"),
]


@pytest.mark.parametrize(("data", "field", "words"), BAD)
def test_a_bad_invite_is_explained_at_its_field(
    data: dict[str, str], field: str, words: str, study: Study, admin: Client
) -> None:
    answer = admin.post("/desk/participants/invites/", {**data, "note": "Kept words."})
    assert answer.status_code == 422
    assert words in answer.context["form"].errors[field][0]
    assert "Kept words." in answer.content.decode()
    assert not Invite.objects.filter(study=study).exists()
    assert not Participant.objects.exists()


def test_a_paused_study_refuses_invites_in_a_sentence(study: Study, admin: Client) -> None:
    Study.objects.filter(pk=study.pk).update(state="paused")
    answer = admin.post("/desk/participants/invites/", {"kind": "person", "role": "seeker"})
    assert answer.status_code == 422
    assert "takes no new participants" in answer.content.decode()


def test_a_researcher_invites_without_saying_who_it_is(study: Study, login: Login) -> None:
    data = {"kind": "person", "role": "seeker", "external_id": "prolific-9"}
    answer = login("researcher").post("/desk/participants/invites/", data)
    assert answer.status_code == 200
    assert Participant.objects.get(study=study).person.external_id == ""


def test_an_invite_is_taken_back_with_a_reason(study: Study, admin: Client) -> None:
    url = admin.post("/desk/participants/invites/", {"kind": "link", "role": "seeker"}).context["url"]
    invite = Invite.objects.get(study=study)
    address = f"/desk/participants/invites/{invite.pk}/revoke/"
    admin.post(address, {"reason": ""})
    assert Invite.objects.get().revoked_at is None
    admin.post(address, {"reason": "Went to the wrong list."})
    assert Invite.objects.get().revoked_at is not None
    Client().get(url.removeprefix("http://127.0.0.1:8000"))
    assert not Participant.objects.exists()
    assert admin.post(f"/desk/participants/invites/{uuid4()}/revoke/").status_code == 404


def test_people_of_imported_conversations_are_not_listed(study: Study, admin: Client) -> None:
    room = make_finished(study, 4)
    Participant.objects.filter(pk=room.seeker_id).update(source="import")
    assert _listed(admin, "") == {Conversation.objects.get().supporter.pseudonym}


def test_an_expired_qualification_does_not_stand(study: Study, admin: Client) -> None:
    person = make_participant(study, "supporter")
    Qualification.objects.filter(participant=person).update(expires_at=now() - timedelta(minutes=1))
    assert _listed(admin, "qualification=qualified") == set()
    Qualification.objects.filter(participant=person).update(expires_at=now() + timedelta(minutes=1))
    assert _listed(admin, "qualification=qualified") == {person.pseudonym}


def test_a_qualification_that_counts_no_more_is_to_be_granted_not_revoked(
    study: Study, admin: Client
) -> None:
    supporter = make_participant(study, "supporter")
    Qualification.objects.filter(participant=supporter).update(expires_at=now() - timedelta(days=1))
    page = admin.get(f"/desk/participants/{supporter.pk}/").content.decode()
    assert "counts no more" in page
    assert ("Grant the qualification" in page, "Revoke the qualification" in page) == (True, False)
