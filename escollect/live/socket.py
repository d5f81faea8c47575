"""What both sockets share: the way in, the loop, heartbeats, limits, and a way out for every failure."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, MutableMapping
from time import monotonic
from typing import Any, ParamSpec, TypeVar

from channels.db import database_sync_to_async
from channels.layers import BaseChannelLayer, get_channel_layer
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
from escollect.infra import clock
from escollect.live import registry
from escollect.live.handshake import (
    Identity,
    get_identity,
    get_session_key,
    is_allowed_origin,
    speaks_our_protocol,
)

logger = logging.getLogger(__name__)

JOIN_SECONDS = 10.0
SILENCE_SECONDS = 45.0
TICK_SECONDS = 5.0
SESSION_SECONDS = 60.0
REGROUP_SECONDS = 15.0
FLOOD_FACTOR = 3
MALFORMED_LIMIT = 50
CANCEL_TRIES = 20
CANCEL_SECONDS = 0.25

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


def _get_layer() -> BaseChannelLayer:
    layer = get_channel_layer()
    if layer is None:
        raise RuntimeError("CHANNEL_LAYERS has no default")
    return layer


class Socket:
    """One websocket: subclasses say how to enter, what a frame does, and what a hint does.

    Three tasks share the state on one event loop: frames in, hints from other processes, and a clock.
    The first of them to end ends the socket.
    """

    waits_for_join = False

    def __init__(self) -> None:
        self.scope: Scope = {}
        self.layer = _get_layer()
        self._identity: Identity | None = None
        self.entered = asyncio.Event()
        self.stale = asyncio.Event()
        self.groups: set[str] = set()
        self.heard_at = monotonic()
        self.session_read_at = monotonic()
        self.frames = self.flood = Bucket(0, 0)
        self.malformed = 0
        self.tasks: set[asyncio.Task[None]] = set()
        self.closed = asyncio.Event()
        self.ending: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    def as_asgi(cls) -> Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]:
        """An ASGI application with a fresh socket for every connection."""

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            await cls()(scope, receive, send)

        return application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the socket to its end. Whatever happens inside, it ends with a close code of ours."""
        self.scope, self.receive, self.send = scope, receive, send
        self.channel = await self.layer.new_channel()
        await receive()
        await send(
            {
                "type": "websocket.accept",
                "subprotocol": SUBPROTOCOL if speaks_our_protocol(scope) else None,
            }
        )
        registry.add(self)
        try:
            await self._serve()
        finally:
            registry.discard(self)
            await self._stop()
            if self.ending.done() and not self.ending.cancelled():
                self.ending.exception()
            await self._leave_groups()
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

    async def refresh(self) -> None:
        """Read the database again and tell the client what is new."""
        raise NotImplementedError

    async def relay(self, message: MutableMapping[str, Any]) -> None:
        """Pass on what a partner's socket said without storing it."""

    async def gone(self) -> None:
        """Clean up after the socket is closed."""

    # The life of the socket.

    async def _serve(self) -> None:
        try:
            await self._check_handshake()
            await self.enter()
            await self._run()
        except HangUp as hang_up:
            await self._close(hang_up)
        except asyncio.CancelledError:
            # The server is shutting down and cut us off before the drain came round.
            await self._close(HangUp(Close.RESTART, bye_frame("restart", registry.RESTART_MS)))
            raise
        except DatabaseError:
            logger.warning("a socket was closed because the database is away", exc_info=True)
            await self._close(refuse(Close.DEPENDENCY, "db_unavailable"))
        except Exception:
            logger.exception("a socket was closed because of an error")
            await self._close(refuse(Close.INTERNAL, "internal"))

    async def _check_handshake(self) -> None:
        if not is_allowed_origin(self.scope):
            raise refuse(Close.FORBIDDEN)
        if not speaks_our_protocol(self.scope):
            raise refuse(Close.VERSION, "bad_frame")
        await self.read_session()
        limits = self.known.limits
        self.frames = Bucket(limits.frame_rate, limits.frame_burst)
        self.flood = Bucket(limits.frame_rate * FLOOD_FACTOR, limits.frame_burst * FLOOD_FACTOR)

    async def _run(self) -> None:
        jobs = {self._read(), self._listen(), self._tick(), self._follow()}
        self.tasks = {asyncio.ensure_future(job) for job in jobs}
        ends: set[asyncio.Future[None]] = {*self.tasks, self.ending}
        try:
            done, _pending = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in self.tasks:
                task.cancel()
        for end in done:
            end.result()

    async def _stop(self) -> None:
        """Wait for the cancelled tasks; a layer in the middle of a message may miss the first call."""
        waiting = self.tasks
        for _try in range(CANCEL_TRIES):
            if not waiting:
                break
            for task in waiting:
                task.cancel()
            _done, waiting = await asyncio.wait(waiting, timeout=CANCEL_SECONDS)
        if waiting:
            logger.error("a closed socket left %d tasks behind", len(waiting))
        for task in self.tasks - waiting:
            if not task.cancelled():
                task.exception()

    async def _read(self) -> None:
        while True:
            message = await self.receive()
            if message["type"] == "websocket.disconnect":
                return
            self.heard_at = monotonic()
            await self._answer(message.get("text"))

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
        except Exception:
            logger.exception("a frame was not acted on because of an error")
            await self.send_frame(error_frame("internal"))

    async def _listen(self) -> None:
        while True:
            message = await self.layer.receive(self.channel)
            if message["type"] == "hint":
                self.stale.set()
            else:
                await self.relay(message)

    async def _follow(self) -> None:
        await self.entered.wait()
        while True:
            await self.stale.wait()
            self.stale.clear()
            try:
                await self.refresh()
            except DatabaseError:
                logger.warning("the database is away; the next poll reads again", exc_info=True)

    async def _tick(self) -> None:
        if self.waits_for_join:
            try:
                await asyncio.wait_for(self.entered.wait(), JOIN_SECONDS)
            except TimeoutError:
                raise refuse(Close.TIMEOUT, "not_joined") from None
        grouped_at = monotonic()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = monotonic()
            if now - self.heard_at > SILENCE_SECONDS:
                raise HangUp(Close.TIMEOUT)
            if now - grouped_at > REGROUP_SECONDS:
                grouped_at = now
                for group in self.groups:
                    await self._guarded(self.layer.group_add(group, self.channel))
            await self._guarded(self.read_session_when_old())
            self.stale.set()

    # Helpers for subclasses.

    async def read_session(self) -> None:
        """Read the session afresh; raises HangUp when it ended or belongs to somebody else now."""
        identity = await in_database(get_identity, get_session_key(self.scope))
        if identity is None or self._identity not in (None, identity):
            raise refuse(Close.SESSION_ENDED)
        self._identity = identity
        self.session_read_at = monotonic()

    async def read_session_when_old(self) -> None:
        """Read the session again when that was done more than a minute ago; raises HangUp."""
        if monotonic() - self.session_read_at > SESSION_SECONDS:
            await self.read_session()

    async def join_group(self, group: str) -> None:
        """Receive the hints of a group from now on."""
        self.groups.add(group)
        await self.layer.group_add(group, self.channel)

    async def send_frame(self, frame: Frame) -> None:
        """Send one frame."""
        await self.send({"type": "websocket.send", "text": encode(frame)})

    async def tell_group(self, group: str, message: Mapping[str, Any]) -> None:
        """Say something that is not stored to every socket of a group; it may get lost."""
        await self._guarded(self.layer.group_send(group, dict(message)))

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
        if not self.ending.done():
            self.ending.set_exception(HangUp(Close.RESTART, bye_frame("restart", after_ms)))

    async def _close(self, hang_up: HangUp) -> None:
        async def say() -> None:
            if hang_up.frame is not None:
                await self.send_frame(hang_up.frame)
            await self.send({"type": "websocket.close", "code": int(hang_up.code)})

        await self._guarded(say())

    async def _leave_groups(self) -> None:
        for group in self.groups:
            await self._guarded(self.layer.group_discard(group, self.channel))

    async def _guarded(self, job: Awaitable[None]) -> None:
        try:
            await job
        except HangUp:
            raise
        except Exception:
            logger.warning("a step of a socket failed", exc_info=True)
