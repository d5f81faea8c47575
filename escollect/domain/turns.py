"""The rules of a turn: who may send what, with which strategy, and when feedback is due."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from escollect.domain.events import Refused, Role
from escollect.domain.lifecycle import WISHES, ConversationState, EndReason
from escollect.domain.strategies import STRATEGIES

RATE_EVERY = 2
"""Feedback is asked for after every second new supporter utterance (paper, section 3.4)."""

MAX_UTTERANCES = 300

RATINGS = range(1, 6)


@dataclass(frozen=True, slots=True)
class Room:
    """What the rules of a turn look at; `open_request` is the seq of the unanswered request."""

    state: ConversationState
    utterances: int = 0
    unrated: int = 0
    open_request: int | None = None


def check_live(room: Room) -> None:
    """Raise Refused(state) unless people may write in the room."""
    if room.state is not ConversationState.LIVE:
        raise Refused("state")


def check_strategy(role: Role, strategy: str | None, strategies: Collection[str] = STRATEGIES) -> None:
    """A supporter names one of the study's strategies, a seeker none.

    Raises Refused: strategy_forbidden, strategy_required, strategy_invalid.
    """
    if role is Role.SEEKER:
        if strategy is not None:
            raise Refused("strategy_forbidden")
    elif not strategy:
        raise Refused("strategy_required")
    elif strategy not in strategies:
        raise Refused("strategy_invalid")


def check_say(
    room: Room,
    role: Role,
    strategy: str | None,
    *,
    strategies: Collection[str] = STRATEGIES,
    limit: int = MAX_UTTERANCES,
) -> None:
    """Raise Refused unless an utterance may be stored: the room lives, is not full, the strategy fits."""
    check_live(room)
    check_strategy(role, strategy, strategies)
    if room.utterances >= limit:
        raise Refused("state")


def rating_due(role: Role, unrated: int, every: int = RATE_EVERY) -> bool:
    """Whether the utterance just stored calls for a rating_request.

    `unrated` counts the supporter utterances since the last request, this one included.
    """
    return role is Role.SUPPORTER and unrated >= every


def check_rate(room: Room, role: Role, req: int, value: int) -> None:
    """Only the seeker answers, only the latest request, only once, with 1 to 5.

    Raises Refused: state, forbidden, rating_invalid.
    """
    check_live(room)
    if role is not Role.SEEKER:
        raise Refused("forbidden")
    if value not in RATINGS or room.open_request is None or req != room.open_request:
        raise Refused("rating_invalid")


def check_end(room: Room, reason: str) -> EndReason:
    """Either side may end a live conversation, without a veto, for one of the reasons of `end`.

    Raises Refused: state, bad_frame.
    """
    check_live(room)
    if reason not in WISHES:
        raise Refused("bad_frame")
    return EndReason(reason)


def check_help(room: Room, seq: int | None, last_seq: int) -> None:
    """Help may be called for as long as the room is not erased, about an event that there is (`seq`) or none.

    Raises Refused: state, bad_frame.
    """
    if room.state is ConversationState.ERASED:
        raise Refused("state")
    if seq is not None and seq > last_seq:
        raise Refused("bad_frame")


def owes_utterance(last_author: str) -> Role | None:
    """Who owes the next utterance: whoever did not speak last; nobody in particular at the start."""
    return Role(last_author).other if last_author else None
