"""What scripts do: invite, list, review, change policies."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escollect.audit.models import AuditRow
from escollect.conversations.models import Conversation
from escollect.corpus.funnel import PEOPLE
from escollect.people.actions import block, create_participant, decline_consent, enter
from escollect.people.models import Participant
from escollect.quality.actions import appeal
from escollect.quality.models import Appeal, Policy
from escollect.training.selectors import has_qualification
from tests.api.conftest import V1, World, finish
from tests.support.practices import MOVED, WELL, Practising, make_trainee, use_scripts
from tests.support.rooms import make_pair, make_study

pytestmark = pytest.mark.django_db


def token_of(url: str) -> str:
    assert url.startswith(f"{settings.PUBLIC_URL}/join/")
    assert url.endswith("/")
    return url.rstrip("/").rsplit("/", 1)[-1]


def test_an_invited_participant_comes_in_by_the_address(world: World) -> None:
    answer = world.api("researcher").post("participants/", {"study": "calm", "role": "seeker"})
    assert answer.status_code == 201
    assert set(answer.json()) == {"participant", "invite_url"}
    participant = enter(token_of(answer.json()["invite_url"])).participant
    assert str(participant.pk) == answer.json()["participant"]
    assert (participant.role, participant.study.slug) == ("seeker", "calm")


def test_qualified_true_qualifies_the_supporter_and_leaves_an_audit_row(world: World) -> None:
    body = {"study": "calm", "role": "supporter", "external_id": "w-1", "qualified": True}
    made = world.api("researcher").post("participants/", body)
    participant = Participant.objects.get(pk=made.json()["participant"])
    assert has_qualification(participant)
    rows = AuditRow.objects.filter(action__startswith="qualification.").values_list("actor", "why")
    assert list(rows) == [("staff:the-researcher", "qualified: true in the REST call that invited them")]
    plain = world.api("researcher").post("participants/", {**body, "external_id": "w-2", "qualified": False})
    assert not has_qualification(Participant.objects.get(pk=plain.json()["participant"]))


def test_a_seeker_needs_no_qualification_and_gets_none(world: World) -> None:
    body = {"study": "calm", "role": "seeker", "qualified": True}
    made = world.api("admin").post("participants/", body)
    assert made.status_code == 201
    assert not has_qualification(Participant.objects.get(pk=made.json()["participant"]))


def test_the_same_external_id_is_the_same_participant_with_one_more_invite(world: World) -> None:
    body = {"study": "calm", "role": "seeker", "external_id": "worker-4711"}
    first = world.api("researcher").post("participants/", body)
    again = world.api("admin").post("participants/", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["participant"] == again.json()["participant"]
    urls = {answer.json()["invite_url"] for answer in (first, again)}
    assert {str(enter(token_of(url)).participant.pk) for url in urls} == {first.json()["participant"]}
    assert len(urls) == 2


def test_only_an_admin_learns_who_an_external_id_is(world: World) -> None:
    body = {"study": "calm", "role": "seeker", "external_id": "worker-4711"}
    world.api("researcher").post("participants/", body)
    answer = world.api("researcher").post("participants/", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert set(answer.json()) == {"code", "detail"}


def test_somebody_whose_platform_id_was_forgotten_is_still_known(world: World) -> None:
    body = {"study": "calm", "role": "seeker", "external_id": "worker-4711"}
    made = world.api("admin").post("participants/", body).json()["participant"]
    decline_consent(Participant.objects.get(pk=made))
    researcher, admin = (world.api(role).post("participants/", body) for role in ("researcher", "admin"))
    assert (researcher.status_code, admin.status_code, admin.json()["participant"]) == (409, 200, made)


def test_the_same_id_on_another_platform_is_somebody_else(world: World) -> None:
    create_participant(world.study, "seeker", "worker-4711", platform="prolific")
    body = {"study": "calm", "role": "seeker", "external_id": "worker-4711"}
    assert world.api("researcher").post("participants/", body).status_code == 201


def test_somebody_who_was_blocked_is_not_invited_again(world: World) -> None:
    body = {"study": "calm", "role": "seeker", "external_id": "worker-4711"}
    made = world.api("admin").post("participants/", body).json()["participant"]
    block(Participant.objects.get(pk=made), None, "a test")
    before = Participant.objects.count()
    answer = world.api("admin").post("participants/", {**body, "role": "supporter"})
    assert (answer.status_code, answer.json()["code"]) == (409, "blocked")
    assert Participant.objects.count() == before


def test_a_closed_study_takes_nobody(world: World) -> None:
    world.study.state = "closed"
    world.study.save()
    answer = world.api("admin").post("participants/", {"study": "calm", "role": "seeker"})
    assert (answer.status_code, answer.json()["code"]) == (409, "study_closed")


def ids(body: dict[str, Any]) -> list[str]:
    return [row["id"] for row in body["results"]]


def test_filters_add_up(world: World) -> None:
    low, other = finish(make_pair(world.study)), finish(make_pair(make_study("other")))
    live = make_pair(world.study).go_live()
    api = world.api("reviewer")
    api.post(f"conversations/{low.conversation}/review/", {"decision": "rejected", "reason": "copied"})
    mine = str(world.pair.conversation)

    def found(**query: str) -> list[str]:
        return ids(api.get("conversations/", **query).json())

    newest_first = [str(pair.conversation) for pair in (live, other, low, world.pair)]
    assert found() == newest_first
    assert found(study="other") == [str(other.conversation)]
    assert found(study="calm", state="finished") == [str(low.conversation), mine]
    assert found(study="calm", verdict="rejected") == [str(low.conversation)]
    assert found(verdict="pending") == [str(live.conversation)]
    assert found(flag="copies") == [mine]
    assert found(flag="any") == found(flag="one_label") == [str(other.conversation), mine]
    assert found(flag="other") == []


def test_pages_lead_through_the_whole_list_and_back(world: World) -> None:
    for _ in range(4):
        make_pair(world.study).go_live()
    api = world.api("admin")
    pages = [api.get("conversations/", page_size=2).json()]
    while pages[-1]["next"]:
        pages.append(api.client.get(pages[-1]["next"]).json())
    assert [len(page["results"]) for page in pages] == [2, 2, 1]
    assert [page["previous"] is None for page in pages] == [True, False, False]
    assert len({key for page in pages for key in ids(page)}) == 5
    assert ids(api.client.get(pages[1]["previous"]).json()) == ids(pages[0])


def test_pages_hold_when_many_rows_have_the_same_time(world: World) -> None:
    for _ in range(4):
        make_pair(world.study).go_live()
    Conversation.objects.update(created_at=world.pair.row.created_at)
    api = world.api("admin")
    url, found = f"{V1}conversations/?page_size=1", []
    while url:
        page = api.client.get(url).json()
        found += ids(page)
        url = page["next"]
    assert sorted(found) == sorted(str(key) for key in Conversation.objects.values_list("pk", flat=True))


def test_every_list_can_be_paged(world: World) -> None:
    finish(make_pair(make_study("other")))
    for path in ("studies/", "verdicts/", "policies/", "releases/"):
        api = world.api("admin")
        if path == "releases/":
            for _ in range(2):
                api.post(path, {"study": "calm"})
        first = api.get(path, page_size=1).json()
        second = api.client.get(first["next"]).json()
        assert len(first["results"]) == len(second["results"]) == 1
        assert first["results"] != second["results"]
        assert api.client.get(second["previous"]).json()["results"] == first["results"]


def test_a_list_costs_the_same_with_one_row_and_with_three(world: World) -> None:
    api = world.api("admin")
    api.get("conversations/")
    costs = []
    for more in (0, 2):
        for _ in range(more):
            finish(make_pair(world.study))
        with CaptureQueriesContext(connection) as queries:
            assert len(ids(api.get("conversations/").json())) == 1 + more
        # PostgreSQL is asked for the time; that is no part of the list.
        costs.append(sum("clock_timestamp" not in query["sql"] for query in queries))
    assert costs == [9, 9]


def test_practice_and_erased_conversations_are_not_there(world: World) -> None:
    api, path = world.api("admin"), f"conversations/{world.pair.conversation}/"
    for column, value in (("kind", "practice"), ("state", "erased")):
        row = world.pair.row
        old = getattr(row, column)
        setattr(row, column, value)
        row.save()
        assert api.get(path).status_code == 404
        assert ids(api.get("conversations/").json()) == []
        assert api.get("verdicts/").json()["results"] == []
        assert api.post(f"{path}review/", {"decision": "rejected", "reason": "r"}).status_code == 404
        setattr(row, column, old)
        row.save()


def test_a_practice_chat_changes_no_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    use_scripts(monkeypatch, MOVED)
    slug = world.study.slug
    paths = ["conversations/", "verdicts/", f"studies/{slug}/live/", f"studies/{slug}/funnel/", "releases/"]

    def ask() -> list[Any]:
        answers = [world.api("admin").get(path).json() for path in paths]
        # The trainee came, and is qualified: people are counted, their practice is not.
        return [
            [step for step in a if step["step"] not in PEOPLE] if isinstance(a, list) else a for a in answers
        ]

    before = ask()
    pair = Practising.begin(make_trainee(world.study))
    assert ask() == before
    pair.reply(WELL)
    assert ask() == before
    assert world.api("admin").get(f"conversations/{pair.conversation}/").status_code == 404


def test_a_review_stands_above_the_policy_and_is_audited(world: World) -> None:
    path = f"conversations/{world.pair.conversation}/"
    body = {"decision": "rejected", "reason": "It is a copy.", "corrections": {"final_emotion_intensity": 4}}
    answer = world.api("reviewer").post(f"{path}review/", body)
    assert answer.status_code == 201
    assert (answer.json()["verdict"], answer.json()["decided_by"]) == ("rejected", "review")
    assert answer.json() == world.api("reviewer").get(path).json()
    assert answer.json()["verdicts"][0]["outcome"] == "accepted"
    assert answer.json()["surveys"]["after_seeker"]["final_emotion_intensity"] == 2
    row = AuditRow.objects.get(action="conversation.reviewed")
    assert (row.actor, row.why) == ("staff:the-reviewer", "It is a copy.")


def test_an_appeal_is_answered_with_the_review(world: World) -> None:
    Conversation.objects.filter(pk=world.pair.conversation).update(verdict="rejected")
    appeal(world.pair.seeker, world.pair.conversation, "It helped me.")
    api, path = world.api("reviewer"), f"conversations/{world.pair.conversation}/review/"
    body = {"decision": "accepted", "reason": "It is a good one."}
    refused = api.post(path, body)
    assert (refused.status_code, set(refused.json()["fields"])) == (400, {"answer"})
    assert api.post(path, {**body, "answer": "You are right."}).status_code == 201
    assert Appeal.objects.get().answer == "You are right."


def test_a_conversation_that_goes_on_cannot_be_reviewed(world: World) -> None:
    live = make_pair(world.study).go_live()
    body = {"decision": "accepted", "reason": "early"}
    answer = world.api("admin").post(f"conversations/{live.conversation}/review/", body)
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"conversation"})
    assert live.row.verdict == ""


def test_verdicts_are_listed_by_policy_outcome_and_conversation(world: World) -> None:
    api = world.api("researcher")

    def found(**query: str) -> list[tuple[str, str]]:
        rows = api.get("verdicts/", **query).json()["results"]
        assert all(row["conversation"] == str(world.pair.conversation) for row in rows)
        return sorted((row["policy"], row["outcome"]) for row in rows)

    both = [("esconv-2021", "accepted"), ("failed-esconv-2024", "not_selected")]
    assert found() == found(study="calm") == found(conversation=str(world.pair.conversation)) == both
    assert (
        found(policy="esconv-2021") == found(policy="esconv-2021@1") == found(outcome="accepted") == both[:1]
    )
    assert found(policy="esconv-2021@2") == found(policy="none") == []


def stricter(minimum: int) -> dict[str, Any]:
    definition: dict[str, Any] = dict(Policy.objects.get(name="esconv-2021", version=1).definition)
    rules = {name: dict(rule) for name, rule in definition["rules"].items()}
    (name,) = [name for name, rule in rules.items() if rule.get("measure", name) == "utterances"]
    rules[name]["minimum"] = minimum
    return {**definition, "rules": rules}


def test_simulating_tells_what_would_change_and_stores_nothing(world: World) -> None:
    api, before = world.api("reviewer"), Policy.objects.count()
    same = api.post("policies/simulate/", {"study": "calm", "policy": "esconv-2021"}).json()
    assert (same["conversations"], same["outcomes"], same["changed"]) == (1, {"accepted": 1}, 0)
    answer = api.post("policies/simulate/", {"study": "calm", "definition": stricter(40)})
    body = answer.json()
    assert (answer.status_code, body["outcomes"], body["changed"]) == (200, {"rejected": 1}, 1)
    (change,) = body["changes"]
    assert (change["conversation"], change["old"], change["new"]) == (
        str(world.pair.conversation),
        "accepted",
        "rejected",
    )
    assert (Policy.objects.count(), world.pair.row.verdict) == (before, "accepted")


def test_a_new_version_waits_until_it_is_made_active(world: World) -> None:
    api = world.api("researcher")
    quiet = api.post("policies/", {"definition": stricter(20)})
    assert (quiet.status_code, quiet.json()["version"], quiet.json()["active"]) == (201, 2, False)
    assert Policy.objects.get(name="esconv-2021", active=True).version == 1
    active = api.post("policies/", {"definition": stricter(40), "active": True})
    assert (active.json()["version"], active.json()["active"]) == (3, True)
    assert active.json()["definition"]["version"] == 3
    assert Policy.objects.get(name="esconv-2021", active=True).version == 3
    actors = AuditRow.objects.filter(action__startswith="policy.").values_list("actor", flat=True)
    assert set(actors) == {"staff:the-researcher"}


def test_a_policy_that_was_read_can_be_sent_back_as_the_next_version(world: World) -> None:
    read = world.api("researcher").get("policies/").json()["results"][0]
    made = world.api("researcher").post("policies/", read).json()
    assert (made["name"], made["version"], made["active"]) == (read["name"], 2, True)
    assert made["definition"] == {**read["definition"], "version": 2}


def test_a_policy_can_be_copied_under_another_name(world: World) -> None:
    definition = world.api("researcher").get("policies/").json()["results"][0]["definition"]
    made = world.api("researcher").post("policies/", {"name": "my-own", "definition": definition})
    assert (made.status_code, made.json()["name"], made.json()["version"]) == (201, "my-own", 1)
