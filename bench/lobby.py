"""How fast people who arrive are paired: `python -m bench.lobby --pairs 300 --rate 50`.

Everybody opens the lobby's socket, says `hello` at the rate given, and answers an offer at once. Reports the
time from the later `hello` of a pair to `matched`, and whether anybody was paired twice or not at all. The
last line of stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from bench.load import percentiles
from bench.servers import SHAPES, start
from bench.wire import Wire, connect

PATIENCE = 60.0


@dataclass
class Visitor:
    """Somebody in the waiting room."""

    port: int
    cookie: str
    wire: Wire | None = None
    said_hello: float = 0.0
    matched: float = 0.0
    paths: frozenset[str] = frozenset()

    def hear(self, payload: bytes) -> None:
        """Answer an offer at once; note the room."""
        frame = json.loads(payload)
        if frame["t"] == "offer" and self.wire is not None:
            self.wire.send(json.dumps({"t": "ready", "offer": frame["offer"]}))
        elif frame["t"] == "matched":
            self.matched = self.matched or perf_counter()
            self.paths |= {frame["path"]}


async def visit(visitors: list[Visitor], rate: float) -> None:
    """Arrive one after the other and wait until everybody has a room."""
    for one in visitors:
        headers = {"Sec-WebSocket-Protocol": "esc.v1", "Cookie": one.cookie}
        one.wire = await connect(one.port, "/ws/lobby/", headers, one.hear, lambda _code: None)
    began = perf_counter()
    for n, one in enumerate(visitors):
        await asyncio.sleep(max(0.0, began + n / rate - perf_counter()))
        one.said_hello = perf_counter()
        assert one.wire is not None
        one.wire.send('{"t":"hello","v":1}')
    deadline = perf_counter() + PATIENCE
    for one in visitors:
        # One poll for everybody who is still waiting.
        while not one.matched and perf_counter() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    for one in visitors:
        if one.wire is not None:
            one.wire.close()


def figures(visitors: list[Visitor]) -> dict[str, Any]:
    """What came out."""
    rooms: dict[str, list[Visitor]] = {}
    for one in visitors:
        for path in one.paths:
            rooms.setdefault(path, []).append(one)
    waits = [
        max(one.matched for one in pair) - max(one.said_hello for one in pair) for pair in rooms.values()
    ]
    span = max(one.said_hello for one in visitors) - min(one.said_hello for one in visitors)
    return {
        "people": len(visitors),
        "arrivals_per_second": round(len(visitors) / span, 1),
        "rooms": len(rooms),
        "unmatched": sum(not one.paths for one in visitors),
        "paired_twice": sum(len(one.paths) > 1 for one in visitors)
        + sum(len(pair) != 2 for pair in rooms.values()),
        "later_hello_to_matched_ms": percentiles(waits),
    }


def main() -> None:
    """Read the options, start the servers, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", choices=SHAPES, default="postgres")
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--rate", type=float, default=50.0, help="people a second")
    options = parser.parse_args()
    with start(options.shape) as (ours, _bare):
        pairs = ours.make_pairs(options.pairs, "lobby")
        visitors = [
            Visitor(ours.ports[n % len(ours.ports)], pair[role])
            for n, pair in enumerate(pairs)
            for role in ("seeker", "supporter")
        ]
        print(f"{len(visitors)} people arrive", file=sys.stderr, flush=True)
        asyncio.run(visit(visitors, options.rate))
    print(json.dumps({"shape": options.shape, **figures(visitors)}))


if __name__ == "__main__":
    main()
