"""What both sockets share: the way in, the loop, heartbeats, limits, and a way out for every failure."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from contextvars import copy_context
from time import monotonic
from typing import Any, ParamSpec, TypeVar

from channels.db import database_sync_to_async
from django.db import Error as DatabaseError

from escollect.domain.bucket import Bucket
from escollect.domain.codes import Close
from escollect.domain.frames import Ping, Refusal
from escollect.domain.wire import (
    SUBPROTOCOL,
    Frame,
    bye_frame,
    encode,
    error_frame,
    iso,
    refusal,
    reply_frame,
)
from escollect.infra import bus, clock
from escollect.infra.collector import Overloaded
from escollect.infra.line import EXTENSION, Line
from escollect.live import collectors, registry
from escollect.live.handshake import (
    Identity,
    get_pass,
    get_session_key,
    is_allowed_origin,
    speaks_our_protocol,
)
from escollect.live.outbox import Outbox

logger = logging.getLogger(__name__)

JOIN_SECONDS = 10.0
SILENCE_SECONDS = 45.0
TICK_SECONDS = 5.0
SESSION_SECONDS = 60.0
FLOOD_FACTOR = 3
MALFORMED_LIMIT = 50
CLOSE_SECONDS = 2.0

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
P = ParamSpec("P")
T = TypeVar("T")


class HangUp(Exception):
    """The socket is to be closed with `code`, after `frame` was sent."""

    def __init__(self, code: Close, frame: Frame | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.frame = frame


def refuse(code: Close, error: str = "forbidden") -> HangUp:
    """A fatal error and the close that follows it."""
    return HangUp(code, error_frame(error, fatal=True))


async def in_database(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that uses the database on this socket's database thread."""
    result: T = await database_sync_to_async(call)(*args, **kwargs)
    return result


class Socket:
    """One websocket: subclasses say how to enter, what a frame does, and what a note of the bus does.

    One task reads frames and acts on them, another sends (its outbox); everything else is called on the same
    event loop: the clock of the process, the bus, and answers of the database.
    """

    waits_for_join = False

    def __init__(self) -> None:
        self.scope: Scope = {}
        self._identity: Identity | None = None
        self.entered = False
        self.topics: set[str] = set()
        self.opened_at = self.heard_at = self.session_read_at = monotonic()
        self.tick_at = self.opened_at + TICK_SECONDS
        self.frames = self.flood = Bucket(0, 0)
        self.malformed = 0
        self.closed = asyncio.Event()
        self._task: asyncio.Task[Any] | None = None
        self._errands: dict[str, asyncio.Task[None]] = {}
        self._hang_up: HangUp | None = None
        self._context = copy_context()
        self._serving = self._idle = False

    @classmethod
    def as_asgi(cls) -> Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]:
        """An ASGI application with a fresh socket for every connection."""

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            await cls()(scope, receive, send)

        return application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the socket to its end. Whatever happens inside, it ends with a close code of ours."""
        self.scope, self.receive, self.send = scope, receive, send
        line: Line | None = scope.get("extensions", {}).get(EXTENSION)
        if line is not None:
            line.on_text = self._take
        self._task, self.outbox = asyncio.current_task(), Outbox(send, line, self._fall_behind)
        # What says which database thread is this socket's; whoever calls us may come from another.
        self._context = copy_context()
        await receive()
        await send(
            {
                "type": "websocket.accept",
                "subprotocol": SUBPROTOCOL if speaks_our_protocol(scope) else None,
            }
        )
        self._serving = True
        try:
            await self._serve()
        finally:
            self._serving = False
            registry.discard(self)
            for topic in self.topics:
                bus.leave(topic, self.hear)
            for errand in self._errands.values():
                errand.cancel()
            await self.outbox.finish(0)
            await self._guarded(self.gone())
            self.closed.set()

    @property
    def known(self) -> Identity:
        """Who is at the other end; known once the handshake is over."""
        if self._identity is None:
            raise refuse(Close.SESSION_ENDED)
        return self._identity

    # What a subclass decides.

    async def enter(self) -> None:
        """Check that the person may be here; raises HangUp."""

    async def handle(self, raw: str) -> None:
        """Act on one text frame and answer it."""
        raise NotImplementedError

    def look(self) -> None:
        """Have the database read again soon, and the client told what is new."""
        raise NotImplementedError

    def hear(self, _note: bus.Note) -> None:
        """Act on what is told on a topic of this socket; without more to go by, look."""
        self.look()

    async def gone(self) -> None:
        """Clean up after the socket is closed."""

    # The life of the socket.

    async def _serve(self) -> None:
        try:
            registry.add(self)
            await self._check_handshake()
            await self.enter()
            await self._read()
        except HangUp as hang_up:
            await self._close(hang_up)
        except asyncio.CancelledError:
            if self._hang_up is None:
                # The server is shutting down and cut us off before the drain came round.
                await self._close(HangUp(Close.RESTART, bye_frame("restart", registry.RESTART_MS)))
                raise
            if self._task is not None:
                self._task.uncancel()
            await self._close(self._hang_up)
        except DatabaseError:
            logger.warning("a socket was closed because the database is away", exc_info=True)
            await self._close(refuse(Close.DEPENDENCY, "db_unavailable"))
        except Overloaded:
            logger.warning("a socket was closed because too many come at once")
            await self._close(refuse(Close.DEPENDENCY, "busy"))
        except Exception:
            logger.exception("a socket was closed because of an error")
            await self._close(refuse(Close.INTERNAL, "internal"))

    def end(self, hang_up: HangUp) -> None:
        """Close the socket soon; the first reason counts. Raises `hang_up` in the socket's own task."""
        if not self._serving or self._hang_up is not None or self._task is None:
            return
        if asyncio.current_task() is self._task:
            raise hang_up
        self._hang_up = hang_up
        self._task.cancel()

    async def _check_handshake(self) -> None:
        if not is_allowed_origin(self.scope):
            raise refuse(Close.FORBIDDEN)
        if not speaks_our_protocol(self.scope):
            raise refuse(Close.VERSION, "bad_frame")
        if not self._take_pass():
            await self.read_session()
        limits = self.known.limits
        self.frames = Bucket(limits.frame_rate, limits.frame_burst)
        self.flood = Bucket(limits.frame_rate * FLOOD_FACTOR, limits.frame_burst * FLOOD_FACTOR)

    def _take_pass(self) -> bool:
        """Let somebody in on the word of a page, whose reading of the session counts as ours then."""
        found = get_pass(self.scope)
        if found is None:
            return False
        self._identity = Identity(found.participant, found.epoch, found.limits)
        self.session_read_at = monotonic() - found.age
        # Soon, and together with those of everybody else who comes now.
        self.run_errand(self.read_session)
        return True

    async def _read(self) -> None:
        while True:
            self._idle = True
            message = await self.receive()
            self._idle = False
            if message["type"] == "websocket.disconnect":
                return
            self.heard_at = monotonic()
            await self._answer(message.get("text"))

    def _take(self, raw: str) -> bool:
        """Act at once on a frame that needs no waiting, if none before it is still being acted on."""
        if self._idle and self._serving and self._hang_up is None:
            try:
                if self.act_at_once(raw):
                    self.heard_at = monotonic()
                    return True
            except HangUp as hang_up:
                self.end(hang_up)
                return True
            except Exception:
                logger.exception("a socket is closed because of an error")
                self.end(refuse(Close.INTERNAL, "internal"))
                return True
        self._idle = False
        return False

    def act_at_once(self, _raw: str) -> bool:
        """Act on a frame without waiting for anything; False when that cannot be, and nothing was done."""
        return False

    async def _answer(self, raw: str | None) -> None:
        """Answer one frame; None stands for a binary one. What fails is said, and the socket lives on."""
        try:
            if raw is None:
                await self.answer_refusal(Refusal("bad_frame"))
            else:
                await self.handle(raw)
        except HangUp:
            raise
        except DatabaseError:
            logger.warning("a frame was not acted on: the database is away", exc_info=True)
            await self.send_frame(error_frame("db_unavailable"))
        except Overloaded:
            logger.warning("a frame was not acted on: too much waits for the database")
            await self.send_frame(error_frame("busy"))
        except Exception:
            logger.exception("a frame was not acted on because of an error")
            await self.send_frame(error_frame("internal"))

    def tick(self, now: float) -> None:
        """Look at the clock: silence, a join that does not come, the session, and what no hint told."""
        if self.waits_for_join and not self.entered and now - self.opened_at > JOIN_SECONDS:
            self.end(refuse(Close.TIMEOUT, "not_joined"))
        if now < self.tick_at:
            return
        self.tick_at = now + TICK_SECONDS
        if now - self.heard_at > SILENCE_SECONDS:
            self.end(HangUp(Close.TIMEOUT))
        elif self._identity is not None and self.is_session_old():
            self.run_errand(self.read_session)
        self.look()

    def run_errand(self, errand: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something slow beside reading, unless it is under way; a HangUp ends the socket."""
        name = errand.__name__
        if self._serving and (name not in self._errands or self._errands[name].done()):
            self._errands[name] = asyncio.get_running_loop().create_task(
                self._run_errand(errand), context=self._context
            )

    async def _run_errand(self, errand: Callable[[], Awaitable[None]]) -> None:
        try:
            await errand()
        except HangUp as hang_up:
            self.end(hang_up)
        except DatabaseError:
            logger.warning("the database is away; the next poll reads again", exc_info=True)
        except Overloaded:
            logger.warning("too many sockets read at once; the next poll reads again")
        except Exception:
            logger.exception("a socket is closed because of an error")
            self.end(refuse(Close.INTERNAL, "internal"))

    # Helpers for subclasses.

    async def read_session(self) -> None:
        """Read the session afresh; raises HangUp when it ended or belongs to somebody else now."""
        key = get_session_key(self.scope)
        identity = None if key is None else await collectors.sessions.ask(key)
        if identity is None or self._identity not in (None, identity):
            raise refuse(Close.SESSION_ENDED)
        self._identity = identity
        self.session_read_at = monotonic()

    async def read_session_when_old(self) -> None:
        """Read the session again when that was done more than a minute ago; raises HangUp."""
        if self.is_session_old():
            await self.read_session()

    def is_session_old(self) -> bool:
        """Whether the session was read more than a minute ago."""
        return monotonic() - self.session_read_at > SESSION_SECONDS

    def listen(self, topic: str) -> None:
        """Hear what is told on a topic from now on."""
        if topic not in self.topics:
            self.topics.add(topic)
            bus.listen(topic, self.hear)

    def put_frame(self, frame: Frame) -> None:
        """Send one frame soon, after those that were put before."""
        self.outbox.put(encode(frame))

    async def send_frame(self, frame: Frame) -> None:
        """The same from a coroutine."""
        self.put_frame(frame)

    async def answer_refusal(self, bad: Refusal, after_ms: int | None = None) -> None:
        """Answer a frame that cannot be acted on: a nack where it has a client id, else an error."""
        if bad.code in {"bad_json", "bad_frame", "too_large"}:
            self.malformed += 1
            if self.malformed > MALFORMED_LIMIT:
                raise refuse(Close.ABUSE, bad.code)
        if bad.cid is None:
            await self.send_frame(error_frame(bad.code))
        else:
            await self.send_frame(reply_frame(refusal(bad.cid, bad.code, after_ms)))

    async def pong(self, ping: Ping) -> None:
        """Answer a heartbeat with the database's time."""
        now = await in_database(clock.now)
        await self.send_frame({"t": "pong", "n": ping.n, "now": iso(now)})

    def is_too_fast(self) -> bool:
        """Count a frame; whether it is above the rate. Raises HangUp when it is far above."""
        now = monotonic()
        if not self.flood.take(now):
            raise refuse(Close.FLOOD, "rate_limited")
        return not self.frames.take(now)

    def hang_up_for_restart(self, after_ms: int) -> None:
        """Say `bye` and close with 4201, soon."""
        self.end(HangUp(Close.RESTART, bye_frame("restart", after_ms)))

    def _fall_behind(self) -> None:
        """The client reads too slowly; when it comes back, the database has everything."""
        logger.info("a socket is closed because its client does not read")
        self.end(HangUp(Close.DEPENDENCY))

    async def _close(self, hang_up: HangUp) -> None:
        async def say() -> None:
            if hang_up.frame is not None:
                self.put_frame(hang_up.frame)
            await self.outbox.finish(CLOSE_SECONDS)
            await self.send({"type": "websocket.close", "code": int(hang_up.code)})

        self._serving = False
        await self._guarded(say())

    async def _guarded(self, job: Awaitable[None]) -> None:
        try:
            await job
        except HangUp:
            raise
        except Exception:
            logger.warning("a step of a socket failed", exc_info=True)
