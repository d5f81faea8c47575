"""Somebody in a room who tells their side of the tale; the personas change how."""

from __future__ import annotations

import asyncio
import random
import time
from typing import NoReturn

from escollect.domain.events import Role
from escollect.domain.wire import Frame
from escollect.ops.simulation.pace import Pace
from escollect.ops.simulation.pages import Astray
from escollect.ops.simulation.room import Seat
from escollect.ops.simulation.tale import Line, Tale

# Refusals of somebody whose room is just ending, or whose stars came too late.
TOO_LATE = frozenset({"state", "deadline"})
STARS_TOO_LATE = TOO_LATE | {"rating_invalid"}
SHORT_PAUSE = 0.02


class Actor:
    """A seat, a tale and a pace; `rng` decides what the tale does not."""

    def __init__(self, seat: Seat, tale: Tale, pace: Pace, rng: random.Random) -> None:
        self.seat, self.tale, self.pace, self.rng = seat, tale, pace, rng
        self.role = seat.role
        self.own = [line for line in tale.lines if line.role is self.role]
        # Where a persona does what it is known for: after the greeting, before the end.
        self.turning_point = rng.randint(2, max(2, len(self.own) // 2))
        self._wrote_at = time.monotonic()

    async def begin(self) -> None:
        """Wait until both are in the room."""
        await self.seat.until(lambda: self.seat.state == "live")

    def heard_before(self, line: Line) -> int:
        """How many of the partner's utterances come before a line of one's own."""
        place = next(number for number, one in enumerate(self.tale.lines) if one is line)
        return sum(one.role is not self.role for one in self.tale.lines[:place])

    async def hear(self, count: int) -> None:
        """Wait until the partner has said `count` utterances."""
        await self.seat.until(lambda: self.seat.said[self.role.other] >= count)

    async def write(self, text: str, strategy: str | None) -> Frame:
        """Type for a while and send; returns the ack. A refusal that nobody meant is an error."""
        before = time.monotonic() - self._wrote_at
        pause = max(self.pace.writing_seconds() - before, self.pace.seconds(1.0, 2.0))
        if pause > 0:
            await self.seat.tab.send({"t": "typing", "on": True})
            await asyncio.sleep(pause)
        answer = await self.send(text, strategy, int(pause * 1000))
        self._wrote_at = time.monotonic()
        return answer

    async def send(self, text: str, strategy: str | None, typed_ms: int = 0) -> Frame:
        """Send an utterance without a pause; returns the ack."""
        frame: Frame = {"t": "msg", "text": text, "strategy": strategy, "seen": self.seat.last}
        frame["tele"] = {"keys": len(text), "ms": typed_ms, "paste_chars": 0, "blurs": 0}
        answer = await self.seat.deliver(frame)
        if answer["t"] == "nack":
            if answer["code"] in TOO_LATE:
                await self.stay()
            raise Astray(f"an utterance was refused: {answer['code']}")
        return answer

    async def end(self, reason: str) -> None:
        """End the conversation; that the partner or the clock was faster is fine."""
        answer = await self.seat.deliver({"t": "end", "reason": reason})
        if answer["t"] == "nack" and answer["code"] not in TOO_LATE:
            raise Astray(f"the end was refused: {answer['code']}")
        await self.stay()

    async def stay(self) -> NoReturn:
        """Stay until the room is over; raises RoomOver then."""
        await self.seat.until(lambda: False)
        raise AssertionError("unreachable")

    async def rate(self) -> None:
        """The seeker gives stars whenever they are asked for; raises RoomOver when the room is over."""
        seat, answered = self.seat, set[int]()
        while self.role is Role.SEEKER:
            await seat.until(lambda: seat.request is not None and seat.request not in answered | seat.rated)
            await asyncio.sleep(max(SHORT_PAUSE, self.pace.seconds(1.0, 2.0)))
            request = seat.request
            if request is None or request in answered:
                continue
            value = self.tale.stars[len(answered) % len(self.tale.stars)]
            answered.add(request)
            answer = await seat.deliver({"t": "rate", "req": request, "value": value})
            if answer["t"] == "nack" and answer["code"] not in STARS_TOO_LATE:
                raise Astray(f"a rating was refused: {answer['code']}")
