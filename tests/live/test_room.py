"""The room's socket, from the handshake to the redirect."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.backends.db import SessionStore

from escollect.conversations.models import Conversation, Event, HelpRequest, Member
from escollect.live import collectors, registry, room, socket
from escollect.people.actions import withdraw
from escollect.people.models import Participant
from tests.live.conftest import World
from tests.live.people import Client

pytestmark = pytest.mark.django_db(transaction=True)


def seq_of(client: Client) -> list[int]:
    """The sequence numbers of the events a client got, in order of arrival."""
    return [frame["seq"] for frame in client.received if frame.get("t") == "event"]


async def test_two_people_talk_and_each_sees_their_own_view(world: World) -> None:
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        assert (await seeker.join())["rules"] == {"strategies": None, "rate_every": 2}
        joined = await supporter.join()
        assert (joined["role"], joined["state"], joined["hb"]) == ("supporter", "live", 15)
        assert joined["limits"] == {"text": 2000, "msgs": 300}
        assert joined["rules"]["strategies"][0] == "Question"

        said = await seeker.ask(t="msg", text="I lost my job.", strategy=None, seen=1)
        heard = await supporter.until(kind="msg")
        assert heard == {
            "t": "event",
            "seq": said["seq"],
            "at": said["at"],
            "kind": "msg",
            "from": "seeker",
            "text": "I lost my job.",
        }
        tele = {"keys": 4, "ms": 900, "paste_chars": 0, "blurs": 1}
        await supporter.ask(t="msg", text="What happened?", strategy="Question", seen=2, tele=tele)
        own = await supporter.until(kind="msg", **{"from": "supporter"})
        assert own["strategy"] == "Question"
        other = await seeker.until(kind="msg", **{"from": "supporter"})
        assert set(other) == {"t", "seq", "at", "kind", "from", "text"}


async def test_the_second_supporter_utterance_asks_for_feedback_that_only_the_seeker_sees(
    world: World,
) -> None:
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await seeker.join()
        await supporter.join()
        await supporter.ask(t="msg", text="Hello.", strategy="Others", seen=1)
        await supporter.ask(t="msg", text="How are you?", strategy="Question", seen=1)
        request = await seeker.until(kind="rating_request")
        assert (await seeker.ask(t="rate", req=request["seq"], value=4))["t"] == "ack"
        assert (await seeker.until(kind="rating"))["value"] == 4
        shown = await supporter.until(kind="rating")
        assert "value" not in shown
        assert shown["req"] == request["seq"]
        assert (await supporter.ask(t="rate", req=request["seq"], value=4))["code"] == "forbidden"


async def test_a_repeated_command_gets_the_same_ack_and_is_stored_once(world: World) -> None:
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await seeker.join()
        await supporter.join()
        cid = uuid4()
        first = await seeker.ask(t="msg", cid=cid, text="Once.", strategy=None, seen=1)
        again = await seeker.ask(t="msg", cid=cid, text="Once.", strategy=None, seen=1)
        assert again == {**first, "dup": True}
        other = await seeker.ask(t="msg", cid=cid, text="Twice.", strategy=None, seen=1)
        assert (other["t"], other["code"], other["retry"]) == ("nack", "cid_conflict", False)
    assert await Event.objects.filter(kind="msg").acount() == 1


async def test_rules_of_the_turn_are_answered_with_nacks(world: World) -> None:
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        early = await seeker.ask(t="msg", text="Too early.", strategy=None, seen=0)
        assert early["code"] == "not_joined"
        await seeker.join()
        alone = await seeker.ask(t="msg", text="Nobody is here.", strategy=None, seen=0)
        assert alone["code"] == "state"
        await supporter.join()
        codes = [
            (await seeker.ask(t="msg", text="Hi", strategy="Question", seen=1))["code"],
            (await supporter.ask(t="msg", text="Hi", strategy=None, seen=1))["code"],
            (await supporter.ask(t="msg", text="Hi", strategy="Charm", seen=1))["code"],
            (await supporter.ask(t="msg", text="", strategy="Question", seen=1))["code"],
            (await seeker.ask(t="rate", req=1, value=3))["code"],
        ]
    assert codes == [
        "strategy_forbidden",
        "strategy_required",
        "strategy_invalid",
        "text_empty",
        "rating_invalid",
    ]
    assert await Event.objects.filter(kind="msg").acount() == 0


async def test_the_newest_tab_wins_and_the_older_one_is_told(world: World) -> None:
    async with world.client("seeker") as old, world.client("seeker") as new:
        await old.join()
        await new.join()
        assert await old.until(close=4009)
        assert (await new.ask(t="help", kind="tech"))["t"] == "ack"
    assert await HelpRequest.objects.acount() == 1


async def test_a_client_that_comes_back_gets_what_it_missed_in_order(world: World) -> None:
    async with world.client("supporter") as supporter:
        async with world.client("seeker") as seeker:
            await seeker.join()
            await supporter.join()
            await seeker.until(kind="state")
        for number in range(3):
            await supporter.ask(t="msg", text=f"Line {number}", strategy="Others", seen=1)
        async with world.client("seeker") as back:
            joined = await back.join(last_seq=2)
            await back.until(seq=joined["last_seq"])
            assert seq_of(back) == list(range(3, joined["last_seq"] + 1))


async def test_a_poll_finds_what_no_hint_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "TICK_SECONDS", 0.1)
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await seeker.join()
        await supporter.join()
        await seeker.until(kind="state")
        row = await Conversation.objects.aget(pk=world.conversation)
        word = {"kind": "moderator", "author": "moderator", "text": "Be well.", "at": row.live_at}
        await Event.objects.acreate(conversation=row, seq=row.last_seq + 1, **word)
        assert (await seeker.until(kind="moderator"))["text"] == "Be well."


@pytest.mark.parametrize(
    ("who", "options", "code"),
    [
        ("stranger", {}, 4004),
        ("nobody", {}, 4010),
        ("seeker", {"origin": "https://evil.example"}, 4003),
        ("seeker", {"origin": "http://127.0.0.1:1"}, 4003),
        ("seeker", {"protocols": ()}, 4001),
        ("seeker", {"protocols": ("esc.v9",)}, 4001),
    ],
)
async def test_a_stranger_is_accepted_told_and_closed(
    world: World, who: str, options: dict[str, Any], code: int
) -> None:
    async with world.client(who, **options) as client:
        answer = await client.next()
        assert (answer["t"], answer["fatal"]) == ("error", True)
        assert await client.next() == {"close": code}


async def test_an_unknown_address_is_closed_like_an_unknown_room(world: World) -> None:
    for path in (f"/ws/c/{uuid4()}/", "/ws/c/15/", "/ws/"):
        async with Client(path, world.sessions["seeker"]) as client:
            assert await client.until(close=4004)


async def test_another_version_is_refused_at_join(world: World) -> None:
    async with world.client("seeker") as client:
        await client.send(t="join", v=2, last_seq=0, tab=uuid4())
        assert await client.until(close=4001)


async def test_who_does_not_join_in_time_is_closed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "JOIN_SECONDS", 0.1)
    async with world.client("seeker") as client:
        assert await client.until(close=4108)


async def test_who_falls_silent_is_closed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "TICK_SECONDS", 0.05)
    monkeypatch.setattr(socket, "SILENCE_SECONDS", 0.2)
    async with world.client("seeker") as client:
        await client.join()
        assert await client.until(close=4108)


async def test_bad_frames_get_an_error_and_the_socket_lives_on(world: World) -> None:
    async with world.client("seeker") as client:
        await client.join()
        for text, code in [
            ("nonsense", "bad_json"),
            ('{"t":"ping","n":NaN}', "bad_json"),
            ('{"t":"dance"}', "unknown_type"),
            ('{"t":"typing"}', "bad_frame"),
            ('"' + "x" * 20000 + '"', "too_large"),
        ]:
            await client.socket.send_to(text_data=text)
            assert await client.until(t="error") == {"t": "error", "code": code, "fatal": False}
        await client.socket.send_to(bytes_data=b'{"t":"ping","n":1}')
        assert (await client.until(t="error"))["code"] == "bad_frame"
        await client.send(t="ping", n=7)
        assert (await client.until(t="pong"))["n"] == 7


async def test_a_burst_of_utterances_above_the_rate_may_be_sent_again(world: World) -> None:
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await seeker.join()
        await supporter.join()
        answers = [await seeker.ask(t="msg", text=str(n), strategy=None, seen=1) for n in range(6)]
        assert [answer["t"] for answer in answers] == ["ack"] * 5 + ["nack"]
        late = answers[5]
        assert (late["code"], late["retry"]) == ("rate_limited", True)
        assert 0 < late["after_ms"] <= 1100


async def test_a_flood_is_closed(world: World) -> None:
    async with world.client("seeker") as client:
        await client.join()
        for n in range(400):
            await client.send(t="typing", on=bool(n % 2))
        assert await client.until(close=4029)


async def test_typing_reaches_the_partner_only_and_is_not_stored(world: World) -> None:
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await seeker.join()
        await supporter.join()
        before = await Event.objects.acount()
        await supporter.send(t="typing", on=True)
        assert await seeker.until(t="typing") == {"t": "typing", "from": "supporter", "on": True}
        await supporter.ask(t="help", kind="tech")
        assert not [frame for frame in supporter.received if frame.get("t") == "typing"]
        assert await Event.objects.acount() == before


async def test_presence_follows_the_partner(world: World) -> None:
    async with world.client("seeker") as seeker:
        assert (await seeker.join())["partner"] == "offline"
        async with world.client("supporter") as supporter:
            await supporter.join()
            assert await seeker.until(t="presence") == {
                "t": "presence",
                "who": "supporter",
                "status": "online",
            }
            await supporter.send(t="ping", n=1, hidden=True)
            assert (await seeker.until(t="presence"))["status"] == "away"
        assert (await seeker.until(t="presence"))["status"] == "offline"


async def test_whoever_writes_is_there_without_a_ping(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SEEN_SECONDS", 0.0)
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await seeker.join()
        await supporter.join()
        side = Member.objects.filter(participant=world.seeker)
        await side.aupdate(seen_at=None)
        await seeker.send(t="typing", on=True)
        await supporter.until(t="typing")
        await seeker.ask(t="help", kind="tech")
        await asyncio.to_thread(collectors.presence.flush)
        assert await side.filter(seen_at__isnull=False).aexists()


async def test_a_withdrawal_sends_the_partner_on(world: World) -> None:
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await seeker.join()
        await supporter.join()
        await sync_to_async(withdraw)(world.seeker)
        assert await supporter.until(t="redirect") == {"t": "redirect", "path": "/next/", "why": "erased"}
        assert await supporter.next() == {"close": 4005}


async def test_the_end_redirects_both_and_a_call_for_help_stays_secret(world: World) -> None:
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await seeker.join()
        await supporter.join()
        asked = await seeker.ask(t="help", kind="partner_unsafe", note="He frightens me.")
        assert asked["seq"] == (await Conversation.objects.aget(pk=world.conversation)).last_seq
        ended = await seeker.ask(t="end", reason="unsafe")
        shown = await supporter.until(kind="state", state="survey")
        assert shown["seq"] == ended["seq"] == asked["seq"] + 1
        assert "unsafe" not in str(supporter.received)
        for client in (seeker, supporter):
            assert (await client.until(t="redirect"))["path"] == "/next/"
            assert await client.next() == {"close": 4005}
    async with world.client("seeker") as late:
        await late.send(t="join", v=1, last_seq=0, tab=uuid4())
        assert (await late.until(t="redirect"))["path"] == "/next/"
        assert await late.until(close=4005)


async def test_a_session_that_ended_closes_the_socket(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "TICK_SECONDS", 0.05)
    monkeypatch.setattr(socket, "SESSION_SECONDS", 0.2)
    async with world.client("seeker") as client:
        await client.join()
        await sync_to_async(SessionStore(world.sessions["seeker"]).delete)()
        assert await client.until(close=4010)


async def test_a_blocked_participant_stores_nothing_with_an_old_session(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "SESSION_SECONDS", 0.0)
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await seeker.join()
        await supporter.join()
        await Participant.objects.filter(pk=world.seeker.pk).aupdate(epoch=world.seeker.epoch + 1)
        await seeker.send(t="msg", cid=uuid4(), text="Still here?", strategy=None, seen=1)
        assert await seeker.until(close=4010)
    assert await Event.objects.filter(kind="msg").acount() == 0


async def test_a_restart_says_goodbye(world: World) -> None:
    async with world.client("seeker") as client:
        await client.join()
        assert registry.count() == 1
        left, bye = await asyncio.gather(registry.drain(), client.until(t="bye"))
        assert (left, bye["code"], bye["after_ms"]) == (0, "restart", registry.RESTART_MS)
        assert await client.next() == {"close": 4201}
    # Whoever comes now, before the process has ended, is sent on as well.
    async with world.client("supporter") as late:
        assert await late.next() == {"t": "bye", "code": "restart", "after_ms": registry.RESTART_MS}
        assert await late.next() == {"close": 4201}
