"""A room made of nothing but the rules, driven at random through any order of events and any time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from escollect.domain import turns
from escollect.domain.events import Refused, Role
from escollect.domain.lifecycle import (
    CONVERSATION_OPEN,
    WISHES,
    ConversationState,
    Deadline,
    Due,
    EndReason,
    Presence,
    RoomClock,
    Timers,
    check_conversation_move,
    deadlines_due,
    presence_status,
)
from escollect.domain.outcomes import PAY, Outcome, get_outcome

C = ConversationState
START = datetime(2026, 1, 1, tzinfo=UTC)
TIMERS = Timers()
ENDS = {
    Due.NO_SHOW: EndReason.NO_SHOW,
    Due.IDLE: EndReason.IDLE,
    Due.PARTNER_LEFT: EndReason.PARTNER_LEFT,
    Due.BOTH_OFFLINE: EndReason.BOTH_OFFLINE,
    Due.MAX_TIME: EndReason.MAX_TIME,
}
NEXT = {Due.NO_SHOW: C.ABORTED, Due.BOTH_OFFLINE: C.ABANDONED, Due.SURVEY: C.FINISHED}
roles = st.sampled_from(list(Role))
strategies = st.sampled_from([None, "", "Question", "Information", "Charm"])


def code_of(check: Callable[[], object]) -> str:
    """The code of a refusal, empty when nothing is refused."""
    try:
        check()
    except Refused as refused:
        return refused.code
    return ""


class RoomMachine(RuleBasedStateMachine):
    """The rules under test decide; what they must add up to is written down here a second time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.state = C.CREATED
        self.sides = {role: Presence(None, here=False) for role in Role}
        self.clock = RoomClock(self.state, self.sides, ready_by=self.after("offer"))
        self.said: list[Role] = []
        self.asked_at: list[int] = []
        self.open_request: int | None = None
        self.reason: EndReason | None = None
        self.caused_by: Role | None = None
        self.ended_at = self.live_at = self.spoke_at = START
        self.answered: set[Role] = set()

    def after(self, name: str) -> datetime:
        return TIMERS.after(self.now, name)

    def set_clock(self, **columns: datetime | None) -> None:
        clock = replace(self.clock, state=self.state, sides=self.sides)
        self.clock = replace(clock, **columns)  # type: ignore[arg-type]

    def move(self, new: ConversationState) -> None:
        check_conversation_move(self.state, new)
        self.state = new
        self.set_clock()

    def over(self, new: ConversationState, reason: EndReason, caused_by: Role | None) -> None:
        self.reason, self.caused_by, self.ended_at, self.open_request = reason, caused_by, self.now, None
        self.move(new)
        self.set_clock(survey_by=self.after("survey"))

    def facts(self) -> turns.Room:
        unrated = sum(
            role is Role.SUPPORTER for role in self.said[self.asked_at[-1] if self.asked_at else 0 :]
        )
        return turns.Room(self.state, len(self.said), unrated, self.open_request)

    def be_here(self, role: Role, *, here: bool = True, visible: bool = True) -> None:
        left, away = self.after("partner_left"), self.after("partner_away")
        self.sides = {**self.sides, role: Presence(self.now, here, visible, away, left)}
        self.set_clock()

    @initialize(first=roles, both=st.sampled_from([True, True, True, True, False]))
    def somebody_comes(self, first: Role, both: bool) -> None:
        self.come(first, visible=True)
        if both:
            self.come(first.other, visible=True)

    @rule(role=roles, visible=st.booleans())
    def come(self, role: Role, visible: bool) -> None:
        self.be_here(role, visible=visible)
        if self.state is C.CREATED and all(side.seen for side in self.sides.values()):
            self.live_at = self.spoke_at = self.now
            self.move(C.LIVE)
            for each in Role:
                self.be_here(each, here=self.sides[each].here)
            self.set_clock(
                nudge_at=self.after("nudge"), idle_by=self.after("idle"), max_by=self.after("max_time")
            )

    @rule(role=roles)
    def go_offline(self, role: Role) -> None:
        if self.sides[role].seen is not None:
            self.be_here(role, here=False)

    @rule(role=roles, strategy=strategies)
    def say(self, role: Role, strategy: str | None) -> None:
        known = strategy in {"Question", "Information"}
        wrong = {
            Role.SEEKER: "" if strategy is None else "strategy_forbidden",
            Role.SUPPORTER: "" if known else "strategy_invalid" if strategy else "strategy_required",
        }[role]
        expected = wrong if self.state is C.LIVE else "state"
        assert code_of(lambda: turns.check_say(self.facts(), role, strategy)) == expected
        if expected:
            return
        self.said.append(role)
        self.spoke_at = self.now
        self.be_here(role)
        self.set_clock(nudge_at=self.after("nudge"), idle_by=self.after("idle"))
        if turns.rating_due(role, self.facts().unrated):
            self.asked_at.append(len(self.said))
            self.open_request = len(self.said)

    @rule(role=roles, value=st.integers(-1, 7), off=st.integers(-1, 1))
    def rate(self, role: Role, value: int, off: int) -> None:
        req = (self.open_request or 0) + off
        right = self.open_request is not None and off == 0 and 1 <= value <= 5
        expected = "" if right else "rating_invalid"
        if role is Role.SUPPORTER:
            expected = "forbidden"
        if self.state is not C.LIVE:
            expected = "state"
        assert code_of(lambda: turns.check_rate(self.facts(), role, req, value)) == expected
        if not expected:
            self.open_request = None

    @rule(role=roles, reason=st.sampled_from([*sorted(WISHES), "bored", "idle"]))
    def end(self, role: Role, reason: str) -> None:
        expected = "state" if self.state is not C.LIVE else "" if reason in WISHES else "bad_frame"
        assert code_of(lambda: turns.check_end(self.facts(), reason)) == expected
        if not expected:
            self.over(C.SURVEY, turns.check_end(self.facts(), reason), role)

    @precondition(lambda self: self.state is C.SURVEY)
    @rule(role=roles)
    def answer(self, role: Role) -> None:
        self.answered.add(role)
        if self.answered == set(Role):
            self.move(C.FINISHED)

    @precondition(lambda self: self.state is not C.ERASED)
    @rule(luck=st.integers(0, 9))
    def erase(self, luck: int) -> None:
        if luck == 9:
            self.move(C.ERASED)

    @rule(seconds=st.sampled_from([1, 5, 19, 20, 44, 61, 130, 181, 300, 1800]))
    def pass_time(self, seconds: int) -> None:
        self.go_to(self.now + timedelta(seconds=seconds))

    @rule(which=st.integers(0, 4), off=st.sampled_from([-1, 0, 0, 0, 1]), keep=st.sets(roles))
    def pass_until(self, which: int, off: int, keep: set[Role]) -> None:
        """To the edge of a deadline, with a sign of life of some just before it."""
        columns = [value for value in asdict(self.clock).values() if isinstance(value, datetime)]
        columns += [at for side in self.sides.values() for at in (side.left_by, side.seen) if at]
        columns += [TIMERS.after(side.seen, "both_offline") for side in self.sides.values() if side.seen]
        edges = sorted(at for at in columns if at > self.now + timedelta(seconds=2))
        if not edges:
            return
        edge = edges[which % len(edges)]
        if keep and self.state is C.LIVE:
            self.now = edge - timedelta(seconds=2)
            for role in keep:
                self.be_here(role)
        self.go_to(edge + timedelta(seconds=off))

    @rule(rounds=st.sampled_from([3, 26]))
    def talk_on(self, rounds: int) -> None:
        """An utterance every 200 seconds, for ten minutes or until the time is nearly up."""
        for _ in range(rounds):
            if self.state is C.LIVE:
                for role in Role:
                    self.be_here(role)
                self.say(Role.SEEKER, None)
                self.go_to(self.now + timedelta(seconds=200))

    def go_to(self, moment: datetime) -> None:
        self.now = moment
        due = deadlines_due(self.clock, self.now, TIMERS)
        assert due == sorted(due, key=lambda deadline: deadline.at)
        assert all(deadline.at <= self.now for deadline in due)
        assert due == [] or self.state in CONVERSATION_OPEN
        ends = [one for one in due if one.due not in (Due.NUDGE, Due.PARTNER_AWAY)]
        if ends:
            self.enforce(ends[0])

    def enforce(self, deadline: Deadline) -> None:
        due = deadline.due
        self.check_was_time(deadline)
        if due is Due.SURVEY:
            self.move(C.FINISHED)
            return
        caused_by = deadline.role
        if due is Due.IDLE:
            caused_by = turns.owes_utterance(self.said[-1] if self.said else "")
        self.over(NEXT.get(due, C.SURVEY), ENDS[due], caused_by)

    def check_was_time(self, deadline: Deadline) -> None:
        """The protocol's own numbers, whatever the columns say."""
        status = {role: presence_status(side, self.now, TIMERS) for role, side in self.sides.items()}
        since = {role: self.now - (side.seen or START) for role, side in self.sides.items()}
        if deadline.due is Due.IDLE:
            assert self.now - self.spoke_at >= timedelta(seconds=420)
        elif deadline.due is Due.MAX_TIME:
            assert self.now - self.live_at >= timedelta(minutes=90)
        elif deadline.due is Due.BOTH_OFFLINE:
            assert min(since.values()) >= timedelta(seconds=300)
        elif deadline.due is Due.PARTNER_LEFT:
            assert deadline.role is not None
            assert since[deadline.role] >= timedelta(seconds=240)
            assert (status[deadline.role], status[deadline.role.other] == "offline") == ("offline", False)
        elif deadline.due is Due.SURVEY:
            assert self.now - self.ended_at >= timedelta(minutes=30)
        else:
            assert self.now - START >= timedelta(seconds=45)

    @invariant()
    def a_request_follows_every_second_supporter_utterance_and_nothing_else(self) -> None:
        supporters = [at for at, role in enumerate(self.said, 1) if role is Role.SUPPORTER]
        assert self.asked_at == supporters[1::2]
        assert self.open_request in (None, self.asked_at[-1] if self.asked_at else None)

    @invariant()
    def an_end_gives_both_sides_something_that_is_explained_and_a_live_room_nothing(self) -> None:
        assert (self.reason is None) == (self.state in (C.CREATED, C.LIVE)) or self.state is C.ERASED
        if self.reason is None:
            return
        given = {role: get_outcome(self.reason, self.caused_by, role, self.said.count(role)) for role in Role}
        assert set(given.values()) <= set(PAY)
        if self.caused_by is not None:
            other = given[self.caused_by.other]
            assert other not in (Outcome.SELF_LEFT, Outcome.IDLE_TIMEOUT, Outcome.WITHDRAWN)

    @invariant()
    def no_open_room_outlives_its_clock(self) -> None:
        if self.state is C.LIVE:
            assert self.clock.max_by is not None
            assert self.clock.idle_by is not None
            assert self.clock.max_by == self.live_at + timedelta(minutes=90)
        if self.state is C.SURVEY:
            assert self.clock.survey_by == self.ended_at + timedelta(minutes=30)


TestRoomMachine = RoomMachine.TestCase
TestRoomMachine.settings = settings(
    derandomize=True, deadline=None, max_examples=250, stateful_step_count=40, database=None
)
