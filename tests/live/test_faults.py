"""What a socket says when something behind it breaks, and that it lives on."""

from uuid import uuid4

import pytest
from django.db import OperationalError

from escollect.conversations import actions
from escollect.conversations.actions import rooms
from escollect.conversations.models import Event
from escollect.live import collectors
from tests.live.conftest import World

pytestmark = pytest.mark.django_db(transaction=True)


def breaks_with(error: Exception) -> object:
    """A function that raises, whatever it is given."""

    def broken(*_arguments: object) -> None:
        raise error

    return broken


@pytest.mark.parametrize(
    ("error", "nack"),
    [
        (OperationalError("away"), {"code": "db_unavailable", "retry": True, "after_ms": 2000}),
        (RuntimeError("a bug"), {"code": "internal", "retry": False}),
    ],
)
async def test_a_command_that_cannot_be_stored_is_nacked_and_may_be_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception, nack: dict[str, object]
) -> None:
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await seeker.join()
        await supporter.join()
        cid = uuid4()
        with monkeypatch.context() as patch:
            patch.setattr(actions, "submit", breaks_with(error))
            answer = await seeker.ask(t="msg", cid=cid, text="Hello?", strategy=None, seen=1)
        assert answer == {"t": "nack", "cid": str(cid), **nack}
        again = await seeker.ask(t="msg", cid=cid, text="Hello?", strategy=None, seen=1)
        assert (again["t"], again["dup"]) == ("ack", False)
    assert await Event.objects.filter(kind="msg").acount() == 1


@pytest.mark.parametrize(
    ("error", "code"), [(OperationalError("away"), "db_unavailable"), (RuntimeError("a bug"), "internal")]
)
async def test_a_frame_that_breaks_something_is_answered_with_an_error(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    async with world.client("seeker") as seeker:
        await seeker.join()
        with monkeypatch.context() as patch:
            patch.setattr(actions, "seen_many", breaks_with(error))
            await seeker.send(t="ping", n=1)
            assert await seeker.until(t="error") == {"t": "error", "code": code, "fatal": False}
        await seeker.send(t="ping", n=2)
        assert (await seeker.until(t="pong", n=2))["n"] == 2


async def test_nobody_joins_while_the_database_is_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async with world.client("seeker") as seeker:
        with monkeypatch.context() as patch:
            patch.setattr(rooms, "lock_rooms", breaks_with(OperationalError("away")))
            await seeker.send(t="join", v=1, last_seq=0, tab=uuid4())
            assert (await seeker.until(t="error"))["code"] == "db_unavailable"
            assert await seeker.next() == {"close": 4113}


@pytest.mark.parametrize(("error", "code"), [(OperationalError("away"), 4113), (RuntimeError("a bug"), 4111)])
async def test_a_handshake_that_breaks_ends_with_a_code_of_ours(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(collectors, "get_sides", breaks_with(error))
        async with world.client("seeker") as seeker:
            assert await seeker.until(close=code)


async def test_a_socket_catches_up_when_the_database_is_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await seeker.join()
        await supporter.join()
        await seeker.until(kind="state")
        with monkeypatch.context() as patch:
            patch.setattr(collectors, "get_news", breaks_with(OperationalError("away")))
            await supporter.ask(t="msg", text="Can you hear me?", strategy="Question", seen=1)
        await supporter.ask(t="msg", text="And now?", strategy="Question", seen=1)
        assert (await seeker.until(kind="msg"))["text"] == "Can you hear me?"
        assert (await seeker.until(kind="msg"))["text"] == "And now?"
