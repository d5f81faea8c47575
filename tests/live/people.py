"""Two people and a stranger with sessions, and a client that speaks the live protocol."""

import asyncio
import json
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid4

from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore

from escollect.conversations.actions import answer_survey_before, hello, ready
from escollect.infra import bus
from escollect.live.routing import websocket_urlpatterns
from escollect.people.actions import create_participant, give_consent
from escollect.people.models import Participant
from escollect.studies.actions import open_study
from escollect.studies.models import Study
from escollect.training.actions import grant_qualification
from tests.support.frames import check_frame, union_of

ROOT = Path(__file__).resolve().parents[2]
SURVEY = {
    "experience_type": "Current Experience",
    "emotion_type": "anxiety",
    "problem_type": "job crisis",
    "initial_emotion_intensity": 4,
    "situation": "My contract ends next month and I cannot sleep.",
}
application = URLRouter(websocket_urlpatterns)


def make_study() -> Study:
    """The demo study, open."""
    text = (ROOT / "fixtures/studies/demo.yaml").read_text()
    return open_study(text, None).study


def make_participant(study: Study, role: str) -> Participant:
    """Somebody who may enter the lobby."""
    participant = create_participant(study, role)
    give_consent(participant, ["adult", "take_part", "recorded"])
    participant = Participant.objects.select_related("study", "version").get(pk=participant.pk)
    if role == "seeker":
        answer_survey_before(participant, SURVEY)
    else:
        grant_qualification(participant, by=None, reason="a test")
    return participant


def make_session(participant: Participant) -> str:
    """The session key of a participant's browser."""
    store = SessionStore()
    store["participant"] = str(participant.pk)
    store["epoch"] = participant.epoch
    store.create()
    assert store.session_key
    return store.session_key


def make_room(seeker: Participant, supporter: Participant) -> UUID:
    """A conversation that both have said ready to."""
    hello(seeker)
    offer = hello(supporter).offer
    assert offer is not None
    ready(seeker, offer)
    ready(supporter, offer)
    return offer


class Client:
    """One socket; `received` has every frame that `until` looked at."""

    def __init__(
        self,
        path: str,
        session: str | None,
        origin: str | None = settings.ALLOWED_ORIGINS[0],
        protocols: tuple[str, ...] = ("esc.v1",),
    ) -> None:
        headers = [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode())] if session else []
        if origin:
            headers.append((b"origin", origin.encode()))
        self.socket = WebsocketCommunicator(application, path, headers=headers, subprotocols=list(protocols))
        self.union = union_of(path)
        self.received: list[dict[str, Any]] = []

    async def __aenter__(self) -> Self:
        connected, _ = await self.socket.connect(timeout=5)
        assert connected
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.socket.disconnect(timeout=5)
        # The farewell's hint runs on this loop, so it has to be out before the test's loop ends.
        await asyncio.to_thread(bus.flush)

    async def send(self, **frame: Any) -> None:
        """Send one frame; UUIDs become strings."""
        await self.socket.send_to(text_data=json.dumps(frame, default=str))

    async def next(self) -> dict[str, Any]:
        """The next frame, which must be one of the published schema, or `{"close": code}`."""
        output = await self.socket.receive_output(timeout=9)
        if output["type"] == "websocket.close":
            frame = {"close": output["code"]}
        else:
            frame = json.loads(output["text"])
            check_frame(self.union, frame)
        self.received.append(frame)
        return frame

    async def until(self, **fields: Any) -> dict[str, Any]:
        """Read on to the first frame that has these fields."""
        async with asyncio.timeout(20):
            while True:
                frame = await self.next()
                if all(frame.get(name) == value for name, value in fields.items()):
                    return frame

    async def ask(self, **frame: Any) -> dict[str, Any]:
        """Send a durable command and read on to its ack or nack."""
        cid = str(frame.setdefault("cid", uuid4()))
        await self.send(**frame)
        while True:
            answer = await self.until(cid=cid)
            if answer["t"] in {"ack", "nack"}:
                return answer

    async def join(self, last_seq: int = 0) -> dict[str, Any]:
        """Join the room and return the `joined` frame."""
        await self.send(t="join", v=1, last_seq=last_seq, tab=uuid4())
        return await self.until(t="joined")
