"""Two people on real sockets in any order of events: a screen that caught up shows what a reload shows."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from escollect.conversations import actions
from escollect.conversations.models import Conversation, Event
from escollect.domain.events import Role
from escollect.domain.study import Limits
from escollect.infra import bus
from escollect.live import room, socket
from escollect.people.actions import withdraw
from tests.live.people import Client, make_session
from tests.support.rooms import Pair, make_pair, make_study, pass_time

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

FAST = Limits(utterance_rate=10_000, utterance_burst=100_000, frame_rate=10_000, frame_burst=100_000)
OVER = {4003, 4004, 4005, 4010}
SHOWN = ("from", "text", "strategy", "value", "req", "state", "reason", "code", "who")
TEXTS = ("Hello.", "I see.", "  \n.", "שלום", "👩‍🚀")
T = TypeVar("T")
Frame = dict[str, Any]
roles = st.sampled_from(list(Role))


@dataclass
class Screen:
    """What a page shows: built from event frames alone, each in its turn, whatever the order of arrival."""

    last: int = 0
    state: str = "created"
    request: int | None = None
    lines: list[tuple[Any, ...]] = field(default_factory=list)

    def apply(self, frame: Frame) -> None:
        """Take the next event; drop one that is known or comes too early."""
        if frame["seq"] != self.last + 1:
            return
        self.last = frame["seq"]
        kind = frame["kind"]
        if kind == "state":
            self.state, self.request = frame["state"], None
        elif kind == "rating_request":
            self.request = frame["seq"]
        elif kind == "rating":
            self.request = None
        self.lines.append(
            (kind, *(frame.get(name) for name in ("from", "text", "strategy", "value", "code")))
        )


class Tab:
    """One side's page: a socket that may be closed, and a screen that may be behind."""

    def __init__(self, path: str, session: str) -> None:
        self.path, self.session = path, session
        self.socket: Client | None = None
        self.screen = Screen()
        self.held: list[Frame] = []
        self.closed: int | None = None

    async def open(self, last_seq: int) -> Frame | None:
        """Join; the joined frame, None when the room sent us away."""
        self.socket = await Client(self.path, self.session).__aenter__()
        await self.socket.send(t="join", v=1, last_seq=last_seq, tab=uuid4())
        return await self.read(lambda frame: frame.get("t") == "joined")

    async def read(self, wanted: Callable[[Frame], bool]) -> Frame | None:
        """Read on to a frame, keeping the events; None when the socket was closed before."""
        while self.socket is not None:
            frame = await self.socket.next()
            if "close" in frame:
                self.closed = frame["close"]
                await self.close()
            elif frame["t"] == "event":
                self.held.append(frame)
            if wanted(frame):
                return frame
        return None

    async def ask(self, **frame: Any) -> Frame | None:
        """Send a command; its ack or nack."""
        if self.socket is None:
            return None
        cid = str(frame.setdefault("cid", uuid4()))
        await self.socket.send(**frame)
        return await self.read(lambda one: one.get("cid") == cid and one["t"] in {"ack", "nack"})

    async def next_event(self) -> Frame:
        """The next event of the room."""
        frame = await self.read(lambda one: one.get("t") == "event")
        assert frame is not None, self.closed
        return frame

    async def close(self) -> None:
        socket, self.socket = self.socket, None
        if socket is not None:
            await socket.__aexit__()


class SocketMachine(RuleBasedStateMachine):
    """Everything goes through the sockets; the database is read only to judge."""

    runner: asyncio.Runner

    def __init__(self) -> None:
        super().__init__()
        self.pair: Pair = make_pair(make_study(f"study-{uuid4().hex[:12]}", limits=FAST)).meet().get_ready()
        path = f"/ws/c/{self.pair.conversation}/"
        self.tabs = {role: Tab(path, make_session(self.pair.of(role))) for role in Role}
        self.acked: dict[UUID, tuple[Role, int, Frame]] = {}
        self.erased = False

    def run(self, job: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(job)

    async def aside(self, work: Callable[[], object]) -> None:
        """Do something that no socket asked for, beside the sockets."""
        await sync_to_async(work)()

    @initialize(first=roles)
    def both_come(self, first: Role) -> None:
        for role in (first, first.other):
            self.run(self.here(role))
        assert self.pair.row.state == "live"
        self.talk(5)

    @rule(turns=st.integers(3, 6))
    def talk(self, turns: int) -> None:
        """Both write by turns, and the seeker answers what is asked."""
        for at in range(turns):
            self.say((Role.SUPPORTER, Role.SEEKER)[at % 2], TEXTS[at % len(TEXTS)], wrong=False)
        if self.pair.row.open_request:
            self.rate(Role.SEEKER, turns % 5 + 1, 0)

    async def here(self, role: Role) -> Tab:
        tab = self.tabs[role]
        if tab.socket is None:
            await tab.open(tab.screen.last)
        return tab

    async def ask(self, role: Role, frame: Frame) -> Frame | None:
        was_live = (await Conversation.objects.aget(pk=self.pair.conversation)).state == "live"
        answer = await (await self.here(role)).ask(**frame)
        if answer is None:
            assert not was_live or self.tabs[role].closed == 4005
        elif answer["t"] == "ack" and not answer["dup"]:
            self.acked[UUID(answer["cid"])] = (role, answer["seq"], frame)
        return answer

    @rule(role=roles, text=st.sampled_from(TEXTS), wrong=st.booleans())
    def say(self, role: Role, text: str, wrong: bool) -> None:
        strategy = "Question" if (role is Role.SUPPORTER) is not wrong else None
        frame = {"t": "msg", "cid": str(uuid4()), "text": text, "strategy": strategy, "seen": 0}
        answer = self.run(self.ask(role, frame))
        assert not wrong or answer is None or answer["t"] == "nack"

    @rule(role=roles, value=st.integers(1, 5), off=st.sampled_from([0, 0, 0, 1]))
    def rate(self, role: Role, value: int, off: int) -> None:
        req = (self.pair.row.open_request or 1) + off
        answer = self.run(self.ask(role, {"t": "rate", "cid": str(uuid4()), "req": req, "value": value}))
        assert role is Role.SEEKER or answer is None or answer["t"] == "nack"

    @rule(role=roles, reason=st.sampled_from(["done", "leave", "unsafe", "other"]), luck=st.integers(0, 3))
    def end(self, role: Role, reason: str, luck: int) -> None:
        if luck == 3:
            self.run(self.ask(role, {"t": "end", "cid": str(uuid4()), "reason": reason}))

    @precondition(lambda self: self.acked)
    @rule(at=st.integers(0, 50), change=st.booleans())
    def send_again(self, at: int, change: bool) -> None:
        role, seq, frame = list(self.acked.values())[at % len(self.acked)]
        if change and frame["t"] == "msg":
            answer = self.run(self.ask(role, {**frame, "text": "Something else."}))
            assert answer is None or answer["code"] == "cid_conflict"
        else:
            answer = self.run(self.ask(role, frame))
            assert answer is None or (answer["seq"], answer["dup"]) == (seq, True)

    @rule(role=roles)
    def open_a_second_tab(self, role: Role) -> None:
        self.run(self.replace(role))

    async def replace(self, role: Role) -> None:
        old = await self.here(role)
        new = self.tabs[role] = Tab(old.path, old.session)
        new.screen, new.held = old.screen, []
        joined = await new.open(new.screen.last)
        late = await old.ask(t="msg", text="From the old tab.", strategy=None, seen=0)
        assert late is None or (late["t"], late["code"]) == ("nack", "forbidden")
        await old.read(lambda _frame: False)
        assert old.closed in ({4009, 4005} if joined else OVER)

    @rule(role=roles)
    def lose_the_line(self, role: Role) -> None:
        tab = self.tabs[role]
        tab.held.clear()
        self.run(tab.close())

    @rule(role=roles, order=st.randoms(use_true_random=False))
    def see_events_out_of_order(self, role: Role, order: random.Random) -> None:
        """Frames twice and in any order: the screen takes what is next and leaves the rest for a join."""
        tab = self.tabs[role]
        frames = tab.held * 2
        order.shuffle(frames)
        for frame in frames:
            tab.screen.apply(frame)
        tab.held.clear()

    @rule(seconds=st.sampled_from([10, 30, 61, 190, 250, 430]))
    def pass_time(self, seconds: int) -> None:
        self.run(self.aside(lambda: pass_time(seconds)))
        self.run(self.aside(actions.sweep))

    @rule(role=roles, luck=st.integers(0, 9))
    def withdraw(self, role: Role, luck: int) -> None:
        if luck == 9 and not self.erased:
            self.erased = True
            self.run(self.aside(lambda: withdraw(self.pair.of(role))))

    @rule(role=roles)
    def reload(self, role: Role) -> None:
        if not self.erased:
            self.run(self.compare(role))

    async def compare(self, role: Role) -> None:
        """The stale screen with what it missed, and a fresh one with everything, show the same."""
        tab = self.tabs[role]
        await tab.close()
        shown = []
        for screen in (tab.screen, Screen()):
            tab.held.clear()
            await tab.open(screen.last)
            row = await Conversation.objects.aget(pk=self.pair.conversation)
            while screen.last < row.last_seq:
                screen.apply(await tab.next_event())
            await tab.close()
            shown.append(screen)
            assert (screen.last, screen.state) == (row.last_seq, row.state)
            assert screen.request == row.open_request
        tab.held.clear()
        assert shown[0] == shown[1]

    def teardown(self) -> None:
        if not self.erased:
            for role in Role:
                self.run(self.compare(role))
        for tab in self.tabs.values():
            self.run(tab.close())
        rows = list(Event.objects.filter(conversation=self.pair.conversation).order_by("seq"))
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
        stored = [(row.cid, row.author, row.seq) for row in rows if row.cid]
        assert sorted(stored, key=lambda one: one[2]) == [
            (cid, str(role), seq) for cid, (role, seq, _frame) in self.acked.items()
        ]


def test_two_people_on_sockets_in_any_order_of_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "TICK_SECONDS", 0.1)
    monkeypatch.setattr(room, "SEEN_SECONDS", 0.0)
    with asyncio.Runner() as runner:
        SocketMachine.runner = runner
        run_state_machine_as_test(
            SocketMachine,
            settings=settings(
                derandomize=True,
                deadline=None,
                database=None,
                max_examples=12,
                stateful_step_count=20,
                suppress_health_check=list(HealthCheck),
            ),
        )
        runner.run(sync_to_async(connections.close_all)())
    bus.flush()
