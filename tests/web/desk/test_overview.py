from __future__ import annotations

from django.test import Client

from escollect.conversations import actions as rooms
from escollect.corpus.actions import build_release, create_release
from escollect.corpus.funnel import get_funnel
from escollect.corpus.overview import get_overview, get_targets
from escollect.domain.matching import Why
from escollect.people.actions import create_participant
from escollect.quality.models import Flag
from escollect.studies.models import Study
from escollect.web.desk.overview import build_shares
from escollect.web.desk.words import WAITS
from tests.web.desk.conftest import Login
from tests.web.desk.scenes import make_finished, make_participant, open_room


def test_the_funnel_counts_people_then_conversations(study: Study) -> None:
    create_participant(study, "seeker")
    make_finished(study)
    make_finished(study, 4)
    open_room(study)
    build_release(create_release(study).pk)
    assert [(step.step, step.count) for step in get_funnel(study)] == [
        ("arrived", 7),
        ("consented", 6),
        ("qualified", 3),
        ("conversations", 3),
        ("long_enough", 1),
        ("accepted", 1),
        ("released", 1),
    ]


def test_the_overview_counts_who_is_there_and_what_was_decided(study: Study, login: Login) -> None:
    make_finished(study)
    make_finished(study, 4)
    undecided = make_finished(study, intensity=4)
    Flag.objects.create(conversation=undecided, kind="task_talk", severity="info")
    open_room(study)
    rooms.hello(make_participant(study, "seeker"))
    numbers = get_overview(study)
    assert (
        dict(numbers.waiting),
        numbers.chatting,
        numbers.finished,
        dict(numbers.verdicts),
        numbers.open_flags,
    ) == ({"seeker": 1}, 1, 3, {"accepted": 1, "rejected": 1, "needs_review": 1}, 3)
    client: Client = login("researcher")
    assert client.get("/desk/").context["numbers"] == numbers


def test_flags_are_counted_for_those_only_who_may_see_what_was_found(study: Study, login: Login) -> None:
    Flag.objects.create(conversation=make_finished(study), kind="task_talk", severity="info")
    told = {
        role: b"Open flags" in login(role).get("/desk/").content
        for role in ("researcher", "reviewer", "admin")
    }
    assert told == {"researcher": False, "reviewer": True, "admin": True}


def test_accepted_is_counted_by_problem_and_emotion_against_the_target(study: Study) -> None:
    make_finished(study)
    make_finished(study, 4)
    problems, emotions = get_targets(study)
    assert [target.value for target in problems if target.accepted] == ["job crisis"]
    assert [(target.value, target.accepted) for target in emotions if target.accepted] == [("anxiety", 1)]
    assert study.current is not None
    wanted = study.current.settings.targets.problem
    assert {target.value: target.wanted for target in problems if target.wanted} == dict(wanted)


def test_the_verdict_bar_fills_its_whole_width() -> None:
    shares = build_shares({"accepted": 1, "rejected": 1, "": 1})
    assert [(part.key, part.count, part.percent, part.start, part.width) for part in shares] == [
        ("accepted", 1, 33, "0.00", "33.33"),
        ("rejected", 1, 33, "33.33", "33.33"),
        ("pending", 1, 33, "66.67", "33.33"),
    ]
    assert build_shares({}) == []


def test_live_says_which_role_is_missing(study: Study, login: Login) -> None:
    rooms.hello(make_participant(study, "seeker"))
    text = login("reviewer").get("/desk/live/").content.decode()
    assert "Seekers wait and no supporter is there." in text


def test_the_live_page_says_why_somebody_still_waits(study: Study, login: Login) -> None:
    rooms.hello(make_participant(study, "seeker"))
    page = login("researcher").get("/desk/live/").content.decode()
    assert page.count("nobody of the other role is here") == 1
    rooms.sweep()
    page = login("researcher").get("/desk/live/").content.decode()
    assert page.count("nobody of the other role is here") == 2
    assert "Since the beginning" in page


def test_every_reason_for_a_wait_has_words() -> None:
    assert set(WAITS) == set(Why)


def test_the_admin_carries_our_name_and_colours_and_leads_back_to_the_desk(login: Login) -> None:
    for client, path in ((login("admin"), "/admin/"), (Client(), "/admin/login/")):
        page = client.get(path).content.decode()
        assert "Django administration" not in page
        assert '<a href="/admin/">ESCollect</a>' in page
        assert "/css/admin." in page
    assert '<a href="/desk/">The desk</a>' in login("reviewer").get("/admin/").content.decode()
