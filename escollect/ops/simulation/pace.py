"""How fast a simulated person is."""

from __future__ import annotations

import asyncio
import random
from typing import Literal

PaceName = Literal["human", "fast"]
UTTERANCE = (5.0, 8.0)
FAST_SLOWNESS = 0.3


class Pace:
    """Pauses of one person: those of people, or as short as the server's limits allow.

    `slowness` stretches the writing; a slow person is slower than the others at either pace.
    """

    def __init__(self, name: PaceName, rng: random.Random, slowness: float = 1.0) -> None:
        self.human = name == "human"
        self._rng = rng
        self._slowness = slowness

    def writing_seconds(self) -> float:
        """From one's last utterance to the next."""
        drawn = self._rng.uniform(*UTTERANCE) * self._slowness
        return drawn if self.human else FAST_SLOWNESS * (self._slowness - 1)

    def seconds(self, low: float, high: float) -> float:
        """A pause of a person for reading or choosing; none at the fast pace."""
        drawn = self._rng.uniform(low, high)
        return drawn if self.human else 0.0

    async def rest(self, low: float, high: float) -> None:
        """Pause between `low` and `high` seconds; not at all at the fast pace."""
        await asyncio.sleep(self.seconds(low, high))
