"""The room's socket: join, commands, typing and presence, and everything that happened since."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property, partial
from time import monotonic
from typing import assert_never
from uuid import UUID

from django.db import Error as DatabaseError

from escollect.conversations import actions
from escollect.conversations.actions import Joining, Seen
from escollect.conversations.news import PAGE, Asked, News, RoomNews
from escollect.conversations.selectors import RoomView
from escollect.domain.bucket import Bucket
from escollect.domain.codes import Close
from escollect.domain.events import EventKind, Refused, Role
from escollect.domain.frames import Join, Ping, Refusal, Typing, parse_room
from escollect.domain.lifecycle import ConversationState
from escollect.domain.turns import RATE_EVERY
from escollect.domain.wire import (
    VERSION,
    Body,
    Command,
    End,
    EventLike,
    Frame,
    Help,
    Rate,
    Reply,
    Say,
    encode_event,
    encode_reply,
    error_frame,
    iso,
    redirect_frame,
    refusal,
    reply_frame,
)
from escollect.infra import bus
from escollect.infra.collector import Overloaded
from escollect.infra.rates import get_utterance_bucket
from escollect.live import collectors
from escollect.live.socket import HangUp, Socket, in_database, refuse

logger = logging.getLogger(__name__)

NEXT_PATH = "/next/"
PRACTICE_PATH = "/training/practice/result/"
SEEN_SECONDS = 10.0
OPEN_STATES = frozenset({ConversationState.CREATED, ConversationState.LIVE})
TALK = frozenset({EventKind.MSG, EventKind.RATING, EventKind.RATING_REQUEST})
"""Events after which the room is as it was; after any other its state is read."""


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


def _ignore(seen: bool | BaseException) -> None:
    if isinstance(seen, BaseException):
        logger.warning("it was not noted that somebody is there: %r", seen)


class RoomConsumer(Socket):
    """One tab of one side of a conversation."""

    waits_for_join = True

    def __init__(self) -> None:
        super().__init__()
        self.role = ""
        self.over_path = NEXT_PATH
        self.epoch = 0
        self.last_sent = 0
        self.partner = ""
        self.asking = self.ask_again = self.joining = False
        self.unanswered = 0
        self.answered = asyncio.Event()
        self.visible = True
        self.noted_at = monotonic()
        self.note_after = SEEN_SECONDS
        self.utterances = Bucket(1, 5)

    @cached_property
    def conversation(self) -> UUID:
        """The room in the socket's address."""
        room: UUID = self.scope["url_route"]["kwargs"]["conversation"]
        return room

    @cached_property
    def group(self) -> str:
        """The group of all sockets of the room."""
        return bus.room_group(self.conversation)

    async def enter(self) -> None:
        """Only the two sides of a conversation get in; for anybody else it does not exist."""
        limits = self.known.limits
        self.utterances = get_utterance_bucket(
            self.known.participant, limits.utterance_rate, limits.utterance_burst
        )
        side = await collectors.sides.ask((self.conversation, self.known.participant))
        if side is None:
            raise refuse(Close.UNKNOWN)
        self.role = side.role
        self.over_path = PRACTICE_PATH if side.practice else NEXT_PATH

    def act_at_once(self, raw: str) -> bool:
        """Hand an utterance to the collector, which is what nearly every frame is."""
        if not self.entered or self.joining or self.is_session_old() or '"msg"' not in raw:
            return False
        frame = parse_room(raw)
        if not isinstance(frame, Say):
            return False
        self._command(frame, self.is_too_fast())
        self._note_presence()
        return True

    async def handle(self, raw: str) -> None:
        """Act on one frame of the client; each gets an ack, a nack, an error or what it asked for."""
        frame = parse_room(raw)
        too_fast = self.is_too_fast()
        if isinstance(frame, Refusal):
            await self.answer_refusal(frame)
        elif isinstance(frame, Say | Rate | End | Help):
            code = await self._check_session() if self.entered else None
            if code is None:
                self._command(frame, too_fast)
            else:
                self.put_frame(_nack(frame.cid, code))
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
        self._note_presence()

    async def _check_session(self) -> str | None:
        """Read an old session before a command; the code of a nack when that cannot be done now."""
        try:
            await self.read_session_when_old()
        except DatabaseError as error:
            logger.warning("a command has to wait: the database is away: %r", error)
            return "db_unavailable"
        except Overloaded:
            return "busy"
        return None

    def hear(self, note: bus.Note) -> None:
        """Rows of this process are sent as they are; a hint of another one means to look."""
        if not self.entered:
            return
        if note.message["type"] == "typing":
            if note.message["from"] != self.role:
                self.put_frame({"t": "typing", "from": note.message["from"], "on": note.message["on"]})
            return
        if not note.rows or not self._send_events(note.rows):
            self.look()

    def _send_events(self, events: Sequence[EventLike]) -> bool:
        """Send events that follow on what was sent; False when the database has to be read."""
        complete = True
        for event in events:
            if event.seq <= self.last_sent:
                continue
            if event.seq != self.last_sent + 1:
                return False
            self.last_sent = event.seq
            self.outbox.put(encode_event(event, self.role))
            complete = complete and event.kind in TALK
        return complete

    def look(self) -> None:
        """Read the room with those of all other sockets that want to; once more when asked meanwhile."""
        if not self.entered or self.joining:
            return
        if self.asking:
            self.ask_again = True
            return
        asked = Asked(self.conversation, self.known.participant, self.last_sent)
        try:
            collectors.news.put(asked, partial(self._tell, self.epoch))
        except Overloaded:
            logger.warning("too many sockets read at once; the next poll reads again")
        else:
            self.asking = True

    def _tell(self, epoch: int, news: News | BaseException) -> None:
        """Send what happened since, tell of the partner, and leave when the room or this tab is over.

        What was read for an earlier join of this tab does not count.
        """
        self.asking = False
        if self.joining or epoch != self.epoch:
            self.look()
            return
        if isinstance(news, BaseException):
            logger.warning("the database is away; the next poll reads again: %r", news)
            return
        self._send_events(news.events)
        if self.ask_again or len(news.events) >= PAGE:
            self.ask_again = False
            self.look()
        elif (hang_up := self._judge(news.room)) is not None:
            self.end(hang_up)

    async def gone(self) -> None:
        """Tell the room that this tab is closed."""
        if self.entered:
            await in_database(actions.leave_room, self.conversation, self.known.participant, self.epoch)

    def _judge(self, room: RoomNews | None) -> HangUp | None:
        """Why the socket has to be closed; tells of the partner otherwise."""
        if room is None:
            return HangUp(Close.OVER, redirect_frame(self.over_path, ConversationState.ERASED))
        if room.epoch != self.epoch:
            return HangUp(Close.SUPERSEDED, error_frame("forbidden", fatal=True))
        if room.state not in OPEN_STATES:
            return HangUp(Close.OVER, redirect_frame(self.over_path, room.state))
        if room.partner != self.partner:
            self.partner = room.partner
            other = Role(self.role).other
            self.put_frame({"t": "presence", "who": other, "status": room.partner})
        return None

    async def _join(self, frame: Join) -> None:
        if frame.v != VERSION:
            raise refuse(Close.VERSION, "bad_frame")
        await self._wait_for_answers()
        await self.read_session_when_old()
        self.listen(self.group)
        self.joining = True
        try:
            joining = Joining(self.conversation, self.known.participant, frame.tab)
            room = await collectors.joins.ask(joining)
        except Refused as refused:
            if refused.code == "state":
                raise HangUp(Close.OVER, redirect_frame(self.over_path, "state")) from None
            raise refuse(Close.FORBIDDEN, refused.code) from None
        except DatabaseError:
            logger.warning("nobody can join: the database is away", exc_info=True)
            raise refuse(Close.DEPENDENCY, "db_unavailable") from None
        except Overloaded:
            raise refuse(Close.DEPENDENCY, "busy") from None
        finally:
            self.joining = False
        self.role, self.epoch, self.partner = room.role, room.epoch, room.partner
        self.last_sent = min(frame.last_seq, room.last_seq)
        self.noted_at = monotonic()
        self.note_after = min(SEEN_SECONDS, room.heartbeat)
        self.put_frame(joined_frame(room))
        self.entered = True
        self.look()

    def _command(self, body: Body, too_fast: bool) -> None:
        if not self.entered:
            self.put_frame(_nack(body.cid, "not_joined"))
            return
        now = monotonic()
        if too_fast or (isinstance(body, Say) and not self.utterances.take(now)):
            wait = max(self.frames.wait(now), self.utterances.wait(now))
            self.put_frame(reply_frame(refusal(body.cid, "rate_limited", int(wait * 1000) + 50)))
            return
        command = Command(self.conversation, self.known.participant, self.epoch, body)
        try:
            collectors.messages.put(command, partial(self._reply, body.cid))
        except Overloaded:
            self.put_frame(_nack(body.cid, "busy"))
        else:
            self.unanswered += 1

    async def _wait_for_answers(self) -> None:
        """Let the commands before a frame be answered first; among themselves they may go in one batch."""
        while self.unanswered:
            self.answered.clear()
            await self.answered.wait()

    def _reply(self, cid: UUID, reply: Reply | BaseException) -> None:
        """Answer a command once its batch is stored."""
        self.unanswered -= 1
        self.answered.set()
        if isinstance(reply, DatabaseError):
            logger.warning("a command was not stored: the database is away: %r", reply)
            self.put_frame(_nack(cid, "db_unavailable"))
        elif isinstance(reply, BaseException):
            logger.error("a command was not stored because of an error", exc_info=reply)
            self.put_frame(_nack(cid, "internal"))
        else:
            self.outbox.put(encode_reply(reply))

    async def _ping(self, frame: Ping) -> None:
        await self._wait_for_answers()
        if not self.entered:
            await self.pong(frame)
            return
        self.visible, self.noted_at = not frame.hidden, monotonic()
        await collectors.presence.ask(self._here())
        await self.pong(frame)

    def _note_presence(self) -> None:
        """Whoever writes is there: any frame counts as a ping, a few times a minute."""
        now = monotonic()
        if self.entered and now - self.noted_at >= self.note_after:
            self.noted_at = now
            with suppress(Overloaded):
                collectors.presence.put(self._here(), _ignore)

    def _here(self) -> Seen:
        return Seen(self.conversation, self.known.participant, self.epoch, self.visible)

    async def _typing(self, frame: Typing) -> None:
        if not self.entered:
            await self.send_frame(error_frame("not_joined"))
            return
        bus.tell([bus.Note(self.group, {"type": "typing", "from": self.role, "on": frame.on})])
