"""The lobby's socket: a place in the waiting room, offers, and the way into a conversation."""

from __future__ import annotations

import logging
from functools import partial

from django.db import Error as DatabaseError

from escollect.conversations import actions
from escollect.conversations.actions import Act
from escollect.conversations.places import LobbyView
from escollect.domain.codes import WIRE_CODES, Close
from escollect.domain.events import Refused
from escollect.domain.frames import Decline, Hello, Leave, Ping, Ready, Refusal, parse_lobby
from escollect.domain.outcomes import Outcome
from escollect.domain.wire import VERSION, Frame, error_frame, iso
from escollect.infra import bus
from escollect.infra.collector import Overloaded
from escollect.live import collectors
from escollect.live.socket import Socket, in_database, refuse

logger = logging.getLogger(__name__)

NEXT_PATH = "/next/"


def lobby_frames(place: LobbyView) -> list[Frame]:
    """What a participant is told of their place."""
    if place.status == "matched":
        return [{"t": "matched", "path": f"/chat/{place.conversation}/"}]
    if place.status == "offer":
        return [{"t": "offer", "offer": str(place.offer), "expires_at": iso(place.expires_at)}]
    if place.status == "waiting":
        waiting: Frame = {
            "t": "waiting",
            "position": place.position,
            "estimate_s": place.estimate_s,
            "since": iso(place.since),
            "prompt_at": iso(place.prompt_at),
        }
        return [waiting, {"t": "prompt", "kind": "still_there"}] if place.prompt_due else [waiting]
    if place.status == "closed":
        return [{"t": "closed", "outcome": place.outcome, "path": NEXT_PATH}]
    return []


class LobbyConsumer(Socket):
    """One tab of the lobby page."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Frame] = []
        self.greeted = self.stale = self.looking = False
        self.acts = 0

    async def enter(self) -> None:
        """Everybody with a session may open the lobby; `hello` decides who may wait."""
        self.listen(bus.lobby_group(self.known.participant))
        self.entered = True

    async def handle(self, raw: str) -> None:
        """Act on one frame of the client."""
        frame = parse_lobby(raw)
        too_fast = self.is_too_fast()
        if isinstance(frame, Refusal):
            await self.answer_refusal(frame)
        elif too_fast:
            await self.send_frame(error_frame("rate_limited"))
        elif isinstance(frame, Ping):
            await self._ping(frame)
        else:
            await self._act(frame)

    def look(self) -> None:
        """Read the place with those of all other sockets that want to; once more when asked meanwhile."""
        if not self.greeted:
            return
        if self.looking:
            self.stale = True
            return
        try:
            collectors.places.put(self.known.participant, partial(self._see, self.acts))
        except Overloaded:
            logger.warning("too many sockets read at once; the next poll reads again")
        else:
            self.looking = True

    def _see(self, acts: int, place: LobbyView | BaseException) -> None:
        """Tell of the place; what was read before the last frame was acted on is read again."""
        self.looking = False
        if self.stale or acts != self.acts:
            self.stale = False
            self.look()
        elif isinstance(place, BaseException):
            logger.warning("the database is away; the next poll reads again: %r", place)
        elif self.greeted:
            self._tell(place)

    async def gone(self) -> None:
        """Nobody is to be paired with a closed page."""
        if self.greeted:
            await in_database(actions.let_go, self.known.participant)

    async def _do(self, frame: Hello | Ready | Decline | Leave | Ping) -> LobbyView:
        """Act on a frame together with those of all other sockets; raises what went wrong with this one."""
        # What is read while somebody acts is told only when it was read afterwards.
        self.acts += 1
        try:
            return await collectors.lobby.ask(Act(self.known.participant, frame))
        finally:
            self.acts += 1

    async def _ping(self, frame: Ping) -> None:
        await self.pong(frame)
        if self.greeted:
            self._tell(await self._do(frame))

    async def _act(self, frame: Hello | Ready | Decline | Leave) -> None:
        if isinstance(frame, Hello) and frame.v != VERSION:
            raise refuse(Close.VERSION, "bad_frame")
        await self.read_session_when_old()
        try:
            place = await self._do(frame)
        except Refused as refused:
            await self._refused(frame, refused)
            return
        except (DatabaseError, Overloaded) as error:
            # Nobody must wait for a wish that was not heard: a closed socket comes back and says it again.
            logger.warning("nobody is heard in the waiting room: %r", error)
            code = "busy" if isinstance(error, Overloaded) else "db_unavailable"
            raise refuse(Close.DEPENDENCY, code) from None
        # After a study became full there is no place to look after.
        self.greeted = place.outcome != Outcome.STUDY_FULL
        if not isinstance(frame, Ready):
            self.told = []
        self._tell(place)
        if not self.told:
            await self.send_frame(error_frame("state"))

    async def _refused(self, frame: Hello | Ready | Decline | Leave, refused: Refused) -> None:
        if isinstance(frame, Hello) and not refused.retry:
            raise refuse(Close.FORBIDDEN)
        code = refused.code if refused.code in WIRE_CODES else "state"
        await self.send_frame(error_frame(code))
        self.look()

    def _tell(self, place: LobbyView) -> None:
        frames = lobby_frames(place)
        if frames != self.told:
            self.told = frames
            for frame in frames:
                self.put_frame(frame)
