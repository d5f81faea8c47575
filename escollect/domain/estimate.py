"""How long a wait will take, said only when the last half hour gives an honest answer."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

WINDOW = 1800
"""Seconds that are looked back."""

SAMPLES = 5
"""Partners who must have come, and pairs that must have come about, before anything is said."""

PATIENCE = 2
"""An estimate that was wrong by this factor for somebody is not repeated to them."""


@dataclass(frozen=True, slots=True)
class Recent:
    """Counts of the last WINDOW seconds: people of the other role who came, people of the own role who
    came and are in a conversation."""

    arrivals: int
    paired: int


def estimate_wait(position: int, waited: float, recent: Recent) -> int | None:
    """Seconds from now until the person at `position` (from 1) has a partner; None when nobody can say.

    The queue moves with each partner who comes, as often as that ends in a conversation; it is not
    foretold further than it was watched. `waited` is how long the person is waiting, in seconds.
    """
    moves = min(recent.arrivals, recent.paired)
    if moves < SAMPLES or position > moves:
        return None
    seconds = ceil(position * WINDOW / moves)
    return None if waited > PATIENCE * seconds else seconds
