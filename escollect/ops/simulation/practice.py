"""A simulated supporter in a practice chat: one message for each of the scripted seeker's, to the end."""

from __future__ import annotations

import random
from itertools import count

from escollect.domain.codes import Close
from escollect.domain.events import Role
from escollect.domain.strategies import STRATEGIES
from escollect.ops.simulation.ledger import Ledger
from escollect.ops.simulation.pace import Pace
from escollect.ops.simulation.pages import Astray, Browser
from escollect.ops.simulation.room import RoomOver, Seat

REPLY = "I hear you. Tell me more about it, in your own time."


async def practise(conversation: str, browser: Browser, pace: Pace, rng: random.Random) -> None:
    """Answer the seeker until the script is over. Raises Astray when the room closes otherwise.

    It is counted nowhere: a ledger of its own takes what the room tells.
    """
    seat = Seat(conversation, Role.SUPPORTER, browser, Ledger(), rng)
    try:
        for heard in count(1):
            await seat.until(lambda heard=heard: seat.said[Role.SEEKER] >= heard)  # type: ignore[misc]
            await pace.rest(2.0, 5.0)
            frame = {"t": "msg", "text": REPLY, "strategy": rng.choice(STRATEGIES), "seen": seat.last}
            await seat.deliver(frame)
    except RoomOver as over:
        if over.code != Close.OVER:
            raise Astray(f"the practice room's socket was closed with {over.code}") from None
    finally:
        await seat.leave()
