"""Everything that changes rooms and the waiting room; other stages and the doors import from here."""

from escollect.conversations.actions.crowd import Act, Answer, act_many
from escollect.conversations.actions.deadlines import enforce_room, sweep
from escollect.conversations.actions.erase import dismiss, erase, forget
from escollect.conversations.actions.lobby import check_may_wait, decline, hello, leave, let_go, ready, renew
from escollect.conversations.actions.match import match
from escollect.conversations.actions.outages import note_service
from escollect.conversations.actions.practice import begin_practice
from escollect.conversations.actions.rooms import (
    Joining,
    Seen,
    join,
    join_many,
    leave_room,
    seen,
    seen_many,
)
from escollect.conversations.actions.submit import submit
from escollect.conversations.actions.surveys import answer_survey_after, answer_survey_before
from escollect.conversations.settling import settle_by_review, settle_many

__all__ = [
    "Act",
    "Answer",
    "Joining",
    "Seen",
    "act_many",
    "answer_survey_after",
    "answer_survey_before",
    "begin_practice",
    "check_may_wait",
    "decline",
    "dismiss",
    "enforce_room",
    "erase",
    "forget",
    "hello",
    "join",
    "join_many",
    "leave",
    "leave_room",
    "let_go",
    "match",
    "note_service",
    "ready",
    "renew",
    "seen",
    "seen_many",
    "settle_by_review",
    "settle_many",
    "submit",
    "sweep",
]
