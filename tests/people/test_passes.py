"""What a pass is worth: something beside its session, for a while, and nothing otherwise."""

from __future__ import annotations

import time
import uuid
from dataclasses import astuple

import pytest
from django.core import signing

from escollect.domain.study import Limits
from escollect.people import passes
from escollect.people.models import Participant
from escollect.people.passes import Pass, make_pass, read_pass

KEY = "0123456789abcdefghijklmnopqrstuv"
LIMITS = Limits(utterance_rate=2.5, frame_burst=7)


class Clock:
    """The time of this machine, which the test sets."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(passes, "time", clock)
    return clock


@pytest.fixture
def participant() -> Participant:
    return Participant(pk=uuid.uuid4(), epoch=3)


def test_a_pass_says_whose_session_it_was_and_how_long_ago(clock: Clock, participant: Participant) -> None:
    given = make_pass(participant, LIMITS, KEY)
    assert read_pass(given, KEY) == Pass(participant.pk, 3, LIMITS, 0.0)
    clock.now += 299
    assert read_pass(given, KEY) == Pass(participant.pk, 3, LIMITS, 299.0)


def test_a_pass_is_over_after_five_minutes(clock: Clock, participant: Participant) -> None:
    given = make_pass(participant, LIMITS, KEY)
    clock.now += 301
    assert read_pass(given, KEY) is None


def test_a_pass_from_a_time_to_come_counts_only_as_far_as_clocks_differ(
    clock: Clock, participant: Participant
) -> None:
    given = make_pass(participant, LIMITS, KEY)
    clock.now -= 4
    assert read_pass(given, KEY) == Pass(participant.pk, 3, LIMITS, 0.0)
    clock.now -= 2
    assert read_pass(given, KEY) is None


def test_a_pass_without_its_session_is_worth_nothing(participant: Participant) -> None:
    given = make_pass(participant, LIMITS, KEY)
    assert read_pass(given, KEY[::-1]) is None
    assert read_pass(given, "") is None


def test_a_pass_that_was_changed_or_is_no_pass_is_worth_nothing(participant: Participant) -> None:
    given = make_pass(participant, LIMITS, KEY)
    said, at, signature = given.split(":")
    other = make_pass(Participant(pk=uuid.uuid4(), epoch=3), LIMITS, KEY).split(":")[0]
    for wrong in (f"{other}:{at}:{signature}", f"{said}:{at}:{signature[::-1]}", said, "", ":", "a:b:c", "é"):
        assert read_pass(wrong, KEY) is None


def test_a_pass_of_another_release_is_worth_nothing(participant: Participant) -> None:
    salt, at, limits = passes._get_salt(KEY), int(time.time()), list(astuple(LIMITS))
    who = participant.pk.hex
    assert read_pass(signing.dumps([who, 3, at, limits], salt=salt), KEY) is not None
    others: list[object] = [[], {}, 5, [who, 3, at, limits[1:]], [who, 3, at, [*limits, 1]]]
    others += [["x", 3, at, limits], [5, 3, at, limits], [who, 3, "now", limits], [who, 3, at, limits, 1]]
    for said in others:
        assert read_pass(signing.dumps(said, salt=salt), KEY) is None
