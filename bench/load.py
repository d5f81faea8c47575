"""The load client, a process of its own: reads a plan from stdin, talks, prints its figures as JSON.

It speaks to the application (`esc.v1`) and to the yardstick, which passes every frame to both sockets of a
room: there the frame that comes back to the sender stands for the ack.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import resource
import sys
from collections import deque
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, TextIO
from uuid import UUID, uuid4

from bench.wire import Wire, connect

TEXT = re.compile(rb'"text":"#(\d+) ')
CID = re.compile(rb'"cid":"([0-9a-f-]{36})"')
FILLER = "I have been thinking about what you said yesterday, and it helped me to sleep a little better."
PING_SECONDS = 15.0
PATIENCE = 15.0
HANDSHAKES = 50


@dataclass
class Message:
    """One utterance on its way."""

    side: Side
    sent: float
    acked: float = 0.0
    received: float = 0.0
    copies: int = 0
    nacked: str = ""

    def is_done(self) -> bool:
        """Whether both have it, or it was refused."""
        return bool(self.nacked or (self.acked and self.received))


@dataclass
class Side:
    """One person of a pair, at one socket."""

    port: int
    path: str
    cookie: str
    supporter: bool
    crowd: Crowd
    partner: Side | None = None
    wire: Wire | None = None
    joined: asyncio.Event = field(default_factory=asyncio.Event)
    last_seq: int = 0
    gaps: int = 0

    def hear(self, payload: bytes) -> None:
        """Sort one frame."""
        if payload.startswith(b'{"t":"event"'):
            seq = int(payload[19 : payload.index(b",", 19)])
            if seq != self.last_seq + 1:
                self.gaps += 1
            self.last_seq = seq
            found = TEXT.search(payload)
            if found:
                self.crowd.hear(self, int(found[1]))
        elif payload.startswith(b'{"t":"ack"'):
            self.crowd.acked(payload)
        elif payload.startswith(b'{"t":"msg"'):
            self._relayed(payload)
        elif payload.startswith(b'{"t":"joined"'):
            self.last_seq = 0
            self.joined.set()
        elif payload.startswith((b'{"t":"nack"', b'{"t":"error"', b'{"t":"bye"', b'{"t":"redirect"')):
            self.crowd.refused(payload)

    def _relayed(self, payload: bytes) -> None:
        found = TEXT.search(payload)
        number = int(found[1]) if found else 0
        if self.crowd.messages[number].side is self:
            self.crowd.acked(payload)
        else:
            self.crowd.hear(self, number)


class Crowd:
    """Everybody, and every message that was sent."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.sides: list[Side] = []
        self.messages: list[Message] = []
        self.by_cid: dict[bytes, Message] = {}
        self.ready: deque[Side] = deque()
        self.going = True
        self.closes: dict[int, int] = {}
        self.refusals: dict[str, int] = {}
        ports = plan["ports"]
        for pair in plan["pairs"]:
            seeker, supporter = (
                Side(ports[at % len(ports)], pair["path"], pair[role], role == "supporter", self)
                for at, role in enumerate(("seeker", "supporter"))
            )
            seeker.partner, supporter.partner = supporter, seeker
            self.sides += [seeker, supporter]

    async def enter(self) -> None:
        """Everybody connects and joins."""
        places = asyncio.Semaphore(HANDSHAKES)

        async def enter(side: Side) -> None:
            async with places:
                headers = {"Sec-WebSocket-Protocol": "esc.v1", "Cookie": side.cookie} if side.cookie else {}
                side.wire = await connect(side.port, side.path, headers, side.hear, self.closed)
                if side.cookie:
                    side.wire.send(json.dumps({"t": "join", "v": 1, "last_seq": 0, "tab": str(uuid4())}))
                    await asyncio.wait_for(side.joined.wait(), 60)

        await asyncio.gather(*(enter(side) for side in self.sides))

    def say(self, side: Side) -> None:
        """Send the next utterance of a side."""
        number, cid = len(self.messages), str(UUID(int=len(self.messages) + self.plan["first"]))
        message = Message(side, perf_counter())
        self.messages.append(message)
        self.by_cid[cid.encode()] = message
        strategy = '"Question"' if side.supporter else "null"
        assert side.wire is not None
        side.wire.send(
            f'{{"t":"msg","cid":"{cid}","text":"#{number} {FILLER}",'
            f'"strategy":{strategy},"seen":{side.last_seq}}}'
        )

    def hear(self, side: Side, number: int) -> None:
        """A side received utterance `number`."""
        message = self.messages[number]
        if message.side is side:
            return
        message.copies += 1
        if message.copies == 1:
            message.received = perf_counter()
            self.done(message)

    def acked(self, payload: bytes) -> None:
        """An ack came."""
        found = CID.search(payload)
        message = self.by_cid.get(found[1]) if found else None
        if message is not None and not message.acked:
            message.acked = perf_counter()
            self.done(message)

    def refused(self, payload: bytes) -> None:
        """Something was refused; a refused utterance makes place for another."""
        frame = json.loads(payload)
        code = f"{frame['t']} {frame.get('code', frame.get('why'))}"
        self.refusals[code] = self.refusals.get(code, 0) + 1
        message = self.by_cid.get(str(frame.get("cid")).encode())
        if message is not None:
            message.nacked = code
            self.next()

    def done(self, message: Message) -> None:
        """Both have it: the next one may go."""
        if message.acked and message.received:
            self.next()

    def next(self) -> None:
        """In a closed loop the one who waited longest says something now."""
        if self.going and self.plan["window"]:
            self.say(self.ready[0])
            self.ready.rotate(-1)

    def closed(self, code: int) -> None:
        """A socket was closed."""
        if self.going:
            self.closes[code] = self.closes.get(code, 0) + 1

    async def ping(self) -> None:
        """A heartbeat of everybody, spread over its period."""
        while True:
            for n, side in enumerate(self.sides):
                if side.cookie and side.wire is not None:
                    side.wire.send(f'{{"t":"ping","n":{n}}}')
                await asyncio.sleep(PING_SECONDS / len(self.sides))

    async def talk(self) -> None:
        """Talk for as long as the plan says: in a closed loop, at a fixed rate, or not at all."""
        seconds, rate = self.plan["seconds"], self.plan["rate"]
        self.ready.extend(side for half in (0, 1) for side in self.sides[half::2])
        started = perf_counter()
        if self.plan["window"]:
            for _ in range(self.plan["window"]):
                self.say(self.ready[0])
                self.ready.rotate(-1)
            await asyncio.sleep(seconds)
        elif rate:
            for n in range(int(rate * seconds)):
                await asyncio.sleep(max(0.0, started + n / rate - perf_counter()))
                self.say(self.sides[n % len(self.sides)])
        else:
            await asyncio.sleep(seconds)

    async def wait_for_the_rest(self) -> None:
        """Give what is under way time to arrive."""
        deadline = perf_counter() + PATIENCE
        for message in self.messages:
            # A message is too small a thing for an event of its own.
            while perf_counter() < deadline and not message.is_done():  # noqa: ASYNC110
                await asyncio.sleep(0.05)


def percentiles(values: list[float]) -> dict[str, float]:
    """p50, p95, p99 and p99.9 in milliseconds."""
    ordered = sorted(values)
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p999": 0.999}
    return {
        name: round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 2) if ordered else 0.0
        for name, share in shares.items()
    }


def figures(crowd: Crowd, start: float, end: float) -> dict[str, Any]:
    """What came out; capacity counts the messages that arrived between `start` and `end`."""
    counted = [message for message in crowd.messages if start <= message.received < end]
    asked = [message for message in crowd.messages if not message.nacked]
    return {
        "messages": len(counted),
        "per_second": round(len(counted) / (end - start), 1),
        "to_partner_ms": percentiles([one.received - one.sent for one in counted]),
        "to_ack_ms": percentiles([one.acked - one.sent for one in counted if one.acked]),
        "lost": sum(1 for one in asked if not one.received or not one.acked),
        "duplicated": sum(one.copies - 1 for one in asked if one.copies > 1),
        "gaps": sum(side.gaps for side in crowd.sides),
        "refused": crowd.refusals,
        "closed": crowd.closes,
    }


async def run(plan: dict[str, Any], out: TextIO) -> None:
    """One plan: enter, say that everybody is in, warm up, talk, report."""
    crowd = Crowd(plan)
    await crowd.enter()
    print(json.dumps({"entered": len(crowd.sides)}), file=out, flush=True)
    gc.collect()
    gc.freeze()
    pings = asyncio.ensure_future(crowd.ping())
    talk = asyncio.ensure_future(crowd.talk())
    await asyncio.sleep(plan["warm_up"])
    print(json.dumps({"warm": True}), file=out, flush=True)
    used, start = resource.getrusage(resource.RUSAGE_SELF), perf_counter()
    await talk
    end, spent = perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"talked": True}), file=out, flush=True)
    crowd.plan["window"] = 0
    await crowd.wait_for_the_rest()
    crowd.going = False
    pings.cancel()
    found = figures(crowd, start, end)
    client = spent.ru_utime + spent.ru_stime - used.ru_utime - used.ru_stime
    found["client_cpu"] = round(client / (end - start), 3)
    for side in crowd.sides:
        if side.wire is not None:
            side.wire.close()
    print(json.dumps(found), file=out, flush=True)


if __name__ == "__main__":
    asyncio.run(run(json.loads(sys.stdin.readline()), sys.stdout))
