"""One person's seat in a room: what was said, what has no answer yet, and the tab it goes through."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from escollect.domain.codes import Close
from escollect.domain.events import Role
from escollect.domain.wire import VERSION, Frame
from escollect.ops.simulation.ledger import Ledger
from escollect.ops.simulation.line import GONE_AWAY, STAY_AWAY, Line
from escollect.ops.simulation.pages import Astray, Browser

logger = logging.getLogger(__name__)

FIRST_TAB_SECONDS = 30.0


class RoomOver(Exception):
    """The room's socket was closed for good; `code` says why."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class Pending:
    """A command without an answer: when it was sent first, and where its answer goes."""

    frame: Frame
    sent_at: float = 0.0
    answer: asyncio.Future[Frame] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Tab(Line):
    """One tab of the room: joins, resumes after its last event, and tells its seat what comes."""

    def __init__(self, seat: Seat, number: int) -> None:
        path = f"/ws/c/{seat.conversation}/"
        super().__init__(f"room/{seat.conversation}/{number}", path, seat.browser, seat.ledger, seat.rng)
        self.seat = seat
        self.id = str(uuid4())
        self.last = 0
        self.caught_up = 0
        self.joined = asyncio.Event()

    def comes_back(self) -> bool:
        return self.seat.is_newest(self)

    async def opened(self) -> None:
        await self.send({"t": "join", "v": VERSION, "last_seq": self.last, "tab": self.id})

    async def received(self, frame: Frame) -> None:
        kind = frame["t"]
        if kind == "event":
            self._event(frame)
        elif kind in {"ack", "nack"}:
            self.seat.answered(self, frame)
        elif kind == "joined":
            self.heartbeat = float(frame["hb"])
            self.caught_up = frame["last_seq"]
            self.welcomed()
            self.joined.set()
            await self.seat.joined(self, frame)

    def _event(self, event: Frame) -> None:
        if event["seq"] > self.last + 1:
            self.log.note("gap", line=self.name, after=self.last, seq=event["seq"])
            self.drop()
        elif event["seq"] == self.last + 1:
            self.last = event["seq"]
            self.seat.happened(event, live=event["seq"] > self.caught_up)


class Seat:
    """One person in one conversation, over however many tabs and reconnects."""

    def __init__(
        self, conversation: str, role: Role, browser: Browser, ledger: Ledger, rng: random.Random
    ) -> None:
        self.conversation, self.role = conversation, role
        self.browser, self.ledger, self.rng = browser, ledger, rng
        self.state = ""
        self.last = 0
        self.said: Counter[str] = Counter()
        self.request: int | None = None
        self.rated: set[int] = set()
        self.over: int | None = None
        self._pending: dict[str, Pending] = {}
        self._news = asyncio.Event()
        self.nacks: Counter[str] = Counter()
        self.tab = self._newest = Tab(self, 1)
        self._serving = {self.tab: asyncio.create_task(self._serve(self.tab))}

    # What the tabs tell.

    async def joined(self, tab: Tab, frame: Frame) -> None:
        """A tab is in: from now on it is the one, and everything unanswered is sent again."""
        self.tab = tab
        self.state = frame["state"]
        self._news.set()
        for pending in list(self._pending.values()):
            await tab.send(pending.frame)

    def happened(self, event: Frame, *, live: bool) -> None:
        """An event came over a tab; one that another tab has brought before changes nothing."""
        if event["seq"] <= self.last:
            return
        self.last = event["seq"]
        kind = event["kind"]
        if kind == "msg":
            self.said[event["from"]] += 1
            if live and event["from"] != self.role:
                self.ledger.heard(self.conversation, event["seq"], time.perf_counter())
        elif kind == "rating_request":
            self.request = event["seq"]
        elif kind == "rating":
            self.rated.add(event["req"])
        elif kind == "state":
            self.state = event["state"]
            entry = self.ledger.room(self.conversation)
            entry.live = entry.live or event["state"] == "live"
            entry.reason = event.get("reason") or entry.reason
        self._news.set()

    def answered(self, tab: Tab, frame: Frame) -> None:
        """An ack or a nack; one that nobody waits for any more is the echo of a resend.

        What an older tab is refused, the newest one sends again as soon as it is in.
        """
        if frame["t"] == "nack" and not self.is_newest(tab):
            return
        pending = self._pending.get(frame["cid"])
        if pending is not None and not pending.answer.done():
            pending.answer.set_result(frame)

    def is_newest(self, tab: Tab) -> bool:
        """Whether no tab was opened after this one."""
        return tab is self._newest

    async def _serve(self, tab: Tab) -> int:
        code = GONE_AWAY
        try:
            code = await tab.run()
        except Exception:
            logger.exception("a tab of %s broke off", self.conversation)
        finally:
            if self.is_newest(tab):
                self._end(code)
        return code

    def _end(self, code: int) -> None:
        self.over = code
        self._news.set()
        for pending in self._pending.values():
            if not pending.answer.done():
                pending.answer.set_exception(RoomOver(code))

    # What the person does.

    async def until(self, wanted: Callable[[], bool]) -> None:
        """Wait for something to be so. Raises RoomOver when the room is over before."""
        while not wanted():
            if self.over is not None:
                raise RoomOver(self.over)
            self._news.clear()
            await self._news.wait()

    async def deliver(self, frame: Frame) -> Frame:
        """Send a command until it is answered for good: its ack, or a nack that is no use trying again."""
        cid = str(uuid4())
        pending = self._pending[cid] = Pending({**frame, "cid": cid})
        try:
            while True:
                answer = await self._ask(pending)
                if answer["t"] == "ack":
                    if frame["t"] == "msg":
                        self.ledger.stored(self.conversation, answer["seq"], pending.sent_at)
                    return answer
                self.ledger.nacks[answer["code"]] += 1
                self.nacks[answer["code"]] += 1
                if not answer["retry"]:
                    return answer
                pending.answer = asyncio.get_running_loop().create_future()
                await asyncio.wait([pending.answer], timeout=answer.get("after_ms", 1000) / 1000)
        finally:
            del self._pending[cid]

    async def _ask(self, pending: Pending) -> Frame:
        if not pending.answer.done():
            if self.over is not None:
                raise RoomOver(self.over)
            pending.sent_at = time.perf_counter()
            await self.tab.send(pending.frame)
        return await pending.answer

    async def open_second_tab(self) -> None:
        """Open the room once more. The first tab must be told that it is superseded."""
        first = self.tab
        second = self._newest = Tab(self, len(self._serving) + 1)
        self._serving[second] = asyncio.create_task(self._serve(second))
        await self.until(second.joined.is_set)
        try:
            async with asyncio.timeout(FIRST_TAB_SECONDS):
                code = await self._serving[first]
        except TimeoutError:
            raise Astray("the first tab stayed open beside the second one") from None
        if code in STAY_AWAY - {Close.SUPERSEDED, Close.OVER}:
            raise Astray(f"the first tab was closed with {code} instead of {int(Close.SUPERSEDED)}")

    async def leave(self) -> None:
        """Close every tab."""
        for tab, serving in self._serving.items():
            await tab.hang_up()
            serving.cancel()
        await asyncio.gather(*self._serving.values(), return_exceptions=True)
        for pending in self._pending.values():
            pending.answer.cancel()
