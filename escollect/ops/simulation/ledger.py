"""What a crowd achieved: counts, errors, and how long utterances took to the partner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from escollect.domain.lifecycle import EndReason

Place = tuple[str, int]
PERCENTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
BROKEN = frozenset({EndReason.IDLE, EndReason.PARTNER_LEFT, EndReason.BOTH_OFFLINE, EndReason.NO_SHOW})
"""How a room ends in which somebody stayed away; a fault when nobody in it is known for that."""


def get_percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of the values do not exceed; None without values."""
    if not values:
        return None
    ordered = sorted(values)
    rank = -(-len(ordered) * share // 1)
    return ordered[max(0, int(rank) - 1)]


@dataclass(slots=True)
class RoomEntry:
    """What is known of a room: whether it went live, how it ended, and whether somebody in it gives up."""

    live: bool = False
    reason: str = ""
    given_up: bool = False


class Ledger:
    """Counts of a whole crowd; lives on one event loop."""

    def __init__(self) -> None:
        self._rooms: dict[str, RoomEntry] = {}
        self.utterances = 0
        self.latencies: list[float] = []
        self.nacks: Counter[str] = Counter()
        self.closes: Counter[int] = Counter()
        self.places: Counter[str] = Counter()
        self.endings: Counter[str] = Counter()
        self.errors: list[str] = []
        self._sent: dict[Place, float] = {}
        self._heard: dict[Place, float] = {}

    @property
    def conversations(self) -> list[str]:
        """The rooms that went live."""
        return [room for room, entry in self._rooms.items() if entry.live]

    def room(self, conversation: str) -> RoomEntry:
        """The entry of a room, made when it is first asked for."""
        return self._rooms.setdefault(conversation, RoomEntry())

    def find_broken_rooms(self) -> None:
        """Add an error for every room that stopped although both sides meant to go on."""
        self.errors += [
            f"room {room}: ended with {entry.reason} although both stayed"
            for room, entry in self._rooms.items()
            if entry.reason in BROKEN and not entry.given_up
        ]

    def stored(self, conversation: str, seq: int, sent_at: float) -> None:
        """An utterance was acknowledged; `sent_at` is when it was sent, in seconds of one clock."""
        self.utterances += 1
        self._measure((conversation, seq), self._sent, self._heard, sent_at)

    def heard(self, conversation: str, seq: int, at: float) -> None:
        """The partner received an utterance over a line that had caught up."""
        self._measure((conversation, seq), self._heard, self._sent, at)

    def _measure(self, place: Place, own: dict[Place, float], other: dict[Place, float], at: float) -> None:
        if place in other:
            self.latencies.append(abs(at - other.pop(place)) * 1000)
        else:
            own[place] = at

    def move(self, old: str | None, new: str | None) -> None:
        """Somebody went from one place of the funnel to the next; None is outside."""
        self.places.update({place: step for place, step in ((old, -1), (new, 1)) if place})

    def latency_ms(self, percentiles: dict[str, float] | None = None) -> dict[str, float | None]:
        """Milliseconds from sending to the partner's receipt; null when nothing was heard."""
        wanted = percentiles or PERCENTILES
        found = {name: get_percentile(self.latencies, share) for name, share in wanted.items()}
        return {name: None if value is None else round(value, 1) for name, value in found.items()}

    def result(self, accepted: int | None) -> dict[str, Any]:
        """The last line of the command."""
        return {
            "conversations": len(self.conversations),
            "utterances": self.utterances,
            "accepted": accepted,
            "errors": self.errors,
            "latency_ms": self.latency_ms(),
        }
