"""The lobby's socket: a place, an offer, a partner, and the ways out."""

from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from escollect.conversations import actions
from escollect.conversations.models import Conversation, Ticket
from escollect.domain.study import Targets
from escollect.infra.collector import Overloaded
from escollect.live import socket
from escollect.people.models import Participant
from escollect.studies.models import Study
from escollect.training.models import Qualification
from tests.live import people
from tests.live.people import Client
from tests.support.rooms import make_pair, make_study

pytestmark = pytest.mark.django_db(transaction=True)


def enter(study: Study, role: str) -> tuple[Participant, Client]:
    """Somebody at the lobby page."""
    participant = people.make_participant(study, role)
    return participant, Client("/ws/lobby/", people.make_session(participant))


async def pair() -> tuple[Client, Client]:
    study = await sync_to_async(people.make_study)()
    _, seeker = await sync_to_async(enter)(study, "seeker")
    _, supporter = await sync_to_async(enter)(study, "supporter")
    return seeker, supporter


async def test_opening_the_page_takes_no_place_and_hello_does() -> None:
    seeker, _supporter = await pair()
    async with seeker:
        await seeker.send(t="ping", n=3)
        assert (await seeker.next())["t"] == "pong"
        assert await Ticket.objects.acount() == 0
        await seeker.send(t="hello", v=1)
        waiting = await seeker.until(t="waiting")
        assert set(waiting) == {"t", "position", "estimate_s", "since", "prompt_at"}
        assert waiting["position"] == 1
    assert await Ticket.objects.filter(state="waiting").acount() == 1


async def test_two_who_are_ready_are_matched_to_the_same_room() -> None:
    seeker, supporter = await pair()
    async with seeker, supporter:
        await seeker.send(t="hello", v=1)
        await seeker.until(t="waiting")
        await supporter.send(t="hello", v=1)
        offer = await supporter.until(t="offer")
        assert (await seeker.until(t="offer"))["offer"] == offer["offer"]
        assert set(offer) == {"t", "offer", "expires_at"}
        await seeker.send(t="ready", offer=offer["offer"])
        await seeker.send(t="ready", offer=offer["offer"])
        await seeker.send(t="ping", n=1)
        assert (await seeker.next())["t"] == "pong"
        await supporter.send(t="ready", offer=offer["offer"])
        room = {"t": "matched", "path": f"/chat/{offer['offer']}/"}
        assert await supporter.until(t="matched") == room
        assert await seeker.until(t="matched") == room


async def test_who_declines_is_out_and_the_other_waits_on() -> None:
    seeker, supporter = await pair()
    async with seeker, supporter:
        await seeker.send(t="hello", v=1)
        since = (await seeker.until(t="waiting"))["since"]
        await supporter.send(t="hello", v=1)
        offer = (await supporter.until(t="offer"))["offer"]
        assert (await seeker.until(t="offer"))["offer"] == offer
        await supporter.send(t="decline", offer=offer)
        closed = await supporter.until(t="closed")
        assert closed == {"t": "closed", "outcome": "self_left", "path": "/next/"}
        assert (await seeker.until(t="waiting"))["since"] == since
    assert (await Conversation.objects.aget()).state == "aborted"


async def test_nobody_is_paired_with_a_closed_page_and_the_place_is_kept() -> None:
    study = await sync_to_async(people.make_study)()
    participant, seeker = await sync_to_async(enter)(study, "seeker")
    _, supporter = await sync_to_async(enter)(study, "supporter")
    async with seeker:
        await seeker.send(t="hello", v=1)
        since = (await seeker.until(t="waiting"))["since"]
    session = await sync_to_async(people.make_session)(participant)
    async with supporter, Client("/ws/lobby/", session) as back:
        await supporter.send(t="hello", v=1)
        await supporter.until(t="waiting")
        assert await Conversation.objects.acount() == 0
        await back.send(t="hello", v=1)
        offer = await back.until(t="offer")
        assert (await supporter.until(t="offer"))["offer"] == offer["offer"]
    assert (await Ticket.objects.aget(participant=participant)).since.isoformat()[:19] == since[:19]


async def test_leaving_closes_the_ticket_and_a_new_hello_takes_another() -> None:
    seeker, _supporter = await pair()
    async with seeker:
        await seeker.send(t="hello", v=1)
        await seeker.until(t="waiting")
        await seeker.send(t="leave")
        assert (await seeker.until(t="closed"))["outcome"] == "self_left"
        await seeker.send(t="hello", v=1)
        await seeker.until(t="waiting")
    states = [state async for state in Ticket.objects.order_by("since").values_list("state", flat=True)]
    assert states == ["cancelled", "waiting"]


async def test_an_answer_to_an_offer_that_is_not_mine_is_refused() -> None:
    seeker, _supporter = await pair()
    async with seeker:
        await seeker.send(t="hello", v=1)
        await seeker.until(t="waiting")
        for frame in ("ready", "decline"):
            await seeker.send(t=frame, offer=uuid4())
            assert await seeker.until(t="error") == {"t": "error", "code": "state", "fatal": False}


async def test_leaving_without_a_place_is_refused() -> None:
    seeker, _supporter = await pair()
    async with seeker:
        await seeker.send(t="leave")
        assert await seeker.next() == {"t": "error", "code": "state", "fatal": False}


async def test_a_supporter_without_qualification_cannot_wait() -> None:
    _seeker, supporter = await pair()
    await Qualification.objects.all().adelete()
    async with supporter:
        await supporter.send(t="hello", v=1)
        assert await supporter.until(t="error") == {"t": "error", "code": "forbidden", "fatal": True}
        assert await supporter.next() == {"close": 4003}
    assert await Ticket.objects.acount() == 0


async def test_a_logged_out_browser_and_another_version_are_refused() -> None:
    seeker, _supporter = await pair()
    async with Client("/ws/lobby/", None) as nobody:
        assert await nobody.until(close=4010)
    async with seeker:
        await seeker.send(t="hello", v=2)
        assert await seeker.until(close=4001)


async def test_bad_frames_get_an_error_and_the_place_is_kept() -> None:
    seeker, _supporter = await pair()
    async with seeker:
        await seeker.send(t="hello", v=1)
        await seeker.until(t="waiting")
        for frame, code in [
            ({"t": "msg", "text": "Hello?"}, "unknown_type"),
            ({"t": "ready"}, "bad_frame"),
            ({"t": "hello"}, "bad_frame"),
        ]:
            await seeker.send(**frame)
            assert (await seeker.until(t="error"))["code"] == code
    assert await Ticket.objects.filter(state="waiting").acount() == 1


async def test_somebody_who_waits_long_is_asked_whether_they_are_there() -> None:
    seeker, _supporter = await pair()
    async with seeker:
        await seeker.send(t="hello", v=1)
        waiting = await seeker.until(t="waiting")
        await Ticket.objects.aupdate(prompt_at=waiting["since"])
        await seeker.send(t="ping", n=1)
        assert await seeker.until(t="prompt") == {"t": "prompt", "kind": "still_there"}
        await seeker.send(t="hello", v=1)
        assert (await seeker.until(t="waiting"))["since"] == waiting["since"]


async def test_a_full_study_closes_with_its_outcome_and_nothing_older_follows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "TICK_SECONDS", 0.05)
    study = await sync_to_async(make_study)(targets=Targets(conversations=1))
    _, late = await sync_to_async(enter)(study, "supporter")
    async with late:
        await late.send(t="hello", v=1)
        await late.until(t="waiting")
        await late.send(t="leave")
        await late.until(t="closed", outcome="self_left")
        pair = await sync_to_async(lambda: make_pair(study).go_live())()
        await Conversation.objects.filter(pk=pair.conversation).aupdate(state="finished", verdict="accepted")
        await late.send(t="hello", v=1)
        assert await late.next() == {"t": "closed", "outcome": "study_full", "path": "/next/"}
        assert await late.socket.receive_nothing(timeout=0.3)


@pytest.mark.parametrize(
    ("error", "code"), [(OperationalError("away"), "db_unavailable"), (Overloaded("lobby"), "busy")]
)
async def test_who_cannot_be_given_a_place_is_sent_away_to_come_back(
    monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    seeker, supporter = await pair()

    def fail(*_arguments: object) -> None:
        raise error

    async with seeker:
        with monkeypatch.context() as patch:
            patch.setattr(actions, "act_many", fail)
            await seeker.send(t="hello", v=1)
            assert await seeker.until(t="error") == {"t": "error", "code": code, "fatal": True}
            assert await seeker.next() == {"close": 4113}
    async with supporter:
        await supporter.send(t="hello", v=1)
        assert (await supporter.until(t="waiting"))["position"] == 1
