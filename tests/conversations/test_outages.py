"""Nobody loses a place or a conversation because the service was away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import pytest

from escollect.audit.models import AuditRow
from escollect.conversations import actions
from escollect.conversations.models import Conversation, Member, Ticket
from escollect.conversations.places import get_lobby_view
from escollect.domain.events import Role
from escollect.domain.wire import Ack, Command
from escollect.infra import clock, pulse
from escollect.infra.models import Heartbeat
from escollect.people.models import Participant
from tests.conversations.test_concurrency import at_once
from tests.support.rooms import (
    Pair,
    end,
    let_outage_pass,
    make_pair,
    make_participant,
    make_study,
    pass_time,
    say,
)

pytestmark = pytest.mark.django_db

SEEKER, SUPPORTER = Role.SEEKER, Role.SUPPORTER
LONG = 6_000
"""Longer than any timer."""
EXACT = timedelta(seconds=10)
STRATEGY = {SEEKER: None, SUPPORTER: "Question"}


def deadlines() -> Mapping[str, datetime]:
    """Every deadline of every open room, side and ticket, by a name that says which."""
    found: dict[str, datetime] = {}
    columns: Mapping[type[Conversation | Member | Ticket], tuple[str, ...]] = {
        Conversation: ("ready_by", "nudge_at", "idle_by", "max_by", "both_gone_by", "survey_by"),
        Member: ("gone_prompt_at", "gone_by"),
        Ticket: ("lease_until", "back_by", "prompt_at", "expires_at"),
    }
    for model, names in columns.items():
        for row in model.objects.order_by("pk").values("pk", *names):
            found |= {f"{row['pk']}.{name}": row[name] for name in names if row[name] is not None}
    return found


def arrive(role: Role = SUPPORTER) -> Participant:
    participant = make_participant(make_study(f"study-{Participant.objects.count()}"), role)
    actions.hello(participant)
    return participant


def everything() -> dict[str, Pair]:
    """A room in each open state."""
    pairs = {name: make_pair(make_study(name)) for name in ("created", "live", "survey")}
    pairs["created"].meet()
    pairs["live"].go_live().ack(SEEKER, say())
    pairs["survey"].go_live().ack(SEEKER, end())
    return pairs


def states(pairs: Mapping[str, Pair]) -> dict[str, str]:
    return {name: pair.row.state for name, pair in pairs.items()}


def test_every_open_deadline_moves_by_the_length_of_the_outage() -> None:
    pairs, waiting, lapsed = everything(), arrive(), arrive()
    actions.let_go(lapsed.pk)
    actions.sweep()
    open_at = [key for key in deadlines() if not key.startswith(str(pairs["survey"].conversation))]
    before = deadlines()
    pass_time(30)
    let_outage_pass(LONG)
    gap = actions.note_service()
    assert gap is not None
    after = deadlines()
    live = str(pairs["live"].conversation)
    # Thirty seconds of it were everybody's own; nothing else is gone.
    assert before.keys() == after.keys()
    moved = {key for key in open_at if abs(after[key] - before[key] + timedelta(seconds=30)) < EXACT}
    assert {f"{live}.{name}" for name in ("nudge_at", "idle_by", "max_by", "both_gone_by")} <= moved
    assert f"{pairs['created'].conversation}.ready_by" in moved
    survey = f"{pairs['survey'].conversation}.survey_by"
    assert abs(after[survey] - before[survey] + timedelta(seconds=30)) < EXACT
    for side in Member.objects.filter(conversation=pairs["live"].conversation):
        assert {f"{side.pk}.gone_prompt_at", f"{side.pk}.gone_by"} <= moved
    tickets = {one.participant_id: one for one in Ticket.objects.filter(state__in=["waiting", "lapsed"])}
    own = tickets[waiting.pk].pk
    assert {f"{own}.{name}" for name in ("lease_until", "prompt_at", "expires_at")} <= moved
    assert f"{tickets[lapsed.pk].pk}.back_by" in moved
    actions.sweep()
    assert states(pairs) == {"created": "created", "live": "live", "survey": "survey"}
    assert get_lobby_view(waiting.pk).status == "waiting"
    pairs["live"].ack(SUPPORTER, say(strategy="Question"))


def test_after_the_outage_the_deadlines_end_what_they_always_end() -> None:
    pairs, waiting = everything(), arrive()
    let_outage_pass(LONG)
    actions.note_service()
    pass_time(LONG)
    actions.sweep()
    assert states(pairs) == {"created": "aborted", "live": "abandoned", "survey": "finished"}
    assert get_lobby_view(waiting.pk).outcome == "no_partner"


def test_an_outage_is_made_up_for_once_and_written_down() -> None:
    everything()
    let_outage_pass(LONG)
    gaps = [actions.note_service() for _ in range(3)]
    assert [gap is not None for gap in gaps] == [True, False, False]
    (row,) = AuditRow.objects.filter(action="service.away")
    assert row.actor == "system"
    assert row.new is not None
    assert row.new["seconds"] == pytest.approx(LONG, abs=5)
    assert (row.new["rooms"], row.new["tickets"]) == (3, 2)


def test_a_pause_that_is_no_outage_moves_nothing() -> None:
    everything()
    let_outage_pass(pulse.LIMIT.total_seconds() - 2)
    before = deadlines()
    assert actions.note_service() is None
    assert deadlines() == before


def test_before_anybody_was_ever_served_there_is_no_outage() -> None:
    pair = make_pair().go_live()
    pass_time(LONG)
    actions.sweep()
    assert pair.row.state == "abandoned"
    assert actions.note_service() is None
    assert not pulse.is_away(clock.now())


def test_a_clock_that_was_set_back_is_believed() -> None:
    everything()
    actions.note_service()
    Heartbeat.objects.update(at=clock.now() + timedelta(hours=1))
    before = deadlines()
    assert actions.note_service() is None
    assert deadlines() == before
    assert not pulse.is_away(clock.now())
    (at,) = Heartbeat.objects.values_list("at", flat=True)
    assert abs(at - clock.now()) < EXACT


def test_a_process_that_was_stopped_in_the_middle_sets_the_note_not_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    actions.note_service()
    now = clock.now()
    readings = [now - timedelta(seconds=60), now]
    monkeypatch.setattr(clock, "now", lambda: readings.pop(0))
    assert actions.note_service() is None
    assert list(Heartbeat.objects.values_list("at", flat=True)) == [now]


def _say(pairs: Mapping[str, Pair]) -> None:
    pairs["live"].ack(SEEKER, say())


def _end(pairs: Mapping[str, Pair]) -> None:
    pairs["live"].ack(SUPPORTER, end())


def _join(pairs: Mapping[str, Pair]) -> None:
    pairs["live"].join(SEEKER)


def _ping(pairs: Mapping[str, Pair]) -> None:
    pairs["live"].here(SEEKER, SUPPORTER)


def _answer(pairs: Mapping[str, Pair]) -> None:
    pairs["survey"].answer(SUPPORTER)


def _ready(pairs: Mapping[str, Pair]) -> None:
    assert actions.ready(pairs["created"].seeker, pairs["created"].conversation).status == "offer"


def _sweep(_pairs: Mapping[str, Pair]) -> None:
    assert actions.sweep() == {"rooms": 0, "tickets": 0, "pairs": 0}


@pytest.mark.parametrize("first", [_say, _end, _join, _ping, _answer, _ready, _sweep])
def test_who_is_back_before_the_outage_was_noticed_finds_everything_open(
    first: Callable[[Mapping[str, Pair]], None],
) -> None:
    pairs = everything()
    let_outage_pass(LONG)
    first(pairs)
    actions.note_service()
    actions.sweep()
    expected = {"created": "created", "live": "survey" if first is _end else "live", "survey": "survey"}
    assert states(pairs) == expected


@pytest.mark.parametrize("back", [actions.renew, actions.hello])
def test_a_place_is_there_for_whoever_is_back_before_the_outage_was_noticed(
    back: Callable[[Participant], object],
) -> None:
    waiting = arrive()
    since = Ticket.objects.get().since
    let_outage_pass(LONG)
    back(waiting)
    actions.note_service()
    actions.sweep()
    ticket = Ticket.objects.get()
    assert (ticket.state, since - ticket.since) == ("waiting", timedelta(seconds=LONG))


def test_what_was_renewed_before_the_outage_was_noticed_gets_no_second_helping() -> None:
    pair, waiting = make_pair().go_live(), arrive()
    let_outage_pass(LONG)
    pair.ack(SEEKER, say())
    pair.here(SEEKER)
    actions.renew(waiting)
    actions.note_service()
    now, ticket, side = clock.now(), Ticket.objects.get(participant=waiting), pair.side(SEEKER)
    assert pair.row.idle_by is not None
    assert side.gone_by is not None
    assert side.seen_at is not None
    assert pair.row.idle_by - now <= timedelta(seconds=420)
    assert ticket.lease_until - now <= timedelta(seconds=45)
    assert side.gone_by - now <= timedelta(seconds=240)
    assert side.seen_at <= now


def test_while_nobody_is_served_the_sweep_pairs_nobody() -> None:
    study = make_study()
    pair = make_pair(study).meet()
    actions.decline(pair.seeker, pair.conversation)
    actions.note_service()
    Heartbeat.objects.update(at=clock.now() - timedelta(seconds=60))
    Ticket.objects.update(lease_until=clock.now() - timedelta(seconds=1))
    assert actions.sweep() == {"rooms": 0, "tickets": 0, "pairs": 0}
    assert pair.ticket(SUPPORTER).state == "waiting"


@pytest.mark.django_db(transaction=True)
def test_two_web_processes_and_two_schedulers_that_come_back_at_once_end_nothing() -> None:
    pairs = [make_pair(make_study(f"study-{at}")).go_live() for at in range(4)]
    waiting = [arrive() for _ in range(4)]
    commands = [pair.command(role, say(strategy=STRATEGY[role])) for pair in pairs for role in Role]
    let_outage_pass(LONG)
    calls: list[Callable[[], object]] = []
    for command, one in zip(commands, waiting * 2, strict=True):
        calls += [
            actions.note_service,
            actions.sweep,
            lambda command=command: actions.submit([command])[0],  # type: ignore[misc]
            lambda one=one: actions.renew(one).status,  # type: ignore[misc]
            lambda command=command: seen(command),  # type: ignore[misc]
        ]
    found = at_once(calls)
    assert [pair.row.state for pair in pairs] == ["live"] * 4
    assert all(isinstance(reply, Ack) for reply in found[2::5])
    assert set(found[3::5]) == {"waiting"}
    assert sum(gap is not None for gap in found[0::5]) == 1
    assert AuditRow.objects.filter(action="service.away").count() == 1
    now = clock.now()
    latest = {"idle_by": 420, "max_by": 5400, "both_gone_by": 300}
    for row in Conversation.objects.values(*latest):
        assert all(now < row[name] <= now + timedelta(seconds=most) for name, most in latest.items())


def seen(command: Command) -> list[bool]:
    assert command.epoch is not None
    return actions.seen_many([actions.Seen(command.conversation, command.participant, command.epoch, True)])
