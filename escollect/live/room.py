"""The room's socket: join, commands, typing and presence, and everything that happened since."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, assert_never
from uuid import UUID

from django.db import Error as DatabaseError

from escollect.conversations import actions
from escollect.conversations.models import Event
from escollect.conversations.selectors import RoomView, events_after, room_view
from escollect.domain.bucket import Bucket
from escollect.domain.codes import Close
from escollect.domain.events import Refused, Role
from escollect.domain.frames import Join, Ping, Refusal, Typing, parse_room
from escollect.domain.lifecycle import ConversationState
from escollect.domain.turns import RATE_EVERY
from escollect.domain.wire import (
    VERSION,
    Body,
    Command,
    End,
    Frame,
    Help,
    Rate,
    Say,
    error_frame,
    iso,
    redirect_frame,
    refusal,
    reply_frame,
    view,
)
from escollect.infra import bus
from escollect.infra.rates import get_utterance_bucket
from escollect.live.socket import HangUp, Socket, in_database, refuse

logger = logging.getLogger(__name__)

NEXT_PATH = "/next/"
PAGE = 500
SEEN_SECONDS = 10.0
OPEN_STATES = frozenset({ConversationState.CREATED, ConversationState.LIVE})


@dataclass(frozen=True, slots=True)
class News:
    """What the database has that a socket has not sent yet."""

    room: RoomView | None
    events: list[Event]


def get_news(conversation: UUID, participant: UUID, seq: int) -> News:
    """Read a room and its events after `seq`; the room first, so that no event before its state is missed."""
    room = room_view(conversation, participant)
    return News(room, events_after(conversation, seq, PAGE) if room else [])


def joined_frame(room: RoomView) -> Frame:
    """The answer to `join`."""
    return {
        "t": "joined",
        "role": room.role,
        "state": room.state,
        "last_seq": room.last_seq,
        "epoch": room.epoch,
        "now": iso(room.now),
        "hb": room.heartbeat,
        "limits": {"text": room.text_limit, "msgs": room.utterance_limit},
        "rules": {
            "strategies": list(room.strategies) if room.strategies else None,
            "rate_every": RATE_EVERY,
        },
        "rating": room.rating,
        "deadlines": {name: iso(at) for name, at in room.deadlines.items()},
        "partner": room.partner,
    }


def _nack(cid: UUID, code: str) -> Frame:
    return reply_frame(refusal(cid, code))


class RoomConsumer(Socket):
    """One tab of one side of a conversation."""

    waits_for_join = True

    def __init__(self) -> None:
        super().__init__()
        self.role = ""
        self.epoch = 0
        self.last_sent = 0
        self.partner = ""
        self.visible = True
        self.noted_at = monotonic()
        self.note_after = SEEN_SECONDS
        self.utterances = Bucket(1, 5)

    @property
    def conversation(self) -> UUID:
        """The room in the socket's address."""
        room: UUID = self.scope["url_route"]["kwargs"]["conversation"]
        return room

    @property
    def group(self) -> str:
        """The group of all sockets of the room."""
        return bus.room_group(self.conversation)

    async def enter(self) -> None:
        """Only the two sides of a conversation get in; for anybody else it does not exist."""
        limits = self.known.limits
        self.utterances = get_utterance_bucket(
            self.known.participant, limits.utterance_rate, limits.utterance_burst
        )
        room = await in_database(room_view, self.conversation, self.known.participant)
        if room is None:
            raise refuse(Close.UNKNOWN)
        self.role = room.role

    async def handle(self, raw: str) -> None:
        """Act on one frame of the client; each gets an ack, a nack, an error or what it asked for."""
        frame = parse_room(raw)
        too_fast = self.is_too_fast()
        if isinstance(frame, Refusal):
            await self.answer_refusal(frame)
        elif isinstance(frame, Say | Rate | End | Help):
            await self._command(frame, too_fast)
        elif too_fast:
            await self.send_frame(error_frame("rate_limited"))
        elif isinstance(frame, Join):
            await self._join(frame)
        elif isinstance(frame, Ping):
            await self._ping(frame)
        elif isinstance(frame, Typing):
            await self._typing(frame)
        else:
            assert_never(frame)
        await self._note_presence()

    async def refresh(self) -> None:
        """Send what happened since, tell of the partner, and leave when the room or this tab is over."""
        while True:
            news = await in_database(get_news, self.conversation, self.known.participant, self.last_sent)
            for event in news.events:
                self.last_sent = event.seq
                await self.send_frame(view(event, self.role))
            if len(news.events) < PAGE:
                break
        await self._judge(news.room)

    async def relay(self, message: MutableMapping[str, Any]) -> None:
        """Pass the partner's typing on."""
        if message["type"] == "typing" and message["from"] != self.role and self.entered.is_set():
            await self.send_frame({"t": "typing", "from": message["from"], "on": message["on"]})

    async def gone(self) -> None:
        """Tell the room that this tab is closed."""
        if self.entered.is_set():
            await in_database(actions.leave_room, self.conversation, self.known.participant, self.epoch)

    async def _judge(self, room: RoomView | None) -> None:
        if room is None:
            raise HangUp(Close.OVER, redirect_frame(NEXT_PATH, ConversationState.ERASED))
        if room.epoch != self.epoch:
            raise HangUp(Close.SUPERSEDED, error_frame("forbidden", fatal=True))
        if room.state not in OPEN_STATES:
            raise HangUp(Close.OVER, redirect_frame(NEXT_PATH, room.state))
        if room.partner != self.partner:
            self.partner = room.partner
            other = Role(self.role).other
            await self.send_frame({"t": "presence", "who": other, "status": room.partner})

    async def _join(self, frame: Join) -> None:
        if frame.v != VERSION:
            raise refuse(Close.VERSION, "bad_frame")
        await self.read_session_when_old()
        await self.join_group(self.group)
        try:
            room = await in_database(actions.join, self.conversation, self.known.participant, frame.tab)
        except Refused as refused:
            if refused.code == "state":
                raise HangUp(Close.OVER, redirect_frame(NEXT_PATH, "state")) from None
            raise refuse(Close.FORBIDDEN, refused.code) from None
        except DatabaseError:
            logger.warning("nobody can join: the database is away", exc_info=True)
            raise refuse(Close.DEPENDENCY, "db_unavailable") from None
        self.role, self.epoch, self.partner = room.role, room.epoch, room.partner
        self.last_sent = min(frame.last_seq, room.last_seq)
        self.noted_at = monotonic()
        self.note_after = min(SEEN_SECONDS, room.heartbeat)
        await self.send_frame(joined_frame(room))
        self.entered.set()
        self.stale.set()

    async def _command(self, body: Body, too_fast: bool) -> None:
        if not self.entered.is_set():
            await self.answer_refusal(Refusal("not_joined", body.cid))
            return
        now = monotonic()
        if too_fast or (isinstance(body, Say) and not self.utterances.take(now)):
            wait = max(self.frames.wait(now), self.utterances.wait(now))
            await self.answer_refusal(Refusal("rate_limited", body.cid), int(wait * 1000) + 50)
            return
        await self.send_frame(await self._store(body))

    async def _store(self, body: Body) -> Frame:
        command = Command(self.conversation, self.known.participant, self.epoch, body)
        try:
            await self.read_session_when_old()
            (reply,) = await in_database(actions.submit, [command])
        except DatabaseError:
            logger.warning("a command was not stored: the database is away", exc_info=True)
            return _nack(body.cid, "db_unavailable")
        except HangUp:
            raise
        except Exception:
            logger.exception("a command was not stored because of an error")
            return _nack(body.cid, "internal")
        self.stale.set()
        return reply_frame(reply)

    async def _ping(self, frame: Ping) -> None:
        await self.pong(frame)
        if not self.entered.is_set():
            return
        self.visible = not frame.hidden
        await self._say_seen()

    async def _note_presence(self) -> None:
        """Whoever writes is there: any frame counts as a ping, a few times a minute."""
        if self.entered.is_set() and monotonic() - self.noted_at >= self.note_after:
            await self._guarded(self._say_seen())

    async def _say_seen(self) -> None:
        self.noted_at = monotonic()
        await in_database(actions.seen, self.conversation, self.known.participant, self.epoch, self.visible)

    async def _typing(self, frame: Typing) -> None:
        if not self.entered.is_set():
            await self.send_frame(error_frame("not_joined"))
            return
        await self.tell_group(self.group, {"type": "typing", "from": self.role, "on": frame.on})
