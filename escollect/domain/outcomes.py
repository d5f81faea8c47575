"""What each side gets when something ends: outcome, pay rule and the sentence that says so.

The table is exhaustive: every terminal state, every reason and every role has an outcome, and a
test walks them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from escollect.domain.events import Role
from escollect.domain.lifecycle import EndReason, TicketState
from escollect.domain.marking import gettext_noop


class Outcome(StrEnum):
    """How a participant's part ended."""

    COMPLETED = "completed"
    NO_CONSENT = "no_consent"
    UNDERAGE = "underage"
    TUTORIAL_FAILED = "tutorial_failed"
    NO_PARTNER = "no_partner"
    PARTNER_NO_SHOW = "partner_no_show"
    PARTNER_LEFT = "partner_left"
    SELF_LEFT = "self_left"
    IDLE_TIMEOUT = "idle_timeout"
    MAX_TIME = "max_time"
    CRISIS_STOP = "crisis_stop"
    MODERATOR_STOP = "moderator_stop"
    TECH_FAILURE = "tech_failure"
    STUDY_FULL = "study_full"
    WITHDRAWN = "withdrawn"


class PayRule(StrEnum):
    """What an outcome is paid unless the study says otherwise; the amounts are the study's."""

    FULL = "full"
    PART = "part"
    WAITING = "waiting"
    NONE = "none"


O = Outcome  # noqa: E741 - the tables below are read more easily with one letter
PAY: Mapping[Outcome, PayRule] = {
    O.COMPLETED: PayRule.FULL,
    O.NO_CONSENT: PayRule.NONE,
    O.UNDERAGE: PayRule.NONE,
    O.TUTORIAL_FAILED: PayRule.PART,
    O.NO_PARTNER: PayRule.WAITING,
    O.PARTNER_NO_SHOW: PayRule.WAITING,
    O.PARTNER_LEFT: PayRule.FULL,
    O.SELF_LEFT: PayRule.NONE,
    O.IDLE_TIMEOUT: PayRule.NONE,
    O.MAX_TIME: PayRule.FULL,
    O.CRISIS_STOP: PayRule.FULL,
    O.MODERATOR_STOP: PayRule.PART,
    O.TECH_FAILURE: PayRule.FULL,
    O.STUDY_FULL: PayRule.NONE,
    O.WITHDRAWN: PayRule.NONE,
}
TEXTS: Mapping[Outcome, str] = {
    O.COMPLETED: gettext_noop("Thank you. The conversation is complete and your answers are kept."),
    O.NO_CONSENT: gettext_noop("You decided not to take part. Nothing about you was recorded."),
    O.UNDERAGE: gettext_noop("This study is for adults. Nothing about you was recorded."),
    O.TUTORIAL_FAILED: gettext_noop(
        "The training was not passed this time. Thank you for the time you took."
    ),
    O.NO_PARTNER: gettext_noop(
        "Nobody was free to talk with you in time. Your waiting counts; you may come back later."
    ),
    O.PARTNER_NO_SHOW: gettext_noop("Your partner did not come. Your place in the waiting room was kept."),
    O.PARTNER_LEFT: gettext_noop(
        "Your partner left. That was not up to you: the conversation counts in full for you."
    ),
    O.SELF_LEFT: gettext_noop("You left before the end. You may come back later."),
    O.IDLE_TIMEOUT: gettext_noop(
        "The conversation was closed because nothing came from you for a long time."
    ),
    O.MAX_TIME: gettext_noop("The time was up. The conversation counts in full for you."),
    O.CRISIS_STOP: gettext_noop(
        "The conversation was stopped for safety. It counts in full; please see the hotlines."
    ),
    O.MODERATOR_STOP: gettext_noop(
        "A moderator stopped the conversation. Somebody will look at it and decide what it counts."
    ),
    O.TECH_FAILURE: gettext_noop("Something failed on our side. The conversation counts in full for you."),
    O.STUDY_FULL: gettext_noop("The study has all the conversations it needs. Thank you."),
    O.WITHDRAWN: gettext_noop("You withdrew. What you wrote has been erased."),
}

LEAVE_MINIMUM = 8
"""Own utterances from which on somebody who leaves has completed the conversation."""

TICKET_OUTCOMES: Mapping[TicketState, Outcome | None] = {
    TicketState.CONSUMED: None,
    TicketState.CANCELLED: O.SELF_LEFT,
    TicketState.LEFT: O.SELF_LEFT,
    TicketState.EXPIRED: O.NO_PARTNER,
    TicketState.NO_SHOW: O.SELF_LEFT,
}
"""What a ticket's end means; a consumed ticket's outcome is its conversation's."""

_BOTH: Mapping[EndReason, Outcome] = {
    EndReason.DONE: O.COMPLETED,
    EndReason.UNSAFE: O.CRISIS_STOP,
    EndReason.CRISIS_STOP: O.CRISIS_STOP,
    EndReason.MAX_TIME: O.MAX_TIME,
    EndReason.MODERATOR_STOP: O.MODERATOR_STOP,
    EndReason.BOTH_OFFLINE: O.SELF_LEFT,
    EndReason.TECH_FAILURE: O.TECH_FAILURE,
}
"""Reasons that mean the same for both sides, whoever caused the end."""

_CAUSED: Mapping[EndReason, tuple[Outcome, Outcome]] = {
    EndReason.LEAVE: (O.SELF_LEFT, O.PARTNER_LEFT),
    EndReason.OTHER: (O.SELF_LEFT, O.PARTNER_LEFT),
    EndReason.PARTNER_LEFT: (O.SELF_LEFT, O.PARTNER_LEFT),
    EndReason.IDLE: (O.IDLE_TIMEOUT, O.PARTNER_LEFT),
    EndReason.NO_SHOW: (O.SELF_LEFT, O.PARTNER_NO_SHOW),
    EndReason.WITHDRAWN: (O.WITHDRAWN, O.PARTNER_LEFT),
}
"""Reasons with somebody who caused the end: what that side gets, and what the other gets.

Without anybody to name (nobody spoke, nobody came) both caused it.
"""

_BY_CHOICE = frozenset({EndReason.LEAVE, EndReason.OTHER})


def get_outcome(
    reason: EndReason,
    caused_by: Role | None,
    role: Role,
    own_utterances: int,
    leave_minimum: int = LEAVE_MINIMUM,
) -> Outcome:
    """The outcome of one side of a conversation that ended (protocol, section 4).

    `caused_by` is the role that caused the end, None when it was nobody or both;
    `own_utterances` counts what this side wrote.
    """
    if reason in _BOTH:
        return _BOTH[reason]
    if caused_by not in (None, role):
        return _CAUSED[reason][1]
    if reason in _BY_CHOICE and own_utterances >= leave_minimum:
        return O.COMPLETED
    return _CAUSED[reason][0]
