"""A token bucket: how often something may happen, with time handed in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """Allows `rate` takes a second on average and `burst` at once; starts full.

    Times are seconds of any clock that does not run backwards.
    """

    rate: float
    burst: float
    level: float = -1.0
    at: float = 0.0

    def take(self, now: float) -> bool:
        """Take one token at time `now`; False when none is left."""
        self._fill(now)
        if self.level < 1:
            return False
        self.level -= 1
        return True

    def wait(self, now: float) -> float:
        """Seconds until the next token is there, 0 when one is."""
        self._fill(now)
        return max(0.0, (1 - self.level) / self.rate)

    def _fill(self, now: float) -> None:
        if self.level < 0:
            self.level, self.at = self.burst, now
        self.level = min(self.burst, self.level + max(0.0, now - self.at) * self.rate)
        self.at = max(self.at, now)
