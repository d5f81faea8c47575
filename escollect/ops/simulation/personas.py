"""The kinds of people in a simulated crowd: what each does in the room, and what it expects of it."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from escollect.domain.events import Role
from escollect.ops.simulation.actor import Actor
from escollect.ops.simulation.pages import Astray

BURST = 9
NAPS = 2
BABBLE = ("Hello?", "Are you still there?", "Please answer me.", "I have one more thing.", "And another one.")


class Vanished(Exception):
    """Somebody closed everything and does not come back."""


class Persona:
    """Tells the whole tale, gives stars when asked, ends when all is said. The good half of a pair."""

    slowness: ClassVar[float] = 1.0
    gives_up: ClassVar[bool] = False

    async def play(self, actor: Actor) -> None:
        """Live in the room until it is over (RoomOver) or until one leaves for good (Vanished)."""
        await actor.begin()
        for number, line in enumerate(actor.own):
            if number == actor.turning_point:
                await self.turn(actor)
            await actor.hear(actor.heard_before(line))
            await actor.write(line.text, line.strategy)
        await self.close(actor)

    async def turn(self, actor: Actor) -> None:
        """What the persona does in the middle; a good one nothing."""

    async def close(self, actor: Actor) -> None:
        """The seeker hears everything and ends; the supporter waits for that."""
        if actor.role is Role.SEEKER:
            await actor.hear(len(actor.tale.lines) - len(actor.own))
            await actor.pace.rest(1.0, 3.0)
            await actor.end("done")
        await actor.stay()


class Slow(Persona):
    """Types three times as slowly as others."""

    slowness = 3.0


class Leaver(Persona):
    """Leaves in the middle: at times with the button, at times by closing everything."""

    gives_up = True

    async def turn(self, actor: Actor) -> None:
        if actor.rng.random() < 0.5:
            await actor.end("leave")
        raise Vanished


class Silent(Persona):
    """Is there and never writes; the room's idle timer has to end it."""

    gives_up = True

    async def play(self, actor: Actor) -> None:
        await actor.begin()
        await actor.stay()


class Spammer(Persona):
    """Sends a burst that no limit allows, and must be told to slow down and still be heard."""

    async def turn(self, actor: Actor) -> None:
        strategy = "Others" if actor.role is Role.SUPPORTER else None
        texts = [BABBLE[number % len(BABBLE)] for number in range(BURST)]
        sending = [asyncio.ensure_future(actor.send(text, strategy)) for text in texts]
        try:
            await asyncio.gather(*sending)
        finally:
            for task in sending:
                task.cancel()
            await asyncio.gather(*sending, return_exceptions=True)
        if not actor.seat.nacks["rate_limited"]:
            raise Astray(f"{BURST} utterances at once were not slowed down")


class Tabs(Persona):
    """Opens the room in a second tab and goes on there; the first one has to be closed."""

    async def turn(self, actor: Actor) -> None:
        await actor.seat.open_second_tab()


class Sleeper(Persona):
    """A phone that sleeps: the connection is gone without a word, and comes back after a while."""

    async def turn(self, actor: Actor) -> None:
        for _nap in range(NAPS):
            seconds = max(0.5, actor.pace.seconds(6.0, 12.0))
            tab = actor.seat.tab
            tab.joined.clear()
            tab.drop(seconds)
            await actor.seat.until(tab.joined.is_set)


PERSONAS: dict[str, Persona] = {
    "good": Persona(),
    "slow": Slow(),
    "leaver": Leaver(),
    "silent": Silent(),
    "spammer": Spammer(),
    "tabs": Tabs(),
    "sleeper": Sleeper(),
}
